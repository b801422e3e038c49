// SPDX-License-Identifier: GPL-2.0-only
#include "host/vmbus/decode.h"

#include <stdio.h>

#include "protocol/gpadl.h"
#include "protocol/version.h"

static void offer(const union hvp_chanmsg *m, char *line, size_t room)
{
	char class_id[HVP_GUID_STRLEN], instance[HVP_GUID_STRLEN];

	hvp_guid_format(&m->offer.class_id, class_id);
	hvp_guid_format(&m->offer.instance_id, instance);
	snprintf(line, room, " relid=%u sub=%u class=%s instance=%s flags=0x%x conn=0x%x",
		 m->offer.relid, m->offer.sub_channel_index, class_id, instance, m->offer.flags,
		 m->offer.connection_id);
}

static void relid(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " relid=%u", m->relid.relid);
}

static void open(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " relid=%u open_id=%u gpadl=0x%x vp=%u downstream=%u", m->open.relid,
		 m->open.open_id, m->open.ring_gpadl, m->open.target_vp, m->open.downstream_page);
}

static void open_result(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " relid=%u open_id=%u status=0x%x", m->open_result.relid,
		 m->open_result.open_id, m->open_result.status);
}

static void gpadl_header(const union hvp_chanmsg *m, char *line, size_t room)
{
	struct hvp_gpa_range range;

	memcpy(&range, m->bytes + sizeof(m->gpadl_header), sizeof(range));
	snprintf(line, room, " relid=%u gpadl=0x%x ranges=%u buflen=%u bytes=%u offset=%u",
		 m->gpadl_header.relid, m->gpadl_header.gpadl, m->gpadl_header.range_count,
		 m->gpadl_header.range_buflen, range.byte_count, range.byte_offset);
}

static void gpadl_body(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " gpadl=0x%x number=%u", m->gpadl_body.gpadl, m->gpadl_body.number);
}

static void gpadl_created(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " relid=%u gpadl=0x%x status=0x%x", m->gpadl_created.relid,
		 m->gpadl_created.gpadl, m->gpadl_created.status);
}

static void gpadl_teardown(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " relid=%u gpadl=0x%x", m->gpadl_teardown.relid,
		 m->gpadl_teardown.gpadl);
}

static void gpadl_torndown(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " gpadl=0x%x", m->gpadl_torndown.gpadl);
}

static void contact(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " version=%u.%u vp=%u target=0x%llx monitor=0x%llx,0x%llx",
		 hvp_version_major(m->contact.version), hvp_version_minor(m->contact.version),
		 m->contact.target_vp, (unsigned long long)m->contact.interrupt_page,
		 (unsigned long long)m->contact.monitor_page_to_host,
		 (unsigned long long)m->contact.monitor_page_to_guest);
}

static void version(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " supported=%u state=%u conn=0x%x", m->version.supported,
		 m->version.connection_state, m->version.message_connection);
}

static void modify(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " relid=%u vp=%u", m->modify.relid, m->modify.target_vp);
}

static void modify_response(const union hvp_chanmsg *m, char *line, size_t room)
{
	snprintf(line, room, " relid=%u status=0x%x", m->modify_response.relid,
		 m->modify_response.status);
}

static void tl_connect(const union hvp_chanmsg *m, char *line, size_t room)
{
	char endpoint[HVP_GUID_STRLEN], service[HVP_GUID_STRLEN];

	hvp_guid_format(&m->tl_connect.endpoint, endpoint);
	hvp_guid_format(&m->tl_connect.service, service);
	snprintf(line, room, " endpoint=%s service=%s", endpoint, service);
}

static void (*const fields[HVP_CM_COUNT])(const union hvp_chanmsg *m, char *line, size_t room) = {
	[HVP_CM_OFFER_CHANNEL] = offer,
	[HVP_CM_RESCIND_OFFER] = relid,
	[HVP_CM_OPEN_CHANNEL] = open,
	[HVP_CM_OPEN_RESULT] = open_result,
	[HVP_CM_CLOSE_CHANNEL] = relid,
	[HVP_CM_GPADL_HEADER] = gpadl_header,
	[HVP_CM_GPADL_BODY] = gpadl_body,
	[HVP_CM_GPADL_CREATED] = gpadl_created,
	[HVP_CM_GPADL_TEARDOWN] = gpadl_teardown,
	[HVP_CM_GPADL_TORNDOWN] = gpadl_torndown,
	[HVP_CM_RELID_RELEASED] = relid,
	[HVP_CM_INITIATE_CONTACT] = contact,
	[HVP_CM_VERSION_RESPONSE] = version,
	[HVP_CM_TL_CONNECT_REQUEST] = tl_connect,
	[HVP_CM_TL_CONNECT_RESULT] = tl_connect,
	[HVP_CM_MODIFY_CHANNEL] = modify,
	[HVP_CM_MODIFY_CHANNEL_RESPONSE] = modify_response,
};

void decode_message(const union hvp_chanmsg *msg, size_t len, char *line, size_t room)
{
	u32 type = len >= sizeof(msg->h) ? msg->h.type : HVP_CM_INVALID;
	int used = snprintf(line, room, "%s", hvp_chanmsg_name(type));

	if (used < 0 || (size_t)used >= room)
		return;
	if (type < HVP_CM_COUNT && fields[type])
		fields[type](msg, line + used, room - (size_t)used);
	else if (type >= HVP_CM_COUNT)
		snprintf(line + used, room - (size_t)used, " type=%u len=%zu", type, len);
}
