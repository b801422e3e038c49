// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "host/vsp/lun.h"

/*
 * UNMAP and WRITE SAME. Both may become several disk requests; the command
 * ends when the last of them has, with the first error.
 */

#define UNMAP_HEADER		8u
#define UNMAP_DESCRIPTOR	16u

/* One range of an UNMAP. The array of them is the command's scratch. */
struct range {
	struct disk_io io;
	struct scsi_cmd *cmd;
};

static void part_done(struct scsi_cmd *cmd, int result)
{
	if (result && !cmd->error)
		cmd->error = result;
	if (!--cmd->pending)
		scsi_io_done(cmd, cmd->error);
}

static void range_done(struct disk_io *io, int result)
{
	part_done(((struct range *)io)->cmd, result);
}

/*
 * Read the descriptors into @ranges. Return: how many have blocks, or -EINVAL
 * when the command is over.
 */
static int parse_ranges(struct scsi_cmd *cmd, const uint8_t *list, unsigned int count,
			struct range *ranges)
{
	uint32_t block = cmd->lun->block_size;
	unsigned int i;
	int used = 0;

	for (i = 0; i < count; i++, list += UNMAP_DESCRIPTOR) {
		uint64_t lba = get_be64(list);
		uint32_t blocks = get_be32(list + 8);

		if (!scsi_range_ok(cmd, lba, blocks))
			return -EINVAL;
		if (!blocks)
			continue;
		ranges[used].cmd = cmd;
		ranges[used].io.op = DISK_DISCARD;
		ranges[used].io.offset = lba * block;
		ranges[used].io.length = (uint64_t)blocks * block;
		ranges[used].io.done = range_done;
		used++;
	}
	return used;
}

static void discard_ranges(struct scsi_cmd *cmd, struct range *ranges, int count)
{
	struct disk *disk = cmd->lun->disk;
	int i;

	cmd->io.op = DISK_DISCARD;
	cmd->lun->counters.discards++;
	cmd->pending = 1;
	for (i = 0; i < count; i++) {
		cmd->pending++;
		disk_submit(disk, &ranges[i].io);
	}
	part_done(cmd, 0);
}

void scsi_unmap(struct scsi_cmd *cmd)
{
	uint8_t list[UNMAP_HEADER + LUN_UNMAP_RANGES_MAX * UNMAP_DESCRIPTOR];
	uint32_t len = get_be16(cmd->cdb + 7);
	struct range *ranges;
	uint32_t bytes;
	int count;

	if (!scsi_writable(cmd))
		return;
	if (!len)
		return scsi_good(cmd);
	if (cmd->cdb[1] & 0x01 || len < UNMAP_HEADER)		/* ANCHOR */
		return scsi_invalid_field(cmd);
	if (len > sizeof(list))
		return scsi_check(cmd, 0x05, 0x26, 0x00);
	if (scsi_data_out(cmd, list, len))
		return;
	bytes = get_be16(list + 2);
	if (bytes > len - UNMAP_HEADER || bytes % UNMAP_DESCRIPTOR)
		return scsi_check(cmd, 0x05, 0x26, 0x00);

	ranges = calloc(LUN_UNMAP_RANGES_MAX, sizeof(*ranges));
	if (!ranges)
		return scsi_check(cmd, 0x0b, 0x55, 0x03);
	cmd->scratch = ranges;
	count = parse_ranges(cmd, list + UNMAP_HEADER, bytes / UNMAP_DESCRIPTOR, ranges);
	if (count >= 0)
		discard_ranges(cmd, ranges, count);
}

#define WS_UNMAP	0x08
#define WS_NDOB		0x01	/* no data-out buffer: zeros */
#define WS_REFUSED	0xf6	/* protection, ANCHOR, LBDATA, PBDATA */

/* A pattern is written through one buffer of this size, pointed at again and again. */
#define PATTERN_BYTES	(64u << 10)

struct pattern {
	struct iovec iov[LUN_WRITE_SAME_BYTES_MAX / PATTERN_BYTES];
	uint8_t bytes[PATTERN_BYTES];
};

static void write_same_done(struct disk_io *io, int result)
{
	struct scsi_cmd *cmd = scsi_cmd_of(io);

	scsi_io_done(cmd, result);
}

static void point_at_pattern(struct scsi_cmd *cmd, struct pattern *pattern, uint64_t bytes)
{
	unsigned int count = 0;

	for (; bytes; count++) {
		uint64_t part = bytes < PATTERN_BYTES ? bytes : PATTERN_BYTES;

		pattern->iov[count] = (struct iovec) { pattern->bytes, part };
		bytes -= part;
	}
	cmd->io.iov = pattern->iov;
	cmd->io.iov_count = count;
}

static bool all_zero(const uint8_t *block, uint32_t len)
{
	return !block[0] && !memcmp(block, block + 1, len - 1);
}

/* Return: 0, or -1 when the command is over. */
static int choose_content(struct scsi_cmd *cmd, uint64_t bytes)
{
	bool sixteen = cmd->cdb[0] == 0x93;
	uint32_t block = cmd->lun->block_size;
	struct pattern *pattern;
	uint8_t data[4096] = { 0 };
	uint32_t at;

	if (!(sixteen && cmd->cdb[1] & WS_NDOB) && scsi_data_out(cmd, data, block))
		return -1;
	if (all_zero(data, block)) {
		cmd->io.op = DISK_DISCARD;
		return 0;
	}
	pattern = malloc(sizeof(*pattern));
	if (!pattern) {
		scsi_check(cmd, 0x0b, 0x55, 0x03);
		return -1;
	}
	for (at = 0; at < PATTERN_BYTES; at += block)
		memcpy(pattern->bytes + at, data, block);
	cmd->scratch = pattern;
	cmd->io.op = DISK_WRITE;
	point_at_pattern(cmd, pattern, bytes);
	return 0;
}

/*
 * With and without the UNMAP bit zeros become a discard: discarded blocks read
 * as zeros here, so the guest cannot tell.
 */
void scsi_write_same(struct scsi_cmd *cmd)
{
	bool sixteen = cmd->cdb[0] == 0x93;
	uint64_t lba = sixteen ? get_be64(cmd->cdb + 2) : get_be32(cmd->cdb + 2);
	uint64_t blocks = sixteen ? get_be32(cmd->cdb + 10) : get_be16(cmd->cdb + 7);
	uint32_t block = cmd->lun->block_size;

	if (!scsi_writable(cmd))
		return;
	if (!blocks && lba <= lun_blocks(cmd->lun))		/* zero means "to the end" */
		blocks = lun_blocks(cmd->lun) - lba;
	if (cmd->cdb[1] & WS_REFUSED || blocks > LUN_WRITE_SAME_BYTES_MAX / block)
		return scsi_invalid_field(cmd);
	if (!scsi_range_ok(cmd, lba, blocks) || choose_content(cmd, blocks * block))
		return;
	cmd->lun->counters.discards += cmd->io.op == DISK_DISCARD;
	cmd->io.fua = false;
	cmd->io.offset = lba * block;
	cmd->io.length = blocks * block;
	cmd->io.done = write_same_done;
	if (cmd->io.length)
		disk_submit(cmd->lun->disk, &cmd->io);
	else
		scsi_good(cmd);
}
