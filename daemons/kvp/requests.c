// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/requests.h"

#include <errno.h>
#include <string.h>

#include "daemons/common/log.h"
#include "daemons/common/pool.h"
#include "daemons/kvp/get_ip.h"
#include "daemons/kvp/keys.h"
#include "daemons/kvp/machine.h"

_Static_assert(sizeof(struct hv_kvp_msg) == 7432, "message of the driver");
_Static_assert(HV_KVP_EXCHANGE_MAX_KEY_SIZE == POOL_KEY_SIZE, "keys of driver and pool");
_Static_assert(HV_KVP_EXCHANGE_MAX_VALUE_SIZE == POOL_VALUE_SIZE, "values of driver and pool");

static struct log_limit trouble = LOG_LIMIT_HOST;

int requests_status(int error)
{
	switch (error) {
	case 0:
		return HV_S_OK;
	case -ENOENT:
		/* What the stock daemon says, too: "no more items". */
		return (int)HV_S_CONT;
	case -EINVAL:
		return (int)HV_INVALIDARG;
	case -ENODEV:
		return (int)HV_GUID_NOTFOUND;
	case -ENOSPC:
		return (int)HV_ERROR_DISK_FULL;
	case -EOPNOTSUPP:
		return (int)HV_ERROR_NOT_SUPPORTED;
	}
	return (int)HV_E_FAIL;
}

/* A text of the message: @size bytes say its length, and it ends before that or with a NUL. */
static int copy_text(char *to, const void *field, size_t size, size_t room)
{
	size_t length = strnlen(field, size < room ? size : room);

	if (length == room)
		return -EINVAL;
	memset(to, 0, room);
	memcpy(to, field, length);
	return 0;
}

static int copy_key(char key[POOL_KEY_SIZE], const void *field, size_t size, struct err *err)
{
	if (copy_text(key, field, size, POOL_KEY_SIZE) || !*key)
		return err_set(err, -EINVAL, "a key of %zu bytes that is none", size);
	return 0;
}

static void put_pair(struct hv_kvp_exchg_msg_value *data, const struct pool_record *record)
{
	data->value_type = REG_SZ;
	memcpy(data->key, record->key, sizeof(data->key));
	memcpy(data->value, record->value, sizeof(data->value));
	data->key_size = (__u32)strlen(record->key) + 1;
	data->value_size = (__u32)strlen(record->value) + 1;
}

static int answer_get(const struct pool *pool, struct hv_kvp_exchg_msg_value *data,
		      struct err *err)
{
	struct pool_record record;
	int ret = copy_key(record.key, data->key, data->key_size, err);

	if (ret)
		return ret;
	if (pool->number == POOL_AUTO)
		ret = keys_get(record.key, record.value);
	else
		ret = pool_get(pool, record.key, record.value, err);
	if (!ret)
		put_pair(data, &record);
	return ret;
}

static int answer_set(const struct pool *pool, const struct hv_kvp_exchg_msg_value *data,
		      struct err *err)
{
	struct pool_record record;
	int ret = copy_key(record.key, data->key, data->key_size, err);

	if (ret)
		return ret;
	if (pool->number == POOL_AUTO)
		return err_set(err, -EINVAL, "pool auto is not for writing");
	if (copy_text(record.value, data->value, data->value_size, POOL_VALUE_SIZE))
		return err_set(err, -EINVAL, "a value of %u bytes that is none", data->value_size);
	ret = machine_before_set(pool, err);
	if (!ret)
		ret = pool_set(pool, record.key, record.value, err);
	/* No folder is no end of a list. */
	return ret == -ENOENT ? -EIO : ret;
}

static int answer_delete(const struct pool *pool, const struct hv_kvp_msg *message,
			 struct err *err)
{
	char key[POOL_KEY_SIZE];
	int ret = copy_key(key, message->body.kvp_delete.key, message->body.kvp_delete.key_size,
			   err);

	if (ret)
		return ret;
	if (pool->number == POOL_AUTO)
		return err_set(err, -EINVAL, "pool auto is not for writing");
	return pool_delete(pool, key, err);
}

static int answer_enumerate(const struct pool *pool, struct hv_kvp_msg_enumerate *body,
			    struct err *err)
{
	struct pool_record record;
	int ret;

	if (pool->number == POOL_AUTO)
		ret = keys_at(body->index, &record);
	else
		ret = pool_at(pool, body->index, &record, err);
	if (!ret)
		put_pair(&body->data, &record);
	return ret;
}

static int answer(struct hv_kvp_msg *message, const char *folder, struct err *err)
{
	struct pool pool = { folder, message->kvp_hdr.pool };

	if (message->kvp_hdr.operation == KVP_OP_GET_IP_INFO)
		return get_ip(&message->body.kvp_ip_val, err);
	if (message->kvp_hdr.pool >= KVP_POOL_COUNT)
		return err_set(err, -EINVAL, "no pool %u", message->kvp_hdr.pool);
	switch (message->kvp_hdr.operation) {
	case KVP_OP_GET:
		return answer_get(&pool, &message->body.kvp_get.data, err);
	case KVP_OP_SET:
		return answer_set(&pool, &message->body.kvp_set.data, err);
	case KVP_OP_DELETE:
		return answer_delete(&pool, message, err);
	case KVP_OP_ENUMERATE:
		return answer_enumerate(&pool, &message->body.kvp_enum_data, err);
	}
	return err_set(err, -EOPNOTSUPP, "no operation %u", message->kvp_hdr.operation);
}

bool requests_answer(struct hv_kvp_msg *message, size_t length, const char *folder)
{
	unsigned int operation = message->kvp_hdr.operation, pool = message->kvp_hdr.pool;
	struct err err = { "" };
	int ret;

	if (length == sizeof(*message) && operation == KVP_OP_SET_IP_INFO) {
		log_debug("operation %u, pool %u: addresses are to be set", operation, pool);
		return false;
	}
	if (length == sizeof(*message)) {
		ret = answer(message, folder, &err);
	} else {
		memset((char *)message + length, 0, sizeof(*message) - length);
		ret = err_set(&err, -EINVAL, "a message of %zu bytes", length);
	}
	log_debug("operation %u, pool %u: %s", operation, pool,
		  !ret ? "done" : err.text[0] ? err.text : "no such key");
	if (ret && ret != -ENOENT)
		log_limited(&trouble, LOG_LEVEL_WARNING, "request %u refused: %s", operation,
			    err.text);
	message->error = requests_status(ret);
	return true;
}
