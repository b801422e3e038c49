// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include "drivers/storvsc/ids.h"
#include "drivers/storvsc/srb.h"
#include "drivers/storvsc/status.h"
#include "protocol/gpa.h"
#include "protocol/packet.h"

/*
 * The way of a command to the host.
 *
 *   queuecommand ── quirk? ──> answered here
 *        │
 *   host->map[queue] ──> channel ──> ring ── last of its batch? ──> publish, signal
 *        │                  │
 *   none: put off        full: publish what is there, try the channels of
 *   or refused           other queues, then put off
 *
 * Nothing is allocated, and the command is written once, into the ring. Either
 * the slot is armed and the packet reserved, with nothing in between that can
 * fail, or nothing happened. Every way out
 * publishes if this was the last command of the batch.
 *
 * Page frames come straight from the scatter list: our modules refuse isolated
 * VMs, and in all others a host address is a guest physical address. So there is
 * no DMA mapping and nothing to undo.
 */
#define SPILL_TRIES	4
#define LARGE_BATCH	4	/* part of the ring: a bigger batch goes out early */

/* What is known about a command before a channel is chosen. */
struct outgoing {
	struct scsi_cmnd *cmd;
	struct stor_slot *slot;
	u16 tag;
	u16 queue;
	u32 length;		/* bytes of data */
	u32 first_offset;	/* into the first page */
	u32 pages;
	u32 payload;		/* bytes of the storage packet */
	bool last;		/* of its batch */
	bool optional;
};

static u8 data_of(const struct scsi_cmnd *cmd)
{
	switch (cmd->sc_data_direction) {
	case DMA_TO_DEVICE:
		return HVP_STOR_WRITE;
	case DMA_FROM_DEVICE:
		return HVP_STOR_READ;
	default:
		return HVP_STOR_NO_DATA;
	}
}

static u32 header_bytes(const struct outgoing *out)
{
	if (!out->length)
		return sizeof(struct hvp_packet_desc);
	return sizeof(struct hvp_packet_desc) + sizeof(struct hvp_gpa_direct) +
	       sizeof(struct hvp_gpa_range) + out->pages * sizeof(u64);
}

static u64 pack16(u16 a, u16 b, u16 c, u16 d)
{
	return a | (u64)b << 16 | (u64)c << 32 | (u64)d << 48;
}

static u64 pack32(u32 a, u32 b)
{
	return a | (u64)b << 32;
}

static void put_descriptor(struct ring_writer *w, u16 type, u32 header, u32 payload, u64 id)
{
	BUILD_BUG_ON(sizeof(struct hvp_packet_desc) != 16);
	ring_writer_put64(w, pack16(type, header / 8, (header + payload) / 8,
				    HVP_PKT_WANT_COMPLETION));
	ring_writer_put64(w, id);
}

/* Return: whether the list is what its length says; what is behind it is not looked at. */
static bool put_pages(struct ring_writer *w, const struct outgoing *out)
{
	struct scatterlist *sg;
	u32 left = out->pages;
	int i;

	BUILD_BUG_ON(sizeof(struct hvp_gpa_direct) != 8 || sizeof(struct hvp_gpa_range) != 8);
	ring_writer_put64(w, pack32(0, 1));
	ring_writer_put64(w, pack32(out->length, out->first_offset));

	scsi_for_each_sg(out->cmd, sg, scsi_sg_count(out->cmd), i) {
		phys_addr_t address = sg_phys(sg);
		u64 pfn = address >> HVP_PAGE_SHIFT;
		u32 count = hvp_gpa_range_pages(sg->length, address & HVP_PAGE_MASK);

		/* One range has no holes: see virt_boundary_mask. */
		if (i > 0 && (address & HVP_PAGE_MASK))
			return false;
		if (count > left)
			return false;
		left -= count;
		while (count--)
			ring_writer_put64(w, pfn++);
	}
	return left == 0;
}

static void put_command(struct ring_writer *w, const struct stor_host *host,
			const struct outgoing *out)
{
	struct scsi_device *sdev = out->cmd->device;
	const struct stor_request rq = {
		.cdb = out->cmd->cmnd,
		.cdb_length = out->cmd->cmd_len,
		.port = host->shost->host_no,
		.path = sdev->channel,
		.target = sdev->id,
		.lun = sdev->lun,
		.data = out->length ? data_of(out->cmd) : HVP_STOR_NO_DATA,
		.tagged = sdev->tagged_supported,
		.length = out->length,
	};
	struct hvp_stor_packet *place = ring_writer_straight(w, out->payload);
	struct hvp_stor_packet packet;

	if (likely(place)) {
		stor_srb_build(place, &rq, host->dialect);
		ring_writer_skip(w, out->payload);
	} else {
		stor_srb_build(&packet, &rq, host->dialect);
		ring_writer_put(w, &packet, out->payload);
	}
}

static void arm(struct stor_channel *ch, const struct outgoing *out)
{
	struct stor_slot *slot = out->slot;

	slot->requested = out->length;
	slot->channel = ch->index;
	slot->optional = out->optional;
	WRITE_ONCE(slot->sent_at, jiffies);
	stor_slot_arm(slot, out->cmd);
}

static int write_command(struct stor_channel *ch, const struct outgoing *out)
{
	struct ring_writer *w = &ch->out;
	u32 header = header_bytes(out);
	u64 id = stor_id_make(stor_slot_next(out->slot), ch->index, out->tag);

	put_descriptor(w, out->length ? HVP_PKT_GPA_DIRECT : HVP_PKT_INBAND, header,
		       out->payload, id);
	if (out->length && !put_pages(w, out))
		return -EINVAL;
	put_command(w, ch->host, out);
	arm(ch, out);
	ring_writer_end(w);
	ch->sent++;
	return 0;
}

/* After a publication, outside the lock. */
static void published(struct stor_channel *ch, bool signal)
{
	if (signal)
		vmbus_setevent(ch->vmbus);
	if (unlikely(READ_ONCE(ch->out.broken)))
		stor_channel_break(ch, "ring index out of range");
}

static bool batch_is_large(const struct ring_writer *w)
{
	return hvp_ring_readable(w->reserved, w->published, w->size) > w->size / LARGE_BATCH;
}

/**
 * channel_submit() - one command into one ring
 * @ch:		open channel
 * @out:	the command
 * @reserve:	leave the ring's low-water part alone
 *
 * Return: 0; -EAGAIN full; -EIO broken; -EINVAL a scatter list that no range
 * describes. With an error, what the ring held back is published.
 */
static int channel_submit(struct stor_channel *ch, const struct outgoing *out, bool reserve)
{
	spinlock_t *lock = &ch->vmbus->outbound.ring_lock;
	struct ring_writer *w = &ch->out;
	unsigned long flags;
	bool signal = false;
	int err;

	spin_lock_irqsave(lock, flags);
	err = ring_writer_begin(w, header_bytes(out) + out->payload, reserve);
	if (!err)
		err = write_command(ch, out);
	if (err || out->last || batch_is_large(w))
		signal = ring_writer_publish(w);
	spin_unlock_irqrestore(lock, flags);

	published(ch, signal);
	return err;
}

static bool usable(const struct stor_channel *ch)
{
	return !stor_channel_broken(ch) && !READ_ONCE(ch->vmbus->rescind);
}

/* The own channel is full or unusable: look at those of other queues. */
static int spill(struct stor_host *host, const struct stor_map *map, struct outgoing *out)
{
	struct stor_channel *own = map->of[out->queue], *tried = own;
	u16 queues = host->shost->nr_hw_queues, i;
	unsigned int tries = 0;

	out->last = true;	/* their batches are not ours to hold back */
	for (i = 1; i < queues && tries < SPILL_TRIES; i++) {
		struct stor_channel *ch = map->of[(out->queue + i) % queues];

		if (ch == own || ch == tried || !usable(ch))
			continue;
		tried = ch;
		tries++;
		if (channel_submit(ch, out, true) == 0) {
			atomic64_inc(&host->spills);
			return 0;
		}
	}
	return usable(own) ? channel_submit(own, out, false) : -EAGAIN;
}

static int map_submit(struct stor_host *host, const struct stor_map *map, struct outgoing *out)
{
	struct stor_channel *ch = map->of[out->queue];
	int err = -EAGAIN;

	if (likely(usable(ch)))
		err = channel_submit(ch, out, true);
	else
		queue_work(host->wq, &host->remap_work);
	if (unlikely(err == -EAGAIN || err == -EIO))
		err = spill(host, map, out);
	return err;
}

static void describe(struct stor_host *host, struct scsi_cmnd *cmd, struct outgoing *out)
{
	struct request *rq = scsi_cmd_to_rq(cmd);

	out->cmd = cmd;
	out->tag = rq->tag;
	out->slot = &host->slots.slot[rq->tag];
	out->queue = blk_mq_unique_tag_to_hwq(blk_mq_unique_tag(rq));
	out->length = data_of(cmd) == HVP_STOR_NO_DATA ? 0 : scsi_bufflen(cmd);
	out->first_offset = out->length ? sg_phys(scsi_sglist(cmd)) & HVP_PAGE_MASK : 0;
	out->pages = hvp_gpa_range_pages(out->length, out->first_offset);
	out->payload = host->dialect->packet_length;
	/* Error handling sends single commands, on some kernels without the flag. */
	out->last = (cmd->flags & SCMD_LAST) || scsi_host_in_recovery(host->shost);
}

static bool gone(struct stor_host *host)
{
	enum stor_state state = READ_ONCE(host->state);

	return state == STOR_GONE || state == STOR_FAILED ||
	       READ_ONCE(host->device->channel->rescind);
}

/* Under RCU: the map and its channels stay until we are through. */
static compat_qc_status submit(struct stor_host *host, struct scsi_cmnd *cmd, bool optional)
{
	const struct stor_map *map = rcu_dereference(host->map);
	struct outgoing out = { .optional = optional };
	int err;

	if (unlikely(gone(host))) {
		stor_command_end(host, cmd, STOR_DID_NO_CONNECT);
		return 0;
	}
	if (unlikely(!map))
		return SCSI_MLQUEUE_HOST_BUSY;

	describe(host, cmd, &out);
	err = map_submit(host, map, &out);
	if (unlikely(err == -EINVAL)) {
		stor_command_end(host, cmd, STOR_DID_ERROR);
		return 0;
	}
	if (unlikely(err)) {
		atomic64_inc(&host->busy);
		return SCSI_MLQUEUE_HOST_BUSY;
	}
	/* Behind the barrier of the publication; partner: watch() in errors.c. */
	if (unlikely(!READ_ONCE(host->watching)))
		stor_watch_arm(host);
	return 0;
}

compat_qc_status stor_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	struct stor_host *host = shost_priv(shost);
	enum stor_quirk quirk = stor_quirk_find(cmd->cmnd, host->kind, host->dialect->version);
	u16 queue = blk_mq_unique_tag_to_hwq(blk_mq_unique_tag(scsi_cmd_to_rq(cmd)));
	bool last = cmd->flags & SCMD_LAST;
	compat_qc_status status;

	if (unlikely(quirk == STOR_REFUSE)) {
		atomic64_inc(&host->refused);
		stor_command_illegal(cmd);
		if (last)
			stor_commit_rqs(shost, queue);
		return 0;
	}
	rcu_read_lock();
	status = submit(host, cmd, quirk == STOR_OPTIONAL);
	rcu_read_unlock();
	return status;
}

/**
 * stor_channel_commit() - publish what the ring holds back
 * @ch:		open channel
 *
 * Return: whether there was anything.
 */
bool stor_channel_commit(struct stor_channel *ch)
{
	spinlock_t *lock = &ch->vmbus->outbound.ring_lock;
	unsigned long flags;
	bool pending, signal;

	spin_lock_irqsave(lock, flags);
	pending = ring_writer_pending(&ch->out);
	signal = ring_writer_publish(&ch->out);
	spin_unlock_irqrestore(lock, flags);

	published(ch, signal);
	return pending;
}

/* The block layer sends no more for now, though it said that there was more. */
void stor_commit_rqs(struct Scsi_Host *shost, u16 queue)
{
	struct stor_host *host = shost_priv(shost);
	const struct stor_map *map;

	rcu_read_lock();
	map = rcu_dereference(host->map);
	if (map)
		stor_channel_commit(map->of[queue]);
	rcu_read_unlock();
}

/**
 * stor_channel_send() - send a packet without data, at once
 * @ch:		open channel
 * @packet:	as long as the dialect has it
 * @id:		transaction
 *
 * For the control transaction, whose caller keeps the channel open.
 */
int stor_channel_send(struct stor_channel *ch, const struct hvp_stor_packet *packet, u64 id)
{
	u32 length = ch->host->dialect->packet_length;
	spinlock_t *lock = &ch->vmbus->outbound.ring_lock;
	struct ring_writer *w = &ch->out;
	unsigned long flags;
	bool signal;
	int err;

	spin_lock_irqsave(lock, flags);
	err = ring_writer_begin(w, sizeof(struct hvp_packet_desc) + length, false);
	if (!err) {
		put_descriptor(w, HVP_PKT_INBAND, sizeof(struct hvp_packet_desc), length, id);
		ring_writer_put(w, packet, length);
		ring_writer_end(w);
	}
	signal = ring_writer_publish(w);
	spin_unlock_irqrestore(lock, flags);

	published(ch, signal);
	return err;
}
