// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/unit.h"

#include <unistd.h>

#include "daemons/kvp/paths.h"

/* systemd removes the control group of a service with its last process. */
bool unit_runs(const char *name)
{
	static const char *const slices[] = {
		"/sys/fs/cgroup/system.slice", "/sys/fs/cgroup/systemd/system.slice",
	};
	bool is_known = false;
	unsigned int i;

	for (i = 0; i < sizeof(slices) / sizeof(slices[0]); i++) {
		if (!access(paths_at("%s/%s", slices[i], name), F_OK))
			return true;
		is_known |= !access(paths_at("%s", slices[i]), F_OK);
	}
	return !is_known;
}
