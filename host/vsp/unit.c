// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "host/vsp/lun.h"
#include "protocol/stor.h"

/* Commands about the unit as a whole, and the list of units. */

void scsi_test_unit_ready(struct scsi_cmd *cmd)
{
	scsi_good(cmd);
}

/* Spinning up and down is accepted and means nothing here. */
void scsi_start_stop(struct scsi_cmd *cmd)
{
	scsi_good(cmd);
}

/* Reports a waiting unit attention as data, which also clears it. */
void scsi_request_sense(struct scsi_cmd *cmd)
{
	struct lun *lun = cmd->lun;
	uint8_t sense[SCSI_SENSE_LEN];
	uint32_t len;

	if (cmd->cdb[1] & 0x01)		/* descriptor format */
		return scsi_invalid_field(cmd);
	if (lun->attention)
		len = hvp_sense_build(sense, sizeof(sense), 0x06, lun->attention_asc,
				      lun->attention_ascq);
	else
		len = hvp_sense_build(sense, sizeof(sense), 0, 0, 0);
	lun->attention = false;
	scsi_reply(cmd, sense, len, cmd->cdb[4]);
}

void scsi_report_luns(const struct scsi_target *target, struct scsi_cmd *cmd)
{
	uint8_t data[8 + 8 * DISKSPEC_LUNS] = { 0 };
	uint32_t allocation, len = 8;
	unsigned int i;

	if (cmd->cdb_len < 12 || cmd->cdb[2] > 2)
		return scsi_invalid_field(cmd);
	allocation = get_be32(cmd->cdb + 6);
	if (allocation < 16)
		return scsi_invalid_field(cmd);
	for (i = 0; i < DISKSPEC_LUNS && cmd->cdb[2] != 1; i++) {
		if (!target->luns[i])
			continue;
		data[len + 1] = (uint8_t)i;	/* peripheral addressing */
		len += 8;
	}
	put_be32(data, len - 8);
	scsi_reply(cmd, data, len, allocation);
}
