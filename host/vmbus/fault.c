// SPDX-License-Identifier: GPL-2.0-only
#include "host/vmbus/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULT_MAX	64
#define NAME_MAX_LEN	32

/* Kinds, as the places that ask understand them. */
#define KIND(kind)	(1u << FAULT_##kind)
#define LOSE		(KIND(DELAY) | KIND(DROP) | KIND(NEVER))
#define GO		(LOSE | KIND(RESCIND))	/* where a device is known that can go */
#define SPOIL \
	(KIND(PIPE) | KIND(LENGTH) | KIND(SHORT) | KIND(PAD) | KIND(FRAMEWORK) | KIND(VERSION) | \
	 KIND(TYPE) | KIND(TRANSACTION) | KIND(FLAGS) | KIND(POKE) | KIND(TWICE) | KIND(HOLD))

struct point_row {
	const char *name;
	const char *description;
	u32 kinds;
};

static const struct point_row points[] = {
	[FAULT_MSG_VERSION_RESPONSE] = { "msg.version-response", "answer to InitiateContact", LOSE },
	[FAULT_MSG_OFFER] = { "msg.offer", "a channel is offered", GO },
	[FAULT_MSG_ALL_OFFERS] = { "msg.all-offers", "AllOffersDelivered", LOSE },
	[FAULT_MSG_RESCIND] = { "msg.rescind", "a channel is rescinded", GO },
	[FAULT_MSG_OPEN_RESULT] = { "msg.open-result", "answer to OpenChannel", GO },
	[FAULT_MSG_GPADL_CREATED] = { "msg.gpadl-created", "answer to a complete GPADL", GO },
	[FAULT_MSG_GPADL_TORNDOWN] = { "msg.gpadl-torndown", "answer to GpadlTeardown", GO },
	[FAULT_MSG_MODIFY_RESPONSE] = {
		"msg.modify-response", "answer to ModifyChannel (5.3)", GO },
	[FAULT_MSG_UNLOAD_RESPONSE] = { "msg.unload-response", "answer to Unload", LOSE },
	[FAULT_MSG_TL_CONNECT_RESULT] = {
		"msg.tl-connect-result", "answer to TlConnectRequest", LOSE },
	[FAULT_RING_DRAIN] = { "ring.drain", "the host begins to read a ring", GO },
	[FAULT_RING_COMPLETE] = { "ring.complete", "a completion packet goes out", GO },
	[FAULT_RING_SEND] = { "ring.send", "a packet that is no completion goes out", GO },
	[FAULT_RING_SIGNAL] = { "ring.signal", "the guest is interrupted", GO },
	[FAULT_STOR_INIT] = { "stor.init", "a step of the storage handshake arrived", GO },
	[FAULT_STOR_SRB] = { "stor.srb", "an SRB arrived", GO },
	[FAULT_STOR_STATUS] = {
		"stor.status", "the result of an SRB is known", KIND(SRB) | KIND(SENSE) },
	[FAULT_IC_NEGOTIATE] = {
		"ic.negotiate", "a service is about to list its versions", GO | SPOIL },
	[FAULT_IC_REQUEST] = {
		"ic.request", "an integration service is about to ask", GO | SPOIL },
	[FAULT_IC_REPLY] = { "ic.reply", "the answer to an integration service arrived", GO },
	[FAULT_TIME_SYNC] = { "time.sync", "the time service is about to send a SYNC", GO },
};

_Static_assert(sizeof(points) / sizeof(points[0]) == FAULT_POINT_COUNT, "every point has its row");

struct kind_row {
	const char *name;
	bool has_value;
	bool endless;	/* fires for ever unless a count is given */
};

static const struct kind_row kinds[] = {
	[FAULT_NONE] = { .name = "none" },
	[FAULT_DELAY] = { .name = "delay", .has_value = true },
	[FAULT_DROP] = { .name = "drop" },
	[FAULT_NEVER] = { .name = "never", .endless = true },
	[FAULT_RESCIND] = { .name = "rescind" },
	[FAULT_SRB] = { .name = "srb", .has_value = true },
	[FAULT_SENSE] = { .name = "sense", .has_value = true },
	[FAULT_PIPE] = { .name = "pipe", .has_value = true },
	[FAULT_LENGTH] = { .name = "length", .has_value = true },
	[FAULT_SHORT] = { .name = "short", .has_value = true },
	[FAULT_PAD] = { .name = "pad", .has_value = true },
	[FAULT_FRAMEWORK] = { .name = "framework", .has_value = true },
	[FAULT_VERSION] = { .name = "version", .has_value = true },
	[FAULT_TYPE] = { .name = "type", .has_value = true },
	[FAULT_TRANSACTION] = { .name = "transaction", .has_value = true },
	[FAULT_FLAGS] = { .name = "flags", .has_value = true },
	[FAULT_POKE] = { .name = "poke", .has_value = true },
	[FAULT_TWICE] = { .name = "twice" },
	[FAULT_HOLD] = { .name = "hold" },
};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == FAULT_KIND_COUNT, "every kind has its row");

struct armed {
	u32 id;			/* 0: slot unused */
	enum fault_point point;
	enum fault_kind kind;
	u64 value;
	char device[NAME_MAX_LEN];	/* empty: any */
	u32 relid;		/* 0: any */
	u64 after;
	u64 count;		/* 0: no end */
	u64 hits;
	u64 fires;
};

struct fault {
	struct armed armed[FAULT_MAX];
	u32 last_id;
	u32 count;		/* slots in use */
	fault_device_cb device_exists;	/* NULL: any name is fine */
	void *opaque;
	u64 hits[FAULT_POINT_COUNT];
	u64 fires[FAULT_POINT_COUNT];
};

struct fault *fault_create(void)
{
	return calloc(1, sizeof(struct fault));
}

void fault_destroy(struct fault *fault)
{
	free(fault);
}

void fault_set_devices(struct fault *fault, fault_device_cb exists, void *opaque)
{
	fault->device_exists = exists;
	fault->opaque = opaque;
}

/* The question */

static bool matches(const struct armed *a, enum fault_point point, const struct fault_ctx *ctx)
{
	if (a->id == 0 || a->point != point)
		return false;
	if (a->relid && a->relid != ctx->relid)
		return false;
	return !a->device[0] || (ctx->device && strcmp(a->device, ctx->device) == 0);
}

static bool fires(struct armed *a)
{
	a->hits++;
	if (a->hits <= a->after || (a->count && a->fires >= a->count))
		return false;
	a->fires++;
	return true;
}

struct fault_action fault_hit(struct fault *fault, enum fault_point point,
			      const struct fault_ctx *ctx)
{
	struct fault_action action = { .kind = FAULT_NONE };
	unsigned int i;

	fault->hits[point]++;
	if (fault->count == 0)
		return action;
	for (i = 0; i < FAULT_MAX; i++) {
		struct armed *a = &fault->armed[i];

		if (!matches(a, point, ctx) || !fires(a))
			continue;
		fault->fires[point]++;
		action = (struct fault_action){ .kind = a->kind, .value = a->value };
		break;
	}
	return action;
}

/* Arming */

static int parse_number(const char *text, u64 *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return errno || *end ? -EINVAL : 0;
}

static unsigned int find_point(const char *name)
{
	unsigned int i;

	for (i = 0; i < FAULT_POINT_COUNT; i++)
		if (strcmp(points[i].name, name) == 0)
			break;
	return i;
}

/* "ic.SERVICE.POINT". Return: FAULT_POINT_COUNT when it is nothing of that kind. */
static unsigned int find_service_point(struct armed *a, const char *word)
{
	static const char *const services[] = {
		"heartbeat", "shutdown", "timesync", "kvp", "vss", "fcopy",
	};
	char name[NAME_MAX_LEN];
	unsigned int i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		size_t len = strlen(services[i]);

		if (strncmp(word, "ic.", 3) || strncmp(word + 3, services[i], len) ||
		    word[3 + len] != '.')
			continue;
		if ((size_t)snprintf(name, sizeof(name), "ic%s", word + 3 + len) >= sizeof(name))
			break;
		strcpy(a->device, services[i]);
		return find_point(name);
	}
	return FAULT_POINT_COUNT;
}

static int parse_point(struct armed *a, const char *word, struct err *err)
{
	unsigned int point = find_point(word);

	if (point == FAULT_POINT_COUNT)
		point = find_service_point(a, word);
	if (point == FAULT_POINT_COUNT)
		return err_set(err, -EINVAL, "unknown fault point '%.40s'", word);
	a->point = point;
	return 0;
}

/* Say where a kind works. */
static int wrong_point(const struct armed *a, enum fault_kind kind, struct err *err)
{
	char names[400] = "";
	unsigned int i;
	size_t len = 0;

	for (i = 0; i < FAULT_POINT_COUNT && len < sizeof(names); i++)
		if (points[i].kinds & 1u << kind)
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len ? ", " : "", points[i].name);
	return err_set(err, -EINVAL, "fault kind '%s' does nothing at '%s', only at %s",
		       kinds[kind].name, points[a->point].name, names);
}

static int parse_kind(struct armed *a, char *word, struct err *err)
{
	char *value = strchr(word, '=');
	unsigned int i;

	if (value)
		*value++ = '\0';
	for (i = FAULT_NONE + 1; i < FAULT_KIND_COUNT; i++)
		if (strcmp(kinds[i].name, word) == 0)
			break;
	if (i == FAULT_KIND_COUNT)
		return err_set(err, -EINVAL, "unknown fault kind '%.40s'", word);
	if (kinds[i].has_value != (value != NULL) || (value && parse_number(value, &a->value)))
		return err_set(err, -EINVAL, "fault kind '%s' %s", word,
			       kinds[i].has_value ? "needs a number: kind=N" : "takes no value");
	if (!(points[a->point].kinds & 1u << i))
		return wrong_point(a, i, err);
	a->kind = i;
	a->count = kinds[i].endless ? 0 : 1;
	return 0;
}

static int parse_filter(struct armed *a, char *word, struct err *err)
{
	char *value = strchr(word, '=');
	u64 number = 0;
	bool is_number;

	if (!value)
		return err_set(err, -EINVAL, "'%.40s' is not of the form name=value", word);
	*value++ = '\0';
	is_number = parse_number(value, &number) == 0;

	if (strcmp(word, "device") == 0 && *value && strlen(value) < sizeof(a->device))
		strcpy(a->device, value);
	else if (strcmp(word, "relid") == 0 && is_number && number && number <= UINT32_MAX)
		a->relid = (u32)number;
	else if (strcmp(word, "after") == 0 && is_number)
		a->after = number;
	else if (strcmp(word, "count") == 0 && is_number)
		a->count = number;
	else
		return err_set(err, -EINVAL, "bad filter '%.40s=%.40s'", word, value);
	return 0;
}

static int parse(struct armed *a, char *text, struct err *err)
{
	char *save, *word;
	int i, ret;

	for (i = 0, word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (i == 0)
			ret = parse_point(a, word, err);
		else if (i == 1)
			ret = parse_kind(a, word, err);
		else
			ret = parse_filter(a, word, err);
		if (ret)
			return ret;
		i++;
	}
	return i < 2 ? err_set(err, -EINVAL, "a fault is written: POINT KIND [FILTER...]") : 0;
}

static struct armed *free_slot(struct fault *fault)
{
	unsigned int i;

	for (i = 0; i < FAULT_MAX; i++)
		if (fault->armed[i].id == 0)
			return &fault->armed[i];
	return NULL;
}

static int parse_copy(struct armed *a, const char *text, struct err *err)
{
	char copy[160];

	if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
		return err_set(err, -EINVAL, "fault text too long");
	return parse(a, copy, err);
}

int fault_check(const char *text, struct err *err)
{
	struct armed a = { 0 };

	return parse_copy(&a, text, err);
}

int fault_arm(struct fault *fault, const char *text, u32 *id, struct err *err)
{
	struct armed *slot = free_slot(fault);
	struct armed a = { 0 };
	int ret;

	if (!slot)
		return err_set(err, -ENOSPC, "more than %d faults", FAULT_MAX);
	ret = parse_copy(&a, text, err);
	if (ret)
		return ret;
	if (a.device[0] && fault->device_exists && !fault->device_exists(fault->opaque, a.device))
		return err_set(err, -EINVAL, "there is no device '%s' to have a fault", a.device);

	a.id = ++fault->last_id;
	*slot = a;
	fault->count++;
	if (id)
		*id = a.id;
	return 0;
}

unsigned int fault_clear(struct fault *fault, u32 id)
{
	unsigned int i, cleared = 0;

	for (i = 0; i < FAULT_MAX; i++) {
		struct armed *a = &fault->armed[i];

		if (a->id == 0 || (id && a->id != id))
			continue;
		*a = (struct armed){ 0 };
		cleared++;
	}
	fault->count -= cleared;
	return cleared;
}

/* Looking */

static void describe(const struct armed *a, char *text, size_t room)
{
	int len = snprintf(text, room, "%s %s", points[a->point].name, kinds[a->kind].name);

	if (kinds[a->kind].has_value)
		len += snprintf(text + len, room - (size_t)len, "=%llu",
				(unsigned long long)a->value);
	if (a->device[0])
		len += snprintf(text + len, room - (size_t)len, " device=%s", a->device);
	if (a->relid)
		len += snprintf(text + len, room - (size_t)len, " relid=%u", a->relid);
	if (a->after)
		len += snprintf(text + len, room - (size_t)len, " after=%llu",
				(unsigned long long)a->after);
	if (a->count)
		snprintf(text + len, room - (size_t)len, " count=%llu",
			 (unsigned long long)a->count);
}

bool fault_list(const struct fault *fault, unsigned int index, struct fault_info *info)
{
	unsigned int i;

	for (i = 0; i < FAULT_MAX; i++) {
		const struct armed *a = &fault->armed[i];

		if (a->id == 0 || index-- != 0)
			continue;
		*info = (struct fault_info){
			.id = a->id, .hits = a->hits, .fires = a->fires,
			.spent = a->count && a->fires >= a->count,
		};
		describe(a, info->text, sizeof(info->text));
		return true;
	}
	return false;
}

void fault_point_info(const struct fault *fault, enum fault_point point,
		      struct fault_point_info *info)
{
	*info = (struct fault_point_info){
		.name = points[point].name,
		.description = points[point].description,
		.hits = fault->hits[point],
		.fires = fault->fires[point],
	};
}
