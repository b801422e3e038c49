// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>

#include "host/vmbus/checker.h"
#include "host/vmbus/fault.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/disk.h"
#include "host/vsp/storvsp_private.h"

/*
 * EXECUTE_SRB: check the request block, borrow the guest's pages, let the SCSI
 * target work, and turn its answer into SRB status, SCSI status and sense.
 */

static void violation(const struct stor_req *req, enum checker_rule rule, uint32_t value)
{
	const struct hvp_srb *srb = &req->packet.srb;

	checker_report(vmbus_checker(req->vsp->vmbus), rule,
		       channel_relid(channel_txn_channel(req->txn)),
		       "%s: cdb %02x, lun %u, value %u", req->vsp->name, srb->cdb[0], srb->lun,
		       value);
}

/* The end of every SRB. The CDB's place becomes the sense data's. */
static void end_srb(struct stor_req *req, uint8_t srb_status)
{
	struct hvp_srb *srb = &req->packet.srb;
	const struct scsi_cmd *cmd = &req->cmd;
	uint8_t room = req->sense_room < cmd->sense_len ? req->sense_room : cmd->sense_len;
	bool good = srb_status == HVP_SRB_SUCCESS;
	bool counted = good || HVP_SRB_STATUS(srb_status) == HVP_SRB_DATA_OVERRUN;

	memset(srb->sense, 0, sizeof(srb->sense));
	memcpy(srb->sense, cmd->sense, room);
	if (room)
		srb_status |= HVP_SRB_AUTOSENSE_VALID;
	srb->srb_status = srb_status;
	srb->scsi_status = cmd->status;
	srb->sense_length = room;
	if (counted)	/* else a host leaves what the guest asked for */
		srb->transfer_length = cmd->transferred;
	stor_answer(req, good ? HVP_STOR_STATUS_SUCCESS : HVP_STOR_STATUS_UNSUCCESSFUL);
}

/* Refused before the target saw it. */
static void refuse(struct stor_req *req, uint8_t srb_status)
{
	req->cmd.status = SCSI_GOOD;
	req->cmd.sense_len = 0;
	req->cmd.transferred = 0;
	end_srb(req, srb_status);
}

void stor_flush_srb(struct stor_req *req)
{
	refuse(req, HVP_SRB_BUS_RESET);
}

/* One place turns the target's answer into an SRB status. */
static uint8_t srb_status_of(const struct scsi_cmd *cmd)
{
	struct hvp_sense sense;

	if (cmd->wrong_way)
		return HVP_SRB_INVALID_REQUEST;
	if (cmd->overrun)
		return HVP_SRB_DATA_OVERRUN;
	if (cmd->status == SCSI_GOOD)
		return HVP_SRB_SUCCESS;
	/* Unknown commands have a status of their own. */
	if (!hvp_sense_parse(cmd->sense, cmd->sense_len, &sense) && sense.key == 0x05 &&
	    sense.asc == 0x20)
		return HVP_SRB_INVALID_REQUEST;
	return HVP_SRB_ERROR;
}

/* Fault point stor.status: the answer says something else than what happened. */
static bool status_fault(struct stor_req *req, uint8_t *srb_status)
{
	struct fault_ctx ctx = {
		.device = req->vsp->name,
		.relid = channel_relid(channel_txn_channel(req->txn)),
	};
	struct fault_action action;

	action = fault_hit(vmbus_fault(req->vsp->vmbus), FAULT_STOR_STATUS, &ctx);
	if (action.kind == FAULT_SENSE) {
		scsi_set_sense(&req->cmd, (uint8_t)(action.value >> 16),
			       (uint8_t)(action.value >> 8), (uint8_t)action.value);
		*srb_status = HVP_SRB_ERROR;
	} else if (action.kind == FAULT_SRB) {
		req->cmd.status = (uint8_t)(action.value >> 8);
		req->cmd.sense_len = 0;
		req->cmd.transferred = 0;
		*srb_status = (uint8_t)action.value;
	}
	return action.kind == FAULT_SENSE || action.kind == FAULT_SRB;
}

static void command_done(struct scsi_cmd *cmd)
{
	struct stor_req *req =
		(struct stor_req *)((char *)cmd - offsetof(struct stor_req, cmd));
	struct storvsp *vsp = req->vsp;
	uint8_t srb_status;

	if (req->holds)
		channel_txn_release(req->txn);
	if (cmd->wrong_way)
		violation(req, RULE_STOR_DIRECTION, req->packet.srb.data_in);
	if (!status_fault(req, &srb_status))
		srb_status = srb_status_of(cmd);
	end_srb(req, srb_status);
	stor_command_ended(vsp);
}

/*
 * From 5.1 the direction is said twice. It is the other one that counts, and a
 * flag too many may be left from what the same block was used for before.
 */
static void check_flags(const struct stor_req *req)
{
	static const uint32_t wanted[] = {
		[HVP_STOR_WRITE] = HVP_SRBF_DATA_OUT,
		[HVP_STOR_READ] = HVP_SRBF_DATA_IN,
		[HVP_STOR_NO_DATA] = 0,
	};
	const struct hvp_srb *srb = &req->packet.srb;

	if (req->vsp->dialect->srb_length < HVP_SRB_LEN)
		return;
	if ((srb->srb_flags & wanted[srb->data_in]) != wanted[srb->data_in])
		violation(req, RULE_STOR_DIRECTION, srb->srb_flags);
}

static bool block_ok(const struct stor_req *req)
{
	const struct hvp_srb *srb = &req->packet.srb;

	if (srb->length != req->vsp->dialect->srb_length) {
		violation(req, RULE_STOR_SRB_LENGTH, srb->length);
		return false;
	}
	if (!srb->cdb_length || srb->cdb_length > HVP_CDB_MAX) {
		violation(req, RULE_STOR_CDB_LENGTH, srb->cdb_length);
		return false;
	}
	if (srb->data_in > HVP_STOR_NO_DATA) {
		violation(req, RULE_STOR_DIRECTION, srb->data_in);
		return false;
	}
	check_flags(req);
	return true;
}

/* Pointers to the guest's pages for the data of the command, if it has any. */
static bool borrow_pages(struct stor_req *req)
{
	const struct hvp_srb *srb = &req->packet.srb;
	uint32_t len = srb->data_in == HVP_STOR_NO_DATA ? 0 : srb->transfer_length;
	int count;

	req->cmd.iov = req->iov;
	req->cmd.iov_count = 0;
	req->cmd.data_len = 0;
	if (!len)
		return true;
	if (len > channel_txn_bytes(req->txn) || len > req->vsp->config.max_transfer_bytes) {
		violation(req, RULE_STOR_DATA, len);
		return false;
	}
	count = channel_txn_iov(req->txn, 0, len, srb->data_in == HVP_STOR_READ, req->iov,
				req->iov_max < DISK_IOV_MAX ? req->iov_max : DISK_IOV_MAX);
	if (count < 0)
		return false;
	req->holds = true;
	req->cmd.iov_count = (unsigned int)count;
	req->cmd.data_len = len;
	return true;
}

static void start(struct stor_req *req)
{
	const struct hvp_srb *srb = &req->packet.srb;
	bool absent = srb->path || srb->target;

	memcpy(req->cmd.cdb, srb->cdb, HVP_CDB_MAX);
	req->cmd.cdb_len = srb->cdb_length;
	req->cmd.direction = srb->data_in == HVP_STOR_READ ? SCSI_DATA_IN : SCSI_DATA_OUT;
	req->cmd.done = command_done;
	req->vsp->in_flight++;
	if (!scsi_execute(absent ? req->vsp->absent : req->vsp->target, srb->lun, &req->cmd))
		return;
	req->vsp->in_flight--;
	if (req->holds)
		channel_txn_release(req->txn);
	refuse(req, absent ? HVP_SRB_NO_DEVICE : HVP_SRB_INVALID_LUN);
}

void stor_execute_srb(struct stor_req *req)
{
	const struct hvp_srb *srb = &req->packet.srb;

	req->vsp->requests++;
	req->sense_room = req->vsp->dialect->sense_length;
	if (srb->sense_length < req->sense_room)
		req->sense_room = srb->sense_length;
	if (!block_ok(req))
		return refuse(req, HVP_SRB_INVALID_REQUEST);
	if (!borrow_pages(req))
		return refuse(req, HVP_SRB_INVALID_REQUEST);
	start(req);
}
