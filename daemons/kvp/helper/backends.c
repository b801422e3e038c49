// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/backend.h"

#include <string.h>
#include <unistd.h>

#include "daemons/common/text.h"
#include "daemons/kvp/paths.h"

/* Who generates the configuration of others comes before them. */
static const struct backend *const backends[] = {
	&backend_scripts, &backend_netplan, &backend_manager, &backend_networkd, &backend_ifupdown,
};

#define BACKENDS	(sizeof(backends) / sizeof(backends[0]))

const struct backend *backend_choose(const struct network_link *link)
{
	unsigned int i;

	for (i = 0; i < BACKENDS; i++) {
		if (backends[i]->serves(link))
			return backends[i];
	}
	for (i = 0; i < BACKENDS; i++) {
		if (backends[i]->is_there())
			return backends[i];
	}
	return NULL;
}

bool backend_has_program(const char *path)
{
	return !access(paths_at("%s", path), X_OK);
}

const char *backend_find_program(const char *path, const char *other)
{
	if (backend_has_program(path))
		return path;
	return backend_has_program(other) ? other : NULL;
}

bool backend_file_says(const char *path, const char *wanted)
{
	char text[16384], *line, *lines;

	if (text_read_file(path, text, sizeof(text)) < 0)
		return false;
	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		if (!strcmp(line, wanted))
			return true;
	}
	return false;
}
