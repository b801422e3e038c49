// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/vsp/kvp_private.h"

/* Operations on pairs: get, set, delete; and the list of a pool, one index after the other. */

struct operation {
	struct kvp *kvp;
	struct hvp_kvp_message asked;
	kvp_cb cb;
	void *opaque;
};

struct list {
	struct kvp *kvp;
	enum hvp_kvp_pool pool;
	u32 index;
	const struct kvp_list_ops *ops;
	void *opaque;
};

/* ---- get, set, delete ---- */

static bool echoes(const struct ic_answer *answer, enum hvp_kvp_op op, enum hvp_kvp_pool pool)
{
	const struct hvp_kvp_head *head = answer->body;

	return answer->len >= sizeof(*head) && head->op == op && head->pool == pool;
}

/* Guests change nothing in what they send back but the value that was asked for. */
static bool echoes_key(const struct ic_answer *answer, const struct hvp_kvp_message *asked)
{
	const struct hvp_kvp_message *msg = answer->body;

	if (answer->len < sizeof(*msg))
		return false;
	if (asked->head.op == HVP_KVP_DELETE)
		return msg->key.size == asked->key.size &&
		       !memcmp(msg->key.key, asked->key.key, asked->key.size);
	return msg->pair.key_size == asked->pair.key_size &&
	       !memcmp(msg->pair.key, asked->pair.key, asked->pair.key_size);
}

/* Return: 0 or -EBADMSG. */
static int judge(struct kvp *kvp, enum hvp_kvp_op op, bool good)
{
	if (good)
		return 0;
	kvp_bad_answer(kvp, hvp_kvp_op_name(op));
	return -EBADMSG;
}

/* @item: of a get. */
static bool is_good(const struct ic_answer *answer, const struct hvp_kvp_message *asked,
		    struct hvp_kvp_item *item)
{
	enum hvp_kvp_op op = asked->head.op;

	return echoes(answer, op, asked->head.pool) && echoes_key(answer, asked) &&
	       (op != HVP_KVP_GET || !hvp_kvp_reply_check(answer->body, answer->len, op, item));
}

static void operation_done(void *opaque, const struct ic_answer *answer)
{
	struct operation operation = *(struct operation *)opaque;
	struct kvp_outcome outcome = { .error = answer->error, .status = answer->status };
	enum hvp_kvp_op op = operation.asked.head.op;
	struct hvp_kvp_item item;

	free(opaque);
	if (!outcome.error && !outcome.status) {
		outcome.error = judge(operation.kvp, op, is_good(answer, &operation.asked, &item));
		if (!outcome.error && op == HVP_KVP_GET)
			outcome.item = &item;
	}
	operation.cb(operation.opaque, &outcome);
}

static int ask(struct kvp *kvp, const struct hvp_kvp_message *msg, int len, kvp_cb cb, void *opaque)
{
	struct operation *operation;
	int ret;

	if (len < 0)
		return len;
	operation = malloc(sizeof(*operation));
	if (!operation)
		return -ENOMEM;
	*operation = (struct operation) { .kvp = kvp, .asked = *msg, .cb = cb, .opaque = opaque };
	ret = kvp_ask_for(kvp, msg, (u32)len, operation_done, free, operation, opaque);
	if (ret)
		free(operation);
	return ret;
}

int kvp_get(struct kvp *kvp, enum hvp_kvp_pool pool, const char *key, kvp_cb cb, void *opaque)
{
	struct hvp_kvp_message msg;
	int len = hvp_kvp_build_key(&msg, HVP_KVP_GET, pool, key);

	return ask(kvp, &msg, len, cb, opaque);
}

int kvp_delete(struct kvp *kvp, enum hvp_kvp_pool pool, const char *key, kvp_cb cb, void *opaque)
{
	struct hvp_kvp_message msg;
	int len = hvp_kvp_build_key(&msg, HVP_KVP_DELETE, pool, key);

	return ask(kvp, &msg, len, cb, opaque);
}

int kvp_set(struct kvp *kvp, enum hvp_kvp_pool pool, const struct hvp_kvp_item *item, kvp_cb cb,
	    void *opaque)
{
	struct hvp_kvp_message msg;
	int len = hvp_kvp_build_set(&msg, pool, item);

	/* The codec sends what Windows sends; Linux has read something else for years. */
	if (item->type == HVP_KVP_U64_LINUX)
		msg.pair.type = HVP_KVP_U64_LINUX;
	return ask(kvp, &msg, len, cb, opaque);
}

/* ---- list ---- */

static int ask_index(struct list *list);

static void end_list(struct list *list, int error, u32 status)
{
	struct kvp_outcome outcome = { .error = error, .status = status };
	const struct kvp_list_ops *ops = list->ops;
	void *opaque = list->opaque;

	free(list);
	ops->done(opaque, &outcome);
}

static void index_done(void *opaque, const struct ic_answer *answer)
{
	struct list *list = opaque;
	struct hvp_kvp_item item;
	int ret;

	if (answer->error)
		return end_list(list, answer->error, 0);
	if (answer->status)
		return end_list(list, 0, answer->status == HVP_HR_NO_MORE_ITEMS ? 0 : answer->status);
	ret = judge(list->kvp, HVP_KVP_ENUMERATE,
		    echoes(answer, HVP_KVP_ENUMERATE, list->pool) &&
		    !hvp_kvp_reply_check(answer->body, answer->len, HVP_KVP_ENUMERATE, &item));
	if (!ret && list->index == KVP_LIST_MAX)
		ret = -E2BIG;
	if (ret)
		return end_list(list, ret, 0);
	list->ops->item(list->opaque, &item);
	list->index++;
	ret = ask_index(list);
	if (ret)
		end_list(list, ret, 0);
}

static int ask_index(struct list *list)
{
	struct hvp_kvp_message msg;
	int len = hvp_kvp_build_enumerate(&msg, list->pool, list->index);

	return kvp_ask_for(list->kvp, &msg, (u32)len, index_done, free, list, list->opaque);
}

int kvp_list(struct kvp *kvp, enum hvp_kvp_pool pool, const struct kvp_list_ops *ops,
	     void *opaque)
{
	struct list *list = malloc(sizeof(*list));
	int ret;

	if (!list)
		return -ENOMEM;
	*list = (struct list) { .kvp = kvp, .pool = pool, .ops = ops, .opaque = opaque };
	ret = ask_index(list);
	if (ret)
		free(list);
	return ret;
}
