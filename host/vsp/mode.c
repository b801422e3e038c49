// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/lun.h"

/* MODE SENSE (6) and (10): caching and control pages, no block descriptors. */

#define PAGE_CACHING	0x08
#define PAGE_CONTROL	0x0a
#define PAGE_ALL	0x3f

#define CACHING_LEN	20
#define CONTROL_LEN	12

#define PC_CHANGEABLE	1
#define PC_SAVED	3

#define WRITE_PROTECT	0x80
#define DPO_FUA		0x10

#define BODY_MAX	(CACHING_LEN + CONTROL_LEN)

/* @changeable: show which bits could be changed, which is none. */
static uint8_t add_caching(uint8_t *p, bool changeable)
{
	p[0] = PAGE_CACHING;
	p[1] = CACHING_LEN - 2;
	p[2] = changeable ? 0 : 0x04;		/* write cache on: flushes mean something */
	return CACHING_LEN;
}

static uint8_t add_control(uint8_t *p, bool changeable)
{
	p[0] = PAGE_CONTROL;
	p[1] = CONTROL_LEN - 2;
	p[3] = changeable ? 0 : 0x10;		/* commands may be reordered */
	return CONTROL_LEN;
}

/* Return: bytes, 0 for a page that does not exist. */
static uint8_t fill_pages(uint8_t *body, uint8_t page, bool changeable)
{
	uint8_t len = 0;

	if (page == PAGE_CACHING || page == PAGE_ALL)
		len += add_caching(body + len, changeable);
	if (page == PAGE_CONTROL || page == PAGE_ALL)
		len += add_control(body + len, changeable);
	return len;
}

static void mode_sense(struct scsi_cmd *cmd, uint8_t header_len, uint16_t allocation)
{
	uint8_t control = cmd->cdb[2] >> 6;
	uint8_t data[8 + BODY_MAX] = { 0 };
	uint8_t parameter, len;

	if (control == PC_SAVED)
		return scsi_check(cmd, 0x05, 0x39, 0x00);
	len = fill_pages(data + header_len, cmd->cdb[2] & 0x3f, control == PC_CHANGEABLE);
	if (!len || (cmd->cdb[3] != 0 && cmd->cdb[3] != 0xff))
		return scsi_invalid_field(cmd);

	len += header_len;
	parameter = DPO_FUA | (cmd->lun->disk->read_only ? WRITE_PROTECT : 0);
	if (header_len == 4) {
		data[0] = len - 1;
		data[2] = parameter;
	} else {
		put_be16(data, len - 2);
		data[3] = parameter;
	}
	scsi_reply(cmd, data, len, allocation);
}

void scsi_mode_sense6(struct scsi_cmd *cmd)
{
	mode_sense(cmd, 4, cmd->cdb[4]);
}

void scsi_mode_sense10(struct scsi_cmd *cmd)
{
	mode_sense(cmd, 8, get_be16(cmd->cdb + 7));
}
