/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_TEST_FAKE_GUEST_H
#define HOST_TEST_FAKE_GUEST_H

#include "host/vmbus/channel.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/device.h"
#include "host/vmbus/fault.h"
#include "host/vmbus/stats.h"
#include "host/vmbus/vmbus.h"
#include "protocol/chanmsg.h"
#include "protocol/packet.h"
#include "protocol/ring.h"

/*
 * A guest in one process with the host: it speaks VMBus to host/vmbus/ over
 * the fake machine, and can be made to speak it wrongly, one field at a time.
 * Unless a function says otherwise it does what the protocol asks, and fails
 * the test when the host does not.
 */
#define GUEST_MEMORY	(64u << 20)
#define GUEST_VPS	4

/* The message connection: 0 follows the version. */
struct guest {
	struct loop *loop;
	struct gmem *gmem;
	struct synic *synic;
	struct hypercall *hypercall;
	struct vmbus *vmbus;
	u32 version;
	u32 conn;
	u64 next_page;
	u32 next_gpadl;
	u32 message_vp;		/* of the last message taken */
};

/* A channel as the guest sees it. */
struct guest_channel {
	struct guest *guest;
	struct hvp_offer_channel offer;
	u32 relid;
	u32 gpadl;
	u32 vp;
	u32 pages;		/* of both rings */
	struct hvp_ring_header *out;	/* ring 0: guest to host */
	struct hvp_ring_header *in;	/* ring 1 */
	u8 *out_data;		/* contiguous in guest memory */
	u8 *in_data;
	u32 size;		/* of each */
	u64 signals;		/* sent */
};

/* A device of the host that remembers what happened to it. */
struct test_device {
	struct vmbus_device *device;
	char name[16];
	struct vmbus_channel *ch;	/* primary, while open */
	struct vmbus_channel *sub;	/* last sub-channel opened */
	u32 open_status;	/* what open() answers */
	bool hold;		/* keep transactions instead of answering */
	bool silent;		/* neither */
	unsigned int budget;	/* packets read per readable(); 0: all */
	bool late;		/* closed() leaves transactions in flight */
	struct channel_txn *held[64];
	unsigned int held_count;
	unsigned int opens, closes, packets, writables, rescinds, withdrawals, resumed;
	int resumed_err;
	u16 last_type;
	u64 last_id;
	u32 last_len;
	u8 last[64];
};

struct guest_config {
	u32 version_cap;
	bool version_exact;
	double time_scale;
};

struct guest *guest_create(const struct guest_config *config);

/* Finishes the run; returns the number of rules broken. */
unsigned int guest_finish(struct guest *guest);
void guest_destroy(struct guest *guest);

/* Host side */
void test_device_offer(struct test_device *dev, struct guest *guest, const char *name, u8 number);
void test_device_answer(struct test_device *dev);	/* complete what was held */
void guest_arm(struct guest *guest, const char *text);
u64 fault_fires(struct guest *guest, enum fault_point point);

/* Memory */
u64 guest_alloc(struct guest *guest, u32 pages);	/* returns the first frame */
void *guest_page(struct guest *guest, u64 pfn);

/* Messages */
u16 guest_post(struct guest *guest, const void *msg, size_t len);
u16 guest_post_on(struct guest *guest, u32 conn, const void *msg, size_t len);
bool guest_take_any(struct guest *guest, union hvp_chanmsg *msg);
union hvp_chanmsg guest_take(struct guest *guest, u32 type);	/* fails the test on another type */
bool guest_quiet(struct guest *guest);			/* no message waits */

/* Steps */
struct hvp_initiate_contact guest_contact_message(struct guest *guest, u32 version);
bool guest_contact(struct guest *guest, u32 version);	/* false: refused */
void guest_request_offers(struct guest *guest);		/* posts only */
void guest_connect(struct guest *guest, u32 version);	/* contact; no offers taken */
struct guest_channel guest_next_offer(struct guest *guest);
void guest_all_offers(struct guest *guest);
void guest_send_gpadl(struct guest *guest, u32 relid, u32 gpadl, u64 pfn, u32 pages);
u32 guest_gpadl(struct guest *guest, u32 relid, u64 pfn, u32 pages);
void guest_post_teardown(struct guest *guest, u32 relid, u32 gpadl);
void guest_teardown(struct guest *guest, u32 relid, u32 gpadl);
void guest_rings(struct guest_channel *ch, u32 pages);
struct hvp_open_channel guest_open_message(const struct guest_channel *ch);
u32 guest_open(struct guest_channel *ch, u32 pages);	/* rings of pages/2 each; status */
void guest_post_relid(struct guest *guest, u32 type, u32 relid);
void guest_close(struct guest_channel *ch);		/* close and tear down */
void guest_release(struct guest_channel *ch);
u32 guest_modify(struct guest_channel *ch, u32 vp);
void guest_unload(struct guest *guest);

/* One device, connected, offered, open. */
void guest_start(struct guest *guest, struct test_device *dev, struct guest_channel *ch);

/* Rings. Return: false when there is no room or nothing to read. */
bool guest_put(struct guest_channel *ch, u16 type, u16 flags, u64 id, const void *header,
	       u32 header_len, const void *payload, u32 len);	/* no signal */
void guest_signal(struct guest_channel *ch);
bool guest_send(struct guest_channel *ch, u16 type, u16 flags, u64 id, const void *payload,
		u32 len);	/* put, and signal if the contract asks */
bool guest_send_pages(struct guest_channel *ch, u64 id, u64 pfn, u32 offset, u32 bytes);
bool guest_recv(struct guest_channel *ch, struct hvp_packet_desc *desc, void *payload, u32 room);
bool guest_interrupted(struct guest_channel *ch);

#endif
