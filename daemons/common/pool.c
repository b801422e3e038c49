// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemons/common/pool_file.h"
#include "daemons/common/text.h"

static const char *const names[] = {
	[POOL_EXTERNAL] = "external",
	[POOL_GUEST] = "guest",
	[POOL_AUTO] = "auto",
	[POOL_AUTO_EXTERNAL] = "auto-external",
	[POOL_AUTO_INTERNAL] = "auto-internal",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == POOL_COUNT, "every pool has a name");

int pool_parse(const char *name)
{
	int i;

	for (i = 0; i < POOL_COUNT; i++) {
		if (!strcmp(name, names[i]) || (name[0] == '0' + i && !name[1]))
			return i;
	}
	return -EINVAL;
}

const char *pool_name(enum pool_number number)
{
	return names[number];
}

/* All records are whole: other programs may leave part of one at the end. */
static size_t record_count(const struct pool_file *file)
{
	return file->size / sizeof(struct pool_record);
}

static struct pool_record *record_at(const struct pool_file *file, size_t index)
{
	return (struct pool_record *)(void *)file->bytes + index;
}

/* Whether others wrote a pair there; what is none is left alone and not shown. */
static bool is_pair(const struct pool_record *record)
{
	return text_from_field(record->key, sizeof(record->key)) > 0 &&
	       text_from_field(record->value, sizeof(record->value)) >= 0;
}

static struct pool_record *find(const struct pool_file *file, const char *key)
{
	size_t i;

	for (i = 0; i < record_count(file); i++) {
		struct pool_record *record = record_at(file, i);

		if (is_pair(record) && !strcmp(record->key, key))
			return record;
	}
	return NULL;
}

static int check_text(const char *what, const char *text, size_t room, struct err *err)
{
	size_t length = strlen(text);

	if (length >= room)
		return err_set(err, -EINVAL, "the %s is longer than %zu bytes", what, room - 1);
	if (!text_is_utf8(text, length))
		return err_set(err, -EINVAL, "the %s is not UTF-8", what);
	return 0;
}

static int check_key(const char *key, struct err *err)
{
	if (!*key)
		return err_set(err, -EINVAL, "the key is empty");
	return check_text("key", key, POOL_KEY_SIZE, err);
}

static int no_key(const struct pool *pool, const char *key, struct err *err)
{
	return err_set(err, -ENOENT, "no key '%s' in pool %s", key, pool_name(pool->number));
}

int pool_create(const struct pool *pool, struct err *err)
{
	struct pool_file file;
	struct stat status;
	int ret;

	if (mkdir(pool->folder, 0755) && errno != EEXIST)
		return err_set(err, -errno, "%s: %s", pool->folder, strerror(errno));
	ret = pool_file_open(&file, pool, true, err);
	if (ret)
		return ret;
	/* What the umask took: other programs of the guest read it. */
	if (fstat(file.fd, &status) || ((status.st_mode & 0777) != 0644 && fchmod(file.fd, 0644)))
		ret = err_set(err, -errno, "%s/%s: %s", pool->folder, file.name, strerror(errno));
	pool_file_close(&file);
	return ret;
}

int pool_get(const struct pool *pool, const char *key, char value[POOL_VALUE_SIZE],
	     struct err *err)
{
	const struct pool_record *record;
	struct pool_file file;
	int ret = check_key(key, err);

	if (!ret)
		ret = pool_file_open(&file, pool, false, err);
	if (ret)
		return ret;
	record = find(&file, key);
	if (record)
		memcpy(value, record->value, sizeof(record->value));
	else
		ret = no_key(pool, key, err);
	pool_file_close(&file);
	return ret;
}

int pool_at(const struct pool *pool, size_t index, struct pool_record *found, struct err *err)
{
	struct pool_file file;
	size_t i;
	int ret = pool_file_open(&file, pool, false, err);

	if (ret)
		return ret;
	ret = err_set(err, -ENOENT, "no record %zu in pool %s", index, pool_name(pool->number));
	for (i = 0; i < record_count(&file); i++) {
		const struct pool_record *record = record_at(&file, i);

		if (is_pair(record) && !index--) {
			*found = *record;
			ret = 0;
			break;
		}
	}
	pool_file_close(&file);
	return ret;
}

int pool_list(const struct pool *pool, struct pool_record **records, size_t *count,
	      struct err *err)
{
	struct pool_file file;
	size_t i, kept = 0;
	int ret = pool_file_open(&file, pool, false, err);

	*records = NULL;
	*count = 0;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (i = 0; i < record_count(&file); i++) {
		if (is_pair(record_at(&file, i)))
			memmove(record_at(&file, kept++), record_at(&file, i),
				sizeof(struct pool_record));
	}
	*records = (struct pool_record *)(void *)file.bytes;
	*count = kept;
	file.bytes = NULL;
	pool_file_close(&file);
	return 0;
}

/* The contents with room for one more record at the end; a torn last one is dropped. */
static char *copy_records(const struct pool_file *file)
{
	size_t size = record_count(file) * sizeof(struct pool_record);
	char *bytes = calloc(1, size + sizeof(struct pool_record));

	if (bytes)
		memcpy(bytes, file->bytes, size);
	return bytes;
}

static int store_value(struct pool_file *file, const char *key, const char *value,
		       struct err *err)
{
	const struct pool_record *old = find(file, key);
	size_t count = record_count(file);
	size_t index = old ? (size_t)(old - record_at(file, 0)) : count;
	struct pool_record *record;
	char *bytes;
	int ret;

	if (old && !strcmp(old->value, value))
		return 0;
	if (!old && count >= POOL_RECORDS)
		return err_set(err, -ENOSPC, "the pool is full: it has %d keys", POOL_RECORDS);
	bytes = copy_records(file);
	if (!bytes)
		return err_set(err, -ENOMEM, "out of memory");
	record = (struct pool_record *)(void *)bytes + index;
	memset(record, 0, sizeof(*record));
	memcpy(record->key, key, strlen(key));
	memcpy(record->value, value, strlen(value));
	ret = pool_file_store(file, bytes, (old ? count : count + 1) * sizeof(*record), err);
	free(bytes);
	return ret;
}

int pool_set(const struct pool *pool, const char *key, const char *value, struct err *err)
{
	struct pool_file file;
	int ret = check_key(key, err);

	if (!ret)
		ret = check_text("value", value, POOL_VALUE_SIZE, err);
	if (!ret)
		ret = pool_file_open(&file, pool, true, err);
	if (ret)
		return ret;
	ret = store_value(&file, key, value, err);
	pool_file_close(&file);
	return ret;
}

static int remove_record(struct pool_file *file, const struct pool_record *record,
			 struct err *err)
{
	size_t before = (size_t)((const char *)record - file->bytes);
	size_t size = (record_count(file) - 1) * sizeof(*record);
	char *bytes = copy_records(file);
	int ret;

	if (!bytes)
		return err_set(err, -ENOMEM, "out of memory");
	memmove(bytes + before, bytes + before + sizeof(*record), size - before);
	ret = pool_file_store(file, bytes, size, err);
	free(bytes);
	return ret;
}

int pool_delete(const struct pool *pool, const char *key, struct err *err)
{
	const struct pool_record *record;
	struct pool_file file;
	int ret = check_key(key, err);

	if (!ret)
		ret = pool_file_open(&file, pool, true, err);
	if (ret)
		return ret;
	record = find(&file, key);
	ret = record ? remove_record(&file, record, err) : no_key(pool, key, err);
	pool_file_close(&file);
	return ret;
}

int pool_clear(const struct pool *pool, struct err *err)
{
	struct pool_file file;
	int ret = pool_file_open(&file, pool, true, err);

	if (ret)
		return ret;
	if (file.size)
		ret = pool_file_store(&file, "", 0, err);
	pool_file_close(&file);
	return ret;
}
