// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/facts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "daemons/common/text.h"
#include "daemons/kvp/paths.h"

#define FILE_SIZE	16384

static void copy(char *to, const char *from)
{
	snprintf(to, FACT_SIZE, "%.*s", FACT_SIZE - 1, from);
	if (!text_is_utf8(to, strlen(to)))
		to[0] = '\0';
}

/* The value of an assignment as a shell would read it, in place: os-release(5). */
static char *unquote(char *value)
{
	char quote = *value == '"' || *value == '\'' ? *value++ : '\0';
	char *from = value, *to = value;

	for (; *from && *from != quote; from++) {
		if (*from == '\\' && quote != '\'' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return value;
}

struct release {
	char id[FACT_SIZE], version[FACT_SIZE], version_id[FACT_SIZE];
};

static void take_assignment(struct facts *facts, struct release *release, char *line)
{
	const struct {
		const char *name;
		char *to;
	} known[] = {
		{ "NAME", facts->name }, { "VARIANT_ID", facts->variant },
		{ "ID", release->id }, { "VERSION", release->version },
		{ "VERSION_ID", release->version_id },
	};
	char *equals = strchr(line, '=');
	unsigned int i;

	if (!equals)
		return;
	*equals = '\0';
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(line, known[i].name))
			copy(known[i].to, unquote(equals + 1));
	}
}

/* "12" and "5" from Debian's "12.5\n", if its first part is the one of VERSION_ID. */
static void take_debian_version(struct facts *facts)
{
	char text[64], *dot;

	if (text_read_file(paths_at("/etc/debian_version"), text, sizeof(text)) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	dot = strchr(text, '.');
	if (!dot)
		return;
	*dot = '\0';
	if (!strcmp(text, facts->major))
		copy(facts->minor, dot + 1);
}

static void take_versions(struct facts *facts, struct release *release)
{
	const char *pack = strstr(release->version, "-SP");
	char *dot = strchr(release->version_id, '.');

	if (dot)
		*dot++ = '\0';
	copy(facts->major, release->version_id);
	if (dot) {
		dot[strcspn(dot, ".")] = '\0';
		copy(facts->minor, dot);
	} else if (!strcmp(release->id, "debian")) {
		take_debian_version(facts);
	}
	if (pack && isdigit((unsigned char)pack[3])) {
		copy(facts->service_pack, pack + 3);
		facts->service_pack[strspn(facts->service_pack, "0123456789")] = '\0';
	}
}

static void read_release(struct facts *facts)
{
	struct release release = { "", "", "" };
	char text[FILE_SIZE], *line, *lines;

	if (text_read_file(paths_at("/etc/os-release"), text, sizeof(text)) < 0 &&
	    text_read_file(paths_at("/usr/lib/os-release"), text, sizeof(text)) < 0)
		return;
	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines))
		take_assignment(facts, &release, line);
	take_versions(facts, &release);
}

void facts_read(struct facts *facts)
{
	struct utsname kernel;

	memset(facts, 0, sizeof(*facts));
	read_release(facts);
	if (uname(&kernel))
		return;
	copy(facts->release, kernel.release);
	copy(facts->version, kernel.release);
	facts->version[strcspn(facts->version, "-")] = '\0';
	copy(facts->machine, kernel.machine);
	if (!facts->name[0])
		copy(facts->name, kernel.sysname);
}
