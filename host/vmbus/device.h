/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_DEVICE_H
#define HOST_VMBUS_DEVICE_H

#include "protocol/chanmsg.h"
#include "protocol/guid.h"
#include "protocol/types.h"

/*
 * What a VSP (the host side of a device) sees of the bus. It offers a device,
 * hears of its channels through ops, and talks over them with channel.h.
 *
 *	vmbus_device_create() -- vmbus_device_offer() --> offered
 *	offered -- vmbus_device_rescind() --> rescinded -- guest released --> withdrawn
 *	withdrawn or rescinded -- vmbus_device_offer() --> offered, new relid,
 *		delivered once the guest has released the old one
 *
 * A device is offered whether a guest is connected or not; the bus delivers
 * the offer when the guest asks for offers, and again after it reconnects.
 */
struct vmbus;
struct vmbus_channel;
struct vmbus_device;

struct vmbus_device_params {
	const char *name;		/* "scsi0": for people, faults and the control socket */
	struct hvp_guid class_id;
	struct hvp_guid instance_id;
	u16 flags;			/* HVP_OFFER_*; a device normally has 0, an IC named pipe */
	u16 mmio_megabytes;
	u8 user_defined[HVP_USER_DEFINED];
};

/*
 * Called in the loop thread. @dev is the pointer given at creation. A channel
 * may be used from open() until closed() returns, in this form:
 *
 *	open      the guest opens it; 0 accepts, other values are sent as the
 *	          NTSTATUS of a refusal. The rings are there, but nothing arrives
 *	          before open() has returned.
 *	readable  packets wait: channel_recv() until it returns 0.
 *	writable  the channel was congested (channel_congested()) and is not any more.
 *	closed    the guest closed the channel, unloaded, or disappeared. Nothing
 *	          more can be sent. Transactions must end with channel_txn_end(),
 *	          now or as soon as their I/O is back: the guest gets its memory
 *	          back (GPADL torn down, unload response) only after the last one.
 *	rescinded the device was rescinded (by a fault or by vmbus_device_rescind()).
 *	          Open channels stay in service until the guest closes them.
 *	withdrawn the guest has released every relid of the device: rescind is complete.
 *
 * All but open may be NULL.
 */
struct vmbus_device_ops {
	u32 (*open)(void *dev, struct vmbus_channel *ch);
	void (*closed)(void *dev, struct vmbus_channel *ch);
	void (*readable)(void *dev, struct vmbus_channel *ch);
	void (*writable)(void *dev, struct vmbus_channel *ch);
	void (*rescinded)(void *dev);
	void (*withdrawn)(void *dev);
};

/**
 * vmbus_device_create() - make a device known to the bus, not offered yet
 * @params:	copied
 *
 * Return: 0, -EEXIST for a name or instance that is taken, -ENOSPC or -ENOMEM.
 */
int vmbus_device_create(struct vmbus_device **out, struct vmbus *vmbus,
			const struct vmbus_device_params *params,
			const struct vmbus_device_ops *ops, void *dev);

/*
 * Forget a device. If it is offered the guest gets a rescind; ops are not
 * called any more except closed(), from inside this call, for channels that
 * are open. Every transaction must be ended when it returns. NULL is fine.
 */
void vmbus_device_destroy(struct vmbus_device *device);

/* Offer, or offer again. Return: 0, -EALREADY, or -ENOSPC when relids ran out. */
int vmbus_device_offer(struct vmbus_device *device);

/* Take the offer back, sub-channels first. Return: 0, or -EALREADY. */
int vmbus_device_rescind(struct vmbus_device *device);

/**
 * vmbus_device_offer_subs() - offer sub-channels 1 ... @n, those that exist already excepted
 *
 * Only while the primary channel is open. When the guest closes the primary,
 * the bus rescinds them. Return: 0, -ENOTCONN, -ENOSPC.
 */
int vmbus_device_offer_subs(struct vmbus_device *device, u16 n);

/* Rescind one sub-channel only. Return: 0 or -ENOENT. */
int vmbus_device_rescind_sub(struct vmbus_device *device, u16 index);

enum vmbus_device_state {
	VMBUS_DEVICE_WITHDRAWN,	/* not offered, no relid in use */
	VMBUS_DEVICE_OFFERED,
	VMBUS_DEVICE_RESCINDED,	/* the guest still holds a relid */
};

enum vmbus_device_state vmbus_device_state(const struct vmbus_device *device);
const char *vmbus_device_name(const struct vmbus_device *device);
const struct vmbus_device_params *vmbus_device_params(const struct vmbus_device *device);
struct vmbus *vmbus_device_bus(const struct vmbus_device *device);

/* The channel with this sub-channel index (0: primary); NULL if not offered. */
struct vmbus_channel *vmbus_device_channel(struct vmbus_device *device, u16 index);

/* By name; NULL if unknown. */
struct vmbus_device *vmbus_device_find(struct vmbus *vmbus, const char *name);

/* Walk: NULL for the first; NULL after the last. */
struct vmbus_device *vmbus_device_next(struct vmbus *vmbus, struct vmbus_device *device);

/* Walk the channels of the whole bus, by relid. NULL for the first; NULL after the last. */
struct vmbus_channel *vmbus_channel_next(struct vmbus *vmbus, struct vmbus_channel *ch);

#endif
