// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_shutdown: what the Hyper-V host asked for (power off, restart, hibernate)
 * is asked of systemd-logind, so that inhibitors are respected and users are
 * told. Started by udev for each request; does one and ends.
 *
 *   read the request --none--> end
 *        |
 *   blocked by a program, and not forced? --no--> logind acts; "taken"
 *        | yes: "taken"                              | fails
 *        | wait for it, until shortly before         v
 *        | the host's deadline                     end with an error: the driver acts when its
 *        v                                         own time is over, but does not hibernate;
 *   still blocked: "refused", and who blocked it   that is "refused"
 *
 * Each "taken" starts the driver's deadline from the beginning. The one after
 * logind has acted means to: what is left of the first may be MARGIN_SECONDS,
 * and services that stop are to have the whole time that the host granted.
 *
 * Time is CLOCK_MONOTONIC: the driver beside this one sets the other clock.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/common/options.h"
#include "daemons/shutdown/logind.h"
#include "daemons/shutdown/request.h"

#define PATIENCE_SECONDS	60	/* with a blocker, where the host gave no deadline */
#define MARGIN_SECONDS		5	/* to refuse before the driver acts */
#define DEADLINE_MAX		3600	/* the driver waits no longer, whatever the host grants */
#define FOLDER			"/sys/bus/vmbus/devices/*/service"

static const char *bus_address;
static const char *event;

static const struct option_row rows[] = {
	{ "bus", "ADDRESS", "D-Bus address of logind (the system bus)", &bus_address, NULL },
	{ "event", "NAME-NUMBER", "what the kernel's event said, for a driver that shows no request",
	  &event, NULL },
	{ 0 },
};

static const struct options_about about = {
	.name = "hv_shutdown",
	.summary = "Hands the host's request to power off, restart or hibernate to systemd-logind.",
	.rows = rows,
};

static int64_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static unsigned int patience(const struct request *request)
{
	if (!request->timeout_seconds)
		return PATIENCE_SECONDS;
	if (request->timeout_seconds > DEADLINE_MAX)
		return DEADLINE_MAX - MARGIN_SECONDS;
	if (request->timeout_seconds <= MARGIN_SECONDS)
		return 0;
	return request->timeout_seconds - MARGIN_SECONDS;
}

/* Whether the host asks for something else by now, which has a handler of its own, or for nothing. */
static bool is_overtaken(const char *folder, const struct request *request)
{
	struct request now = { 0 };

	if (request_read(folder, &now, NULL))
		return false;
	return now.action != request->action || now.force != request->force ||
	       now.timeout_seconds != request->timeout_seconds ||
	       strcmp(now.reason, request->reason) || strcmp(now.text, request->text);
}

/* Return: 1 when it is free to act, 0 when it was refused or overtaken, -errno. */
static int wait_for_blockers(sd_bus *bus, const char *folder, const struct request *request,
			     struct err *err)
{
	int64_t end = now_seconds() + patience(request);
	char who[256], said[256] = "";

	for (;;) {
		int ret = logind_blocker(bus, request->action, who, sizeof(who), err);

		if (ret < 0)
			return ret;
		if (is_overtaken(folder, request)) {
			log_notice("%s is not asked for any more", action_name(request->action));
			return 0;
		}
		if (!ret)
			return 1;
		if (!*said)
			ret = request_take(folder, err);
		if (ret < 0)
			return ret;
		if (strcmp(who, said))
			log_notice("%s waits for %s", action_name(request->action), who);
		snprintf(said, sizeof(said), "%s", who);
		if (now_seconds() >= end)
			break;
		sleep(1);
	}
	log_warning("%s refused: it is blocked by %s", action_name(request->action), who);
	return request_refuse(folder, err);
}

static int carry_out(sd_bus *bus, const char *folder, const struct request *request,
		     struct err *err)
{
	char wall[512];
	int ret = request->force ? 1 : wait_for_blockers(bus, folder, request, err);

	if (ret <= 0)
		return ret;
	snprintf(wall, sizeof(wall), "The host asks for %s%s%.400s", action_name(request->action),
		 *request->text ? ": " : ".", request->text);
	log_notice("%s, reason %s%s%s", action_name(request->action), request->reason,
		   *request->text ? ": " : "", request->text);
	ret = logind_act(bus, request->action, request->force, wall, err);
	/* Done is done, whether the driver still listens or not. */
	if (!ret)
		request_take(folder, NULL);
	return ret;
}

static int handle(const char *folder, struct err *err)
{
	struct request request = { 0 };
	sd_bus *bus = NULL;
	int ret = request_read(folder, &request, err);

	if (ret || request.action == ACTION_NONE)
		return ret;
	ret = logind_open(&bus, bus_address, err);
	if (!ret)
		ret = carry_out(bus, folder, &request, err);
	/* Nobody else does it: the driver need not show until its deadline what nobody works on. */
	if (ret < 0 && request.action == ACTION_HIBERNATE) {
		log_warning("hibernate refused: it cannot be had now");
		request_refuse(folder, NULL);
	}
	sd_bus_flush_close_unref(bus);
	return ret;
}

/* The stock driver powers off and restarts by itself; hibernation it leaves to us. */
static int handle_event(struct err *err)
{
	struct request request = { .reason = "unknown" };
	char name[32];
	sd_bus *bus = NULL;
	int ret;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(event, "-"), event);
	request.action = action_find(name);
	if (request.action != ACTION_HIBERNATE)
		return 0;
	ret = logind_open(&bus, bus_address, err);
	if (!ret)
		/* Whether it is forced is not told. */
		ret = logind_act(bus, request.action, false, "The host asks for hibernate.", err);
	sd_bus_flush_close_unref(bus);
	return ret;
}

int main(int argc, char **argv)
{
	struct options options = { .device = FOLDER };
	char folder[256];
	struct err err = { "" };
	int ret = 0;

	log_open(about.name, false);
	switch (options_parse(&options, &about, argc, argv, &err)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_BAD:
		log_err("%s", err.text);
		return 2;
	case OPTIONS_RUN:
		break;
	}
	if (strcmp(options.device, FOLDER))
		snprintf(folder, sizeof(folder), "%s", options.device);
	else
		ret = request_folder(folder, sizeof(folder));
	if (!ret)
		ret = handle(folder, &err);
	else if (event)
		ret = handle_event(&err);
	if (ret < 0 && *err.text)
		log_err("%s", err.text);
	return ret < 0;
}
