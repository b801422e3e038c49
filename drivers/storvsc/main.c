// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include <linux/module.h>
#include <linux/slab.h>

#include "compat/hyperv.h"

#define RING_BYTES_MIN	(32u << 10)
/* The bus has both rings of a channel in one piece, 4 MiB at most; a header is a page. */
#define RING_BYTES_MAX	((2u << 20) - PAGE_SIZE)

unsigned int storvsc_ringbuffer_size = 128 << 10;
module_param(storvsc_ringbuffer_size, uint, 0444);
MODULE_PARM_DESC(storvsc_ringbuffer_size, "Ring buffer size (bytes)");

unsigned int storvsc_vcpus_per_sub_channel = 4;
module_param(storvsc_vcpus_per_sub_channel, uint, 0444);
MODULE_PARM_DESC(storvsc_vcpus_per_sub_channel, "Ratio of VCPUs to subchannels, for the queue depth");

int storvsc_max_hw_queues = -1;
module_param(storvsc_max_hw_queues, int, 0644);
MODULE_PARM_DESC(storvsc_max_hw_queues, "Maximum number of hardware queues");

int ring_avail_percent_lowater = 10;
module_param(ring_avail_percent_lowater, int, 0644);
MODULE_PARM_DESC(ring_avail_percent_lowater,
		 "Use another channel below this much of free ring (percent)");

int logging_level = STOR_LOG_ERROR;
module_param(logging_level, int, 0644);
MODULE_PARM_DESC(logging_level, "Logging level, 0 - None, 1 - Error (default), 2 - Warning.");

unsigned int silence_timeout = 180;
module_param(silence_timeout, uint, 0644);
MODULE_PARM_DESC(silence_timeout, "Reset a host that has not answered anything for so long (s)");

unsigned int stuck_timeout = 600;
module_param(stuck_timeout, uint, 0644);
MODULE_PARM_DESC(stuck_timeout, "Reset a host that has kept a command for so long (s)");

unsigned int reset_timeout = 30;
module_param(reset_timeout, uint, 0644);
MODULE_PARM_DESC(reset_timeout, "Wait for the answer to a reset (s)");

unsigned int handshake_timeout = 75;
module_param(handshake_timeout, uint, 0644);
MODULE_PARM_DESC(handshake_timeout, "Wait for each answer while a controller starts (s)");

static const struct hv_vmbus_device_id ids[] = {
	{ HV_SCSI_GUID, .driver_data = STOR_KIND_SCSI },
	{ HV_IDE_GUID, .driver_data = STOR_KIND_IDE },
	/* A plain SCSI host with its own limits: no FC transport, no remote ports. */
	{ HV_SYNTHFC_GUID, .driver_data = STOR_KIND_FC },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, ids);

static u16 hw_queues(void)
{
	unsigned int cpus = num_present_cpus();

	if (storvsc_max_hw_queues > 0)
		cpus = min_t(unsigned int, cpus, storvsc_max_hw_queues);
	return min_t(unsigned int, cpus, U16_MAX);
}

static void host_prepare(struct stor_host *host, struct Scsi_Host *shost,
			 struct hv_device *device, enum stor_kind kind)
{
	host->shost = shost;
	host->device = device;
	host->kind = kind;
	/* The emulated disk's place is part of the instance's name. It is the only one. */
	if (kind == STOR_KIND_IDE)
		host->first_target = device->dev_instance.b[4];
	host->dialect = hvp_stor_dialect(0);
	mutex_init(&host->lock);
	mutex_init(&host->subs_lock);
	INIT_WORK(&host->remap_work, stor_remap_work);
	stor_control_init(&host->control);
	stor_watch_init(host);
	shost->nr_hw_queues = hw_queues();
}

static int host_alloc(struct stor_host *host)
{
	host->wq = alloc_workqueue("storvsc_%u", WQ_MEM_RECLAIM | WQ_UNBOUND, 0,
				   host->shost->host_no);
	if (!host->wq)
		return -ENOMEM;
	return stor_channels_alloc(host);
}

static void host_free(struct stor_host *host)
{
	if (host->wq)
		destroy_workqueue(host->wq);
	stor_scan_free(host);
	stor_slots_free(&host->slots);
	stor_channels_free(host);
	hv_set_drvdata(host->device, NULL);
	scsi_host_put(host->shost);
}

/* What needs the handshake's results, up to the first scan. */
static int host_add(struct stor_host *host)
{
	struct Scsi_Host *shost = host->shost;
	int err;

	stor_shost_limits(host);
	err = stor_slots_alloc(&host->slots, shost->can_queue);
	if (!err)
		err = stor_scan_init(host);
	if (!err)
		err = scsi_add_host(shost, &host->device->device);
	if (err)
		return err;

	/* Now the block layer has mapped CPUs to queues. */
	stor_channels_remap(host);
	stor_channels_watch_cpus(host, true);
	WRITE_ONCE(host->scannable, true);
	if (host->kind == STOR_KIND_IDE)
		scsi_add_device(shost, 0, host->first_target, 0);
	else
		scsi_scan_host(shost);
	return 0;
}

/* Nothing may be queued on the works behind this, and none runs. */
static void host_stop(struct stor_host *host)
{
	stor_host_end(host);
	cancel_work_sync(&host->remap_work);
}

static int stor_probe(struct hv_device *device, const struct hv_vmbus_device_id *id)
{
	struct Scsi_Host *shost;
	struct stor_host *host;
	int err;

	if (compat_is_isolated())
		return -ENODEV;
	shost = scsi_host_alloc(&stor_template, sizeof(struct stor_host));
	if (!shost)
		return -ENOMEM;
	host = shost_priv(shost);
	host_prepare(host, shost, device, id->driver_data);
	hv_set_drvdata(device, host);

	err = host_alloc(host);
	if (!err)
		err = stor_host_open(host);
	if (!err)
		err = host_add(host);
	if (err) {
		host_stop(host);
		host_free(host);
	}
	return err;
}

/*
 * In order: no news; where the device still lives, let the upper layers flush;
 * end what the host has; take the SCSI host away. A rescinded device gets there
 * with everything ended first, since nothing would answer the flush.
 */
static void host_remove(struct stor_host *host)
{
	stor_channels_watch_cpus(host, false);
	if (READ_ONCE(host->device->channel->rescind))
		stor_host_end(host);
	stor_scan_stop(host);
	scsi_remove_host(host->shost);
	host_stop(host);
	/* The last answers may still have queued something. */
	stor_scan_stop(host);
	host_free(host);
}

static COMPAT_HV_REMOVE stor_remove(struct hv_device *device)
{
	host_remove(hv_get_drvdata(device));
	return COMPAT_HV_DONE;
}

/* Hibernation: the upper layers are quiet. */
static int stor_suspend(struct hv_device *device)
{
	struct stor_host *host = hv_get_drvdata(device);

	scsi_block_requests(host->shost);
	cancel_delayed_work_sync(&host->watch);
	cancel_work_sync(&host->remap_work);
	/* Cancelled, it has not said so; the first command behind the resume arms it. */
	WRITE_ONCE(host->watching, false);
	stor_channels_close(host, STOR_CLOSED);
	stor_host_sweep(host, DID_REQUEUE);
	return 0;
}

static int stor_resume(struct hv_device *device)
{
	struct stor_host *host = hv_get_drvdata(device);
	int err = stor_host_open(host);

	if (err)
		stor_host_fail(host, err);
	scsi_unblock_requests(host->shost);
	return err;
}

static struct hv_driver driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= ids,
	.probe		= stor_probe,
	.remove		= stor_remove,
	.suspend	= stor_suspend,
	.resume		= stor_resume,
	.driver = {
		/* In the order of the offers, so that SCSI hosts keep their numbers. */
		.probe_type = PROBE_DEFAULT_STRATEGY,
		.dev_groups = stor_groups,
	},
};

static void params_check(void)
{
	storvsc_ringbuffer_size = clamp_t(unsigned int, storvsc_ringbuffer_size, RING_BYTES_MIN,
					  RING_BYTES_MAX);
	storvsc_ringbuffer_size = VMBUS_RING_SIZE(storvsc_ringbuffer_size);
	storvsc_vcpus_per_sub_channel = max(storvsc_vcpus_per_sub_channel, 1u);
	ring_avail_percent_lowater = clamp(ring_avail_percent_lowater, 0, 50);
}

static int __init stor_init(void)
{
	int err;

	params_check();
	err = stor_channel_init();
	if (err)
		return err;
	err = vmbus_driver_register(&driver);
	if (err)
		stor_channel_exit();
	return err;
}

static void __exit stor_exit(void)
{
	vmbus_driver_unregister(&driver);
	stor_channel_exit();
}

module_init(stor_init);
module_exit(stor_exit);

MODULE_DESCRIPTION("Hyper-V synthetic storage");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
