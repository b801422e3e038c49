// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/ip.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/vsp/kvp_private.h"
#include "protocol/guid.h"
#include "protocol/inet.h"

/* ---- what people write ---- */

/* "00:15:5d:01:02:03" or with '-', as one sees it on Windows; guests compare with the former. */
int ip_put_mac(struct hvp_kvp_ip *ip, const char *mac, struct err *err)
{
	char out[18];
	unsigned int i;

	for (i = 0; i < sizeof(out) - 1; i++) {
		bool separator = i % 3 == 2;

		if (separator ? mac[i] != ':' && mac[i] != '-' : !isxdigit((unsigned char)mac[i]))
			return err_set(err, -EINVAL, "'%.40s' is no MAC address", mac);
		out[i] = separator ? ':' : (char)toupper((unsigned char)mac[i]);
	}
	if (mac[i])
		return err_set(err, -EINVAL, "'%.40s' is no MAC address", mac);
	out[i] = '\0';
	memcpy(ip->adapter, out, sizeof(out));
	return 0;
}

int ip_put_device(struct hvp_kvp_ip *ip, const char *text, struct err *err)
{
	char name[HVP_GUID_STRLEN];
	struct hvp_guid guid;

	if (hvp_guid_parse(text, &guid))
		return err_set(err, -EINVAL, "'%.60s' is no GUID", text);
	hvp_guid_format(&guid, name);
	snprintf(ip->adapter, sizeof(ip->adapter), "{%s}", name);
	return 0;
}

static int append(char *list, size_t room, const char *text, struct err *err)
{
	size_t len = strlen(list);

	if (len + strlen(text) + 2 > room)
		return err_set(err, -E2BIG, "more addresses than the message can hold");
	snprintf(list + len, room - len, "%s%s", len ? ";" : "", text);
	return 0;
}

/* Return: AF_INET or AF_INET6; -EINVAL. */
static int family_of(const char *text)
{
	u8 address[16];

	if (inet_pton(AF_INET, text, address) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, address) == 1 ? AF_INET6 : -EINVAL;
}

static void format_mask(unsigned int prefix, char *text)
{
	struct in_addr mask = { .s_addr = htonl(prefix ? ~0u << (32 - prefix) : 0) };

	inet_ntop(AF_INET, &mask, text, HVP_IPV4_STRLEN);
}

/* Split "ADDRESS/PREFIX". Return: the address's family, or -EINVAL. */
static int split(const char *text, char *address, size_t room, unsigned int *prefix)
{
	const char *slash = strchr(text, '/');
	char *end;
	int family;

	if (!slash || (size_t)(slash - text) >= room || !isdigit((unsigned char)slash[1]))
		return -EINVAL;
	snprintf(address, room, "%.*s", (int)(slash - text), text);
	*prefix = (unsigned int)strtoul(slash + 1, &end, 10);
	family = family_of(address);
	if (*end || *prefix > (family == AF_INET ? 32u : 128u))
		return -EINVAL;
	return family;
}

int ip_add_address(struct hvp_kvp_ip *ip, const char *text, struct err *err)
{
	char address[HVP_IPV6_STRLEN], subnet[HVP_IPV4_STRLEN];
	unsigned int prefix;
	int family = split(text, address, sizeof(address), &prefix);
	int ret;

	if (family < 0)
		return err_set(err, -EINVAL, "'%.60s' is not of the form ADDRESS/PREFIX", text);
	if (family == AF_INET)
		format_mask(prefix, subnet);
	else
		snprintf(subnet, sizeof(subnet), "%u", prefix);
	ip->families |= family == AF_INET ? HVP_KVP_FAMILY_IPV4 : HVP_KVP_FAMILY_IPV6;
	ret = append(ip->addresses, sizeof(ip->addresses) / 2, address, err);
	return ret ? ret : append(ip->subnets, sizeof(ip->subnets) / 2, subnet, err);
}

int ip_add_gateway(struct hvp_kvp_ip *ip, const char *text, struct err *err)
{
	if (family_of(text) < 0)
		return err_set(err, -EINVAL, "'%.60s' is no IP address", text);
	return append(ip->gateways, sizeof(ip->gateways) / 2, text, err);
}

int ip_add_dns(struct hvp_kvp_ip *ip, const char *text, struct err *err)
{
	if (family_of(text) < 0)
		return err_set(err, -EINVAL, "'%.60s' is no IP address", text);
	return append(ip->dns, sizeof(ip->dns) / 2, text, err);
}

/* ---- the questions ---- */

struct operation {
	struct kvp *kvp;
	enum hvp_kvp_op op;
	struct hvp_ic_version version;	/* the question was built for it */
	ip_cb cb;
	void *opaque;
};

/*
 * Return: 0 or -EBADMSG. @ip: of a get. A guest that puts something else than
 * addresses into the lists is told to the asker, but breaks no rule: known
 * daemons do it.
 */
static int judge(const struct operation *operation, const struct ic_answer *answer,
		 struct hvp_kvp_ip *ip)
{
	if (hvp_kvp_check(answer->body, answer->len, operation->version) != (int)operation->op) {
		kvp_bad_answer(operation->kvp, hvp_kvp_op_name(operation->op));
		return -EBADMSG;
	}
	if (operation->op == HVP_KVP_SET_IP)
		return 0;
	return hvp_kvp_ip_reply_check(answer->body, answer->len, operation->version, ip);
}

static void operation_done(void *opaque, const struct ic_answer *answer)
{
	struct operation operation = *(struct operation *)opaque;
	struct ip_outcome outcome = { .error = answer->error, .status = answer->status };
	struct hvp_kvp_ip ip;

	free(opaque);
	if (!outcome.error && !outcome.status) {
		outcome.error = judge(&operation, answer, &ip);
		if (!outcome.error && operation.op == HVP_KVP_GET_IP)
			outcome.ip = &ip;
	}
	operation.cb(operation.opaque, &outcome);
}

static int ask(struct kvp *kvp, enum hvp_kvp_op op, const struct hvp_kvp_ip *ip, ip_cb cb,
	       void *opaque)
{
	struct hvp_ic_version version = ic_message(kvp->ic);
	u8 body[HVP_KVP_IP_MESSAGE_SIZE];
	struct operation *operation;
	int ret;

	if (ic_state(kvp->ic) != IC_READY)
		return -ENOTCONN;
	ret = hvp_kvp_ip_build(body, version, op, ip);
	if (ret < 0)
		return ret;
	operation = malloc(sizeof(*operation));
	if (!operation)
		return -ENOMEM;
	*operation = (struct operation) {
		.kvp = kvp, .op = op, .version = version, .cb = cb, .opaque = opaque,
	};
	ret = kvp_ask_for(kvp, body, (u32)ret, operation_done, free, operation, opaque);
	if (ret)
		free(operation);
	return ret;
}

int ip_get(struct kvp *kvp, const struct hvp_kvp_ip *ip, ip_cb cb, void *opaque)
{
	return ask(kvp, HVP_KVP_GET_IP, ip, cb, opaque);
}

int ip_set(struct kvp *kvp, const struct hvp_kvp_ip *ip, ip_cb cb, void *opaque)
{
	return ask(kvp, HVP_KVP_SET_IP, ip, cb, opaque);
}
