/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_HVCTL_TABLE_H
#define HOST_CONTROL_HVCTL_TABLE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* Results as tables, and what print functions need to take them apart. */

#define CELL_MAX	96

struct column {
	const char *title;
	const char *key;
	bool left;		/* text; numbers stand on the right */
	bool bytes;		/* a size: show it with a unit */
};

#define TABLE(rows, columns) \
	print_table(rows, columns, sizeof(columns) / sizeof((columns)[0]))

/* @rows: an array of objects; at most 16 columns. */
void print_table(struct json_object *rows, const struct column *columns, unsigned int count);

/* "1.5 KiB"; @cell has room for CELL_MAX bytes. */
void format_bytes(uint64_t bytes, char *cell);

/* A member; NULL when it is missing or null. */
static inline struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (object)
		json_object_object_get_ex(object, key, &value);
	return value;
}

/* As text; "-" when it is missing or null. */
static inline const char *text(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key);

	return value ? json_object_get_string(value) : "-";
}

static inline uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(member(object, key));
}

/* 0 for what is no array. */
static inline size_t length(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static inline bool flag(struct json_object *object, const char *key)
{
	return json_object_get_boolean(member(object, key));
}

#endif
