// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/version.h"

/* Highest first: the order in which a guest tries them. */
static const u32 versions[] = {
	HVP_V5_3, HVP_V5_2, HVP_V5_1, HVP_V5_0, HVP_V4_1, HVP_V4_0, HVP_V3_0, HVP_V2_4
};

static const u32 feature_since[] = {
	[HVP_FEATURE_MESSAGE_VP]	= HVP_V3_0,
	[HVP_FEATURE_TL_CONNECT]	= HVP_V4_0,
	[HVP_FEATURE_MODIFY_CHANNEL]	= HVP_V4_1,
	[HVP_FEATURE_TL_RESULT]		= HVP_V4_1,
	[HVP_FEATURE_MESSAGE_SINT]	= HVP_V5_0,
	[HVP_FEATURE_MESSAGE_VTL]	= HVP_V5_1,
	[HVP_FEATURE_TL_SILO]		= HVP_V5_2,
	[HVP_FEATURE_MODIFY_RESPONSE]	= HVP_V5_3,
};

static_assert(HVP_COUNT_OF(feature_since) == HVP_FEATURE_COUNT, "every feature has its version");

bool hvp_version_supported(u32 v)
{
	unsigned int i;

	for (i = 0; i < HVP_COUNT_OF(versions); i++)
		if (versions[i] == v)
			return true;
	return false;
}

u32 hvp_version_next(u32 v)
{
	unsigned int i;

	for (i = 0; i < HVP_COUNT_OF(versions); i++)
		if (versions[i] < v)
			return versions[i];
	return 0;
}

bool hvp_version_has(u32 v, enum hvp_feature f)
{
	return (unsigned int)f < HVP_COUNT_OF(feature_since) && v >= feature_since[f];
}
