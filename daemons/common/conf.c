// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONF_MAX_BYTES	65536

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r");
	length = strlen(text);
	while (length && strchr(" \t\r", text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static int take_line(char *line, conf_take take, void *context, struct err *err)
{
	char *equals, *key;

	line = trim(line);
	if (!*line || *line == '#')
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return err_set(err, -EINVAL, "\"%.60s\" is not of the form key = value", line);
	*equals = '\0';
	key = trim(line);
	if (!*key)
		return err_set(err, -EINVAL, "no key before '='");
	return take(context, key, trim(equals + 1), err);
}

int conf_parse(const char *name, char *text, size_t length, conf_take take, void *context,
	       struct err *err)
{
	char *line = text, *end = text + length;
	unsigned int number = 1;

	if (memchr(text, '\0', length))
		return err_set(err, -EINVAL, "%s: a NUL byte: this is no text file", name);
	*end = '\0';
	for (; line < end; number++) {
		char *stop = memchr(line, '\n', (size_t)(end - line));
		struct err why = { "" };
		int ret;

		stop = stop ? stop : end;
		*stop = '\0';
		ret = take_line(line, take, context, &why);
		if (ret)
			return err_set(err, ret, "%s:%u: %.180s", name, number,
				       *why.text ? why.text : strerror(-ret));
		line = stop + 1;
	}
	return 0;
}

static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t done = read(fd, text + length, size - length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (!done)
			break;
		length += (size_t)done;
	}
	return (ssize_t)length;
}

int conf_read(const char *path, conf_take take, void *context, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;
	char *text;
	int ret;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	text = malloc(CONF_MAX_BYTES + 1);
	length = text ? read_all(fd, text, CONF_MAX_BYTES) : -ENOMEM;
	close(fd);
	if (length < 0)
		ret = err_set(err, (int)length, "%s: %s", path, strerror((int)-length));
	else if (length == CONF_MAX_BYTES)
		ret = err_set(err, -EFBIG, "%s: more than 64 KiB", path);
	else
		ret = conf_parse(path, text, (size_t)length, take, context, err);
	free(text);
	return ret;
}

int conf_number(const char *value, long long least, long long most, long long *number,
		struct err *err)
{
	char *end;
	long long result;

	errno = 0;
	result = strtoll(value, &end, 10);
	if (errno || end == value || *end || result < least || result > most)
		return err_set(err, -EINVAL, "\"%.40s\" is not a number from %lld to %lld", value,
			       least, most);
	*number = result;
	return 0;
}
