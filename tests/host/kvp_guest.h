/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_HOST_KVP_GUEST_H
#define TESTS_HOST_KVP_GUEST_H

#include "host/vsp/kvp.h"
#include "tests/host/ic_guest.h"

/* A guest of the key-value service that answers what it is told to. */

#define FACTS	16	/* that the host tells when the service is ready */

static struct kvp *kvp;
static struct hvp_kvp_message *const asked = (struct hvp_kvp_message *)(message + HEADERS);

static inline void answer(u32 status)
{
	header->status = status;
	send_answer();
}

/* Success, with a pair in the answer to GET or ENUMERATE. */
static inline void answer_pair(const char *key, const char *value)
{
	char key_field[HVP_KVP_KEY_ROOM] = "", value_field[HVP_KVP_VALUE_ROOM] = "";

	strcpy(key_field, key);
	strcpy(value_field, value);
	assert_int_equal(hvp_kvp_reply(asked, key_field, value_field), 0);
	answer(0);
}

static inline void take(enum hvp_kvp_op op, enum hvp_kvp_pool pool)
{
	take_request();
	assert_int_equal(header->type, HVP_IC_KVP);
	assert_int_equal(asked->head.op, op);
	assert_int_equal(asked->head.pool, pool);
}

/* What the host does by itself when the service is ready. */
static inline void let_the_host_settle(void)
{
	int i;

	for (i = 0; i < FACTS; i++) {
		take(HVP_KVP_SET, HVP_KVP_AUTO_EXTERNAL);
		answer(0);
	}
	take(HVP_KVP_ENUMERATE, HVP_KVP_AUTO);
	answer(HVP_HR_NO_MORE_ITEMS);
	assert_int_equal(fake_sent_count, 0);
}

static inline int kvp_setup(void **state)
{
	struct err err;

	(void)state;
	bench_start(HVP_GENERATION_2019);
	assert_int_equal(kvp_create(&kvp, &set, &err), 0);
	return 0;
}

static inline int kvp_teardown(void **state)
{
	(void)state;
	kvp_destroy(kvp);
	bench_stop();
	return 0;
}

#endif
