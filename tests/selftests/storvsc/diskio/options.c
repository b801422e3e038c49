// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define BLOCK_MAX	(64u << 20)
#define DEPTH_MAX	1024u

static const char usage[] =
	"usage: diskio write|read|check|verify [OPTIONS] FILE\n"
	"\n"
	"  write   write the pattern and sync      read    read, do not look at it\n"
	"  check   read what an earlier run wrote  verify  write, then check\n"
	"\n"
	"  --offset BYTES    start of the area (0)\n"
	"  --size BYTES      length of the area (to the end); K, M and G are understood\n"
	"  --block BYTES     length of a request (64K)\n"
	"  --shape NAME      flat, odd, sectors, mixed, bytes: how a request lies in memory\n"
	"  --depth N         requests in flight (16)\n"
	"  --seed N          which pattern (1)\n"
	"  --sync N          sync after each N requests (only at the end)\n"
	"  --seconds N       repeat for that long\n"
	"  --errors N        go on until N requests have failed (1)\n"
	"  --random          blocks in no order\n"
	"  --buffered        through the page cache\n"
	"  --json            one JSON object\n"
	"\n"
	"exit status: 0 fine, 1 an error or wrong data, 2 bad usage\n";

static const char *const commands[COMMAND_COUNT] = {
	[COMMAND_WRITE] = "write",
	[COMMAND_READ] = "read",
	[COMMAND_CHECK] = "check",
	[COMMAND_VERIFY] = "verify",
};

static int find(const char *const *names, unsigned int count, const char *name)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!strcmp(names[i], name))
			return (int)i;
	}
	return -1;
}

static bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	if (errno || end == text || *text == '-')
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		unsigned int shift = 10 * (unsigned int)(unit - units + 1);

		if (*value > UINT64_MAX >> shift)
			return false;
		*value <<= shift;
		end++;
	}
	return !*end && *value <= max;
}

enum {
	OPTION_OFFSET = 1,
	OPTION_SIZE,
	OPTION_BLOCK,
	OPTION_SHAPE,
	OPTION_DEPTH,
	OPTION_SEED,
	OPTION_SYNC,
	OPTION_SECONDS,
	OPTION_ERRORS,
	OPTION_RANDOM,
	OPTION_BUFFERED,
	OPTION_JSON,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{ "offset", required_argument, NULL, OPTION_OFFSET },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "block", required_argument, NULL, OPTION_BLOCK },
	{ "shape", required_argument, NULL, OPTION_SHAPE },
	{ "depth", required_argument, NULL, OPTION_DEPTH },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "sync", required_argument, NULL, OPTION_SYNC },
	{ "seconds", required_argument, NULL, OPTION_SECONDS },
	{ "errors", required_argument, NULL, OPTION_ERRORS },
	{ "random", no_argument, NULL, OPTION_RANDOM },
	{ "buffered", no_argument, NULL, OPTION_BUFFERED },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static bool set_number(struct options *options, int option, const char *text)
{
	uint64_t value;
	uint64_t max = UINT32_MAX;

	if (option == OPTION_OFFSET || option == OPTION_SIZE || option == OPTION_SEED)
		max = UINT64_MAX;
	else if (option == OPTION_BLOCK)
		max = BLOCK_MAX;
	else if (option == OPTION_DEPTH)
		max = DEPTH_MAX;
	if (!parse_number(text, max, &value))
		return false;
	switch (option) {
	case OPTION_OFFSET:
		options->offset = value;
		return value % SECTOR == 0;
	case OPTION_SIZE:
		options->size = value;
		return true;
	case OPTION_BLOCK:
		options->block = (uint32_t)value;
		return value && value % SECTOR == 0;
	case OPTION_DEPTH:
		options->depth = (unsigned int)value;
		return value;
	case OPTION_SEED:
		options->seed = value;
		return true;
	case OPTION_SYNC:
		options->sync_every = (unsigned int)value;
		return true;
	case OPTION_SECONDS:
		options->seconds = (unsigned int)value;
		return true;
	default:
		options->max_errors = (unsigned int)value;
		return value;
	}
}

static bool set_option(struct options *options, int option, const char *text)
{
	int shape;

	switch (option) {
	case OPTION_RANDOM:
		options->random = true;
		return true;
	case OPTION_BUFFERED:
		options->buffered = true;
		return true;
	case OPTION_JSON:
		options->json = true;
		return true;
	case OPTION_SHAPE:
		shape = find(shape_names, SHAPE_COUNT, text);
		options->shape = shape < 0 ? SHAPE_FLAT : (enum shape)shape;
		return shape >= 0;
	default:
		return set_number(options, option, text);
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	int index, option, command;

	*options = (struct options){ .block = 64 << 10, .depth = 16, .seed = 1, .max_errors = 1 };
	while ((option = getopt_long(argc, argv, "h", long_options, &index)) != -1) {
		if (option == OPTION_HELP || option == 'h') {
			fputs(usage, stdout);
			return 1;
		}
		if (option == '?')
			return -1;
		if (!set_option(options, option, optarg)) {
			fprintf(stderr, "diskio: bad value '%s' for --%s\n", optarg,
				long_options[index].name);
			return -1;
		}
	}
	command = optind < argc ? find(commands, COMMAND_COUNT, argv[optind]) : -1;
	if (command < 0 || optind + 2 != argc) {
		fputs(usage, stderr);
		return -1;
	}
	options->command = (enum command)command;
	options->path = argv[optind + 1];
	if (options->shape == SHAPE_BYTES && !options->buffered) {
		fprintf(stderr, "diskio: --shape bytes needs --buffered\n");
		return -1;
	}
	return 0;
}
