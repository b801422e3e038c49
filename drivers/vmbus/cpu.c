// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPU takes a channel's interrupts: chosen at offer (affinity.c), moved by
 * the administrator or when the CPU goes.
 *
 * A move tells the host, and from 5.3 on the host answers when the old CPU gets
 * no more. Older hosts do not say, so they are given a moment; what was
 * signalled meanwhile is found by the last look at the leaving CPU's flags.
 * An answer names the channel, not the move: once one was missed on a channel,
 * the next may be its late one, and that channel is given the moment as well.
 */
#include "drivers/vmbus/cpu.h"

#include "compat/cpu.h"
#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/affinity.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/connection.h"
#include "drivers/vmbus/device_class.h"
#include "drivers/vmbus/post.h"
#include "drivers/vmbus/request.h"
#include "protocol/chanmsg.h"
#include "protocol/version.h"

#include <linux/delay.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/topology.h>

/* Hosts that do not confirm a move have finished it by then. */
#define MOVE_DRAIN_MS 20
/* All moves of one CPU together; the hotplug lock is held. */
#define LEAVE_SECONDS 10

/* CPUs that take interrupts and are not about to leave; under channel_mutex. */
static struct cpumask live_cpus;

static void count_channel(struct vmbus_affinity_cpu *cpus, const struct vmbus_channel *channel,
			  bool same_device)
{
	struct vmbus_affinity_cpu *cpu = &cpus[channel->target_cpu];

	cpu->all_channels++;
	cpu->device_channels += same_device;
}

static void count_channels(struct vmbus_affinity_cpu *cpus, const struct vmbus_channel *primary)
{
	struct vmbus_channel *channel, *sub;

	lockdep_assert_held(&vmbus_connection.channel_mutex);

	list_for_each_entry(channel, &vmbus_connection.chn_list, listentry) {
		count_channel(cpus, channel, channel == primary);
		list_for_each_entry(sub, &channel->sc_list, listentry)
			count_channel(cpus, sub, channel == primary);
	}
}

static u32 pick(struct vmbus_channel *channel)
{
	const struct cpumask *wanted = compat_interrupt_cpus();
	struct vmbus_affinity_cpu *cpus;
	u32 best = VMBUS_AFFINITY_NONE;
	unsigned int cpu;

	cpus = kvcalloc(nr_cpu_ids, sizeof(*cpus), GFP_KERNEL);
	if (!cpus)
		return VMBUS_CONNECT_CPU;
	for_each_cpu(cpu, &live_cpus) {
		/* When none of the wanted CPUs is there, any will do. */
		cpus[cpu].allowed = cpumask_test_cpu(cpu, wanted) ||
				    !cpumask_intersects(wanted, &live_cpus);
		cpus[cpu].node = cpu_to_node(cpu);
	}
	count_channels(cpus, channel->primary_channel ?: channel);
	best = vmbus_affinity_pick(cpus, nr_cpu_ids, channel->offermsg.child_relid);
	kvfree(cpus);
	return best == VMBUS_AFFINITY_NONE ? VMBUS_CONNECT_CPU : best;
}

void vmbus_cpu_assign(struct vmbus_channel *channel)
{
	lockdep_assert_held(&vmbus_connection.channel_mutex);

	/* Channels with little to do share the CPU that takes messages anyway. */
	if (vmbus_class(channel->device_id)->perf_device)
		channel->target_cpu = pick(channel);
	else
		channel->target_cpu = VMBUS_CONNECT_CPU;
}

static int modify_post(u32 relid, u32 vp)
{
	bool answered = hvp_version_has(vmbus_proto_version, HVP_FEATURE_MODIFY_RESPONSE);
	struct hvp_modify_channel msg = {
		.h.type = HVP_CM_MODIFY_CHANNEL,
		.relid = relid,
		.target_vp = vp,
	};
	struct vmbus_request request;
	int ret;

	if (!answered)
		return vmbus_post(&msg, sizeof(msg));

	vmbus_request_begin(&request, HVP_CM_MODIFY_CHANNEL_RESPONSE, relid, 0);
	ret = vmbus_post(&msg, sizeof(msg));
	ret = vmbus_request_end(&request, ret, VMBUS_TIMEOUT_MODIFY);
	return ret == -EREMOTEIO ? -EIO : ret;
}

/* Public: asks the host to interrupt another virtual processor for a channel. */
#ifdef HAVE_MODIFYCHANNEL_BY_CHANNEL
int vmbus_send_modifychannel(struct vmbus_channel *channel, u32 target_vp)
{
	return modify_post(channel->offermsg.child_relid, target_vp);
}
#else
int vmbus_send_modifychannel(u32 child_relid, u32 target_vp)
{
	return modify_post(child_relid, target_vp);
}
#endif

static int move_locked(struct vmbus_channel *channel, u32 cpu)
{
	struct vmbus_chan *chan = to_chan(channel);
	bool is_open = channel->state == CHANNEL_OPENED_STATE;
	u32 old = channel->target_cpu;
	int ret = 0;

	lockdep_assert_held(&chan->lock);

	if (old == cpu)
		return 0;
	if (is_open) {
		if (!hvp_version_has(vmbus_proto_version, HVP_FEATURE_MODIFY_CHANNEL))
			return -EOPNOTSUPP;
		ret = modify_post(vmbus_chan_relid(chan), hv_cpu_number_to_vp_number(cpu));
		if (ret == -ETIMEDOUT)
			set_bit(VMBUS_CHAN_MOVE_MISSED, &chan->flags);
		else if (!ret && test_bit(VMBUS_CHAN_MOVE_MISSED, &chan->flags))
			msleep(MOVE_DRAIN_MS);
	}
	if (ret)
		return ret;

	channel->target_cpu = cpu;
	/* Before it opens, and after it closed, a driver has nothing to change. */
	if (is_open && channel->change_target_cpu_callback)
		channel->change_target_cpu_callback(channel, old, cpu);
	return 0;
}

int vmbus_cpu_move(struct vmbus_channel *channel, u32 cpu)
{
	struct vmbus_chan *chan = to_chan(channel);
	int ret;

	/* Who holds it may be waiting for the host; nobody wants to wait for that here. */
	if (!mutex_trylock(&chan->lock))
		return -EBUSY;
	ret = move_locked(channel, cpu);
	mutex_unlock(&chan->lock);
	return ret;
}

void vmbus_cpu_came(unsigned int cpu)
{
	mutex_lock(&vmbus_connection.channel_mutex);
	cpumask_set_cpu(cpu, &live_cpus);
	mutex_unlock(&vmbus_connection.channel_mutex);
}

static struct vmbus_channel *on_cpu_next(struct vmbus_channel *primary, unsigned int cpu)
{
	struct vmbus_channel *sub;

	if (primary->target_cpu == cpu)
		return primary;
	list_for_each_entry(sub, &primary->sc_list, listentry)
		if (sub->target_cpu == cpu)
			return sub;
	return NULL;
}

/* A reference to any channel that the CPU serves, and the CPU that shall have it. */
static struct vmbus_channel *on_cpu_get(unsigned int cpu, u32 *destination)
{
	struct vmbus_channel *primary, *found = NULL;

	mutex_lock(&vmbus_connection.channel_mutex);
	list_for_each_entry(primary, &vmbus_connection.chn_list, listentry) {
		found = on_cpu_next(primary, cpu);
		if (found)
			break;
	}
	if (found) {
		kobject_get(&found->kobj);
		*destination = pick(found);
	}
	mutex_unlock(&vmbus_connection.channel_mutex);
	return found;
}

static int all_move(unsigned int cpu)
{
	unsigned long deadline = jiffies + LEAVE_SECONDS * HZ;
	struct vmbus_channel *channel;
	u32 destination;
	int ret = 0;

	while (!ret && (channel = on_cpu_get(cpu, &destination))) {
		/* Channels may come to this CPU as fast as they go. */
		ret = time_before(jiffies, deadline) ? 0 : -ETIMEDOUT;
		while (!ret && (ret = vmbus_cpu_move(channel, destination)) == -EBUSY &&
		       time_before(jiffies, deadline))
			msleep(20);
		if (ret)
			pr_warn("hv_vmbus: CPU %u stays: channel %u does not move: %d\n", cpu,
				channel->offermsg.child_relid, ret);
		kobject_put(&channel->kobj);
	}
	return ret;
}

int vmbus_cpu_leaves(unsigned int cpu)
{
	int ret;

	if (vmbus_connection.conn_state == CONNECTED && cpu == VMBUS_CONNECT_CPU)
		return -EBUSY;

	mutex_lock(&vmbus_connection.channel_mutex);
	cpumask_clear_cpu(cpu, &live_cpus);
	mutex_unlock(&vmbus_connection.channel_mutex);
	if (vmbus_connection.conn_state != CONNECTED)
		return 0;

	ret = all_move(cpu);
	if (ret) {
		vmbus_cpu_came(cpu);
		return ret;
	}
	if (!hvp_version_has(vmbus_proto_version, HVP_FEATURE_MODIFY_RESPONSE))
		msleep(MOVE_DRAIN_MS);
	return 0;
}
