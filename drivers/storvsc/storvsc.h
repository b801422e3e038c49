/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_STORVSC_H
#define STORVSC_STORVSC_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "compat/scsi.h"
#include "drivers/storvsc/luns.h"
#include "drivers/storvsc/quirks.h"
#include "drivers/storvsc/ring_writer.h"
#include "drivers/storvsc/slots.h"
#include "protocol/stor.h"

/*
 * State of a controller and who moves it (all under host->lock, by
 * stor_state_move(); GONE is for ever):
 *
 *            handshake done           device away
 *   OPENING ----------------> LIVE ---------------------> GONE
 *      ^                       |  ^                         ^
 *      |       errors.c, pm    v  |                         |
 *      |                     CLOSED ------------------------|
 *      |                       |                            |
 *      +-----------------------+ reopen    reopen failed: FAILED
 *
 * Commands are sent while LIVE. They are put off while CLOSED or OPENING, and
 * refused at once while FAILED or GONE.
 *
 * One thread at a time closes and opens: probe and resume until LIVE, then the
 * watch, and remove and suspend after they have stopped the watch.
 */
enum stor_state {
	STOR_OPENING,
	STOR_LIVE,
	STOR_CLOSED,
	STOR_FAILED,
	STOR_GONE,
};

/*
 * An open VMBus channel. Lives from its open until the close has returned, and
 * holds a reference to a sub-channel for as long.
 */
struct stor_channel {
	struct vmbus_channel *vmbus;
	struct stor_host *host;
	u16 index;			/* in host->channel[], and in transaction ids */
	unsigned long flags;		/* STOR_CHANNEL_* */

	/* under vmbus->outbound.ring_lock */
	struct ring_writer out ____cacheline_aligned_in_smp;
	u64 sent;			/* commands */

	/* only the channel callback writes */
	u32 read ____cacheline_aligned_in_smp;	/* index into the inbound ring */
	u64 answered;			/* commands */
	u64 stale;			/* answers to nothing that is waiting */
	u64 strange;			/* packets of unknown meaning, ignored */
	u64 drains;			/* times the callback ran */
	unsigned long last_answer;	/* jiffies */
};

#define STOR_CHANNEL_BROKEN	0	/* bad ring or packet, see stor_channel_break() */

static inline bool stor_channel_broken(const struct stor_channel *ch)
{
	return test_bit(STOR_CHANNEL_BROKEN, &ch->flags);
}

/* Which channel serves which hardware queue. Replaced as a whole. */
struct stor_map {
	struct rcu_head rcu;
	struct stor_channel *of[];	/* host->shost->nr_hw_queues entries */
};

/* In every command; zeroed by the midlayer, and kept when a command is sent again. */
struct stor_command {
	unsigned long sweeps;		/* closes that it was given back by; a word, as data follows */
};

/* The one control transaction: handshake and reset, one after the other. */
struct stor_control {
	struct mutex lock;		/* one caller at a time; the primary channel stays open */
	struct completion answered;
	u32 generation;
	atomic_t waiting;		/* generation << 1 | 1 while an answer is awaited */
	u32 op;				/* what was sent */
	u32 length;			/* bytes of the answer */
	struct hvp_stor_packet packet;	/* answer, valid after `answered` */
};

struct stor_host {
	struct Scsi_Host *shost;
	struct hv_device *device;
	enum stor_kind kind;
	u8 first_target;		/* ids count from here */

	/* read by every command */
	const struct hvp_stor_dialect *dialect;
	struct stor_slots slots;
	struct stor_map __rcu *map;
	enum stor_state state;		/* written under lock, read anywhere */
	bool watching;			/* the watch is armed */

	struct mutex lock;		/* state, session, channel[], map */
	struct mutex subs_lock;		/* one sub-channel opens at a time; outside lock */
	u32 session;			/* counts closes: what opened before one is not entered */
	struct stor_channel **channel;	/* [0] is the primary one */
	struct stor_channel **closing;	/* as many; whoever closes has them */
	unsigned long *withheld;	/* as many bits: the last close did not return the memory */
	u16 channel_room;		/* entries: 1 + sub-channels that we want at most */
	bool subs_welcome;		/* sub-channels may be opened now */
	struct hvp_stor_properties properties;
	struct work_struct remap_work;
	struct hlist_node cpu_node;	/* CPU hotplug */

	struct stor_control control;

	/* errors.c */
	struct workqueue_struct *wq;
	struct delayed_work watch;
	unsigned long wanted;		/* bits STOR_WANT_* */
	bool reset_done;		/* a reset was answered, at ... */
	unsigned long reset_at;		/* jiffies, as all times here */
	bool reopening;			/* under lock, with reopens */
	unsigned long failed_at;
	bool warned;
	u32 resets;
	u32 reopens;
	u32 reopens_in_row;		/* each soon after the one before */
	unsigned long reopened_at;	/* the last of them */
	wait_queue_head_t reopened;

	/* scan.c */
	struct workqueue_struct *scan_wq;
	struct delayed_work scan_work;
	struct work_struct lun_work;
	u32 lun_bits;			/* bits in each of the maps below */
	unsigned long *lun_changed;
	unsigned long *lun_gone;
	u32 scan_failures;		/* in a row; only scan_work */
	bool scannable;			/* the first scan is done; remove has not begun */

	/* counted, never reset */
	atomic64_t errors;		/* commands that the host failed */
	atomic64_t spills;		/* commands that took another channel than their own */
	atomic64_t busy;		/* commands put back for a full ring */
	atomic64_t late_commits;	/* batches that the watch had to publish */
	atomic64_t swept;	/* commands that came back by a close, not by an answer */
	atomic64_t pinned;	/* pages of swept commands that the host may still use */
	atomic64_t exposed;	/* of them such as cannot be pinned: they are used again */
	atomic64_t refused;		/* commands answered without asking the host */
	atomic64_t luns_added;
	atomic64_t luns_removed;
	atomic64_t revalidations;
};

#define STOR_WANT_REOPEN	0	/* a channel broke */
#define STOR_WANT_ANEW		1	/* the midlayer asks */

/* module parameters, main.c */
extern unsigned int storvsc_ringbuffer_size;
extern unsigned int storvsc_vcpus_per_sub_channel;
extern int storvsc_max_hw_queues;
extern int ring_avail_percent_lowater;
extern int logging_level;
extern unsigned int silence_timeout;
extern unsigned int stuck_timeout;
extern unsigned int reset_timeout;
extern unsigned int handshake_timeout;

enum stor_log {
	STOR_LOG_NONE,
	STOR_LOG_ERROR,
	STOR_LOG_WARN,
};

/* One place for messages that the host can cause. */
#define stor_log(host, level, fmt, ...) do {						\
	if (logging_level >= (level))							\
		dev_warn_ratelimited(&(host)->device->device, fmt, ##__VA_ARGS__);	\
} while (0)

/* handshake.c */
int stor_host_open(struct stor_host *host);

/* control.c */
void stor_control_init(struct stor_control *control);
int stor_control_run(struct stor_host *host, struct hvp_stor_packet *packet,
		     unsigned int seconds);
bool stor_control_answered(struct stor_host *host, u32 generation,
			   const struct hvp_stor_packet *packet, u32 length);

/* channel.c */
int stor_channel_init(void);
void stor_channel_exit(void);
bool stor_state_move(struct stor_host *host, enum stor_state next);
int stor_channel_open(struct stor_host *host, struct vmbus_channel *vmbus, u16 index, u32 session);
void stor_channels_close(struct stor_host *host, enum stor_state next);
void stor_channels_remap(struct stor_host *host);
void stor_channels_watch_cpus(struct stor_host *host, bool watch);
void stor_channel_break(struct stor_channel *ch, const char *why);
void stor_sub_channel_offered(struct vmbus_channel *vmbus);
int stor_channels_alloc(struct stor_host *host);
void stor_channels_free(struct stor_host *host);
void stor_remap_work(struct work_struct *work);

/* submit.c */
compat_qc_status stor_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd);
void stor_commit_rqs(struct Scsi_Host *shost, u16 queue);
bool stor_channel_commit(struct stor_channel *ch);
int stor_channel_send(struct stor_channel *ch, const struct hvp_stor_packet *packet, u64 id);

/* complete.c */
void stor_channel_callback(void *context);
void stor_command_end(struct stor_host *host, struct scsi_cmnd *cmd, u8 host_byte);
void stor_command_illegal(struct scsi_cmnd *cmd);

/* errors.c */
void stor_watch_init(struct stor_host *host);
void stor_watch_arm(struct stor_host *host);
void stor_watch_want(struct stor_host *host, int want);
void stor_host_sweep(struct stor_host *host, u8 host_byte);
void stor_host_fail(struct stor_host *host, int err);
void stor_host_end(struct stor_host *host);
enum scsi_timeout_action stor_eh_timed_out(struct scsi_cmnd *cmd);
int stor_eh_host_reset(struct scsi_cmnd *cmd);

/* scan.c */
int stor_scan_init(struct stor_host *host);
void stor_scan_stop(struct stor_host *host);
void stor_scan_free(struct stor_host *host);
void stor_scan_want(struct stor_host *host);
void stor_news(struct stor_host *host, struct scsi_device *sdev, u8 news);

/* scsi_host.c */
extern struct scsi_host_template stor_template;
void stor_shost_limits(struct stor_host *host);

/* sysfs.c */
extern const struct attribute_group *stor_groups[];

#endif
