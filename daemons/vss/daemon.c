// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/daemon.h"

#include <linux/hyperv.h>
#include <stdio.h>
#include <string.h>

#include "daemons/common/folder.h"
#include "daemons/common/log.h"
#include "daemons/common/service.h"
#include "daemons/vss/lock.h"
#include "daemons/vss/record.h"
#include "daemons/vss/recover.h"
#include "daemons/vss/vss.h"

#define DEVICE		"/dev/vmbus/hv_vss"
#define HOOKS_FOLDER	"/etc/openlis/vss"

static struct vss vss = {
	.policy_path = POLICY_PATH,
	.hooks_folder = HOOKS_FOLDER,
	.record_path = RECORD_PATH,
	.mountinfo = "/proc/self/mountinfo",
};

static bool only_thaw;

static const struct option_row rows[] = {
	{ "config", "FILE", "policy (" POLICY_PATH ")", &vss.policy_path, NULL },
	{ "hooks", "FOLDER", "of the hooks (" HOOKS_FOLDER ")", &vss.hooks_folder, NULL },
	{ "record", "FILE", "of what is frozen (" RECORD_PATH ")", &vss.record_path, NULL },
	{ "mountinfo", "FILE", "what is mounted (/proc/self/mountinfo)", &vss.mountinfo, NULL },
	{ "thaw", NULL, "thaw what a killed daemon left frozen, and exit", NULL, &only_thaw },
	{ 0 },
};

static int recover(struct err *err)
{
	return recover_thaw(vss.record_path, vss.mountinfo, vss.calls,
			    RECOVER_LIMIT_S * vss.second_ms, err);
}

static int start(struct service *service, struct err *err)
{
	int ret = recover(err);

	/* Whatever is wrong with the past, the service is still wanted. */
	if (ret)
		log_err("%s", err->text);
	folder_make_for(vss.record_path);
	ret = vss_start(&vss, service, err);
	if (ret)
		return ret;
	ret = lock_memory();
	if (ret)
		log_notice("cannot lock memory: %s", strerror(-ret));
	return 0;
}

static size_t hello(struct service *service, void *message)
{
	struct hv_vss_msg *registration = message;

	(void)service;
	registration->vss_hdr.operation = VSS_OP_REGISTER1;
	return sizeof(*registration);
}

/* The driver answers with its version; there is only one so far. */
static int welcome(struct service *service, const void *message, size_t length)
{
	(void)service;
	(void)message;
	return length == sizeof(int) ? 0 : -1;
}

static void request(struct service *service, void *message, size_t length)
{
	(void)service;
	vss_request(&vss, message, length);
}

static void lost(struct service *service)
{
	(void)service;
	vss_lost(&vss);
}

static bool is_busy(struct service *service)
{
	(void)service;
	return vss_is_busy(&vss);
}

static void stop(struct service *service)
{
	(void)service;
	vss_stop(&vss);
}

static const struct service_ops ops = {
	.start = start,
	.hello = hello,
	.welcome = welcome,
	.request = request,
	.lost = lost,
	.closed = lost,
	.is_busy = is_busy,
	.stop = stop,
};

static const struct service_config config = {
	.about = {
		.name = "hv_vss",
		.summary = "Freezes file systems while the Hyper-V host takes a backup.",
		.rows = rows,
	},
	.device = DEVICE,
	.message_size = 4096,	/* the driver hands over struct hv_vss_msg, whatever the host sent */
	.ops = &ops,
};

static int thaw_and_exit(void)
{
	struct err err = { "" };

	if (!recover(&err))
		return 0;
	log_err("%s", err.text);
	return 1;
}

int daemon_main(int argc, char **argv, const struct freezer_calls *calls, unsigned int second_ms)
{
	struct options options = { .device = DEVICE };

	vss.calls = calls;
	vss.second_ms = second_ms;
	log_open(config.about.name, false);
	switch (options_parse(&options, &config.about, argc, argv, NULL)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_RUN:
		if (only_thaw)
			return thaw_and_exit();
		break;
	case OPTIONS_BAD:	/* the service says so */
		break;
	}
	return service_main(&config, argc, argv);
}
