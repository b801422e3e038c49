/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_TEST_RULE_CASES_H
#define HOST_TEST_RULE_CASES_H

#include "host/test/fake_guest.h"

/*
 * A case is a session that is legal but for one thing. The tables end with a
 * row without a name; rules_test.c runs them all.
 */
struct rule_case {
	enum checker_rule rule;
	const char *name;
	void (*run)(struct guest *g);
};

#define CASE(rule, f) { rule, #f, f }

extern const struct rule_case rule_cases_messages[];
extern const struct rule_case rule_cases_gpadls[];
extern const struct rule_case rule_cases_channels[];
extern const struct rule_case rule_cases_rings[];
extern const struct rule_case rule_cases_transactions[];

#define LONG_MS 12000	/* past what the checker calls old */

/* Fresh for each case. */
extern struct test_device dev;
extern struct guest_channel ch;

/* One device, its channel open, or only offered. */
void start(struct guest *g);
void offered(struct guest *g);

/* Rescind the device; the guest takes the message. */
void rescind(struct guest *g);

#endif
