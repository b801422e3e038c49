/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_HVCTL_WORDS_H
#define HOST_CONTROL_HVCTL_WORDS_H

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>

/* Words becoming arguments. The host judges the values; here only the form counts. */

static inline void put_string(struct json_object *args, const char *key, const char *value)
{
	json_object_object_add(args, key, json_object_new_string(value));
}

static inline void put_flag(struct json_object *args, const char *key)
{
	json_object_object_add(args, key, json_object_new_boolean(1));
}

/* Return: 0, or -1 when @text is no number. */
static inline int put_number(struct json_object *args, const char *key, const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || end == text || *end)
		return -1;
	json_object_object_add(args, key, json_object_new_int64(value));
	return 0;
}

#endif
