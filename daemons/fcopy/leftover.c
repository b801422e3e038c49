// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/fcopy/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TITLE	"openlis-fcopy-leftover 1\n"

static int sync_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd, ret;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash)
		return 0;
	slash[slash == folder] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fsync(fd) ? -errno : 0;
	close(fd);
	return ret;
}

/* Names have no control characters, so lines can be apart by newlines. */
static bool print_place(FILE *file, const struct place *place)
{
	fprintf(file, TITLE "%s\n%s\n%s\n%u\n", place->root, place->path, place->temporary,
		place->made);
	return !fflush(file) && !fsync(fileno(file));
}

int leftover_note(const char *path, const struct place *place, struct err *err)
{
	char fresh[PATH_MAX];
	FILE *file;
	bool done;
	int ret;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return err_set(err, -ENAMETOOLONG, "%.160s: %s", path, strerror(ENAMETOOLONG));
	file = fopen(fresh, "we");
	if (!file)
		return err_set(err, -errno, "%.160s: %s", fresh, strerror(errno));
	done = print_place(file, place);
	if (fclose(file) || !done || rename(fresh, path)) {
		int error = errno ? errno : EIO;

		unlink(fresh);
		return err_set(err, -error, "%.160s: %s", path, strerror(error));
	}
	ret = sync_folder(path);
	if (!ret)
		return 0;
	unlink(path);
	return err_set(err, ret, "%.160s: %s", path, strerror(-ret));
}

void leftover_forget(const char *path)
{
	unlink(path);
}

static bool read_line(FILE *file, char *line, size_t size)
{
	char *end;

	if (!fgets(line, (int)size, file))
		return false;
	end = strchr(line, '\n');
	if (!end)
		return false;
	*end = '\0';
	return true;
}

static int read_place(FILE *file, struct place *place)
{
	char title[sizeof(TITLE) + 1], number[16], temporary[64];

	if (!fgets(title, sizeof(title), file) || strcmp(title, TITLE) ||
	    !read_line(file, place->root, sizeof(place->root)) ||
	    !read_line(file, place->path, sizeof(place->path)) ||
	    !read_line(file, temporary, sizeof(temporary)) ||
	    !read_line(file, number, sizeof(number)) ||
	    sscanf(number, "%u", &place->made) != 1 || !place_is_temporary(temporary))
		return -EINVAL;
	strcpy(place->temporary, temporary);
	return 0;
}

int leftover_sweep(const char *path, struct err *err)
{
	struct place place = { .made = 0 };
	FILE *file = fopen(path, "re");
	int ret;

	if (!file)
		return errno == ENOENT ? 0 : err_set(err, -errno, "%.160s: %s", path, strerror(errno));
	ret = read_place(file, &place);
	fclose(file);
	if (ret)
		return err_set(err, ret, "%.160s is damaged; remove it", path);
	place_clean(&place);
	leftover_forget(path);
	return 1;
}
