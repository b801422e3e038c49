// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/ic.h"
#include "host/vsp/kvp.h"
#include "host/vsp/vsp.h"

/* kvp: list, get, set and delete pairs; status; poll; raw. */

static const struct {
	const char *name;
	enum hvp_kvp_type type;
} types[] = {
	{ "string",	HVP_KVP_STRING },
	{ "expand",	HVP_KVP_EXPAND },
	{ "u32",	HVP_KVP_U32 },
	{ "u64",	HVP_KVP_U64 },
	{ "u64-linux",	HVP_KVP_U64_LINUX },
};

static struct kvp *the_kvp(const struct control_request *req)
{
	return vsp_kvp(request_control(req)->host.vsp);
}

static void client_gone(struct control_request *req)
{
	kvp_forget(the_kvp(req), req);
	json_object_put(request_state(req));
}

/* ---- arguments ---- */

/* Return: the pool, or -1 when the request has failed. */
static int pool_argument(struct control_request *req)
{
	const char *name = request_string(req, "pool");
	unsigned int pool;

	for (pool = 0; name && pool < HVP_KVP_POOL_COUNT; pool++) {
		if (!strcmp(name, hvp_kvp_pool_name(pool)) ||
		    (name[0] == (char)('0' + pool) && !name[1]))
			return (int)pool;
	}
	request_fail(req, "\"pool\" must be external, guest, auto, auto-external, "
		     "auto-internal or 0 to 4");
	return -1;
}

/* Return: the key, or NULL when the request has failed. */
static const char *key_argument(struct control_request *req)
{
	const char *key = request_string(req, "key");

	if (!key || !*key)
		request_fail(req, "argument \"key\" is missing");
	else if (strlen(key) >= HVP_KVP_KEY_ROOM_MAX)
		request_fail(req, "\"key\" is longer than %u characters", HVP_KVP_KEY_SIZE / 2 - 1);
	else
		return key;
	return NULL;
}

/* Return: 0, or -1 when @text is no number of the type. */
static int parse_number(struct hvp_kvp_item *item, const char *text)
{
	char *end;

	errno = 0;
	item->number = strtoull(text, &end, 0);
	if (errno || *end || *text < '0' || *text > '9')
		return -1;
	return item->type == HVP_KVP_U32 && item->number > UINT32_MAX ? -1 : 0;
}

/* Return: the row of "type", or -1 when the request has failed. */
static int type_argument(struct control_request *req)
{
	const char *name = request_string(req, "type");
	int i;

	for (i = 0; i < (int)(sizeof(types) / sizeof(types[0])); i++) {
		if (!strcmp(name ? name : "string", types[i].name))
			return i;
	}
	request_fail(req, "\"type\" must be string, expand, u32, u64 or u64-linux");
	return -1;
}

/* Return: 0, or -1 when the request has failed. */
static int value_argument(struct control_request *req, struct hvp_kvp_item *item)
{
	const char *value = request_string(req, "value");
	int type = type_argument(req);

	if (type < 0)
		return -1;
	item->type = types[type].type;
	if (!value) {
		request_fail(req, "argument \"value\" is missing");
	} else if (strlen(value) >= sizeof(item->value)) {
		request_fail(req, "\"value\" is longer than %u characters",
			     HVP_KVP_VALUE_SIZE / 2 - 1);
	} else if (item->type >= HVP_KVP_U32 && parse_number(item, value)) {
		request_fail(req, "\"value\" is no %s", types[type].name);
	} else {
		strcpy(item->value, value);
		return 0;
	}
	return -1;
}

/* ---- answers ---- */

static const char *type_name(enum hvp_kvp_type type)
{
	unsigned int i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].type == type)
			return types[i].name;
	}
	return "unknown";
}

static struct json_object *describe_item(const struct hvp_kvp_item *item)
{
	struct json_object *object = json_object_new_object();
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, item->number);
	put_string(object, "key", item->key);
	put_string(object, "value", item->type >= HVP_KVP_U32 ? number : item->value);
	put_string(object, "type", type_name(item->type));
	return object;
}

static void changed(void *opaque, const struct kvp_outcome *outcome)
{
	if (outcome->error || outcome->status)
		return request_refused(opaque, outcome->error, outcome->status);
	request_done(opaque, NULL);
}

static void got(void *opaque, const struct kvp_outcome *outcome)
{
	if (outcome->error || outcome->status)
		return request_refused(opaque, outcome->error, outcome->status);
	request_done(opaque, describe_item(outcome->item));
}

/* @ret: of the question. */
static void wait_for(struct control_request *req, int ret)
{
	if (ret)
		return request_not_asked(req, kvp_ic(the_kvp(req)), ret);
	request_on_gone(req, client_gone);
}

/* ---- list; and get of an automatic key, which guests make only when they are asked for all ---- */

static void listed(void *opaque, const struct hvp_kvp_item *item)
{
	struct json_object *result = request_state(opaque), *items = NULL;
	const char *wanted = request_string(opaque, "key");

	json_object_object_get_ex(result, "items", &items);
	if (!wanted || !strcmp(wanted, item->key))
		json_object_array_add(items, describe_item(item));
}

static void list_done(void *opaque, const struct kvp_outcome *outcome)
{
	struct control_request *req = opaque;
	struct json_object *result = request_state(req), *items = NULL;

	if (outcome->error || outcome->status) {
		json_object_put(result);
		if (outcome->error == -E2BIG)
			return request_fail(req, "the guest lists more than %u pairs", KVP_LIST_MAX);
		return request_refused(req, outcome->error, outcome->status);
	}
	if (!request_string(req, "key"))
		return request_done(req, result);
	json_object_object_get_ex(result, "items", &items);
	items = json_object_get(json_object_array_get_idx(items, 0));
	json_object_put(result);
	if (!items)
		return request_refused(req, 0, HVP_HR_NO_MORE_ITEMS);
	request_done(req, items);
}

static void start_list(struct control_request *req, enum hvp_kvp_pool pool)
{
	static const struct kvp_list_ops ops = { .item = listed, .done = list_done };
	struct json_object *result = json_object_new_object();
	int ret;

	put_string(result, "pool", hvp_kvp_pool_name(pool));
	json_object_object_add(result, "items", json_object_new_array());
	request_set_state(req, result);
	ret = kvp_list(the_kvp(req), pool, &ops, req);
	if (ret)
		json_object_put(result);
	wait_for(req, ret);
}

static void list(struct control_request *req)
{
	int pool = pool_argument(req);

	if (pool >= 0)
		start_list(req, (enum hvp_kvp_pool)pool);
}

static void get(struct control_request *req)
{
	int pool = pool_argument(req);
	const char *key = pool < 0 ? NULL : key_argument(req);

	if (!key)
		return;
	if (pool == HVP_KVP_AUTO)
		return start_list(req, HVP_KVP_AUTO);
	wait_for(req, kvp_get(the_kvp(req), (enum hvp_kvp_pool)pool, key, got, req));
}

static void set(struct control_request *req)
{
	struct hvp_kvp_item item = { .number = 0 };
	int pool = pool_argument(req);
	const char *key = pool < 0 ? NULL : key_argument(req);

	if (!key || value_argument(req, &item))
		return;
	strcpy(item.key, key);
	wait_for(req, kvp_set(the_kvp(req), (enum hvp_kvp_pool)pool, &item, changed, req));
}

static void delete(struct control_request *req)
{
	int pool = pool_argument(req);
	const char *key = pool < 0 ? NULL : key_argument(req);

	if (key)
		wait_for(req, kvp_delete(the_kvp(req), (enum hvp_kvp_pool)pool, key, changed, req));
}

/* ---- the service ---- */

struct json_object *describe_kvp(const struct control *control)
{
	const struct kvp_state *state = kvp_state(vsp_kvp(control->host.vsp));
	struct json_object *object = json_object_new_object();

	put_number(object, "asked", state->asked);
	put_number(object, "answered", state->answered);
	put_number(object, "refused", state->refused);
	put_number(object, "lost", state->lost);
	put_number(object, "bad", state->bad);
	put_number(object, "items_told", state->items_told);
	put_number(object, "polls", state->polls);
	put_number(object, "poll_ms", state->poll_ms);
	return object;
}

static void status(struct control_request *req)
{
	struct json_object *result = describe_service(kvp_ic(the_kvp(req)));
	struct json_object *keys = json_object_new_array();
	const struct hvp_kvp_item *item;
	u32 i;

	json_object_object_add(result, "counts", describe_kvp(request_control(req)));
	for (i = 0; (item = kvp_auto_key(the_kvp(req), i)); i++)
		json_object_array_add(keys, describe_item(item));
	json_object_object_add(result, "items", keys);
	request_done(req, result);
}

static void poll(struct control_request *req)
{
	int64_t seconds = request_number(req, "seconds", -1);
	int ret;

	if (seconds > 86400)
		return request_fail(req, "\"seconds\" must be 0 to 86400");
	if (seconds >= 0) {
		kvp_set_poll(the_kvp(req), (u32)seconds * 1000);
		return request_done(req, NULL);
	}
	ret = kvp_poll(the_kvp(req));
	if (ret)
		return request_not_asked(req, kvp_ic(the_kvp(req)), ret);
	request_done(req, NULL);
}

static void raw_answered(void *opaque, const struct ic_answer *answer)
{
	request_raw_done(opaque, answer->error, answer->status, answer->body, answer->len);
}

static void raw(struct control_request *req)
{
	u8 body[IC_BODY_MAX];
	int len = request_hex(req, body, sizeof(body));

	if (len >= 0)
		wait_for(req, kvp_ask(the_kvp(req), body, (u32)len, raw_answered, req));
}

void verb_kvp(struct control_request *req)
{
	static const struct control_verb actions[] = {
		{ "list",	list },
		{ "get",	get },
		{ "set",	set },
		{ "delete",	delete },
		{ "status",	status },
		{ "poll",	poll },
		{ "raw",	raw },
		{ 0 },
	};

	if (!request_run_action(req, actions))
		request_fail(req, "\"action\" must be list, get, set, delete, status, poll or raw");
}
