// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/adapter.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "daemons/common/text.h"
#include "daemons/kvp/paths.h"

#define GUID_LENGTH	36

/* "{...}" and "..." alike, also at the end of a line; false for what has not the length of a GUID. */
static bool copy_guid(const char *text, char guid[GUID_LENGTH + 1])
{
	bool braced = *text == '{';
	const char *end;

	text += braced;
	if (strspn(text, "0123456789abcdefABCDEF-") != GUID_LENGTH)
		return false;
	end = text + GUID_LENGTH;
	if (braced && *end++ != '}')
		return false;
	if (strcmp(end, "") && strcmp(end, "\n"))
		return false;
	memcpy(guid, text, GUID_LENGTH);
	guid[GUID_LENGTH] = '\0';
	return true;
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_mac(const char *text, uint8_t mac[6])
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return false;
		mac[i] = (uint8_t)(high << 4 | low);
		text += 2;
		if (i < 5 && (*text == ':' || *text == '-'))
			text++;
	}
	return !*text;
}

/* The GUID of a synthetic NIC. */
static bool read_guid(const struct network_link *link, char guid[GUID_LENGTH + 1])
{
	char text[64];

	return text_read_file(paths_at("/sys/class/net/%s/device/device_id", link->name), text,
			      sizeof(text)) > 0 && copy_guid(text, guid);
}

static const struct network_link *find_guid(const struct network *network, const char *wanted)
{
	char guid[GUID_LENGTH + 1];
	size_t i;

	for (i = 0; i < network->link_count; i++) {
		if (read_guid(&network->links[i], guid) && !strcasecmp(guid, wanted))
			return &network->links[i];
	}
	return NULL;
}

static int rank(const struct network *network, const struct network_link *link)
{
	char guid[GUID_LENGTH + 1];
	bool synthetic = read_guid(link, guid);

	if (network_has_address(network, link->index, 0))
		return synthetic ? 4 : 3;
	if (synthetic)
		return 2;
	return link->master ? 0 : 1;
}

static const struct network_link *find_mac(const struct network *network, const uint8_t mac[6])
{
	const struct network_link *best = NULL;
	size_t i;

	for (i = 0; i < network->link_count; i++) {
		const struct network_link *link = &network->links[i];

		if (!link->has_mac || memcmp(link->mac, mac, 6) || link->loopback)
			continue;
		if (!best || rank(network, link) > rank(network, best))
			best = link;
	}
	return best;
}

const struct network_link *adapter_find(const struct network *network, const char *id)
{
	char guid[GUID_LENGTH + 1];
	uint8_t mac[6];

	if (copy_guid(id, guid))
		return find_guid(network, guid);
	return parse_mac(id, mac) ? find_mac(network, mac) : NULL;
}

int adapter_read(const char *id, struct network *network, const struct network_link **link,
		 struct err *err)
{
	int ret = network_read(network);

	if (ret)
		return err_set(err, ret, "rtnetlink: %s", strerror(-ret));
	*link = adapter_find(network, id);
	if (*link)
		return 0;
	network_free(network);
	return err_set(err, -ENODEV, "no adapter %s", id);
}
