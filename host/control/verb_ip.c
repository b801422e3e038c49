// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/ic.h"
#include "host/vsp/ip.h"
#include "host/vsp/kvp.h"
#include "host/vsp/vsp.h"

/* ip: get and set the addresses of a network adapter of the guest. */

static struct kvp *the_kvp(const struct control_request *req)
{
	return vsp_kvp(request_control(req)->host.vsp);
}

static void client_gone(struct control_request *req)
{
	kvp_forget(the_kvp(req), req);
}

static void wait_for(struct control_request *req, int ret)
{
	if (ret == -E2BIG)
		return request_fail(req, "more addresses than the message can hold");
	if (ret)
		return request_not_asked(req, kvp_ic(the_kvp(req)), ret);
	request_on_gone(req, client_gone);
}

/* ---- get ---- */

/* "a;b" to an array; guests may leave a ';' at the end. */
static void put_list(struct json_object *object, const char *key, const char *list)
{
	struct json_object *array = json_object_new_array();

	while (*list) {
		size_t len = strcspn(list, ";");

		if (len)
			json_object_array_add(array, json_object_new_string_len(list, (int)len));
		list += len + (list[len] == ';');
	}
	json_object_object_add(object, key, array);
}

static void got(void *opaque, const struct ip_outcome *outcome)
{
	const struct hvp_kvp_ip *ip = outcome->ip;
	struct json_object *result;

	if (outcome->error || outcome->status)
		return request_refused(opaque, outcome->error, outcome->status);
	result = json_object_new_object();
	put_string(result, "adapter", ip->adapter);
	put_flag(result, "ipv4", ip->families & HVP_KVP_FAMILY_IPV4);
	put_flag(result, "ipv6", ip->families & HVP_KVP_FAMILY_IPV6);
	put_flag(result, "dhcp", ip->dhcp);
	put_list(result, "addresses", ip->addresses);
	put_list(result, "subnets", ip->subnets);
	put_list(result, "gateways", ip->gateways);
	put_list(result, "dns", ip->dns);
	request_done(opaque, result);
}

static void get(struct control_request *req)
{
	const char *mac = request_string(req, "mac");
	struct hvp_kvp_ip ip = { .families = 0 };
	struct err err = { .text = "" };

	if (!mac)
		return request_fail(req, "argument \"mac\" is missing");
	if (ip_put_mac(&ip, mac, &err))
		return request_fail(req, "%s", err.text);
	wait_for(req, ip_get(the_kvp(req), &ip, got, req));
}

/* ---- set ---- */

typedef int (*add_fn)(struct hvp_kvp_ip *ip, const char *text, struct err *err);

/* Every string of the array @name. Return: how many, or -1 when the request has failed. */
static int add_all(struct control_request *req, const char *name, struct hvp_kvp_ip *ip, add_fn add)
{
	struct json_object *array = NULL, *args = request_args(req);
	struct err err = { .text = "" };
	size_t i, count;

	if (!args || !json_object_object_get_ex(args, name, &array))
		return 0;
	if (!json_object_is_type(array, json_type_array)) {
		request_fail(req, "\"%s\" must be a list", name);
		return -1;
	}
	count = json_object_array_length(array);
	for (i = 0; i < count; i++) {
		struct json_object *text = json_object_array_get_idx(array, i);

		if (!json_object_is_type(text, json_type_string)) {
			request_fail(req, "\"%s\" must be a list of strings", name);
			return -1;
		}
		if (add(ip, json_object_get_string(text), &err)) {
			request_fail(req, "%s", err.text);
			return -1;
		}
	}
	return (int)count;
}

/* Return: false when the request has failed. */
static bool settings(struct control_request *req, struct hvp_kvp_ip *ip)
{
	int addresses;

	ip->dhcp = request_flag(req, "dhcp");
	addresses = add_all(req, "address", ip, ip_add_address);
	if (addresses < 0)
		return false;
	/* DHCP is for IPv4; addresses of the other family may come with it. */
	if (ip->dhcp && ip->families & HVP_KVP_FAMILY_IPV4) {
		request_fail(req, "DHCP and an IPv4 address exclude each other");
		return false;
	}
	if (!addresses && !ip->dhcp) {
		request_fail(req, "\"address\" is missing, or \"dhcp\"");
		return false;
	}
	if (ip->dhcp)
		ip->families |= HVP_KVP_FAMILY_IPV4;
	return add_all(req, "gateway", ip, ip_add_gateway) >= 0 &&
	       add_all(req, "dns", ip, ip_add_dns) >= 0;
}

static void changed(void *opaque, const struct ip_outcome *outcome)
{
	if (outcome->error || outcome->status)
		return request_refused(opaque, outcome->error, outcome->status);
	request_done(opaque, NULL);
}

static void set(struct control_request *req)
{
	const char *device = request_string(req, "device");
	struct hvp_kvp_ip ip = { .families = 0 };
	struct err err = { .text = "" };

	if (!device)
		return request_fail(req, "argument \"device\" is missing");
	if (ip_put_device(&ip, device, &err))
		return request_fail(req, "%s", err.text);
	if (settings(req, &ip))
		wait_for(req, ip_set(the_kvp(req), &ip, changed, req));
}

void verb_ip(struct control_request *req)
{
	const char *action = request_string(req, "action");

	if (action && !strcmp(action, "get"))
		return get(req);
	if (action && !strcmp(action, "set"))
		return set(req);
	request_fail(req, "\"action\" must be get or set");
}
