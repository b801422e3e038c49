// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemons/common/log.h"
#include "daemons/common/pool.h"
#include "daemons/common/text.h"
#include "tools/lis/command.h"
#include "tools/lis/output.h"
#include "tools/lis/watch.h"

/* What a message to the host has room for, in UTF-16. */
#define KEY_UNITS	255
#define VALUE_UNITS	1023

struct arguments {
	const char *folder;
	int pool;			/* -1: not named */
	bool json;
	const char *words[3];		/* verb, key, value */
	unsigned int count;
};

static const char help[] =
	"usage: lis kvp get KEY [--pool POOL]            the value of a key\n"
	"       lis kvp set KEY VALUE [--pool POOL]      add a key or change its value\n"
	"       lis kvp delete KEY [--pool POOL]         remove a key\n"
	"       lis kvp list [--pool POOL]               all pairs, of all pools\n"
	"       lis kvp watch [--pool POOL]              each change as it happens\n"
	"\n"
	"Pools: external (0), guest (1), auto (2), auto-external (3), auto-internal (4).\n"
	"get, set and delete use guest: what the guest writes there, the host reads.\n"
	"The host's administrator writes external, the host itself auto-external; what\n"
	"is in auto is made when the host asks, and has no file.\n"
	"\n"
	"  --json          JSON on stdout\n"
	"  --pools DIR     folder of the pool files (" POOL_FOLDER ")\n"
	"\n"
	"exit status: 0 done, 1 no such key or failed (stderr says why), 2 bad usage\n";

static int usage(const char *format, const char *what)
{
	fputs("lis kvp: ", stderr);
	fprintf(stderr, format, what);
	fputs("; see lis kvp --help\n", stderr);
	return EXIT_USAGE;
}

static int failed(const struct err *err)
{
	fputs("lis kvp: ", stderr);
	output_text(stderr, err->text);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

static struct pool pool_of(const struct arguments *arguments)
{
	struct pool pool = { arguments->folder, arguments->pool < 0 ? POOL_GUEST :
			     (enum pool_number)arguments->pool };

	return pool;
}

static int run_get(const struct arguments *arguments)
{
	const struct pool pool = pool_of(arguments);
	struct pool_record record = { "", "" };
	struct err err = { "" };

	if (pool_get(&pool, arguments->words[1], record.value, &err))
		return failed(&err);
	snprintf(record.key, sizeof(record.key), "%s", arguments->words[1]);
	if (arguments->json)
		output_pair(NULL, pool_name(pool.number), &record, true);
	else
		puts(record.value);
	return EXIT_DONE;
}

static int refuse_auto(const struct pool *pool)
{
	if (pool->number != POOL_AUTO)
		return 0;
	fputs("lis kvp: pool auto is made when the host asks; it is not for writing\n", stderr);
	return EXIT_FAILED;
}

/* A pool file has room for more than a message to the host, which would get only the front. */
static int refuse_long(const char *what, const char *text, size_t limit)
{
	size_t units = text_utf16_length(text);

	if (units <= limit)
		return 0;
	fprintf(stderr, "lis kvp: the %s has %zu characters of UTF-16; a host gets %zu at most\n",
		what, units, limit);
	return EXIT_FAILED;
}

static int run_set(const struct arguments *arguments)
{
	const struct pool pool = pool_of(arguments);
	struct err err = { "" };

	if (refuse_auto(&pool) || refuse_long("key", arguments->words[1], KEY_UNITS) ||
	    refuse_long("value", arguments->words[2], VALUE_UNITS))
		return EXIT_FAILED;
	return pool_set(&pool, arguments->words[1], arguments->words[2], &err) ?
	       failed(&err) : EXIT_DONE;
}

static int run_delete(const struct arguments *arguments)
{
	const struct pool pool = pool_of(arguments);
	struct err err = { "" };

	if (refuse_auto(&pool))
		return EXIT_FAILED;
	return pool_delete(&pool, arguments->words[1], &err) ? failed(&err) : EXIT_DONE;
}

static int list_one(const struct arguments *arguments, enum pool_number number,
		    struct output_list *list, struct err *err)
{
	const struct pool pool = { arguments->folder, number };
	struct pool_record *records;
	size_t count, i;
	int ret = pool_list(&pool, &records, &count, err);

	for (i = 0; i < count; i++) {
		if (list)
			output_list_add(list, pool_name(number), &records[i]);
		else
			output_pair(NULL, arguments->pool < 0 ? pool_name(number) : NULL,
				    &records[i], false);
	}
	free(records);
	return ret;
}

static int run_list(const struct arguments *arguments)
{
	struct output_list *list = arguments->json ? output_list_begin() : NULL;
	struct err err = { "" };
	int number, ret = 0;

	for (number = 0; number < POOL_COUNT && !ret; number++) {
		if (arguments->pool < 0 || arguments->pool == number)
			ret = list_one(arguments, (enum pool_number)number, list, &err);
	}
	if (list)
		output_list_end(list);
	return ret ? failed(&err) : EXIT_DONE;
}

static int run_watch(const struct arguments *arguments)
{
	struct err err = { "" };

	watch(arguments->folder, arguments->pool, arguments->json, &err);
	return failed(&err);
}

static const struct verb {
	const char *name;
	unsigned int words;		/* with the verb */
	int (*run)(const struct arguments *arguments);
} verbs[] = {
	{ "get", 2, run_get },
	{ "set", 3, run_set },
	{ "delete", 2, run_delete },
	{ "list", 1, run_list },
	{ "watch", 1, run_watch },
};

static int take_value(struct arguments *arguments, bool is_folder, const char *value)
{
	if (is_folder) {
		arguments->folder = value;
		return 0;
	}
	arguments->pool = pool_parse(value);
	return arguments->pool < 0 ? usage("no pool '%s'", value) : 0;
}

/* @option: "--name" or "--name=value"; @next: the word behind it. Return: words used, or -EXIT_USAGE. */
static int take_option(struct arguments *arguments, const char *option, const char *next)
{
	size_t length = strcspn(option, "=");
	const char *value = option[length] ? option + length + 1 : next;
	bool is_folder = length == 7 && !strncmp(option, "--pools", 7);

	if (!strcmp(option, "--json")) {
		arguments->json = true;
		return 1;
	}
	if (!is_folder && (length != 6 || strncmp(option, "--pool", 6)))
		return -usage("no option %s", option);
	if (!value)
		return -usage("%s needs a value", option);
	if (take_value(arguments, is_folder, value))
		return -EXIT_USAGE;
	return option[length] ? 1 : 2;
}

/* Options may stand anywhere; after "--" all are words. */
static int parse(struct arguments *arguments, int argc, char **argv)
{
	bool only_words = false;
	int i, used;

	for (i = 1; i < argc; i += used) {
		used = 1;
		if (!only_words && !strcmp(argv[i], "--")) {
			only_words = true;
		} else if (!only_words && !strncmp(argv[i], "--", 2)) {
			used = take_option(arguments, argv[i], argv[i + 1]);
			if (used < 0)
				return EXIT_USAGE;
		} else if (arguments->count < 3) {
			arguments->words[arguments->count++] = argv[i];
		} else {
			return usage("'%s' is too much", argv[i]);
		}
	}
	return 0;
}

/* Anywhere before "--". */
static bool wants_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--help") || (i == 1 && !strcmp(argv[i], "-h")))
			return true;
	}
	return false;
}

int command_kvp(int argc, char **argv)
{
	struct arguments arguments = { .folder = POOL_FOLDER, .pool = -1 };
	unsigned int i;

	log_open("lis kvp", false);
	if (wants_help(argc, argv)) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	if (parse(&arguments, argc, argv))
		return EXIT_USAGE;
	if (!arguments.count)
		return usage("get, set, delete, list or watch%s?", "");
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(arguments.words[0], verbs[i].name))
			continue;
		if (arguments.count != verbs[i].words)
			return usage("wrong number of words for %s", verbs[i].name);
		return verbs[i].run(&arguments);
	}
	return usage("no verb '%s'", arguments.words[0]);
}
