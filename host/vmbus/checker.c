// SPDX-License-Identifier: GPL-2.0-only
#include "host/vmbus/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/log.h"

/* Numbers are not used again: VMB-24 was a limit that guests cannot know. */
static const struct checker_rule_info rules[] = {
	[RULE_MSG_SHORT] = { "VMB-01", "message-short",
		"a message is at least as long as its type asks" },
	[RULE_MSG_UNKNOWN] = { "VMB-02", "message-unknown",
		"only messages that the protocol defines are posted" },
	[RULE_MSG_DIRECTION] = { "VMB-03", "message-direction",
		"a guest posts only messages that guests send in the negotiated version" },
	[RULE_MSG_BEFORE_CONTACT] = { "VMB-04", "message-before-contact",
		"nothing but InitiateContact and Unload comes before a version is agreed" },
	[RULE_MSG_AFTER_UNLOAD] = { "VMB-05", "message-after-unload",
		"nothing but InitiateContact comes after Unload" },
	[RULE_MSG_CONNECTION] = { "VMB-06", "message-connection",
		"messages go to the connection id that the version and the host's answer name" },
	[RULE_MSG_RESIDUE] = { "VMB-07", "message-residue",
		"padding and reserved fields are zero" },
	[RULE_CONTACT_FIELDS] = { "VMB-08", "contact-fields",
		"InitiateContact names a valid VP and SINT, and two monitor pages or none" },
	[RULE_OFFERS_AGAIN] = { "VMB-09", "offers-again",
		"offers are requested once for each connection" },
	[RULE_HYPERCALL] = { "VMB-10", "hypercall",
		"hypercalls are well formed and name a connection that exists" },

	[RULE_RELID_UNKNOWN] = { "VMB-11", "relid-unknown",
		"a message names a channel that was offered and not released" },
	[RULE_RELID_RESCINDED] = { "VMB-12", "relid-rescinded",
		"a rescinded channel is not used for anything new" },
	[RULE_RELID_AGAIN] = { "VMB-13", "relid-again",
		"a relid is released once" },
	[RULE_RELID_OPEN] = { "VMB-14", "relid-open",
		"a relid is released after its channel was closed" },
	[RULE_RELID_UNASKED] = { "VMB-15", "relid-unasked",
		"a relid is released only after the host rescinded it" },
	[RULE_RELID_LEAKED] = { "VMB-16", "relid-leaked",
		"a rescinded relid is released in the end" },

	[RULE_GPADL_ZERO] = { "VMB-17", "gpadl-zero",
		"a GPADL handle is not 0" },
	[RULE_GPADL_DUPLICATE] = { "VMB-18", "gpadl-duplicate",
		"a GPADL handle is not used again before the list is torn down" },
	[RULE_GPADL_RANGE] = { "VMB-19", "gpadl-range",
		"counts, lengths and offset of a GPADL agree" },
	[RULE_GPADL_MEMORY] = { "VMB-20", "gpadl-memory",
		"a GPADL names memory that the guest has" },
	[RULE_GPADL_BODY] = { "VMB-21", "gpadl-body",
		"a GPADL body belongs to a list that still misses frames, and fits it" },
	[RULE_GPADL_BODY_ORDER] = { "VMB-22", "gpadl-body-order",
		"GPADL bodies come in order" },
	[RULE_GPADL_INCOMPLETE] = { "VMB-23", "gpadl-incomplete",
		"a GPADL is used or given up only when all its bodies were sent" },
	[RULE_GPADL_UNKNOWN] = { "VMB-25", "gpadl-unknown",
		"a teardown names a GPADL that exists" },
	[RULE_GPADL_OWNER] = { "VMB-26", "gpadl-owner",
		"a GPADL is used with the channel it was created for" },
	[RULE_GPADL_IN_USE] = { "VMB-27", "gpadl-in-use",
		"the GPADL of a ring is torn down after the channel was closed" },
	[RULE_GPADL_LEAKED] = { "VMB-28", "gpadl-leaked",
		"a GPADL of a channel that is closed is torn down in the end" },

	[RULE_OPEN_AGAIN] = { "VMB-29", "open-again",
		"a channel is opened only while it is closed" },
	[RULE_OPEN_RING] = { "VMB-30", "open-ring",
		"OpenChannel names a GPADL that holds two whole rings in a sound state" },
	[RULE_OPEN_VP] = { "VMB-31", "open-vp",
		"OpenChannel names a VP that exists" },
	[RULE_CLOSE_NOT_OPEN] = { "VMB-32", "close-not-open",
		"only an open channel is closed" },
	[RULE_CLOSE_ORDER] = { "VMB-33", "close-order",
		"sub-channels are closed before their primary channel" },
	[RULE_MODIFY_NOT_OPEN] = { "VMB-34", "modify-not-open",
		"only an open channel is moved to another VP" },
	[RULE_MODIFY_VP] = { "VMB-35", "modify-vp",
		"ModifyChannel names a VP that exists" },

	[RULE_SIGNAL_CLOSED] = { "VMB-36", "signal-closed",
		"only an open channel is signalled" },
	[RULE_SIGNAL_NEEDLESS] = { "VMB-37", "signal-needless",
		"a signal follows a change of the ring: there are never more signals than packets" },
	[RULE_SIGNAL_MISSING] = { "VMB-38", "signal-missing",
		"the host is signalled when a ring it may sleep on becomes non-empty" },
	[RULE_RING_INDEX] = { "VMB-39", "ring-index",
		"ring indices lie inside the ring and are multiples of 8" },
	[RULE_RING_BACKWARDS] = { "VMB-40", "ring-backwards",
		"ring indices never pass each other" },
	[RULE_RING_PACKET] = { "VMB-41", "ring-packet",
		"a packet's lengths, offset and type make sense" },
	[RULE_RING_HOST_FIELD] = { "VMB-42", "ring-host-field",
		"the guest does not write the words of a ring that the host owns" },
	[RULE_RING_TRAILER] = { "VMB-43", "ring-trailer",
		"the bytes behind a packet name its start" },

	[RULE_TXN_UNKNOWN] = { "VMB-44", "transaction-unknown",
		"a completion answers a request of the host, and only once" },
	[RULE_TXN_AGAIN] = { "VMB-45", "transaction-again",
		"a transaction id is not used again while it is in flight" },
	[RULE_TXN_MEMORY] = { "VMB-46", "transaction-memory",
		"the page list of a packet is sound and names memory that the guest has" },
	[RULE_TXN_LEAKED] = { "VMB-47", "transaction-leaked",
		"requests of the host are completed before the channel closes" },

	[RULE_STOR_SHORT] = { "STO-01", "stor-short",
		"a storage packet is as long as the agreed version has it" },
	[RULE_STOR_OPERATION] = { "STO-02", "stor-operation",
		"a storage packet asks for an operation that guests ask for" },
	[RULE_STOR_ORDER] = { "STO-03", "stor-order",
		"storage operations come in the order of the handshake, on the right channel" },
	[RULE_STOR_NO_COMPLETION] = { "STO-04", "stor-no-completion",
		"a storage request asks for its completion" },
	[RULE_STOR_SUB_CHANNELS] = { "STO-05", "stor-sub-channels",
		"the guest asks for no more sub-channels than the host announced" },
	[RULE_STOR_SRB_LENGTH] = { "STO-06", "stor-srb-length",
		"an SRB states the length of the agreed version" },
	[RULE_STOR_CDB_LENGTH] = { "STO-07", "stor-cdb-length",
		"a CDB has 1 to 16 bytes" },
	[RULE_STOR_DIRECTION] = { "STO-08", "stor-direction",
		"an SRB names one direction, and its command moves data that way" },
	[RULE_STOR_DATA] = { "STO-09", "stor-data",
		"an SRB moves no more data than it lends memory for, and than the host announced" },
	[RULE_IC_MESSAGE] = { "IC-01", "ic-message",
		"an integration service message is framed as its headers say, and answers as it must" },
	[RULE_IC_ANSWER] = { "IC-02", "ic-answer",
		"an integration service message answers the request that waits" },

	[RULE_HOST_MEMORY] = { "VMB-48", "host-memory",
		"the host touches only memory the guest shares at that moment" },
	[RULE_HOST_TXN] = { "VMB-49", "host-transaction",
		"the host ends each transaction once, holding no pointer to its pages" },
};

_Static_assert(sizeof(rules) / sizeof(rules[0]) == RULE_COUNT, "every rule has its row");

struct checker {
	u64 counts[RULE_COUNT];
	u64 total;
	unsigned int kept;
	struct checker_violation violations[CHECKER_MAX_VIOLATIONS];
	void (*hook)(void *opaque, const struct checker_violation *v);
	void *opaque;
};

struct checker *checker_create(void)
{
	return calloc(1, sizeof(struct checker));
}

void checker_destroy(struct checker *checker)
{
	free(checker);
}

void checker_set_hook(struct checker *checker,
		      void (*hook)(void *opaque, const struct checker_violation *v), void *opaque)
{
	checker->hook = hook;
	checker->opaque = opaque;
}

static void keep(struct checker *checker, const struct checker_violation *v)
{
	if (checker->kept < CHECKER_MAX_VIOLATIONS)
		checker->violations[checker->kept++] = *v;
}

void checker_report(struct checker *checker, enum checker_rule rule, u32 relid, const char *fmt,
		    ...)
{
	struct checker_violation v = {
		.rule = rule,
		.relid = relid,
		.time_ns = log_uptime_ns(),
	};
	va_list args;

	va_start(args, fmt);
	vsnprintf(v.text, sizeof(v.text), fmt, args);
	va_end(args);

	if (checker->counts[rule]++ == 0)
		log_warn("checker: %s %s: %s (relid %u: %s)", rules[rule].id, rules[rule].name,
			 rules[rule].sentence, relid, v.text);
	checker->total++;
	keep(checker, &v);
	if (checker->hook)
		checker->hook(checker->opaque, &v);
}

u64 checker_total(const struct checker *checker)
{
	return checker->total;
}

u64 checker_count(const struct checker *checker, enum checker_rule rule)
{
	return checker->counts[rule];
}

unsigned int checker_rules_broken(const struct checker *checker)
{
	unsigned int i, broken = 0;

	for (i = 0; i < RULE_COUNT; i++)
		broken += checker->counts[i] != 0;
	return broken;
}

const struct checker_violation *checker_violation(const struct checker *checker, unsigned int index)
{
	return index < checker->kept ? &checker->violations[index] : NULL;
}

const struct checker_rule_info *checker_rule_info(enum checker_rule rule)
{
	return &rules[rule];
}
