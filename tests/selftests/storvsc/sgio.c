// SPDX-License-Identifier: GPL-2.0-only
#include "sgio.h"

#include <errno.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/ioctl.h>

#define TIMEOUT_MS	60000

int sgio_send(int fd, struct sgio *command)
{
	sg_io_hdr_t header = {
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_NONE,
		.cmd_len = command->cdb_len,
		.mx_sb_len = sizeof(command->sense),
		.dxfer_len = command->data_len,
		.dxferp = command->data,
		.cmdp = command->cdb,
		.sbp = command->sense,
		.timeout = TIMEOUT_MS,
	};

	if (command->data_len)
		header.dxfer_direction = command->to_device ? SG_DXFER_TO_DEV : SG_DXFER_FROM_DEV;
	memset(command->sense, 0, sizeof(command->sense));
	if (ioctl(fd, SG_IO, &header))
		return -errno;
	command->status = header.status;
	command->host_status = header.host_status;
	command->driver_status = header.driver_status;
	command->residual = header.resid;
	command->sense_len = header.sb_len_wr;
	return 0;
}

bool sgio_sense(const struct sgio *command, uint8_t *key, uint8_t *asc, uint8_t *ascq)
{
	const uint8_t *sense = command->sense;
	bool descriptors;

	if (command->sense_len < 4)
		return false;
	descriptors = (sense[0] & 0x7f) >= 0x72;
	if (!descriptors && command->sense_len < 14)
		return false;
	*key = sense[descriptors ? 1 : 2] & 0xf;
	*asc = sense[descriptors ? 2 : 12];
	*ascq = sense[descriptors ? 3 : 13];
	return true;
}
