// SPDX-License-Identifier: GPL-2.0-only
/* Relids: the numbers by which the host names channels. Written by the message work only, read anywhere. */
#include "drivers/vmbus/relid.h"

#include "compat/hyperv.h"
#include "protocol/chanmsg.h"

#include <linux/rcupdate.h>
#include <linux/spinlock.h>

static struct vmbus_channel __rcu *channels[HVP_MAX_RELID + 1];
static DEFINE_SPINLOCK(channels_lock);	/* protects writes to channels[] and highest */
static u32 highest;

struct vmbus_channel *vmbus_relid_find(u32 relid)
{
	return relid <= HVP_MAX_RELID ? rcu_dereference(channels[relid]) : NULL;
}

struct vmbus_channel *vmbus_relid_get(u32 relid)
{
	struct vmbus_channel *channel;

	rcu_read_lock();
	channel = vmbus_relid_find(relid);
	if (channel && !kobject_get_unless_zero(&channel->kobj))
		channel = NULL;
	rcu_read_unlock();
	return channel;
}

u32 vmbus_relid_highest(void)
{
	return READ_ONCE(highest);
}

int vmbus_relid_claim(struct vmbus_channel *channel)
{
	u32 relid = channel->offermsg.child_relid;
	int ret = 0;

	if (!relid || relid > HVP_MAX_RELID)
		return -EINVAL;

	spin_lock(&channels_lock);
	if (rcu_access_pointer(channels[relid])) {
		ret = -EEXIST;
	} else {
		rcu_assign_pointer(channels[relid], channel);
		WRITE_ONCE(highest, max(highest, relid));
	}
	spin_unlock(&channels_lock);
	return ret;
}

void vmbus_relid_drop(struct vmbus_channel *channel)
{
	u32 relid = channel->offermsg.child_relid;

	spin_lock(&channels_lock);
	if (rcu_access_pointer(channels[relid]) == channel)
		RCU_INIT_POINTER(channels[relid], NULL);
	spin_unlock(&channels_lock);
}
