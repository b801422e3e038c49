// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/backend.h"

#include <glob.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemons/common/text.h"
#include "daemons/kvp/paths.h"

/* Who generates the configuration of others comes before them. */
static const struct backend *const backends[] = {
	&backend_scripts, &backend_netplan, &backend_manager, &backend_networkd, &backend_ifupdown,
};

#define BACKENDS	(sizeof(backends) / sizeof(backends[0]))

/* Wants= by a folder; where units of the administrator, of packages and of generators are. */
static bool is_enabled(const char *unit)
{
	static const char *const folders[] = {
		"/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
		"/usr/lib/systemd/system", "/lib/systemd/system",
	};
	glob_t links;
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (glob(paths_at("%s/*.wants/%s", folders[i], unit), 0, NULL, &links))
			continue;
		globfree(&links);
		return true;
	}
	return false;
}

/*
 * Who configures it now; else who would once it runs, for this may be the boot;
 * else who is there. An ifup that nothing starts comes last.
 */
const struct backend *backend_choose(const struct network_link *link)
{
	unsigned int i;

	for (i = 0; i < BACKENDS; i++) {
		if (backends[i]->serves(link))
			return backends[i];
	}
	for (i = 0; i < BACKENDS; i++) {
		if (backends[i]->unit && backends[i]->is_installed() &&
		    is_enabled(backends[i]->unit))
			return backends[i];
	}
	for (i = 0; i < BACKENDS; i++) {
		if (backends[i]->is_there())
			return backends[i];
	}
	return NULL;
}

const struct backend *backend_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < BACKENDS; i++) {
		if (!strcmp(backends[i]->name, name))
			return backends[i];
	}
	return NULL;
}

bool backend_has_program(const char *path)
{
	return !access(paths_at("%s", path), X_OK);
}

const char *backend_find_program(const char *path, const char *other)
{
	if (backend_has_program(path))
		return path;
	return backend_has_program(other) ? other : NULL;
}

bool backend_file_says(const char *path, const char *wanted)
{
	char text[16384], *line, *lines;

	if (text_read_file(path, text, sizeof(text)) < 0)
		return false;
	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		if (!strcmp(line, wanted))
			return true;
	}
	return false;
}

/* "address 192.0.2.1/24", "Address=192.0.2.1/24", "address1=192.0.2.1/24,192.0.2.254" */
static bool line_gives(const char *line, const struct ip_address *wanted)
{
	struct ip_address address;
	char word[IP_TEXT_SIZE];
	size_t gap, length;

	line += strspn(line, " \t");
	if (strncasecmp(line, "address", 7))
		return false;
	line += 7 + strspn(line + 7, "0123456789");
	gap = strspn(line, " \t=");
	line += gap;
	length = strcspn(line, " \t/,;");
	if (!gap || length >= sizeof(word))
		return false;
	memcpy(word, line, length);
	word[length] = '\0';
	return !ip_parse(word, &address) && ip_equal(&address, wanted);
}

static bool file_gives(const char *path, const struct ip_address *address)
{
	static char text[PLAN_TEXT];
	char *line, *lines;

	if (text_read_file(path, text, sizeof(text)) < 0)
		return false;
	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		if (line_gives(line, address))
			return true;
	}
	return false;
}

bool backend_files_give(const char *pattern, const struct ip_address *address)
{
	bool found = false;
	glob_t files;
	size_t i;

	if (glob(paths_at("%s", pattern), 0, NULL, &files))
		return false;
	for (i = 0; i < files.gl_pathc && !found; i++)
		found = file_gives(files.gl_pathv[i], address);
	globfree(&files);
	return found;
}
