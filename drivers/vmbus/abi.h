/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_ABI_H
#define VMBUS_ABI_H

/*
 * What leaf drivers of the stock kernel import although no public header
 * declares it. The tokens below are hashed into symbol CRCs: do not touch
 * names, types, order, or the one-declarator-per-line form, and include
 * nothing here (see docs/decisions on symbol versions).
 *
 * uio_hv_generic maps int_page and monitor_pages[1] into user space at fixed
 * offsets. Of the other members we use those whose purpose is ours too and
 * leave the rest zero.
 */

union hv_monitor_trigger_group {
	u64 as_uint64;
	struct {
		u32 pending;
		u32 armed;
	};
};

struct hv_monitor_parameter {
	union hv_connection_id connectionid;
	u16 flagnumber;
	u16 rsvdz;
};

union hv_monitor_trigger_state {
	u32 asu32;

	struct {
		u32 group_enable:4;
		u32 rsvdz:28;
	};
};

/* Shared with the host: events that are signalled with a delay, by setting a bit. */
struct hv_monitor_page {
	union hv_monitor_trigger_state trigger_state;
	u32 rsvdz1;

	union hv_monitor_trigger_group trigger_group[4];
	u64 rsvdz2[3];

	s32 next_checktime[4][32];

	u16 latency[4][32];
	u64 rsvdz3[32];

	struct hv_monitor_parameter parameter[4][32];

	u8 rsvdz4[1984];
};

enum vmbus_connect_state {
	DISCONNECTED,
	CONNECTING,
	CONNECTED,
	DISCONNECTING
};

struct vmbus_connection {
	u32 msg_conn_id;		/* where to post messages */

	atomic_t offer_in_progress;

	enum vmbus_connect_state conn_state;

	atomic_t next_gpadl_handle;

	struct completion unload_event;

	void *int_page;			/* flags of both directions, before dedicated interrupts */
	void *send_int_page;
	void *recv_int_page;

	struct hv_monitor_page *monitor_pages[2];	/* to guest, to host */
	struct list_head chn_msg_list;	/* unanswered requests, under channelmsg_lock */

	spinlock_t channelmsg_lock;

	struct list_head chn_list;	/* primary channels, under channel_mutex */
	struct mutex channel_mutex;

	struct vmbus_channel **channels;

	struct workqueue_struct *work_queue;
	struct workqueue_struct *handle_primary_chan_wq;
	struct workqueue_struct *handle_sub_chan_wq;
#ifdef HAVE_VMBUS_HANDLER		/* no header shows it; it came with the same releases */
	struct workqueue_struct *rescind_work_queue;

	bool ignore_any_offer_msg;
#endif

	atomic_t nr_chan_close_on_suspend;
	struct completion ready_for_suspend_event;

	atomic_t nr_chan_fixup_on_resume;
	struct completion ready_for_resume_event;
};

extern struct vmbus_connection vmbus_connection;

#endif
