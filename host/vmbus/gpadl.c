// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory shared by GPADL: joined from a header and its bodies, kept as a
 * list of frames, owned by a relid.
 *
 *	header (and bodies) ---> complete --- GpadlCreated
 *	complete --- GpadlTeardown ---> gone, GpadlTorndown
 *	          \- of a ring: the answer waits until the channel is closed and idle
 *
 * Lists also end, without an answer, when their relid is released or the
 * connection ends: a guest whose channel was rescinded need not tear down.
 */
#include <stdlib.h>

#include "host/machine/loop.h"
#include "host/vmbus/state.h"
#include "protocol/version.h"

struct gpadl *gpadl_find(struct vmbus *vmbus, u32 handle)
{
	struct gpadl *g;

	LIST_FOREACH(g, &vmbus->gpadls[handle % STATE_HASH], hash)
		if (g->info.gpadl == handle)
			return g;
	return NULL;
}

static void forget(struct gpadl *g)
{
	struct vmbus *vmbus = g->ch->vmbus;

	LIST_REMOVE(g, hash);
	LIST_REMOVE(g, owned);
	vmbus->gpadl_count--;
	vmbus->stats.gpadls_live--;
	vmbus->stats.gpadl_pages_live -= g->info.pfn_count;
	free(g);
}

void gpadl_drop_channel(struct vmbus_channel *ch)
{
	struct gpadl *g;

	while ((g = LIST_FIRST(&ch->gpadls))) {
		ch->vmbus->stats.gpadls_dropped++;
		forget(g);
	}
}

/* Joining */

static void answer_created(struct vmbus *vmbus, struct vmbus_channel *ch, u32 relid, u32 handle,
			   u32 status, struct gpadl *g)
{
	struct hvp_gpadl_created msg = {
		.h.type = HVP_CM_GPADL_CREATED,
		.relid = relid,
		.gpadl = handle,
		.status = status,
	};

	if (!message_send(vmbus, FAULT_MSG_GPADL_CREATED, ch, &msg, sizeof(msg)) && g)
		g->excused = true;
}

static bool frames_exist(struct vmbus *vmbus, const struct gpadl *g)
{
	u32 i;

	for (i = 0; i < g->info.pfn_count; i++) {
		u64 pfn = g->pfn[i];

		if (pfn >> (64 - HVP_PAGE_SHIFT) ||
		    !access_map(vmbus, pfn << HVP_PAGE_SHIFT, HVP_PAGE_SIZE, true)) {
			checker_report(vmbus->checker, RULE_GPADL_MEMORY, g->ch->relid,
				       "gpadl 0x%x frame %u is 0x%llx", g->info.gpadl, i,
				       (unsigned long long)pfn);
			return false;
		}
	}
	return true;
}

static void joined(struct vmbus *vmbus, struct gpadl *g)
{
	u32 relid = g->ch->relid, handle = g->info.gpadl;
	struct vmbus_channel *ch = g->ch;

	if (ch->rescinded || !frames_exist(vmbus, g)) {
		forget(g);
		answer_created(vmbus, ch, relid, handle, NTSTATUS_BAD_REQUEST, NULL);
		return;
	}
	g->complete = true;
	g->since_ns = connection_guest_ns(g->ch->vmbus);
	vmbus->stats.gpadls_created++;
	answer_created(vmbus, ch, relid, handle, 0, g);
}

static void add_frames(struct vmbus *vmbus, struct gpadl *g, const u64 *pfns, u32 count)
{
	memcpy(g->pfn + g->have, pfns, count * sizeof(*pfns));
	g->have += count;
	if (g->have == g->info.pfn_count)
		joined(vmbus, g);
}

/* A rescinded channel may still be named by what the guest sent before it knew. */
static bool too_late(struct vmbus *vmbus, const struct vmbus_channel *ch, const char *what)
{
	if (!ch->rescinded)
		return false;
	if (offer_rescind_known(ch))
		checker_report(vmbus->checker, RULE_RELID_RESCINDED, ch->relid, "%s", what);
	return true;
}

static bool header_ok(struct vmbus *vmbus, const union hvp_chanmsg *msg, struct vmbus_channel *ch)
{
	u32 relid = msg->gpadl_header.relid, handle = msg->gpadl_header.gpadl;

	if (!ch || ch->released) {
		checker_report(vmbus->checker, RULE_RELID_UNKNOWN, relid, "GpadlHeader 0x%x", handle);
		return false;
	}
	if (handle == 0) {
		checker_report(vmbus->checker, RULE_GPADL_ZERO, relid, "GpadlHeader");
		return false;
	}
	if (gpadl_find(vmbus, handle)) {
		checker_report(vmbus->checker, RULE_GPADL_DUPLICATE, relid, "GpadlHeader 0x%x", handle);
		return false;
	}
	return !too_late(vmbus, ch, "GpadlHeader");
}

/* Hosts from 2019 on, which brought 5.2, take more. */
static u32 pages_max(const struct vmbus *vmbus)
{
	return vmbus->version >= HVP_V5_2 ? VMBUS_MAX_GPADL_PAGES_2019 : VMBUS_MAX_GPADL_PAGES;
}

/* A guest cannot know what a host has left: to ask for more breaks no rule. */
static bool within_limits(struct vmbus *vmbus, u32 pages)
{
	if (vmbus->gpadl_count < VMBUS_MAX_GPADLS &&
	    vmbus->stats.gpadl_pages_live + pages <= pages_max(vmbus))
		return true;
	vmbus->stats.gpadls_over_limit++;
	trace_note(vmbus->trace, "GPADL of %u pages refused: %u lists of %u pages are live", pages,
		   vmbus->gpadl_count, vmbus->stats.gpadl_pages_live);
	return false;
}

static struct gpadl *gpadl_new(struct vmbus_channel *ch, const struct hvp_gpadl_info *info)
{
	struct vmbus *vmbus = ch->vmbus;
	struct gpadl *g;

	if (!within_limits(vmbus, info->pfn_count))
		return NULL;
	g = calloc(1, sizeof(*g) + info->pfn_count * sizeof(g->pfn[0]));
	if (!g)
		return NULL;
	g->ch = ch;
	g->info = *info;
	g->next_body = 1;
	g->since_ns = connection_guest_ns(g->ch->vmbus);
	LIST_INSERT_HEAD(&vmbus->gpadls[info->gpadl % STATE_HASH], g, hash);
	LIST_INSERT_HEAD(&ch->gpadls, g, owned);
	vmbus->gpadl_count++;
	vmbus->stats.gpadls_live++;
	vmbus->stats.gpadl_pages_live += info->pfn_count;
	return g;
}

static void expect_bodies(struct vmbus *vmbus, u32 handle, u32 bodies)
{
	if (!bodies)
		return;
	vmbus->refused[vmbus->next_refused] = (struct refused_list){ handle, bodies };
	vmbus->next_refused = (vmbus->next_refused + 1) % REFUSED_LISTS;
}

static bool body_of_refused(struct vmbus *vmbus, u32 handle)
{
	u32 i;

	for (i = 0; i < REFUSED_LISTS; i++) {
		if (vmbus->refused[i].bodies && vmbus->refused[i].gpadl == handle) {
			vmbus->refused[i].bodies--;
			return true;
		}
	}
	return false;
}

void gpadl_header(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	u32 relid = msg->gpadl_header.relid, handle = msg->gpadl_header.gpadl;
	struct vmbus_channel *ch = offer_find(vmbus, relid);
	u64 pfns[HVP_GPADL_HEADER_PFNS];
	struct hvp_gpadl_info info = { 0 };
	u32 count, status = NTSTATUS_BAD_REQUEST;
	struct gpadl *g = NULL;

	if (hvp_gpadl_parse_header(msg, len, &info, pfns, &count)) {
		checker_report(vmbus->checker, RULE_GPADL_RANGE, relid,
			       "gpadl 0x%x: %u ranges, %u bytes in a message of %zu", handle,
			       msg->gpadl_header.range_count, msg->gpadl_header.range_buflen, len);
	} else if (header_ok(vmbus, msg, ch)) {
		g = gpadl_new(ch, &info);
		status = NTSTATUS_NO_RESOURCES;
	}
	if (g) {
		add_frames(vmbus, g, pfns, count);
		return;
	}
	expect_bodies(vmbus, handle, hvp_gpadl_message_count(info.pfn_count) - 1);
	answer_created(vmbus, ch, relid, handle, status, NULL);
}

/* A list whose bodies make no sense cannot be finished: answer now, forget it. */
static void refuse(struct vmbus *vmbus, struct gpadl *g)
{
	struct vmbus_channel *ch = g->ch;
	u32 handle = g->info.gpadl;

	expect_bodies(vmbus, handle, hvp_gpadl_message_count(g->info.pfn_count) - 1 - g->next_body);
	forget(g);
	answer_created(vmbus, ch, ch->relid, handle, NTSTATUS_BAD_REQUEST, NULL);
}

void gpadl_body(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	const struct hvp_gpadl_body *body = &msg->gpadl_body;
	struct gpadl *g = gpadl_find(vmbus, body->gpadl);
	u64 pfns[HVP_GPADL_BODY_PFNS];
	u32 count;

	if (!g && body_of_refused(vmbus, body->gpadl))
		return;
	if (!g || g->complete) {
		checker_report(vmbus->checker, RULE_GPADL_BODY, g ? g->ch->relid : 0,
			       "body %u of gpadl 0x%x", body->number, body->gpadl);
		return;
	}
	/* Some guests leave the number 0. */
	if (body->number != 0 && body->number != g->next_body) {
		checker_report(vmbus->checker, RULE_GPADL_BODY_ORDER, g->ch->relid,
			       "body %u instead of %u of gpadl 0x%x", body->number, g->next_body,
			       body->gpadl);
		refuse(vmbus, g);
		return;
	}
	if (hvp_gpadl_parse_body(msg, len, &g->info, g->have, g->next_body, pfns, &count)) {
		checker_report(vmbus->checker, RULE_GPADL_BODY, g->ch->relid,
			       "%zu bytes for frames %u... of %u of gpadl 0x%x", len, g->have,
			       g->info.pfn_count, body->gpadl);
		refuse(vmbus, g);
		return;
	}
	g->next_body++;
	add_frames(vmbus, g, pfns, count);
}

/* Teardown */

static void answer_torndown(struct gpadl *g)
{
	struct hvp_gpadl_torndown msg = {
		.h.type = HVP_CM_GPADL_TORNDOWN,
		.gpadl = g->info.gpadl,
	};
	struct vmbus_channel *ch = g->ch;
	struct vmbus *vmbus = ch->vmbus;

	vmbus->stats.gpadls_torndown++;
	forget(g);
	if (!message_send(vmbus, FAULT_MSG_GPADL_TORNDOWN, ch, &msg, sizeof(msg)))
		ch->excused = true;
}

void gpadl_teardown(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	const struct hvp_gpadl_teardown *t = &msg->gpadl_teardown;
	struct gpadl *g = gpadl_find(vmbus, t->gpadl);

	(void)len;
	if (!g || g->teardown) {
		checker_report(vmbus->checker, RULE_GPADL_UNKNOWN, t->relid, "GpadlTeardown 0x%x",
			       t->gpadl);
		return;
	}
	if (g->ch->relid != t->relid) {
		checker_report(vmbus->checker, RULE_GPADL_OWNER, t->relid,
			       "GpadlTeardown 0x%x of relid %u", t->gpadl, g->ch->relid);
		return;
	}
	if (!g->complete)
		checker_report(vmbus->checker, RULE_GPADL_INCOMPLETE, t->relid,
			       "GpadlTeardown 0x%x with %u of %u frames", t->gpadl, g->have,
			       g->info.pfn_count);
	g->teardown = true;
	if (!g->is_ring) {
		answer_torndown(g);
		return;
	}
	/* Answered by gpadl_release_ring(), once nothing here uses the memory. */
	if (g->ch->state == CHANNEL_OPEN)
		checker_report(vmbus->checker, RULE_GPADL_IN_USE, t->relid, "GpadlTeardown 0x%x",
			       t->gpadl);
}

void gpadl_release_ring(struct gpadl *g)
{
	g->is_ring = false;
	g->was_ring = true;
	g->since_ns = connection_guest_ns(g->ch->vmbus);
	if (g->teardown)
		answer_torndown(g);
}

/* Access for VSPs */

static struct gpadl *usable(struct vmbus_channel *ch, u32 handle)
{
	struct gpadl *g = gpadl_find(ch->vmbus, handle);

	return g && g->complete && !g->teardown && g->ch->device == ch->device ? g : NULL;
}

int channel_gpadl_bytes(struct vmbus_channel *ch, u32 gpadl, u32 *bytes)
{
	struct gpadl *g = usable(ch, gpadl);

	if (!g)
		return -ENOENT;
	*bytes = g->info.byte_count;
	return 0;
}

/* @in or @out: one is NULL. */
static int copy(struct vmbus_channel *ch, u32 handle, u32 offset, void *out, const void *in, u32 len)
{
	struct gpadl *g = usable(ch, handle);
	u32 done = 0;

	if (!g)
		return -ENOENT;
	if (offset > g->info.byte_count || len > g->info.byte_count - offset)
		return -EFAULT;
	while (done < len) {
		u32 at = g->info.byte_offset + offset + done;
		u32 part = HVP_PAGE_SIZE - (at & HVP_PAGE_MASK);
		u8 *p;

		if (part > len - done)
			part = len - done;
		p = access_map(ch->vmbus, (g->pfn[at >> HVP_PAGE_SHIFT] << HVP_PAGE_SHIFT) +
				(at & HVP_PAGE_MASK), part, in != NULL);
		if (!p)
			return -EFAULT;
		if (in)
			memcpy(p, (const u8 *)in + done, part);
		else
			memcpy((u8 *)out + done, p, part);
		done += part;
	}
	return 0;
}

int channel_gpadl_read(struct vmbus_channel *ch, u32 gpadl, u32 offset, void *buf, u32 len)
{
	return copy(ch, gpadl, offset, buf, NULL, len);
}

int channel_gpadl_write(struct vmbus_channel *ch, u32 gpadl, u32 offset, const void *buf, u32 len)
{
	return copy(ch, gpadl, offset, NULL, buf, len);
}
