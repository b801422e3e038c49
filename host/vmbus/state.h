/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_STATE_H
#define HOST_VMBUS_STATE_H

#include <sys/queue.h>

#include "host/vmbus/channel.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/device.h"
#include "host/vmbus/fault.h"
#include "host/vmbus/ring.h"
#include "host/vmbus/stats.h"
#include "host/vmbus/trace.h"
#include "host/vmbus/vmbus.h"
#include "protocol/chanmsg.h"
#include "protocol/gpadl.h"

/*
 * State of the bus, private to host/vmbus/. Who owns what:
 *
 *	vmbus --- devices (made by VSPs) --- channels (one per relid in use)
 *	      \-- GPADLs, found by handle, owned by a relid
 *	      \-- outgoing messages
 *	channel - rings while open, queued packets, transactions
 *
 * A channel is freed only from the handler of a message or from a deferred
 * call, never from a function that a VSP calls, so that a VSP may use it until
 * its callback returns.
 */
struct loop_timer;

#define STATE_HASH		256u
#define WAITING_MAX		(2 * VMBUS_MAX_CHANNELS)	/* messages: then the guest's calls wait */
#define CHANNEL_HASH		64u

/* Connection ids: what the guest signals for a relid, and where it posts from 5.0 on. */
#define CONN_EVENT_BASE		0x10000u
#define CONN_MESSAGE_NEW	0x2a01u

/* Failures that the guest may see. */
#define NTSTATUS_UNSUCCESSFUL	0xc0000001u
#define NTSTATUS_BAD_REQUEST	0xc000000du
#define NTSTATUS_NO_RESOURCES	0xc000009au

/*
 * How long a guest may hold on to something that only it can give up before
 * the checker calls it leaked, and how long after it took a Rescind it may
 * still use the channel: far above what a guest needs. For slow guests both
 * are longer, see connection_old().
 */
#define LEAK_AGE_NS		10000000000ull
#define RESCIND_AGE_NS		5000000000ull

struct gpadl {
	LIST_ENTRY(gpadl) hash;
	LIST_ENTRY(gpadl) owned;	/* by @ch */
	struct vmbus_channel *ch;
	struct hvp_gpadl_info info;
	u32 have;			/* frames received */
	u32 next_body;			/* number of the next body */
	bool complete;
	bool is_ring;			/* of ch, open or closing */
	bool was_ring;			/* of ch, until it was closed */
	bool teardown;			/* asked for, answered once the channel is idle */
	bool excused;			/* an answer was withheld by a fault: cannot be leaked */
	u64 since_ns;			/* last time it became the guest's to tear down */
	u64 pfn[];
};

LIST_HEAD(gpadl_list, gpadl);

/* A list that was refused while its bodies were under way: a guest sends them in one go. */
struct refused_list {
	u32 gpadl;
	u32 bodies;		/* still to come; 0: slot unused */
};

#define REFUSED_LISTS	32

struct txn_segment {
	u64 gpa;
	u32 len;
};

struct channel_txn {
	LIST_ENTRY(channel_txn) hash;
	TAILQ_ENTRY(channel_txn) link;
	struct vmbus_channel *ch;
	void *opaque;
	u64 id;
	u32 bytes;
	u32 holds;
	bool wants_completion;
	bool answered;			/* ended by the VSP; its completion waits or is lost (a fault) */
	struct loop_timer *timer;	/* of a delay at a fault point */
	void (*resume)(void *opaque, int err);	/* parked at a fault point */
	void *resume_opaque;
	u32 segments;
	struct txn_segment segment[];
};

TAILQ_HEAD(txn_queue, channel_txn);
LIST_HEAD(txn_list, channel_txn);

/* A packet that waits for room, or for a delay to pass, in the form it has in the ring. */
struct out_packet {
	TAILQ_ENTRY(out_packet) link;
	struct vmbus_channel *ch;
	struct loop_timer *timer;	/* delayed ones */
	struct channel_txn *txn;	/* ends when a delayed completion is sent */
	u32 len;			/* with room for the trailer */
	u8 bytes[];
};

TAILQ_HEAD(out_queue, out_packet);

/* A request this host sent and the guest has to complete. */
struct host_txn {
	LIST_ENTRY(host_txn) hash;
	u64 id;
};

LIST_HEAD(host_txn_list, host_txn);

struct vmbus_channel {
	TAILQ_ENTRY(vmbus_channel) link;	/* device's channels */
	struct vmbus *vmbus;
	struct vmbus_device *device;
	u32 relid;
	u16 sub_index;
	enum channel_state state;
	bool rescinded;
	bool released;			/* the guest gave the relid back; freed when idle */
	bool excused;			/* a message about it was withheld by a fault */
	u64 rescind_taken_ns;		/* the guest had every message; 0: not seen yet */
	u64 closed_ns;			/* last time the guest closed it */

	/* open */
	u32 target_vp;
	u32 open_id;
	u32 conn_id;			/* bound while open; 0: not bound */
	u8 open_data[HVP_USER_DEFINED];
	void *priv;
	struct gpadl *ring_gpadl;
	struct ring in;			/* guest to host */
	struct ring out;		/* host to guest */
	bool broken;
	bool draining;			/* inside channel_drain() */
	bool deferred;			/* a drain is due */
	bool receiving;			/* inside ops->readable() */
	struct hvp_open_channel *reopen;	/* an open that waits for the last close */

	u8 *packet;			/* private copy of the packet being received */
	u32 packet_room;
	u32 batch;			/* nesting */
	struct out_queue queue;		/* packets that wait for room */
	struct out_queue delayed;	/* packets that a fault holds back */
	u32 queued;
	bool was_congested;		/* ops->writable() is due when the queue is empty */
	struct loop_timer *room_timer;	/* for guests that cannot signal free space */
	struct loop_timer *drain_timer;	/* a fault delays the drain ... */
	struct loop_timer *signal_timer;	/* ... or the interrupt */
	bool asked_for_room;		/* pending_send_size was ever set: the guest may signal for it */
	bool lost_signal;		/* a fault ate one: what waits is not the guest's fault */
	struct channel_stats at_open;
	u64 idle_seen;			/* watch: looks in a row that found the same bytes waiting */
	u32 watch_read;			/* watch: in.read at the last look */

	struct gpadl_list gpadls;
	struct txn_queue txns;
	u32 txn_count;
	struct txn_list txn_hash[CHANNEL_HASH];
	struct host_txn_list host_txns[CHANNEL_HASH];
	u32 host_txn_count;
	struct channel_stats stats;
};

TAILQ_HEAD(channel_queue, vmbus_channel);

struct vmbus_device {
	TAILQ_ENTRY(vmbus_device) link;
	struct vmbus *vmbus;
	struct vmbus_device_params params;
	char name[32];
	const struct vmbus_device_ops *ops;
	void *dev;
	bool wanted;			/* offered, as far as the VSP is concerned */
	bool dying;
	struct channel_queue channels;	/* those with a relid, rescinded ones included */
};

TAILQ_HEAD(device_queue, vmbus_device);

/* A message that waits for room in the SynIC queue, or for a delay to pass. */
struct out_message {
	TAILQ_ENTRY(out_message) link;
	struct vmbus *vmbus;
	struct loop_timer *timer;	/* delayed ones */
	u32 vp;
	u32 sint;
	size_t len;
	u8 bytes[HVP_MESSAGE_PAYLOAD_MAX];
};

TAILQ_HEAD(message_queue, out_message);

struct vmbus {
	struct vmbus_config config;
	enum vmbus_state state;
	bool unloaded;			/* disconnected by an Unload, not by start */
	bool finished;
	u32 version;
	u32 message_conn;		/* where the guest posts */
	u32 message_vp;
	u32 message_sint;

	/* What happens once every channel is idle again (VMBUS_UNLOADING). */
	bool unload_due;
	bool contact_due;
	struct hvp_initiate_contact contact;
	bool settle_deferred;

	u64 paused_ns;			/* all pauses so far */
	u64 pause_start_ns;		/* 0: not paused */

	struct device_queue devices;
	u32 device_count;
	struct vmbus_channel *channels[VMBUS_MAX_CHANNELS + 1];	/* by relid */
	u8 used[VMBUS_MAX_CHANNELS + 1];	/* relid was offered on this connection */
	u32 next_relid;
	struct gpadl_list gpadls[STATE_HASH];
	u32 gpadl_count;
	struct refused_list refused[REFUSED_LISTS];
	u32 next_refused;

	struct message_queue waiting;	/* for the SynIC, in order */
	u32 waiting_count;
	struct message_queue delayed;
	struct loop_timer *message_timer;
	struct loop_timer *watch_timer;

	/* The span the bus itself is about to touch; the memory guard allows nothing else. */
	u64 window_gpa;
	u64 window_len;

	struct checker *checker;
	struct fault *fault;
	struct trace *trace;
	struct vmbus_stats stats;
};

/* connection.c */
bool connection_knows_4(const struct vmbus *vmbus);
/* Time that the guest had: the clock stands still while it is paused. */
u64 connection_guest_ns(const struct vmbus *vmbus);
/* Whether more guest time than @age_ns, scaled, has passed since then. */
bool connection_old(const struct vmbus *vmbus, u64 since_ns, u64 age_ns);
void connection_settle_soon(struct vmbus *vmbus);
void connection_contact(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void connection_request_offers(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void connection_unload(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);

/* receive.c */
extern const struct hypercall_ops receive_ops;

/* message.c */

/*
 * Send a message through its fault point. @ch: what it is about; NULL: none.
 * Return: false when a fault withheld or delayed it, so that the guest cannot
 * be blamed for what it does without it.
 */
bool message_send(struct vmbus *vmbus, enum fault_point point, struct vmbus_channel *ch,
		  const void *msg, size_t len);
/* Whether the guest has taken every message that was sent to it. */
bool message_all_taken(const struct vmbus *vmbus);
/* Forget what was not delivered: the guest that should get it is gone. */
void message_cancel(struct vmbus *vmbus);
int message_init(struct vmbus *vmbus);
void message_exit(struct vmbus *vmbus);

/* offer.c */
struct vmbus_channel *offer_find(struct vmbus *vmbus, u32 relid);
void offer_deliver_all(struct vmbus *vmbus);
/* A rescinded channel is used though the guest knows by now. */
bool offer_rescind_known(const struct vmbus_channel *ch);
void offer_watch(struct vmbus_channel *ch);
void offer_rescind_subs(struct vmbus_device *device);
void offer_relid_released(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void offer_forget_all(struct vmbus *vmbus);
void offer_channel_idle(struct vmbus_channel *ch);

/* gpadl.c */
void gpadl_header(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void gpadl_body(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void gpadl_teardown(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
struct gpadl *gpadl_find(struct vmbus *vmbus, u32 handle);
void gpadl_release_ring(struct gpadl *gpadl);
void gpadl_drop_channel(struct vmbus_channel *ch);

/* channel.c */
void channel_handle_open(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void channel_handle_close(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void channel_handle_modify(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);
void channel_shut(struct vmbus_channel *ch);
bool channel_idle(const struct vmbus_channel *ch);
void channel_idle_check(struct vmbus_channel *ch);

/* drain.c */
void channel_drain_soon(struct vmbus_channel *ch);
void channel_signalled(struct vmbus_channel *ch, u64 count);
void channel_watch(struct vmbus_channel *ch);
void channel_break(struct vmbus_channel *ch, enum checker_rule rule, const char *what, u64 value);

/* send.c */
bool send_flush(struct vmbus_channel *ch);
struct out_packet *send_build(struct vmbus_channel *ch, u16 type, u16 flags, u64 transaction,
			      const void *header, u32 header_len, const void *payload, u32 len);
/* Takes over @packet. */
void send_packet(struct vmbus_channel *ch, struct out_packet *packet);
/* Send it after @ms, and end @txn (may be NULL) then. */
void send_later(struct vmbus_channel *ch, struct out_packet *packet, u64 ms,
		struct channel_txn *txn);
void send_discard(struct vmbus_channel *ch);
void send_interrupt(struct vmbus_channel *ch);
void send_completion_seen(struct vmbus_channel *ch, u64 transaction);
void send_forget_transactions(struct vmbus_channel *ch);

/* txn.c */
void txn_channel_closed(struct vmbus_channel *ch);
void txn_free(struct channel_txn *txn);

/* access.c */
void *access_map(struct vmbus *vmbus, u64 gpa, size_t len, bool write);
void access_init(struct vmbus *vmbus);
void access_exit(struct vmbus *vmbus);

/* leaks.c */
void leaks_check(struct vmbus *vmbus, const char *when);
/* The channel is opened with @ring: what is left of the rings it had before? */
void leaks_check_reopen(struct vmbus_channel *ch, struct gpadl *ring);

static inline struct fault_ctx channel_fault_ctx(const struct vmbus_channel *ch)
{
	return (struct fault_ctx){ .device = ch->device->name, .relid = ch->relid };
}

#endif
