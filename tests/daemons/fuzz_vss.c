// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of hv_vss under any order of requests and events. vss.c is linked
 * with a freezer, hooks and a loop that are a few variables here:
 *
 *   input byte ---> request | lost | event of the freezer | end of the hooks | timer
 *
 * What must hold: a request is answered once, or dropped when a newer one came
 * or the device went; "frozen" is said only when all is, "thawed well" only if
 * it stayed so; and what begins, ends.
 */
#include "daemons/vss/vss.h"

#include <errno.h>
#include <linux/hyperv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "daemons/common/log.h"
#include "daemons/vss/lock.h"
#include "daemons/vss/recover.h"
#include "daemons/vss/work.h"
#include "tests/fuzz/fuzz.h"

static struct vss vss;
static int owed;		/* answers to the present request: 0 or 1 */
static int asked;		/* its operation */
static bool will_refuse;	/* the driver has given up on it */

/* The freezer: what is true of the file systems. */
static struct {
	bool is_alive, is_frozen, was_thawed_early, has_record;
	enum freezer_event event;
	struct freezer_shared *shared;
} model;

static bool hooks_run, hooks_well, is_recovered;
static bool promised, promise_broken;
static sd_event_io_handler_t io_handler;
static sd_event_time_handler_t timer_handler;
static bool timer_is_on;

struct log_limit work_trouble;

/* --- what is below vss.c --------------------------------------------------------------- */

void log_at(enum log_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
	require(!model.is_frozen);
}

void log_limited(struct log_limit *limit, enum log_level level, const char *fmt, ...)
{
	(void)limit;
	(void)level;
	(void)fmt;
}

static int holds;

void log_hold(void)
{
	require(!holds++);
}

void log_release(void)
{
	require(holds-- == 1);
	require(!model.is_frozen);
}

int err_set(struct err *err, int ret, const char *fmt, ...)
{
	(void)fmt;
	err->text[0] = '\0';
	return ret;
}

sd_event *service_event(struct service *service)
{
	return (sd_event *)service;
}

void service_idle(struct service *service)
{
	(void)service;
	require(!vss_is_busy(&vss));
}

void service_exit(struct service *service, int status)
{
	(void)service;
	(void)status;
	abort();
}

bool service_reply(struct service *service, const void *message, size_t length)
{
	const struct hv_vss_msg *reply = message;
	bool is_refused = will_refuse;

	(void)service;
	require(length == sizeof(*reply));
	require(owed == 1);
	owed = 0;
	if (asked == VSS_OP_FREEZE && reply->error == HV_S_OK) {
		require(model.is_frozen && !model.was_thawed_early);
		promised = true;
		promise_broken = false;
	}
	if ((asked == VSS_OP_THAW || asked == VSS_OP_BU_COMPLETE) && reply->error == HV_S_OK) {
		require(!model.is_frozen);
		require(!promised || !promise_broken);
	}
	if (asked == VSS_OP_THAW || asked == VSS_OP_BU_COMPLETE)
		promised = false;
	will_refuse = false;
	if (is_refused)
		promised = false;
	return !is_refused;
}

int sd_event_add_io(sd_event *event, sd_event_source **source, int fd, uint32_t events,
		    sd_event_io_handler_t handler, void *context)
{
	(void)event;
	(void)fd;
	(void)events;
	require(context == &vss && !*source);
	io_handler = handler;
	*source = (sd_event_source *)&io_handler;
	return 0;
}

int sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
			       uint64_t us, uint64_t accuracy, sd_event_time_handler_t handler,
			       void *context)
{
	(void)event;
	(void)clock;
	(void)us;
	(void)accuracy;
	(void)context;
	timer_handler = handler;
	*source = (sd_event_source *)&timer_handler;
	return 0;
}

sd_event_source *sd_event_source_disable_unref(sd_event_source *source)
{
	if (source == (sd_event_source *)&io_handler)
		io_handler = NULL;
	return NULL;
}

int sd_event_source_set_time_relative(sd_event_source *source, uint64_t us)
{
	require(source == (sd_event_source *)&timer_handler && us);
	return 0;
}

int sd_event_source_set_enabled(sd_event_source *source, int enabled)
{
	require(source == (sd_event_source *)&timer_handler);
	timer_is_on = enabled != SD_EVENT_OFF;
	return 0;
}

void policy_init(struct policy *policy)
{
	*policy = (struct policy) { .sync_s = 1, .frozen_s = 1, .hook_s = 1, .hooks_s = 1 };
}

void policy_free(struct policy *policy)
{
	(void)policy;
}

int work_read_policy(struct vss *context, struct err *err)
{
	(void)err;
	policy_init(&context->policy);
	return 0;
}

int work_check(struct vss *context, struct err *err)
{
	(void)context;
	(void)err;
	require(!model.is_frozen);
	return 0;
}

int recover_thaw(const char *record, const char *mountinfo, const struct freezer_calls *calls,
		 unsigned int limit_ms, struct err *err)
{
	(void)record;
	(void)mountinfo;
	(void)calls;
	(void)err;
	require(!model.is_alive && !model.is_frozen && !limit_ms);
	if (is_recovered)
		model.has_record = false;
	return is_recovered ? 0 : -EBUSY;
}

int work_open(struct vss *context, struct freezer_setup *setup, struct err *err)
{
	(void)context;
	(void)err;
	require(!model.has_record);
	setup->count = 1;
	return 0;
}

void work_close(struct freezer_setup *setup, bool is_ours)
{
	(void)setup;
	(void)is_ours;
}

void work_forget(struct vss *context)
{
	(void)context;
	require(!model.is_frozen);
}

void work_forget_record(struct vss *context)
{
	(void)context;
	model.has_record = false;
}

const char *work_point(const struct vss *context, size_t part)
{
	(void)context;
	(void)part;
	return NULL;
}

void work_freeze_error(const struct vss *context, size_t part, int error, struct err *err)
{
	(void)context;
	(void)part;
	(void)error;
	err->text[0] = '\0';
}

static bool is_in_reclaim;

void lock_reclaim(bool is_on)
{
	require(is_on != is_in_reclaim);
	is_in_reclaim = is_on;
}

static bool hooks_are_open;

void work_note_hooks(const struct vss *context, bool are_open)
{
	(void)context;
	require(!model.is_frozen);
	hooks_are_open = are_open;
}

bool work_hooks_are_open(const struct vss *context)
{
	(void)context;
	return hooks_are_open;
}

static bool promise_is_noted;

void work_note_promise(const struct vss *context, bool is_given)
{
	(void)context;
	require(!model.is_frozen);
	promise_is_noted = is_given;
}

bool work_promise_is_given(const struct vss *context)
{
	(void)context;
	return promise_is_noted;
}

int work_hooks(struct vss *context, const char *folder, const char *argument, struct err *err)
{
	(void)argument;
	(void)err;
	(void)folder;
	require(!hooks_run && !model.is_frozen);
	hooks_run = true;
	context->hooks.pid = 1;
	if (!context->is_stopping)
		sd_event_add_io(NULL, &context->io, 0, 0, work_on_hooks, context);
	return 0;
}

enum hooks_report hooks_report(struct hooks *hooks, struct err *err)
{
	(void)hooks;
	(void)err;
	return HOOKS_ENDED;
}

bool hooks_finish(struct hooks *hooks)
{
	hooks->pid = 0;
	hooks_run = false;
	return hooks_well;
}

int freezer_start(struct freezer *freezer, const struct freezer_setup *setup, struct err *err)
{
	(void)err;
	require(!model.is_alive && holds == 1 && setup->limit_ms);
	*freezer = (struct freezer) { .pid = -1, .socket = -1 };
	freezer->shared = calloc(1, sizeof(*freezer->shared) + 8);
	require(freezer->shared);
	model.shared = freezer->shared;
	model.is_alive = true;
	model.has_record = true;
	model.was_thawed_early = false;
	return 0;
}

enum freezer_event freezer_event(struct freezer *freezer)
{
	(void)freezer;
	return model.event;
}

void freezer_thaw(struct freezer *freezer)
{
	require(model.is_alive && freezer->shared == model.shared);
	atomic_store(&freezer->shared->cancelled, 1);
}

bool freezer_rescue(struct freezer *freezer, bool is_dead)
{
	/* One that hangs does not let go. */
	if (!is_dead && atomic_load(&freezer->shared->was_thawed))
		return false;
	model.is_frozen = false;
	return true;
}

size_t freezer_stuck_at(const struct freezer *freezer)
{
	(void)freezer;
	return 0;
}

void freezer_finish(struct freezer *freezer)
{
	require(!model.is_alive && !model.is_frozen);
	free(freezer->shared);
	*freezer = (struct freezer) { .socket = -1 };
}

/* kill(2) of the freezer. */
int kill(pid_t pid, int signal)
{
	(void)pid;
	(void)signal;
	return 0;
}

/* --- the driver --------------------------------------------------------------------------- */

static void send_request(int operation, bool refuses)
{
	const struct hv_vss_msg message = { .vss_hdr.operation = (unsigned char)operation };

	if (owed) {
		owed = 0;
		vss_lost(&vss);
	}
	owed = 1;
	asked = operation;
	/* What the host was told before is of no use to it any more. */
	if (operation == VSS_OP_FREEZE)
		promised = false;
	will_refuse = refuses;
	vss_request(&vss, &message, sizeof(message));
}

static void lose(void)
{
	owed = 0;
	vss_lost(&vss);
}

static void freezer_says(enum freezer_event event)
{
	model.event = event;
	if (event == FREEZER_ENDED || event == FREEZER_DIED)
		model.is_alive = false;
	io_handler(NULL, 0, 0, &vss);
}

/* What a freezer can do next, chosen by @choice. */
static void freezer_steps(u8 choice)
{
	struct freezer_shared *shared = model.shared;
	bool is_asked = atomic_load(&shared->cancelled);

	if (choice & 1 && !model.is_frozen && (!is_asked || choice & 32)) {
		/* Also when it has not seen yet that it is asked to thaw. */
		freezer_says(FREEZER_STARTS);
		if (choice & 2) {
			model.is_frozen = true;
			freezer_says(FREEZER_HOLDS);
		}
	} else if (choice & 4) {
		/* Killed. */
		promise_broken = true;
		model.was_thawed_early = true;
		freezer_says(FREEZER_DIED);
	} else if (model.is_frozen && choice & 8) {
		/* Its limit, or somebody else thawed. */
		promise_broken = promise_broken || !is_asked || choice & 16;
		model.is_frozen = false;
		atomic_store(&shared->was_thawed, !!(choice & 16));
		atomic_store(&shared->end, is_asked ? FREEZER_ON_REQUEST : FREEZER_EARLY);
		freezer_says(FREEZER_ENDED);
	} else if (is_asked) {
		atomic_store(&shared->end, model.is_frozen ? FREEZER_ON_REQUEST : FREEZER_EARLY);
		model.is_frozen = false;
		freezer_says(FREEZER_ENDED);
	} else if (!model.is_frozen) {
		atomic_store(&shared->end, choice & 16 ? FREEZER_FAILED : FREEZER_NO_RECORD);
		freezer_says(FREEZER_ENDED);
	}
}

/* One thing that can happen now. */
static void step(struct input *in)
{
	static const int operations[] = { VSS_OP_FREEZE, VSS_OP_THAW, VSS_OP_HOT_BACKUP,
					  VSS_OP_BU_COMPLETE, VSS_OP_AUTO_RECOVER, VSS_OP_FREEZE };
	u8 what = input_u8(in), choice = input_u8(in);

	switch (what % 8) {
	case 0:
	case 1:
		send_request(operations[choice % 6], choice & 128);
		break;
	case 2:
		/* The daemon's limit breaks the promise, too. */
		if (timer_is_on) {
			timer_is_on = false;
			promise_broken = promise_broken || vss.state == VSS_FROZEN;
			timer_handler(NULL, 0, &vss);
		}
		break;
	case 3:
		promise_broken = promise_broken || vss.state == VSS_FROZEN;
		lose();
		break;
	case 4:
	case 5:
		hooks_well = choice & 1;
		is_recovered = !(choice & 2);
		if (hooks_run)
			io_handler(NULL, 0, 0, &vss);
		break;
	default:
		if (model.is_alive)
			freezer_steps(choice);
	}
}

static void settle(void)
{
	unsigned int rounds;

	for (rounds = 0; rounds < 8 && vss.state != VSS_IDLE; rounds++) {
		hooks_well = is_recovered = true;
		if (hooks_run)
			io_handler(NULL, 0, 0, &vss);
		else if (model.is_alive && vss.state == VSS_FROZEN)
			send_request(VSS_OP_THAW, false);
		else if (model.is_alive)
			freezer_steps(atomic_load(&model.shared->cancelled) ? 0 : 3);
	}
	require(vss.state == VSS_IDLE);
	require(!owed && !holds && !hooks_run && !model.is_alive && !model.is_frozen);
	require(!timer_is_on && !io_handler && !hooks_are_open && !is_in_reclaim);
	/* For the next start: what this one would say by itself. */
	require(promise_is_noted == vss.is_promised);
	require(promise_is_noted || !promised);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct err err;

	memset(&model, 0, sizeof(model));
	vss = (struct vss) { .second_ms = 1 };
	owed = 0;
	is_recovered = true;
	/* One start in sixteen is after a kill, one in eight of those while frozen. */
	hooks_are_open = size && data[size - 1] > 240;
	promise_is_noted = size && data[size - 1] > 253;
	promised = promise_broken = promise_is_noted;
	require(!vss_start(&vss, (struct service *)&vss, &err));
	while (in.left)
		step(&in);
	settle();
	return 0;
}
