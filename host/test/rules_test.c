// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every rule of the protocol checker is broken at least once, in an otherwise
 * legal session, and exactly that rule must be named.
 */
#include "host/test/rule_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/version.h"

#define MAX_CASES	256

static const struct rule_case *const tables[] = {
	rule_cases_messages, rule_cases_gpadls, rule_cases_channels, rule_cases_rings,
	rule_cases_transactions,
};

struct test_device dev;
struct guest_channel ch;

void start(struct guest *g)
{
	guest_start(g, &dev, &ch);
}

void offered(struct guest *g)
{
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
}

void rescind(struct guest *g)
{
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	guest_take(g, HVP_CM_RESCIND_OFFER);
}

static void rule_is_named(void **state)
{
	const struct rule_case *c = *state;
	struct guest *g = guest_create(NULL);
	struct checker *checker = vmbus_checker(g->vmbus);
	unsigned int i;

	memset(&dev, 0, sizeof(dev));
	memset(&ch, 0, sizeof(ch));
	c->run(g);
	guest_finish(g);
	for (i = 0; checker_violation(checker, i); i++) {
		const struct checker_violation *v = checker_violation(checker, i);

		if (v->rule != c->rule)
			fail_msg("%s was named, too: %s", checker_rule_info(v->rule)->name, v->text);
	}
	if (i == 0)
		fail_msg("%s was not named", checker_rule_info(c->rule)->name);
	guest_destroy(g);
}

static bool has_case(enum checker_rule rule)
{
	const struct rule_case *c;
	unsigned int i;

	for (i = 0; i < HVP_COUNT_OF(tables); i++)
		for (c = tables[i]; c->name; c++)
			if (c->rule == rule)
				return true;
	return false;
}

/* Rules of the bus; those of a VSP are the business of its own tests. */
static void every_rule_has_a_case(void **state)
{
	unsigned int rule;

	(void)state;
	for (rule = 0; rule < RULE_COUNT; rule++) {
		const struct checker_rule_info *info = checker_rule_info(rule);

		if (strncmp(info->id, "VMB-", 4) == 0 && !has_case(rule))
			fail_msg("nothing breaks %s %s", info->id, info->name);
	}
}

int main(void)
{
	static struct CMUnitTest tests[MAX_CASES] = { cmocka_unit_test(every_rule_has_a_case) };
	unsigned int i, count = 1;
	const struct rule_case *c;

	for (i = 0; i < HVP_COUNT_OF(tables); i++) {
		for (c = tables[i]; c->name && count < MAX_CASES; c++) {
			tests[count++] = (struct CMUnitTest){
				.name = c->name,
				.test_func = rule_is_named,
				.initial_state = (void *)c,
			};
		}
	}
	return _cmocka_run_group_tests("rules", tests, count, NULL, NULL);
}
