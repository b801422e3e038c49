// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/storvsp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine/loop.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/storvsp_private.h"
#include "protocol/version.h"

/*
 * The handshake, on the primary channel:
 *
 *	closed --open--> opened --BEGIN_INIT--> begun
 *	begun --QUERY_VERSION (agreed)--> versioned	(refused: still begun)
 *	versioned --QUERY_PROPERTIES--> described --END_INIT--> running
 *	any --closed by the guest--> closed
 *
 *	CREATE_SUB_CHANNELS	described or running
 *	EXECUTE_SRB, RESET_*	running; on every channel
 *	ENUMERATE_BUS (ours)	running
 *
 * Sub-channels have no handshake of their own. What comes out of order breaks
 * rule stor-order and is answered with INVALID_DEVICE_STATE.
 *
 * A request lives from readable() to stor_answer(); its transaction keeps the
 * guest's pages. When its channel closes meanwhile the answer goes nowhere,
 * but the request still runs to its end, because the disk may be writing into
 * those pages until then.
 */

#define INSTANCE_GUID(n) \
	HVP_GUID(0x6f70656e, 0x6c69, 0x4c49, 0x80, 0x53, 0x73, 0x63, 0x73, 0x69, 0x00, (n))

#define DEFAULT_TRANSFER	(256u << 10)

static const char *const state_names[STOR_STATE_COUNT] = {
	[STOR_CLOSED]		= "closed",
	[STOR_OPENED]		= "opened",
	[STOR_BEGUN]		= "begun",
	[STOR_VERSIONED]	= "versioned",
	[STOR_DESCRIBED]	= "described",
	[STOR_RUNNING]		= "running",
};

static void violation(const struct stor_req *req, enum checker_rule rule, uint32_t value)
{
	checker_report(vmbus_checker(req->vsp->vmbus), rule,
		       channel_relid(channel_txn_channel(req->txn)), "%s: %s, %u, state %s",
		       req->vsp->name, hvp_stor_op_name(req->packet.op), value,
		       state_names[req->vsp->state]);
}

uint32_t stor_packet_len(const struct storvsp *vsp)
{
	const struct hvp_stor_dialect *dialect = vsp->dialect;

	if (!dialect)
		dialect = hvp_stor_dialect_find(HVP_STOR_V4_2);
	return dialect->packet_length;
}

/* ---- answers ---- */

static void commit_batches(void *opaque)
{
	struct storvsp *vsp = opaque;
	struct stor_channel *sc;

	vsp->commit_queued = false;
	while ((sc = vsp->batching)) {
		vsp->batching = sc->next;
		sc->batching = false;
		channel_batch_commit(sc->ch);
	}
}

/* What completes in this loop round leaves in one batch per channel. */
static void join_batch(struct storvsp *vsp, struct stor_channel *sc)
{
	if (sc->batching)
		return;
	if (!vsp->commit_queued && loop_defer(vsp->loop, commit_batches, vsp))
		return;
	vsp->commit_queued = true;
	channel_batch_begin(sc->ch);
	sc->batching = true;
	sc->next = vsp->batching;
	vsp->batching = sc;
}

static void leave_batch(struct storvsp *vsp, struct stor_channel *sc)
{
	struct stor_channel **link;

	if (!sc->batching)
		return;
	for (link = &vsp->batching; *link != sc; link = &(*link)->next)
		;
	*link = sc->next;
	channel_batch_commit(sc->ch);
}

void stor_answer(struct stor_req *req, uint32_t status)
{
	struct stor_channel *sc = channel_private(channel_txn_channel(req->txn));

	req->packet.op = HVP_STOR_COMPLETE_IO;
	req->packet.flags = 0;
	req->packet.status = status;
	if (sc)
		join_batch(req->vsp, sc);
	channel_txn_complete(req->txn, &req->packet, req->packet_len);
	free(req);
}

/* ---- handshake ---- */

static void begin_init(struct stor_req *req)
{
	req->vsp->state = STOR_BEGUN;
	stor_answer(req, HVP_STOR_STATUS_SUCCESS);
}

/* The newest storage version of the generation that speaks this VMBus version. */
static uint16_t newest_version(const struct storvsp *vsp)
{
	uint32_t bus = vmbus_version(vsp->vmbus);

	if (vsp->config.max_version)
		return vsp->config.max_version;
	if (bus >= HVP_V4_0)
		return HVP_STOR_V6_2;
	return bus >= HVP_V3_0 ? HVP_STOR_V6_0 : HVP_STOR_V5_1;
}

static void query_version(struct stor_req *req)
{
	uint16_t version = req->packet.version.version;

	if (version <= newest_version(req->vsp))
		req->vsp->dialect = hvp_stor_dialect_find(version);
	if (!req->vsp->dialect)
		return stor_answer(req, HVP_STOR_STATUS_REVISION_MISMATCH);
	req->vsp->state = STOR_VERSIONED;
	stor_answer(req, HVP_STOR_STATUS_SUCCESS);
}

static void query_properties(struct stor_req *req)
{
	const struct storvsp *vsp = req->vsp;
	struct hvp_stor_properties *properties = &req->packet.properties;

	memset(properties, 0, sizeof(*properties));
	properties->max_transfer_bytes = vsp->config.max_transfer_bytes;
	if (vsp->dialect->sub_channels && vsp->config.max_sub_channels) {
		properties->max_sub_channels = vsp->config.max_sub_channels;
		properties->flags = HVP_STOR_PROP_MULTI_CHANNEL;
	}
	req->vsp->state = STOR_DESCRIBED;
	stor_answer(req, HVP_STOR_STATUS_SUCCESS);
}

static void create_sub_channels(struct stor_req *req)
{
	struct storvsp *vsp = req->vsp;
	uint16_t count = req->packet.sub_channels;

	if (!vsp->dialect->sub_channels || !count || count > vsp->config.max_sub_channels) {
		violation(req, RULE_STOR_SUB_CHANNELS, count);
		return stor_answer(req, HVP_STOR_STATUS_INVALID_PARAMETER);
	}
	if (vmbus_device_offer_subs(vsp->device, count))
		return stor_answer(req, HVP_STOR_STATUS_UNSUCCESSFUL);
	stor_answer(req, HVP_STOR_STATUS_SUCCESS);
}

static void end_init(struct stor_req *req)
{
	req->vsp->state = STOR_RUNNING;
	stor_answer(req, HVP_STOR_STATUS_SUCCESS);
}

/* Only Fibre Channel controllers have an answer. */
static void fchba_data(struct stor_req *req)
{
	stor_answer(req, HVP_STOR_STATUS_INVALID_PARAMETER);
}

/* ---- resets ---- */

static void answer_resets(struct storvsp *vsp)
{
	struct stor_req *req;

	while ((req = vsp->resets)) {
		vsp->resets = req->next;
		stor_answer(req, HVP_STOR_STATUS_SUCCESS);
	}
}

/* What a fault delays must not run behind the reset. What it lost stays lost. */
static void flush_held(struct storvsp *vsp)
{
	struct stor_req *req, *next;

	for (req = LIST_FIRST(&vsp->held); req; req = next) {
		next = LIST_NEXT(req, link);
		if (req->packet.op != HVP_STOR_EXECUTE_SRB || !channel_txn_recall(req->txn))
			continue;
		LIST_REMOVE(req, link);
		stor_flush_srb(req);
	}
}

/* A reset is answered when every command the target works on has ended. */
static void reset(struct stor_req *req)
{
	struct storvsp *vsp = req->vsp;

	vsp->reset_count++;
	flush_held(vsp);
	req->next = vsp->resets;
	vsp->resets = req;
	if (!vsp->in_flight)
		answer_resets(vsp);
}

void stor_command_ended(struct storvsp *vsp)
{
	if (!--vsp->in_flight)
		answer_resets(vsp);
}

/* ---- dispatch ---- */

#define IN(state)	(1u << (state))

struct operation {
	void (*run)(struct stor_req *req);
	uint8_t states;		/* IN(...) */
	bool any_channel;	/* else only the primary */
};

static const struct operation operations[HVP_STOR_OP_COUNT] = {
	[HVP_STOR_BEGIN_INIT]		= { begin_init, IN(STOR_OPENED), false },
	[HVP_STOR_QUERY_VERSION]	= { query_version, IN(STOR_BEGUN), false },
	[HVP_STOR_QUERY_PROPERTIES]	= { query_properties, IN(STOR_VERSIONED), false },
	[HVP_STOR_CREATE_SUB_CHANNELS]	= { create_sub_channels,
					    IN(STOR_DESCRIBED) | IN(STOR_RUNNING), false },
	[HVP_STOR_END_INIT]		= { end_init, IN(STOR_DESCRIBED), false },
	[HVP_STOR_FCHBA_DATA]		= { fchba_data, IN(STOR_RUNNING), false },
	[HVP_STOR_EXECUTE_SRB]		= { stor_execute_srb, IN(STOR_RUNNING), true },
	[HVP_STOR_RESET_LUN]		= { reset, IN(STOR_RUNNING), true },
	[HVP_STOR_RESET_ADAPTER]	= { reset, IN(STOR_RUNNING), true },
	[HVP_STOR_RESET_BUS]		= { reset, IN(STOR_RUNNING), true },
};

static void dispatch(struct stor_req *req)
{
	const struct operation *operation;
	uint32_t op = req->packet.op;

	if (req->packet_len < stor_packet_len(req->vsp)) {
		violation(req, RULE_STOR_SHORT, req->packet_len);
		return stor_answer(req, HVP_STOR_STATUS_INVALID_PARAMETER);
	}
	operation = op < HVP_STOR_OP_COUNT ? &operations[op] : NULL;
	if (!operation || !operation->run) {
		violation(req, RULE_STOR_OPERATION, op);
		return stor_answer(req, HVP_STOR_STATUS_INVALID_PARAMETER);
	}
	if (!(operation->states & IN(req->vsp->state)) ||
	    (!operation->any_channel && !req->primary)) {
		violation(req, RULE_STOR_ORDER, op);
		return stor_answer(req, HVP_STOR_STATUS_INVALID_DEVICE_STATE);
	}
	operation->run(req);
}

/* Past the fault point, perhaps much later. */
static void resume(void *opaque, int err)
{
	struct stor_req *req = opaque;

	LIST_REMOVE(req, link);
	if (!err)
		return dispatch(req);
	channel_txn_end(req->txn);
	free(req);
}

static struct stor_req *make_request(struct storvsp *vsp, struct vmbus_channel *ch,
				     const struct channel_packet *pkt)
{
	/* A GPA list names at most one page per 8 bytes. */
	unsigned int pages = pkt->type == HVP_PKT_GPA_DIRECT ? pkt->header_len / 8 : 0;
	struct stor_req *req = malloc(sizeof(*req) + pages * sizeof(struct iovec));

	if (!req)
		return NULL;
	memset(req, 0, offsetof(struct stor_req, cmd));
	req->vsp = vsp;
	req->iov_max = pages;
	req->primary = channel_sub_index(ch) == 0;
	req->packet_len = pkt->payload_len < sizeof(req->packet) ? pkt->payload_len
								 : sizeof(req->packet);
	memcpy(&req->packet, pkt->payload, req->packet_len);
	return req;
}

static void bad_packet(struct storvsp *vsp, const struct vmbus_channel *ch,
		       const struct channel_packet *pkt, enum checker_rule rule)
{
	checker_report(vmbus_checker(vsp->vmbus), rule, channel_relid(ch), "%s: packet type %u",
		       vsp->name, pkt->type);
}

static void refuse(const struct storvsp *vsp, struct vmbus_channel *ch,
		   const struct channel_packet *pkt)
{
	struct hvp_stor_packet refusal = {
		.op = HVP_STOR_COMPLETE_IO,
		.status = HVP_STOR_STATUS_INVALID_PARAMETER,
	};

	channel_reply(ch, pkt, &refusal, stor_packet_len(vsp));
}

static void receive(struct storvsp *vsp, struct vmbus_channel *ch,
		    const struct channel_packet *pkt)
{
	struct stor_req *req;
	bool srb;

	if (pkt->type == HVP_PKT_COMPLETION)	/* of an ENUMERATE_BUS; nobody asked */
		return;
	if (!(pkt->flags & HVP_PKT_WANT_COMPLETION))
		return bad_packet(vsp, ch, pkt, RULE_STOR_NO_COMPLETION);
	if (pkt->type != HVP_PKT_INBAND && pkt->type != HVP_PKT_GPA_DIRECT) {
		bad_packet(vsp, ch, pkt, RULE_STOR_OPERATION);
		return refuse(vsp, ch, pkt);
	}
	req = make_request(vsp, ch, pkt);
	if (!req || channel_txn_begin(&req->txn, ch, pkt, req)) {
		free(req);
		return refuse(vsp, ch, pkt);
	}
	srb = req->packet.op == HVP_STOR_EXECUTE_SRB;
	if (channel_txn_fault(req->txn, srb ? FAULT_STOR_SRB : FAULT_STOR_INIT, resume, req))
		LIST_INSERT_HEAD(&vsp->held, req, link);
	else
		dispatch(req);
}

/* ---- the device ---- */

static void readable(void *dev, struct vmbus_channel *ch)
{
	struct channel_packet pkt;

	while (channel_recv(ch, &pkt) == 1)
		receive(dev, ch, &pkt);
}

static u32 open_channel(void *dev, struct vmbus_channel *ch)
{
	struct storvsp *vsp = dev;
	struct stor_channel *sc = calloc(1, sizeof(*sc));

	if (!sc)
		return HVP_STOR_STATUS_UNSUCCESSFUL;
	sc->vsp = vsp;
	sc->ch = ch;
	channel_set_private(ch, sc);
	if (channel_sub_index(ch) == 0) {
		vsp->state = STOR_OPENED;
		vsp->dialect = NULL;
	}
	return 0;
}

static void closed(void *dev, struct vmbus_channel *ch)
{
	struct storvsp *vsp = dev;
	struct stor_channel *sc = channel_private(ch);

	if (channel_sub_index(ch) == 0) {
		vsp->state = STOR_CLOSED;
		vsp->dialect = NULL;
	}
	if (!sc)
		return;
	channel_set_private(ch, NULL);
	leave_batch(vsp, sc);
	free(sc);
}

static const struct vmbus_device_ops device_ops = {
	.open		= open_channel,
	.closed		= closed,
	.readable	= readable,
};

static int offer(struct storvsp *vsp, struct err *err)
{
	struct vmbus_device_params params = {
		.name = vsp->name,
		.class_id = HVP_CLASS_SCSI,
		.instance_id = INSTANCE_GUID(vsp->config.controller),
	};
	int ret;

	ret = vmbus_device_create(&vsp->device, vsp->vmbus, &params, &device_ops, vsp);
	if (!ret)
		ret = vmbus_device_offer(vsp->device);
	if (ret)
		return err_set(err, ret, "cannot offer %s: %s", vsp->name, strerror(-ret));
	return 0;
}

int storvsp_create(struct storvsp **out, struct vmbus *vmbus, const struct storvsp_config *config,
		   struct err *err)
{
	struct storvsp *vsp = calloc(1, sizeof(*vsp));
	int ret;

	if (!vsp)
		return err_set(err, -ENOMEM, "out of memory");
	vsp->vmbus = vmbus;
	vsp->loop = vmbus_loop(vmbus);
	vsp->config = *config;
	if (!vsp->config.max_transfer_bytes)
		vsp->config.max_transfer_bytes = DEFAULT_TRANSFER;
	snprintf(vsp->name, sizeof(vsp->name), "scsi%u", config->controller);
	vsp->target = scsi_target_create();
	vsp->absent = scsi_target_create();
	ret = vsp->target && vsp->absent ? offer(vsp, err) : err_set(err, -ENOMEM, "out of memory");
	if (ret) {
		storvsp_destroy(vsp);
		return ret;
	}
	*out = vsp;
	return 0;
}

void storvsp_destroy(struct storvsp *vsp)
{
	if (!vsp)
		return;
	vmbus_device_destroy(vsp->device);
	loop_forget(vsp->loop, vsp);
	scsi_target_destroy(vsp->target);
	scsi_target_destroy(vsp->absent);
	free(vsp);
}

/* ---- disks ---- */

void storvsp_announce(struct storvsp *vsp)
{
	struct vmbus_channel *ch = vmbus_device_channel(vsp->device, 0);
	struct hvp_stor_packet packet = { .op = HVP_STOR_ENUMERATE_BUS };

	if (ch && vsp->state == STOR_RUNNING)
		channel_send(ch, HVP_PKT_INBAND, 0, NULL, 0, &packet, stor_packet_len(vsp), 0);
}

int storvsp_add(struct storvsp *vsp, const struct disk_spec *spec, struct disk *disk,
		struct err *err)
{
	int lun = scsi_target_add(vsp->target, spec, disk, err);

	if (lun >= 0)
		storvsp_announce(vsp);
	return lun;
}

int storvsp_remove(struct storvsp *vsp, unsigned int lun)
{
	int ret = scsi_target_remove(vsp->target, lun);

	if (!ret)
		storvsp_announce(vsp);
	return ret;
}

struct scsi_target *storvsp_target(struct storvsp *vsp)
{
	return vsp->target;
}

const char *storvsp_name(const struct storvsp *vsp)
{
	return vsp->name;
}

void storvsp_info(const struct storvsp *vsp, struct storvsp_info *info)
{
	*info = (struct storvsp_info) {
		.state = state_names[vsp->state],
		.version = vsp->dialect ? vsp->dialect->version : 0,
		.in_flight = vsp->in_flight,
		.requests = vsp->requests,
		.resets = vsp->reset_count,
	};
}
