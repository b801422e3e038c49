// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/chanmsg.h"
#include "protocol/version.h"

#define NO_FEATURE	HVP_FEATURE_COUNT	/* every version knows the message */

struct chanmsg_kind {
	const char *name;
	u8 min_len;		/* 0: no such message */
	u8 dir;			/* enum hvp_direction */
	u8 feature;		/* enum hvp_feature that brought it, or NO_FEATURE */
	bool early;		/* legal before a version is negotiated */
};

#define KIND(text, length, direction, brought_by) \
	{ .name = (text), .min_len = (length), .dir = (direction), .feature = (brought_by) }
#define KIND_EARLY(text, length, direction) \
	{ .name = (text), .min_len = (length), .dir = (direction), .feature = NO_FEATURE, \
	  .early = true }

#define HEADER_LEN	sizeof(struct hvp_chanmsg_header)
#define RELID_LEN	sizeof(struct hvp_relid_msg)
/* The part of the version response that every host sends. */
#define VERSION_RESPONSE_LEN	offsetof(struct hvp_version_response, padding)

static const struct chanmsg_kind kinds[] = {
	[HVP_CM_OFFER_CHANNEL] =
		KIND("OfferChannel", sizeof(struct hvp_offer_channel), HVP_TO_GUEST, NO_FEATURE),
	[HVP_CM_RESCIND_OFFER] =
		KIND("RescindOffer", RELID_LEN, HVP_TO_GUEST, NO_FEATURE),
	[HVP_CM_REQUEST_OFFERS] =
		KIND("RequestOffers", HEADER_LEN, HVP_TO_HOST, NO_FEATURE),
	[HVP_CM_ALL_OFFERS_DELIVERED] =
		KIND("AllOffersDelivered", HEADER_LEN, HVP_TO_GUEST, NO_FEATURE),
	[HVP_CM_OPEN_CHANNEL] =
		KIND("OpenChannel", sizeof(struct hvp_open_channel), HVP_TO_HOST, NO_FEATURE),
	[HVP_CM_OPEN_RESULT] =
		KIND("OpenResult", sizeof(struct hvp_open_result), HVP_TO_GUEST, NO_FEATURE),
	[HVP_CM_CLOSE_CHANNEL] =
		KIND("CloseChannel", RELID_LEN, HVP_TO_HOST, NO_FEATURE),
	[HVP_CM_GPADL_HEADER] =
		KIND("GpadlHeader", sizeof(struct hvp_gpadl_header), HVP_TO_HOST, NO_FEATURE),
	[HVP_CM_GPADL_BODY] =
		KIND("GpadlBody", sizeof(struct hvp_gpadl_body), HVP_TO_HOST, NO_FEATURE),
	[HVP_CM_GPADL_CREATED] =
		KIND("GpadlCreated", sizeof(struct hvp_gpadl_created), HVP_TO_GUEST, NO_FEATURE),
	[HVP_CM_GPADL_TEARDOWN] =
		KIND("GpadlTeardown", sizeof(struct hvp_gpadl_teardown), HVP_TO_HOST, NO_FEATURE),
	[HVP_CM_GPADL_TORNDOWN] =
		KIND("GpadlTorndown", sizeof(struct hvp_gpadl_torndown), HVP_TO_GUEST, NO_FEATURE),
	[HVP_CM_RELID_RELEASED] =
		KIND("RelidReleased", RELID_LEN, HVP_TO_HOST, NO_FEATURE),
	[HVP_CM_INITIATE_CONTACT] =
		KIND_EARLY("InitiateContact", sizeof(struct hvp_initiate_contact), HVP_TO_HOST),
	[HVP_CM_VERSION_RESPONSE] =
		KIND_EARLY("VersionResponse", VERSION_RESPONSE_LEN, HVP_TO_GUEST),
	[HVP_CM_UNLOAD] =
		KIND_EARLY("Unload", HEADER_LEN, HVP_TO_HOST),
	[HVP_CM_UNLOAD_RESPONSE] =
		KIND_EARLY("UnloadResponse", HEADER_LEN, HVP_TO_GUEST),
	[HVP_CM_TL_CONNECT_REQUEST] =
		KIND("TlConnectRequest", sizeof(struct hvp_tl_connect), HVP_TO_HOST,
		     HVP_FEATURE_TL_CONNECT),
	[HVP_CM_MODIFY_CHANNEL] =
		KIND("ModifyChannel", sizeof(struct hvp_modify_channel), HVP_TO_HOST,
		     HVP_FEATURE_MODIFY_CHANNEL),
	[HVP_CM_TL_CONNECT_RESULT] =
		KIND("TlConnectResult", sizeof(struct hvp_tl_connect_result), HVP_TO_GUEST,
		     HVP_FEATURE_TL_RESULT),
	[HVP_CM_MODIFY_CHANNEL_RESPONSE] =
		KIND("ModifyChannelResponse", sizeof(struct hvp_modify_response), HVP_TO_GUEST,
		     HVP_FEATURE_MODIFY_RESPONSE),
};

static_assert(HVP_COUNT_OF(kinds) == HVP_CM_COUNT, "every message has its row");

static const struct chanmsg_kind *find_kind(u32 type)
{
	if (type >= HVP_CM_COUNT || kinds[type].min_len == 0)
		return NULL;
	return &kinds[type];
}

static bool version_knows(const struct chanmsg_kind *kind, u32 version)
{
	if (kind->early)
		return true;
	if (version == 0)
		return false;
	return kind->feature == NO_FEATURE || hvp_version_has(version, kind->feature);
}

int hvp_chanmsg_check(const union hvp_chanmsg *msg, size_t len, enum hvp_direction dir, u32 version)
{
	const struct chanmsg_kind *kind;

	if (len < HEADER_LEN || len > sizeof(*msg))
		return -EINVAL;

	kind = find_kind(msg->h.type);
	if (!kind)
		return -EINVAL;
	if (kind->dir != dir || !version_knows(kind, version))
		return -EPROTO;
	if (len < kind->min_len)
		return -EINVAL;

	if (msg->h.type == HVP_CM_OFFER_CHANNEL &&
	    (msg->offer.relid == 0 || msg->offer.relid > HVP_MAX_RELID))
		return -EINVAL;
	return 0;
}

const char *hvp_chanmsg_name(u32 type)
{
	const struct chanmsg_kind *kind = find_kind(type);

	return kind ? kind->name : "unknown";
}
