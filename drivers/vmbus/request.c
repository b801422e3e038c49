// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/vmbus/request.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/stats.h"

#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/spinlock.h>

/* Longer than this and the log says so even if the answer comes. */
#define SLOW_SECONDS 5

#define REPLY_SECONDS_MIN 2
#define REPLY_SECONDS_MAX 600

static unsigned int reply_timeout = 30;

static int reply_timeout_set(const char *text, const struct kernel_param *param)
{
	unsigned int seconds;
	int err = kstrtouint(text, 0, &seconds);

	if (err)
		return err;
	if (seconds < REPLY_SECONDS_MIN || seconds > REPLY_SECONDS_MAX)
		return -EINVAL;
	return param_set_uint(text, param);
}

static const struct kernel_param_ops reply_timeout_ops = {
	.set = reply_timeout_set,
	.get = param_get_uint,
};
module_param_cb(reply_timeout, &reply_timeout_ops, &reply_timeout, 0644);
MODULE_PARM_DESC(reply_timeout,
		 "Seconds that the host may take to open a channel or to map a buffer (2 to 600)");

/* The last answers that found nobody, for those who come a moment later. Under channelmsg_lock. */
static struct late_reply {
	enum hvp_chanmsg_type reply;
	u32 id;
	u32 status;
} late[16];
static unsigned int late_next;

unsigned int vmbus_reply_seconds(enum hvp_chanmsg_type reply)
{
	unsigned int seconds = READ_ONCE(reply_timeout);

	return reply == HVP_CM_GPADL_TORNDOWN ? seconds / 2 : seconds;
}

void vmbus_request_begin(struct vmbus_request *request, enum hvp_chanmsg_type reply, u32 relid,
			 u32 id)
{
	*request = (struct vmbus_request){ .reply = reply, .relid = relid, .id = id };
	init_completion(&request->done);

	spin_lock(&vmbus_connection.channelmsg_lock);
	list_add_tail(&request->node, &vmbus_connection.chn_msg_list);
	spin_unlock(&vmbus_connection.channelmsg_lock);
}

static void request_forget(struct vmbus_request *request)
{
	spin_lock(&vmbus_connection.channelmsg_lock);
	list_del_init(&request->node);
	spin_unlock(&vmbus_connection.channelmsg_lock);
}

static void request_log(const struct vmbus_request *request, unsigned long since, bool answered)
{
	unsigned int seconds = (jiffies - since) / HZ;

	if (!answered)
		pr_err("hv_vmbus: the host did not answer: no %s for channel %u, id %#x in %u s\n",
		       hvp_chanmsg_name(request->reply), request->relid, request->id, seconds);
	else if (seconds >= SLOW_SECONDS)
		pr_warn("hv_vmbus: the host took %u s for %s of channel %u\n", seconds,
			hvp_chanmsg_name(request->reply), request->relid);
}

int vmbus_request_end(struct vmbus_request *request, int posted, unsigned int seconds)
{
	unsigned long since = jiffies;
	bool answered = false;

	if (!posted)
		answered = wait_for_completion_timeout(&request->done, seconds * HZ);
	request_forget(request);
	if (posted)
		return posted;

	/* Off the list it cannot be completed any more; it may just have been. */
	if (!answered)
		answered = try_wait_for_completion(&request->done);
	request_log(request, since, answered);
	if (!answered) {
		vmbus_stat_inc(VMBUS_STAT_REQUESTS_LOST);
		return -ETIMEDOUT;
	}
	return request->error;
}

static void late_remember(enum hvp_chanmsg_type reply, u32 id, u32 status)
{
	lockdep_assert_held(&vmbus_connection.channelmsg_lock);

	vmbus_stat_inc(VMBUS_STAT_REPLIES_LATE);
	late[late_next++ % ARRAY_SIZE(late)] = (struct late_reply){ reply, id, status };
}

bool vmbus_request_was_late(enum hvp_chanmsg_type reply, u32 id, u32 *status)
{
	bool found = false;
	unsigned int i;

	spin_lock(&vmbus_connection.channelmsg_lock);
	for (i = 0; i < ARRAY_SIZE(late) && !found; i++) {
		found = late[i].reply == reply && late[i].id == id;
		*status = late[i].status;
	}
	spin_unlock(&vmbus_connection.channelmsg_lock);
	return found;
}

static void request_finish(struct vmbus_request *request, int error)
{
	lockdep_assert_held(&vmbus_connection.channelmsg_lock);

	list_del_init(&request->node);
	request->error = error;
	complete(&request->done);
}

bool vmbus_request_answer(enum hvp_chanmsg_type reply, u32 relid, u32 id, u32 status, u32 value)
{
	struct vmbus_request *request;
	bool found = false;

	spin_lock(&vmbus_connection.channelmsg_lock);
	list_for_each_entry(request, &vmbus_connection.chn_msg_list, node) {
		if (request->reply != reply || request->relid != relid || request->id != id)
			continue;
		request->status = status;
		request->value = value;
		request_finish(request, status ? -EREMOTEIO : 0);
		found = true;
		break;
	}
	if (!found)
		late_remember(reply, id, status);
	spin_unlock(&vmbus_connection.channelmsg_lock);
	return found;
}

void vmbus_request_abort(u32 relid)
{
	struct vmbus_request *request, *next;

	spin_lock(&vmbus_connection.channelmsg_lock);
	list_for_each_entry_safe(request, next, &vmbus_connection.chn_msg_list, node)
		if (request->relid == relid)
			request_finish(request, -ENODEV);
	spin_unlock(&vmbus_connection.channelmsg_lock);
}
