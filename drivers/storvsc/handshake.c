// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

/*
 * From a closed channel to a controller that takes commands, as a list of
 * phases. Each is one question with one bounded wait. A question that is never
 * answered cannot be put again in the same session, because the host may have
 * taken it: the channel is closed and everything begins anew.
 */
#define ATTEMPTS	3

static int ask(struct stor_host *host, struct hvp_stor_packet *packet)
{
	return stor_control_run(host, packet, handshake_timeout);
}

static int ask_and_expect_success(struct stor_host *host, struct hvp_stor_packet *packet)
{
	int err = ask(host, packet);

	if (err)
		return err;
	return packet->status == HVP_STOR_STATUS_SUCCESS ? 0 : -EPROTO;
}

static int open_primary(struct stor_host *host)
{
	/* Until a version is agreed on, packets have the newest form. */
	host->dialect = hvp_stor_dialect(0);
	return stor_channel_open(host, host->device->channel, 0, READ_ONCE(host->session));
}

static int begin_init(struct stor_host *host)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_BEGIN_INIT };

	return ask_and_expect_success(host, &packet);
}

static int query_version(struct stor_host *host)
{
	const struct hvp_stor_dialect *dialect;
	unsigned int i;
	int err;

	for (i = 0; (dialect = hvp_stor_dialect(i)); i++) {
		struct hvp_stor_packet packet = {
			.op = HVP_STOR_QUERY_VERSION,
			.version.version = dialect->version,
		};

		host->dialect = dialect;
		err = ask(host, &packet);
		if (err)
			return err;
		if (packet.status == HVP_STOR_STATUS_SUCCESS)
			return 0;
	}
	return -EPROTO;
}

static int query_properties(struct stor_host *host)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_QUERY_PROPERTIES };
	int err = ask_and_expect_success(host, &packet);

	if (!err)
		host->properties = packet.properties;
	return err;
}

static int end_init(struct stor_host *host)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_END_INIT };

	return ask_and_expect_success(host, &packet);
}

static int go_live(struct stor_host *host)
{
	if (!stor_state_move(host, STOR_LIVE))
		return -ENODEV;
	stor_channels_remap(host);
	return 0;
}

/* Return: false when the session has ended already. */
static bool welcome_sub_channels(struct stor_host *host)
{
	bool live;

	mutex_lock(&host->lock);
	live = host->state == STOR_LIVE;
	host->subs_welcome = live;
	if (live)
		vmbus_set_sc_create_callback(host->device->channel, stor_sub_channel_offered);
	mutex_unlock(&host->lock);
	return live;
}

/*
 * The sub-channels come as offers, some time after the answer. Without any the
 * disk works as well, so nothing that goes wrong here ends the session; a broken
 * channel is for the watch.
 */
static int ask_for_sub_channels(struct stor_host *host)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_CREATE_SUB_CHANNELS };
	u16 count = min_t(u16, host->properties.max_sub_channels, host->channel_room - 1);
	int err;

	if (!host->dialect->sub_channels || count == 0 ||
	    !(host->properties.flags & HVP_STOR_PROP_MULTI_CHANNEL))
		return 0;

	if (!welcome_sub_channels(host))
		return 0;
	packet.sub_channels = count;
	err = ask_and_expect_success(host, &packet);
	if (err)
		dev_warn(&host->device->device, "no sub-channels: %d\n", err);
	return 0;
}

static const struct phase {
	const char *name;
	int (*run)(struct stor_host *host);
} phases[] = {
	{ "open", open_primary },
	{ "begin", begin_init },
	{ "version", query_version },
	{ "properties", query_properties },
	{ "end", end_init },
	{ "live", go_live },
	{ "sub-channels", ask_for_sub_channels },
};

static int attempt(struct stor_host *host)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(phases); i++) {
		err = READ_ONCE(host->state) == STOR_GONE ? -ENODEV : phases[i].run(host);
		if (err) {
			dev_err(&host->device->device, "handshake: %s: %d\n", phases[i].name, err);
			return err;
		}
	}
	return 0;
}

/**
 * stor_host_open() - open the channels and agree with the host
 * @host:	controller, all channels closed
 *
 * Return: 0, the controller is LIVE, or was; else a negative errno and all
 * channels are closed.
 */
int stor_host_open(struct stor_host *host)
{
	unsigned int tries;
	int err;

	for (tries = 0; tries < ATTEMPTS; tries++) {
		if (!stor_state_move(host, STOR_OPENING))
			return -ENODEV;
		err = attempt(host);
		if (!err)
			return 0;
		stor_channels_close(host, STOR_CLOSED);
		if (err != -ETIMEDOUT)
			break;
	}
	return err;
}
