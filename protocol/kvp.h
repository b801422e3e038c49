/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_KVP_H
#define PROTOCOL_KVP_H

#include "protocol/ic.h"
#include "protocol/utf16.h"

/*
 * HVP_IC_KVP: key-value pairs, and the addresses of network adapters
 * (protocol/kvp_ip.h). Message versions 3.0, 4.0 and 5.0 have the same pairs.
 */
enum hvp_kvp_op {
	HVP_KVP_GET		= 0,
	HVP_KVP_SET		= 1,
	HVP_KVP_DELETE		= 2,
	HVP_KVP_ENUMERATE	= 3,
	HVP_KVP_GET_IP		= 4,	/* from 4.0 */
	HVP_KVP_SET_IP		= 5,	/* from 4.0 */
	HVP_KVP_OP_COUNT
};

enum hvp_kvp_pool {
	HVP_KVP_EXTERNAL	= 0,	/* the host's administrator writes */
	HVP_KVP_GUEST		= 1,	/* the guest writes */
	HVP_KVP_AUTO		= 2,	/* the guest's facts, made when asked for */
	HVP_KVP_AUTO_EXTERNAL	= 3,	/* the host's facts */
	HVP_KVP_AUTO_INTERNAL	= 4,	/* no host uses it */
	HVP_KVP_POOL_COUNT
};

enum hvp_kvp_type {
	HVP_KVP_STRING		= 1,	/* UTF-16 */
	HVP_KVP_EXPAND		= 2,	/* UTF-16, with names of variables in it */
	HVP_KVP_U32		= 4,
	HVP_KVP_U64_LINUX	= 8,	/* as <linux/hyperv.h> has it; accepted, never sent */
	HVP_KVP_U64		= 11,	/* as Windows has it */
};

#define HVP_KVP_KEY_SIZE	512u	/* bytes of UTF-16 on the wire, with the NUL */
#define HVP_KVP_VALUE_SIZE	2048u

/* --- wire -------------------------------------------------------------------- */

struct hvp_kvp_head {
	u8 op;			/* enum hvp_kvp_op */
	u8 pool;		/* enum hvp_kvp_pool */
} HVP_PACKED;

struct hvp_kvp_pair {
	u32 type;		/* enum hvp_kvp_type */
	u32 key_size;		/* bytes, with the NUL */
	u32 value_size;
	u8 key[HVP_KVP_KEY_SIZE];
	u8 value[HVP_KVP_VALUE_SIZE];
} HVP_PACKED;
static_assert(sizeof(struct hvp_kvp_pair) == 2572, "KVP pair");

struct hvp_kvp_indexed {
	u32 index;
	struct hvp_kvp_pair pair;
} HVP_PACKED;

struct hvp_kvp_key {
	u32 size;		/* bytes, with the NUL */
	u8 key[HVP_KVP_KEY_SIZE];
} HVP_PACKED;

/* All operations but those on addresses; hosts send the whole struct for each. */
struct hvp_kvp_message {
	struct hvp_kvp_head head;
	u16 reserved;
	union {
		struct hvp_kvp_pair pair;		/* GET, SET */
		struct hvp_kvp_key key;			/* DELETE */
		struct hvp_kvp_indexed indexed;		/* ENUMERATE */
	};
} HVP_PACKED;
static_assert(offsetof(struct hvp_kvp_message, pair) == 4, "KVP body");
static_assert(sizeof(struct hvp_kvp_message) == 2580, "KVP message");

/* --- native ------------------------------------------------------------------ */

/* Texts are UTF-8 with a NUL, in fields of the size that a pool file has. */
#define HVP_KVP_KEY_ROOM	512u
#define HVP_KVP_VALUE_ROOM	2048u

/* The longest texts that the wire can carry, for who is not bound to pool files. */
#define HVP_KVP_KEY_ROOM_MAX	HVP_UTF8_ROOM(HVP_KVP_KEY_SIZE / 2 - 1)
#define HVP_KVP_VALUE_ROOM_MAX	HVP_UTF8_ROOM(HVP_KVP_VALUE_SIZE / 2 - 1)

/* What a guest is asked. */
struct hvp_kvp_request {
	enum hvp_kvp_op op;
	enum hvp_kvp_pool pool;
	u32 index;				/* ENUMERATE */
	enum hvp_kvp_type type;			/* SET; U64_LINUX has become U64 */
	char key[HVP_KVP_KEY_ROOM];		/* GET, SET, DELETE */
	char value[HVP_KVP_VALUE_ROOM];		/* SET; a number as decimal text */
};

/* A pair as the host has it. */
struct hvp_kvp_item {
	enum hvp_kvp_type type;
	u64 number;				/* U32, U64 */
	char key[HVP_KVP_KEY_ROOM_MAX];
	char value[HVP_KVP_VALUE_ROOM_MAX];	/* STRING, EXPAND */
};

/**
 * hvp_kvp_check() - is a received request whole
 * @body:	private copy, any alignment
 * @len:	its bytes; a longer message is accepted
 * @version:	agreed message version
 *
 * Return: the operation (for GET_IP and SET_IP go on with protocol/kvp_ip.h);
 * -EBADMSG when it is too short for it or its answer; -EOPNOTSUPP when @version
 * has no such operation.
 */
int hvp_kvp_check(const void *body, u32 len, struct hvp_ic_version version);

/**
 * hvp_kvp_read() - the values of a request that was checked; no GET_IP, SET_IP
 * @request:	partly written on failure
 *
 * Return: 0; -EINVAL for a pool, a type or a size that does not exist, an empty
 * key, or a NUL inside a text; -EILSEQ for a text that is not UTF-16; -EMSGSIZE
 * for one that is too long for its field in UTF-8. The answer is then
 * HVP_HR_INVALID_ARGUMENT.
 */
int hvp_kvp_read(const void *body, struct hvp_kvp_request *request);

/**
 * hvp_kvp_reply() - put a pair into an answer to GET or ENUMERATE, in place
 * @body:	of a request that was checked
 * @key:	field of HVP_KVP_KEY_ROOM bytes; GET keeps the key of the request
 * @value:	field of HVP_KVP_VALUE_ROOM bytes; told to the host as STRING
 *
 * A text that is longer than the wire has room for is cut at the end of a
 * character; a list in pool AUTO at a semicolon, if it has one.
 *
 * Return: 0; or -EINVAL, -EILSEQ for a text that is none or an empty key. The
 * status of the answer must then be a failure.
 */
int hvp_kvp_reply(void *body, const char *key, const char *value);

/**
 * hvp_kvp_build_key() - write a GET or DELETE
 * @key:	NUL-terminated UTF-8
 *
 * Return: bytes to send; -EINVAL for an empty key, -EILSEQ, -EMSGSIZE.
 */
int hvp_kvp_build_key(struct hvp_kvp_message *msg, enum hvp_kvp_op op, enum hvp_kvp_pool pool,
		      const char *key);

/**
 * hvp_kvp_build_set() - write a SET
 * Return: as hvp_kvp_build_key(); -EINVAL for an unknown type or a number that
 * the type cannot hold.
 */
int hvp_kvp_build_set(struct hvp_kvp_message *msg, enum hvp_kvp_pool pool,
		      const struct hvp_kvp_item *item);

/**
 * hvp_kvp_build_enumerate() - write an ENUMERATE
 * Return: bytes to send.
 */
int hvp_kvp_build_enumerate(struct hvp_kvp_message *msg, enum hvp_kvp_pool pool, u32 index);

/**
 * hvp_kvp_reply_check() - read the pair of a successful answer to GET or ENUMERATE
 * @body:	private copy
 * @len:	its bytes
 * @op:		that was sent
 * @item:	partly written on failure
 *
 * Stricter than what a guest accepts: sizes include the NUL.
 *
 * Return: 0, or -EBADMSG when it is no answer to @op, or no proper pair.
 */
int hvp_kvp_reply_check(const void *body, u32 len, enum hvp_kvp_op op, struct hvp_kvp_item *item);

/**
 * hvp_kvp_op_name() - for a log line; "unknown" past the last
 */
const char *hvp_kvp_op_name(u32 op);

/**
 * hvp_kvp_pool_name() - "external", "guest", "auto", "auto-external",
 * "auto-internal"; "unknown" past the last
 */
const char *hvp_kvp_pool_name(u32 pool);

#endif
