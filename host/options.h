/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"

#define HOST_MAX_CPUS		8
#define HOST_MAX_DISKS		64
#define HOST_MAX_FAULTS		32

/*
 * The command line, as plain values. options.c fills it from a table; each
 * layer takes what is its own. Strings point into argv.
 *
 * A new option is a field here and a row in options.c.
 */
struct host_options {
	/* machine */
	const char *kernel;
	const char *initrd;
	const char *cmdline;
	unsigned int cpus;
	unsigned int memory_mib;
	unsigned int time_limit_s;	/* 0: none */
	const char *console;		/* file; NULL: stdout */
	unsigned int crash_grace_s;	/* from a crash or its Unload to the end of the run; 0: none */
	double time_scale;		/* HV_TIME_SCALE: how much slower than usual guests are */
	bool shell;			/* console on stdin and stdout, raw */
	bool verbose;

	/* vmbus */
	const char *vmbus_version;	/* newest version spoken, "5.3"; NULL: newest known */
	bool vmbus_exact;		/* only that version */

	/* vsp: specifications are parsed by the layer that owns them */
	const char *disks[HOST_MAX_DISKS];
	unsigned int disk_count;
	const char *storage;		/* NULL: defaults */
	const char *generation;		/* of the integration services; NULL: default */
	const char *services_off;	/* "kvp,vss" or "all": not offered at first; NULL: none */
	const char *faults[HOST_MAX_FAULTS];
	unsigned int fault_count;

	/* control */
	const char *control;		/* path of the control socket; NULL: none */
	const char *trace;		/* file for the decoded VMBus traffic; NULL: none */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,	/* --help or --version was answered */
	OPTIONS_BAD,	/* @err says why */
};

enum options_result options_parse(struct host_options *options, int argc, char **argv,
				  struct err *err);

#endif
