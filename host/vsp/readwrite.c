// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "host/vsp/lun.h"

/* READ, WRITE, VERIFY and SYNCHRONIZE CACHE in all their sizes. */

struct extent {
	uint64_t lba;
	uint32_t blocks;
};

/* Read the address fields; where they lie follows from the group in the opcode. */
static struct extent cdb_extent(const uint8_t *cdb)
{
	switch (cdb[0] >> 5) {
	case 0:
		return (struct extent) {
			.lba = get_be32(cdb) & 0x1fffff,
			.blocks = cdb[4] ? cdb[4] : 256,
		};
	case 4:
		return (struct extent) { get_be64(cdb + 2), get_be32(cdb + 10) };
	case 5:
		return (struct extent) { get_be32(cdb + 2), get_be32(cdb + 6) };
	default:
		return (struct extent) { get_be32(cdb + 2), get_be16(cdb + 7) };
	}
}

static bool cdb_fua(const uint8_t *cdb)
{
	return cdb[0] >> 5 && cdb[1] & 0x08;
}

static void transfer_done(struct disk_io *io, int result)
{
	struct scsi_cmd *cmd = scsi_cmd_of(io);

	if (!result)
		cmd->transferred = (uint32_t)io->length;
	scsi_io_done(cmd, result);
}

/*
 * Cut the data vector down to @bytes when the initiator gave more room than
 * the command is about. Return: 0 or -ENOMEM.
 */
static int fit_vector(struct scsi_cmd *cmd, uint64_t bytes)
{
	struct iovec *iov;
	unsigned int i;

	cmd->io.iov = cmd->iov;
	cmd->io.iov_count = cmd->iov_count;
	if (bytes == cmd->data_len)
		return 0;
	iov = malloc(cmd->iov_count * sizeof(*iov));
	if (!iov)
		return -ENOMEM;
	memcpy(iov, cmd->iov, cmd->iov_count * sizeof(*iov));
	for (i = 0; bytes > iov[i].iov_len; i++)
		bytes -= iov[i].iov_len;
	iov[i].iov_len = bytes;
	cmd->scratch = iov;
	cmd->io.iov = iov;
	cmd->io.iov_count = i + 1;
	return 0;
}

static void transfer(struct scsi_cmd *cmd, enum disk_op op, struct extent extent)
{
	uint32_t block = cmd->lun->block_size;
	uint64_t bytes = (uint64_t)extent.blocks * block;

	if (!scsi_range_ok(cmd, extent.lba, extent.blocks))
		return;
	if (!bytes)
		return scsi_good(cmd);
	if (bytes > cmd->data_len) {
		cmd->overrun = true;
		return scsi_good(cmd);
	}
	if (fit_vector(cmd, bytes))
		return scsi_check(cmd, 0x0b, 0x55, 0x03);	/* insufficient resources */

	cmd->io.op = op;
	cmd->io.fua = op == DISK_WRITE && cdb_fua(cmd->cdb);
	cmd->io.offset = extent.lba * block;
	cmd->io.length = bytes;
	cmd->io.done = transfer_done;
	disk_submit(cmd->lun->disk, &cmd->io);
}

/* RDPROTECT, WRPROTECT: the disk has no protection information. */
static bool asks_protection(const struct scsi_cmd *cmd)
{
	return cmd->cdb[0] >> 5 && cmd->cdb[1] & 0xe0;
}

void scsi_read(struct scsi_cmd *cmd)
{
	struct extent extent = cdb_extent(cmd->cdb);

	if (asks_protection(cmd))
		return scsi_invalid_field(cmd);
	cmd->lun->counters.reads++;
	cmd->lun->counters.read_bytes += (uint64_t)extent.blocks * cmd->lun->block_size;
	transfer(cmd, DISK_READ, extent);
}

void scsi_write(struct scsi_cmd *cmd)
{
	struct extent extent = cdb_extent(cmd->cdb);

	if (asks_protection(cmd))
		return scsi_invalid_field(cmd);
	if (!scsi_writable(cmd))
		return;
	cmd->lun->counters.writes++;
	cmd->lun->counters.written_bytes += (uint64_t)extent.blocks * cmd->lun->block_size;
	transfer(cmd, DISK_WRITE, extent);
}

/* Without a comparison (BYTCHK) only the range is checked. */
void scsi_verify(struct scsi_cmd *cmd)
{
	struct extent extent = cdb_extent(cmd->cdb);

	if (cmd->cdb[1] & 0xe6)
		return scsi_invalid_field(cmd);
	if (scsi_range_ok(cmd, extent.lba, extent.blocks))
		scsi_good(cmd);
}

static void flush_done(struct disk_io *io, int result)
{
	struct scsi_cmd *cmd = scsi_cmd_of(io);

	scsi_io_done(cmd, result);
}

/* Everything is flushed, whatever range was asked for; zero blocks mean "to the end". */
void scsi_synchronize_cache(struct scsi_cmd *cmd)
{
	struct extent extent = cdb_extent(cmd->cdb);

	if (!scsi_range_ok(cmd, extent.lba, extent.blocks))
		return;
	cmd->lun->counters.flushes++;
	cmd->io.op = DISK_FLUSH;
	cmd->io.offset = 0;
	cmd->io.length = 0;
	cmd->io.done = flush_done;
	disk_submit(cmd->lun->disk, &cmd->io);
}
