// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/hvctl/table.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX	16

void format_bytes(uint64_t bytes, char *cell)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes;
	unsigned int unit = 0;

	while (value >= 1024 && unit < 5) {
		value /= 1024;
		unit++;
	}
	snprintf(cell, CELL_MAX, value == (double)(uint64_t)value ? "%.0f %s" : "%.1f %s", value,
		 units[unit]);
}

static void format_cell(struct json_object *row, const struct column *column, char *cell)
{
	struct json_object *value = member(row, column->key);

	if (column->bytes)
		format_bytes(json_object_get_uint64(value), cell);
	else if (json_object_is_type(value, json_type_boolean))
		snprintf(cell, CELL_MAX, "%s", json_object_get_boolean(value) ? "yes" : "no");
	else
		snprintf(cell, CELL_MAX, "%s", value ? json_object_get_string(value) : "-");
}

static void measure(struct json_object *rows, const struct column *columns, unsigned int count,
		    int *widths)
{
	size_t i, n = length(rows);
	char cell[CELL_MAX];
	unsigned int c;

	for (c = 0; c < count; c++) {
		widths[c] = (int)strlen(columns[c].title);
		for (i = 0; i < n; i++) {
			format_cell(json_object_array_get_idx(rows, i), &columns[c], cell);
			if ((int)strlen(cell) > widths[c])
				widths[c] = (int)strlen(cell);
		}
	}
}

static void print_cell(const struct column *column, const char *cell, int width, bool last)
{
	if (column->left)
		printf("%-*s", last ? 0 : width, cell);
	else
		printf("%*s", width, cell);
	fputs(last ? "\n" : "  ", stdout);
}

void print_table(struct json_object *rows, const struct column *columns, unsigned int count)
{
	size_t i, n = length(rows);
	int widths[COLUMNS_MAX];
	char cell[CELL_MAX];
	unsigned int c;

	measure(rows, columns, count, widths);
	for (c = 0; c < count; c++)
		print_cell(&columns[c], columns[c].title, widths[c], c == count - 1);
	for (i = 0; i < n; i++) {
		for (c = 0; c < count; c++) {
			format_cell(json_object_array_get_idx(rows, i), &columns[c], cell);
			print_cell(&columns[c], cell, widths[c], c == count - 1);
		}
	}
}
