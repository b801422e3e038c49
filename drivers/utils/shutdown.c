// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shutdown: the host asks for power off, restart or hibernation. It is answered
 * first, then user space is told, and when that does nothing the kernel acts.
 *
 *          asked: answer, uevent            shutdown_wait is over: act
 *   IDLE ----------------------> ASKED ----------------------------------> IDLE
 *    ^                             |                                         ^
 *    | "refused" (not when forced) | "taken"       the deadline is over: act |
 *    +-----------------------------+--------> TAKEN -------------------------+
 *
 * To act is what orderly_poweroff() and orderly_reboot() do: run the system's
 * own command, and end the machine at once where there is none. Hibernation is
 * for user space alone: it ends in IDLE.
 *
 * The uevent (change, on the VMBus device) carries EVENT=shutdown, restart or
 * hibernate, and REASON, FORCE, TIMEOUT and TEXT as the host gave them. The same
 * can be read in the device's folder service/: request (none when nothing is
 * asked), reason, force, timeout (seconds, 0: not said), text. Into service/request
 * a handler writes "taken" (it is being done, leave it to me) or "refused".
 *
 * The deadline is the host's, or else one of ours.
 */
#include "drivers/utils/utils.h"

#include "protocol/shutdown.h"

#include <asm/mshyperv.h>
#include <linux/kobject.h>
#include <linux/moduleparam.h>
#include <linux/reboot.h>
#include <linux/sysfs.h>

#define WAIT_MAX	3600u
#define TAKEN_SECONDS	300u		/* deadline where the host gives none */
#define TAKEN_FORCED	60u
#define UEVENT_TEXT	512		/* a uevent is 2 KiB with all that is in it */

static unsigned int shutdown_wait = 5;
module_param(shutdown_wait, uint, 0644);
MODULE_PARM_DESC(shutdown_wait,
		 "Let user space act on the host's shutdown request for so long (s)");

enum phase { IDLE, ASKED, TAKEN };

struct shutdown {
	struct util util;
	enum phase phase;			/* util.lock */
	struct hvp_shutdown_request request;	/* util.lock; of the last that was taken on */
	struct hvp_shutdown_request asked;	/* the worker's */
	unsigned long act_at;			/* util.lock; jiffies */
	bool ending;				/* util.lock; the service goes: act now */
	struct delayed_work act;
};

static const char *const words[HVP_SHUTDOWN_ACTION_COUNT] = {
	[HVP_SHUTDOWN_DO_POWER_OFF]	= "shutdown",
	[HVP_SHUTDOWN_DO_RESTART]	= "restart",
	[HVP_SHUTDOWN_DO_HIBERNATE]	= "hibernate",
};

static struct shutdown *to_shutdown(struct util *util)
{
	return container_of(util, struct shutdown, util);
}

static void wait_for_act(struct shutdown *shutdown, unsigned int seconds)
{
	unsigned long delay = min(seconds, WAIT_MAX) * HZ;

	shutdown->act_at = jiffies + delay;
	mod_delayed_work(util_wq, &shutdown->act, delay);
}

/* Somebody may have written "taken" while this was about to run. */
static bool is_due(const struct shutdown *shutdown)
{
	if (shutdown->phase == ASKED && shutdown->ending)
		return true;
	return shutdown->phase != IDLE && time_after_eq(jiffies, shutdown->act_at);
}

static void act(struct work_struct *work)
{
	struct shutdown *shutdown = container_of(to_delayed_work(work), struct shutdown, act);
	enum hvp_shutdown_action action;
	bool due;

	mutex_lock(&shutdown->util.lock);
	due = is_due(shutdown);
	if (due)
		shutdown->phase = IDLE;
	action = shutdown->request.action;
	util_unlock(&shutdown->util);

	if (!due)
		return;
	if (action == HVP_SHUTDOWN_DO_HIBERNATE) {
		pr_warn("hv_utils: the hibernation that the host asked for did not come about\n");
		return;
	}
	pr_info("hv_utils: %s, as the host asked\n", words[action]);
	if (action == HVP_SHUTDOWN_DO_RESTART)
		orderly_reboot();
	else
		orderly_poweroff(true);
}

static void tell(struct shutdown *shutdown)
{
	const struct hvp_shutdown_request *request = &shutdown->request;
	char event[32], reason[32], force[16], timeout[32];
	static char text[sizeof("TEXT=") + UEVENT_TEXT];	/* util.lock; there is one service */
	char *env[6] = { event, reason, force, timeout, text, NULL };
	size_t len = min_t(size_t, strlen(request->text), UEVENT_TEXT);

	/* Not the half of a character. */
	while (len && (request->text[len] & 0xc0) == 0x80)
		len--;

	snprintf(event, sizeof(event), "EVENT=%s", words[request->action]);
	snprintf(reason, sizeof(reason), "REASON=%#x", request->reason);
	snprintf(force, sizeof(force), "FORCE=%d", request->force);
	snprintf(timeout, sizeof(timeout), "TIMEOUT=%u", request->timeout_seconds);
	snprintf(text, sizeof(text), "TEXT=%.*s", (int)len, request->text);
	kobject_uevent_env(&shutdown->util.device->device.kobj, KOBJ_CHANGE, env);
}

/* Our bus cannot be restored; the stock one can. */
static bool can_hibernate(const struct hv_device *device)
{
	const struct dev_pm_ops *pm = device->device.bus->pm;

	return IS_ENABLED(CONFIG_HIBERNATION) && hv_is_hibernation_supported() && pm &&
	       (pm->restore || pm->restore_noirq);
}

static bool possible(const struct util *util, const struct hvp_shutdown_request *request)
{
	return request->action != HVP_SHUTDOWN_DO_HIBERNATE || can_hibernate(util->device);
}

static void received(struct util *util, struct util_message *message)
{
	struct shutdown *shutdown = to_shutdown(util);
	struct hvp_shutdown_request *request = &shutdown->asked;

	if (hvp_shutdown_request_check(message->body, message->body_len, request) ||
	    !possible(util, request)) {
		util_answer(util, message, HVP_HR_FAIL);
		return;
	}
	util_answer(util, message, HVP_HR_OK);

	/* What was asked before is overtaken. */
	shutdown->request = *request;
	dev_info_ratelimited(&util->device->device,
			     "the host asks: %s%s, reason %#x, timeout %u s: %s\n",
			     words[request->action], request->force ? ", forced" : "",
			     request->reason, request->timeout_seconds, request->text);
	shutdown->phase = ASKED;
	wait_for_act(shutdown, READ_ONCE(shutdown_wait));
	tell(shutdown);
}

/* Frozen for hibernation: what was asked before is done, or not wanted. */
static void suspend(struct util *util)
{
	to_shutdown(util)->phase = IDLE;
}

static int init(struct util *util)
{
	INIT_DELAYED_WORK(&to_shutdown(util)->act, act);
	return 0;
}

/* The host was told yes: that holds when it takes the service away before anybody acted. */
static void finish(struct util *util)
{
	struct shutdown *shutdown = to_shutdown(util);

	mutex_lock(&util->lock);
	shutdown->ending = true;
	util_unlock(util);
	flush_delayed_work(&shutdown->act);
}

/* ---- sysfs ---- */

static ssize_t request_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct shutdown *shutdown = to_shutdown(util_of(dev));
	ssize_t len;

	mutex_lock(&shutdown->util.lock);
	len = sprintf(buf, "%s\n",
		      shutdown->phase == IDLE ? "none" : words[shutdown->request.action]);
	util_unlock(&shutdown->util);
	return len;
}

static int taken(struct shutdown *shutdown)
{
	const struct hvp_shutdown_request *request = &shutdown->request;
	unsigned int seconds = request->timeout_seconds;

	if (shutdown->phase == IDLE)
		return -ENOENT;
	shutdown->phase = TAKEN;
	if (!seconds)
		seconds = request->force ? TAKEN_FORCED : TAKEN_SECONDS;
	wait_for_act(shutdown, seconds);
	return 0;
}

static int refused(struct shutdown *shutdown)
{
	if (shutdown->phase == IDLE)
		return -ENOENT;
	if (shutdown->request.force)
		return -EPERM;
	shutdown->phase = IDLE;
	dev_notice(&shutdown->util.device->device, "%s was refused by this system\n",
		   words[shutdown->request.action]);
	return 0;
}

static ssize_t request_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct shutdown *shutdown = to_shutdown(util_of(dev));
	int err = -EINVAL;

	mutex_lock(&shutdown->util.lock);
	if (sysfs_streq(buf, "taken"))
		err = taken(shutdown);
	else if (sysfs_streq(buf, "refused"))
		err = refused(shutdown);
	util_unlock(&shutdown->util);
	return err ?: (ssize_t)count;
}
DEVICE_ATTR_RW(request);

/* Of the last request, also when it is over. */
#define SHOW(name, format, value)							\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct shutdown *shutdown = to_shutdown(util_of(dev));				\
	ssize_t len;									\
											\
	mutex_lock(&shutdown->util.lock);						\
	len = scnprintf(buf, PAGE_SIZE, format "\n", value);				\
	util_unlock(&shutdown->util);						\
	return len;									\
}											\
DEVICE_ATTR_RO(name)

SHOW(reason, "%#x", shutdown->request.reason);
SHOW(force, "%d", shutdown->request.force);
SHOW(timeout, "%u", shutdown->request.timeout_seconds);
SHOW(text, "%s", shutdown->request.text);

static const struct hvp_ic_version versions[] = { { 3, 2 }, { 3, 1 }, { 3, 0 }, { 1, 0 } };

const struct util_type util_shutdown = {
	.name		= "shutdown",
	.label		= "Shutdown",
	.type		= HVP_IC_SHUTDOWN,
	.versions	= { versions, ARRAY_SIZE(versions) },
	.size		= sizeof(struct shutdown),
	.init		= init,
	.free		= finish,
	.received	= received,
	.suspend	= suspend,
};
