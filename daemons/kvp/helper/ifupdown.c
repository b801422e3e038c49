// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/common/text.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/paths.h"

/*
 * ifupdown adds all stanzas of an interface up, so those of others are made
 * comments; ours stand in a file of their own.
 */

#define MAIN_FILE	"/etc/network/interfaces"
#define FOLDER		"/etc/network/interfaces.d"
#define COMMENT		"#hv_kvp# "
#define RESOLV		"/etc/resolv.conf"

static const char *ifup(void)
{
	return backend_find_program("/sbin/ifup", "/usr/sbin/ifup");
}

static const char *ifdown(void)
{
	return backend_find_program("/sbin/ifdown", "/usr/sbin/ifdown");
}

static bool is_there(void)
{
	return ifup() && ifdown() && !access(paths_at(MAIN_FILE), F_OK);
}

/* The @n-th word of a line; its length in @length. */
static const char *word(const char *line, unsigned int n, size_t *length)
{
	for (;;) {
		line += strspn(line, " \t");
		*length = strcspn(line, " \t\n");
		if (!n-- || !*length)
			return line;
		line += *length;
	}
}

static bool word_is(const char *line, unsigned int n, const char *wanted)
{
	size_t length;
	const char *found = word(line, n, &length);

	return length == strlen(wanted) && !strncmp(found, wanted, length);
}

/* Words that begin a stanza, or a line for itself. */
static bool begins_stanza(const char *line)
{
	static const char *const words[] = {
		"iface", "auto", "mapping", "source", "source-directory", "rename", "template",
	};
	size_t length, i;
	const char *first = word(line, 0, &length);

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word_is(line, 0, words[i]))
			return true;
	}
	return !strncmp(first, "allow-", 6) || !strncmp(first, "no-auto-down", 12) ||
	       !strncmp(first, "no-scripts", 10);
}

static bool is_iface(const char *line, const char *name)
{
	return word_is(line, 0, "iface") && word_is(line, 1, name);
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

static bool mentions(const char *text, const char *name)
{
	for (; *text; text = next_line(text)) {
		if (is_iface(text, name))
			return true;
	}
	return false;
}

/* @text with the stanzas of an interface as comments. */
static void write_without(FILE *out, const char *text, const char *name)
{
	bool inside = false, goes_on = false;
	const char *next;

	for (; *text; text = next) {
		bool plain = !goes_on && begins_stanza(text);

		next = next_line(text);
		goes_on = next - text > 1 && next[-1] == '\n' && next[-2] == '\\';
		if (plain)
			inside = is_iface(text, name);
		fprintf(out, "%s%.*s", inside && *text != '\n' && *text != '#' ? COMMENT : "",
			(int)(next - text), text);
	}
}

/* Whether one of the patterns of a line "source" or "source-directory" stands for @path. */
static bool line_matches(const char *line, const char *path)
{
	char pattern[PATH_MAX];
	const char *found;
	unsigned int n;
	size_t length;

	for (n = 1; found = word(line, n, &length), length; n++) {
		bool is_relative = *found != '/';

		if (length > 1 && found[length - 1] == '/')
			length--;
		snprintf(pattern, sizeof(pattern), "%s%.*s", is_relative ? "/etc/network/" : "",
			 (int)length, found);
		if (!fnmatch(pattern, path, FNM_PATHNAME))
			return true;
	}
	return false;
}

/* Of a folder, ifupdown reads files with plain names only. */
static bool is_read_of_folder(const char *own)
{
	return !strpbrk(strrchr(own, '/') + 1, ".");
}

/* Whether the main file says that ours is to be read. */
static bool reads_own(const char *text, const char *own)
{
	for (; *text; text = next_line(text)) {
		if (word_is(text, 0, "source") && line_matches(text, own))
			return true;
		if (word_is(text, 0, "source-directory") && is_read_of_folder(own) &&
		    line_matches(text, FOLDER))
			return true;
	}
	return false;
}

/* @own: our file, of which the main one has to tell; NULL for others. */
static int plan_without(struct plan *plan, const char *path, const char *name, const char *own,
		     struct err *err)
{
	static char text[PLAN_TEXT];
	int length = text_read_file(paths_at("%s", path), text, sizeof(text));
	bool is_told;
	FILE *out;

	if (length == -EISDIR && !own)
		return 0;
	if (length < 0)
		return err_set(err, length, "%s: %s", path, strerror(-length));
	is_told = !own || reads_own(text, own);
	if (!mentions(text, name) && is_told)
		return 0;
	out = plan_edit(plan, path, 0600);
	if (!out)
		return err_set(err, -E2BIG, "more than %d configuration files", PLAN_FILES);
	write_without(out, text, name);
	if (!is_told)
		fprintf(out, "\nsource %s\n", own);
	return plan_written(plan, err);
}

static int plan_edits(struct plan *plan, const char *own, const char *name, struct err *err)
{
	size_t root = strlen(paths_at("%s", "")), i;
	glob_t files;
	int ret = plan_without(plan, MAIN_FILE, name, own, err);

	if (ret || glob(paths_at(FOLDER "/*"), 0, NULL, &files))
		return ret;
	for (i = 0; i < files.gl_pathc && !ret; i++) {
		if (strcmp(files.gl_pathv[i] + root, own))
			ret = plan_without(plan, files.gl_pathv[i] + root, name, NULL, err);
	}
	globfree(&files);
	return ret;
}

static bool serves(const struct network_link *link)
{
	static char text[PLAN_TEXT];
	bool found = text_read_file(paths_at(MAIN_FILE), text, sizeof(text)) > 0 &&
		     mentions(text, link->name);
	glob_t files;
	size_t i;

	if (!is_there())
		return false;
	if (found || glob(paths_at(FOLDER "/*"), 0, NULL, &files))
		return found;
	for (i = 0; i < files.gl_pathc && !found; i++)
		found = text_read_file(files.gl_pathv[i], text, sizeof(text)) > 0 &&
			mentions(text, link->name);
	globfree(&files);
	return found;
}

static void write_gateway(FILE *out, const struct ip_config *config, int family)
{
	char text[IP_TEXT_SIZE];
	size_t i;

	for (i = 0; i < config->gateway_count; i++) {
		if (config->gateways[i].family == family) {
			fprintf(out, "\tgateway %s\n", ip_format(&config->gateways[i], text));
			return;
		}
	}
}

static void write_dns(FILE *out, const struct ip_config *config)
{
	char text[IP_TEXT_SIZE];
	size_t i;

	for (i = 0; i < config->dns_count; i++)
		fprintf(out, "%s %s", i ? "" : "\tdns-nameservers",
			ip_format(&config->dns[i], text));
	if (config->dns_count)
		fprintf(out, "\n");
}

static void write_file(FILE *out, const struct ip_config *config)
{
	bool has_gateway[2] = { false, false };
	char text[IP_TEXT_SIZE];
	size_t i;

	fprintf(out, "# Written by hv_kvp: these addresses come from the Hyper-V host.\nauto %s\n",
		config->name);
	if (config->dhcp4) {
		fprintf(out, "iface %s inet dhcp\n", config->name);
		write_dns(out, config);
	}
	for (i = 0; i < config->address_count; i++) {
		int family = config->addresses[i].address.family;
		bool *done = &has_gateway[family == AF_INET6];

		fprintf(out, "iface %s %s static\n\taddress %s\n", config->name,
			family == AF_INET ? "inet" : "inet6",
			ip_format_prefix(&config->addresses[i], text));
		if (!*done)
			write_gateway(out, config, family);
		*done = true;
		if (!i && !config->dhcp4)
			write_dns(out, config);
	}
}

/* "dns-nameservers" is resolvconf's; a link is the file of somebody else who looks after it. */
static bool is_ours_to_name(void)
{
	struct stat status;

	if (backend_find_program("/sbin/resolvconf", "/usr/sbin/resolvconf"))
		return false;
	return lstat(paths_at(RESOLV), &status) ? errno == ENOENT : S_ISREG(status.st_mode);
}

/* Without resolvconf nothing would come of the host's name servers. With DHCP the client writes the file. */
static int plan_resolv(const struct ip_config *config, struct plan *plan, struct err *err)
{
	static char old[PLAN_TEXT];
	const char *line, *next;
	char text[IP_TEXT_SIZE];
	int length;
	FILE *out;
	size_t i;

	if (!config->dns_count || config->dhcp4 || !is_ours_to_name())
		return 0;
	length = text_read_file(paths_at(RESOLV), old, sizeof(old));
	if (length < 0 && length != -ENOENT)
		return err_set(err, length, RESOLV ": %s", strerror(-length));
	old[length < 0 ? 0 : length] = '\0';
	out = plan_edit(plan, RESOLV, 0644);
	if (!out)
		return err_set(err, -E2BIG, "more than %d configuration files", PLAN_FILES);
	for (line = old; *line; line = next) {
		next = next_line(line);
		if (!word_is(line, 0, "nameserver"))
			fprintf(out, "%.*s", (int)(next - line), line);
	}
	if (line != old && line[-1] != '\n')
		fprintf(out, "\n");
	for (i = 0; i < config->dns_count; i++)
		fprintf(out, "nameserver %s\n", ip_format(&config->dns[i], text));
	return plan_written(plan, err);
}

static bool gives(const struct ip_address *address)
{
	return backend_files_give(MAIN_FILE, address) || backend_files_give(FOLDER "/*", address);
}

static void undo(const char *interface, struct plan *plan)
{
	plan_run(plan, PLAN_LEAVE, true, ifdown(), "--force", interface, NULL);
	plan_run(plan, PLAN_RESTORE, false, ifup(), interface, NULL);
}

static int make_plan(const struct ip_config *config, struct plan *plan, struct err *err)
{
	FILE *out;
	int ret;

	snprintf(plan->scratch, sizeof(plan->scratch), FOLDER "/hyperv-%s", config->name);
	ret = plan_edits(plan, plan->scratch, config->name, err);
	if (!ret)
		ret = plan_resolv(config, plan, err);
	if (ret)
		return ret;
	out = plan_write(plan, plan->scratch, 0644);
	if (out)
		write_file(out, config);
	plan_run(plan, PLAN_PREPARE, true, ifdown(), "--force", config->name, NULL);
	plan_run(plan, PLAN_APPLY, false, ifup(), config->name, NULL);
	undo(config->name, plan);
	return plan_written(plan, err);
}

const struct backend backend_ifupdown = {
	.name = "ifupdown",
	.serves = serves,
	.is_there = is_there,
	.is_installed = is_there,
	.unit = "networking.service",
	.plan = make_plan,
	.gives = gives,
	.undo = undo,
};
