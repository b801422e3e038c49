/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_FAULT_H
#define HOST_VMBUS_FAULT_H

#include "host/err.h"
#include "protocol/types.h"

/*
 * Named places where the host can be told to misbehave, and what it does there.
 *
 *	<point> <kind>[=<value>] [device=NAME] [relid=N] [after=N] [count=N]
 *
 *	msg.open-result drop device=scsi0 count=1
 *	stor.srb delay=500 device=scsi1
 *	ring.complete never relid=3 after=100
 *	ic.kvp.reply drop
 *
 * "ic.kvp.reply" is short for "ic.reply" with "device=kvp", and so on for each
 * integration service.
 *
 * after: hits that pass before the fault fires. count: how often it fires
 * (default 1; for "never" without end).
 *
 * A new point is an enum value here, a row in fault.c, and the place that asks.
 * A new kind likewise, and the points where it means something.
 */
enum fault_point {
	/* messages to the guest */
	FAULT_MSG_VERSION_RESPONSE,
	FAULT_MSG_OFFER,
	FAULT_MSG_ALL_OFFERS,
	FAULT_MSG_RESCIND,
	FAULT_MSG_OPEN_RESULT,
	FAULT_MSG_GPADL_CREATED,
	FAULT_MSG_GPADL_TORNDOWN,
	FAULT_MSG_MODIFY_RESPONSE,
	FAULT_MSG_UNLOAD_RESPONSE,
	FAULT_MSG_TL_CONNECT_RESULT,
	/* rings */
	FAULT_RING_DRAIN,	/* the host begins to read a ring */
	FAULT_RING_COMPLETE,	/* a completion packet goes out */
	FAULT_RING_SEND,	/* any other packet goes out */
	FAULT_RING_SIGNAL,	/* the guest is interrupted */
	/* VSPs */
	FAULT_STOR_INIT,	/* a step of the storage handshake */
	FAULT_STOR_SRB,		/* an SRB arrived */
	FAULT_STOR_STATUS,	/* the result of an SRB is known; takes only srb= and sense= */
	FAULT_IC_NEGOTIATE,	/* an integration service is about to list its versions */
	FAULT_IC_REQUEST,	/* an integration service is about to ask, the negotiation included */
	FAULT_IC_REPLY,		/* the guest's answer arrived */
	FAULT_TIME_SYNC,	/* the time service is about to send a SYNC */
	FAULT_POINT_COUNT
};

enum fault_kind {
	FAULT_NONE,
	FAULT_DELAY,		/* value: milliseconds */
	FAULT_DROP,		/* lose it */
	FAULT_NEVER,		/* lose it, and all that follow */
	FAULT_RESCIND,		/* rescind the device now, then go on */
	FAULT_SRB,		/* value: SRB status byte, SCSI status << 8 */
	FAULT_SENSE,		/* value: sense key << 16, ASC << 8, ASCQ */
	/* What is wrong with the frame of an integration service: ic.negotiate, ic.request. */
	FAULT_PIPE,		/* value: size in the pipe header */
	FAULT_LENGTH,		/* value: size in the IC header */
	FAULT_SHORT,		/* value: bytes of the frame that go out, the headers' 28 included */
	FAULT_PAD,		/* value: zero bytes behind the frame */
	FAULT_FRAMEWORK,	/* value: major << 16, minor */
	FAULT_VERSION,		/* value: major << 16, minor */
	FAULT_TYPE,		/* value: enum hvp_ic_type */
	FAULT_TRANSACTION,	/* value: 0 to 255 */
	FAULT_FLAGS,		/* value: HVP_IC_* */
	FAULT_POKE,		/* value: offset in the body << 16, new 16 bits there */
	FAULT_TWICE,		/* it goes out two times */
	FAULT_HOLD,		/* it goes out behind the next one */
	FAULT_KIND_COUNT
};

/* Who passes the point. Either may be unknown: NULL, 0. */
struct fault_ctx {
	const char *device;
	u32 relid;
};

/* What to do: .kind is FAULT_NONE when nothing is armed for this hit. */
struct fault_action {
	enum fault_kind kind;
	u64 value;
};

struct fault_info {
	u32 id;			/* of an armed fault, for fault_clear() */
	char text[200];		/* as it would be written to arm it */
	u64 hits;		/* that matched its filter */
	u64 fires;
	bool spent;		/* count reached */
};

struct fault_point_info {
	const char *name;
	const char *description;
	u64 hits;
	u64 fires;
};

struct fault;

struct fault *fault_create(void);
void fault_destroy(struct fault *fault);

typedef bool (*fault_device_cb)(void *opaque, const char *device);

/* Who knows the devices that there are: faults of others are refused. NULL: nobody. */
void fault_set_devices(struct fault *fault, fault_device_cb exists, void *opaque);

/* The question asked at a point. Counts the hit. */
struct fault_action fault_hit(struct fault *fault, enum fault_point point,
			      const struct fault_ctx *ctx);

/**
 * fault_arm() - arm a fault from its text
 * @id:		number for fault_clear(); may be NULL
 *
 * Return: 0, -EINVAL with the reason in @err, or -ENOSPC.
 */
int fault_arm(struct fault *fault, const char *text, u32 *id, struct err *err);

/* Whether @text can be armed as far as it alone tells. Return: 0, or -EINVAL as above. */
int fault_check(const char *text, struct err *err);

/* Disarm one (@id) or all (0). Return: how many. */
unsigned int fault_clear(struct fault *fault, u32 id);

/* Armed faults, by index. Return: false after the last. */
bool fault_list(const struct fault *fault, unsigned int index, struct fault_info *info);

/* All points with their counts. */
void fault_point_info(const struct fault *fault, enum fault_point point,
		      struct fault_point_info *info);

#endif
