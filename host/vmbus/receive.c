// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes from the guest: each message is copied once, checked for moment,
 * form, connection and residue, in this order, and then handled. A message
 * that fails a check but the last one is dropped.
 */
#include "host/hyperv/hypercall.h"
#include "host/vmbus/state.h"
#include "protocol/synic.h"
#include "protocol/version.h"

/* No Hyper-V sockets here yet: refuse, as a host on which nobody listens. */
static void tl_connect(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	struct hvp_tl_connect_result answer = {
		.h.type = HVP_CM_TL_CONNECT_RESULT,
		.endpoint = msg->tl_connect.endpoint,
		.service = msg->tl_connect.service,
		.status = NTSTATUS_UNSUCCESSFUL,
	};

	(void)len;
	if (vmbus->version >= HVP_V4_1)
		message_send(vmbus, FAULT_MSG_TL_CONNECT_RESULT, NULL, &answer, sizeof(answer));
}

typedef void (*message_handler)(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len);

static const message_handler handlers[HVP_CM_COUNT] = {
	[HVP_CM_REQUEST_OFFERS] = connection_request_offers,
	[HVP_CM_OPEN_CHANNEL] = channel_handle_open,
	[HVP_CM_CLOSE_CHANNEL] = channel_handle_close,
	[HVP_CM_GPADL_HEADER] = gpadl_header,
	[HVP_CM_GPADL_BODY] = gpadl_body,
	[HVP_CM_GPADL_TEARDOWN] = gpadl_teardown,
	[HVP_CM_RELID_RELEASED] = offer_relid_released,
	[HVP_CM_INITIATE_CONTACT] = connection_contact,
	[HVP_CM_UNLOAD] = connection_unload,
	[HVP_CM_TL_CONNECT_REQUEST] = tl_connect,
	[HVP_CM_MODIFY_CHANNEL] = channel_handle_modify,
};

static bool report(struct vmbus *vmbus, enum checker_rule rule, u32 type, u64 value)
{
	checker_report(vmbus->checker, rule, 0, "%s (%u), %llu", hvp_chanmsg_name(type), type,
		       (unsigned long long)value);
	return false;
}

static bool right_form(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	int ret = hvp_chanmsg_check(msg, len, HVP_TO_HOST, vmbus->version);

	if (ret == 0)
		return true;
	if (len < sizeof(msg->h))
		return report(vmbus, RULE_MSG_SHORT, 0, len);
	if (msg->h.type >= HVP_CM_COUNT || msg->h.type == HVP_CM_INVALID ||
	    hvp_chanmsg_check(msg, sizeof(*msg), HVP_TO_HOST, HVP_V5_3) == -EINVAL)
		return report(vmbus, RULE_MSG_UNKNOWN, msg->h.type, len);
	if (ret == -EINVAL)
		return report(vmbus, RULE_MSG_SHORT, msg->h.type, len);
	return report(vmbus, RULE_MSG_DIRECTION, msg->h.type, vmbus->version);
}

static bool right_moment(struct vmbus *vmbus, u32 type)
{
	bool disconnected = vmbus->state == VMBUS_DISCONNECTED;

	if (type == HVP_CM_INITIATE_CONTACT)
		return true;
	if (vmbus->state == VMBUS_UNLOADING || (disconnected && vmbus->unloaded))
		return report(vmbus, RULE_MSG_AFTER_UNLOAD, type, 0);
	/* A crash kernel may send Unload to be sure that nothing is left. */
	if (type == HVP_CM_UNLOAD)
		return true;
	if (disconnected)
		return report(vmbus, RULE_MSG_BEFORE_CONTACT, type, 0);
	return true;
}

static bool right_connection(struct vmbus *vmbus, const union hvp_chanmsg *msg, u32 conn_id)
{
	u32 expected = vmbus->message_conn;

	if (msg->h.type == HVP_CM_INITIATE_CONTACT)
		expected = msg->contact.version >= HVP_V5_0 ? HVP_CONN_MESSAGE :
							      HVP_CONN_MESSAGE_OLD;
	if (expected == 0 || conn_id == expected)
		return true;
	return report(vmbus, RULE_MSG_CONNECTION, msg->h.type, conn_id);
}

/* Bytes that mean nothing must be zero: else they are somebody's memory. */
static void check_residue(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	static const u8 zero[HVP_MESSAGE_PAYLOAD_MAX];
	size_t used = len;

	if (msg->h.padding)
		report(vmbus, RULE_MSG_RESIDUE, msg->h.type, msg->h.padding);
	if (msg->h.type == HVP_CM_REQUEST_OFFERS || msg->h.type == HVP_CM_UNLOAD)
		used = sizeof(msg->h);
	else if (msg->h.type == HVP_CM_OPEN_CHANNEL)
		used = sizeof(msg->open);
	else if (msg->h.type == HVP_CM_CLOSE_CHANNEL || msg->h.type == HVP_CM_RELID_RELEASED)
		used = sizeof(msg->relid);
	else if (msg->h.type == HVP_CM_MODIFY_CHANNEL)
		used = sizeof(msg->modify);
	else if (msg->h.type == HVP_CM_GPADL_TEARDOWN)
		used = sizeof(msg->gpadl_teardown);
	if (memcmp(msg->bytes + used, zero, len - used) != 0)
		report(vmbus, RULE_MSG_RESIDUE, msg->h.type, used);
	if (msg->h.type == HVP_CM_INITIATE_CONTACT && msg->contact.version >= HVP_V5_0 &&
	    memcmp(msg->contact.target.reserved, zero, sizeof(msg->contact.target.reserved)) != 0)
		report(vmbus, RULE_MSG_RESIDUE, msg->h.type, msg->contact.interrupt_page);
}

static void on_message(void *opaque, uint32_t vp, uint32_t conn_id, uint32_t type,
		       const void *payload, size_t len)
{
	struct vmbus *vmbus = opaque;
	union hvp_chanmsg msg;

	(void)vp;
	memset(&msg, 0, sizeof(msg));
	if (type != HVP_MSG_CHANNEL || len > sizeof(msg)) {
		checker_report(vmbus->checker, RULE_HYPERCALL, 0, "message type 0x%x, %zu bytes", type,
			       len);
		return;
	}
	memcpy(&msg, payload, len);
	trace_message(vmbus->trace, HVP_TO_HOST, &msg, len);

	/* Whether it came too early or too late is said before anything else. */
	if (len >= sizeof(msg.h) && msg.h.type < HVP_CM_COUNT && handlers[msg.h.type] &&
	    !right_moment(vmbus, msg.h.type)) {
		vmbus->stats.messages_bad++;
		return;
	}
	if (!right_form(vmbus, &msg, len) || !right_connection(vmbus, &msg, conn_id)) {
		vmbus->stats.messages_bad++;
		return;
	}
	check_residue(vmbus, &msg, len);
	vmbus->stats.messages_in[msg.h.type]++;
	handlers[msg.h.type](vmbus, &msg, len);
}

/*
 * The id is bound before the guest is told that the channel is open, and until
 * it closes it: no signal in between is refused, whatever the state is by now.
 */
static void refused_signal(struct vmbus *vmbus, u32 conn_id, u16 status)
{
	u32 relid = conn_id - CONN_EVENT_BASE;

	if (status == HVP_STATUS_INVALID_CONNECTION_ID && conn_id > CONN_EVENT_BASE &&
	    relid <= VMBUS_MAX_CHANNELS)
		checker_report(vmbus->checker, RULE_SIGNAL_CLOSED, relid, "status 0x%x", status);
	else
		checker_report(vmbus->checker, RULE_HYPERCALL, 0,
			       "signal on connection 0x%x, status 0x%x", conn_id, status);
}

static enum checker_rule rule_of_refusal(const struct vmbus *vmbus, u32 conn_id, u16 status)
{
	if (status != HVP_STATUS_INVALID_CONNECTION_ID)
		return RULE_HYPERCALL;
	/* The connection ended with the answer to Unload. */
	if (conn_id == CONN_MESSAGE_NEW && vmbus->unloaded)
		return RULE_MSG_AFTER_UNLOAD;
	return RULE_MSG_CONNECTION;
}

static void on_refused(void *opaque, uint32_t vp, uint16_t code, uint32_t conn_id, uint16_t status)
{
	struct vmbus *vmbus = opaque;

	(void)vp;
	if (status == HVP_STATUS_INSUFFICIENT_BUFFERS)
		return;		/* our queue was full, and the guest may try again */
	if (code == HVP_CALL_SIGNAL_EVENT) {
		refused_signal(vmbus, conn_id, status);
		return;
	}
	if (code != HVP_CALL_POST_MESSAGE)
		return;		/* not VMBus */
	/* How a guest finds out that this host is older than 5.0. */
	if (status == HVP_STATUS_INVALID_CONNECTION_ID && conn_id == HVP_CONN_MESSAGE &&
	    !connection_knows_4(vmbus))
		return;
	checker_report(vmbus->checker, rule_of_refusal(vmbus, conn_id, status), 0,
		       "post on connection 0x%x, status 0x%x", conn_id, status);
}

static void on_crash(void *opaque, const uint64_t regs[5])
{
	struct vmbus *vmbus = opaque;

	if (vmbus->config.crash)
		vmbus->config.crash(vmbus->config.opaque, regs);
}

const struct hypercall_ops receive_ops = {
	.post_message = on_message,
	.refused = on_refused,
	.crash = on_crash,
};
