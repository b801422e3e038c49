/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_LIS_OUTPUT_H
#define TOOLS_LIS_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "daemons/common/pool.h"

/* Text for people: what would move the cursor or colour the terminal is written as \xNN. */
void output_text(FILE *out, const char *text);

/**
 * output_pair() - one pair on stdout
 * @event:	"added", "changed", "removed"; NULL: the pair is there
 * @pool:	name of its pool; NULL: not shown to people
 * @json:	an object on one line instead
 */
void output_pair(const char *event, const char *pool, const struct pool_record *record, bool json);

/* A JSON array of pairs: begin, each, end. */
struct output_list;
struct output_list *output_list_begin(void);
void output_list_add(struct output_list *list, const char *pool, const struct pool_record *record);
void output_list_end(struct output_list *list);

#endif
