/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTILS_UTILS_H
#define UTILS_UTILS_H

#include <linux/hyperv.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "drivers/utils/negotiate.h"
#include "protocol/ic.h"

struct util;
struct util_daemon;
struct util_transport;

/* No message is larger than what fits the ring. */
#define UTIL_RING_ROOM		(16u << 10)

/* A message of the host, in private memory. Answers are written over it. */
struct util_message {
	u32 len;			/* bytes received */
	u64 id;				/* of the packet */
	struct hvp_ic_header *header;	/* in bytes[], checked */
	u8 *body;			/* in bytes[], behind the header */
	u32 body_len;
	u8 bytes[UTIL_RING_ROOM];
};

/* A service: one file each. All calls but init and free are made under util->lock. */
struct util_type {
	const char *name;		/* as `hvctl service` has it */
	const char *label;		/* as the log always had it */
	u16 type;			/* enum hvp_ic_type */
	struct util_versions versions;
	size_t size;			/* of the structure that begins with struct util */
	/* Answered in the channel's callback: no lock, no sleep, whatever the scheduler does. */
	bool in_callback;
	const struct util_daemon *daemon;	/* whom requests are handed to; NULL: nobody */
	unsigned int hold_seconds;	/* how long the negotiation waits for the daemon */
	u32 vmbus_version_min;

	int (*init)(struct util *util);	/* nothing is open yet */
	void (*free)(struct util *util);
	int (*publish)(struct util *util);	/* the channel is open; without lock */
	void (*withdraw)(struct util *util);	/* before it closes; without lock */
	/* The host negotiates, whatever was before: a new beginning. */
	void (*reset)(struct util *util);
	/* A request with message versions agreed; answers it, now or later. */
	void (*received)(struct util *util, struct util_message *message);
	void (*drained)(struct util *util);	/* the last of several was received */
	void (*suspend)(struct util *util);	/* before the channel closes */
};

enum util_state {
	UTIL_CLOSED,
	UTIL_NEGOTIATING,
	UTIL_REFUSED,
	UTIL_READY,
};

/* Written by who receives: the worker, or the channel's callback. */
struct util_counters {
	u64 received;
	u64 answered;
	u64 malformed;		/* dropped */
	u64 refused;		/* requests with values that cannot be */
	u64 unsent;		/* answers that found no room in the ring */
	u64 failed;		/* requests that no daemon answered in time, or at all */
	u64 late;		/* answers of the daemon that nobody waited for */
};

struct util {
	struct hv_device *device;
	const struct util_type *type;
	struct kref refs;		/* the device and each open file */

	struct mutex lock;		/* all below; not taken by in_callback services */
	bool passed_by;			/* by the worker, which found the lock taken; also used without lock */
	bool live;			/* the channel may be used */
	bool gone;			/* the device is no more; for good */
	enum util_state state;
	unsigned long opened;		/* jiffies */
	u64 signalled;			/* reference counter at the last signal; by the callback */
	struct util_agreed agreed;
	struct util_message *in;	/* what was received last */
	struct util_message *held;	/* what a daemon works on */
	struct util_counters counters;
	struct util_transport *transport;	/* with a daemon; else NULL */
	struct delayed_work work;	/* receives */
};

extern struct workqueue_struct *util_wq;

/* service.c */
struct util *util_new(const struct util_type *type, struct hv_device *device);
void util_put(struct util *util);
int util_open(struct util *util);
void util_close(struct util *util);
void util_kick(struct util *util, unsigned long delay);
void util_unlock(struct util *util);
void util_answer(struct util *util, struct util_message *message, u32 status);
void util_refuse(struct util *util, struct util_message *message, const char *what);
void util_hold(struct util *util);

/* sysfs.c */
extern const struct attribute_group *util_groups[];

extern const struct util_type util_heartbeat;
extern const struct util_type util_shutdown;
extern const struct util_type util_timesync;
extern const struct util_type util_kvp;
extern const struct util_type util_vss;
extern const struct util_type util_fcopy;

/* In the folders of their services; the rest of these is in sysfs.c. */
extern struct device_attribute dev_attr_health;
extern struct device_attribute dev_attr_request;
extern struct device_attribute dev_attr_reason;
extern struct device_attribute dev_attr_force;
extern struct device_attribute dev_attr_timeout;
extern struct device_attribute dev_attr_text;
extern struct device_attribute dev_attr_offset_ns;
extern struct device_attribute dev_attr_clock_sets;
extern struct device_attribute dev_attr_error_bound_ns;

static inline struct util *util_of(struct device *dev)
{
	return hv_get_drvdata(device_to_hv_device(dev));
}

#endif
