// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/shutdown/logind.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SERVICE		"org.freedesktop.login1"
#define OBJECT		"/org/freedesktop/login1"
#define MANAGER		"org.freedesktop.login1.Manager"
#define SKIP_INHIBITORS	(UINT64_C(1) << 4)	/* SD_LOGIND_SKIP_INHIBITORS */

static const struct {
	const char *method;
	const char *inhibited;		/* what an inhibitor names */
} actions[ACTION_COUNT] = {
	[ACTION_SHUTDOWN] = { "PowerOff", "shutdown" },
	[ACTION_RESTART] = { "Reboot", "shutdown" },
	[ACTION_HIBERNATE] = { "Hibernate", "sleep" },
};

static int connect_peer(sd_bus **bus, const char *address)
{
	int ret = sd_bus_new(bus);

	if (ret >= 0)
		ret = sd_bus_set_address(*bus, address);
	return ret >= 0 ? sd_bus_start(*bus) : ret;
}

int logind_open(sd_bus **bus, const char *address, struct err *err)
{
	int ret = address ? connect_peer(bus, address) : sd_bus_open_system(bus);

	if (ret >= 0)
		ret = sd_bus_set_method_call_timeout(*bus, LOGIND_SECONDS * 1000000ull);
	if (ret < 0)
		return err_set(err, ret, "no D-Bus: %s", strerror(-ret));
	return 0;
}

/* @list: names with colons between them */
static bool names(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (list) {
		if (!strncmp(list, name, length) && (list[length] == ':' || !list[length]))
			return true;
		list = strchr(list, ':');
		list = list ? list + 1 : NULL;
	}
	return false;
}

/* Of a(ssssuu): what, who, why, mode, user, process. */
static int find_blocker(sd_bus_message *list, const char *inhibited, char *who, size_t size)
{
	const char *what, *name, *why, *mode;
	int ret = sd_bus_message_enter_container(list, 'a', "(ssssuu)");

	if (ret < 0)
		return ret;
	while ((ret = sd_bus_message_read(list, "(ssssuu)", &what, &name, &why, &mode, NULL,
					  NULL)) > 0) {
		if (strcmp(mode, "block") || !names(what, inhibited))
			continue;
		snprintf(who, size, "%s (%s)", name, why);
		return 1;
	}
	return ret;
}

static int failed(struct err *err, int ret, const char *method, const sd_bus_error *error)
{
	return err_set(err, ret, "logind's %s: %s", method,
		       error->message ? error->message : strerror(-ret));
}

int logind_blocker(sd_bus *bus, enum action action, char *who, size_t size, struct err *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *list = NULL;
	int ret = sd_bus_call_method(bus, SERVICE, OBJECT, MANAGER, "ListInhibitors", &error, &list,
				     NULL);

	if (ret >= 0)
		ret = find_blocker(list, actions[action].inhibited, who, size);
	if (ret < 0)
		failed(err, ret, "ListInhibitors", &error);
	sd_bus_message_unref(list);
	sd_bus_error_free(&error);
	return ret;
}

/* From systemd 257 on blocks hold root up, too, unless it says that they are not to; before, that flag is an error. */
static int act_past_blockers(sd_bus *bus, const char *method)
{
	char name[32];

	snprintf(name, sizeof(name), "%sWithFlags", method);
	return sd_bus_call_method(bus, SERVICE, OBJECT, MANAGER, name, NULL, NULL, "t",
				  SKIP_INHIBITORS);
}

int logind_act(sd_bus *bus, enum action action, bool force, const char *wall, struct err *err)
{
	const char *method = actions[action].method;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int ret;

	/* Nobody is told, then; that is no reason to stay up. */
	sd_bus_call_method(bus, SERVICE, OBJECT, MANAGER, "SetWallMessage", NULL, NULL, "sb", wall, 1);
	if (force && act_past_blockers(bus, method) >= 0)
		return 0;
	ret = sd_bus_call_method(bus, SERVICE, OBJECT, MANAGER, method, &error, NULL, "b", 0);
	if (ret < 0)
		failed(err, ret, method, &error);
	sd_bus_error_free(&error);
	return ret < 0 ? ret : 0;
}
