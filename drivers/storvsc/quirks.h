/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_QUIRKS_H
#define STORVSC_QUIRKS_H

#include "protocol/types.h"

enum stor_kind {
	STOR_KIND_SCSI,
	STOR_KIND_IDE,
	STOR_KIND_FC,
	STOR_KIND_COUNT
};

enum stor_quirk {
	STOR_PASS,	/* nothing special */
	STOR_OPTIONAL,	/* hosts refuse it without sense data: then say ILLEGAL REQUEST for them */
	STOR_REFUSE,	/* hosts mishandle it: never send it, say ILLEGAL REQUEST */
};

/* Moves blocks between disk and memory. */
static inline bool stor_cdb_is_medium(u8 op)
{
	switch (op) {
	case 0x08: case 0x28: case 0x88: case 0xa8:	/* READ */
	case 0x0a: case 0x2a: case 0x8a: case 0xaa:	/* WRITE */
	case 0x2e: case 0x8e: case 0xae:		/* WRITE AND VERIFY */
		return true;
	}
	return false;
}

/**
 * stor_quirk_find() - what to do with a command
 * @cdb:	at least 2 bytes
 * @kind:	of controller
 * @version:	negotiated storage version
 */
enum stor_quirk stor_quirk_find(const u8 *cdb, enum stor_kind kind, u16 version);

#endif
