// SPDX-License-Identifier: GPL-2.0-only
#include "host/test/fake_guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/machine/loop.h"
#include "host/machine/memory.h"
#include "host/test/fake_machine.h"
#include "protocol/gpadl.h"
#include "protocol/synic.h"
#include "protocol/version.h"

/* Life */

struct guest *guest_create(const struct guest_config *config)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct vmbus_config c = { .cpus = GUEST_VPS };
	struct err err = { "" };

	g->loop = loop_create();
	g->gmem = gmem_create();
	assert_non_null(gmem_add(g->gmem, 0, GUEST_MEMORY));
	g->synic = fake_synic_create();
	g->hypercall = fake_hypercall_create();
	g->next_page = 16;
	g->next_gpadl = 0xe1e10;

	c.loop = g->loop;
	c.gmem = g->gmem;
	c.synic = g->synic;
	c.hypercall = g->hypercall;
	c.trace_records = 256;
	if (config) {
		c.version_cap = config->version_cap;
		c.version_exact = config->version_exact;
		c.time_scale = config->time_scale;
	}
	assert_int_equal(vmbus_create(&g->vmbus, &c, &err), 0);
	return g;
}

unsigned int guest_finish(struct guest *g)
{
	fake_settle(g->loop);
	return vmbus_finish(g->vmbus);
}

void guest_destroy(struct guest *g)
{
	vmbus_destroy(g->vmbus);
	fake_hypercall_destroy(g->hypercall);
	fake_synic_destroy(g->synic);
	gmem_destroy(g->gmem);
	loop_destroy(g->loop);
	free(g);
}

/* The host's faults */

void guest_arm(struct guest *g, const char *text)
{
	struct err err = { "" };
	int ret = fault_arm(vmbus_fault(g->vmbus), text, NULL, &err);

	if (ret)
		fail_msg("%s: %s", text, err.text);
}

u64 fault_fires(struct guest *g, enum fault_point point)
{
	struct fault_point_info info;

	fault_point_info(vmbus_fault(g->vmbus), point, &info);
	return info.fires;
}

/* Memory */

u64 guest_alloc(struct guest *g, u32 pages)
{
	u64 pfn = g->next_page;

	g->next_page += pages;
	assert_true(g->next_page * HVP_PAGE_SIZE <= GUEST_MEMORY);
	return pfn;
}

void *guest_page(struct guest *g, u64 pfn)
{
	return gmem_map_raw(g->gmem, pfn * HVP_PAGE_SIZE, HVP_PAGE_SIZE);
}

/* Messages */

u16 guest_post_on(struct guest *g, u32 conn, const void *msg, size_t len)
{
	u16 status = fake_post(g->hypercall, conn, HVP_MSG_CHANNEL, msg, len);

	fake_settle(g->loop);
	return status;
}

u16 guest_post(struct guest *g, const void *msg, size_t len)
{
	return guest_post_on(g, g->conn, msg, len);
}

bool guest_take_any(struct guest *g, union hvp_chanmsg *msg)
{
	size_t len;

	fake_settle(g->loop);
	len = fake_synic_take(g->synic, msg, &g->message_vp);
	if (!len)
		return false;
	assert_int_equal(hvp_chanmsg_check(msg, len, HVP_TO_GUEST, g->version), 0);
	return true;
}

union hvp_chanmsg guest_take(struct guest *g, u32 type)
{
	union hvp_chanmsg msg;

	memset(&msg, 0, sizeof(msg));
	if (!guest_take_any(g, &msg))
		fail_msg("no message, expected %s", hvp_chanmsg_name(type));
	if (msg.h.type != type)
		fail_msg("%s instead of %s", hvp_chanmsg_name(msg.h.type), hvp_chanmsg_name(type));
	return msg;
}

bool guest_quiet(struct guest *g)
{
	union hvp_chanmsg msg;

	return !guest_take_any(g, &msg);
}

/* Connecting */

struct hvp_initiate_contact guest_contact_message(struct guest *g, u32 version)
{
	struct hvp_initiate_contact msg = {
		.h.type = HVP_CM_INITIATE_CONTACT,
		.version = version,
		.target_vp = version >= HVP_V3_0 ? 1 : 0,
		.monitor_page_to_host = 0x2000,
		.monitor_page_to_guest = 0x3000,
	};

	(void)g;
	if (version >= HVP_V5_0)
		msg.target.sint = HVP_SINT_VMBUS;
	else
		msg.interrupt_page = 0x4000;
	return msg;
}

bool guest_contact(struct guest *g, u32 version)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, version);
	u32 conn = version >= HVP_V5_0 ? HVP_CONN_MESSAGE : HVP_CONN_MESSAGE_OLD;
	union hvp_chanmsg answer;

	g->version = version;
	if (guest_post_on(g, conn, &msg, sizeof(msg)) != HVP_STATUS_SUCCESS)
		return false;
	answer = guest_take(g, HVP_CM_VERSION_RESPONSE);
	assert_int_equal(g->message_vp, msg.target_vp);
	if (!answer.version.supported)
		return false;
	g->conn = version >= HVP_V5_0 ? answer.version.message_connection : conn;
	return true;
}

void guest_request_offers(struct guest *g)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_REQUEST_OFFERS };

	guest_post(g, &msg, sizeof(msg));
}

void guest_connect(struct guest *g, u32 version)
{
	assert_true(guest_contact(g, version));
	guest_request_offers(g);
}

struct guest_channel guest_next_offer(struct guest *g)
{
	union hvp_chanmsg msg = guest_take(g, HVP_CM_OFFER_CHANNEL);

	return (struct guest_channel){
		.guest = g, .offer = msg.offer, .relid = msg.offer.relid,
	};
}

void guest_all_offers(struct guest *g)
{
	guest_take(g, HVP_CM_ALL_OFFERS_DELIVERED);
}

void guest_unload(struct guest *g)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_UNLOAD };

	guest_post(g, &msg, sizeof(msg));
}

/* GPADLs */

static u64 frame(void *opaque, u32 i)
{
	return *(u64 *)opaque + i;
}

void guest_send_gpadl(struct guest *g, u32 relid, u32 gpadl, u64 pfn, u32 pages)
{
	struct hvp_gpadl_info info = {
		.relid = relid, .gpadl = gpadl, .byte_count = pages * HVP_PAGE_SIZE,
		.pfn_count = pages,
	};
	u32 i, count = hvp_gpadl_message_count(pages);
	union hvp_chanmsg msg;

	for (i = 0; i < count; i++) {
		int len = hvp_gpadl_build(&info, i, frame, &pfn, &msg);

		assert_true(len > 0);
		guest_post(g, &msg, (size_t)len);
	}
}

u32 guest_gpadl(struct guest *g, u32 relid, u64 pfn, u32 pages)
{
	union hvp_chanmsg answer;
	u32 gpadl = g->next_gpadl++;

	guest_send_gpadl(g, relid, gpadl, pfn, pages);
	answer = guest_take(g, HVP_CM_GPADL_CREATED);
	assert_int_equal(answer.gpadl_created.gpadl, gpadl);
	assert_int_equal(answer.gpadl_created.relid, relid);
	assert_int_equal(answer.gpadl_created.status, 0);
	return gpadl;
}

void guest_post_teardown(struct guest *g, u32 relid, u32 gpadl)
{
	struct hvp_gpadl_teardown msg = {
		.h.type = HVP_CM_GPADL_TEARDOWN, .relid = relid, .gpadl = gpadl,
	};

	guest_post(g, &msg, sizeof(msg));
}

void guest_teardown(struct guest *g, u32 relid, u32 gpadl)
{
	union hvp_chanmsg answer;

	guest_post_teardown(g, relid, gpadl);
	answer = guest_take(g, HVP_CM_GPADL_TORNDOWN);
	assert_int_equal(answer.gpadl_torndown.gpadl, gpadl);
}

/* Channels */

/* Memory for two rings of @pages / 2 each, shared but not open yet. */
void guest_rings(struct guest_channel *ch, u32 pages)
{
	struct guest *g = ch->guest;
	u64 pfn = guest_alloc(g, pages);
	u64 half = pfn + pages / 2;

	ch->pages = pages;
	ch->size = (pages / 2 - 1) * HVP_PAGE_SIZE;
	ch->out = guest_page(g, pfn);
	ch->out_data = gmem_map_raw(g->gmem, (pfn + 1) * HVP_PAGE_SIZE, ch->size);
	ch->in = guest_page(g, half);
	ch->in_data = gmem_map_raw(g->gmem, (half + 1) * HVP_PAGE_SIZE, ch->size);
	memset(ch->out, 0, sizeof(*ch->out));
	memset(ch->in, 0, sizeof(*ch->in));
	ch->out->features = HVP_RING_FEATURE_PENDING_SEND;
	ch->in->features = HVP_RING_FEATURE_PENDING_SEND;
	ch->gpadl = guest_gpadl(g, ch->relid, pfn, pages);
}

struct hvp_open_channel guest_open_message(const struct guest_channel *ch)
{
	return (struct hvp_open_channel){
		.h.type = HVP_CM_OPEN_CHANNEL,
		.relid = ch->relid,
		.open_id = ch->relid + 1000,
		.ring_gpadl = ch->gpadl,
		.target_vp = ch->vp,
		.downstream_page = ch->pages / 2,
		.user_data = { 0x55 },
	};
}

u32 guest_open(struct guest_channel *ch, u32 pages)
{
	struct hvp_open_channel msg;
	union hvp_chanmsg answer;

	if (!ch->gpadl)
		guest_rings(ch, pages);
	msg = guest_open_message(ch);
	guest_post(ch->guest, &msg, sizeof(msg));
	answer = guest_take(ch->guest, HVP_CM_OPEN_RESULT);
	assert_int_equal(answer.open_result.relid, ch->relid);
	assert_int_equal(answer.open_result.open_id, msg.open_id);
	return answer.open_result.status;
}

void guest_post_relid(struct guest *g, u32 type, u32 relid)
{
	struct hvp_relid_msg msg = { .h.type = type, .relid = relid };

	guest_post(g, &msg, sizeof(msg));
}

void guest_close(struct guest_channel *ch)
{
	guest_post_relid(ch->guest, HVP_CM_CLOSE_CHANNEL, ch->relid);
	if (ch->gpadl)
		guest_teardown(ch->guest, ch->relid, ch->gpadl);
	ch->gpadl = 0;
}

void guest_release(struct guest_channel *ch)
{
	guest_post_relid(ch->guest, HVP_CM_RELID_RELEASED, ch->relid);
}

u32 guest_modify(struct guest_channel *ch, u32 vp)
{
	struct hvp_modify_channel msg = {
		.h.type = HVP_CM_MODIFY_CHANNEL, .relid = ch->relid, .target_vp = vp,
	};
	union hvp_chanmsg answer;

	guest_post(ch->guest, &msg, sizeof(msg));
	ch->vp = vp;
	if (!hvp_version_has(ch->guest->version, HVP_FEATURE_MODIFY_RESPONSE))
		return 0;
	answer = guest_take(ch->guest, HVP_CM_MODIFY_CHANNEL_RESPONSE);
	assert_int_equal(answer.modify_response.relid, ch->relid);
	return answer.modify_response.status;
}

void guest_start(struct guest *g, struct test_device *dev, struct guest_channel *ch)
{
	test_device_offer(dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	*ch = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(guest_open(ch, 4), 0);
}

/* Rings */

static void put_bytes(struct guest_channel *ch, u32 *at, const void *bytes, u32 len)
{
	if (len)
		hvp_ring_copy_in(ch->out_data, ch->size, *at, bytes, len);
	*at = hvp_ring_advance(*at, len, ch->size);
}

bool guest_put(struct guest_channel *ch, u16 type, u16 flags, u64 id, const void *header,
	       u32 header_len, const void *payload, u32 len)
{
	static const u8 zero[8];
	u32 padded = (len + 7) & ~7u, at = ch->out->write_index;
	struct hvp_packet_desc desc = {
		.type = type, .flags = flags, .transaction = id,
		.offset8 = (u16)((sizeof(desc) + header_len) / 8),
		.len8 = (u16)((sizeof(desc) + header_len + padded) / 8),
	};
	u64 trailer = hvp_ring_trailer(at);
	u32 total = desc.len8 * 8u + HVP_RING_TRAILER;

	if (!hvp_ring_fits(hvp_ring_writable(at, ch->out->read_index, ch->size), total))
		return false;
	put_bytes(ch, &at, &desc, sizeof(desc));
	put_bytes(ch, &at, header, header_len);
	put_bytes(ch, &at, payload, len);
	put_bytes(ch, &at, zero, padded - len);
	put_bytes(ch, &at, &trailer, sizeof(trailer));
	gmem_store_u32(&ch->out->write_index, at);
	return true;
}

void guest_signal(struct guest_channel *ch)
{
	ch->signals++;
	fake_signal(ch->guest->hypercall, ch->offer.connection_id, 1);
	fake_settle(ch->guest->loop);
}

bool guest_send(struct guest_channel *ch, u16 type, u16 flags, u64 id, const void *payload, u32 len)
{
	u32 first = ch->out->write_index;

	if (!guest_put(ch, type, flags, id, NULL, 0, payload, len))
		return false;
	if (hvp_ring_signal_after_write(first, ch->out->read_index, ch->out->interrupt_mask))
		guest_signal(ch);
	return true;
}

bool guest_send_pages(struct guest_channel *ch, u64 id, u64 pfn, u32 offset, u32 bytes)
{
	u32 pages = hvp_gpa_range_pages(bytes, offset), i;
	u8 header[sizeof(struct hvp_gpa_direct) + 8 + 16 * 8];
	struct hvp_gpa_direct list = { .range_count = 1 };
	struct hvp_gpa_range range = { .byte_count = bytes, .byte_offset = offset };
	u32 first = ch->out->write_index;

	assert_true(pages <= 16);
	memcpy(header, &list, sizeof(list));
	memcpy(header + sizeof(list), &range, sizeof(range));
	for (i = 0; i < pages; i++) {
		u64 f = pfn + i;

		memcpy(header + sizeof(list) + sizeof(range) + i * 8, &f, 8);
	}
	if (!guest_put(ch, HVP_PKT_GPA_DIRECT, HVP_PKT_WANT_COMPLETION, id, header,
		       (u32)(sizeof(list) + sizeof(range) + pages * 8), "pages", 5))
		return false;
	if (hvp_ring_signal_after_write(first, ch->out->read_index, ch->out->interrupt_mask))
		guest_signal(ch);
	return true;
}

bool guest_recv(struct guest_channel *ch, struct hvp_packet_desc *desc, void *payload, u32 room)
{
	u32 write = gmem_load_u32(&ch->in->write_index);
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	u32 before, now, pending;

	assert_int_equal(hvp_packet_iter_init(&it, ch->in_data, ch->size, write,
					      ch->in->read_index), 0);
	before = hvp_ring_writable(write, it.read, ch->size);
	if (hvp_packet_peek(&it, &pkt) != 1)
		return false;
	assert_int_equal(hvp_packet_read(&it, &pkt, 0, desc, sizeof(*desc)), 0);
	if (payload)
		hvp_packet_payload(&it, &pkt, payload, room);
	hvp_packet_next(&it, &pkt);
	gmem_store_u32(&ch->in->read_index, it.read);

	pending = ch->in->pending_send_size;
	now = hvp_ring_writable(ch->in->write_index, it.read, ch->size);
	if (hvp_ring_signal_after_read(pending, before, now))
		guest_signal(ch);
	return true;
}

bool guest_interrupted(struct guest_channel *ch)
{
	return fake_synic_event(ch->guest->synic, ch->vp, ch->relid);
}
