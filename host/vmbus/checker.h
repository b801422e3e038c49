/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_CHECKER_H
#define HOST_VMBUS_CHECKER_H

#include "protocol/types.h"

/*
 * The protocol checker: what a guest (or, for the last group, a VSP of this
 * host) must never do. It is always on. The bus reports a breach where it sees
 * it; the checker keeps it, prints each rule once, and makes the run fail.
 *
 * A rule is an enum value here, a row in checker.c, the place that reports it,
 * and a test in host/test/ that breaks it.
 */
enum checker_rule {
	/* messages */
	RULE_MSG_SHORT,
	RULE_MSG_UNKNOWN,
	RULE_MSG_DIRECTION,
	RULE_MSG_BEFORE_CONTACT,
	RULE_MSG_AFTER_UNLOAD,
	RULE_MSG_CONNECTION,
	RULE_MSG_RESIDUE,
	RULE_CONTACT_FIELDS,
	RULE_OFFERS_AGAIN,
	RULE_HYPERCALL,

	/* relids */
	RULE_RELID_UNKNOWN,
	RULE_RELID_RESCINDED,
	RULE_RELID_AGAIN,
	RULE_RELID_OPEN,
	RULE_RELID_UNASKED,
	RULE_RELID_LEAKED,

	/* GPADLs */
	RULE_GPADL_ZERO,
	RULE_GPADL_DUPLICATE,
	RULE_GPADL_RANGE,
	RULE_GPADL_MEMORY,
	RULE_GPADL_BODY,
	RULE_GPADL_BODY_ORDER,
	RULE_GPADL_INCOMPLETE,
	RULE_GPADL_UNKNOWN,
	RULE_GPADL_OWNER,
	RULE_GPADL_IN_USE,
	RULE_GPADL_LEAKED,

	/* channels */
	RULE_OPEN_AGAIN,
	RULE_OPEN_RING,
	RULE_OPEN_VP,
	RULE_CLOSE_NOT_OPEN,
	RULE_CLOSE_ORDER,
	RULE_MODIFY_NOT_OPEN,
	RULE_MODIFY_VP,

	/* signals and rings */
	RULE_SIGNAL_CLOSED,
	RULE_SIGNAL_NEEDLESS,
	RULE_SIGNAL_MISSING,
	RULE_RING_INDEX,
	RULE_RING_BACKWARDS,
	RULE_RING_PACKET,
	RULE_RING_HOST_FIELD,
	RULE_RING_TRAILER,

	/* transactions */
	RULE_TXN_UNKNOWN,
	RULE_TXN_AGAIN,
	RULE_TXN_MEMORY,
	RULE_TXN_LEAKED,

	/* storage protocol */
	RULE_STOR_SHORT,
	RULE_STOR_OPERATION,
	RULE_STOR_ORDER,
	RULE_STOR_NO_COMPLETION,
	RULE_STOR_SUB_CHANNELS,
	RULE_STOR_SRB_LENGTH,
	RULE_STOR_CDB_LENGTH,
	RULE_STOR_DIRECTION,
	RULE_STOR_DATA,

	/* integration services */
	RULE_IC_MESSAGE,
	RULE_IC_ANSWER,

	/* this host */
	RULE_HOST_MEMORY,
	RULE_HOST_TXN,
	RULE_COUNT
};

struct checker;

struct checker_rule_info {
	const char *id;		/* "VMB-07" */
	const char *name;	/* "gpadl-duplicate" */
	const char *sentence;
};

struct checker_violation {
	enum checker_rule rule;
	u32 relid;		/* 0: none */
	u64 time_ns;		/* since the program started */
	char text[160];		/* what happened, in figures */
};

#define CHECKER_MAX_VIOLATIONS	256	/* kept; later ones are only counted */

struct checker *checker_create(void);
void checker_destroy(struct checker *checker);

/* A rule was broken. Prints the first breach of each rule. */
void checker_report(struct checker *checker, enum checker_rule rule, u32 relid,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* What to do at each breach besides, for the trace and the control socket; NULL ends it. */
void checker_set_hook(struct checker *checker,
		      void (*hook)(void *opaque, const struct checker_violation *v),
		      void *opaque);

u64 checker_total(const struct checker *checker);			/* breaches */
u64 checker_count(const struct checker *checker, enum checker_rule rule);
unsigned int checker_rules_broken(const struct checker *checker);

/* The kept ones, oldest first; NULL after the last. */
const struct checker_violation *checker_violation(const struct checker *checker,
						   unsigned int index);
const struct checker_rule_info *checker_rule_info(enum checker_rule rule);

#endif
