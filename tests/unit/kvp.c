// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/kvp.h"

#include "tests/unit/unit.h"

static const struct hvp_ic_version v3 = { 3, 0 }, v4 = { 4, 0 }, v5 = { 5, 0 };

static struct hvp_kvp_message *msg;		/* on the heap: nothing is behind it */
static struct hvp_kvp_request *request;
static struct hvp_kvp_item *item;

static int prepare(void **state)
{
	(void)state;
	msg = exact_block(sizeof(*msg));
	request = exact_block(sizeof(*request));
	memset(request, 0xcc, sizeof(*request));
	item = exact_block(sizeof(*item));
	return 0;
}

static int finish(void **state)
{
	(void)state;
	free(item);
	free(request);
	free(msg);
	return 0;
}

static void lengths(void **state)
{
	static const struct {
		u8 op;
		u16 major;
		u32 len;
		int result;
	} cases[] = {
		{ HVP_KVP_GET, 3, 2576, HVP_KVP_GET }, { HVP_KVP_GET, 3, 2575, -EBADMSG },
		{ HVP_KVP_SET, 3, 2576, HVP_KVP_SET }, { HVP_KVP_SET, 3, 2575, -EBADMSG },
		{ HVP_KVP_DELETE, 3, 520, HVP_KVP_DELETE }, { HVP_KVP_DELETE, 3, 519, -EBADMSG },
		{ HVP_KVP_ENUMERATE, 3, 2580, HVP_KVP_ENUMERATE },
		{ HVP_KVP_ENUMERATE, 3, 2579, -EBADMSG },
		{ HVP_KVP_ENUMERATE, 5, 2580, HVP_KVP_ENUMERATE },
		{ HVP_KVP_ENUMERATE, 5, 7428, HVP_KVP_ENUMERATE },
		{ HVP_KVP_GET_IP, 3, 7428, -EOPNOTSUPP },
		{ HVP_KVP_GET_IP, 4, 7428, HVP_KVP_GET_IP }, { HVP_KVP_GET_IP, 4, 7427, -EBADMSG },
		{ HVP_KVP_GET_IP, 5, 3716, HVP_KVP_GET_IP }, { HVP_KVP_GET_IP, 5, 3715, -EBADMSG },
		{ HVP_KVP_GET_IP, 5, 7428, HVP_KVP_GET_IP },
		{ HVP_KVP_SET_IP, 3, 7428, -EOPNOTSUPP },
		{ HVP_KVP_SET_IP, 4, 7428, HVP_KVP_SET_IP }, { HVP_KVP_SET_IP, 4, 7427, -EBADMSG },
		{ HVP_KVP_SET_IP, 5, 3716, HVP_KVP_SET_IP }, { HVP_KVP_SET_IP, 5, 3715, -EBADMSG },
		{ HVP_KVP_OP_COUNT, 5, 7428, -EOPNOTSUPP }, { 0xff, 5, 2, -EOPNOTSUPP },
		{ 0xff, 5, 1, -EBADMSG }, { 0, 5, 0, -EBADMSG },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_ic_version version = { cases[i].major, 0 };
		u8 *body = exact_block(cases[i].len);

		if (cases[i].len)
			body[0] = cases[i].op;
		assert_case(i, hvp_kvp_check(body, cases[i].len, version) == cases[i].result);
		free(body);
	}
}

/* op, pool, 2 bytes, then type, sizes, key, value */
static void wire_form_of_set(void **state)
{
	const u8 *bytes = (const u8 *)msg;

	(void)state;
	item->type = HVP_KVP_STRING;
	strcpy(item->key, "k\xc3\xa4");
	strcpy(item->value, "v");
	memset(msg, 0xcc, sizeof(*msg));
	assert_int_equal(hvp_kvp_build_set(msg, HVP_KVP_AUTO_EXTERNAL, item), 2580);
	assert_memory_equal(bytes, "\1\3\0\0\1\0\0\0\6\0\0\0\4\0\0\0k\0\xe4\0\0\0\0\0", 24);
	assert_memory_equal(bytes + 528, "v\0\0\0\0\0", 6);
	assert_int_equal(bytes[2579], 0);

	assert_int_equal(hvp_kvp_check(msg, 2580, v3), HVP_KVP_SET);
	assert_int_equal(hvp_kvp_read(msg, request), 0);
	assert_int_equal(request->op, HVP_KVP_SET);
	assert_int_equal(request->pool, HVP_KVP_AUTO_EXTERNAL);
	assert_int_equal(request->type, HVP_KVP_STRING);
	assert_string_equal(request->key, "k\xc3\xa4");
	assert_string_equal(request->value, "v");
}

static void wire_form_of_the_others(void **state)
{
	const u8 *bytes = (const u8 *)msg;

	(void)state;
	memset(msg, 0xcc, sizeof(*msg));
	assert_int_equal(hvp_kvp_build_enumerate(msg, HVP_KVP_AUTO, 9), 2580);
	assert_memory_equal(bytes, "\3\2\0\0\11\0\0\0\0\0\0\0", 12);
	assert_int_equal(hvp_kvp_read(msg, request), 0);
	assert_int_equal(request->op, HVP_KVP_ENUMERATE);
	assert_int_equal(request->index, 9);
	assert_string_equal(request->key, "");
	assert_string_equal(request->value, "");

	memset(msg, 0xcc, sizeof(*msg));
	assert_int_equal(hvp_kvp_build_key(msg, HVP_KVP_DELETE, HVP_KVP_GUEST, "gone"), 2580);
	assert_memory_equal(bytes, "\2\1\0\0\12\0\0\0g\0o\0n\0e\0\0\0", 18);
	assert_int_equal(hvp_kvp_read(msg, request), 0);
	assert_int_equal(request->pool, HVP_KVP_GUEST);
	assert_string_equal(request->key, "gone");

	memset(msg, 0xcc, sizeof(*msg));
	assert_int_equal(hvp_kvp_build_key(msg, HVP_KVP_GET, HVP_KVP_EXTERNAL, "k"), 2580);
	assert_memory_equal(bytes, "\0\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0k\0\0\0", 20);
	assert_int_equal(hvp_kvp_read(msg, request), 0);
	assert_int_equal(request->op, HVP_KVP_GET);
	assert_string_equal(request->key, "k");
}

static void pools(void **state)
{
	(void)state;
	for (u32 pool = 0; pool < 256; pool++) {
		hvp_kvp_build_key(msg, HVP_KVP_GET, HVP_KVP_EXTERNAL, "k");
		msg->head.pool = pool;
		assert_case(pool, hvp_kvp_read(msg, request) == (pool < 5 ? 0 : -EINVAL));
		msg->head.op = HVP_KVP_ENUMERATE;
		assert_case(pool, hvp_kvp_read(msg, request) == (pool < 5 ? 0 : -EINVAL));
	}
	msg->head.pool = 0;
	msg->head.op = HVP_KVP_GET_IP;
	assert_int_equal(hvp_kvp_read(msg, request), -EINVAL);
}

/* In GET and SET, and in DELETE, whose key lies elsewhere. */
static void key_sizes(void **state)
{
	static const struct {
		u32 size, filled;	/* bytes; units of 'x' in front of the first NUL */
		int result;
		u32 len;
	} cases[] = {
		{ 0, 0, -EINVAL, 0 }, { 1, 1, -EINVAL, 0 }, { 2, 0, -EINVAL, 0 },
		{ 2, 1, 0, 1 }, { 4, 1, 0, 1 }, { 3, 1, -EINVAL, 0 },
		{ 6, 1, -EINVAL, 0 },				/* a NUL inside */
		{ 511, 254, -EINVAL, 0 }, { 512, 255, 0, 255 }, { 510, 255, 0, 255 },
		{ 512, 256, 0, 256 },				/* no NUL */
		{ 513, 255, -EINVAL, 0 }, { 514, 256, -EINVAL, 0 }, { 0xffffffff, 255, -EINVAL, 0 },
		{ 0xfffffffe, 255, -EINVAL, 0 }, { 0x80000002, 1, -EINVAL, 0 },
	};
	static const u8 operations[] = { HVP_KVP_GET, HVP_KVP_SET, HVP_KVP_DELETE };

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		for (u32 o = 0; o < HVP_COUNT_OF(operations); o++) {
			bool is_delete = operations[o] == HVP_KVP_DELETE;
			u8 *key = is_delete ? msg->key.key : msg->pair.key;

			memset(msg, 0, sizeof(*msg));
			msg->head.op = operations[o];
			for (u32 unit = 0; unit < cases[i].filled; unit++)
				key[2 * unit] = 'x';
			if (is_delete) {
				msg->key.size = cases[i].size;
			} else {
				msg->pair.type = HVP_KVP_STRING;
				msg->pair.key_size = cases[i].size;
			}
			assert_case(i, hvp_kvp_read(msg, request) == cases[i].result);
			assert_case(i, strlen(request->key) == cases[i].len);
		}
	}
}

static void value_sizes(void **state)
{
	static const struct {
		u32 size, filled;
		int result;
		u32 len;
	} cases[] = {
		{ 0, 0, 0, 0 }, { 0, 9, 0, 0 }, { 2, 0, 0, 0 }, { 1, 1, -EINVAL, 0 },
		{ 2048, 1023, 0, 1023 }, { 2048, 1024, 0, 1024 }, { 2047, 1023, -EINVAL, 0 },
		{ 2049, 1023, -EINVAL, 0 }, { 2050, 1024, -EINVAL, 0 }, { 0xffffffff, 1, -EINVAL, 0 },
		{ 8, 2, -EINVAL, 0 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		item->type = HVP_KVP_EXPAND;
		strcpy(item->key, "k");
		assert_int_equal(hvp_kvp_build_set(msg, HVP_KVP_EXTERNAL, item), 2580);
		msg->pair.value_size = cases[i].size;
		for (u32 unit = 0; unit < cases[i].filled; unit++)
			msg->pair.value[2 * unit] = 'x';
		assert_case(i, hvp_kvp_read(msg, request) == cases[i].result);
		assert_case(i, strlen(request->value) == cases[i].len);
	}
}

static void numbers(void **state)
{
	static const struct {
		u32 type, size;
		u64 number;
		const char *text;	/* NULL: refused */
		u32 read_type;
	} cases[] = {
		{ 4, 4, 0, "0", 4 },
		{ 4, 4, 0xffffffff, "4294967295", 4 },
		{ 4, 8, 1, NULL, 0 }, { 4, 3, 1, NULL, 0 }, { 4, 0, 1, NULL, 0 },
		{ 11, 8, ~0ull, "18446744073709551615", 11 },
		{ 8, 8, 1ull << 40, "1099511627776", 11 },
		{ 11, 4, 1, NULL, 0 }, { 8, 4, 1, NULL, 0 }, { 11, 2048, 1, NULL, 0 },
		{ 0, 4, 1, NULL, 0 }, { 3, 4, 1, NULL, 0 }, { 5, 4, 1, NULL, 0 }, { 7, 8, 1, NULL, 0 },
		{ 9, 8, 1, NULL, 0 }, { 10, 8, 1, NULL, 0 }, { 12, 8, 1, NULL, 0 },
		{ 0x10004, 4, 1, NULL, 0 }, { 0xffffffff, 4, 1, NULL, 0 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		hvp_kvp_build_key(msg, HVP_KVP_GET, HVP_KVP_EXTERNAL, "n");
		msg->head.op = HVP_KVP_SET;
		msg->pair.type = cases[i].type;
		msg->pair.value_size = cases[i].size;
		memcpy(msg->pair.value, &cases[i].number, 8);
		assert_case(i, hvp_kvp_read(msg, request) == (cases[i].text ? 0 : -EINVAL));
		if (!cases[i].text)
			continue;
		assert_string_equal(request->value, cases[i].text);
		assert_case(i, request->type == cases[i].read_type);
	}
}

static void bad_text_in_requests(void **state)
{
	(void)state;
	hvp_kvp_build_key(msg, HVP_KVP_DELETE, HVP_KVP_EXTERNAL, "ab");
	msg->key.key[1] = 0xd8;
	assert_int_equal(hvp_kvp_read(msg, request), -EILSEQ);

	item->type = HVP_KVP_STRING;
	strcpy(item->key, "k");
	strcpy(item->value, "ab");
	hvp_kvp_build_set(msg, HVP_KVP_EXTERNAL, item);
	msg->pair.value[3] = 0xdc;
	assert_int_equal(hvp_kvp_read(msg, request), -EILSEQ);
	assert_string_equal(request->value, "");
}

/* 255 units fit the wire, and 765 bytes of UTF-8 the host, but no pool file. */
static void texts_too_long_for_a_pool(void **state)
{
	(void)state;
	item->type = HVP_KVP_STRING;
	strcpy(item->key, "k");
	for (u32 i = 0; i < 255; i++)
		memcpy(item->key + 3 * i, "\xe2\x82\xac", 4);
	assert_int_equal(hvp_kvp_build_set(msg, HVP_KVP_EXTERNAL, item), 2580);
	assert_int_equal(msg->pair.key_size, 512);
	assert_int_equal(hvp_kvp_read(msg, request), -EMSGSIZE);
	strcpy(item->key + 510, "x");			/* 170 characters and one: 511 bytes */
	assert_int_equal(hvp_kvp_build_set(msg, HVP_KVP_EXTERNAL, item), 2580);
	assert_int_equal(hvp_kvp_read(msg, request), 0);
	assert_int_equal(strlen(request->key), 511);
	strcpy(item->key + 510, "xy");
	assert_int_equal(hvp_kvp_build_set(msg, HVP_KVP_EXTERNAL, item), 2580);
	assert_int_equal(hvp_kvp_read(msg, request), -EMSGSIZE);
}

static void replies(void **state)
{
	char key[HVP_KVP_KEY_ROOM] = "OSName", value[HVP_KVP_VALUE_ROOM] = "Debian \xe2\x82\xac";
	const u8 *bytes = (const u8 *)msg;

	(void)state;
	hvp_kvp_build_enumerate(msg, HVP_KVP_AUTO, 5);
	memset(&msg->indexed.pair, 0xcc, sizeof(msg->indexed.pair));
	assert_int_equal(hvp_kvp_reply(msg, key, value), 0);
	assert_memory_equal(bytes, "\3\2\0\0\5\0\0\0\1\0\0\0\16\0\0\0\22\0\0\0O\0S\0N\0", 26);
	assert_int_equal(bytes[2579], 0);
	assert_int_equal(hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item), 0);
	assert_int_equal(item->type, HVP_KVP_STRING);
	assert_string_equal(item->key, key);
	assert_string_equal(item->value, value);

	hvp_kvp_build_key(msg, HVP_KVP_GET, HVP_KVP_GUEST, "asked");
	assert_int_equal(hvp_kvp_reply(msg, NULL, value), 0);
	assert_int_equal(hvp_kvp_reply_check(msg, 2576, HVP_KVP_GET, item), 0);
	assert_string_equal(item->key, "asked");
	assert_string_equal(item->value, value);

	hvp_kvp_build_key(msg, HVP_KVP_DELETE, HVP_KVP_GUEST, "k");
	assert_int_equal(hvp_kvp_reply(msg, key, value), -EINVAL);
}

static void replies_that_cannot_be(void **state)
{
	char *key = exact_block(HVP_KVP_KEY_ROOM), *value = exact_block(HVP_KVP_VALUE_ROOM);

	(void)state;
	hvp_kvp_build_enumerate(msg, HVP_KVP_AUTO, 5);
	assert_int_equal(hvp_kvp_reply(msg, key, value), -EINVAL);	/* no key */
	memset(key, 'k', HVP_KVP_KEY_ROOM);
	assert_int_equal(hvp_kvp_reply(msg, key, value), -EINVAL);	/* no end */
	key[255] = '\0';
	assert_int_equal(hvp_kvp_reply(msg, key, value), 0);
	assert_int_equal(msg->indexed.pair.key_size, 512);
	assert_int_equal(msg->indexed.pair.value_size, 2);
	memset(value, 'v', HVP_KVP_VALUE_ROOM);
	assert_int_equal(hvp_kvp_reply(msg, key, value), -EINVAL);
	value[1024] = '\0';
	assert_int_equal(hvp_kvp_reply(msg, key, value), 0);
	value[9] = (char)0xff;
	assert_int_equal(hvp_kvp_reply(msg, key, value), -EILSEQ);
	value[9] = 'v';
	value[1023] = '\0';
	assert_int_equal(hvp_kvp_reply(msg, key, value), 0);
	value[7] = (char)0xff;
	assert_int_equal(hvp_kvp_reply(msg, key, value), -EILSEQ);
	value[7] = 'v';
	key[0] = (char)0x80;
	assert_int_equal(hvp_kvp_reply(msg, key, value), -EILSEQ);
	free(value);
	free(key);
}

/* 1023 units is what the wire has room for, semicolon or not. */
static void lists_that_are_too_long(void **state)
{
	static const struct {
		u32 len, semicolon;	/* bytes; index, 0 for none */
		u8 pool;
		u32 left;
	} cases[] = {
		{ 1023, 500, HVP_KVP_AUTO, 1023 },
		{ 1024, 500, HVP_KVP_AUTO, 500 },
		{ 2047, 1023, HVP_KVP_AUTO, 1023 },
		{ 2047, 1024, HVP_KVP_AUTO, 1023 },
		{ 2047, 1, HVP_KVP_AUTO, 1 },
		{ 2047, 0, HVP_KVP_AUTO, 1023 },
		{ 1024, 500, HVP_KVP_GUEST, 1023 },
		{ 2047, 500, HVP_KVP_EXTERNAL, 1023 },
	};
	char key[HVP_KVP_KEY_ROOM] = "NetworkAddressIPv4";

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		char *value = exact_block(HVP_KVP_VALUE_ROOM);

		memset(value, '1', cases[i].len);
		if (cases[i].semicolon)
			value[cases[i].semicolon] = ';';
		hvp_kvp_build_enumerate(msg, cases[i].pool, 2);
		memset(msg->indexed.pair.value, 0xcc, HVP_KVP_VALUE_SIZE);
		assert_case(i, hvp_kvp_reply(msg, key, value) == 0);
		assert_case(i, msg->indexed.pair.value_size == 2 * cases[i].left + 2);
		assert_case(i, msg->indexed.pair.value[2047] == 0);
		assert_case(i, hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item) == 0);
		assert_case(i, strlen(item->value) == cases[i].left);
		assert_case(i, memcmp(item->value, value, cases[i].left) == 0);
		free(value);
	}
}

/* A pool file has room for more than the wire: one such pair must not end the list of the others. */
static void texts_are_cut_at_a_character(void **state)
{
	char key[HVP_KVP_KEY_ROOM] = "", value[HVP_KVP_VALUE_ROOM] = "vv";

	(void)state;
	for (u32 i = 0; i < 511; i++)
		strcat(value, "\xf0\x9f\x94\x91");	/* two units each */
	memset(key, 'k', HVP_KVP_KEY_ROOM - 1);
	hvp_kvp_build_enumerate(msg, HVP_KVP_GUEST, 0);
	assert_int_equal(hvp_kvp_reply(msg, key, value), 0);
	assert_int_equal(msg->indexed.pair.key_size, 512);
	assert_int_equal(msg->indexed.pair.value_size, 2 * (2 + 510 * 2) + 2);
	assert_int_equal(hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item), 0);
	assert_int_equal(strlen(item->key), 255);
	assert_int_equal(strlen(item->value), 2 + 510 * 4);

	hvp_kvp_build_key(msg, HVP_KVP_GET, HVP_KVP_GUEST, "asked");
	assert_int_equal(hvp_kvp_reply(msg, NULL, value + 1), 0);
	assert_int_equal(msg->pair.value_size, 2 * 1023 + 2);	/* fits whole */
	assert_int_equal(hvp_kvp_reply(msg, NULL, value), 0);
	assert_int_equal(msg->pair.value_size, 2 * 1022 + 2);
}

static void build_refuses(void **state)
{
	char *longest = exact_block(HVP_KVP_KEY_ROOM_MAX);

	(void)state;
	memset(longest, 'k', 256);
	assert_int_equal(hvp_kvp_build_key(msg, HVP_KVP_GET, 0, longest), -EMSGSIZE);
	longest[255] = '\0';
	assert_int_equal(hvp_kvp_build_key(msg, HVP_KVP_DELETE, 0, longest), 2580);
	assert_int_equal(msg->key.size, 512);
	assert_int_equal(hvp_kvp_build_key(msg, HVP_KVP_DELETE, 0, ""), -EINVAL);
	assert_int_equal(hvp_kvp_build_key(msg, HVP_KVP_GET, 0, "\xc3"), -EILSEQ);
	memset(longest, 'k', HVP_KVP_KEY_ROOM_MAX);
	assert_int_equal(hvp_kvp_build_key(msg, HVP_KVP_GET, 0, longest), -EINVAL);
	free(longest);

	item->type = HVP_KVP_STRING;
	assert_int_equal(hvp_kvp_build_set(msg, 0, item), -EINVAL);
	strcpy(item->key, "k");
	strcpy(item->value, "\xed\xa0\x80");
	assert_int_equal(hvp_kvp_build_set(msg, 0, item), -EILSEQ);
	item->type = 3;
	assert_int_equal(hvp_kvp_build_set(msg, 0, item), -EINVAL);
	item->type = HVP_KVP_U32;
	item->number = 1ull << 32;
	assert_int_equal(hvp_kvp_build_set(msg, 0, item), -EINVAL);
	item->number--;
	assert_int_equal(hvp_kvp_build_set(msg, 0, item), 2580);
	assert_int_equal(msg->pair.value_size, 4);
	assert_memory_equal(msg->pair.value, "\xff\xff\xff\xff\0", 5);
	item->type = HVP_KVP_U64_LINUX;
	assert_int_equal(hvp_kvp_build_set(msg, 0, item), 2580);
	assert_int_equal(msg->pair.type, HVP_KVP_U64);
	assert_int_equal(msg->pair.value_size, 8);
}

/* What a guest must have got right; each step breaks one thing and mends it. */
static void answers_that_cannot_be(void **state)
{
	struct hvp_kvp_pair *pair = &msg->indexed.pair;
	char key[HVP_KVP_KEY_ROOM] = "k", value[HVP_KVP_VALUE_ROOM] = "v";
	void *short_one;

	(void)state;
	hvp_kvp_build_enumerate(msg, HVP_KVP_AUTO, 5);
	assert_int_equal(hvp_kvp_reply(msg, key, value), 0);
#define CHECK() hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item)
#define BREAK(field, bad)						\
	do {								\
		__typeof__(field) good = (field);			\
									\
		(field) = (bad);					\
		assert_int_equal(CHECK(), -EBADMSG);			\
		(field) = good;						\
		assert_int_equal(CHECK(), 0);				\
	} while (0)
	BREAK(msg->head.op, HVP_KVP_GET);
	BREAK(pair->type, 3);
	BREAK(pair->type, HVP_KVP_U64);		/* of value_size 4 */
	BREAK(pair->key_size, 0);
	BREAK(pair->key_size, 2);		/* does not end with its NUL */
	BREAK(pair->key_size, 3);
	BREAK(pair->key_size, 6);		/* a NUL inside */
	BREAK(pair->key_size, 514);
	BREAK(pair->key_size, 0xfffffffe);
	BREAK(pair->key[0], 0);
	BREAK(pair->key[1], 0xd8);
	BREAK(pair->key[2], 'x');
	BREAK(pair->key[3], 1);
	BREAK(pair->value_size, 0);
	BREAK(pair->value_size, 2);
	BREAK(pair->value_size, 3);
	BREAK(pair->value_size, 2050);
	BREAK(pair->value[1], 0xdc);
	BREAK(pair->value[2], 'x');
#undef BREAK
#undef CHECK
	short_one = exact_copy(msg, 2579);
	assert_int_equal(hvp_kvp_reply_check(short_one, 2579, HVP_KVP_ENUMERATE, item), -EBADMSG);
	assert_int_equal(hvp_kvp_reply_check(short_one, 0, HVP_KVP_ENUMERATE, item), -EBADMSG);
	free(short_one);

	/* A proper key, but empty. */
	pair->key[0] = 0;
	pair->key_size = 2;
	assert_int_equal(hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item), -EBADMSG);
	pair->key[0] = 'k';
	pair->key_size = 4;

	/* The shortest value and the longest. */
	pair->value[0] = 0;
	pair->value_size = 2;
	assert_int_equal(hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item), 0);
	assert_string_equal(item->value, "");
	for (u32 i = 0; i < 2046; i += 2)
		pair->value[i] = 'x';
	pair->value_size = 2048;
	assert_int_equal(hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item), 0);
	assert_int_equal(strlen(item->value), 1023);

	pair->type = HVP_KVP_U32;
	memcpy(pair->value, "\xff\xff\xff\xff\xff", 5);
	pair->value_size = 4;
	assert_int_equal(hvp_kvp_reply_check(msg, 2580, HVP_KVP_ENUMERATE, item), 0);
	assert_true(item->type == HVP_KVP_U32 && item->number == 0xffffffff);
	assert_string_equal(item->value, "");
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(hvp_kvp_op_name(HVP_KVP_GET), "get");
	assert_string_equal(hvp_kvp_op_name(HVP_KVP_SET_IP), "set-ip");
	assert_string_equal(hvp_kvp_op_name(HVP_KVP_OP_COUNT), "unknown");
	assert_string_equal(hvp_kvp_pool_name(HVP_KVP_EXTERNAL), "external");
	assert_string_equal(hvp_kvp_pool_name(HVP_KVP_AUTO_INTERNAL), "auto-internal");
	assert_string_equal(hvp_kvp_pool_name(HVP_KVP_POOL_COUNT), "unknown");
	assert_int_equal(hvp_kvp_check("\4", 1, v4), -EBADMSG);
	assert_int_equal(hvp_kvp_check("\7\0", 2, v5), -EOPNOTSUPP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		TEST(wire_form_of_set),
		TEST(wire_form_of_the_others),
		TEST(pools),
		TEST(key_sizes),
		TEST(value_sizes),
		TEST(numbers),
		TEST(bad_text_in_requests),
		TEST(texts_too_long_for_a_pool),
		TEST(replies),
		TEST(replies_that_cannot_be),
		TEST(lists_that_are_too_long),
		TEST(texts_are_cut_at_a_character),
		TEST(build_refuses),
		TEST(answers_that_cannot_be),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("kvp", tests, NULL, NULL);
}
