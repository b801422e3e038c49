// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/machine.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemons/common/text.h"
#include "daemons/kvp/paths.h"

#define ID_LENGTH	32

static bool read_id(const char *path, char id[ID_LENGTH + 1])
{
	char text[64];

	if (text_read_file(path, text, sizeof(text)) < ID_LENGTH ||
	    strspn(text, "0123456789abcdef") != ID_LENGTH)
		return false;
	memcpy(id, text, ID_LENGTH);
	id[ID_LENGTH] = '\0';
	return true;
}

static void write_id(const char *path, const char *id)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return;
	/* A torn one reads as none: the pools are then kept. */
	if (write(fd, id, ID_LENGTH) != ID_LENGTH)
		unlink(path);
	close(fd);
}

static const char *remembered(const char *folder)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/.kvp_machine_id", folder);
	return path;
}

bool machine_is_new(const char *folder)
{
	char now[ID_LENGTH + 1], before[ID_LENGTH + 1];

	return read_id(paths_at("/etc/machine-id"), now) && read_id(remembered(folder), before) &&
	       strcmp(now, before);
}

void machine_remember(const char *folder)
{
	char now[ID_LENGTH + 1], before[ID_LENGTH + 1];

	if (read_id(paths_at("/etc/machine-id"), now) &&
	    !(read_id(remembered(folder), before) && !strcmp(now, before)))
		write_id(remembered(folder), now);
}
