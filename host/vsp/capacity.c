// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/lun.h"

/* READ CAPACITY (10) and (16). */

#define READ_CAPACITY_16	0x10
#define PHYSICAL_BLOCK		4096u

void scsi_read_capacity10(struct scsi_cmd *cmd)
{
	uint64_t last = lun_blocks(cmd->lun) - 1;
	uint8_t data[8];

	put_be32(data, last > 0xffffffff ? 0xffffffff : (uint32_t)last);
	put_be32(data + 4, cmd->lun->block_size);
	scsi_reply(cmd, data, sizeof(data), sizeof(data));
}

void scsi_service_action_in16(struct scsi_cmd *cmd)
{
	uint8_t data[32] = { 0 };

	if ((cmd->cdb[1] & 0x1f) != READ_CAPACITY_16)
		return scsi_invalid_field(cmd);
	put_be64(data, lun_blocks(cmd->lun) - 1);
	put_be32(data + 8, cmd->lun->block_size);
	data[13] = (uint8_t)__builtin_ctz(PHYSICAL_BLOCK / cmd->lun->block_size);
	data[14] = 0x80 | 0x40;		/* discard is possible, discarded blocks read as zeros */
	scsi_reply(cmd, data, sizeof(data), get_be32(cmd->cdb + 10));
}
