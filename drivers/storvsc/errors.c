// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include <scsi/scsi_eh.h>

#include "drivers/storvsc/ladder.h"
#include "drivers/storvsc/status.h"

/*
 * What happens to commands that do not come back.
 *
 * The host owns the memory of a command until it answers, or until the channel
 * is closed and the teardown of its ring confirmed (docs/decisions/0003). So a
 * command never fails just because time is over. One work item, the watch, looks
 * every second while the host has commands, and climbs:
 *
 *   the host answers others             wait; the age is in sysfs
 *   silence_timeout, or stuck_timeout
 *   for one command                     ask it to reset the bus, on the control slot
 *   no answer, or commands still out    close all channels, which gives the memory
 *                                       back, and open them again; commands are
 *                                       sent again, once
 *   that fails                          FAILED: commands fail, new ones at once;
 *                                       another attempt every minute
 *   it is broken again each time      FAILED, too
 *   the device is rescinded             GONE: close, everything fails at once
 *
 * A command that the host had at two closes fails at the second: it may be the
 * one that the host cannot do.
 *
 * The midlayer's timers only keep the watch going. Its error handler gets
 * commands for other reasons, and then asks for a reopen.
 *
 * The watch never runs twice at a time. It acts while LIVE or FAILED only: before,
 * probe or resume has the controller; and GONE, set by remove before it stops the
 * watch, ends a reopen at its next step. So reset, reopen and the end need no lock
 * against each other.
 */
#define GRACE_S		10u
#define RETRY_S		60u
#define REOPEN_PAUSE_S	5u
#define REOPEN_SOON_S	10u
#define REOPENS_IN_ROW	5u
#define TICK		HZ
#define EH_WAIT		(60 * HZ)

struct held {
	u64 pinned;		/* pages */
	u64 exposed;
};

/*
 * Hold the pages of a command for ever: the host may still write to them.
 * Slab memory has no reference count to hold it by. Short commands of a scan lie
 * there, and buffers of file systems with blocks below a page; it is counted
 * apart, because the host may yet write to what somebody else uses then.
 */
static void hold(struct scsi_cmnd *cmd, struct held *held)
{
	struct scatterlist *sg;
	int i;

	scsi_for_each_sg(cmd, sg, scsi_sg_count(cmd), i) {
		struct page *page = sg_page(sg);
		unsigned long count = PFN_UP(sg->offset + sg->length), n;

		if (PageSlab(compound_head(page))) {
			held->exposed += count - (sg->offset >> PAGE_SHIFT);
			continue;
		}
		for (n = sg->offset >> PAGE_SHIFT; n < count; n++, held->pinned++)
			get_page(nth_page(page, n));
	}
}

static u8 sweep_byte(struct scsi_cmnd *cmd, u8 host_byte, bool withheld)
{
	struct stor_command *command = scsi_cmd_priv(cmd);

	if (host_byte != STOR_DID_REQUEUE)
		return host_byte;
	if (withheld || command->sweeps)
		return STOR_DID_TRANSPORT_FAILFAST;
	command->sweeps++;
	return STOR_DID_REQUEUE;
}

static void tell_held(struct stor_host *host, const struct held *held)
{
	if (!held->pinned && !held->exposed)
		return;
	atomic64_add(held->pinned, &host->pinned);
	atomic64_add(held->exposed, &host->exposed);
	dev_warn(&host->device->device,
		 "the host has not returned %llu pages, which stay pinned, and %llu that cannot\n",
		 held->pinned, held->exposed);
}

/**
 * stor_host_sweep() - end everything the host had, after all channels were closed
 * @host:	controller
 * @host_byte:	STOR_DID_REQUEUE sends it again, except for what was swept before
 *
 * Where a ring was not returned, the memory of its commands is not ours either:
 * it stays pinned, and these are not sent again.
 */
void stor_host_sweep(struct stor_host *host, u8 host_byte)
{
	struct held held = { 0 };
	bool withheld;
	u32 i;

	for (i = 0; i < host->slots.count; i++) {
		struct stor_slot *slot = &host->slots.slot[i];
		u32 word = READ_ONCE(slot->word);
		struct scsi_cmnd *cmd = NULL;

		if (word & STOR_SLOT_SENT)
			cmd = stor_slot_claim(slot, stor_slot_generation(word));
		if (!cmd)
			continue;
		atomic64_inc(&host->swept);
		withheld = test_bit(slot->channel, host->withheld);
		if (withheld)
			hold(cmd, &held);
		stor_command_end(host, cmd, sweep_byte(cmd, host_byte, withheld));
	}
	tell_held(host, &held);
}

static unsigned long last_answer(struct stor_host *host, bool *broken)
{
	unsigned long last = 0;
	bool any = false;
	u16 i;

	mutex_lock(&host->lock);
	for (i = 0; i < host->channel_room; i++) {
		struct stor_channel *ch = host->channel[i];

		if (!ch)
			continue;
		if (!any || time_after(READ_ONCE(ch->last_answer), last))
			last = READ_ONCE(ch->last_answer);
		any = true;
		if (stor_channel_broken(ch) ||
		    (i && READ_ONCE(ch->vmbus->rescind) && ch->sent != ch->answered))
			*broken = true;
	}
	mutex_unlock(&host->lock);
	return any ? last : jiffies;
}

static void look(struct stor_host *host, struct stor_ladder_view *view)
{
	unsigned long oldest, silence;

	memset(view, 0, sizeof(*view));
	view->rescinded = READ_ONCE(host->device->channel->rescind);
	view->failed = host->state == STOR_FAILED;
	view->failed_age = jiffies_to_msecs(jiffies - host->failed_at);
	view->broken = test_bit(STOR_WANT_REOPEN, &host->wanted);
	view->asked = test_bit(STOR_WANT_ANEW, &host->wanted);
	view->outstanding = stor_slots_look(&host->slots, &oldest);
	silence = jiffies - last_answer(host, &view->broken);
	view->oldest = jiffies_to_msecs(oldest);
	view->silence = jiffies_to_msecs(min(silence, oldest));
	view->reset_done = host->reset_done;
	view->reopens = host->reopens_in_row;
	view->reopened_age = jiffies_to_msecs(jiffies - host->reopened_at);
	view->reset_age = jiffies_to_msecs(jiffies - host->reset_at);
}

static void commit_leftovers(struct stor_host *host)
{
	u16 i;

	mutex_lock(&host->lock);
	for (i = 0; i < host->channel_room; i++)
		if (host->channel[i] && stor_channel_commit(host->channel[i]))
			atomic64_inc(&host->late_commits);
	mutex_unlock(&host->lock);
}

/**
 * stor_host_fail() - the controller could not be opened: refuse commands, try again later
 * @host:	controller, all channels closed
 * @err:	why
 */
void stor_host_fail(struct stor_host *host, int err)
{
	host->failed_at = jiffies;
	if (!stor_state_move(host, STOR_FAILED))
		return;
	dev_err(&host->device->device, "the host does not come back: %d\n", err);
	stor_watch_arm(host);
}

/* The host breaks the channels however often they are opened. */
static void give_up(struct stor_host *host)
{
	stor_channels_close(host, STOR_CLOSED);
	stor_host_sweep(host, STOR_DID_TRANSPORT_FAILFAST);
	host->reopens_in_row = 0;
	stor_host_fail(host, -EPROTO);
}

static void reopen_begins(struct stor_host *host)
{
	bool soon = time_before(jiffies, host->reopened_at + REOPEN_SOON_S * HZ);

	host->reopens_in_row = host->reopens_in_row && soon ? host->reopens_in_row + 1 : 1;
	mutex_lock(&host->lock);
	host->reopening = true;
	mutex_unlock(&host->lock);
}

static void reopen_ends(struct stor_host *host)
{
	host->reopened_at = jiffies;
	mutex_lock(&host->lock);
	host->reopening = false;
	WRITE_ONCE(host->reopens, host->reopens + 1);
	mutex_unlock(&host->lock);
	wake_up_all(&host->reopened);
}

static void reopen(struct stor_host *host)
{
	int err;

	reopen_begins(host);
	dev_warn_ratelimited(&host->device->device, "closing and reopening all channels\n");
	scsi_block_requests(host->shost);
	stor_channels_close(host, STOR_CLOSED);
	stor_host_sweep(host, STOR_DID_REQUEUE);
	err = stor_host_open(host);
	if (err)
		stor_host_fail(host, err);
	host->reset_done = false;
	host->warned = false;
	scsi_unblock_requests(host->shost);
	reopen_ends(host);
}

static void reset_bus(struct stor_host *host)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_RESET_BUS };
	int err;

	dev_warn(&host->device->device, "resetting the bus\n");
	host->resets++;
	err = stor_control_run(host, &packet, reset_timeout);
	if (err == -ENODEV)
		return;
	if (err || packet.status != HVP_STOR_STATUS_SUCCESS) {
		reopen(host);
		return;
	}
	host->reset_done = true;
	host->reset_at = jiffies;
}

static void warn(struct stor_host *host, const struct stor_ladder_view *view)
{
	if (host->warned)
		return;
	host->warned = true;
	dev_warn(&host->device->device,
		 "%u commands wait, the oldest for %llu s, last answer %llu s ago\n",
		 view->outstanding, view->oldest / 1000, view->silence / 1000);
}

static void gone(struct stor_host *host)
{
	stor_channels_close(host, STOR_GONE);
	stor_host_sweep(host, STOR_DID_NO_CONNECT);
	wake_up_all(&host->reopened);
}

/**
 * stor_host_end() - the device is away, or about to be: end everything
 * @host:	controller
 *
 * Any number of times. When this returns nothing is open and no watch runs.
 */
void stor_host_end(struct stor_host *host)
{
	/* First, so that a watch that opens the controller gives up, and no other begins. */
	stor_state_move(host, STOR_GONE);
	cancel_delayed_work_sync(&host->watch);
	gone(host);
	/* Whoever armed it meanwhile does so no more. */
	cancel_delayed_work_sync(&host->watch);
	/* Nor is a sub-channel just being opened. */
	mutex_lock(&host->subs_lock);
	mutex_unlock(&host->subs_lock);
}

static void climb(struct stor_host *host, const struct stor_ladder_view *view)
{
	const struct stor_ladder_bounds bounds = {
		.silence = silence_timeout * 1000ull,
		.stuck = stuck_timeout * 1000ull,
		.grace = GRACE_S * 1000,
		.retry = RETRY_S * 1000,
		.pause = REOPEN_PAUSE_S * 1000,
		.soon = REOPEN_SOON_S * 1000,
		.reopens = REOPENS_IN_ROW,
	};

	switch (stor_ladder_step(view, &bounds)) {
	case STOR_STEP_NONE:
		break;
	case STOR_STEP_WARN:
		warn(host, view);
		break;
	case STOR_STEP_RESET:
		reset_bus(host);
		break;
	case STOR_STEP_REOPEN:
		reopen(host);
		break;
	case STOR_STEP_FAIL:
		give_up(host);
		break;
	case STOR_STEP_GONE:
		gone(host);
		break;
	}
	/* Nothing is left of what was there at the reset. */
	if (view->reset_done && view->oldest <= view->reset_age)
		host->reset_done = false;
	if (!view->outstanding)
		host->warned = false;
}

static bool must_go_on(struct stor_host *host)
{
	unsigned long oldest;

	return host->state != STOR_GONE &&
	       (host->state == STOR_FAILED || host->wanted ||
		stor_slots_look(&host->slots, &oldest));
}

static void watch(struct work_struct *work)
{
	struct stor_host *host = container_of(to_delayed_work(work), struct stor_host, watch);
	enum stor_state state = READ_ONCE(host->state);
	struct stor_ladder_view view;

	commit_leftovers(host);
	if (state == STOR_LIVE || state == STOR_FAILED) {
		look(host, &view);
		climb(host, &view);
	}

	WRITE_ONCE(host->watching, false);
	/* Either we see the command or its submitter sees us leave: stor_queuecommand(). */
	smp_mb();
	if (must_go_on(host))
		stor_watch_arm(host);
}

void stor_watch_init(struct stor_host *host)
{
	INIT_DELAYED_WORK(&host->watch, watch);
	init_waitqueue_head(&host->reopened);
}

void stor_watch_arm(struct stor_host *host)
{
	WRITE_ONCE(host->watching, true);
	queue_delayed_work(host->wq, &host->watch, TICK);
}

/* Do not wait for the next tick. */
void stor_watch_want(struct stor_host *host, int want)
{
	set_bit(want, &host->wanted);
	WRITE_ONCE(host->watching, true);
	mod_delayed_work(host->wq, &host->watch, 0);
}

enum scsi_timeout_action stor_eh_timed_out(struct scsi_cmnd *cmd)
{
	struct stor_host *host = shost_priv(cmd->device->host);

	stor_watch_arm(host);
	return SCSI_EH_RESET_TIMER;
}

/* Return: SUCCESS when nothing is with the host any more and it takes commands again. */
int stor_eh_host_reset(struct scsi_cmnd *cmd)
{
	struct stor_host *host = shost_priv(cmd->device->host);
	u32 before;

	mutex_lock(&host->lock);
	before = host->reopens;
	/* One that is under way will do. */
	if (!host->reopening)
		stor_watch_want(host, STOR_WANT_ANEW);
	mutex_unlock(&host->lock);
	wait_event_timeout(host->reopened, READ_ONCE(host->reopens) != before ||
			   READ_ONCE(host->state) == STOR_GONE, EH_WAIT);
	return READ_ONCE(host->state) == STOR_LIVE ? SUCCESS : FAILED;
}
