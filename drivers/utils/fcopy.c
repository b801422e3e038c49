// SPDX-License-Identifier: GPL-2.0-only
/*
 * File copy: the host sends a file in pieces, the daemon writes it. Names get to
 * the daemon in UTF-8, in the fields that <linux/hyperv.h> has for them. A copy
 * that the host does not go on with is cancelled.
 */
#include "drivers/utils/utils.h"

#include "drivers/utils/transport.h"
#include "protocol/fcopy.h"

#define ANSWER_SECONDS	30u

static_assert((int)START_FILE_COPY == (int)HVP_FCOPY_START);
static_assert((int)WRITE_TO_FILE == (int)HVP_FCOPY_WRITE);
static_assert((int)COMPLETE_FCOPY == (int)HVP_FCOPY_COMPLETE);
static_assert((int)CANCEL_FCOPY == (int)HVP_FCOPY_CANCEL);
static_assert(DATA_FRAGMENT == HVP_FCOPY_DATA_MAX);

struct fcopy {
	struct util util;
	/* util.lock */
	enum hvp_fcopy_op op;		/* of the live request */
	bool copying;			/* between START and the end */
	struct hvp_fcopy_file file;	/* while a START is translated */
};

static struct fcopy *to_fcopy(struct util *util)
{
	return container_of(util, struct fcopy, util);
}

static void notice_cancel(struct fcopy *fcopy)
{
	const struct hv_fcopy_hdr message = { .operation = CANCEL_FCOPY };

	fcopy->copying = false;
	util_transport_notice(&fcopy->util, &message, sizeof(message));
}

/* ---- from the host ---- */

static int start_fill(struct fcopy *fcopy, const struct util_message *message,
		      struct hv_start_fcopy *start)
{
	struct hvp_fcopy_file *file = &fcopy->file;

	if (hvp_fcopy_read_start(message->body, file))
		return -EINVAL;
	/* Names that are longer in UTF-8 than in UTF-16 may not fit. */
	if (strlen(file->name) >= sizeof(start->file_name) ||
	    strlen(file->path) >= sizeof(start->path_name))
		return -EINVAL;
	strcpy((char *)start->file_name, file->name);
	strcpy((char *)start->path_name, file->path);
	start->copy_flags = file->flags;
	start->file_size = file->size;
	return sizeof(*start);
}

static int write_fill(const struct util_message *message, struct hv_do_fcopy *write)
{
	struct hvp_fcopy_chunk chunk;

	if (hvp_fcopy_read_write(message->body, message->body_len, &chunk))
		return -EINVAL;
	write->offset = chunk.offset;
	write->size = chunk.size;
	memcpy(write->data, chunk.data, chunk.size);
	return sizeof(*write);
}

/* Return: bytes for the daemon, or -EINVAL. */
static int request_fill(struct fcopy *fcopy, const struct util_message *message,
			enum hvp_fcopy_op op, struct hv_fcopy_hdr *head)
{
	head->operation = op;
	switch (op) {
	case HVP_FCOPY_START:
		return start_fill(fcopy, message, (void *)head);
	case HVP_FCOPY_WRITE:
		return write_fill(message, (void *)head);
	default:
		return sizeof(*head);
	}
}

static void received(struct util *util, struct util_message *message)
{
	int op = hvp_fcopy_check(message->body, message->body_len);
	void *room;
	int len;

	if (op < 0) {
		util_answer(util, message,
			    op == -EOPNOTSUPP ? HVP_HR_NOT_SUPPORTED : HVP_HR_FAIL);
		return;
	}
	/* What it may overtake needs no other one. */
	if (op == HVP_FCOPY_CANCEL) {
		to_fcopy(util)->op = op;
		to_fcopy(util)->copying = false;
	}
	room = util_transport_room(util);
	if (!room)
		return;
	len = request_fill(to_fcopy(util), message, op, room);
	if (len < 0) {
		util_refuse(util, message, hvp_fcopy_op_name(op));
		return;
	}
	to_fcopy(util)->op = op;
	util_transport_request(util, len, ANSWER_SECONDS);
}

static void reset(struct util *util)
{
	if (to_fcopy(util)->copying)
		notice_cancel(to_fcopy(util));
}

/* ---- from the daemon ---- */

static int registers(struct util *util, const void *written, u32 len, void *greeting)
{
	const int ours = FCOPY_CURRENT_VERSION;
	int version;

	if (len != sizeof(version))
		return -EINVAL;
	memcpy(&version, written, sizeof(version));
	if (version == FCOPY_VERSION_0)
		/* These do not read anything back. */
		return 0;
	if (version != FCOPY_VERSION_1)
		return -EINVAL;
	memcpy(greeting, &ours, sizeof(ours));
	return sizeof(ours);
}

static int answers(struct util *util, const void *written, u32 len, u32 *status)
{
	struct fcopy *fcopy = to_fcopy(util);
	int error;

	if (len != sizeof(error))
		return -EINVAL;
	memcpy(&error, written, sizeof(error));
	*status = util_daemon_status(error);
	if (fcopy->op == HVP_FCOPY_START)
		fcopy->copying = !*status;
	else if (fcopy->op != HVP_FCOPY_WRITE)
		fcopy->copying = false;
	return 0;
}

static void abandoned(struct util *util, bool reading)
{
	struct fcopy *fcopy = to_fcopy(util);

	if (fcopy->copying || (reading && fcopy->op == HVP_FCOPY_START))
		notice_cancel(fcopy);
}

static const struct util_daemon daemon = {
	.node		= "vmbus/hv_fcopy",
	.name		= "hv_fcopy",
	.room		= sizeof(struct hv_do_fcopy),
	.registers	= registers,
	.answers	= answers,
	.abandoned	= abandoned,
};

static_assert(sizeof(struct hv_do_fcopy) >= sizeof(struct hv_start_fcopy));

static const struct hvp_ic_version versions[] = { { 1, 1 } };

const struct util_type util_fcopy = {
	.name		= "fcopy",
	.label		= "FCopy",
	.type		= HVP_IC_FCOPY,
	.versions	= { versions, ARRAY_SIZE(versions) },
	.size		= sizeof(struct fcopy),
	.daemon		= &daemon,
	.reset		= reset,
	.received	= received,
	.suspend	= reset,
};
