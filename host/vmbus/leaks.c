// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is still there when the guest unloads, starts over, or the run ends.
 *
 * Unload and power-off give everything back at once, so open channels and
 * their memory are no leak then. A leak is what the guest had to give back
 * before and did not, although it had the time and every answer it needs:
 *
 *	a rescinded relid		not released
 *	a GPADL of a closed channel	not torn down, or the channel is opened anew
 *	a GPADL half sent		never finished
 *	a transaction of a VSP		not ended though its channel is closed (this host's own)
 */
#include "host/vmbus/state.h"

static bool old(const struct vmbus *vmbus, u64 since_ns)
{
	return connection_old(vmbus, since_ns, LEAK_AGE_NS);
}

static void check_gpadl(struct vmbus_channel *ch, const struct gpadl *g, const char *when)
{
	struct checker *checker = ch->vmbus->checker;

	if (g->excused || g->teardown || !old(ch->vmbus, g->since_ns))
		return;
	if (!g->complete)
		checker_report(checker, RULE_GPADL_INCOMPLETE, ch->relid,
			       "gpadl 0x%x has %u of %u frames at %s", g->info.gpadl, g->have,
			       g->info.pfn_count, when);
	else if (ch->state == CHANNEL_OFFERED && !ch->rescinded)
		checker_report(checker, RULE_GPADL_LEAKED, ch->relid, "gpadl 0x%x at %s",
			       g->info.gpadl, when);
}

/*
 * A sub-channel rescinded alone: some guests keep it until its primary goes.
 */
static bool may_be_kept(const struct vmbus_channel *ch)
{
	const struct vmbus_channel *primary = vmbus_device_channel(ch->device, 0);

	return ch->sub_index && primary && primary->state == CHANNEL_OPEN;
}

static void check_channel(struct vmbus_channel *ch, const char *when)
{
	struct checker *checker = ch->vmbus->checker;
	const struct gpadl *g;

	if (ch->rescinded && !ch->released && !ch->excused && !may_be_kept(ch) &&
	    ch->rescind_taken_ns && old(ch->vmbus, ch->rescind_taken_ns))
		checker_report(checker, RULE_RELID_LEAKED, ch->relid, "at %s", when);
	if (ch->state == CHANNEL_CLOSING && ch->ring_gpadl && old(ch->vmbus, ch->closed_ns))
		checker_report(checker, RULE_HOST_TXN, ch->relid, "%u transactions at %s",
			       ch->txn_count, when);
	LIST_FOREACH(g, &ch->gpadls, owned)
		check_gpadl(ch, g, when);
}

void leaks_check(struct vmbus *vmbus, const char *when)
{
	struct vmbus_channel *ch = NULL;

	while ((ch = vmbus_channel_next(vmbus, ch)))
		check_channel(ch, when);
}

/*
 * A guest that opens a channel anew has closed it for good before: the ring it
 * had then must be torn down, unless it is used once more. No age is needed.
 */
void leaks_check_reopen(struct vmbus_channel *ch, struct gpadl *ring)
{
	struct gpadl *g;

	LIST_FOREACH(g, &ch->gpadls, owned) {
		if (!g->was_ring || g == ring || g->teardown || g->excused)
			continue;
		checker_report(ch->vmbus->checker, RULE_GPADL_LEAKED, ch->relid,
			       "gpadl 0x%x, a ring before, at OpenChannel", g->info.gpadl);
		g->excused = true;	/* said once */
	}
}
