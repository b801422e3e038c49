// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/common/pool.h"
#include "daemons/common/service.h"
#include "daemons/common/text.h"
#include "daemons/kvp/adapter.h"
#include "daemons/kvp/fqdn.h"
#include "daemons/kvp/helper/helper.h"
#include "daemons/kvp/helper/saved.h"
#include "daemons/kvp/ip_config.h"
#include "daemons/kvp/keys.h"
#include "daemons/kvp/machine.h"
#include "daemons/kvp/options.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/requests.h"
#include "daemons/kvp/scripts.h"
#include "daemons/kvp/set_ip.h"

/* Seconds since the boot in which an adapter may still come. */
#define YOUNG_LIMIT	300

/* The request that waits for the helper; there is at most one. */
static struct {
	struct set_ip *set;
	struct hv_kvp_msg message;
} pending;

static struct log_limit trouble = LOG_LIMIT_HOST;

/* What asks to take back the addresses of a helper that was killed. */
static struct set_ip *recovery;

static void recovered(void *context, int status, const char *text)
{
	(void)context;
	recovery = NULL;
	if (status)
		log_warning("interrupted change of addresses: %s", text);
	else if (*text)
		log_notice("%s", text);
}

static void start_recovery(struct service *service)
{
	static const struct hv_kvp_ipaddr_value none;
	struct err err = { "" };

	if (recovery || access(paths_at(SAVED_RECORD), F_OK))
		return;
	if (set_ip_start(&recovery, service_event(service), kvp_options.helper, &none, recovered,
			 service, &err))
		log_warning("%s", err.text);
}

static void answer_pending(struct service *service, int status, const char *text)
{
	if (status)
		log_limited(&trouble, LOG_LEVEL_WARNING, "addresses not set: %s", text);
	else
		log_info("addresses set: %s", text);
	/* A program or a folder that is missing is no end of a list. */
	pending.message.error = requests_status(status == -ENOENT ? -EIO : status);
	service_reply(service, &pending.message, sizeof(pending.message));
}

static void on_answer(void *context, int status, const char *text)
{
	pending.set = NULL;
	answer_pending(context, status, text);
	/* Without an answer it was killed. */
	if (status == -EIO)
		start_recovery(context);
}

static bool is_young(void)
{
	struct timespec now;

	return !clock_gettime(CLOCK_BOOTTIME, &now) && now.tv_sec < YOUNG_LIMIT;
}

/*
 * The helper looks for itself; but what is none starts none, as often as the host asks.
 * At boot the driver of the card may not be done yet: the helper, which waits for those
 * that configure the network, looks later.
 */
static int check_addresses(const struct hv_kvp_ipaddr_value *value, struct err *err)
{
	const struct network_link *link;
	char id[MAX_ADAPTER_ID_SIZE];
	struct ip_config config;
	struct network network;
	int ret = ip_config_adapter(value, id, err);

	if (!ret)
		ret = ip_config_read(value, &config, err);
	if (!ret)
		ret = adapter_read(id, &network, &link, err);
	if (!ret)
		network_free(&network);
	return ret == -ENODEV && is_young() ? 0 : ret;
}

static void start_pending(struct service *service, const struct hv_kvp_msg *message)
{
	const struct hv_kvp_ipaddr_value *value = &message->body.kvp_ip_val;
	struct err err = { "" };
	int ret = check_addresses(value, &err);

	pending.message = *message;
	if (!ret)
		ret = set_ip_start(&pending.set, service_event(service), kvp_options.helper, value,
				   on_answer, service, &err);
	if (ret)
		answer_pending(service, ret, err.text);
}

static int start(struct service *service, struct err *err)
{
	struct pool pool = { .folder = kvp_options.pools };
	unsigned int i;

	(void)err;
	paths_set_root(kvp_options.root);
	scripts_set_folder(kvp_options.scripts);
	for (i = 0; i < POOL_COUNT; i++) {
		struct err why = { "" };

		pool.number = i;
		/* A full or read-only disk is no reason not to answer what needs none. */
		if (pool_create(&pool, &why))
			log_warning("%s", why.text);
	}
	machine_begin(kvp_options.pools);
	start_recovery(service);
	return 0;
}

static size_t hello(struct service *service, void *message)
{
	struct hv_kvp_msg *hello = message;

	(void)service;
	hello->kvp_hdr.operation = KVP_OP_REGISTER1;
	return sizeof(*hello);
}

static int welcome(struct service *service, const void *message, size_t length)
{
	const struct hv_kvp_msg *answer = message;
	const char *version = (const char *)answer->body.kvp_register.version;

	(void)service;
	if (length != sizeof(*answer) || answer->kvp_hdr.operation != KVP_OP_REGISTER1 ||
	    text_from_field(version, sizeof(answer->body.kvp_register.version)) < 0)
		return -EPROTO;
	log_info("driver version %s", version);
	keys_set_version(version);
	return 0;
}

static void request(struct service *service, void *message, size_t length)
{
	if (requests_answer(message, length, kvp_options.pools))
		service_reply(service, message, sizeof(struct hv_kvp_msg));
	else
		start_pending(service, message);
}

static void lost(struct service *service)
{
	(void)service;
	set_ip_forget(pending.set);
	pending.set = NULL;
}

static void stop(struct service *service)
{
	(void)service;
	set_ip_forget(recovery);
	fqdn_stop();
}

static const struct service_ops ops = {
	.start = start,
	.hello = hello,
	.welcome = welcome,
	.request = request,
	.lost = lost,
	.stop = stop,
};

static const struct service_config config = {
	.about = {
		.name = "hv_kvp",
		.summary = "Exchanges key-value pairs and network addresses with the Hyper-V host.",
		.rows = kvp_option_rows,
	},
	.device = "/dev/vmbus/hv_kvp",
	.message_size = sizeof(struct hv_kvp_msg),
	.ops = &ops,
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], HELPER_WORD))
		return helper_main(argc, argv);
	return service_main(&config, argc, argv);
}
