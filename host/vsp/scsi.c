// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/scsi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/vsp/lun.h"
#include "protocol/stor.h"

/* The dispatch of commands, and the ways they end. */

enum {
	ANY_TIME = 1 << 0,	/* runs before a waiting unit attention is reported */
};

struct command {
	void (*run)(struct scsi_cmd *cmd);
	uint8_t cdb_len;
	uint8_t flags;
	uint8_t direction;	/* enum scsi_direction; ANY: no data, or none worth a word */
};

static const struct command commands[256] = {
	[0x00] = { scsi_test_unit_ready,	6,	0,		SCSI_DATA_ANY },
	[0x03] = { scsi_request_sense,		6,	ANY_TIME,	SCSI_DATA_IN },
	[0x08] = { scsi_read,			6,	0,		SCSI_DATA_IN },
	[0x0a] = { scsi_write,			6,	0,		SCSI_DATA_OUT },
	[0x12] = { scsi_inquiry,		6,	ANY_TIME,	SCSI_DATA_IN },
	[0x1a] = { scsi_mode_sense6,		6,	0,		SCSI_DATA_IN },
	[0x1b] = { scsi_start_stop,		6,	0,		SCSI_DATA_ANY },
	[0x25] = { scsi_read_capacity10,	10,	0,		SCSI_DATA_IN },
	[0x28] = { scsi_read,			10,	0,		SCSI_DATA_IN },
	[0x2a] = { scsi_write,			10,	0,		SCSI_DATA_OUT },
	[0x2f] = { scsi_verify,			10,	0,		SCSI_DATA_ANY },
	[0x35] = { scsi_synchronize_cache,	10,	0,		SCSI_DATA_ANY },
	[0x41] = { scsi_write_same,		10,	0,		SCSI_DATA_OUT },
	[0x42] = { scsi_unmap,			10,	0,		SCSI_DATA_OUT },
	[0x5a] = { scsi_mode_sense10,		10,	0,		SCSI_DATA_IN },
	[0x88] = { scsi_read,			16,	0,		SCSI_DATA_IN },
	[0x8a] = { scsi_write,			16,	0,		SCSI_DATA_OUT },
	[0x8f] = { scsi_verify,			16,	0,		SCSI_DATA_ANY },
	[0x91] = { scsi_synchronize_cache,	16,	0,		SCSI_DATA_ANY },
	[0x93] = { scsi_write_same,		16,	0,		SCSI_DATA_OUT },
	[0x9e] = { scsi_service_action_in16,	16,	0,		SCSI_DATA_IN },
	[0xa8] = { scsi_read,			12,	0,		SCSI_DATA_IN },
	[0xaa] = { scsi_write,			12,	0,		SCSI_DATA_OUT },
	[0xaf] = { scsi_verify,			12,	0,		SCSI_DATA_ANY },
};

#define REPORT_LUNS	0xa0
#define INQUIRY		0x12

static void put_lun(struct lun *lun)
{
	if (--lun->references)
		return;
	disk_close(lun->disk);
	free(lun);
}

static void end(struct scsi_cmd *cmd)
{
	struct lun *lun = cmd->lun;

	free(cmd->scratch);
	cmd->scratch = NULL;
	cmd->lun = NULL;
	if (lun && cmd->status != SCSI_GOOD)
		lun->counters.errors++;
	cmd->done(cmd);
	if (lun)
		put_lun(lun);
}

void scsi_good(struct scsi_cmd *cmd)
{
	cmd->status = SCSI_GOOD;
	end(cmd);
}

void scsi_set_sense(struct scsi_cmd *cmd, uint8_t key, uint8_t asc, uint8_t ascq)
{
	cmd->status = SCSI_CHECK_CONDITION;
	cmd->transferred = 0;
	cmd->sense_len = (uint8_t)hvp_sense_build(cmd->sense, sizeof(cmd->sense), key, asc, ascq);
}

void scsi_check(struct scsi_cmd *cmd, uint8_t key, uint8_t asc, uint8_t ascq)
{
	scsi_set_sense(cmd, key, asc, ascq);
	end(cmd);
}

void scsi_invalid_field(struct scsi_cmd *cmd)
{
	scsi_check(cmd, 0x05, 0x24, 0x00);
}

/* One place turns an errno of a backend into sense data. */
void scsi_io_done(struct scsi_cmd *cmd, int result)
{
	bool is_read = cmd->io.op == DISK_READ;

	if (!result)
		return scsi_good(cmd);
	if (result == -ENOSPC)
		return scsi_check(cmd, 0x07, 0x27, 0x07);	/* space allocation failed */
	scsi_check(cmd, 0x03, is_read ? 0x11 : 0x0c, 0x00);	/* read, write error */
}

void scsi_reply(struct scsi_cmd *cmd, const void *data, uint32_t len, uint32_t allocation)
{
	uint32_t left = len < allocation ? len : allocation;
	const uint8_t *from = data;
	unsigned int i;

	for (i = 0; i < cmd->iov_count && left; i++) {
		uint32_t part = cmd->iov[i].iov_len < left ? (uint32_t)cmd->iov[i].iov_len : left;

		memcpy(cmd->iov[i].iov_base, from, part);
		from += part;
		left -= part;
		cmd->transferred += part;
	}
	scsi_good(cmd);
}

int scsi_data_out(struct scsi_cmd *cmd, void *buf, uint32_t len)
{
	uint8_t *to = buf;
	uint32_t left = len;
	unsigned int i;

	if (cmd->data_len < len) {
		cmd->overrun = true;
		scsi_good(cmd);
		return -EINVAL;
	}
	for (i = 0; i < cmd->iov_count && left; i++) {
		uint32_t part = cmd->iov[i].iov_len < left ? (uint32_t)cmd->iov[i].iov_len : left;

		memcpy(to, cmd->iov[i].iov_base, part);
		to += part;
		left -= part;
	}
	cmd->transferred = len;
	return 0;
}

bool scsi_range_ok(struct scsi_cmd *cmd, uint64_t lba, uint64_t blocks)
{
	uint64_t capacity = lun_blocks(cmd->lun);

	if (lba <= capacity && blocks <= capacity - lba)
		return true;
	scsi_check(cmd, 0x05, 0x21, 0x00);
	return false;
}

bool scsi_writable(struct scsi_cmd *cmd)
{
	if (!cmd->lun->disk->read_only)
		return true;
	scsi_check(cmd, 0x07, 0x27, 0x00);
	return false;
}

/*
 * Nobody is there. INQUIRY says so in its data, at every address: Linux's
 * storvsc takes a failed INQUIRY for a success and would see a disk. Unit 0
 * also lists the others, so that an initiator which starts there finds them.
 */
static int execute_absent(const struct scsi_target *target, unsigned int number,
			  struct scsi_cmd *cmd)
{
	if (cmd->cdb[0] == INQUIRY)
		scsi_absent_inquiry(cmd);
	else if (cmd->cdb[0] == REPORT_LUNS && number == 0)
		scsi_report_luns(target, cmd);
	else
		return -ENOENT;
	return 0;
}

static void report_attention(struct scsi_cmd *cmd)
{
	cmd->lun->attention = false;
	scsi_check(cmd, 0x06, cmd->lun->attention_asc, cmd->lun->attention_ascq);
}

static bool wrong_way(const struct scsi_cmd *cmd)
{
	uint8_t direction = cmd->cdb[0] == REPORT_LUNS ? SCSI_DATA_IN : commands[cmd->cdb[0]].direction;

	return cmd->data_len && direction && cmd->direction && cmd->direction != direction;
}

static void run(const struct scsi_target *target, struct scsi_cmd *cmd)
{
	const struct command *command = &commands[cmd->cdb[0]];

	if (cmd->cdb[0] == REPORT_LUNS)
		return scsi_report_luns(target, cmd);
	if (cmd->lun->attention && !(command->flags & ANY_TIME))
		return report_attention(cmd);
	if (!command->run)
		return scsi_check(cmd, 0x05, 0x20, 0x00);
	if (cmd->cdb_len < command->cdb_len)
		return scsi_invalid_field(cmd);
	command->run(cmd);
}

int scsi_execute(struct scsi_target *target, unsigned int number, struct scsi_cmd *cmd)
{
	struct lun *lun = scsi_target_lun(target, number);

	cmd->status = SCSI_GOOD;
	cmd->sense_len = 0;
	cmd->transferred = 0;
	cmd->wrong_way = wrong_way(cmd);
	cmd->overrun = false;
	cmd->scratch = NULL;
	cmd->error = 0;
	cmd->lun = lun;
	if (!lun && !cmd->wrong_way)
		return execute_absent(target, number, cmd);
	if (lun) {
		lun->references++;
		lun->counters.commands++;
	}
	if (cmd->wrong_way)
		scsi_good(cmd);
	else
		run(target, cmd);
	return 0;
}

struct scsi_target *scsi_target_create(void)
{
	return calloc(1, sizeof(struct scsi_target));
}

void scsi_target_destroy(struct scsi_target *target)
{
	unsigned int i;

	if (!target)
		return;
	for (i = 0; i < DISKSPEC_LUNS; i++)
		scsi_target_remove(target, i);
	free(target);
}

struct lun *scsi_target_lun(const struct scsi_target *target, unsigned int number)
{
	return number < DISKSPEC_LUNS ? target->luns[number] : NULL;
}

static int choose_number(const struct scsi_target *target, int wanted, struct err *err)
{
	int i;

	if (wanted != DISKSPEC_LUN_ANY) {
		if (target->luns[wanted])
			return err_set(err, -EEXIST, "lun %d is in use", wanted);
		return wanted;
	}
	for (i = 0; i < DISKSPEC_LUNS; i++) {
		if (!target->luns[i])
			return i;
	}
	return err_set(err, -ENOSPC, "the controller has no free lun");
}

/* FNV-1a: a name that stays the same from run to run. */
static uint64_t hash_name(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
	return hash;
}

static void name_lun(struct lun *lun, const struct disk_spec *spec)
{
	if (spec->serial[0])
		memcpy(lun->serial, spec->serial, sizeof(lun->serial));
	else
		snprintf(lun->serial, sizeof(lun->serial), "openlis-%u-%u", spec->controller,
			 lun->number);
	/* NAA 6: registered extended, the company id Hyper-V uses, then ours to choose. */
	put_be32(lun->naa, 0x60022480);
	put_be32(lun->naa + 4, (uint32_t)spec->controller << 16 | lun->number);
	put_be64(lun->naa + 8, hash_name(lun->serial));
}

int scsi_target_add(struct scsi_target *target, const struct disk_spec *spec, struct disk *disk,
		    struct err *err)
{
	int number = choose_number(target, spec->lun, err);
	struct lun *lun;

	if (number < 0)
		return number;
	lun = calloc(1, sizeof(*lun));
	if (!lun)
		return err_set(err, -ENOMEM, "out of memory");
	lun->disk = disk;
	lun->number = (unsigned int)number;
	lun->block_size = spec->block_size;
	lun->references = 1;
	name_lun(lun, spec);
	target->luns[number] = lun;
	return number;
}

int scsi_target_remove(struct scsi_target *target, unsigned int number)
{
	struct lun *lun = scsi_target_lun(target, number);

	if (!lun)
		return -ENOENT;
	target->luns[number] = NULL;
	put_lun(lun);
	return 0;
}

struct disk *scsi_lun_hold(struct lun *lun)
{
	lun->references++;
	return lun->disk;
}

void scsi_lun_release(struct lun *lun)
{
	put_lun(lun);
}

int scsi_lun_resize(struct lun *lun, uint64_t bytes, struct err *err)
{
	int ret;

	bytes -= bytes % lun->block_size;
	if (!bytes)
		return err_set(err, -EINVAL, "a disk has at least one block");
	ret = disk_resize(lun->disk, bytes, err);
	if (!ret)
		scsi_lun_attention(lun, 0x2a, 0x09);
	return ret;
}

void scsi_lun_attention(struct lun *lun, uint8_t asc, uint8_t ascq)
{
	lun->attention = true;
	lun->attention_asc = asc;
	lun->attention_ascq = ascq;
}

void scsi_lun_info(const struct lun *lun, struct lun_info *info)
{
	*info = (struct lun_info) {
		.number = lun->number,
		.bytes = lun->disk->bytes,
		.block_size = lun->block_size,
		.read_only = lun->disk->read_only,
		.serial = lun->serial,
		.in_flight = lun->references - 1,
		.counters = lun->counters,
	};
}
