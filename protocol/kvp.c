// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/kvp.h"

#include "protocol/inet.h"
#include "protocol/kvp_ip.h"

#define PAIR_END	(offsetof(struct hvp_kvp_message, pair) + sizeof(struct hvp_kvp_pair))
#define KEY_END		(offsetof(struct hvp_kvp_message, key) + sizeof(struct hvp_kvp_key))
#define TEXT_IP_END	sizeof(struct hvp_kvp_ip_text_message)
#define BINARY_IP_END	sizeof(struct hvp_kvp_ip_binary_message)

/* An answer is as long as its request, so a request has room for it. */
static const struct {
	const char *name;
	u16 since;		/* major message version */
	u16 size_min;
} ops[] = {
	[HVP_KVP_GET]		= { "get", 0, PAIR_END },
	[HVP_KVP_SET]		= { "set", 0, PAIR_END },
	[HVP_KVP_DELETE]	= { "delete", 0, KEY_END },
	[HVP_KVP_ENUMERATE]	= { "enumerate", 0, sizeof(struct hvp_kvp_message) },
	[HVP_KVP_GET_IP]	= { "get-ip", 4, BINARY_IP_END },
	[HVP_KVP_SET_IP]	= { "set-ip", 4, BINARY_IP_END },
};

static const char *const pool_names[] = {
	[HVP_KVP_EXTERNAL]	= "external",
	[HVP_KVP_GUEST]		= "guest",
	[HVP_KVP_AUTO]		= "auto",
	[HVP_KVP_AUTO_EXTERNAL]	= "auto-external",
	[HVP_KVP_AUTO_INTERNAL]	= "auto-internal",
};

static_assert(HVP_COUNT_OF(ops) == HVP_KVP_OP_COUNT, "every operation has its row");
static_assert(HVP_COUNT_OF(pool_names) == HVP_KVP_POOL_COUNT, "every pool has its name");

const char *hvp_kvp_op_name(u32 op)
{
	return op < HVP_KVP_OP_COUNT ? ops[op].name : "unknown";
}

const char *hvp_kvp_pool_name(u32 pool)
{
	return pool < HVP_KVP_POOL_COUNT ? pool_names[pool] : "unknown";
}

static u32 size_min(u32 op, struct hvp_ic_version version)
{
	if (op >= HVP_KVP_GET_IP && version.major < 5)
		return TEXT_IP_END;
	return ops[op].size_min;
}

int hvp_kvp_check(const void *body, u32 len, struct hvp_ic_version version)
{
	const struct hvp_kvp_head *head = body;

	if (len < sizeof(*head))
		return -EBADMSG;
	if (head->op >= HVP_KVP_OP_COUNT || version.major < ops[head->op].since)
		return -EOPNOTSUPP;
	return len < size_min(head->op, version) ? -EBADMSG : (int)head->op;
}

/* --- guest ------------------------------------------------------------------- */

static int read_key(const u8 *key, u32 size, struct hvp_kvp_request *request)
{
	int len = hvp_utf16_sized(key, size, HVP_KVP_KEY_SIZE, request->key, sizeof(request->key));

	if (len < 0)
		return len;
	return len ? 0 : -EINVAL;
}

/* Of a number: its bytes, for the types that are one; else 0. */
static u32 number_size(u32 type)
{
	switch (type) {
	case HVP_KVP_U32:
		return sizeof(u32);
	case HVP_KVP_U64_LINUX:
	case HVP_KVP_U64:
		return sizeof(u64);
	default:
		return 0;
	}
}

static bool is_text(u32 type)
{
	return type == HVP_KVP_STRING || type == HVP_KVP_EXPAND;
}

static int read_number(const struct hvp_kvp_pair *pair, u64 *number)
{
	u32 size = number_size(pair->type);

	if (size == 0 || pair->value_size != size)
		return -EINVAL;
	*number = 0;
	memcpy(number, pair->value, size);
	return 0;
}

static int read_value(const struct hvp_kvp_pair *pair, struct hvp_kvp_request *request)
{
	u64 number;
	int ret;

	if (is_text(pair->type)) {
		ret = hvp_utf16_sized(pair->value, pair->value_size, sizeof(pair->value),
				      request->value, sizeof(request->value));
		return ret < 0 ? ret : 0;
	}
	ret = read_number(pair, &number);
	if (ret == 0)
		hvp_number_format(number, request->value);
	return ret;
}

static enum hvp_kvp_type canonical(u32 type)
{
	return type == HVP_KVP_U64_LINUX ? HVP_KVP_U64 : (enum hvp_kvp_type)type;
}

int hvp_kvp_read(const void *body, struct hvp_kvp_request *request)
{
	const struct hvp_kvp_message *msg = body;
	int ret;

	if (msg->head.pool >= HVP_KVP_POOL_COUNT)
		return -EINVAL;
	memset(request, 0, sizeof(*request));
	request->op = msg->head.op;
	request->pool = msg->head.pool;

	switch (msg->head.op) {
	case HVP_KVP_GET:
		return read_key(msg->pair.key, msg->pair.key_size, request);
	case HVP_KVP_SET:
		request->type = canonical(msg->pair.type);
		ret = read_key(msg->pair.key, msg->pair.key_size, request);
		return ret ? ret : read_value(&msg->pair, request);
	case HVP_KVP_DELETE:
		return read_key(msg->key.key, msg->key.size, request);
	case HVP_KVP_ENUMERATE:
		request->index = msg->indexed.index;
		return 0;
	default:
		return -EINVAL;
	}
}

/* @len bytes of text become @room bytes of UTF-16. Return: bytes used or an error. */
static int put_bytes(const char *text, u32 len, u8 *out, u32 room)
{
	int ret = hvp_utf8_to_utf16(text, len, out, room);

	if (ret >= 0)
		memset(out + ret, 0, room - ret);
	return ret;
}

static int put_text(const char *field, u32 field_size, u8 *out, u32 room)
{
	int len = hvp_utf8_length(field, field_size);

	return len < 0 ? len : put_bytes(field, len, out, room);
}

static int put_key(const char *key, u32 key_room, u8 *out, u32 *size)
{
	int ret = key_room && key[0] ? put_text(key, key_room, out, HVP_KVP_KEY_SIZE) : -EINVAL;

	if (ret < 0)
		return ret;
	*size = ret;
	return 0;
}

/* Bytes of the longest front of @list that ends before a semicolon and fits; 0 when none does. */
static u32 list_front(const char *list)
{
	u32 len = HVP_KVP_VALUE_SIZE / 2;

	while (len && list[len - 1] != ';')
		len--;
	return len ? len - 1 : 0;
}

/* Bytes of the longest front of @text that is whole characters and fits. */
static u32 text_front(const char *text, u32 len, u32 room)
{
	u32 units = room / 2 - 1;
	u32 at = 0;

	while (at < len) {
		u32 code = 0, needed;
		int read = hvp_utf8_char(text + at, len - at, &code);

		needed = code < 0x10000 ? 1 : 2;
		if (read < 0 || needed > units)
			break;
		units -= needed;
		at += read;
	}
	return at;
}

/* The wire has less room than a pool file; hosts stop to enumerate at a failure. */
static int put_text_cut(const char *field, u32 field_size, bool is_list, u8 *out, u32 room)
{
	int ret = put_text(field, field_size, out, room);
	u32 front;

	if (ret != -EMSGSIZE)
		return ret;
	front = is_list ? list_front(field) : 0;
	if (front == 0)
		front = text_front(field, hvp_utf8_length(field, field_size), room);
	return put_bytes(field, front, out, room);
}

int hvp_kvp_reply(void *body, const char *key, const char *value)
{
	struct hvp_kvp_message *msg = body;
	bool enumerates = msg->head.op == HVP_KVP_ENUMERATE;
	struct hvp_kvp_pair *pair = enumerates ? &msg->indexed.pair : &msg->pair;
	u32 key_size = pair->key_size;
	int ret;

	if (!enumerates && msg->head.op != HVP_KVP_GET)
		return -EINVAL;
	if (enumerates) {
		ret = put_text_cut(key, HVP_KVP_KEY_ROOM, false, pair->key, HVP_KVP_KEY_SIZE);
		if (ret <= 2)
			return ret < 0 ? ret : -EINVAL;
		key_size = ret;
	}
	ret = put_text_cut(value, HVP_KVP_VALUE_ROOM, msg->head.pool == HVP_KVP_AUTO, pair->value,
			   HVP_KVP_VALUE_SIZE);
	if (ret < 0)
		return ret;
	pair->type = HVP_KVP_STRING;
	pair->key_size = key_size;
	pair->value_size = ret;
	return 0;
}

/* --- host -------------------------------------------------------------------- */

static void start(struct hvp_kvp_message *msg, enum hvp_kvp_op op, enum hvp_kvp_pool pool)
{
	memset(msg, 0, sizeof(*msg));
	msg->head.op = op;
	msg->head.pool = pool;
}

int hvp_kvp_build_key(struct hvp_kvp_message *msg, enum hvp_kvp_op op, enum hvp_kvp_pool pool,
		      const char *key)
{
	u32 size;
	u8 *field;
	int ret;

	start(msg, op, pool);
	field = op == HVP_KVP_DELETE ? msg->key.key : msg->pair.key;
	ret = put_key(key, HVP_KVP_KEY_ROOM_MAX, field, &size);
	if (ret)
		return ret;
	if (op == HVP_KVP_DELETE)
		msg->key.size = size;
	else
		msg->pair.key_size = size;
	return sizeof(*msg);
}

/* Return: bytes of the value or an error. */
static int put_value(const struct hvp_kvp_item *item, u8 *out)
{
	u32 size = number_size(item->type);

	if (is_text(item->type))
		return put_text(item->value, sizeof(item->value), out, HVP_KVP_VALUE_SIZE);
	if (size == 0 || (size == sizeof(u32) && item->number >> 32))
		return -EINVAL;
	memcpy(out, &item->number, size);
	return size;
}

int hvp_kvp_build_set(struct hvp_kvp_message *msg, enum hvp_kvp_pool pool,
		      const struct hvp_kvp_item *item)
{
	u32 key_size;
	int ret;

	start(msg, HVP_KVP_SET, pool);
	ret = put_key(item->key, sizeof(item->key), msg->pair.key, &key_size);
	if (ret)
		return ret;
	ret = put_value(item, msg->pair.value);
	if (ret < 0)
		return ret;
	msg->pair.type = canonical(item->type);
	msg->pair.key_size = key_size;
	msg->pair.value_size = ret;
	return sizeof(*msg);
}

int hvp_kvp_build_enumerate(struct hvp_kvp_message *msg, enum hvp_kvp_pool pool, u32 index)
{
	start(msg, HVP_KVP_ENUMERATE, pool);
	msg->indexed.index = index;
	return sizeof(*msg);
}

/* A text of the guest has its NUL, and its size counts it. Return: bytes or -EBADMSG. */
static int get_text(const u8 *text, u32 size, u32 field, char *out, u32 room)
{
	int len;

	if (size < 2 || size % 2 || size > field || text[size - 2] || text[size - 1])
		return -EBADMSG;
	len = hvp_utf16_to_utf8(text, size / 2 - 1, out, room);
	return len < 0 ? -EBADMSG : len;
}

int hvp_kvp_reply_check(const void *body, u32 len, enum hvp_kvp_op op, struct hvp_kvp_item *item)
{
	const struct hvp_kvp_message *msg = body;
	const struct hvp_kvp_pair *pair;

	if (len < ops[op].size_min || msg->head.op != op)
		return -EBADMSG;
	pair = op == HVP_KVP_ENUMERATE ? &msg->indexed.pair : &msg->pair;

	memset(item, 0, sizeof(*item));
	item->type = canonical(pair->type);
	if (get_text(pair->key, pair->key_size, sizeof(pair->key), item->key,
		     sizeof(item->key)) <= 0)
		return -EBADMSG;
	if (is_text(pair->type))
		return get_text(pair->value, pair->value_size, sizeof(pair->value), item->value,
				sizeof(item->value)) < 0 ? -EBADMSG : 0;
	return read_number(pair, &item->number) ? -EBADMSG : 0;
}
