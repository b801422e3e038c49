// SPDX-License-Identifier: GPL-2.0-only
#include "host/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HVHOST_VERSION	"0.1"

#define FIRST_CODE	256	/* getopt_long's return values: row number above all characters */
#define MEMORY_MIN	64
#define MEMORY_MAX	65536

enum kind {
	KIND_STRING,
	KIND_NUMBER,
	KIND_FLAG,
	KIND_LIST,
	KIND_HELP,
	KIND_VERSION,
};

struct row {
	const char *name;
	const char *argument;		/* NULL: takes none */
	const char *help;
	enum kind kind;
	size_t offset;			/* of the field */
	size_t count_offset;		/* KIND_LIST: of its length */
	unsigned int min, max;		/* KIND_NUMBER: values; KIND_LIST: max entries */
};

#define FIELD(name)	.offset = offsetof(struct host_options, name)
#define LIST(name, count, limit) \
	.kind = KIND_LIST, FIELD(name), .count_offset = offsetof(struct host_options, count), \
	.max = (limit)

static const struct row rows[] = {
	{ "kernel", "FILE", "ELF vmlinux (starts faster) or bzImage", KIND_STRING, FIELD(kernel) },
	{ "initrd", "FILE", "initial RAM disk", KIND_STRING, FIELD(initrd) },
	{ "cmdline", "TEXT", "kernel command line", KIND_STRING, FIELD(cmdline) },
	{ "cpus", "N", "virtual processors, 1 to 8 (1)", KIND_NUMBER, FIELD(cpus),
	  .min = 1, .max = HOST_MAX_CPUS },
	{ "memory", "MIB", "guest memory (512)", KIND_NUMBER, FIELD(memory_mib),
	  .min = MEMORY_MIN, .max = MEMORY_MAX },
	{ "time-limit", "S", "end the run after S seconds (0: never)", KIND_NUMBER,
	  FIELD(time_limit_s), .max = 1000000 },
	{ "crash-grace", "S", "let a crashed guest go on for S seconds (30; 0: no limit)",
	  KIND_NUMBER, FIELD(crash_grace_s), .max = 1000000 },
	{ "console", "FILE", "write the guest's console there, not to stdout", KIND_STRING,
	  FIELD(console) },
	{ "shell", NULL, "console on this terminal; end it with Ctrl-]", KIND_FLAG, FIELD(shell) },
	{ "vmbus-version", "X.Y", "newest VMBus version this host speaks", KIND_STRING,
	  FIELD(vmbus_version) },
	{ "vmbus-exact", NULL, "refuse older versions, too", KIND_FLAG, FIELD(vmbus_exact) },
	{ "disk", "SPEC", "a disk; may be repeated", LIST(disks, disk_count, HOST_MAX_DISKS) },
	{ "storage", "SPEC", "SCSI controllers: version=6.2,sub-channels=N,max-transfer=256K",
	  KIND_STRING, FIELD(storage) },
	{ "host-generation", "NAME",
	  "services of 2008r2, 2012, 2012r2, 2016, 2019 (default) or 2025", KIND_STRING,
	  FIELD(generation) },
	{ "services-off", "LIST", "services that are switched off at first: kvp,vss,... or all",
	  KIND_STRING, FIELD(services_off) },
	{ "fault", "SPEC", "arm a fault point; may be repeated",
	  LIST(faults, fault_count, HOST_MAX_FAULTS) },
	{ "control", "SOCKET", "listen there for hvctl", KIND_STRING, FIELD(control) },
	{ "trace", "FILE", "write decoded VMBus traffic", KIND_STRING, FIELD(trace) },
	{ "verbose", NULL, "say more on stderr", KIND_FLAG, FIELD(verbose) },
	{ "help", NULL, "this text", .kind = KIND_HELP },
	{ "version", NULL, "the version of hvhost", .kind = KIND_VERSION },
};

#define ROW_COUNT	(sizeof(rows) / sizeof(rows[0]))

static const char exit_text[] =
	"exit status:\n"
	"  0  the guest powered itself off      5  triple fault, or KVM could not go on\n"
	"  1  the host failed                   6  time limit\n"
	"  2  bad option, image or kernel       7  protocol checker: a rule was broken\n"
	"  3  the guest reset itself            8  stopped by a signal or over the control socket\n"
	"  4  the guest crashed (panic)\n"
	"environment:\n"
	"  HV_TIME_SCALE  how many times slower than usual guests are, for time they are given\n";

static void print_help(void)
{
	printf("usage: hvhost --kernel FILE [OPTION]...\n"
	       "Runs a Linux guest on KVM and plays Hyper-V for it.\n\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].argument ? " " : "",
			 rows[i].argument ? rows[i].argument : "");
		printf("  %-22s %s\n", left, rows[i].help);
	}
	printf("\n%s", exit_text);
}

static int parse_number(const struct row *row, const char *text, unsigned int *value,
			struct err *err)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || number < row->min || number > row->max)
		return err_set(err, -EINVAL, "--%s %s: a number from %u to %u is needed", row->name,
			       text, row->min, row->max);
	*value = (unsigned int)number;
	return 0;
}

static int append(struct host_options *options, const struct row *row, const char *text,
		  struct err *err)
{
	unsigned int *count = (unsigned int *)((char *)options + row->count_offset);
	const char **list = (const char **)((char *)options + row->offset);

	if (*count == row->max)
		return err_set(err, -EINVAL, "more than %u times --%s", row->max, row->name);
	list[(*count)++] = text;
	return 0;
}

/* Return: 0, 1 when the run is done (--help), or -EINVAL. */
static int apply(struct host_options *options, const struct row *row, const char *text,
		 struct err *err)
{
	void *field = (char *)options + row->offset;

	switch (row->kind) {
	case KIND_STRING:
		*(const char **)field = text;
		return 0;
	case KIND_NUMBER:
		return parse_number(row, text, field, err);
	case KIND_FLAG:
		*(bool *)field = true;
		return 0;
	case KIND_LIST:
		return append(options, row, text, err);
	case KIND_HELP:
		print_help();
		return 1;
	case KIND_VERSION:
		printf("hvhost %s\n", HVHOST_VERSION);
		return 1;
	}
	return -EINVAL;
}

static void fill_getopt(struct option *table)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		table[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = (int)(FIRST_CODE + i),
		};
	table[ROW_COUNT] = (struct option){ .name = NULL };
}

static int check(const struct host_options *options, struct err *err)
{
	if (!options->kernel)
		return err_set(err, -EINVAL, "--kernel is needed; --help lists the options");
	if (options->vmbus_exact && !options->vmbus_version)
		return err_set(err, -EINVAL, "--vmbus-exact needs --vmbus-version");
	if (options->shell && options->console)
		return err_set(err, -EINVAL, "--shell and --console exclude each other");
	return 0;
}

/* The one thing that comes from the environment, as it does for tests. */
static double time_scale(void)
{
	const char *text = getenv("HV_TIME_SCALE");
	double scale = text ? strtod(text, NULL) : 1;

	return scale >= 1 && scale <= 1000 ? scale : 1;
}

enum options_result options_parse(struct host_options *options, int argc, char **argv,
				  struct err *err)
{
	struct option table[ROW_COUNT + 1];
	int code, ret, at = 1;

	*options = (struct host_options){
		.cpus = 1, .memory_mib = 512, .crash_grace_s = 30, .time_scale = time_scale(),
	};
	fill_getopt(table);
	opterr = 0;
	while ((code = getopt_long(argc, argv, "+:", table, NULL)) != -1) {
		if (code < FIRST_CODE) {
			err_set(err, -EINVAL, "%s: %s", argv[at],
				code == ':' ? "needs a value" : "unknown option");
			return OPTIONS_BAD;
		}
		at = optind;
		ret = apply(options, &rows[code - FIRST_CODE], optarg, err);
		if (ret)
			return ret > 0 ? OPTIONS_DONE : OPTIONS_BAD;
	}
	if (optind < argc) {
		err_set(err, -EINVAL, "%s: not an option", argv[optind]);
		return OPTIONS_BAD;
	}
	return check(options, err) ? OPTIONS_BAD : OPTIONS_RUN;
}
