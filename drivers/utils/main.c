// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/utils/utils.h"

#include "compat/hyperv.h"
#include "drivers/utils/transport.h"

#include <linux/module.h>
#include <linux/wait.h>

#define KIND_WAIT (10 * HZ)	/* for the last device of a kind to be gone */

enum kind {
	KIND_SHUTDOWN,
	KIND_TIMESYNC,
	KIND_HEARTBEAT,
	KIND_KVP,
	KIND_VSS,
	KIND_FCOPY,
	KINDS
};

static const struct util_type *const types[] = {
	[KIND_SHUTDOWN]		= &util_shutdown,
	[KIND_TIMESYNC]		= &util_timesync,
	[KIND_HEARTBEAT]	= &util_heartbeat,
	[KIND_KVP]		= &util_kvp,
	[KIND_VSS]		= &util_vss,
	[KIND_FCOPY]		= &util_fcopy,
};
static_assert(ARRAY_SIZE(types) == KINDS);

static const struct hv_vmbus_device_id ids[] = {
	{ HV_SHUTDOWN_GUID, .driver_data = KIND_SHUTDOWN },
	{ HV_TS_GUID, .driver_data = KIND_TIMESYNC },
	{ HV_HEART_BEAT_GUID, .driver_data = KIND_HEARTBEAT },
	{ HV_KVP_GUID, .driver_data = KIND_KVP },
	{ HV_VSS_GUID, .driver_data = KIND_VSS },
	{ HV_FCOPY_GUID, .driver_data = KIND_FCOPY },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, ids);

/*
 * One device of each kind: their nodes and clocks have one name. When a service
 * is switched off and on, the new device may come before the old one is gone.
 */
static unsigned long taken;
static DECLARE_WAIT_QUEUE_HEAD(left);

static bool kind_take(enum kind kind)
{
	return wait_event_timeout(left, !test_and_set_bit(kind, &taken), KIND_WAIT);
}

static void kind_leave(enum kind kind)
{
	clear_bit(kind, &taken);
	wake_up_all(&left);
}

static enum kind kind_of(const struct util *util)
{
	enum kind kind;

	for (kind = 0; kind < KINDS - 1; kind++)
		if (types[kind] == util->type)
			break;
	return kind;
}

/* Reachable from outside only when all else works. */
static int publish(struct util *util)
{
	int err = 0;

	if (util->type->publish)
		err = util->type->publish(util);
	if (!err && util->transport)
		err = util_transport_publish(util);
	if (err && util->type->withdraw)
		util->type->withdraw(util);
	return err;
}

static void withdraw(struct util *util)
{
	if (util->transport)
		util_transport_withdraw(util);
	if (util->type->withdraw)
		util->type->withdraw(util);
}

static int start(struct util *util)
{
	int err = 0;

	if (util->type->init)
		err = util->type->init(util);
	if (err)
		return err;
	err = util_open(util);
	if (!err) {
		err = publish(util);
		if (err)
			util_close(util);
	}
	if (err && util->type->free)
		util->type->free(util);
	return err;
}

static int bring_up(struct hv_device *device, enum kind kind)
{
	struct util *util = util_new(types[kind], device);
	int err;

	if (!util)
		return -ENOMEM;
	hv_set_drvdata(device, util);
	err = start(util);
	if (err) {
		hv_set_drvdata(device, NULL);
		util_put(util);
	}
	return err;
}

static int util_probe(struct hv_device *device, const struct hv_vmbus_device_id *id)
{
	enum kind kind = id->driver_data;
	int err;

	if (compat_is_isolated())
		return -ENODEV;
	if (vmbus_proto_version < types[kind]->vmbus_version_min) {
		dev_warn(&device->device, "%s: not supported on this version of the host\n",
			 types[kind]->name);
		return -EOPNOTSUPP;
	}
	if (!kind_take(kind)) {
		dev_err(&device->device, "%s: there is one already\n", types[kind]->name);
		return -EEXIST;
	}
	err = bring_up(device, kind);
	if (err)
		kind_leave(kind);
	return err;
}

/*
 * Unreachable first, then the channel, then what is left. The memory stays for
 * a daemon that has its file open, the device is not needed for that any more.
 */
static COMPAT_HV_REMOVE util_remove(struct hv_device *device)
{
	struct util *util = hv_get_drvdata(device);
	enum kind kind = kind_of(util);

	withdraw(util);
	util_close(util);
	if (util->type->free)
		util->type->free(util);
	hv_set_drvdata(device, NULL);
	util_put(util);
	kind_leave(kind);
	return COMPAT_HV_DONE;
}

/* Hibernation. User space is frozen, so daemons keep their files and see nothing but a delay. */
static int util_suspend(struct hv_device *device)
{
	struct util *util = hv_get_drvdata(device);

	mutex_lock(&util->lock);
	/* What the service forgets here, a message that is received before the close must not bring back. */
	util->live = false;
	if (util->type->suspend)
		util->type->suspend(util);
	util_unlock(util);
	util_close(util);
	return 0;
}

static int util_resume(struct hv_device *device)
{
	return util_open(hv_get_drvdata(device));
}

static struct hv_driver driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= ids,
	.probe		= util_probe,
	.remove		= util_remove,
	.suspend	= util_suspend,
	.resume		= util_resume,
	.driver = {
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
		.dev_groups = util_groups,
	},
};

static int __init util_init(void)
{
	int err;

	/*
	 * A thaw must come through when there is no memory for another thread. Not
	 * unbound: the worker is quickest where the interrupt came.
	 */
	util_wq = alloc_workqueue("hv_utils", WQ_MEM_RECLAIM, 0);
	if (!util_wq)
		return -ENOMEM;
	err = vmbus_driver_register(&driver);
	if (err)
		destroy_workqueue(util_wq);
	return err;
}

static void __exit util_exit(void)
{
	vmbus_driver_unregister(&driver);
	destroy_workqueue(util_wq);
}

module_init(util_init);
module_exit(util_exit);

MODULE_DESCRIPTION("Hyper-V Utilities");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
