/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_STORVSP_H
#define HOST_VSP_STORVSP_H

#include <stdint.h>

#include "host/err.h"

/*
 * The host side of a synthetic SCSI controller: a VMBus device in front of a
 * SCSI target. Loop thread only.
 */
struct disk;
struct disk_spec;
struct scsi_target;
struct storvsp;
struct vmbus;

struct storvsp_config {
	unsigned int controller;	/* 0, 1: names the device "scsi0", ... */
	uint16_t max_version;		/* HVP_STOR_V*; 0: as the negotiated VMBus version suggests */
	uint16_t max_sub_channels;
	uint32_t max_transfer_bytes;	/* 0: 256 KiB */
};

/* What a guest may ever be told as the longest transfer. */
#define STORVSP_MAX_TRANSFER	(2u << 20)

/* Make the device known to the bus and offer it. */
int storvsp_create(struct storvsp **out, struct vmbus *vmbus, const struct storvsp_config *config,
		   struct err *err);

/* After the last I/O has come back: drain the disks first. NULL is fine. */
void storvsp_destroy(struct storvsp *vsp);

/**
 * storvsp_add() - add a disk and tell the guest
 * Return: its LUN; -EEXIST, -ENOSPC or -ENOMEM with a sentence in @err.
 */
int storvsp_add(struct storvsp *vsp, const struct disk_spec *spec, struct disk *disk,
		struct err *err);

/* Take a disk away and tell the guest. Return: 0 or -ENOENT. */
int storvsp_remove(struct storvsp *vsp, unsigned int lun);

/* Send ENUMERATE_BUS, if the guest's driver is there to hear it. */
void storvsp_announce(struct storvsp *vsp);

struct scsi_target *storvsp_target(struct storvsp *vsp);
const char *storvsp_name(const struct storvsp *vsp);

struct storvsp_info {
	const char *state;		/* of the handshake */
	uint16_t version;		/* HVP_STOR_VERSION(); 0: none yet */
	unsigned int in_flight;		/* SRBs being executed */
	uint64_t requests;		/* SRBs so far */
	uint64_t resets;
};

void storvsp_info(const struct storvsp *vsp, struct storvsp_info *info);

#endif
