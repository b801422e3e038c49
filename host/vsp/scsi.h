/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_SCSI_H
#define HOST_VSP_SCSI_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "host/err.h"
#include "host/vsp/disk.h"

/*
 * A SCSI target with disks as logical units: commands in; status, sense and
 * data out. It knows nothing of VMBus; whoever carries the commands owns the
 * data vector and is told when each command ends. Loop thread only.
 */
struct disk_spec;
struct lun;
struct scsi_target;

#define SCSI_CDB_MAX	16
#define SCSI_SENSE_LEN	18

#define SCSI_GOOD		0x00
#define SCSI_CHECK_CONDITION	0x02

enum scsi_direction {
	SCSI_DATA_ANY,		/* nobody said */
	SCSI_DATA_IN,		/* to the initiator */
	SCSI_DATA_OUT,
};

struct scsi_cmd {
	/* the initiator's; left alone until done() */
	uint8_t cdb[SCSI_CDB_MAX];
	uint8_t cdb_len;
	const struct iovec *iov;	/* data in or data out, as the command has it */
	unsigned int iov_count;
	uint32_t data_len;		/* bytes in @iov */
	enum scsi_direction direction;	/* what the initiator lends @iov for */
	void (*done)(struct scsi_cmd *cmd);

	/* the answer */
	uint8_t status;			/* SCSI_GOOD or SCSI_CHECK_CONDITION */
	uint8_t sense_len;
	uint8_t sense[SCSI_SENSE_LEN];
	uint32_t transferred;		/* bytes moved, at most @data_len */
	bool wrong_way;			/* the command moves data in the other direction: not executed */
	bool overrun;			/* the command is about more data than @data_len: not executed */

	/* the target's */
	struct lun *lun;
	struct disk_io io;
	void *scratch;			/* freed when the command ends */
	unsigned int pending;		/* disk requests, plus one while more are being made */
	int error;			/* the first one that failed */
};

struct scsi_target *scsi_target_create(void);

/* No command may be running. NULL is fine. */
void scsi_target_destroy(struct scsi_target *target);

/**
 * scsi_target_add() - add a logical unit
 * @spec:	address, block size and serial; its controller only shapes the default serial
 * @disk:	becomes the target's on success
 *
 * Return: the unit's number; -EEXIST, -ENOSPC or -ENOMEM with a sentence in @err.
 */
int scsi_target_add(struct scsi_target *target, const struct disk_spec *spec, struct disk *disk,
		    struct err *err);

/**
 * scsi_target_remove() - take a logical unit away
 *
 * New commands do not find it; running ones end first, then the disk is closed.
 * Return: 0 or -ENOENT.
 */
int scsi_target_remove(struct scsi_target *target, unsigned int number);

/* The unit at @number, or NULL. */
struct lun *scsi_target_lun(const struct scsi_target *target, unsigned int number);

/**
 * scsi_execute() - run a command
 * @number:	logical unit
 *
 * Return: 0, and cmd->done() is called, perhaps before this returns; -ENOENT
 * when there is no such unit and nothing was done. INQUIRY is always answered,
 * for an absent unit with data that says so.
 */
int scsi_execute(struct scsi_target *target, unsigned int number, struct scsi_cmd *cmd);

/**
 * scsi_lun_resize() - change the capacity; the guest learns it by a unit attention
 * @bytes:	rounded down to whole blocks
 */
int scsi_lun_resize(struct lun *lun, uint64_t bytes, struct err *err);

/**
 * scsi_lun_hold() - keep a unit's disk open while the host itself reads from it
 *
 * The unit may be removed or resized meanwhile, but the disk stays.
 * Return: the disk, until scsi_lun_release().
 */
struct disk *scsi_lun_hold(struct lun *lun);
void scsi_lun_release(struct lun *lun);

/* The next command that may report it ends with UNIT ATTENTION @asc/@ascq. */
void scsi_lun_attention(struct lun *lun, uint8_t asc, uint8_t ascq);

/* Answer @cmd with CHECK CONDITION without asking the unit (fault injection). */
void scsi_set_sense(struct scsi_cmd *cmd, uint8_t key, uint8_t asc, uint8_t ascq);

struct lun_counters {
	uint64_t commands;		/* all */
	uint64_t reads, writes, flushes, discards;
	uint64_t read_bytes, written_bytes;
	uint64_t errors;		/* ended with CHECK CONDITION */
};

struct lun_info {
	unsigned int number;
	uint64_t bytes;
	uint32_t block_size;
	bool read_only;
	const char *serial;
	unsigned int in_flight;
	struct lun_counters counters;
};

void scsi_lun_info(const struct lun *lun, struct lun_info *info);

#endif
