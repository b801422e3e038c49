// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/hyperv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemons/common/folder.h"
#include "daemons/common/log.h"
#include "daemons/common/service.h"
#include "daemons/fcopy/copy.h"
#include "daemons/fcopy/leftover.h"

#define DEVICE		"/dev/vmbus/hv_fcopy"

static struct fcopy {
	const char *policy_path, *leftover_path;
	struct policy policy;
	struct copy copy;
	struct service *service;
	sd_event_source *idle;
} fcopy = {
	.policy_path = POLICY_PATH,
	.leftover_path = LEFTOVER_PATH,
	.copy = { .folder = -1, .file = -1 },
};

static struct log_limit trouble = LOG_LIMIT_HOST;

static bool is_given_up(void)
{
	return service_is_given_up(fcopy.service);
}

static int on_idle(sd_event_source *source, uint64_t now, void *context)
{
	(void)source;
	(void)now;
	(void)context;
	if (fcopy.copy.state != COPY_IDLE)
		log_limited(&trouble, LOG_LEVEL_WARNING, "the host has been silent for %u s: %.160s is given up",
			    fcopy.policy.idle_s, fcopy.copy.name);
	copy_abort(&fcopy.copy);
	return 0;
}

static int start(struct service *service, struct err *err)
{
	int ret = policy_read(&fcopy.policy, fcopy.policy_path, err);

	if (ret)
		return ret;
	folder_make_for(fcopy.leftover_path);
	umask(0077);
	fcopy.service = service;
	fcopy.copy.policy = &fcopy.policy;
	fcopy.copy.is_given_up = is_given_up;
	fcopy.copy.leftover = fcopy.leftover_path;
	ret = leftover_sweep(fcopy.leftover_path, err);
	if (ret > 0)
		log_notice("removed what an interrupted copy had left");
	else if (ret)
		log_err("%s", err->text);
	ret = sd_event_add_time_relative(service_event(service), &fcopy.idle, CLOCK_MONOTONIC, 0,
					 1000000, on_idle, NULL);
	if (ret < 0)
		return err_set(err, ret, "timer: %s", strerror(-ret));
	sd_event_source_set_enabled(fcopy.idle, SD_EVENT_OFF);
	return 0;
}

static size_t hello(struct service *service, void *message)
{
	(void)service;
	*(uint32_t *)message = FCOPY_CURRENT_VERSION;
	return sizeof(uint32_t);
}

static int welcome(struct service *service, const void *message, size_t length)
{
	(void)service;
	return length == sizeof(uint32_t) && *(const uint32_t *)message == FCOPY_CURRENT_VERSION ?
	       0 : -EPROTO;
}

static void watch_silence(void)
{
	bool is_on = fcopy.copy.state != COPY_IDLE;

	if (is_on)
		sd_event_source_set_time_relative(fcopy.idle, fcopy.policy.idle_s * 1000000ull);
	sd_event_source_set_enabled(fcopy.idle, is_on ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void request(struct service *service, void *message, size_t length)
{
	uint32_t operation = length < sizeof(struct hv_fcopy_hdr) ?
			     0 : ((const struct hv_fcopy_hdr *)message)->operation;
	struct err err = { "" };
	int ret = copy_message(&fcopy.copy, message, length, &err);
	uint32_t status = copy_status(ret);

	if (ret < 0)
		log_limited(&trouble, LOG_LEVEL_WARNING, "copy from the host refused: %s", err.text);
	else if (ret)
		log_info("copied from the host: %s", err.text);
	log_debug("operation %u: %s", operation, ret < 0 ? err.text : "done");
	watch_silence();
	service_reply(service, &status, sizeof(status));
}

/* The host was told nothing, or something else: it will not go on with this copy. */
static void closed(struct service *service)
{
	(void)service;
	copy_abort(&fcopy.copy);
	watch_silence();
}

static void stop(struct service *service)
{
	(void)service;
	copy_abort(&fcopy.copy);
	fcopy.idle = sd_event_source_disable_unref(fcopy.idle);
	policy_free(&fcopy.policy);
}

static const struct service_ops ops = {
	.start = start,
	.hello = hello,
	.welcome = welcome,
	.request = request,
	.closed = closed,
	.stop = stop,
};

static const struct option_row rows[] = {
	{ "config", "FILE", "settings (" POLICY_PATH ")", &fcopy.policy_path, NULL },
	{ "leftover", "FILE", "note of an unfinished copy (" LEFTOVER_PATH ")",
	  &fcopy.leftover_path, NULL },
	{ 0 },
};

static const struct service_config config = {
	.about = {
		.name = "hv_fcopy",
		.summary = "Takes files that the Hyper-V host copies into this guest.",
		.rows = rows,
	},
	.device = DEVICE,
	/* The driver hands over COMPLETE and CANCEL with all that the host put behind them. */
	.message_size = 16384,
	.ops = &ops,
};

int main(int argc, char **argv)
{
	return service_main(&config, argc, argv);
}
