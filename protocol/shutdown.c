// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/shutdown.h"

#include "protocol/utf16.h"

#define KNOWN_FLAGS	(HVP_SHUTDOWN_FORCE | HVP_SHUTDOWN_RESTART | HVP_SHUTDOWN_HIBERNATE)

static const u32 action_flags[] = {
	[HVP_SHUTDOWN_DO_POWER_OFF]	= 0,
	[HVP_SHUTDOWN_DO_RESTART]	= HVP_SHUTDOWN_RESTART,
	[HVP_SHUTDOWN_DO_HIBERNATE]	= HVP_SHUTDOWN_HIBERNATE,
};

static_assert(HVP_COUNT_OF(action_flags) == HVP_SHUTDOWN_ACTION_COUNT, "every action has its flag");

u32 hvp_shutdown_known_flags(struct hvp_ic_version version)
{
	if (version.major < 3 || (version.major == 3 && version.minor == 0))
		return HVP_SHUTDOWN_FORCE;
	if (version.major == 3 && version.minor == 1)
		return HVP_SHUTDOWN_FORCE | HVP_SHUTDOWN_RESTART;
	return KNOWN_FLAGS;
}

/* Return: enum hvp_shutdown_action, or -EOPNOTSUPP. */
static int action_of(u32 flags)
{
	u32 i;

	for (i = 0; i < HVP_COUNT_OF(action_flags); i++)
		if ((flags & ~HVP_SHUTDOWN_FORCE) == action_flags[i])
			return i;
	return -EOPNOTSUPP;
}

/* Of C0 and C1, blanks are the only ones that a log line can take. */
static bool is_printable(u32 code)
{
	return code >= 0x20 && (code < 0x7f || code > 0x9f);
}

/* Bytes of the printable character at @text; 0 when there is none. */
static u32 printable(const char *text, u32 len)
{
	u32 code;
	int bytes = hvp_utf8_char(text, len, &code);

	return bytes > 0 && is_printable(code) ? bytes : 0;
}

/* Both sides have room for as many bytes. */
static void read_text(const u8 *field, char *out)
{
	const char *text = (const char *)field;
	u32 at = 0;

	while (at < HVP_SHUTDOWN_TEXT_ROOM - 1 && text[at]) {
		u32 bytes = printable(text + at, HVP_SHUTDOWN_TEXT_ROOM - 1 - at);

		if (bytes) {
			memcpy(out + at, text + at, bytes);
			at += bytes;
		} else {
			out[at++] = '?';
		}
	}
	memset(out + at, 0, HVP_SHUTDOWN_TEXT_ROOM - at);
}

int hvp_shutdown_request_check(const void *body, u32 len, struct hvp_shutdown_request *request)
{
	const struct hvp_ic_shutdown *msg = body;
	int action;

	if (len < sizeof(*msg))
		return -EBADMSG;
	action = action_of(msg->flags);
	if (action < 0)
		return action;

	request->action = action;
	request->force = msg->flags & HVP_SHUTDOWN_FORCE;
	request->reason = msg->reason;
	request->timeout_seconds = msg->timeout_seconds;
	read_text(msg->message, request->text);
	return 0;
}

/* Return: bytes of the text, or why it cannot be sent. */
static int check_text(const char *text)
{
	int len = hvp_utf8_length(text, HVP_SHUTDOWN_TEXT_ROOM);
	int at = 0;

	while (at < len) {
		u32 code;
		int bytes = hvp_utf8_char(text + at, len - at, &code);

		if (bytes < 0)
			return bytes;
		at += bytes;
	}
	return len;
}

int hvp_shutdown_build(struct hvp_ic_shutdown *body, struct hvp_ic_version version,
		       const struct hvp_shutdown_request *request)
{
	u32 flags = action_flags[request->action] | (request->force ? HVP_SHUTDOWN_FORCE : 0);
	int len = check_text(request->text);

	if (flags & ~hvp_shutdown_known_flags(version))
		return -EOPNOTSUPP;
	if (len < 0)
		return len;

	memset(body, 0, sizeof(*body));
	body->reason = request->reason;
	body->timeout_seconds = request->timeout_seconds;
	body->flags = flags;
	memcpy(body->message, request->text, len);
	return sizeof(*body);
}
