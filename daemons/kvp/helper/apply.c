// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/kvp/adapter.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/helper/saved.h"
#include "daemons/kvp/helper/transaction.h"
#include "daemons/kvp/ip_config.h"
#include "daemons/kvp/paths.h"

#define LOCK_STEP_MS	50

/* The kernel allows more in a name than the files and programs of back ends do. */
static bool is_plain_name(const char *name)
{
	return *name && *name != '-' && *name != '.' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")];
}

/*
 * One transaction at a time: a host that gave up on one may ask for the next.
 * Return: a descriptor to close; -EBUSY at the limit
 */
static int lock(struct err *err)
{
	struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	int fd = open(paths_at("/run/hv_kvp.lock"), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		      0600);
	unsigned int waited;

	if (fd < 0)
		return err_set(err, -errno, "/run/hv_kvp.lock: %s", strerror(errno));
	for (waited = 0; flock(fd, LOCK_EX | LOCK_NB); waited += LOCK_STEP_MS) {
		if (waited >= transaction_limits.lock) {
			close(fd);
			return err_set(err, -EBUSY, "the addresses before these are still being set");
		}
		nanosleep(&step, NULL);
	}
	return fd;
}

/* Under the lock. */
static int run(const struct backend *backend, const struct ip_config *config, int client,
	       struct err *err)
{
	static struct plan plan;
	int ret = transaction_recover(err);

	/* Its programs may fail for what is no longer there: these addresses replace it. */
	if (ret < 0 && !saved_is_there()) {
		log_warning("interrupted change of addresses: %s", err->text);
		ret = 0;
	}
	plan.backend = backend->name;
	plan.interface = config->name;
	if (ret >= 0)
		ret = backend->plan(config, &plan, err);
	if (!ret)
		ret = transaction_run(&plan, config, client, err);
	plan_free(&plan);
	return ret ? ret : err_set(err, 0, "%s, by %s", config->name, backend->name);
}

static int run_locked(const struct network_link *link, const struct ip_config *config, int client,
		      struct err *err)
{
	const struct backend *backend = backend_choose(link);
	int held, ret;

	if (!backend)
		return err_set(err, -EOPNOTSUPP, "no network configuration system for %s was found",
			       link->name);
	held = lock(err);
	if (held < 0)
		return held;
	ret = run(backend, config, client, err);
	close(held);
	return ret;
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
		config->index = link->index;
		memcpy(config->mac, link->mac, sizeof(config->mac));
	}
	network_free(&network);
	return ret;
}

int apply(const struct hv_kvp_ipaddr_value *value, int client, struct err *err)
{
	struct network_link link;
	struct ip_config config;
	int ret = ip_config_read(value, &config, err);

	if (!ret)
		ret = choose_link(value, &config, &link, err);
	return ret ? ret : run_locked(&link, &config, client, err);
}

int apply_recover(struct err *err)
{
	int held = lock(err), ret;

	if (held < 0)
		return held;
	ret = transaction_recover(err);
	close(held);
	return ret < 0 ? ret : 0;
}
