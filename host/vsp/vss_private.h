/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_VSS_PRIVATE_H
#define HOST_VSP_VSS_PRIVATE_H

#include "host/vsp/ic.h"
#include "host/vsp/vss.h"
#include "host/vsp/vss_image.h"

struct vmbus;
struct vss_backup;

/* vss.c: operations. vss_backup.c: a backup as a sequence of them. vss_image.c: the copy. */

struct vss {
	struct vmbus *vmbus;
	struct uring *uring;
	struct ic *ic;
	struct ic_ask *ask;
	int op;				/* that waits for its answer; -1: raw bytes */
	vss_cb cb;			/* NULL: forgotten */
	void *opaque;
	uint64_t frozen_since_ns;
	u32 opening;			/* of the channel, in which a freeze was asked for */
	struct vss_backup *backup;	/* NULL: none runs */
	struct vss_state state;
};

/* vss_ask() of the backup itself. */
int vss_ask_now(struct vss *vss, enum hvp_vss_op op, u32 timeout_ms, vss_cb cb, void *opaque);

/* The channel closed, or versions are negotiated anew; and that has ended. */
void vss_backup_closed(struct vss_backup *backup);
void vss_backup_ready(struct vss_backup *backup);

/* Nobody waits for the result any more. */
void vss_backup_cancel(struct vss_backup *backup);
void *vss_backup_owner(const struct vss_backup *backup);

/* End without another word to the guest. */
void vss_backup_stop(struct vss_backup *backup);

#endif
