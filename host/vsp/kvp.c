// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine/loop.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/kvp_private.h"

/*
 * The queue: its first job is the one whose answer is waited for.
 *
 *	kvp_ask --> queue --first--> asked --answer, silence, close--> cb, next
 *
 * A job that is forgotten while it is asked stays until its answer comes: the
 * guest works on it whether somebody wants to know or not. A channel that
 * closes ends all jobs.
 */

static void free_job(struct kvp_job *job)
{
	if (!job->cb && job->release)
		job->release(job->opaque);
	free(job);
}

/* Takes @job. */
static void end_job(struct kvp *kvp, struct kvp_job *job, const struct ic_answer *answer)
{
	if (answer->error)
		kvp->state.lost++;
	else if (answer->status)
		kvp->state.refused++;
	else
		kvp->state.answered++;
	if (job->cb)
		job->cb(job->opaque, answer);
	free_job(job);
}

static struct kvp_job *take_first(struct kvp *kvp)
{
	struct kvp_job *job = kvp->first;

	kvp->first = job->next;
	kvp->waiting--;
	return job;
}

static void asked(void *opaque, const struct ic_answer *answer);

static int ask_first(struct kvp *kvp)
{
	struct kvp_job *job = kvp->first;
	int ret = ic_ask(kvp->ask, kvp->ic, job->body, job->len, KVP_TIMEOUT_MS, asked, kvp);

	if (!ret)
		kvp->state.asked++;
	return ret;
}

static void asked(void *opaque, const struct ic_answer *answer)
{
	struct ic_answer refusal = { .error = 0 };
	struct kvp *kvp = opaque;

	end_job(kvp, take_first(kvp), answer);
	while (kvp->first && !ic_ask_waiting(kvp->ask)) {
		refusal.error = ask_first(kvp);
		if (refusal.error)
			end_job(kvp, take_first(kvp), &refusal);
	}
}

static void put_last(struct kvp *kvp, struct kvp_job *job)
{
	struct kvp_job **link;

	for (link = &kvp->first; *link; link = &(*link)->next)
		;
	*link = job;
	kvp->waiting++;
}

int kvp_ask_for(struct kvp *kvp, const void *body, u32 len, ic_ask_cb cb,
		void (*release)(void *opaque), void *opaque, void *owner)
{
	struct kvp_job *job;
	int ret = 0;

	if (ic_state(kvp->ic) != IC_READY)
		return -ENOTCONN;
	if (len > IC_BODY_MAX)
		return -EMSGSIZE;
	if (kvp->waiting >= KVP_QUEUE_MAX)
		return -EBUSY;
	job = malloc(sizeof(*job) + len);
	if (!job)
		return -ENOMEM;
	*job = (struct kvp_job) {
		.cb = cb, .release = release, .opaque = opaque, .owner = owner, .len = len,
	};
	memcpy(job->body, body, len);
	put_last(kvp, job);
	if (kvp->first == job)
		ret = ask_first(kvp);
	if (ret)
		free(take_first(kvp));
	return ret;
}

int kvp_ask(struct kvp *kvp, const void *body, u32 len, ic_ask_cb cb, void *opaque)
{
	return kvp_ask_for(kvp, body, len, cb, NULL, opaque, opaque);
}

void kvp_forget(struct kvp *kvp, void *opaque)
{
	bool asking = ic_ask_waiting(kvp->ask);
	struct kvp_job **link = &kvp->first;

	while (*link) {
		struct kvp_job *job = *link;

		if (job->owner != opaque || (asking && job == kvp->first)) {
			if (job->owner == opaque)
				job->cb = NULL;
			link = &job->next;
			continue;
		}
		*link = job->next;
		kvp->waiting--;
		job->cb = NULL;
		free_job(job);
	}
}

void kvp_bad_answer(struct kvp *kvp, const char *operation)
{
	kvp->state.bad++;
	if (!ic_answer_spoiled(kvp->ic))
		checker_report(vmbus_checker(kvp->vmbus), RULE_IC_MESSAGE, 0,
			       "kvp: bad answer to %s", operation);
}

/* ---- the service ---- */

static void ready(void *opaque)
{
	kvp_host_ready(opaque);
}

static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	struct kvp *kvp = opaque;

	ic_ask_answered(kvp->ask, status, body, len);
}

/* All jobs but the one whose answer is waited for. */
static struct kvp_job *take_rest(struct kvp *kvp)
{
	struct kvp_job **link = &kvp->first;
	struct kvp_job *rest;

	if (ic_ask_waiting(kvp->ask))
		link = &kvp->first->next;
	rest = *link;
	*link = NULL;
	kvp->waiting = kvp->first ? 1 : 0;
	return rest;
}

static void closed(void *opaque)
{
	static const struct ic_answer answer = { .error = -ENOTCONN };
	struct kvp *kvp = opaque;
	struct kvp_job *rest = take_rest(kvp);

	ic_ask_closed(kvp->ask);
	while (rest) {
		struct kvp_job *job = rest;

		rest = job->next;
		end_job(kvp, job, &answer);
	}
	kvp_host_closed(kvp);
}

static const struct ic_service service = {
	.name		= "kvp",
	.class_id	= HVP_CLASS_KVP,
	.instance_id	= HVP_GUID(0x242ff919, 0x07db, 0x4180, 0x9c, 0x2e, 0xb8, 0x6c, 0xb6, 0x8c,
				   0x8c, 0x55),
	.type		= HVP_IC_KVP,
	.ready		= ready,
	.answered	= answered,
	.closed		= closed,
};

int kvp_create(struct kvp **out, struct ic_set *set, struct err *err)
{
	struct kvp *kvp = calloc(1, sizeof(*kvp));
	struct loop *loop = vmbus_loop(set->vmbus);
	int ret = -ENOMEM;

	if (!kvp)
		return err_set(err, ret, "out of memory");
	kvp->vmbus = set->vmbus;
	kvp->host.generation = set->generation;
	kvp->ask = ic_ask_create(loop);
	if (!kvp->ask || kvp_host_create(kvp, loop))
		err_set(err, ret, "out of memory");
	else
		ret = ic_create(&kvp->ic, set, &service, kvp, err);
	if (ret) {
		kvp_destroy(kvp);
		return ret;
	}
	*out = kvp;
	return 0;
}

void kvp_destroy(struct kvp *kvp)
{
	if (!kvp)
		return;
	ic_destroy(kvp->ic);
	kvp_host_destroy(kvp);
	ic_ask_destroy(kvp->ask);
	free(kvp);
}

void kvp_set_paused(struct kvp *kvp, bool paused)
{
	ic_ask_set_paused(kvp->ask, paused);
}

const struct kvp_state *kvp_state(const struct kvp *kvp)
{
	return &kvp->state;
}

const struct ic *kvp_ic(const struct kvp *kvp)
{
	return kvp->ic;
}
