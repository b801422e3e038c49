/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_LUNS_H
#define STORVSC_LUNS_H

#include "protocol/types.h"

#define STOR_LUNS		256u	/* the SRB has one byte for it */
#define STOR_REPORT_LUNS_LEN	(8u + 8u * STOR_LUNS)

struct stor_luns {
	u8 present[STOR_LUNS / 8];
};

static inline bool stor_luns_has(const struct stor_luns *luns, unsigned int lun)
{
	return luns->present[lun / 8] & 1u << lun % 8;
}

/**
 * stor_luns_cdb() - the REPORT LUNS command
 * @cdb:	16 bytes
 */
void stor_luns_cdb(u8 *cdb);

/**
 * stor_luns_parse() - read a REPORT LUNS answer
 * @len:	bytes that the host delivered
 *
 * Return: 0, or -EBADMSG when the list is cut short or longer than our buffer:
 * what is not listed must not be removed then.
 */
int stor_luns_parse(const u8 *buf, u32 len, struct stor_luns *luns);

#endif
