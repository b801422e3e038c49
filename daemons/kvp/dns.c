// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/dns.h"

#include <stdbool.h>
#include <string.h>

#include "daemons/common/text.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/unit.h"

#define FILE_SIZE	16384

static void add(const char *word, struct ip_address *servers, size_t *count, size_t room)
{
	struct ip_address address;
	size_t i;

	/* The local stub of systemd-resolved (127.0.0.53) is nobody's name server. */
	if (*count >= room || ip_parse(word, &address) || !ip_is_unicast(&address))
		return;
	for (i = 0; i < *count; i++) {
		if (ip_equal(&servers[i], &address))
			return;
	}
	servers[(*count)++] = address;
}

/* "DNS=192.0.2.1 2001:db8::1#name" in a file that systemd keeps for one interface. */
static size_t from_state(const char *path, const char *key, struct ip_address *servers,
			 size_t room)
{
	char text[FILE_SIZE], *line, *lines, *word, *words;
	size_t count = 0, length = strlen(key);

	if (text_read_file(path, text, sizeof(text)) < 0)
		return 0;
	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		if (strncmp(line, key, length) || line[length] != '=')
			continue;
		for (word = strtok_r(line + length + 1, " ", &words); word;
		     word = strtok_r(NULL, " ", &words)) {
			word[strcspn(word, "#%")] = '\0';
			add(word, servers, &count, room);
		}
	}
	return count;
}

static size_t from_resolv(const char *path, struct ip_address *servers, size_t room)
{
	char text[FILE_SIZE], *line, *lines, *word, *words;
	size_t count = 0;

	if (text_read_file(path, text, sizeof(text)) < 0)
		return 0;
	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		word = strtok_r(line, " \t", &words);
		if (!word || strcmp(word, "nameserver"))
			continue;
		word = strtok_r(NULL, " \t", &words);
		if (word)
			add(word, servers, &count, room);
	}
	return count;
}

size_t dns_servers(int index, struct ip_address *servers, size_t room)
{
	size_t count = 0;

	if (unit_runs("systemd-networkd.service"))
		count = from_state(paths_at("/run/systemd/netif/links/%d", index), "DNS", servers,
				   room);
	if (!count)
		count = from_state(paths_at("/run/systemd/resolve/netif/%d", index), "SERVERS",
				   servers, room);
	if (!count)
		count = from_resolv(paths_at("/etc/resolv.conf"), servers, room);
	if (!count)
		count = from_resolv(paths_at("/run/systemd/resolve/resolv.conf"), servers, room);
	return count;
}
