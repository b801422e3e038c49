// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/ic.h"

#define PIPE_LEN	sizeof(struct hvp_pipe_header)
#define IC_LEN		sizeof(struct hvp_ic_header)

int hvp_ic_check(const void *buf, u32 len, const struct hvp_ic_header **hdr, const void **body,
		 u32 *body_len)
{
	const struct hvp_pipe_header *pipe = buf;
	const struct hvp_ic_header *ic;

	if (len < PIPE_LEN + IC_LEN)
		return -EBADMSG;
	if (pipe->size < IC_LEN || pipe->size > len - PIPE_LEN)
		return -EBADMSG;

	ic = (const void *)((const u8 *)buf + PIPE_LEN);
	if (ic->size > pipe->size - IC_LEN)
		return -EBADMSG;

	*hdr = ic;
	*body = (const u8 *)buf + PIPE_LEN + IC_LEN;
	*body_len = ic->size;
	return 0;
}

int hvp_ic_frame(void *buf, u32 room, const struct hvp_ic_header *hdr, u32 body_len)
{
	struct hvp_pipe_header pipe = { .type = HVP_PIPE_DATA };
	struct hvp_ic_header ic = *hdr;

	if (room < PIPE_LEN + IC_LEN || body_len > room - PIPE_LEN - IC_LEN || body_len > 0xffff)
		return -EMSGSIZE;

	pipe.size = IC_LEN + body_len;
	ic.size = body_len;
	memcpy(buf, &pipe, sizeof(pipe));
	memcpy((u8 *)buf + PIPE_LEN, &ic, sizeof(ic));
	return PIPE_LEN + IC_LEN + body_len;
}

static bool offers(const struct hvp_ic_version *offered, u32 count, struct hvp_ic_version wanted)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (offered[i].major == wanted.major && offered[i].minor == wanted.minor)
			return true;
	return false;
}

int hvp_ic_select(const struct hvp_ic_version *offered, u32 count,
		  const struct hvp_ic_version *ours, u32 our_count)
{
	u32 i;

	if (count > HVP_IC_VERSIONS_MAX)
		return -ENOENT;

	for (i = 0; i < our_count; i++)
		if (offers(offered, count, ours[i]))
			return i;
	return -ENOENT;
}

int hvp_ic_negotiate_check(const void *body, u32 body_len)
{
	const struct hvp_ic_negotiate *negotiate = body;
	u32 framework, message;

	if (body_len < sizeof(*negotiate))
		return -EBADMSG;

	framework = negotiate->framework_count;
	message = negotiate->message_count;
	if (framework > HVP_IC_VERSIONS_MAX || message > HVP_IC_VERSIONS_MAX)
		return -EBADMSG;
	if ((framework + message) * sizeof(negotiate->versions[0]) > body_len - sizeof(*negotiate))
		return -EBADMSG;
	return 0;
}
