// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include "drivers/storvsc/ids.h"
#include "drivers/storvsc/status.h"
#include "protocol/packet.h"

/*
 * The way of an answer to its command.
 *
 *   callback ──> snapshot of the write index ──> packet by packet, at most BUDGET
 *     header checked ──> payload copied ──> id ──> slot claimed ──> judged ──> scsi_done()
 *   ──> read index published once ──> signal, if the host waits for room
 *
 * The callback runs in the bus's tasklet, one at a time per channel, with the
 * ring's interrupt masked. What is left over the budget, or comes while it runs,
 * brings it back: the bus unmasks, looks once more, and schedules the tasklet.
 *
 * Nothing in the ring is read twice. A packet that does not fit the ring stops
 * the channel, since the place of the next one is unknown then. A command whose
 * answer is nonsense is ended all the same: the host has given it back.
 */
#define BUDGET	256

#define SAME(ours, theirs)	static_assert((int)(ours) - (int)(theirs) == 0, #theirs)
SAME(STOR_DID_OK, DID_OK);
SAME(STOR_DID_NO_CONNECT, DID_NO_CONNECT);
SAME(STOR_DID_ERROR, DID_ERROR);
SAME(STOR_DID_REQUEUE, DID_REQUEUE);
SAME(STOR_DID_TRANSPORT_FAILFAST, DID_TRANSPORT_FAILFAST);

/**
 * stor_command_end() - end a command that no answer ended
 * @host:	controller
 * @cmd:	the command
 * @host_byte:	enum stor_did
 *
 * The caller claimed it, or never sent it.
 */
void stor_command_end(struct stor_host *host, struct scsi_cmnd *cmd, u8 host_byte)
{
	cmd->result = host_byte << 16;
	scsi_set_resid(cmd, scsi_bufflen(cmd));
	scsi_done(cmd);
}

static void set_illegal_request(struct scsi_cmnd *cmd)
{
	hvp_sense_build(cmd->sense_buffer, SCSI_SENSE_BUFFERSIZE, STOR_SENSE_ILLEGAL_REQUEST,
			STOR_ASC_INVALID_OPCODE, 0);
	cmd->result = STOR_SAM_CHECK_CONDITION | COMPAT_RESULT_SENSE;
}

/* Answer for the host that it does not know the command. */
void stor_command_illegal(struct scsi_cmnd *cmd)
{
	set_illegal_request(cmd);
	scsi_set_resid(cmd, scsi_bufflen(cmd));
	scsi_done(cmd);
}

static void apply(struct scsi_cmnd *cmd, const struct stor_verdict *v, const u8 *sense)
{
	scsi_set_resid(cmd, v->residual);
	if (v->illegal_request) {
		set_illegal_request(cmd);
		return;
	}
	cmd->result = v->host_byte << 16 | v->status;
	if (v->sense_length) {
		memcpy(cmd->sense_buffer, sense, v->sense_length);
		cmd->result |= COMPAT_RESULT_SENSE;
	}
}

static void note_error(struct stor_host *host, const struct scsi_cmnd *cmd,
		       const struct hvp_srb *srb, const struct stor_verdict *v)
{
	enum stor_log level = v->host_byte == STOR_DID_ERROR ? STOR_LOG_ERROR : STOR_LOG_WARN;

	atomic64_inc(&host->errors);
	stor_log(host, level, "%u:%llu command %#x: srb %#x scsi %#x, result %#x\n",
		 cmd->device->id, cmd->device->lun, cmd->cmnd[0], srb->srb_status,
		 srb->scsi_status, cmd->result);
}

static void end_by_answer(struct stor_host *host, struct scsi_cmnd *cmd, bool optional,
			  const struct hvp_srb *srb)
{
	const struct stor_answer answer = {
		.srb_status = srb->srb_status,
		.scsi_status = srb->scsi_status,
		.sense_length = srb->sense_length,
		.sense = srb->sense,
		.transferred = srb->transfer_length,
		.requested = scsi_bufflen(cmd),
		.sector_size = cmd->device->sector_size,
		.medium = stor_cdb_is_medium(cmd->cmnd[0]),
		.optional = optional,
	};
	struct stor_verdict v = stor_status_judge(&answer);

	apply(cmd, &v, srb->sense);
	if (unlikely(cmd->result))
		note_error(host, cmd, srb, &v);
	if (unlikely(v.news))
		stor_news(host, cmd->device, v.news);
	scsi_done(cmd);
}

static void command_answered(struct stor_channel *ch, const struct stor_id *id,
			     const struct hvp_stor_packet *packet, u32 length)
{
	struct stor_host *host = ch->host;
	struct stor_slot *slot;
	struct scsi_cmnd *cmd;
	u32 requested;
	bool optional;

	if (id->tag >= host->slots.count || id->channel != ch->index) {
		ch->stale++;
		return;
	}
	slot = &host->slots.slot[id->tag];
	cmd = stor_slot_claim(slot, id->generation);
	if (!cmd) {
		ch->stale++;
		return;
	}
	ch->answered++;
	/* The tag is the command's until scsi_done(). */
	requested = slot->requested;
	optional = slot->optional;
	if (unlikely(hvp_stor_answer_check(packet, length, host->dialect, HVP_STOR_EXECUTE_SRB,
					   requested))) {
		stor_command_end(host, cmd, STOR_DID_ERROR);
		stor_channel_break(ch, "malformed answer");
		return;
	}
	end_by_answer(host, cmd, optional, &packet->srb);
}

static void answered(struct stor_channel *ch, u64 transaction,
		     const struct hvp_stor_packet *packet, u32 length)
{
	struct stor_id id;

	if (!stor_id_parse(transaction, &id)) {
		ch->stale++;
	} else if (likely(id.tag != STOR_TAG_CONTROL)) {
		command_answered(ch, &id, packet, length);
	} else if (id.channel != ch->index ||
		   !stor_control_answered(ch->host, id.generation, packet, length)) {
		ch->stale++;
	}
}

/* What the host says unasked. */
static void told(struct stor_channel *ch, const struct hvp_stor_packet *packet)
{
	switch (packet->op) {
	case HVP_STOR_ENUMERATE_BUS:
	case HVP_STOR_REMOVE_DEVICE:
		stor_scan_want(ch->host);
		break;
	default:
		ch->strange++;
	}
}

static void take_packet(struct stor_channel *ch, const struct hvp_packet_iter *it,
			const struct hvp_packet *pkt)
{
	struct hvp_stor_packet packet;
	u32 length = hvp_packet_payload(it, pkt, &packet, sizeof(packet));

	if (unlikely(length < sizeof(packet)))
		memset((u8 *)&packet + length, 0, sizeof(packet) - length);

	switch (pkt->type) {
	case HVP_PKT_COMPLETION:
		answered(ch, pkt->transaction, &packet, length);
		break;
	case HVP_PKT_INBAND:
		told(ch, &packet);
		break;
	default:
		ch->strange++;
	}
}

/* Give the space back to the host. Return: whether it waits for just that. */
static bool publish_read(struct stor_channel *ch, u32 read, u32 freed)
{
	struct hv_ring_buffer_info *ring = &ch->vmbus->inbound;
	struct hv_ring_buffer *shared = ring->ring_buffer;
	u32 pending, write, free_now;

	ch->read = read;
	ring->priv_read_index = read;
	/* Our loads of the packets come before the host's stores over them. */
	virt_store_release(&shared->read_index, read);
	if (!shared->feature_bits.feat_pending_send_sz)
		return false;

	/* Index before the size: pairs with the host, which sets the size and looks again. */
	virt_mb();
	pending = READ_ONCE(shared->pending_send_sz);
	if (likely(!pending))
		return false;
	write = READ_ONCE(shared->write_index);
	if (!hvp_ring_index_ok(write, ring->ring_datasize))
		return false;	/* the next drain finds that out */
	free_now = hvp_ring_writable(write, read, ring->ring_datasize);
	return hvp_ring_signal_after_read(pending, free_now > freed ? free_now - freed : 0,
					  free_now);
}

static void drain(struct stor_channel *ch)
{
	struct hv_ring_buffer_info *ring = &ch->vmbus->inbound;
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	int got, budget;
	u32 queued, write;

	/* Index before packets: pairs with the host's store of the index behind them. */
	write = virt_load_acquire(&ring->ring_buffer->write_index);
	if (hvp_packet_iter_init(&it, hv_get_ring_buffer(ring), ring->ring_datasize, write,
				 ch->read)) {
		stor_channel_break(ch, "ring index out of range");
		return;
	}
	queued = it.left;
	if (!queued)
		return;
	for (budget = BUDGET; budget > 0; budget--) {
		got = hvp_packet_peek(&it, &pkt);
		if (got <= 0)
			break;
		take_packet(ch, &it, &pkt);
		hvp_packet_next(&it, &pkt);
	}
	ch->last_answer = jiffies;
	if (publish_read(ch, it.read, queued - it.left)) {
		ch->vmbus->intr_in_full++;
		vmbus_setevent(ch->vmbus);
	}
	if (unlikely(budget > 0 && got < 0))
		stor_channel_break(ch, "malformed packet");
}

void stor_channel_callback(void *context)
{
	struct stor_channel *ch = context;

	if (unlikely(stor_channel_broken(ch)))
		return;
	ch->drains++;
	drain(ch);
}
