// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include "drivers/storvsc/ids.h"

/*
 * One question to the host at a time, outside the table of commands. A wait
 * ends by the answer, the deadline, or the end of the device. An answer that
 * comes after that matches no generation and is dropped.
 */
#define SLICE	(HZ / 4)	/* how soon a wait notices that the device is gone */

void stor_control_init(struct stor_control *control)
{
	mutex_init(&control->lock);
	init_completion(&control->answered);
	atomic_set(&control->waiting, 0);
}

static bool lost(struct stor_host *host)
{
	enum stor_state state = READ_ONCE(host->state);

	return READ_ONCE(host->device->channel->rescind) ||
	       (state != STOR_OPENING && state != STOR_LIVE) ||
	       stor_channel_broken(host->channel[0]);
}

static int wait_for_answer(struct stor_host *host, int word, unsigned long deadline)
{
	struct stor_control *control = &host->control;
	int err = -ETIMEDOUT;

	do {
		if (wait_for_completion_timeout(&control->answered, SLICE))
			return 0;
		if (lost(host)) {
			err = -ENODEV;
			break;
		}
	} while (time_before(jiffies, deadline));

	if (atomic_cmpxchg(&control->waiting, word, 0) == word)
		return err;
	/* The answer is just being copied. */
	wait_for_completion(&control->answered);
	return 0;
}

/* A full ring is a slow host: it is waited for like one. */
static int send(struct stor_host *host, const struct hvp_stor_packet *packet, u64 id,
		unsigned long deadline)
{
	int err;

	do {
		err = stor_channel_send(host->channel[0], packet, id);
		if (err != -EAGAIN)
			return err;
		schedule_timeout_uninterruptible(SLICE);
	} while (time_before(jiffies, deadline) && !lost(host));
	return -ETIMEDOUT;
}

static int run(struct stor_host *host, struct hvp_stor_packet *packet, unsigned long deadline)
{
	struct stor_control *control = &host->control;
	int word, err;

	control->generation = (control->generation + 1) & (INT_MAX >> 1);
	word = control->generation << 1 | 1;
	reinit_completion(&control->answered);
	atomic_set(&control->waiting, word);

	packet->flags = HVP_STOR_REQUEST_COMPLETION;
	err = send(host, packet, stor_id_make(control->generation, 0, STOR_TAG_CONTROL), deadline);
	if (err) {
		atomic_set(&control->waiting, 0);
		return err;
	}
	err = wait_for_answer(host, word, deadline);
	if (err)
		return err;
	err = hvp_stor_answer_check(&control->packet, control->length,
				    hvp_stor_dialect_find(HVP_STOR_V4_2), packet->op, 0);
	*packet = control->packet;
	return err;
}

/**
 * stor_control_run() - ask the host something on the primary channel
 * @host:	controller
 * @packet:	the question; overwritten by the answer
 * @seconds:	how long to wait
 *
 * Return: 0; -ETIMEDOUT; -ENODEV when the channel is not open, or ends; -EIO,
 * -EBADMSG when the channel or the answer is broken.
 */
int stor_control_run(struct stor_host *host, struct hvp_stor_packet *packet,
		     unsigned int seconds)
{
	unsigned long deadline = jiffies + seconds * HZ;
	int err;

	mutex_lock(&host->control.lock);
	err = host->channel[0] ? run(host, packet, deadline) : -ENODEV;
	mutex_unlock(&host->control.lock);
	return err;
}

/* From the channel callback. Return: false when nobody waits for this answer. */
bool stor_control_answered(struct stor_host *host, u32 generation,
			   const struct hvp_stor_packet *packet, u32 length)
{
	struct stor_control *control = &host->control;
	int word;

	if (generation > INT_MAX >> 1)
		return false;
	word = generation << 1 | 1;
	if (atomic_cmpxchg(&control->waiting, word, 0) != word)
		return false;
	control->packet = *packet;
	control->length = length;
	complete(&control->answered);
	return true;
}
