// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lis/output.h"

#include <json-c/json.h>

void output_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

static struct json_object *make_pair(const char *event, const char *pool,
				     const struct pool_record *record)
{
	struct json_object *pair = json_object_new_object();

	if (event)
		json_object_object_add(pair, "event", json_object_new_string(event));
	json_object_object_add(pair, "pool", json_object_new_string(pool));
	json_object_object_add(pair, "key", json_object_new_string(record->key));
	json_object_object_add(pair, "value", json_object_new_string(record->value));
	return pair;
}

void output_pair(const char *event, const char *pool, const struct pool_record *record, bool json)
{
	if (json) {
		struct json_object *pair = make_pair(event, pool, record);

		puts(json_object_to_json_string_ext(pair, JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(pair);
		return;
	}
	if (event)
		printf("%-8s", event);
	if (pool)
		printf("%s: ", pool);
	output_text(stdout, record->key);
	fputs(" = ", stdout);
	output_text(stdout, record->value);
	putchar('\n');
}

struct output_list *output_list_begin(void)
{
	return (struct output_list *)json_object_new_array();
}

void output_list_add(struct output_list *list, const char *pool, const struct pool_record *record)
{
	json_object_array_add((struct json_object *)list, make_pair(NULL, pool, record));
}

void output_list_end(struct output_list *list)
{
	struct json_object *array = (struct json_object *)list;

	puts(json_object_to_json_string_ext(array, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(array);
}
