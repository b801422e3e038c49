// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "host/control/hvctl/hvctl.h"
#include "host/control/hvctl/services.h"
#include "host/control/hvctl/table.h"

/* How results look to a person. */

void print_nothing(struct json_object *result)
{
	(void)result;
}

static void print_summary(struct json_object *result)
{
	struct json_object *vmbus = member(result, "vmbus"), *hb = member(result, "heartbeat");
	uint64_t up = number(result, "uptime_ms");

	printf("%-10s %s, %s vCPU%s, up %" PRIu64 ".%" PRIu64 " s\n", "guest",
	       text(result, "state"), text(result, "vcpus"),
	       number(result, "vcpus") == 1 ? "" : "s", up / 1000, up % 1000 / 100);
	printf("%-10s %s, version %s\n", "vmbus", text(vmbus, "state"), text(vmbus, "version"));
	printf("%-10s %s\n", "agent", text(result, "agent"));
	printf("%-10s %s", "heartbeat", text(hb, "state"));
	if (member(hb, "version"))
		printf(", applications %s, %s of %s beats answered", text(hb, "application"),
		       text(hb, "answered"), text(hb, "asked"));
	putchar('\n');
}

static void print_verdict(struct json_object *checker)
{
	uint64_t violations = number(checker, "violations");

	if (violations)
		printf("%-10s %" PRIu64 " violations of %s rules (see `hvctl checker`)\n",
		       "checker", violations, text(checker, "rules"));
	else
		printf("%-10s no violations\n", "checker");
}

static void print_channels(struct json_object *devices)
{
	size_t i, j;

	printf("\n%-10s %-10s %5s %4s %3s %9s  %s\n", "DEVICE", "STATE", "RELID", "SUB", "VP",
	       "IN FLIGHT", "CHANNEL");
	for (i = 0; i < length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);
		struct json_object *channels = member(device, "channels");
		size_t n = length(channels);

		if (!n)
			printf("%-10s %-10s\n", text(device, "name"), text(device, "state"));
		for (j = 0; j < n; j++) {
			struct json_object *ch = json_object_array_get_idx(channels, j);

			printf("%-10s %-10s %5s %4s %3s %9s  %s%s%s\n", text(device, "name"),
			       text(device, "state"), text(ch, "relid"), text(ch, "sub_channel"),
			       text(ch, "target_vp"), text(ch, "transactions"), text(ch, "state"),
			       flag(ch, "rescinded") ? ", rescinded" : "",
			       flag(ch, "broken") ? ", broken" : "");
		}
	}
}

void print_status(struct json_object *result)
{
	static const struct column storage[] = {
		{ "CONTROLLER", "name", true, false },	{ "STATE", "state", true, false },
		{ "PROTOCOL", "version", true, false },	{ "REQUESTS", "requests", false, false },
		{ "IN FLIGHT", "in_flight", false, false },
		{ "RESETS", "resets", false, false },
	};

	print_summary(result);
	print_verdict(member(result, "checker"));
	putchar('\n');
	print_services(result);
	print_channels(member(result, "devices"));
	putchar('\n');
	TABLE(member(result, "storage"), storage);
}

void print_checker(struct json_object *result)
{
	static const struct column columns[] = {
		{ "RULE", "rule", true, false },	{ "NAME", "name", true, false },
		{ "RELID", "relid", false, false },	{ "TIME/us", "time_us", false, false },
		{ "WHAT", "text", true, false },
	};

	print_verdict(result);
	if (number(result, "violations"))
		TABLE(member(result, "list"), columns);
}

/* One line of "name value" pairs. */
static void print_pairs(const char *title, struct json_object *object)
{
	const char *separator = "";

	if (!object)
		return;
	printf("%s: ", title);
	json_object_object_foreach(object, key, value) {
		printf("%s%s %s", separator, key, json_object_get_string(value));
		separator = ", ";
	}
	putchar('\n');
}

void print_stats(struct json_object *result)
{
	static const struct column channels[] = {
		{ "CHANNEL", "device", true, false },	{ "RELID", "relid", false, false },
		{ "SUB", "sub_channel", false, false },	{ "VP", "target_vp", false, false },
		{ "HYPERCALLS", "hypercalls", false, false },
		{ "WASTED", "empty_signals", false, false },
		{ "INTERRUPTS", "interrupts", false, false },
		{ "PKTS IN", "packets_in", false, false },
		{ "PKTS OUT", "packets_out", false, false },
		{ "BYTES IN", "bytes_in", false, true },
		{ "BYTES OUT", "bytes_out", false, true },
		{ "FULL", "ring_full", false, false },
	};
	static const struct column disks[] = {
		{ "CTRL", "controller", false, false },	{ "LUN", "lun", false, false },
		{ "READS", "reads", false, false },	{ "READ", "read_bytes", false, true },
		{ "WRITES", "writes", false, false },	{ "WRITTEN", "written_bytes", false, true },
		{ "FLUSHES", "flushes", false, false },	{ "DISCARDS", "discards", false, false },
		{ "COMMANDS", "commands", false, false },	{ "ERRORS", "errors", false, false },
	};

	TABLE(member(result, "channels"), channels);
	putchar('\n');
	TABLE(member(result, "disks"), disks);
	putchar('\n');
	print_pairs("messages", member(result, "messages"));
	print_pairs("exits", member(result, "exits"));
	print_pairs("kvp", member(result, "kvp"));
	print_pairs("vss", member(result, "vss"));
	print_pairs("copy", member(result, "copy"));
}

void print_disk(struct json_object *result)
{
	static const struct column columns[] = {
		{ "CTRL", "controller", false, false },	{ "LUN", "lun", false, false },
		{ "SIZE", "bytes", false, true },	{ "BLOCK", "block_size", false, false },
		{ "READ-ONLY", "read_only", true, false },
		{ "SERIAL", "serial", true, false },
	};
	struct json_object *disks = member(result, "disks");

	if (disks)
		TABLE(disks, columns);
	else if (member(result, "lun"))
		printf("%s:%s\n", text(result, "controller"), text(result, "lun"));
}

void print_fault(struct json_object *result)
{
	static const struct column faults[] = {
		{ "ID", "id", false, false },		{ "HITS", "hits", false, false },
		{ "FIRES", "fires", false, false },	{ "SPENT", "spent", true, false },
		{ "FAULT", "text", true, false },
	};
	static const struct column points[] = {
		{ "POINT", "name", true, false },	{ "HITS", "hits", false, false },
		{ "FIRES", "fires", false, false },
		{ "WHEN", "description", true, false },
	};

	if (member(result, "faults"))
		TABLE(member(result, "faults"), faults);
	else if (member(result, "points"))
		TABLE(member(result, "points"), points);
	else if (member(result, "id"))
		printf("%s\n", text(result, "id"));
	else if (member(result, "cleared"))
		printf("%s cleared\n", text(result, "cleared"));
}

void print_trace(struct json_object *result)
{
	struct json_object *lines = member(result, "lines");
	size_t i;

	for (i = 0; i < length(lines); i++)
		puts(json_object_get_string(json_object_array_get_idx(lines, i)));
}

/* Of a wait: only the end of the run has something to tell. */
void print_end(struct json_object *result)
{
	if (member(result, "reason"))
		printf("%s (exit %s)\n", text(result, "reason"), text(result, "exit"));
}
