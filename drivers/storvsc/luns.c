// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/luns.h"

#define REPORT_LUNS	0xa0
#define LIST_AT		8u
#define ENTRY		8u

static u32 get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void put_be32(u8 *p, u32 value)
{
	p[0] = value >> 24;
	p[1] = value >> 16;
	p[2] = value >> 8;
	p[3] = value;
}

void stor_luns_cdb(u8 *cdb)
{
	memset(cdb, 0, 16);
	cdb[0] = REPORT_LUNS;
	put_be32(cdb + 6, STOR_REPORT_LUNS_LEN);
}

/* Peripheral or flat addressing, one level; others cannot be named in an SRB. */
static int entry_lun(const u8 *entry)
{
	u8 method = entry[0] >> 6;

	if (method > 1 || (entry[0] & 0x3f) != 0)
		return -1;
	return entry[1];
}

int stor_luns_parse(const u8 *buf, u32 len, struct stor_luns *luns)
{
	u32 bytes, at;

	if (len < LIST_AT)
		return -EBADMSG;
	bytes = get_be32(buf);
	if (bytes > len - LIST_AT || bytes % ENTRY)
		return -EBADMSG;

	memset(luns, 0, sizeof(*luns));
	for (at = LIST_AT; at < LIST_AT + bytes; at += ENTRY) {
		int lun = entry_lun(buf + at);

		if (lun >= 0)
			luns->present[lun / 8] |= 1u << lun % 8;
	}
	return 0;
}
