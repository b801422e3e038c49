// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A machine with 100000 mounts has about 16 MiB of them. */
#define TEXT_MAX_BYTES	(64u << 20)

/* The kernel writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; to++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
		    text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
			*to = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* The next field; fields are apart by exactly one space, and may be empty. */
static char *next_field(char **rest)
{
	return *rest ? strsep(rest, " ") : NULL;
}

static bool has_option(const char *options, const char *option)
{
	size_t length = strlen(option);

	for (; options; options = strchr(options, ',')) {
		options += *options == ',';
		if (!strncmp(options, option, length) &&
		    (options[length] == ',' || !options[length]))
			return true;
	}
	return false;
}

static int parse_line(struct mount *mount, char *line)
{
	unsigned int major, minor;
	char *rest = line, *options, *root, *point, *type, *source, *field;
	int used = 0;

	if (sscanf(line, "%d %d %u:%u %n", &mount->id, &mount->parent, &major, &minor,
		   &used) != 4 || !used)
		return -EINVAL;
	rest = line + used;
	root = next_field(&rest);
	point = next_field(&rest);
	options = next_field(&rest);
	if (!root || !point || !options)
		return -EINVAL;
	do
		field = next_field(&rest);
	while (field && strcmp(field, "-"));
	type = next_field(&rest);
	source = next_field(&rest);
	options = next_field(&rest);
	if (!type || !source || !options || *point != '/')
		return -EINVAL;
	unescape(root);
	unescape(point);
	unescape(type);
	unescape(source);
	mount->dev = makedev(major, minor);
	mount->root = root;
	mount->point = point;
	mount->type = type;
	mount->source = source;
	mount->read_only = has_option(options, "ro");
	return 0;
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines + 1;
}

int mounts_parse(struct mount_table *table, char *text, struct err *err)
{
	char *rest = text, *line;

	*table = (struct mount_table) { .text = text };
	table->mounts = calloc(count_lines(text), sizeof(*table->mounts));
	if (!table->mounts) {
		mounts_free(table);
		return err_set(err, -ENOMEM, "no memory for the table of mounts");
	}
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (parse_line(&table->mounts[table->count], line)) {
			size_t at = table->count + 1;

			mounts_free(table);
			return err_set(err, -EINVAL, "line %zu of mountinfo is malformed", at);
		}
		table->count++;
	}
	return 0;
}

static int read_text(int fd, char **text)
{
	size_t size = 65536, length = 0;
	char *buffer = malloc(size);

	while (buffer) {
		ssize_t done = read(fd, buffer + length, size - length - 1);
		char *larger;

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			int ret = -errno;

			free(buffer);
			return ret;
		}
		if (!done) {
			buffer[length] = '\0';
			*text = buffer;
			return memchr(buffer, '\0', length) ? -EINVAL : 0;
		}
		length += (size_t)done;
		if (size - length > 1)
			continue;
		size *= 2;
		larger = size <= TEXT_MAX_BYTES ? realloc(buffer, size) : NULL;
		if (!larger)
			free(buffer);
		buffer = larger;
	}
	return -ENOMEM;
}

int mounts_read(struct mount_table *table, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	int ret;

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	ret = read_text(fd, &text);
	close(fd);
	if (ret) {
		free(text);
		return err_set(err, ret, "%s: %s", path, strerror(-ret));
	}
	return mounts_parse(table, text, err);
}

void mounts_free(struct mount_table *table)
{
	free(table->mounts);
	free(table->text);
	*table = (struct mount_table) { 0 };
}

const struct mount *mounts_by_id(const struct mount_table *table, int id)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (table->mounts[i].id == id)
			return &table->mounts[i];
	}
	return NULL;
}
