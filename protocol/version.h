/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_VERSION_H
#define PROTOCOL_VERSION_H

#include "protocol/types.h"

/* VMBus protocol versions: major << 16 | minor (features.md 11.2). */
#define HVP_VERSION(major, minor) ((u32)(major) << 16 | (u32)(minor))

#define HVP_V2_4	HVP_VERSION(2, 4)	/* 2012 */
#define HVP_V3_0	HVP_VERSION(3, 0)	/* 2012 R2 */
#define HVP_V4_0	HVP_VERSION(4, 0)	/* 2016 */
#define HVP_V4_1	HVP_VERSION(4, 1)
#define HVP_V5_0	HVP_VERSION(5, 0)
#define HVP_V5_1	HVP_VERSION(5, 1)
#define HVP_V5_2	HVP_VERSION(5, 2)	/* 2019 */
#define HVP_V5_3	HVP_VERSION(5, 3)	/* 2022 */

static inline u16 hvp_version_major(u32 v)
{
	return v >> 16;
}

static inline u16 hvp_version_minor(u32 v)
{
	return v & 0xffff;
}

/* What a version brings; hvp_version_has() is the one place that knows. */
enum hvp_feature {
	HVP_FEATURE_MESSAGE_VP,		/* control messages to a chosen VP (3.0) */
	HVP_FEATURE_TL_CONNECT,		/* Hyper-V sockets (4.0) */
	HVP_FEATURE_MODIFY_CHANNEL,	/* ModifyChannel (4.1) */
	HVP_FEATURE_TL_RESULT,		/* TlConnectResult (4.1) */
	HVP_FEATURE_MESSAGE_SINT,	/* SINT in InitiateContact, connection id in the reply (5.0) */
	HVP_FEATURE_MESSAGE_VTL,	/* VTL in InitiateContact (5.1) */
	HVP_FEATURE_TL_SILO,		/* silo id in TlConnectRequest (5.2) */
	HVP_FEATURE_MODIFY_RESPONSE,	/* ModifyChannelResponse (5.3) */
	HVP_FEATURE_COUNT
};

/**
 * hvp_version_supported() - is @v one this code speaks (2.4 ... 5.3)
 */
bool hvp_version_supported(u32 v);

/**
 * hvp_version_next() - the highest version this code speaks that is below @v
 * @v:	exclusive upper bound; ~0u asks for the highest of all
 *
 * Return: the version, or 0 when none is left.
 */
u32 hvp_version_next(u32 v);

/**
 * hvp_version_has() - does version @v bring feature @f
 */
bool hvp_version_has(u32 v, enum hvp_feature f);

#endif
