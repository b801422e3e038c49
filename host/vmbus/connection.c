// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection to the guest.
 *
 *	             InitiateContact, version known
 *	DISCONNECTED -----------------------------> CONTACTED
 *	     ^   ^ InitiateContact, unknown: answered "not supported", stays
 *	     |                                          |
 *	     |                                          | RequestOffers: offers, AllOffersDelivered
 *	     | every channel idle:                      v
 *	     | UnloadResponse                        RUNNING
 *	     |                                          |
 *	     +------------- UNLOADING <-----------------+ Unload (also from CONTACTED)
 *	                        |
 *	                        +--> CONTACTED, when InitiateContact came instead
 *
 * A crash kernel starts on a connection that nobody unloaded: InitiateContact
 * is legal in every state and means that the old guest is gone. Either way the
 * old connection's channels are closed first, and nothing is answered before
 * the last transaction has ended, because the answer gives the guest all its
 * memory back.
 *
 * Where the guest posts: connection 4 for the first contact from 5.0 on,
 * connection 1 before. From 5.0 on the answer names another connection and
 * everything but a new InitiateContact goes there. A host that knows only
 * versions before 5.0 has no connection 4.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/hyperv/hypercall.h"
#include "host/hyperv/synic.h"
#include "host/machine/loop.h"
#include "host/machine/memory.h"
#include "host/vmbus/state.h"
#include "protocol/synic.h"
#include "protocol/version.h"

#define WATCH_NS	1000000000u

/* Versions */

static bool version_known(const struct vmbus *vmbus, u32 version)
{
	u32 cap = vmbus->config.version_cap;

	if (!hvp_version_supported(version))
		return false;
	if (cap && vmbus->config.version_exact)
		return version == cap;
	return cap == 0 || version <= cap;
}

bool connection_knows_4(const struct vmbus *vmbus)
{
	u32 cap = vmbus->config.version_cap;

	return cap == 0 || hvp_version_has(cap, HVP_FEATURE_MESSAGE_SINT);
}

int vmbus_parse_version(const char *text, u32 *version)
{
	unsigned int major, minor;
	char rest;

	if (sscanf(text, "%u.%u%c", &major, &minor, &rest) != 2 || major > 0xffff || minor > 0xffff)
		return -EINVAL;
	if (!hvp_version_supported(HVP_VERSION(major, minor)))
		return -EINVAL;
	*version = HVP_VERSION(major, minor);
	return 0;
}

/* Leaving a connection */

static bool all_idle(struct vmbus *vmbus)
{
	struct vmbus_channel *ch = NULL;

	while ((ch = vmbus_channel_next(vmbus, ch)))
		if (!channel_idle(ch))
			return false;
	return true;
}

static void shut_all(struct vmbus *vmbus)
{
	struct vmbus_channel *ch = NULL;

	while ((ch = vmbus_channel_next(vmbus, ch)))
		channel_shut(ch);
}

static void accept_contact(struct vmbus *vmbus);

/* The old guest is gone, or has let go of everything. */
static void disconnect(struct vmbus *vmbus)
{
	offer_forget_all(vmbus);
	message_cancel(vmbus);
	if (vmbus->message_conn == CONN_MESSAGE_NEW)
		hypercall_close_message(vmbus->config.hypercall, CONN_MESSAGE_NEW);
	vmbus->message_conn = 0;
	vmbus->state = VMBUS_DISCONNECTED;
	vmbus->version = 0;
}

static void answer_unload(struct vmbus *vmbus)
{
	struct hvp_chanmsg_header answer = { .type = HVP_CM_UNLOAD_RESPONSE };

	vmbus->unload_due = false;
	vmbus->unloaded = true;
	message_send(vmbus, FAULT_MSG_UNLOAD_RESPONSE, NULL, &answer, sizeof(answer));
	if (vmbus->config.events && vmbus->config.events->unloaded)
		vmbus->config.events->unloaded(vmbus->config.opaque);
}

/* Every channel is idle: finish what the guest asked for. */
static void settle(struct vmbus *vmbus)
{
	if (vmbus->state != VMBUS_DISCONNECTED)
		disconnect(vmbus);
	if (vmbus->unload_due)
		answer_unload(vmbus);
	if (vmbus->contact_due) {
		vmbus->contact_due = false;
		accept_contact(vmbus);
	}
}

static void settle_later(void *opaque)
{
	struct vmbus *vmbus = opaque;

	vmbus->settle_deferred = false;
	if (vmbus->state == VMBUS_UNLOADING && all_idle(vmbus))
		settle(vmbus);
}

void connection_settle_soon(struct vmbus *vmbus)
{
	if (vmbus->state != VMBUS_UNLOADING || vmbus->settle_deferred)
		return;
	vmbus->settle_deferred = loop_defer(vmbus->config.loop, settle_later, vmbus) == 0;
}

static void leave(struct vmbus *vmbus, const char *when)
{
	if (vmbus->state == VMBUS_CONTACTED || vmbus->state == VMBUS_RUNNING) {
		leaks_check(vmbus, when);
		vmbus->state = VMBUS_UNLOADING;
		shut_all(vmbus);
	}
	if (vmbus->state != VMBUS_UNLOADING || all_idle(vmbus))
		settle(vmbus);
}

void connection_unload(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	(void)msg;
	(void)len;
	vmbus->unload_due = true;
	leave(vmbus, "Unload");
}

/* Contact */

static bool page_ok(const struct vmbus *vmbus, u64 gpa)
{
	return !(gpa & HVP_PAGE_MASK) && gmem_map_raw(vmbus->config.gmem, gpa, HVP_PAGE_SIZE);
}

/* Nobody here uses the pages, but a host may: both are there and apart, or none is. */
static void check_monitor_pages(struct vmbus *vmbus, u64 to_host, u64 to_guest)
{
	if (!to_host && !to_guest)
		return;
	if (!to_host || !to_guest || to_host == to_guest || !page_ok(vmbus, to_host) ||
	    !page_ok(vmbus, to_guest))
		checker_report(vmbus->checker, RULE_CONTACT_FIELDS, 0,
			       "monitor pages 0x%llx and 0x%llx", (unsigned long long)to_host,
			       (unsigned long long)to_guest);
}

static void check_contact(struct vmbus *vmbus, const struct hvp_initiate_contact *c)
{
	struct checker *checker = vmbus->checker;

	check_monitor_pages(vmbus, c->monitor_page_to_host, c->monitor_page_to_guest);
	if (c->target_vp >= vmbus->config.cpus)
		checker_report(checker, RULE_CONTACT_FIELDS, 0, "target VP %u of %u", c->target_vp,
			       vmbus->config.cpus);
	if (!hvp_version_has(c->version, HVP_FEATURE_MESSAGE_SINT))
		return;
	if (c->target.sint >= HVP_SINT_COUNT)
		checker_report(checker, RULE_CONTACT_FIELDS, 0, "SINT %u", c->target.sint);
	if (c->target.vtl != 0)
		checker_report(checker, RULE_CONTACT_FIELDS, 0, "VTL %u", c->target.vtl);
}

/* Where this guest wants its messages, as far as that makes sense. */
static void choose_target(struct vmbus *vmbus, const struct hvp_initiate_contact *c)
{
	vmbus->message_vp = 0;
	vmbus->message_sint = HVP_SINT_VMBUS;
	if (c->version >= HVP_V3_0 && c->target_vp < vmbus->config.cpus)
		vmbus->message_vp = c->target_vp;
	if (c->version >= HVP_V5_0 && c->target.sint < HVP_SINT_COUNT)
		vmbus->message_sint = c->target.sint;
}

static bool agree(struct vmbus *vmbus, u32 version)
{
	if (!version_known(vmbus, version))
		return false;
	vmbus->message_conn = HVP_CONN_MESSAGE_OLD;
	if (!hvp_version_has(version, HVP_FEATURE_MESSAGE_SINT))
		return true;
	if (hypercall_open_message(vmbus->config.hypercall, CONN_MESSAGE_NEW))
		return false;
	vmbus->message_conn = CONN_MESSAGE_NEW;
	return true;
}

static void accept_contact(struct vmbus *vmbus)
{
	const struct hvp_initiate_contact *c = &vmbus->contact;
	struct hvp_version_response answer = { .h.type = HVP_CM_VERSION_RESPONSE };

	choose_target(vmbus, c);
	if (agree(vmbus, c->version)) {
		access_init(vmbus);
		vmbus->state = VMBUS_CONTACTED;
		vmbus->unloaded = false;
		vmbus->version = c->version;
		vmbus->stats.contacts++;
		answer.supported = 1;
		if (vmbus->message_conn == CONN_MESSAGE_NEW)
			answer.message_connection = vmbus->message_conn;
	} else {
		vmbus->stats.contacts_refused++;
	}
	message_send(vmbus, FAULT_MSG_VERSION_RESPONSE, NULL, &answer, sizeof(answer));
	if (answer.supported && vmbus->config.events && vmbus->config.events->connected)
		vmbus->config.events->connected(vmbus->config.opaque, vmbus->version);
}

void connection_contact(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	(void)len;
	check_contact(vmbus, &msg->contact);
	vmbus->contact = msg->contact;
	vmbus->contact_due = true;
	leave(vmbus, "new contact");
}

void connection_request_offers(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	struct hvp_chanmsg_header answer = { .type = HVP_CM_ALL_OFFERS_DELIVERED };

	(void)msg;
	(void)len;
	if (vmbus->state == VMBUS_RUNNING) {
		checker_report(vmbus->checker, RULE_OFFERS_AGAIN, 0, "RequestOffers");
		return;
	}
	vmbus->state = VMBUS_RUNNING;
	offer_deliver_all(vmbus);
	message_send(vmbus, FAULT_MSG_ALL_OFFERS, NULL, &answer, sizeof(answer));
}

/* Time */

u64 connection_guest_ns(const struct vmbus *vmbus)
{
	u64 now = vmbus->pause_start_ns ? vmbus->pause_start_ns : loop_now_ns();

	return now - vmbus->paused_ns;
}

bool connection_old(const struct vmbus *vmbus, u64 since_ns, u64 age_ns)
{
	double scale = vmbus->config.time_scale ? vmbus->config.time_scale : 1;

	return connection_guest_ns(vmbus) - since_ns > (u64)((double)age_ns * scale);
}

void vmbus_set_paused(struct vmbus *vmbus, bool paused)
{
	if (paused == (vmbus->pause_start_ns != 0))
		return;
	if (!paused)
		vmbus->paused_ns += loop_now_ns() - vmbus->pause_start_ns;
	vmbus->pause_start_ns = paused ? loop_now_ns() : 0;
}

/* The slow clock: what no event tells. */
static void watch(void *opaque)
{
	struct vmbus *vmbus = opaque;
	struct vmbus_channel *ch = NULL;

	while (!vmbus->pause_start_ns && (ch = vmbus_channel_next(vmbus, ch))) {
		channel_watch(ch);
		offer_watch(ch);
	}
	loop_timer_arm(vmbus->watch_timer, WATCH_NS);
}

/* Life of the bus */

static void note_violation(void *opaque, const struct checker_violation *v)
{
	struct vmbus *vmbus = opaque;
	const struct checker_rule_info *info = checker_rule_info(v->rule);

	trace_note(vmbus->trace, "%s %s relid=%u %s", info->id, info->name, v->relid, v->text);
}

static int build(struct vmbus *vmbus)
{
	int ret;

	vmbus->checker = checker_create();
	vmbus->fault = fault_create();
	vmbus->trace = trace_create(vmbus->config.trace_records);
	vmbus->watch_timer = loop_timer_create(vmbus->config.loop, watch, vmbus);
	if (!vmbus->checker || !vmbus->fault || !vmbus->trace || !vmbus->watch_timer)
		return -ENOMEM;
	checker_set_hook(vmbus->checker, note_violation, vmbus);

	ret = message_init(vmbus);
	if (ret)
		return ret;
	ret = hypercall_open_message(vmbus->config.hypercall, HVP_CONN_MESSAGE_OLD);
	if (!ret && connection_knows_4(vmbus))
		ret = hypercall_open_message(vmbus->config.hypercall, HVP_CONN_MESSAGE);
	return ret;
}

int vmbus_create(struct vmbus **out, const struct vmbus_config *config, struct err *err)
{
	struct vmbus *vmbus;
	int ret;

	if (config->version_cap && !hvp_version_supported(config->version_cap))
		return err_set(err, -EINVAL, "VMBus version %u.%u is not one this host speaks",
			       hvp_version_major(config->version_cap),
			       hvp_version_minor(config->version_cap));
	vmbus = calloc(1, sizeof(*vmbus));
	if (!vmbus)
		return err_set(err, -ENOMEM, "out of memory");
	vmbus->config = *config;
	vmbus->next_relid = 1;
	vmbus->message_sint = HVP_SINT_VMBUS;
	TAILQ_INIT(&vmbus->devices);
	TAILQ_INIT(&vmbus->waiting);
	TAILQ_INIT(&vmbus->delayed);

	ret = build(vmbus);
	if (ret) {
		vmbus_destroy(vmbus);
		return err_set(err, ret, "cannot set up VMBus");
	}
	hypercall_set_ops(config->hypercall, &receive_ops, vmbus);
	loop_timer_arm(vmbus->watch_timer, WATCH_NS);
	*out = vmbus;
	return 0;
}

void vmbus_destroy(struct vmbus *vmbus)
{
	struct vmbus_device *device;

	if (!vmbus)
		return;
	vmbus->finished = true;
	while ((device = TAILQ_FIRST(&vmbus->devices)))
		vmbus_device_destroy(device);
	access_exit(vmbus);
	message_exit(vmbus);
	loop_timer_destroy(vmbus->watch_timer);
	loop_forget(vmbus->config.loop, vmbus);
	trace_destroy(vmbus->trace);
	fault_destroy(vmbus->fault);
	checker_destroy(vmbus->checker);
	free(vmbus);
}

unsigned int vmbus_finish(struct vmbus *vmbus)
{
	if (!vmbus->finished) {
		vmbus->finished = true;
		loop_timer_cancel(vmbus->watch_timer);
		leaks_check(vmbus, "the end of the run");
	}
	return checker_rules_broken(vmbus->checker);
}

/* Looking */

enum vmbus_state vmbus_state(const struct vmbus *vmbus)
{
	return vmbus->state;
}

u32 vmbus_version(const struct vmbus *vmbus)
{
	return vmbus->version;
}

const char *vmbus_state_name(enum vmbus_state state)
{
	static const char *const names[] = {
		[VMBUS_DISCONNECTED] = "disconnected",
		[VMBUS_CONTACTED] = "contacted",
		[VMBUS_RUNNING] = "running",
		[VMBUS_UNLOADING] = "unloading",
	};

	return names[state];
}

struct checker *vmbus_checker(struct vmbus *vmbus)
{
	return vmbus->checker;
}

struct fault *vmbus_fault(struct vmbus *vmbus)
{
	return vmbus->fault;
}

struct trace *vmbus_trace(struct vmbus *vmbus)
{
	return vmbus->trace;
}

const struct vmbus_stats *vmbus_stats(const struct vmbus *vmbus)
{
	return &vmbus->stats;
}

struct loop *vmbus_loop(struct vmbus *vmbus)
{
	return vmbus->config.loop;
}

u32 vmbus_cpus(const struct vmbus *vmbus)
{
	return vmbus->config.cpus;
}
