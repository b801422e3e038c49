// SPDX-License-Identifier: GPL-2.0-only
/*
 *          FREEZE              hooks ended            all frozen: S_OK
 *   IDLE ----------> PREPARING -----------> FREEZING -----------------> FROZEN
 *    ^                  |                      | failed, too slow,        | THAW: answered when thawed
 *    |                  | failed, lost         | lost                     | too long, lost, freezer died
 *    |                  |                      v                          |
 *    |                  |                   THAWING <---------------------+
 *    |                  v                      | nothing is frozen
 *    +-------------- RESUMING <----------------+
 *      hooks ended             FREEZE: E_FAIL, THAW: S_OK if all stayed frozen
 *
 * "Lost" is a device that is gone or a driver that gave up waiting. A FREEZE
 * during THAWING or RESUMING waits for IDLE. From FREEZING to the end of
 * THAWING the log is held in memory, and nothing is allocated or opened: a device
 * that is gone is opened anew when that is over, or when a call hangs for good.
 */
#include "daemons/vss/vss.h"

#include <errno.h>
#include <linux/hyperv.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemons/common/log.h"
#include "daemons/vss/lock.h"
#include "daemons/vss/recover.h"
#include "daemons/vss/work.h"

#define THAW_HELP_S	2	/* after each of these, the daemon looks whether it must help */
#define THAW_HELPS	10	/* so often, before a THAW is answered while a call hangs */
#define FREEZER_GRACE_S	2	/* the freezer's own limit comes after the daemon's */
#define STOP_STEPS	5
#define HOOKS_GRACE_S	5	/* the runner's own limits come before the daemon's */

static void begin(struct vss *vss);

static void arm(struct vss *vss, unsigned int seconds)
{
	sd_event_source_set_time_relative(vss->timer, (uint64_t)seconds * vss->second_ms * 1000);
	sd_event_source_set_enabled(vss->timer, SD_EVENT_ONESHOT);
}

static void answer(struct vss *vss, const struct hv_vss_msg *message, uint32_t status)
{
	struct hv_vss_msg reply = *message;

	reply.error = (int)status;
	service_reply(vss->service, &reply, sizeof(reply));
}

/* The answer to the FREEZE or THAW that is waited for, if one is. */
static bool answer_asked(struct vss *vss, bool is_well)
{
	struct hv_vss_msg reply = { .error = (int)(is_well ? HV_S_OK : HV_E_FAIL) };
	bool is_asked = vss->asked != VSS_NOTHING;

	vss->asked = VSS_NOTHING;
	return is_asked && service_reply(vss->service, &reply, sizeof(reply));
}

static void fail(struct vss *vss, const struct err *err)
{
	/* The first reason is the cause. */
	if (!vss->is_failed)
		vss->why = *err;
	vss->is_failed = true;
}

/* The host knows how its freeze went, or never heard that there was one. */
static void settle(struct vss *vss)
{
	vss->is_promised = false;
	work_note_promise(vss, false);
}

/* The runner has limits of its own, but waits for a hook that cannot be killed. */
static int start_hooks(struct vss *vss, const char *folder, const char *argument, struct err *err)
{
	int ret = work_hooks(vss, folder, argument, err);

	if (!ret)
		arm(vss, vss->policy.hooks_s + HOOKS_GRACE_S);
	return ret;
}

/* --- after the thaw --------------------------------------------------------- */

static void become_idle(struct vss *vss)
{
	vss->state = VSS_IDLE;
	work_note_hooks(vss, false);
	if (vss->is_next) {
		vss->is_next = false;
		vss->asked = VSS_FREEZE;
		begin(vss);
	}
}

static void resume(struct vss *vss)
{
	struct err err = { "" };

	if (vss->is_failed)
		log_err("no backup: %s", vss->why.text);
	vss->state = VSS_RESUMING;
	if (start_hooks(vss, HOOKS_POST_THAW, vss->is_failed ? "abort" : "thaw", &err)) {
		log_err("%s", err.text);
		become_idle(vss);
	}
}

static void say_what_was_frozen(const struct vss *vss, uint64_t frozen_ns)
{
	if (vss->is_promised)
		log_info("%zu file systems were frozen for %llu ms", vss->count,
			 (unsigned long long)frozen_ns / 1000000);
}

/* Nothing is frozen any more, as far as can be known. */
static void thawed(struct vss *vss, bool is_clean)
{
	uint64_t frozen_ns = vss->freezer.shared->frozen_ns;
	bool is_told = false;

	sd_event_source_set_enabled(vss->timer, SD_EVENT_OFF);
	vss->io = sd_event_source_disable_unref(vss->io);
	if (!is_clean)
		vss->is_broken = true;
	if (vss->asked == VSS_THAW)
		is_told = answer_asked(vss, !vss->is_broken);
	else
		answer_asked(vss, false);
	freezer_finish(&vss->freezer);
	lock_reclaim(false);
	log_release();
	say_what_was_frozen(vss, frozen_ns);
	work_forget(vss);
	if (is_told || !vss->is_promised)
		settle(vss);
	resume(vss);
	if (!vss->is_stopping)
		service_idle(vss->service);
}

/* --- freeze and thaw --------------------------------------------------------- */

static void thaw(struct vss *vss)
{
	if (vss->state == VSS_THAWING)
		return;
	vss->state = VSS_THAWING;
	freezer_thaw(&vss->freezer);
	arm(vss, THAW_HELP_S);
}

static void break_off(struct vss *vss, const struct err *err)
{
	fail(vss, err);
	vss->is_broken = true;
	thaw(vss);
}

static void judge_end(struct vss *vss)
{
	const struct freezer_shared *shared = vss->freezer.shared;
	struct err err = { "" };

	switch (atomic_load(&shared->end)) {
	case FREEZER_FAILED:
		work_freeze_error(vss, shared->failed, shared->error, &err);
		fail(vss, &err);
		break;
	case FREEZER_NO_RECORD:
		err_set(&err, -EIO, "cannot write %.200s, without which nothing is frozen",
			vss->record_path);
		fail(vss, &err);
		break;
	case FREEZER_EARLY:
		if (vss->state != VSS_THAWING) {
			err_set(&err, -ETIMEDOUT, "the freezer reached its limit by itself");
			fail(vss, &err);
		}
		vss->is_broken = true;
		break;
	}
	if (atomic_load(&shared->was_thawed)) {
		err_set(&err, -EINVAL, "another program thawed a file system during the backup");
		fail(vss, &err);
		vss->is_broken = true;
	}
}

static void ended(struct vss *vss, bool is_dead)
{
	struct err err = { "" };
	bool is_clean = !is_dead && !atomic_load(&vss->freezer.shared->thaw_error);

	judge_end(vss);
	if (is_dead) {
		err_set(&err, -ECHILD, "the freezer was killed");
		fail(vss, &err);
	}
	if (!is_clean && !freezer_rescue(&vss->freezer, true)) {
		int error = atomic_load(&vss->freezer.shared->thaw_error);

		log_err("a file system stays frozen, because its thaw failed: %s",
			strerror(-error));
	} else if (!is_clean) {
		work_forget_record(vss);
	}
	thawed(vss, is_clean);
}

static void frozen(struct vss *vss)
{
	/* Somebody has asked for the thaw meanwhile. */
	if (vss->state != VSS_FREEZING)
		return;
	vss->state = VSS_FROZEN;
	vss->is_promised = true;
	if (!answer_asked(vss, true))
		vss_lost(vss);
}

static int on_freezer(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct vss *vss = context;

	(void)source;
	(void)fd;
	(void)events;
	switch (freezer_event(&vss->freezer)) {
	case FREEZER_NOTHING:
		break;
	case FREEZER_STARTS:
		vss->is_started = true;
		if (vss->state == VSS_FREEZING)
			arm(vss, vss->policy.frozen_s);
		break;
	case FREEZER_HOLDS:
		frozen(vss);
		break;
	case FREEZER_ENDED:
		ended(vss, false);
		break;
	case FREEZER_DIED:
		ended(vss, true);
		break;
	}
	return 0;
}

/* The freezer has not come back from freezer_thaw(). */
static void help(struct vss *vss)
{
	bool is_spare = freezer_rescue(&vss->freezer, false);
	bool is_ending = is_spare && !vss->helps;

	/*
	 * Inside no call that freezes: stopped by somebody, or it writes back. Its
	 * end is an event, and comes at once, unless the disk holds it.
	 */
	if (is_spare)
		kill(vss->freezer.pid, SIGKILL);
	arm(vss, THAW_HELP_S);
	/* A slow disk makes a slow thaw. */
	if (++vss->helps < THAW_HELPS && (vss->asked == VSS_THAW || is_ending))
		return;
	vss->is_stuck = true;
	vss->is_broken = true;
	if (vss->is_next)
		vss->asked = VSS_FREEZE;
	vss->is_next = false;
	answer_asked(vss, false);
	if (!vss->is_stopping && !vss_is_busy(vss))
		service_idle(vss->service);
}

static void too_slow(struct vss *vss)
{
	const char *point = work_point(vss, freezer_stuck_at(&vss->freezer));
	struct err err = { "" };

	if (vss->state == VSS_FROZEN)
		err_set(&err, -ETIMEDOUT, "the host did not ask for the thaw within %u s",
			vss->policy.frozen_s);
	else if (vss->is_started)
		err_set(&err, -ETIMEDOUT, "freezing took longer than %u s%s%.160s",
			vss->policy.frozen_s, point ? "; it hangs at " : "", point ? point : "");
	else
		err_set(&err, -ETIMEDOUT, "writing back took longer than %u s", vss->policy.sync_s);
	break_off(vss, &err);
}

static void freeze(struct vss *vss)
{
	struct freezer_setup setup = {
		.calls = vss->calls,
		.strict = vss->policy.strict,
		.limit_ms = (vss->policy.frozen_s + FREEZER_GRACE_S) * vss->second_ms,
		.record = vss->record_path,
	};
	struct err err = { "" };
	/* There is one record: what the last one tells of must be over. The start has waited for that. */
	int ret = recover_thaw(vss->record_path, vss->mountinfo, vss->calls, 0, &err);

	if (!ret)
		ret = work_open(vss, &setup, &err);
	if (!ret) {
		arm(vss, vss->policy.sync_s);
		work_note_promise(vss, true);
		log_hold();
		lock_reclaim(true);
		ret = freezer_start(&vss->freezer, &setup, &err);
		if (ret) {
			lock_reclaim(false);
			log_release();
		} else if (sd_event_add_io(service_event(vss->service), &vss->io,
					 vss->freezer.socket, EPOLLIN, on_freezer, vss) < 0) {
			service_exit(vss->service, 1);
		}
	}
	work_close(&setup, ret != 0);
	if (!ret) {
		vss->state = VSS_FREEZING;
		return;
	}
	sd_event_source_set_enabled(vss->timer, SD_EVENT_OFF);
	work_forget(vss);
	settle(vss);
	fail(vss, &err);
	answer_asked(vss, false);
	resume(vss);
}

/* --- hooks ------------------------------------------------------------------- */

static void hooks_ended(struct vss *vss)
{
	bool is_well = hooks_finish(&vss->hooks);
	struct err err = { "" };

	sd_event_source_set_enabled(vss->timer, SD_EVENT_OFF);
	vss->io = sd_event_source_disable_unref(vss->io);
	if (vss->state == VSS_RESUMING) {
		become_idle(vss);
		return;
	}
	if (!is_well && !vss->policy.ignore_hooks) {
		err_set(&err, -EPROTO, "a pre-freeze hook failed");
		fail(vss, &err);
	}
	if (!vss->is_failed) {
		freeze(vss);
		return;
	}
	answer_asked(vss, false);
	resume(vss);
}

static void give_hooks_up(struct vss *vss)
{
	log_err("hook: it does not end, not even when it is killed");
	hooks_ended(vss);
}

int work_on_hooks(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct vss *vss = context;
	struct err err = { "" };

	(void)source;
	(void)fd;
	(void)events;
	switch (hooks_report(&vss->hooks, &err)) {
	case HOOKS_NOTHING:
		break;
	case HOOKS_FAILED:
		log_err("hook: %s", err.text);
		break;
	case HOOKS_ENDED:
		hooks_ended(vss);
		break;
	}
	return 0;
}

static void begin(struct vss *vss)
{
	struct err err = { "" };

	settle(vss);
	vss->is_broken = false;
	vss->is_stuck = false;
	vss->helps = 0;
	vss->is_failed = false;
	vss->is_started = false;
	vss->state = VSS_PREPARING;
	work_note_hooks(vss, true);
	if (work_read_policy(vss, &err) ||
	    start_hooks(vss, HOOKS_PRE_FREEZE, "freeze", &err)) {
		fail(vss, &err);
		answer_asked(vss, false);
		log_err("no backup: %s", err.text);
		work_note_hooks(vss, false);
		vss->state = VSS_IDLE;
	}
}

static int on_timer(sd_event_source *source, uint64_t now, void *context)
{
	struct vss *vss = context;

	(void)source;
	(void)now;
	if (vss->state == VSS_THAWING)
		help(vss);
	else if (vss->state == VSS_FREEZING || vss->state == VSS_FROZEN)
		too_slow(vss);
	else if (vss->state == VSS_PREPARING || vss->state == VSS_RESUMING)
		give_hooks_up(vss);
	return 0;
}

/* --- requests ----------------------------------------------------------------- */

static void asked_freeze(struct vss *vss, const struct hv_vss_msg *message)
{
	struct err err = { "" };

	if (vss->is_stuck && vss->state == VSS_THAWING) {
		answer(vss, message, HV_E_FAIL);
		return;
	}
	if (vss->state == VSS_THAWING || vss->state == VSS_RESUMING) {
		vss->is_next = true;
		return;
	}
	vss->asked = VSS_FREEZE;
	if (vss->state == VSS_IDLE) {
		begin(vss);
	} else if (vss->state == VSS_FROZEN) {
		answer_asked(vss, false);
		err_set(&err, -EPROTO, "the host asked for a second freeze before a thaw");
		break_off(vss, &err);
	}
}

/* Also the fake one that a driver sends on the way into hibernation. */
static void asked_thaw(struct vss *vss, const struct hv_vss_msg *message)
{
	bool is_well = !vss->is_promised || !vss->is_broken;

	switch (vss->state) {
	case VSS_FREEZING:
	case VSS_FROZEN:
	case VSS_THAWING:
		vss->asked = VSS_THAW;
		thaw(vss);
		break;
	case VSS_IDLE:
	case VSS_PREPARING:
	case VSS_RESUMING:
		settle(vss);
		answer(vss, message, is_well ? HV_S_OK : HV_E_FAIL);
		break;
	}
}

static void asked_check(struct vss *vss, struct hv_vss_msg *message)
{
	struct err err = { "" };
	uint32_t status = HV_S_OK;

	/* While something is frozen nothing is looked up: it is no time for a check. */
	if (vss->state == VSS_FREEZING || vss->state == VSS_FROZEN || vss->state == VSS_THAWING) {
		status = HV_E_FAIL;
	} else if (work_check(vss, &err)) {
		log_err("no backup is possible: %s", err.text);
		status = HV_E_FAIL;
	}
	message->vss_cf.flags = VSS_HBU_NO_AUTO_RECOVERY;
	answer(vss, message, status);
}

void vss_request(struct vss *vss, const void *request, size_t length)
{
	struct hv_vss_msg message = { .error = 0 };

	memcpy(&message, request, length < sizeof(message) ? length : sizeof(message));
	if (length != sizeof(message)) {
		log_limited(&work_trouble, LOG_LEVEL_WARNING, "a request of %zu bytes is refused",
			    length);
		answer(vss, &message, HV_E_FAIL);
		return;
	}
	switch (message.vss_hdr.operation) {
	case VSS_OP_HOT_BACKUP:
		asked_check(vss, &message);
		break;
	case VSS_OP_FREEZE:
		asked_freeze(vss, &message);
		break;
	case VSS_OP_THAW:
	case VSS_OP_BU_COMPLETE:
		asked_thaw(vss, &message);
		break;
	case VSS_OP_GET_DM_INFO:
		message.dm_info.flags = 0;
		answer(vss, &message, HV_S_OK);
		break;
	default:
		log_limited(&work_trouble, LOG_LEVEL_WARNING, "operation %u is refused",
			    message.vss_hdr.operation);
		answer(vss, &message, HV_E_FAIL);
	}
}

void vss_lost(struct vss *vss)
{
	struct err err = { "" };

	vss->asked = VSS_NOTHING;
	vss->is_next = false;
	err_set(&err, -EPIPE, "nobody waits for it any more");
	if (vss->state == VSS_FREEZING || vss->state == VSS_FROZEN)
		break_off(vss, &err);
	else if (vss->state == VSS_PREPARING)
		fail(vss, &err);
}

bool vss_is_busy(const struct vss *vss)
{
	return vss->state == VSS_FREEZING || vss->state == VSS_FROZEN ||
	       (vss->state == VSS_THAWING && vss->helps < THAW_HELPS);
}

/* --- start and stop ------------------------------------------------------------ */

int vss_start(struct vss *vss, struct service *service, struct err *err)
{
	int ret;

	vss->service = service;
	policy_init(&vss->policy);
	ret = work_read_policy(vss, err);
	if (ret)
		return ret;
	ret = sd_event_add_time_relative(service_event(service), &vss->timer, CLOCK_MONOTONIC, 0,
					 1000, on_timer, vss);
	if (ret < 0)
		return err_set(err, ret, "timer: %s", strerror(-ret));
	sd_event_source_set_enabled(vss->timer, SD_EVENT_OFF);
	/* Ended while frozen: the host must not keep its copy. A stop leaves the note, too. */
	vss->is_promised = vss->is_broken = work_promise_is_given(vss);
	if (work_hooks_are_open(vss)) {
		/* Killed between the hooks: what they stopped must go on. */
		vss->is_failed = true;
		err_set(&vss->why, -EINTR, "a former hv_vss was killed during one");
		resume(vss);
	}
	return 0;
}

static bool wait_readable(int fd, int ms)
{
	struct pollfd look = { .fd = fd, .events = POLLIN };

	return poll(&look, 1, ms) > 0;
}

/* The loop is over; drive the states by hand until they are through. */
void vss_stop(struct vss *vss)
{
	struct err err = { "" };
	unsigned int step;

	vss->is_stopping = true;
	vss_lost(vss);
	err_set(&err, -EINTR, "hv_vss was stopped");
	if (vss->state == VSS_PREPARING) {
		fail(vss, &err);
		kill(vss->hooks.pid, SIGTERM);
	}
	if (vss->state == VSS_FREEZING || vss->state == VSS_FROZEN)
		break_off(vss, &err);
	for (step = 0; vss->state == VSS_THAWING && step < STOP_STEPS;) {
		wait_readable(vss->freezer.socket, THAW_HELP_S * (int)vss->second_ms);
		on_freezer(NULL, -1, 0, vss);
		if (vss->state == VSS_THAWING && ++step < STOP_STEPS)
			help(vss);
	}
	while (vss->state == VSS_PREPARING || vss->state == VSS_RESUMING) {
		unsigned int limit_s = vss->policy.hooks_s + HOOKS_GRACE_S;

		if (wait_readable(vss->hooks.pipe, (int)(limit_s * vss->second_ms)))
			work_on_hooks(NULL, -1, 0, vss);
		else
			give_hooks_up(vss);
	}
	vss->timer = sd_event_source_disable_unref(vss->timer);
	policy_free(&vss->policy);
}
