// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/saved.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/common/text.h"
#include "daemons/kvp/helper/file.h"
#include "daemons/kvp/paths.h"

/* The record: a head, then each file's head and text. It never leaves the machine. */
struct record_head {
	char magic[8];
	char backend[24];
	char interface[IF_NAMESIZE];
	uint32_t count;
	char before[PLAN_BEFORE];	/* not in the first version */
};

struct record_file {
	char path[PATH_MAX];
	uint32_t was_there, mode, length;
	uint32_t uid, gid;		/* neither */
};

static const char magic[8] = "HVKVPRB2", magic_of_first[8] = "HVKVPRB1";

static struct file_rights rights_of(const struct stat *status)
{
	return (struct file_rights){ status->st_mode & 07777, status->st_uid, status->st_gid };
}

static int take_file(const char *path, struct saved_file *file, struct err *err)
{
	struct stat status;
	int length;

	snprintf(file->path, sizeof(file->path), "%s", path);
	if (lstat(path, &status))
		return errno == ENOENT ? 0 : err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return err_set(err, -EINVAL, "%s is no plain file", path);
	file->text = malloc(PLAN_TEXT);
	if (!file->text)
		return err_set(err, -ENOMEM, "out of memory");
	length = text_read_file(path, file->text, PLAN_TEXT);
	if (length < 0)
		return err_set(err, length, "%s: %s", path, strerror(-length));
	file->length = (size_t)length;
	file->rights = rights_of(&status);
	return 0;
}

static void write_record(FILE *out, const struct saved *saved)
{
	struct record_head head = { .count = (uint32_t)saved->count };
	size_t i;

	memcpy(head.magic, magic, sizeof(magic));
	memcpy(head.backend, saved->backend, sizeof(head.backend));
	memcpy(head.interface, saved->interface, sizeof(head.interface));
	memcpy(head.before, saved->before, sizeof(head.before));
	fwrite(&head, sizeof(head), 1, out);
	for (i = 0; i < saved->count; i++) {
		const struct saved_file *file = &saved->files[i];
		struct record_file entry = { .was_there = file->text != NULL,
					     .mode = file->rights.mode,
					     .length = (uint32_t)file->length,
					     .uid = file->rights.uid, .gid = file->rights.gid };

		memcpy(entry.path, file->path, sizeof(entry.path));
		fwrite(&entry, sizeof(entry), 1, out);
		fwrite(file->text ? file->text : "", 1, file->length, out);
	}
}

/* Its folder, with those above. */
static void make_folder(void)
{
	char path[PATH_MAX], *slash;
	size_t root = strlen(paths_at("%s", ""));

	snprintf(path, sizeof(path), "%s", paths_at(SAVED_FOLDER));
	for (slash = strchr(path + root + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	mkdir(path, 0700);
}

static int store(const struct saved *saved, struct err *err)
{
	struct file_rights rights = file_rights_own(0600);
	char path[PATH_MAX], *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);
	int failed = !out, ret;

	if (out) {
		write_record(out, saved);
		failed = ferror(out);
		failed |= fclose(out);
	}
	make_folder();
	snprintf(path, sizeof(path), "%s", paths_at(SAVED_RECORD));
	ret = failed ? err_set(err, -ENOMEM, "out of memory") :
		       file_replace(path, bytes, size, &rights, err);
	free(bytes);
	return ret;
}

int saved_take(struct saved *saved, const struct plan *plan, struct err *err)
{
	int ret = 0;

	memset(saved, 0, sizeof(*saved));
	snprintf(saved->backend, sizeof(saved->backend), "%s", plan->backend);
	snprintf(saved->interface, sizeof(saved->interface), "%s", plan->interface);
	snprintf(saved->before, sizeof(saved->before), "%s", plan->before);
	while (saved->count < plan->file_count && !ret) {
		ret = take_file(plan->files[saved->count].path, &saved->files[saved->count], err);
		saved->count++;
	}
	return ret ? ret : store(saved, err);
}

/* An owner that no record has is the one of now. */
static struct file_rights read_rights(const struct record_file *entry, bool is_first)
{
	struct file_rights rights = file_rights_own(0);
	struct stat status;

	if (!is_first)
		rights = (struct file_rights){ .uid = entry->uid, .gid = entry->gid };
	else if (!lstat(entry->path, &status))
		rights = rights_of(&status);
	rights.mode = entry->mode & 07777;
	return rights;
}

static bool read_file(FILE *in, bool is_first, struct saved_file *file)
{
	size_t size = is_first ? offsetof(struct record_file, uid) : sizeof(struct record_file);
	struct record_file entry;

	if (fread(&entry, size, 1, in) != 1 || entry.path[0] != '/' ||
	    !memchr(entry.path, '\0', sizeof(entry.path)) || entry.length >= PLAN_TEXT)
		return false;
	memcpy(file->path, entry.path, sizeof(file->path));
	file->rights = read_rights(&entry, is_first);
	file->length = entry.length;
	if (!entry.was_there)
		return !entry.length;
	file->text = malloc(PLAN_TEXT);
	return file->text && fread(file->text, 1, file->length, in) == file->length;
}

static bool read_head(FILE *in, struct record_head *head, bool *is_first)
{
	memset(head, 0, sizeof(*head));
	if (fread(head, offsetof(struct record_head, before), 1, in) != 1)
		return false;
	*is_first = !memcmp(head->magic, magic_of_first, sizeof(magic));
	if (*is_first)
		return true;
	return !memcmp(head->magic, magic, sizeof(magic)) &&
	       fread(head->before, sizeof(head->before), 1, in) == 1;
}

static bool read_record(FILE *in, struct saved *saved)
{
	struct record_head head;
	bool is_first;

	if (!read_head(in, &head, &is_first) || head.count > PLAN_FILES ||
	    !memchr(head.backend, '\0', sizeof(head.backend)) ||
	    !memchr(head.interface, '\0', sizeof(head.interface)) ||
	    !memchr(head.before, '\0', sizeof(head.before)))
		return false;
	memcpy(saved->backend, head.backend, sizeof(saved->backend));
	memcpy(saved->interface, head.interface, sizeof(saved->interface));
	memcpy(saved->before, head.before, sizeof(saved->before));
	while (saved->count < head.count) {
		if (!read_file(in, is_first, &saved->files[saved->count++]))
			return false;
	}
	return true;
}

void saved_tidy(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", paths_at(SAVED_RECORD));
	file_tidy(path);
}

int saved_load(struct saved *saved, struct err *err)
{
	FILE *in = fopen(paths_at(SAVED_RECORD), "re");
	bool whole;

	memset(saved, 0, sizeof(*saved));
	if (!in)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		       err_set(err, -errno, SAVED_RECORD ": %s", strerror(errno));
	whole = read_record(in, saved);
	fclose(in);
	if (whole)
		return 1;
	saved_free(saved);
	saved_forget(NULL);
	return err_set(err, -EBADMSG, SAVED_RECORD " was none of ours, and is removed");
}

bool saved_is_as_before(const struct saved_file *file)
{
	struct saved_file now = { .text = NULL };
	bool same = !take_file(file->path, &now, NULL) && now.text &&
		    file->length == now.length && file->rights.mode == now.rights.mode &&
		    file->rights.uid == now.rights.uid && file->rights.gid == now.rights.gid &&
		    !memcmp(file->text, now.text, now.length);

	free(now.text);
	return same;
}

static int restore_file(const struct saved_file *file, struct err *err)
{
	file_tidy(file->path);
	if (!file->text)
		return file_remove(file->path, err);
	if (saved_is_as_before(file))
		return 0;
	return file_replace(file->path, file->text, file->length, &file->rights, err);
}

int saved_restore(const struct saved *saved, struct err *err)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < saved->count; i++) {
		int failed = restore_file(&saved->files[i], err);

		ret = failed ? failed : ret;
	}
	return ret;
}

bool saved_is_there(void)
{
	return !access(paths_at(SAVED_RECORD), F_OK) || (errno != ENOENT && errno != ENOTDIR);
}

int saved_forget(struct err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", paths_at(SAVED_RECORD));
	return file_remove(path, err);
}

void saved_free(struct saved *saved)
{
	while (saved->count)
		free(saved->files[--saved->count].text);
}
