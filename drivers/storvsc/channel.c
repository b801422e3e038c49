// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include <linux/bitmap.h>
#include <linux/cpuhotplug.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "compat/hyperv.h"
#include "drivers/storvsc/channel_map.h"

/*
 * Channels: open, close, and which queue uses which.
 *
 * host->channel[] changes under host->lock. Submitters do not look at it: they
 * use host->map under RCU. A channel is closed and freed only after the map was
 * taken away and a grace period is over.
 *
 * Lock order: host->subs_lock, host->control.lock, host->lock. host->lock is not
 * held over vmbus_open(), which waits for the host, nor over vmbus_close(), which
 * waits for the rescind of sub-channels, which in turn may wait for
 * stor_sub_channel_offered(). So a close may come while a sub-channel opens:
 * the session tells, and the sub-channel is closed instead of entered.
 */
static enum cpuhp_state cpuhp_state;

int stor_channels_alloc(struct stor_host *host)
{
	host->channel_room = min_t(unsigned int, num_online_cpus(), U16_MAX / 2);
	host->channel = kcalloc(host->channel_room, sizeof(*host->channel), GFP_KERNEL);
	host->closing = kcalloc(host->channel_room, sizeof(*host->closing), GFP_KERNEL);
	host->withheld = bitmap_zalloc(host->channel_room, GFP_KERNEL);
	return host->channel && host->closing && host->withheld ? 0 : -ENOMEM;
}

void stor_channels_free(struct stor_host *host)
{
	kfree(host->channel);
	kfree(host->closing);
	bitmap_free(host->withheld);
}

static bool state_move_locked(struct stor_host *host, enum stor_state next)
{
	lockdep_assert_held(&host->lock);
	if (host->state == STOR_GONE)
		return next == STOR_GONE;
	WRITE_ONCE(host->state, next);
	return true;
}

/* Return: false when the controller is GONE, and so stays. */
bool stor_state_move(struct stor_host *host, enum stor_state next)
{
	bool moved;

	mutex_lock(&host->lock);
	moved = state_move_locked(host, next);
	mutex_unlock(&host->lock);
	return moved;
}

/* The bus moved a channel's interrupt; called with the bus's locks held. */
static void target_cpu_changed(struct vmbus_channel *vmbus, u32 old, u32 new)
{
	struct vmbus_channel *primary = vmbus->primary_channel ?: vmbus;
	struct stor_host *host = hv_get_drvdata(primary->device_obj);

	if (host)
		queue_work(host->wq, &host->remap_work);
}

static void prepare(struct vmbus_channel *vmbus)
{
	/* Ids are ours, in the packets that we write ourselves. */
	vmbus->rqstor_size = 0;
#ifdef HAVE_CHANNEL_REQUEST_ID
	vmbus->next_request_id_callback = NULL;
	vmbus->request_addr_callback = NULL;
#endif
	/*
	 * The bus masks the ring before the tasklet and looks again behind it.
	 * Ending commands in the hard interrupt would save that hop, but runs
	 * under a lock of the bus, and is not possible on PREEMPT_RT.
	 */
	set_channel_read_mode(vmbus, HV_CALL_BATCHED);
	vmbus->change_target_cpu_callback = target_cpu_changed;
}

/* Behind a close the bus may have closed a sub-channel, too, and its ring is gone. */
static bool enter(struct stor_host *host, struct stor_channel *ch, u32 session)
{
	bool entered;

	mutex_lock(&host->lock);
	entered = host->session == session && host->state != STOR_GONE;
	if (entered) {
		ring_writer_init(&ch->out, ch->vmbus, ring_avail_percent_lowater);
		/* The primary one has no reference to take while its device is probed. */
		if (ch->index)
			kobject_get(&ch->vmbus->kobj);
		WRITE_ONCE(host->channel[ch->index], ch);
	}
	mutex_unlock(&host->lock);
	return entered;
}

/**
 * stor_channel_open() - open a channel and enter it in host->channel[]
 * @host:	controller
 * @vmbus:	not open
 * @index:	free entry
 * @session:	that the channel is for
 *
 * The caller holds host->subs_lock for a sub-channel.
 *
 * Return: 0; -ENODEV when the session ended meanwhile; an error of vmbus_open().
 */
int stor_channel_open(struct stor_host *host, struct vmbus_channel *vmbus, u16 index, u32 session)
{
	struct stor_channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);
	int err;

	if (!ch)
		return -ENOMEM;
	ch->vmbus = vmbus;
	ch->host = host;
	ch->index = index;
	ch->last_answer = jiffies;
	prepare(vmbus);

	err = vmbus_open(vmbus, storvsc_ringbuffer_size, storvsc_ringbuffer_size, NULL, 0,
			 stor_channel_callback, ch);
	if (!err && enter(host, ch, session))
		return 0;

	vmbus->change_target_cpu_callback = NULL;
	if (!err) {
		vmbus_close(vmbus);
		err = -ENODEV;
	}
	kfree(ch);
	return err;
}

/* Return: whether there was anything to take; all are in host->closing[] then. */
static bool take_all(struct stor_host *host)
{
	bool any = false;
	u16 i;

	if (!host->channel || !host->closing)
		return false;
	/* A question that is under way ends, since it sees the state. */
	mutex_lock(&host->control.lock);
	mutex_lock(&host->lock);
	for (i = 0; i < host->channel_room; i++) {
		if (!host->channel[i])
			continue;
		any = true;
		host->closing[i] = host->channel[i];
		host->closing[i]->vmbus->change_target_cpu_callback = NULL;
		WRITE_ONCE(host->channel[i], NULL);
	}
	mutex_unlock(&host->lock);
	mutex_unlock(&host->control.lock);
	return any;
}

/*
 * Whether the host has let go is for each ring the bus's word: a GPADL handle that
 * is left was not confirmed as torn down. See docs/decisions/0003 for what the
 * word of the stock bus is worth.
 */
static void free_all(struct stor_host *host)
{
	u16 i;

	for (i = 0; i < host->channel_room; i++) {
		struct stor_channel *ch = host->closing[i];

		if (!ch)
			continue;
		if (*compat_ring_gpadl(ch->vmbus))
			__set_bit(i, host->withheld);
		else
			__clear_bit(i, host->withheld);
		if (i)
			kobject_put(&ch->vmbus->kobj);
		host->closing[i] = NULL;
		kfree(ch);
	}
}

/**
 * stor_channels_close() - take all channels away from the host
 * @host:	controller
 * @next:	state of the controller afterwards
 *
 * When this returns nobody submits and no callback runs. What the host has not
 * answered is for stor_host_sweep().
 */
void stor_channels_close(struct stor_host *host, enum stor_state next)
{
	struct stor_map *map;

	mutex_lock(&host->lock);
	state_move_locked(host, next);
	vmbus_set_sc_create_callback(host->device->channel, NULL);
	host->subs_welcome = false;
	host->session++;
	map = rcu_replace_pointer(host->map, NULL, lockdep_is_held(&host->lock));
	mutex_unlock(&host->lock);

	synchronize_rcu();
	kfree(map);

	if (take_all(host)) {
		/* Closes the sub-channels as well. */
		vmbus_close(host->device->channel);
		free_all(host);
	}
	/* Whatever was broken is closed. */
	clear_bit(STOR_WANT_REOPEN, &host->wanted);
	clear_bit(STOR_WANT_ANEW, &host->wanted);
}

/**
 * stor_channel_break() - stop using a channel: the host broke the protocol on it
 * @ch:		open channel
 * @why:	what the host did
 *
 * Callable anywhere. The channel stays open, because the host may still use the
 * memory of its commands, until the watch closes and reopens it.
 */
void stor_channel_break(struct stor_channel *ch, const char *why)
{
	if (test_and_set_bit(STOR_CHANNEL_BROKEN, &ch->flags))
		return;
	/*
	 * The ring is never drained again. In batched mode the bus would find
	 * it full and come back at once, for ever.
	 */
	set_channel_read_mode(ch->vmbus, HV_CALL_ISR);
	dev_err(&ch->host->device->device, "channel %u: %s; stopped\n", ch->index, why);
	stor_watch_want(ch->host, STOR_WANT_REOPEN);
}

/* Return: 0 when no sub-channel is wanted. */
static u16 free_index(const struct stor_host *host)
{
	u16 i;

	lockdep_assert_held(&host->lock);
	for (i = 1; host->subs_welcome && i < host->channel_room; i++)
		if (!host->channel[i])
			return i;
	return 0;
}

static void sub_channel_open(struct stor_host *host, struct vmbus_channel *vmbus)
{
	u32 session;
	u16 index;
	int err;

	lockdep_assert_held(&host->subs_lock);
	mutex_lock(&host->lock);
	index = free_index(host);
	session = host->session;
	mutex_unlock(&host->lock);
	if (!index)
		return;

	err = stor_channel_open(host, vmbus, index, session);
	if (err)
		dev_warn(&host->device->device, "sub-channel not opened: %d\n", err);
	else
		stor_channels_remap(host);
}

/* The bus found a sub-channel. It may be opened here, or never. */
void stor_sub_channel_offered(struct vmbus_channel *vmbus)
{
	struct stor_host *host = hv_get_drvdata(vmbus->primary_channel->device_obj);

	if (!host)
		return;
	mutex_lock(&host->subs_lock);
	sub_channel_open(host, vmbus);
	mutex_unlock(&host->subs_lock);
}

static int queue_of_cpu(struct Scsi_Host *shost, unsigned int cpu)
{
	const unsigned int *map = shost->tag_set.map[HCTX_TYPE_DEFAULT].mq_map;

	return map ? (int)map[cpu] : 0;
}

static void describe(struct stor_host *host, struct stor_map_queue *queue,
		     struct stor_map_channel *channel)
{
	unsigned int cpu;
	u16 i;

	for (i = 0; i < host->shost->nr_hw_queues; i++)
		queue[i].node = NUMA_NO_NODE;
	for_each_online_cpu(cpu)
		queue[queue_of_cpu(host->shost, cpu)].node = cpu_to_node(cpu);

	for (i = 0; i < host->channel_room; i++) {
		struct stor_channel *ch = host->channel[i];

		channel[i].usable = ch && !READ_ONCE(ch->vmbus->rescind);
		if (!channel[i].usable)
			continue;
		cpu = ch->vmbus->target_cpu;
		channel[i].queue = cpu < nr_cpu_ids ? queue_of_cpu(host->shost, cpu) : -1;
		channel[i].node = cpu < nr_cpu_ids ? cpu_to_node(cpu) : NUMA_NO_NODE;
	}
}

static struct stor_map *build_map(struct stor_host *host)
{
	u16 queues = host->shost->nr_hw_queues;
	struct stor_map_channel *channel = kcalloc(host->channel_room, sizeof(*channel), GFP_KERNEL);
	struct stor_map_queue *queue = kcalloc(queues, sizeof(*queue), GFP_KERNEL);
	u16 *load = kcalloc(host->channel_room, sizeof(*load), GFP_KERNEL);
	u16 *of = kcalloc(queues, sizeof(*of), GFP_KERNEL);
	struct stor_map *map = kzalloc(struct_size(map, of, queues), GFP_KERNEL);
	u16 i;

	if (!channel || !queue || !load || !of || !map)
		goto failed;
	describe(host, queue, channel);
	if (stor_map_build(of, queue, queues, channel, host->channel_room, load))
		goto failed;
	for (i = 0; i < queues; i++)
		map->of[i] = host->channel[of[i]];
	goto out;
failed:
	kfree(map);
	map = NULL;
out:
	kfree(of);
	kfree(load);
	kfree(queue);
	kfree(channel);
	return map;
}

/* A batch that was begun under the old map has nobody to commit it. */
static void commit_all(struct stor_host *host)
{
	u16 i;

	lockdep_assert_held(&host->lock);
	for (i = 0; i < host->channel_room; i++)
		if (host->channel[i])
			stor_channel_commit(host->channel[i]);
}

/**
 * stor_channels_remap() - rebuild the map after channels or CPUs changed
 * @host:	controller
 *
 * Without memory the old map stays, which is always right, only slower.
 */
void stor_channels_remap(struct stor_host *host)
{
	struct stor_map *map, *old = NULL;

	mutex_lock(&host->lock);
	if (host->state != STOR_LIVE)
		goto out;
	map = build_map(host);
	if (!map)
		goto out;
	old = rcu_replace_pointer(host->map, map, lockdep_is_held(&host->lock));
	if (old) {
		synchronize_rcu();
		commit_all(host);
	}
out:
	mutex_unlock(&host->lock);
	kfree(old);
}

void stor_remap_work(struct work_struct *work)
{
	stor_channels_remap(container_of(work, struct stor_host, remap_work));
}

static int cpu_changed(unsigned int cpu, struct hlist_node *node)
{
	struct stor_host *host = hlist_entry(node, struct stor_host, cpu_node);

	queue_work(host->wq, &host->remap_work);
	return 0;
}

/* Return: nothing; without the notifier the map is only less good. */
void stor_channels_watch_cpus(struct stor_host *host, bool watch)
{
	if (cpuhp_state <= 0)
		return;
	if (watch)
		cpuhp_state_add_instance_nocalls(cpuhp_state, &host->cpu_node);
	else
		cpuhp_state_remove_instance_nocalls(cpuhp_state, &host->cpu_node);
}

int stor_channel_init(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "scsi/storvsc:online",
					    cpu_changed, cpu_changed);

	if (state < 0)
		return state;
	cpuhp_state = state;
	return 0;
}

void stor_channel_exit(void)
{
	cpuhp_remove_multi_state(cpuhp_state);
}
