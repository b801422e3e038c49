// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include "host/machine/loop.h"
#include "host/vsp/kvp_private.h"
#include "protocol/generation.h"
#include "protocol/guid.h"

/*
 * What the host does by itself, once the service is ready:
 *
 *	tell fact 0 --answered--> tell fact 1 ... last --> look at the automatic keys --> rest
 *	rest --timer--> facts again when the guest refused one (its daemon may
 *	                not have been there), then the keys
 *
 * The facts go into pool 3 (auto-external), the keys come from pool 2 (auto).
 */
#define POLL_MS		60000u
#define VALUE_ROOM	200

/* ---- the host's facts ---- */

static void host_name(const struct kvp *kvp, char *value)
{
	struct utsname name;

	(void)kvp;
	uname(&name);
	snprintf(value, VALUE_ROOM, "%s", name.nodename);
}

static void full_host_name(const struct kvp *kvp, char *value)
{
	struct utsname name;

	(void)kvp;
	uname(&name);
	if (strchr(name.nodename, '.') || !name.domainname[0] || name.domainname[0] == '(')
		snprintf(value, VALUE_ROOM, "%s", name.nodename);
	else
		snprintf(value, VALUE_ROOM, "%s.%s", name.nodename, name.domainname);
}

static void machine_name(const struct kvp *kvp, char *value)
{
	(void)kvp;
	strcpy(value, "openlis");
}

static void machine_id(const struct kvp *kvp, char *value)
{
	struct hvp_guid guid;

	memcpy(guid.b, kvp->state.machine, sizeof(guid.b));
	hvp_guid_format(&guid, value);
	for (; *value; value++)
		*value = (char)toupper((unsigned char)*value);
}

static unsigned int windows_major(const struct kvp *kvp)
{
	return kvp->host.generation >= HVP_GENERATION_2016 ? 10 : 6;
}

static unsigned int windows_minor(const struct kvp *kvp)
{
	static const unsigned int minors[HVP_GENERATION_2016] = {
		[HVP_GENERATION_2008R2] = 1,
		[HVP_GENERATION_2012] = 2,
		[HVP_GENERATION_2012R2] = 3,
	};

	return kvp->host.generation >= HVP_GENERATION_2016 ? 0 : minors[kvp->host.generation];
}

struct fact {
	const char *key;
	void (*text)(const struct kvp *kvp, char *value);	/* VALUE_ROOM bytes; NULL: a number */
	unsigned int (*compute)(const struct kvp *kvp);		/* NULL: @number */
	unsigned int number;
};

static const struct fact facts[] = {
	{ "HostName", .text = host_name },
	{ "HostingSystemEditionId", .number = 8 },	/* Datacenter */
	{ "HostingSystemNestedLevel", .number = 0 },
	{ "HostingSystemOsMajor", .compute = windows_major },
	{ "HostingSystemOsMinor", .compute = windows_minor },
	{ "HostingSystemProcessorArchitecture", .number = 9 },	/* x64 */
	{ "HostingSystemProcessorIdleStateMax", .number = 0 },
	{ "HostingSystemProcessorThrottleMax", .number = 100 },
	{ "HostingSystemProcessorThrottleMin", .number = 100 },
	{ "HostingSystemSpMajor", .number = 0 },
	{ "HostingSystemSpMinor", .number = 0 },
	{ "PhysicalHostName", .text = host_name },
	{ "PhysicalHostNameFullyQualified", .text = full_host_name },
	{ "VirtualMachineDynamicMemoryBalancingEnabled", .number = 0 },
	{ "VirtualMachineId", .text = machine_id },
	{ "VirtualMachineName", .text = machine_name },
};

#define FACTS	(sizeof(facts) / sizeof(facts[0]))

static void fill(const struct kvp *kvp, const struct fact *fact, struct hvp_kvp_item *item)
{
	memset(item, 0, sizeof(*item));
	strcpy(item->key, fact->key);
	item->type = fact->text ? HVP_KVP_STRING : HVP_KVP_U32;
	if (fact->text)
		fact->text(kvp, item->value);
	else
		item->number = fact->compute ? fact->compute(kvp) : fact->number;
}

static void rest(struct kvp *kvp)
{
	if (kvp->state.poll_ms && ic_state(kvp->ic) == IC_READY)
		loop_timer_arm(kvp->host.timer, kvp->state.poll_ms * 1000000ull);
}

static int tell_next(struct kvp *kvp);

static void told(void *opaque, const struct kvp_outcome *outcome)
{
	struct kvp_host *host = opaque;
	struct kvp *kvp = host->kvp;

	kvp->state.items_told += !outcome->error && !outcome->status;
	host->next_item++;
	if (outcome->error == -ENOTCONN || tell_next(kvp)) {
		host->busy = false;
		rest(kvp);
	}
}

/* ---- the guest's automatic keys ---- */

static void saw_key(void *opaque, const struct hvp_kvp_item *item)
{
	struct kvp_host *host = opaque;

	if (host->seen < KVP_AUTO_MAX)
		host->keys[host->seen++] = *item;
}

/* A look that failed leaves the keys that it saw: they are true. */
static void looked(void *opaque, const struct kvp_outcome *outcome)
{
	struct kvp_host *host = opaque;
	struct kvp *kvp = host->kvp;

	host->busy = false;
	kvp->state.auto_keys = host->seen;
	kvp->state.polls += !outcome->error && !outcome->status;
	rest(kvp);
}

static int look(struct kvp *kvp)
{
	static const struct kvp_list_ops ops = { .item = saw_key, .done = looked };

	kvp->state.auto_keys = 0;
	kvp->host.seen = 0;
	return kvp_list(kvp, HVP_KVP_AUTO, &ops, &kvp->host);
}

/* Behind the last fact come the keys. */
static int tell_next(struct kvp *kvp)
{
	struct hvp_kvp_item item;

	if (kvp->host.next_item >= FACTS)
		return look(kvp);
	fill(kvp, &facts[kvp->host.next_item], &item);
	return kvp_set(kvp, HVP_KVP_AUTO_EXTERNAL, &item, told, &kvp->host);
}

int kvp_poll(struct kvp *kvp)
{
	struct kvp_host *host = &kvp->host;
	int ret;

	if (host->busy)
		return 0;
	loop_timer_cancel(host->timer);
	if (kvp->state.items_told < FACTS) {
		kvp->state.items_told = 0;
		host->next_item = 0;
	}
	ret = tell_next(kvp);
	host->busy = !ret;
	if (ret)
		rest(kvp);
	return ret;
}

static void poll_time(void *opaque)
{
	kvp_poll(opaque);
}

/* ---- the life of it ---- */

void kvp_host_ready(struct kvp *kvp)
{
	kvp->state.items_told = 0;
	kvp_poll(kvp);
}

void kvp_host_closed(struct kvp *kvp)
{
	loop_timer_cancel(kvp->host.timer);
}

void kvp_set_poll(struct kvp *kvp, u32 ms)
{
	kvp->state.poll_ms = ms;
	loop_timer_cancel(kvp->host.timer);
	if (!kvp->host.busy)
		rest(kvp);
}

const struct hvp_kvp_item *kvp_auto_key(const struct kvp *kvp, u32 index)
{
	return index < kvp->state.auto_keys ? &kvp->host.keys[index] : NULL;
}

static void make_machine_id(struct kvp *kvp)
{
	u8 *id = kvp->state.machine;

	if (getrandom(id, sizeof(kvp->state.machine), GRND_NONBLOCK) < 0)
		memset(id, 0x11, sizeof(kvp->state.machine));
	id[7] = (id[7] & 0x0f) | 0x40;	/* a random GUID, RFC 4122 */
	id[8] = (id[8] & 0x3f) | 0x80;
}

int kvp_host_create(struct kvp *kvp, struct loop *loop)
{
	struct kvp_host *host = &kvp->host;

	host->kvp = kvp;
	host->keys = calloc(KVP_AUTO_MAX, sizeof(*host->keys));
	host->timer = loop_timer_create(loop, poll_time, kvp);
	kvp->state.poll_ms = POLL_MS;
	make_machine_id(kvp);
	return host->keys && host->timer ? 0 : -ENOMEM;
}

void kvp_host_destroy(struct kvp *kvp)
{
	loop_timer_destroy(kvp->host.timer);
	free(kvp->host.keys);
}
