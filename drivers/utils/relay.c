// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/utils/relay.h"

bool util_relay_open(struct util_relay *relay)
{
	if (relay->daemon != UTIL_DAEMON_ABSENT)
		return false;
	relay->daemon = UTIL_DAEMON_NEW;
	return true;
}

bool util_relay_close(struct util_relay *relay)
{
	bool live = util_relay_live(relay);

	*relay = (struct util_relay){ .daemon = UTIL_DAEMON_ABSENT };
	return live;
}

void util_relay_registered(struct util_relay *relay, bool greeting)
{
	relay->daemon = UTIL_DAEMON_UP;
	relay->waiting[UTIL_GREETING] = greeting;
}

bool util_relay_live(const struct util_relay *relay)
{
	return relay->waiting[UTIL_REQUEST] || relay->debt == UTIL_OWES_REQUEST;
}

bool util_relay_put(struct util_relay *relay, enum util_parcel parcel)
{
	if (relay->daemon != UTIL_DAEMON_UP)
		return false;
	if (parcel == UTIL_REQUEST && util_relay_live(relay))
		return false;
	relay->waiting[parcel] = true;
	return true;
}

bool util_relay_abandon(struct util_relay *relay)
{
	relay->waiting[UTIL_REQUEST] = false;
	if (relay->debt != UTIL_OWES_REQUEST)
		return false;
	relay->debt = UTIL_OWES_ABANDONED;
	return true;
}

enum util_parcel util_relay_next(const struct util_relay *relay)
{
	enum util_parcel parcel;

	if (relay->debt == UTIL_OWES_ABANDONED && relay->waiting[UTIL_NOTICE])
		return UTIL_NOTICE;
	if (relay->debt != UTIL_OWES_NOTHING)
		return UTIL_PARCELS;
	for (parcel = 0; parcel < UTIL_PARCELS; parcel++)
		if (relay->waiting[parcel])
			break;
	return parcel;
}

void util_relay_read(struct util_relay *relay)
{
	enum util_parcel parcel = util_relay_next(relay);

	if (parcel == UTIL_PARCELS)
		return;
	relay->waiting[parcel] = false;
	if (parcel == UTIL_NOTICE)
		relay->debt = UTIL_OWES_NOTICE;
	else if (parcel == UTIL_REQUEST)
		relay->debt = UTIL_OWES_REQUEST;
}

enum util_written util_relay_write(struct util_relay *relay)
{
	enum util_debt debt = relay->debt;

	if (relay->daemon == UTIL_DAEMON_NEW)
		return UTIL_WROTE_REGISTRATION;
	if (debt == UTIL_OWES_REQUEST)
		return UTIL_WROTE_ANSWER;

	relay->debt = UTIL_OWES_NOTHING;
	if (debt == UTIL_OWES_ABANDONED)
		return UTIL_WROTE_LATE;
	return debt == UTIL_OWES_NOTICE ? UTIL_WROTE_NOTED : UTIL_WROTE_STRAY;
}

void util_relay_answered(struct util_relay *relay)
{
	relay->debt = UTIL_OWES_NOTHING;
}
