// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to a daemon: a device in /dev/vmbus that one process opens, reads
 * requests from and writes answers to, one whole structure of <linux/hyperv.h>
 * at a time. Who may do what when is in relay.h.
 *
 *   the device node	published behind the open of the channel, withdrawn first
 *   an open file	holds the service's memory, not the device; once that is
 *			gone, everything is -EBADF and poll() says so
 *   a request		ends once: by the daemon's answer, by its time, by the
 *			end of the daemon, or silently when the host starts anew
 *
 * io_lock: one read or write at a time; held while user memory is touched,
 * which may take as long as it likes. util->lock is inside.
 */
#include "drivers/utils/transport.h"

#include "drivers/utils/relay.h"
#include "drivers/utils/utils.h"

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct parcel {
	u32 len;
	u8 *bytes;		/* util_daemon.room */
};

struct util_transport {
	struct util *util;
	const struct util_daemon *daemon;
	struct miscdevice misc;
	wait_queue_head_t wait;		/* for something to read, or the end */

	struct mutex io_lock;		/* copy */
	u8 *copy;			/* between user memory and the rest */

	/* util->lock */
	struct util_relay relay;
	struct parcel parcel[UTIL_PARCELS];
	bool warned;			/* that no daemon is there */
	bool readable;			/* also read without lock */
	bool stirred;			/* readers are to be woken when the lock is released */
	unsigned long deadline;		/* of the live request, jiffies */
	struct delayed_work clock;
};

/* Behind every change of the relay. */
static void changed(struct util_transport *transport)
{
	bool readable = util_relay_next(&transport->relay) != UTIL_PARCELS;

	lockdep_assert_held(&transport->util->lock);
	if (readable == transport->readable && !transport->util->gone)
		return;
	WRITE_ONCE(transport->readable, readable);
	transport->stirred = true;
}

bool util_transport_settle(struct util *util)
{
	bool stirred = util->transport->stirred;

	util->transport->stirred = false;
	return stirred;
}

void util_transport_wake(struct util *util)
{
	wake_up_interruptible(&util->transport->wait);
}

bool util_transport_up(const struct util *util)
{
	return util->transport && util->transport->relay.daemon == UTIL_DAEMON_UP;
}

/* Ends the live request, if there is one. */
static void fail(struct util *util, u32 status)
{
	struct util_transport *transport = util->transport;
	bool reading;

	if (!util_relay_live(&transport->relay))
		return;
	reading = util_relay_abandon(&transport->relay);
	util->counters.failed++;
	if (util->live)
		util_answer(util, util->held, status);
	if (transport->daemon->abandoned)
		transport->daemon->abandoned(util, reading);
	changed(transport);
}

void util_transport_drop(struct util *util)
{
	struct util_transport *transport = util->transport;
	bool reading;

	if (!util_relay_live(&transport->relay))
		return;
	reading = util_relay_abandon(&transport->relay);
	if (transport->daemon->abandoned)
		transport->daemon->abandoned(util, reading);
	changed(transport);
}

static void absent(struct util *util)
{
	struct util_transport *transport = util->transport;

	util->counters.failed++;
	if (!transport->warned)
		dev_info(&util->device->device, "%s: not available, %s is not running\n",
			 util->type->name, transport->daemon->name);
	transport->warned = true;
	util_answer(util, util->in, HVP_HR_NOT_SUPPORTED);
}

void *util_transport_room(struct util *util)
{
	struct util_transport *transport = util->transport;
	struct parcel *parcel = &transport->parcel[UTIL_REQUEST];

	if (!util_transport_up(util)) {
		absent(util);
		return NULL;
	}
	fail(util, HVP_HR_FAIL);
	memset(parcel->bytes, 0, transport->daemon->room);
	return parcel->bytes;
}

void util_transport_request(struct util *util, u32 len, unsigned int seconds)
{
	struct util_transport *transport = util->transport;

	transport->parcel[UTIL_REQUEST].len = len;
	util_hold(util);
	util_relay_put(&transport->relay, UTIL_REQUEST);
	transport->deadline = jiffies + seconds * HZ;
	mod_delayed_work(util_wq, &transport->clock, seconds * HZ);
	changed(transport);
}

void util_transport_notice(struct util *util, const void *message, u32 len)
{
	struct util_transport *transport = util->transport;
	struct parcel *parcel = &transport->parcel[UTIL_NOTICE];

	if (!util_relay_put(&transport->relay, UTIL_NOTICE))
		return;
	memcpy(parcel->bytes, message, len);
	parcel->len = len;
	changed(transport);
}

/* A clock that was set anew, or stopped, may still run out once: the deadline decides. */
static void clock_run_out(struct work_struct *work)
{
	struct util_transport *transport =
		container_of(to_delayed_work(work), struct util_transport, clock);
	struct util *util = transport->util;

	mutex_lock(&util->lock);
	if (util->live && util_relay_live(&transport->relay) &&
	    time_after_eq(jiffies, transport->deadline)) {
		dev_warn_ratelimited(&util->device->device, "%s: %s did not answer in time\n",
				     util->type->name, transport->daemon->name);
		fail(util, HVP_HR_FAIL);
	}
	util_unlock(util);
}

void util_transport_stop_clock(struct util *util)
{
	cancel_delayed_work_sync(&util->transport->clock);
}

/* ---- the file ---- */

static int file_open(struct inode *inode, struct file *file)
{
	struct util_transport *transport =
		container_of(file->private_data, struct util_transport, misc);
	struct util *util = transport->util;
	int err = 0;

	mutex_lock(&util->lock);
	if (util->gone)
		err = -ENODEV;
	else if (!util_relay_open(&transport->relay))
		err = -EBUSY;
	else
		kref_get(&util->refs);
	util_unlock(util);
	file->private_data = transport;
	return err;
}

static int file_release(struct inode *inode, struct file *file)
{
	struct util_transport *transport = file->private_data;
	struct util *util = transport->util;

	mutex_lock(&util->lock);
	fail(util, HVP_HR_FAIL);
	util_relay_close(&transport->relay);
	if (transport->daemon->closed)
		transport->daemon->closed(util);
	changed(transport);
	util_unlock(util);
	util_put(util);
	return 0;
}

/* Return: bytes in transport->copy, 0 when there is nothing to read, or an error. */
static ssize_t take(struct util_transport *transport, size_t room)
{
	struct util *util = transport->util;
	struct parcel *parcel;
	enum util_parcel next;
	ssize_t ret = 0;

	mutex_lock(&util->lock);
	next = util_relay_next(&transport->relay);
	if (util->gone) {
		ret = -EBADF;
	} else if (next != UTIL_PARCELS) {
		parcel = &transport->parcel[next];
		ret = room < parcel->len ? -EINVAL : (ssize_t)parcel->len;
		if (ret > 0) {
			memcpy(transport->copy, parcel->bytes, ret);
			util_relay_read(&transport->relay);
			changed(transport);
		}
	}
	util_unlock(util);
	return ret;
}

static bool is_readable(const struct util_transport *transport)
{
	return READ_ONCE(transport->readable) || READ_ONCE(transport->util->gone);
}

static ssize_t file_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct util_transport *transport = file->private_data;
	ssize_t ret;

	for (;;) {
		ret = mutex_lock_interruptible(&transport->io_lock);
		if (ret)
			return ret;
		ret = take(transport, count);
		/* Whoever passes bad memory does not see the request again: its time runs. */
		if (ret > 0 && copy_to_user(buf, transport->copy, ret))
			ret = -EFAULT;
		mutex_unlock(&transport->io_lock);
		if (ret)
			return ret;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(transport->wait, is_readable(transport));
		if (ret)
			return ret;
	}
}

static int registered(struct util_transport *transport, u32 len)
{
	struct parcel *greeting = &transport->parcel[UTIL_GREETING];
	struct util *util = transport->util;
	int ret;

	memset(greeting->bytes, 0, transport->daemon->room);
	ret = transport->daemon->registers(util, transport->copy, len, greeting->bytes);
	if (ret < 0)
		return ret;
	greeting->len = ret;
	util_relay_registered(&transport->relay, ret > 0);
	transport->warned = false;
	/* The negotiation may have waited for this. */
	if (util->live)
		util_kick(util, 0);
	return 0;
}

static int answered(struct util_transport *transport, u32 len)
{
	struct util *util = transport->util;
	u32 status = HVP_HR_FAIL;
	int err = transport->daemon->answers(util, transport->copy, len, &status);

	if (err)
		return err;
	util_relay_answered(&transport->relay);
	cancel_delayed_work(&transport->clock);
	if (util->live)
		util_answer(util, util->held, status);
	return 0;
}

static int written(struct util_transport *transport, u32 len)
{
	struct util *util = transport->util;

	lockdep_assert_held(&util->lock);
	if (util->gone)
		return -EBADF;
	switch (util_relay_write(&transport->relay)) {
	case UTIL_WROTE_REGISTRATION:
		return registered(transport, len);
	case UTIL_WROTE_ANSWER:
		return answered(transport, len);
	case UTIL_WROTE_LATE:
		util->counters.late++;
		return transport->daemon->late_errno;
	case UTIL_WROTE_NOTED:
		return 0;
	default:
		return -EINVAL;
	}
}

static ssize_t file_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct util_transport *transport = file->private_data;
	struct util *util = transport->util;
	int err;

	if (!count || count > transport->daemon->room)
		return -EINVAL;
	err = mutex_lock_interruptible(&transport->io_lock);
	if (err)
		return err;
	if (copy_from_user(transport->copy, buf, count)) {
		err = -EFAULT;
	} else {
		mutex_lock(&util->lock);
		err = written(transport, count);
		changed(transport);
		util_unlock(util);
	}
	mutex_unlock(&transport->io_lock);
	return err ?: (ssize_t)count;
}

static __poll_t file_poll(struct file *file, poll_table *table)
{
	struct util_transport *transport = file->private_data;

	poll_wait(file, &transport->wait, table);
	if (READ_ONCE(transport->util->gone))
		return EPOLLERR | EPOLLHUP;
	return READ_ONCE(transport->readable) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations file_ops = {
	.owner		= THIS_MODULE,
	.open		= file_open,
	.release	= file_release,
	.read		= file_read,
	.write		= file_write,
	.poll		= file_poll,
};

/* ---- its life ---- */

int util_transport_new(struct util *util)
{
	const struct util_daemon *daemon = util->type->daemon;
	struct util_transport *transport = kzalloc(sizeof(*transport), GFP_KERNEL);
	enum util_parcel i;

	if (!transport)
		return -ENOMEM;
	util->transport = transport;
	transport->util = util;
	transport->daemon = daemon;
	mutex_init(&transport->io_lock);
	init_waitqueue_head(&transport->wait);
	INIT_DELAYED_WORK(&transport->clock, clock_run_out);
	transport->misc = (struct miscdevice){
		.minor	= MISC_DYNAMIC_MINOR,
		.name	= daemon->node,
		.fops	= &file_ops,
	};

	transport->copy = kvzalloc(daemon->room, GFP_KERNEL);
	if (!transport->copy)
		return -ENOMEM;
	for (i = 0; i < UTIL_PARCELS; i++) {
		transport->parcel[i].bytes = kvzalloc(daemon->room, GFP_KERNEL);
		if (!transport->parcel[i].bytes)
			return -ENOMEM;
	}
	return 0;
}

void util_transport_free(struct util *util)
{
	struct util_transport *transport = util->transport;
	enum util_parcel i;

	if (!transport)
		return;
	for (i = 0; i < UTIL_PARCELS; i++)
		kvfree(transport->parcel[i].bytes);
	kvfree(transport->copy);
	kfree(transport);
}

int util_transport_publish(struct util *util)
{
	return misc_register(&util->transport->misc);
}

/* Behind it nobody opens it any more, and whoever has it open is told. */
void util_transport_withdraw(struct util *util)
{
	struct util_transport *transport = util->transport;

	misc_deregister(&transport->misc);
	mutex_lock(&util->lock);
	fail(util, HVP_HR_FAIL);
	WRITE_ONCE(util->gone, true);
	changed(transport);
	util_unlock(util);
}
