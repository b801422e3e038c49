// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/storspec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/vsp/diskspec.h"
#include "host/vsp/storvsp.h"
#include "protocol/stor.h"

#define SUB_CHANNELS_MAX	64

static int set_version(struct storvsp_config *config, const char *value, struct err *err)
{
	const struct hvp_stor_dialect *dialect;
	unsigned int i;

	for (i = 0; (dialect = hvp_stor_dialect(i)); i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u.%u", dialect->version >> 8,
			 dialect->version & 0xff);
		if (!strcmp(name, value)) {
			config->max_version = dialect->version;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "version=%s: must be 4.2, 5.1, 6.0 or 6.2", value);
}

static int set_sub_channels(struct storvsp_config *config, const char *value, struct err *err)
{
	char *end;
	unsigned long count = strtoul(value, &end, 10);

	if (end == value || *end || count > SUB_CHANNELS_MAX)
		return err_set(err, -EINVAL, "sub-channels=%s: must be 0 to %d", value,
			       SUB_CHANNELS_MAX);
	config->max_sub_channels = (uint16_t)count;
	return 0;
}

static int set_max_transfer(struct storvsp_config *config, const char *value, struct err *err)
{
	uint64_t bytes;

	if (diskspec_parse_size(value, &bytes) || bytes % HVP_PAGE_SIZE ||
	    bytes > STORVSP_MAX_TRANSFER)
		return err_set(err, -EINVAL, "max-transfer=%s: must be 4K to 2M, whole pages", value);
	config->max_transfer_bytes = (uint32_t)bytes;
	return 0;
}

static int set_word(struct storvsp_config *config, char *word, struct err *err)
{
	static const struct {
		const char *name;
		int (*set)(struct storvsp_config *config, const char *value, struct err *err);
	} keys[] = {
		{ "version",		set_version },
		{ "sub-channels",	set_sub_channels },
		{ "max-transfer",	set_max_transfer },
	};
	char *value = strchr(word, '=');
	unsigned int i;

	if (value)
		*value++ = '\0';
	for (i = 0; value && i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!strcmp(word, keys[i].name))
			return keys[i].set(config, value, err);
	}
	return err_set(err, -EINVAL, "unknown word \"%s\" about storage", word);
}

int storspec_parse(const char *text, struct storvsp_config *config, struct err *err)
{
	char words[128];
	char *next, *word;
	int ret = 0;

	if (strlen(text) >= sizeof(words))
		return err_set(err, -EINVAL, "the description of the storage is too long");
	strcpy(words, text);
	for (word = words; word && !ret; word = next) {
		next = strchr(word, ',');
		if (next)
			*next++ = '\0';
		ret = set_word(config, word, err);
	}
	return ret;
}
