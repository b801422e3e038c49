// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key-value pairs: the daemon has them, here the host's form becomes the form
 * that <linux/hyperv.h> has for daemons, and back. Texts become UTF-8, numbers
 * decimal texts; addresses are lists of text for the daemon, also where the
 * host speaks 5.0 and sends them in binary.
 *
 * The host negotiates once, right after the channel is open, and then injects
 * what it has for the guest. So the negotiation waits for the daemon, for a
 * while.
 */
#include "drivers/utils/utils.h"

#include "drivers/utils/transport.h"
#include "protocol/kvp.h"
#include "protocol/kvp_ip.h"

#include <generated/utsrelease.h>

#define ANSWER_SECONDS	30u
#define HOLD_SECONDS	55u

static_assert((int)KVP_OP_ENUMERATE == (int)HVP_KVP_ENUMERATE);
static_assert((int)KVP_OP_SET_IP_INFO == (int)HVP_KVP_SET_IP);
static_assert(HV_KVP_EXCHANGE_MAX_KEY_SIZE == HVP_KVP_KEY_ROOM);
static_assert(HV_KVP_EXCHANGE_MAX_VALUE_SIZE == HVP_KVP_VALUE_ROOM);
static_assert(sizeof(struct hv_kvp_ipaddr_value) == sizeof(struct hvp_kvp_ip));
static_assert(sizeof(UTS_RELEASE) <= sizeof_field(struct hv_kvp_register, version));

struct kvp {
	struct util util;
	/* util.lock */
	enum hvp_kvp_op op;			/* of the live request */
	bool legacy;				/* the daemon knows pairs only */
	struct hvp_kvp_request request;		/* while it is translated */
};

static struct kvp *to_kvp(struct util *util)
{
	return container_of(util, struct kvp, util);
}

static bool is_ip(enum hvp_kvp_op op)
{
	return op == HVP_KVP_GET_IP || op == HVP_KVP_SET_IP;
}

/* ---- from the host ---- */

/* Sizes count the NUL, as daemons expect it. */
static void text_fill(void *field, u32 *size, const char *text)
{
	*size = strlen(text) + 1;
	memcpy(field, text, *size);
}

static void pair_fill(const struct hvp_kvp_request *request, struct hv_kvp_msg *out)
{
	struct hv_kvp_exchg_msg_value *data = &out->body.kvp_set.data;
	u32 size;

	out->kvp_hdr.pool = request->pool;
	switch (request->op) {
	case HVP_KVP_SET:
		data->value_type = REG_SZ;
		text_fill(data->value, &size, request->value);
		data->value_size = size;
		text_fill(data->key, &size, request->key);
		data->key_size = size;
		break;
	case HVP_KVP_GET:
		/* The room for the answer: stock daemons copy as many bytes of the value. */
		data->value_size = sizeof(data->value);
		text_fill(data->key, &size, request->key);
		data->key_size = size;
		break;
	case HVP_KVP_DELETE:
		text_fill(out->body.kvp_delete.key, &size, request->key);
		out->body.kvp_delete.key_size = size;
		break;
	default:
		out->body.kvp_enum_data.index = request->index;
		break;
	}
}

static int request_fill(struct kvp *kvp, const struct util_message *message, enum hvp_kvp_op op,
			struct hv_kvp_msg *out)
{
	int err;

	out->kvp_hdr.operation = op;
	if (is_ip(op))
		return hvp_kvp_ip_read(message->body, kvp->util.agreed.message,
				       (void *)&out->body.kvp_ip_val);
	err = hvp_kvp_read(message->body, &kvp->request);
	if (!err)
		pair_fill(&kvp->request, out);
	return err;
}

static void received(struct util *util, struct util_message *message)
{
	struct kvp *kvp = to_kvp(util);
	struct hv_kvp_msg *out;
	int op;

	op = hvp_kvp_check(message->body, message->body_len, util->agreed.message);
	if (op < 0) {
		util_answer(util, message,
			    op == -EOPNOTSUPP ? HVP_HR_NOT_SUPPORTED : HVP_HR_FAIL);
		return;
	}
	out = util_transport_room(util);
	if (!out)
		return;
	if (is_ip(op) && kvp->legacy) {
		util_answer(util, message, HVP_HR_NOT_SUPPORTED);
		return;
	}
	if (request_fill(kvp, message, op, out)) {
		util_refuse(util, message, hvp_kvp_op_name(op));
		return;
	}
	kvp->op = op;
	util_transport_request(util, sizeof(*out), ANSWER_SECONDS);
}

/* ---- from the daemon ---- */

static int registers(struct util *util, const void *written, u32 len, void *greeting)
{
	const struct hv_kvp_msg *message = written;
	struct hv_kvp_msg *answer = greeting;
	u8 op;

	if (len != sizeof(*message))
		return -EINVAL;
	op = message->kvp_hdr.operation;
	if (op != KVP_OP_REGISTER && op != KVP_OP_REGISTER1)
		return -EINVAL;
	to_kvp(util)->legacy = op == KVP_OP_REGISTER;

	answer->kvp_hdr.operation = op;
	memcpy(answer->body.kvp_register.version, UTS_RELEASE, sizeof(UTS_RELEASE));
	return sizeof(*answer);
}

/* Old daemons do not say how it went, but an enumeration ends with an empty key. */
static u32 status_of(const struct kvp *kvp, const struct hv_kvp_msg *message)
{
	if (!kvp->legacy)
		return util_daemon_status(message->error);
	if (kvp->op == HVP_KVP_ENUMERATE && !message->body.kvp_enum_data.data.key[0])
		return HVP_HR_NO_MORE_ITEMS;
	return HVP_HR_OK;
}

/* Into the host's message. */
static int result_fill(struct kvp *kvp, const struct hv_kvp_msg *message)
{
	const struct hv_kvp_exchg_msg_value *data;
	u8 *body = kvp->util.held->body;

	switch (kvp->op) {
	case HVP_KVP_GET:
		data = &message->body.kvp_get.data;
		break;
	case HVP_KVP_ENUMERATE:
		data = &message->body.kvp_enum_data.data;
		break;
	case HVP_KVP_GET_IP:
		return hvp_kvp_ip_reply(body, kvp->util.agreed.message,
					(const void *)&message->body.kvp_ip_val);
	default:
		return 0;
	}
	return hvp_kvp_reply(body, (const char *)data->key, (const char *)data->value);
}

static int answers(struct util *util, const void *written, u32 len, u32 *status)
{
	const struct hv_kvp_msg *message = written;
	struct kvp *kvp = to_kvp(util);

	if (len != sizeof(*message))
		return -EINVAL;
	*status = status_of(kvp, message);
	if (!*status && result_fill(kvp, message))
		*status = HVP_HR_FAIL;
	return 0;
}

static const struct util_daemon daemon = {
	.node		= "vmbus/hv_kvp",
	.name		= "hv_kvp",
	.room		= sizeof(struct hv_kvp_msg),
	.registers	= registers,
	.answers	= answers,
};

static const struct hvp_ic_version versions[] = { { 5, 0 }, { 4, 0 }, { 3, 0 }, { 1, 0 } };

const struct util_type util_kvp = {
	.name		= "kvp",
	.label		= "KVP",
	.type		= HVP_IC_KVP,
	.versions	= { versions, ARRAY_SIZE(versions) },
	.size		= sizeof(struct kvp),
	.daemon		= &daemon,
	.hold_seconds	= HOLD_SECONDS,
	.received	= received,
};
