// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/apply.h"

#include <errno.h>
#include <string.h>

#include "daemons/kvp/adapter.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/helper/transaction.h"
#include "daemons/kvp/ip_config.h"

/* The kernel allows more in a name than the files and programs of back ends do. */
static bool is_plain_name(const char *name)
{
	return *name && *name != '-' && *name != '.' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")];
}

static int run(const struct network_link *link, struct ip_config *config, struct err *err)
{
	const struct backend *backend = backend_choose(link);
	static struct plan plan;
	int ret;

	if (!backend)
		return err_set(err, -EOPNOTSUPP, "no network configuration system for %s was found",
			       link->name);
	ret = backend->plan(config, &plan, err);
	if (!ret)
		ret = transaction_run(&plan, config, err);
	plan_free(&plan);
	return ret ? ret : err_set(err, 0, "%s, by %s", link->name, backend->name);
}

static int choose_link(const struct hv_kvp_ipaddr_value *value, struct ip_config *config,
		       struct network_link *found, struct err *err)
{
	const struct network_link *link;
	char id[MAX_ADAPTER_ID_SIZE];
	struct network network;
	int ret = ip_config_adapter(value, id, err);

	if (ret)
		return ret;
	ret = network_read(&network);
	if (ret)
		return err_set(err, ret, "rtnetlink: %s", strerror(-ret));
	link = adapter_find(&network, id);
	if (!link) {
		ret = err_set(err, -ENODEV, "no adapter %s", id);
	} else if (!is_plain_name(link->name)) {
		ret = err_set(err, -EINVAL, "%s is not a plain name", link->name);
	} else {
		*found = *link;
		memcpy(config->name, link->name, sizeof(config->name));
		memcpy(config->mac, link->mac, sizeof(config->mac));
	}
	network_free(&network);
	return ret;
}

int apply(const struct hv_kvp_ipaddr_value *value, struct err *err)
{
	struct network_link link;
	struct ip_config config;
	int ret = ip_config_read(value, &config, err);

	if (!ret)
		ret = choose_link(value, &config, &link, err);
	return ret ? ret : run(&link, &config, err);
}
