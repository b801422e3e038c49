// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/shutdown/request.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATTERN	"/sys/bus/vmbus/devices/*/service/request"

static const char *const names[ACTION_COUNT] = {
	[ACTION_NONE] = "none",
	[ACTION_SHUTDOWN] = "shutdown",
	[ACTION_RESTART] = "restart",
	[ACTION_HIBERNATE] = "hibernate",
};

const char *action_name(enum action action)
{
	return names[action];
}

enum action action_find(const char *name)
{
	enum action action;

	for (action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
		if (!strcmp(names[action], name))
			return action;
	}
	return ACTION_NONE;
}

int request_folder(char *folder, unsigned int size)
{
	glob_t found;
	int ret = -ENOENT;

	if (!glob(PATTERN, 0, NULL, &found) && found.gl_pathc) {
		char *end = strrchr(found.gl_pathv[0], '/');

		*end = '\0';
		ret = (unsigned int)snprintf(folder, size, "%s", found.gl_pathv[0]) < size
			? 0 : -ENAMETOOLONG;
	}
	globfree(&found);
	return ret;
}

static int open_attribute(const char *folder, const char *name, int flags, struct err *err)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, flags | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(err, -errno, "%s: %m", path);
}

/* Its one line, without the end and with nothing in it that a terminal would obey. */
static int read_attribute(const char *folder, const char *name, char *text, size_t size,
			  struct err *err)
{
	int fd = open_attribute(folder, name, O_RDONLY, err);
	ssize_t length, i;

	if (fd < 0)
		return fd;
	length = read(fd, text, size - 1);
	close(fd);
	if (length < 0)
		return err_set(err, -errno, "%s/%s: %m", folder, name);
	if (length && text[length - 1] == '\n')
		length--;
	for (i = 0; i < length; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
	text[length] = '\0';
	return 0;
}

static int read_number(const char *folder, const char *name, uint32_t *number, struct err *err)
{
	char text[32], *end;
	int ret = read_attribute(folder, name, text, sizeof(text), err);

	if (ret)
		return ret;
	errno = 0;
	*number = (uint32_t)strtoul(text, &end, 0);
	if (errno || end == text || *end)
		return err_set(err, -EINVAL, "%s/%s says '%s', which is no number", folder, name, text);
	return 0;
}

int request_read(const char *folder, struct request *request, struct err *err)
{
	char action[16];
	uint32_t force = 0;
	int ret = read_attribute(folder, "request", action, sizeof(action), err);

	if (!ret)
		ret = read_number(folder, "force", &force, err);
	if (!ret)
		ret = read_number(folder, "timeout", &request->timeout_seconds, err);
	if (!ret)
		ret = read_attribute(folder, "reason", request->reason, sizeof(request->reason), err);
	if (!ret)
		ret = read_attribute(folder, "text", request->text, sizeof(request->text), err);
	request->action = ret ? ACTION_NONE : action_find(action);
	request->force = force;
	return ret;
}

static int answer(const char *folder, const char *word, struct err *err)
{
	int fd = open_attribute(folder, "request", O_WRONLY, err);
	ssize_t length = (ssize_t)strlen(word);
	int ret = 0;

	if (fd < 0)
		return fd;
	if (write(fd, word, (size_t)length) != length)
		ret = err_set(err, -errno, "'%s' into %s/request: %m", word, folder);
	close(fd);
	return ret;
}

int request_take(const char *folder, struct err *err)
{
	return answer(folder, "taken", err);
}

int request_refuse(const char *folder, struct err *err)
{
	return answer(folder, "refused", err);
}
