// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/ic.h"

/* One place turns what a guest answered, or did not answer, into a sentence. */

static const char *status_text(u32 status)
{
	switch (status) {
	case HVP_HR_FAIL:
		return "it failed";
	case HVP_HR_GUID_NOT_FOUND:
		return "no such network adapter";
	case HVP_HR_ACCESS_DENIED:
		return "access denied";
	case HVP_HR_NOT_SUPPORTED:
		return "not supported";
	case HVP_HR_ALREADY_EXISTS:
		return "the file exists";
	case HVP_HR_INVALID_ARGUMENT:
		return "invalid argument";
	case HVP_HR_DISK_FULL:
		return "the disk is full";
	case HVP_HR_NO_MORE_ITEMS:
		return "no such item";
	case HVP_HR_NOT_CONNECTED:
		return "not connected";
	case HVP_HR_MACHINE_LOCKED:
		return "machine locked";
	case HVP_HR_TIMEOUT:
		return "it ran out of time";
	}
	return NULL;
}

void refusal_text(int error, u32 status, char *text, size_t room)
{
	const char *known = status_text(status);

	if (error == -ETIMEDOUT)
		snprintf(text, room, "the guest did not answer in time");
	else if (error == -ENOTCONN)
		snprintf(text, room, "the guest closed the service without an answer");
	else if (error == -EBADMSG)
		snprintf(text, room, "the guest's answer makes no sense");
	else if (error)
		snprintf(text, room, "%s", strerror(-error));
	else if (known)
		snprintf(text, room, "the guest refused: 0x%08x, %s", status, known);
	else
		snprintf(text, room, "the guest refused: 0x%08x", status);
}

void request_refused(struct control_request *req, int error, u32 status)
{
	char text[120];

	refusal_text(error, status, text, sizeof(text));
	request_fail(req, "%s", text);
}

void request_not_asked(struct control_request *req, const struct ic *ic, int error)
{
	const char *name = ic_name(ic);

	if (error == -ENOTCONN && ic_state(ic) == IC_NEGOTIATING)
		request_fail(req, "the guest has not agreed on a version of %s yet", name);
	else if (error == -ENOTCONN && ic_state(ic) == IC_REFUSED)
		request_fail(req, "the guest knows no version of %s that this host offers", name);
	else if (error == -ENOTCONN)
		request_fail(req, "the guest does not run the service %s", name);
	else if (error == -EBUSY)
		request_fail(req, "%s is busy with another request", name);
	else if (error == -EOPNOTSUPP)
		request_fail(req, "version %u.%u of %s, which the guest has agreed on, cannot do that",
			     ic_message(ic).major, ic_message(ic).minor, name);
	else if (error == -EMSGSIZE)
		request_fail(req, "that is too long for a message of %s", name);
	else if (error == -EILSEQ)
		request_fail(req, "that is not UTF-8");
	else
		request_fail(req, "cannot ask the guest: %s", strerror(-error));
}

/* ---- raw messages ---- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int request_hex(struct control_request *req, u8 *bytes, u32 room)
{
	const char *text = request_string(req, "hex");
	size_t i, len = text ? strlen(text) : 1;

	if (len % 2 || len / 2 > room) {
		request_fail(req, "\"hex\" must be up to %u bytes as pairs of hexadecimal digits",
			     room);
		return -1;
	}
	for (i = 0; i < len; i += 2) {
		int high = digit(text[i]), low = digit(text[i + 1]);

		if (high < 0 || low < 0) {
			request_fail(req, "\"hex\" has something else than hexadecimal digits");
			return -1;
		}
		bytes[i / 2] = (u8)(high << 4 | low);
	}
	return (int)(len / 2);
}

void request_raw_done(struct control_request *req, int error, u32 status, const void *body,
		      u32 len)
{
	char hex[2 * IC_BODY_MAX + 1], number[16];
	struct json_object *result;
	const u8 *bytes = body;
	u32 i;

	if (error)
		return request_refused(req, error, status);
	for (i = 0; i < len && i < IC_BODY_MAX; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	hex[2 * i] = '\0';
	snprintf(number, sizeof(number), "0x%08x", status);
	result = json_object_new_object();
	put_string(result, "status", number);
	put_string(result, "hex", hex);
	request_done(req, result);
}
