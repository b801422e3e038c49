// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/lun.h"

/* INQUIRY, standard data. A request for a vital product data page goes to vpd.c. */

#define STANDARD_LEN	36
#define EVPD		0x01

#define NO_DEVICE_HERE	0x7f	/* qualifier 3, type 1Fh: the target has no unit there */

static void fill_standard(uint8_t *data, uint8_t type)
{
	memset(data, 0, STANDARD_LEN);
	data[0] = type;
	data[2] = 5;			/* SPC-3 */
	data[3] = 2;			/* response data format */
	data[4] = STANDARD_LEN - 5;
	data[7] = 0x02;			/* command queueing */
	memcpy(data + 8, "Msft    ", 8);
	memcpy(data + 16, "Virtual Disk    ", 16);
	memcpy(data + 32, "1.0 ", 4);
}

static void reply_standard(struct scsi_cmd *cmd, uint8_t type)
{
	uint8_t data[STANDARD_LEN];

	if (cmd->cdb[2])		/* a page code without EVPD */
		return scsi_invalid_field(cmd);
	fill_standard(data, type);
	scsi_reply(cmd, data, sizeof(data), get_be16(cmd->cdb + 3));
}

void scsi_inquiry(struct scsi_cmd *cmd)
{
	if (cmd->cdb[1] & EVPD)
		scsi_vpd(cmd);
	else
		reply_standard(cmd, 0x00);
}

void scsi_absent_inquiry(struct scsi_cmd *cmd)
{
	if (cmd->cdb[1] & EVPD)
		scsi_invalid_field(cmd);
	else
		reply_standard(cmd, NO_DEVICE_HERE);
}
