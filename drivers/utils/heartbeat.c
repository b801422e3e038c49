// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeat: add one to a number and send it back, in the channel's callback,
 * so that it goes on when user space is frozen and when nothing gets to run.
 *
 * With it goes the state of the applications, from whoever cares to say so:
 *
 *   echo healthy 30 > /sys/bus/vmbus/devices/<heartbeat>/service/health
 *
 * means healthy, and critical in 30 s if it was not said again by then. Without
 * a number it holds until something else is written. The states are unknown
 * (at first), healthy, critical and stopped.
 */
#include "drivers/utils/utils.h"

#include "drivers/utils/health.h"
#include "protocol/heartbeat.h"

#include <linux/ktime.h>
#include <linux/spinlock.h>

struct heartbeat {
	struct util util;
	spinlock_t health_lock;		/* health; taken in the callback */
	struct util_health health;
};

static struct heartbeat *to_heartbeat(struct util *util)
{
	return container_of(util, struct heartbeat, util);
}

static enum hvp_heartbeat_state health_now(struct heartbeat *heartbeat)
{
	enum hvp_heartbeat_state state;

	spin_lock_bh(&heartbeat->health_lock);
	state = util_health_now(&heartbeat->health, ktime_get_ns());
	spin_unlock_bh(&heartbeat->health_lock);
	return state;
}

static int init(struct util *util)
{
	spin_lock_init(&to_heartbeat(util)->health_lock);
	return 0;
}

static void received(struct util *util, struct util_message *message)
{
	/* Even one that is too short for the number is sent back. */
	hvp_heartbeat_reply(message->body, message->body_len, health_now(to_heartbeat(util)));
	util_answer(util, message, HVP_HR_OK);
}

static ssize_t health_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%s\n", util_health_name(health_now(to_heartbeat(util_of(dev)))));
}

static ssize_t health_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	struct heartbeat *heartbeat = to_heartbeat(util_of(dev));
	struct util_health health;
	int err;

	err = util_health_parse(buf, ktime_get_ns(), &health);
	if (err)
		return err;
	spin_lock_bh(&heartbeat->health_lock);
	heartbeat->health = health;
	spin_unlock_bh(&heartbeat->health_lock);
	return count;
}
DEVICE_ATTR_RW(health);

static const struct hvp_ic_version versions[] = { { 3, 0 }, { 1, 0 } };

const struct util_type util_heartbeat = {
	.name		= "heartbeat",
	.label		= "Heartbeat",
	.type		= HVP_IC_HEARTBEAT,
	.versions	= { versions, ARRAY_SIZE(versions) },
	.size		= sizeof(struct heartbeat),
	.in_callback	= true,
	.init		= init,
	.received	= received,
};
