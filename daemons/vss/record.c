// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TITLE	"openlis-vss-frozen 1"

static bool print_record(FILE *file, const struct record *record)
{
	size_t i;

	fprintf(file, TITLE " %d\n", (int)record->freezer);
	for (i = 0; i < record->count; i++)
		fprintf(file, "%u:%u\n", major(record->dev[i]), minor(record->dev[i]));
	fprintf(file, "end\n");
	return !ferror(file);
}

int record_write(const struct record *record, const char *path, struct err *err)
{
	char fresh[PATH_MAX];
	FILE *file;
	bool done;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return err_set(err, -ENAMETOOLONG, "%.200s: %s", path, strerror(ENAMETOOLONG));
	file = fopen(fresh, "we");
	if (!file)
		return err_set(err, -errno, "cannot record what is going to be frozen: %.160s: %s",
			       fresh, strerror(errno));
	done = print_record(file, record);
	if (fclose(file) || !done || rename(fresh, path)) {
		int error = errno ? errno : EIO;

		unlink(fresh);
		return err_set(err, -error, "cannot record what is going to be frozen: %.160s: %s",
			       path, strerror(error));
	}
	return 0;
}

static int scan_record(FILE *file, struct record *record)
{
	unsigned int major, minor;
	char line[64];
	int pid;

	if (!fgets(line, sizeof(line), file) || sscanf(line, TITLE " %d", &pid) != 1 || pid < 0)
		return -EINVAL;
	*record = (struct record) { .freezer = pid };
	while (fgets(line, sizeof(line), file)) {
		if (!strcmp(line, "end\n"))
			return 0;
		if (record->count == RECORD_MAX || sscanf(line, "%u:%u", &major, &minor) != 2)
			return -EINVAL;
		record->dev[record->count++] = makedev(major, minor);
	}
	return -EINVAL;
}

int record_read(struct record *record, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	int ret;

	if (!file && errno == ENOENT)
		return -ENOENT;
	if (!file)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	ret = scan_record(file, record);
	fclose(file);
	if (ret)
		return err_set(err, ret, "%s is damaged; remove it when nothing is frozen", path);
	return 0;
}

/* Without memory from the heap. Return: whether @path is a record. */
static bool read_freezer(const char *path, int *freezer)
{
	char line[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return false;
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[length > 0 ? length : 0] = '\0';
	return sscanf(line, TITLE " %d", freezer) == 1;
}

int record_remove(const char *path, pid_t freezer)
{
	int recorded;

	if (!read_freezer(path, &recorded) || recorded != freezer)
		return 0;
	return unlink(path) && errno != ENOENT ? -errno : 0;
}
