// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/diskspec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT	(1ull << 62)

static int suffix_shift(const char *suffix)
{
	static const char letters[] = "kmgt";
	const char *at;

	if (!*suffix)
		return 0;
	at = strchr(letters, tolower((unsigned char)*suffix));
	if (!at || suffix[1])
		return -EINVAL;
	return 10 * (int)(at - letters + 1);
}

int diskspec_parse_size(const char *text, uint64_t *bytes)
{
	unsigned long long value;
	char *end;
	int shift;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	shift = suffix_shift(end);
	if (errno || shift < 0 || value == 0 || value > (SIZE_LIMIT >> shift))
		return -EINVAL;
	*bytes = value << shift;
	return 0;
}

static int parse_number(const char *text, unsigned int max, unsigned int *value)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || number > max)
		return -EINVAL;
	*value = (unsigned int)number;
	return 0;
}

static int set_file(struct disk_spec *spec, const char *value, struct err *err)
{
	if (!*value)
		return err_set(err, -EINVAL, "file= needs a path");
	if (strlen(value) >= sizeof(spec->path))
		return err_set(err, -EINVAL, "file=: the path is too long");
	spec->kind = DISK_KIND_FILE;
	strcpy(spec->path, value);
	return 0;
}

static int set_size(struct disk_spec *spec, enum disk_kind kind, const char *value,
		    struct err *err)
{
	spec->kind = kind;
	if (diskspec_parse_size(value, &spec->bytes))
		return err_set(err, -EINVAL, "\"%s\" is not a size (examples: 65536, 64M, 3T)",
			       value);
	return 0;
}

static int set_ram(struct disk_spec *spec, const char *value, struct err *err)
{
	return set_size(spec, DISK_KIND_RAM, value, err);
}

static int set_null(struct disk_spec *spec, const char *value, struct err *err)
{
	return set_size(spec, DISK_KIND_NULL, value, err);
}

static int set_controller(struct disk_spec *spec, const char *value, struct err *err)
{
	if (parse_number(value, DISKSPEC_CONTROLLERS - 1, &spec->controller))
		return err_set(err, -EINVAL, "controller=%s: must be 0 or 1", value);
	return 0;
}

static int set_lun(struct disk_spec *spec, const char *value, struct err *err)
{
	unsigned int lun;

	if (parse_number(value, DISKSPEC_LUNS - 1, &lun))
		return err_set(err, -EINVAL, "lun=%s: must be 0 to %d", value, DISKSPEC_LUNS - 1);
	spec->lun = (int)lun;
	return 0;
}

static int set_block(struct disk_spec *spec, const char *value, struct err *err)
{
	if (strcmp(value, "512") && strcmp(value, "4096"))
		return err_set(err, -EINVAL, "block=%s: must be 512 or 4096", value);
	spec->block_size = value[0] == '5' ? 512 : 4096;
	return 0;
}

static int set_serial(struct disk_spec *spec, const char *value, struct err *err)
{
	const char *p;

	if (!*value || strlen(value) > DISKSPEC_SERIAL_MAX)
		return err_set(err, -EINVAL, "serial=: must have 1 to %d characters",
			       DISKSPEC_SERIAL_MAX);
	for (p = value; *p; p++) {
		if (!isgraph((unsigned char)*p))
			return err_set(err, -EINVAL, "serial=: only printable ASCII, no spaces");
	}
	strcpy(spec->serial, value);
	return 0;
}

struct key {
	const char *name;
	bool backend;
	int (*set)(struct disk_spec *spec, const char *value, struct err *err);
};

static const struct key keys[] = {
	{ "file",	true,	set_file },
	{ "ram",	true,	set_ram },
	{ "null",	true,	set_null },
	{ "controller",	false,	set_controller },
	{ "lun",	false,	set_lun },
	{ "serial",	false,	set_serial },
	{ "block",	false,	set_block },
};

#define KEY_COUNT	(sizeof(keys) / sizeof(keys[0]))

/* @seen: bit i is set once keys[i] was given. */
static int set_word(struct disk_spec *spec, char *word, unsigned int *seen, struct err *err)
{
	char *value = strchr(word, '=');
	unsigned int i;

	if (!value) {
		if (strcmp(word, "ro"))
			return err_set(err, -EINVAL, "unknown word \"%s\" in a disk", word);
		spec->read_only = true;
		return 0;
	}
	*value++ = '\0';
	for (i = 0; i < KEY_COUNT; i++) {
		if (strcmp(word, keys[i].name))
			continue;
		if (*seen & 1u << i)
			return err_set(err, -EINVAL, "%s= is given twice", word);
		*seen |= 1u << i;
		return keys[i].set(spec, value, err);
	}
	return err_set(err, -EINVAL, "unknown key \"%s=\" in a disk", word);
}

static int check_backend(const struct disk_spec *spec, unsigned int seen, struct err *err)
{
	unsigned int backends = 0;
	unsigned int i;

	for (i = 0; i < KEY_COUNT; i++)
		backends += keys[i].backend && (seen & 1u << i);
	if (backends != 1)
		return err_set(err, -EINVAL, "a disk needs exactly one of file=, ram=, null=");
	if (spec->kind != DISK_KIND_FILE && spec->bytes % spec->block_size)
		return err_set(err, -EINVAL, "the size is not a multiple of the block size %u",
			       spec->block_size);
	return 0;
}

int diskspec_parse(const char *text, struct disk_spec *spec, struct err *err)
{
	char words[DISKSPEC_PATH_MAX + 256];
	unsigned int seen = 0;
	char *next, *word;
	int ret;

	if (strlen(text) >= sizeof(words))
		return err_set(err, -EINVAL, "the disk's description is too long");
	strcpy(words, text);
	memset(spec, 0, sizeof(*spec));
	spec->lun = DISKSPEC_LUN_ANY;
	spec->block_size = 512;

	for (word = words; word; word = next) {
		next = strchr(word, ',');
		if (next)
			*next++ = '\0';
		ret = set_word(spec, word, &seen, err);
		if (ret)
			return ret;
	}
	return check_backend(spec, seen, err);
}
