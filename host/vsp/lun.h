/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_LUN_H
#define HOST_VSP_LUN_H

#include <endian.h>
#include <stddef.h>
#include <string.h>

#include "host/vsp/diskspec.h"
#include "host/vsp/scsi.h"

/* What the SCSI commands share; private to them. */

/*
 * A logical unit. It is in its target's table and holds one reference for
 * that; every running command holds one more. The last one closes the disk.
 */
struct lun {
	struct disk *disk;
	unsigned int number;
	unsigned int references;
	uint32_t block_size;
	bool attention;			/* UNIT ATTENTION waits */
	uint8_t attention_asc;
	uint8_t attention_ascq;
	uint8_t naa[16];		/* VPD 83h designator */
	char serial[DISKSPEC_SERIAL_MAX + 1];
	struct lun_counters counters;
};

struct scsi_target {
	struct lun *luns[DISKSPEC_LUNS];
};

/* The command that embeds @io. */
static inline struct scsi_cmd *scsi_cmd_of(struct disk_io *io)
{
	return (struct scsi_cmd *)((char *)io - offsetof(struct scsi_cmd, io));
}

/* Capacity in blocks. */
static inline uint64_t lun_blocks(const struct lun *lun)
{
	return lun->disk->bytes / lun->block_size;
}

/* The longest transfer and the discard limits that VPD B0h announces, in bytes. */
#define LUN_UNMAP_RANGES_MAX	64u
#define LUN_UNMAP_BYTES_MAX	(1ull << 30)
#define LUN_WRITE_SAME_BYTES_MAX (64ull << 20)
#define LUN_UNMAP_GRANULARITY	4096u

/* Big-endian fields of CDBs and parameter data. */
static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t get_be64(const uint8_t *p)
{
	return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put_be64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

/* Ways a command ends; each calls done(). */
void scsi_good(struct scsi_cmd *cmd);
void scsi_check(struct scsi_cmd *cmd, uint8_t key, uint8_t asc, uint8_t ascq);
void scsi_invalid_field(struct scsi_cmd *cmd);		/* 5/24/00 */
void scsi_io_done(struct scsi_cmd *cmd, int result);	/* good, or an errno as sense */

/* Data in: send at most @allocation of @len bytes and end well. */
void scsi_reply(struct scsi_cmd *cmd, const void *data, uint32_t len, uint32_t allocation);

/**
 * scsi_data_out() - copy parameter data once, before anyone looks at it
 * Return: 0, or -EINVAL when the initiator sent less than @len; the command is
 * then over, as an overrun.
 */
int scsi_data_out(struct scsi_cmd *cmd, void *buf, uint32_t len);

/* Check [@lba, @lba + @blocks); when it is not on the disk end with 5/21/00 and return false. */
bool scsi_range_ok(struct scsi_cmd *cmd, uint64_t lba, uint64_t blocks);

/* End with 7/27/00 and return false on a read-only disk. */
bool scsi_writable(struct scsi_cmd *cmd);

/* The commands, by file. */
void scsi_test_unit_ready(struct scsi_cmd *cmd);
void scsi_request_sense(struct scsi_cmd *cmd);
void scsi_report_luns(const struct scsi_target *target, struct scsi_cmd *cmd);
void scsi_start_stop(struct scsi_cmd *cmd);
void scsi_inquiry(struct scsi_cmd *cmd);
void scsi_absent_inquiry(struct scsi_cmd *cmd);
void scsi_vpd(struct scsi_cmd *cmd);
void scsi_read_capacity10(struct scsi_cmd *cmd);
void scsi_service_action_in16(struct scsi_cmd *cmd);
void scsi_mode_sense6(struct scsi_cmd *cmd);
void scsi_mode_sense10(struct scsi_cmd *cmd);
void scsi_read(struct scsi_cmd *cmd);
void scsi_write(struct scsi_cmd *cmd);
void scsi_verify(struct scsi_cmd *cmd);
void scsi_synchronize_cache(struct scsi_cmd *cmd);
void scsi_unmap(struct scsi_cmd *cmd);
void scsi_write_same(struct scsi_cmd *cmd);

#endif
