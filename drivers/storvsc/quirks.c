// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/quirks.h"

#include "protocol/stor.h"

/*
 * The host's SCSI target is not complete. A command it does not know comes back
 * as an error without sense data, which the upper layers take for a broken
 * disk: they retry, complain, and hand the disk to error handling. The answer
 * of a target that lacks a command is ILLEGAL REQUEST, so that is what they
 * get. It is never turned into success: data that was not delivered must not
 * be believed.
 */
#define ANY_KIND	((1u << STOR_KIND_COUNT) - 1)
#define ANY_VERSION	0xffffu
#define BELOW(version)	((version) - 1u)

#define INQUIRY_EVPD	0x01

enum {
	MODE_SENSE_6		= 0x1a,
	INQUIRY			= 0x12,
	SET_WINDOW		= 0x24,
	WRITE_SAME_10		= 0x41,
	LOG_SENSE		= 0x4d,
	MODE_SENSE_10		= 0x5a,
	PERSISTENT_RESERVE_IN	= 0x5e,
	ATA_16			= 0x85,
	WRITE_SAME_16		= 0x93,
	ATA_12			= 0xa1,
	MAINTENANCE_IN		= 0xa3,
};

static const struct quirk_row {
	u8 op;
	u8 mask1;		/* bits of the second byte that must be set */
	u8 kinds;		/* bits: 1 << enum stor_kind */
	u16 up_to;		/* highest storage version concerned */
	enum stor_quirk quirk;
} rows[] = {
	/* A vital page that a host has not: 0x80 on most of them. */
	{ INQUIRY, INQUIRY_EVPD, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	/* Hosts up to 2012 R2 fail all pages, later ones some. */
	{ MODE_SENSE_6, 0, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	{ MODE_SENSE_10, 0, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	/* Supported operation codes, target port groups: behind Fibre Channel only some arrays. */
	{ MAINTENANCE_IN, 0, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	{ PERSISTENT_RESERVE_IN, 0, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	{ LOG_SENSE, 0, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	/* smartd and udev try these on anything that looks like a disk. */
	{ ATA_12, 0, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	{ ATA_16, 0, ANY_KIND, ANY_VERSION, STOR_OPTIONAL },
	/* Hosts before 2012 stop the controller over these. */
	{ SET_WINDOW, 0, ANY_KIND, BELOW(HVP_STOR_V5_1), STOR_REFUSE },
	/* Advertised by the disk, not done by hosts before 2016. */
	{ WRITE_SAME_10, 0, ANY_KIND, BELOW(HVP_STOR_V6_2), STOR_REFUSE },
	{ WRITE_SAME_16, 0, ANY_KIND, BELOW(HVP_STOR_V6_2), STOR_REFUSE },
};

enum stor_quirk stor_quirk_find(const u8 *cdb, enum stor_kind kind, u16 version)
{
	unsigned int i;

	if (stor_cdb_is_medium(cdb[0]))
		return STOR_PASS;
	for (i = 0; i < HVP_COUNT_OF(rows); i++) {
		const struct quirk_row *row = &rows[i];

		if (row->op == cdb[0] && (cdb[1] & row->mask1) == row->mask1 &&
		    (row->kinds & 1u << kind) && version <= row->up_to)
			return row->quirk;
	}
	return STOR_PASS;
}
