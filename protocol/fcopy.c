// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/fcopy.h"

#define KNOWN_FLAGS	(HVP_FCOPY_OVERWRITE | HVP_FCOPY_CREATE_PATH)
#define DATA_START	offsetof(struct hvp_fcopy_write, data)
#define FILE_SIZE_MAX	0x7fffffffffffffffull

static const struct {
	const char *name;
	u16 size_min;
} ops[] = {
	[HVP_FCOPY_START]	= { "start", sizeof(struct hvp_fcopy_start) },
	[HVP_FCOPY_WRITE]	= { "write", DATA_START },
	[HVP_FCOPY_COMPLETE]	= { "complete", sizeof(struct hvp_fcopy_head) },
	[HVP_FCOPY_CANCEL]	= { "cancel", sizeof(struct hvp_fcopy_head) },
};

static_assert(HVP_COUNT_OF(ops) == HVP_FCOPY_OP_COUNT, "every operation has its row");

int hvp_fcopy_check(const void *body, u32 len)
{
	const struct hvp_fcopy_head *head = body;

	if (len < sizeof(*head))
		return -EBADMSG;
	if (head->op >= HVP_FCOPY_OP_COUNT)
		return -EOPNOTSUPP;
	return len < ops[head->op].size_min ? -EBADMSG : (int)head->op;
}

int hvp_fcopy_read_start(const void *body, struct hvp_fcopy_file *file)
{
	const struct hvp_fcopy_start *start = body;
	int ret;

	if (start->flags & ~KNOWN_FLAGS || start->file_size > FILE_SIZE_MAX)
		return -EINVAL;
	ret = hvp_utf16_field(start->path_name, sizeof(start->path_name), file->path,
			      sizeof(file->path));
	if (ret < 0)
		return ret;
	ret = hvp_utf16_field(start->file_name, sizeof(start->file_name), file->name,
			      sizeof(file->name));
	if (ret <= 0)
		return ret ? ret : -EINVAL;
	file->flags = start->flags;
	file->size = start->file_size;
	return 0;
}

int hvp_fcopy_read_write(const void *body, u32 len, struct hvp_fcopy_chunk *chunk)
{
	const struct hvp_fcopy_write *write = body;

	if (write->size > HVP_FCOPY_DATA_MAX || write->size > len - DATA_START)
		return -EBADMSG;
	if (write->offset > FILE_SIZE_MAX - write->size)
		return -EINVAL;
	chunk->offset = write->offset;
	chunk->size = write->size;
	chunk->data = write->data;
	return 0;
}

static int put_text(const char *text, void *field, u32 room)
{
	int len = hvp_utf8_length(text, HVP_FCOPY_TEXT_ROOM);

	return len < 0 ? len : hvp_utf8_to_utf16(text, len, field, room);
}

int hvp_fcopy_build_start(struct hvp_fcopy_start *body, const struct hvp_fcopy_file *file)
{
	int ret;

	memset(body, 0, sizeof(*body));
	ret = put_text(file->name, body->file_name, sizeof(body->file_name));
	if (ret < 0)
		return ret;
	ret = put_text(file->path, body->path_name, sizeof(body->path_name));
	if (ret < 0)
		return ret;
	body->head.op = HVP_FCOPY_START;
	body->flags = file->flags;
	body->file_size = file->size;
	return sizeof(*body);
}

int hvp_fcopy_build_write(struct hvp_fcopy_write *body, const struct hvp_fcopy_chunk *chunk)
{
	if (chunk->size > HVP_FCOPY_DATA_MAX)
		return -EMSGSIZE;
	memset(body, 0, sizeof(*body));
	body->head.op = HVP_FCOPY_WRITE;
	body->offset = chunk->offset;
	body->size = chunk->size;
	if (chunk->size)
		memcpy(body->data, chunk->data, chunk->size);
	return sizeof(*body);
}

int hvp_fcopy_build_end(struct hvp_fcopy_head *body, enum hvp_fcopy_op op)
{
	memset(body, 0, sizeof(*body));
	body->op = op;
	return sizeof(*body);
}

int hvp_fcopy_reply_check(const void *body, u32 len, enum hvp_fcopy_op op)
{
	const struct hvp_fcopy_head *head = body;

	return len < sizeof(*head) || head->op != op ? -EBADMSG : 0;
}

const char *hvp_fcopy_op_name(u32 op)
{
	return op < HVP_FCOPY_OP_COUNT ? ops[op].name : "unknown";
}
