// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include <linux/blkdev.h>
#include <scsi/scsi_devinfo.h>

/* How the controller looks to the SCSI midlayer. */

#define IO_TIMEOUT		(180 * HZ)
#define TYPICAL_PACKET		256u	/* bytes of ring that a command takes */
#define DEPTH_MAX		2048u
#define LUN_DEPTH_MAX		512u
#define TRANSFER_DEFAULT	(128u << 10)
#define TRANSFER_MAX		(2u << 20)
#define TRANSFER_MAX_FC		(512u << 10)

static const struct limits {
	u32 luns;
	u32 targets;
	u32 paths;
	u32 transfer;
} limits[STOR_KIND_COUNT] = {
	[STOR_KIND_SCSI] = { 255, 2, 8, TRANSFER_MAX },
	[STOR_KIND_IDE] = { 64, 1, 1, TRANSFER_MAX },
	[STOR_KIND_FC] = { 255, 128, 8, TRANSFER_MAX_FC },
};

static u32 max_transfer(const struct stor_host *host)
{
	u32 bytes = round_down(host->properties.max_transfer_bytes, HVP_PAGE_SIZE);

	if (!bytes)
		bytes = TRANSFER_DEFAULT;
	/* A packet names every page, and has to leave room in the ring for others. */
	return min3(bytes, limits[host->kind].transfer,
		    storvsc_ringbuffer_size / 4 / (u32)sizeof(u64) * HVP_PAGE_SIZE);
}

static u32 queue_depth(const struct stor_host *host)
{
	u32 sub_channels = (num_present_cpus() - 1) / storvsc_vcpus_per_sub_channel;
	u32 channels = 1 + min_t(u32, sub_channels, host->properties.max_sub_channels);

	return clamp(storvsc_ringbuffer_size / TYPICAL_PACKET * channels, 32u, DEPTH_MAX);
}

/**
 * stor_shost_limits() - take over what the handshake told
 * @host:	controller after its handshake
 */
void stor_shost_limits(struct stor_host *host)
{
	const struct limits *limit = &limits[host->kind];
	struct Scsi_Host *shost = host->shost;
	u32 transfer = max_transfer(host);

	shost->max_lun = limit->luns;
	shost->max_id = limit->targets;
	shost->max_channel = limit->paths - 1;
	shost->max_cmd_len = HVP_CDB_MAX;
	shost->sg_tablesize = transfer / HVP_PAGE_SIZE + 1;
	shost->max_sectors = transfer >> SECTOR_SHIFT;
	shost->can_queue = queue_depth(host);
	shost->cmd_per_lun = min_t(u32, shost->can_queue, LUN_DEPTH_MAX);
}

static int stor_sdev_init(struct scsi_device *sdev)
{
	/*
	 * Hosts claim SCSI-2 for disks that do what SPC-3 says, and their
	 * identification pages are there although they do not list them.
	 */
	sdev->sdev_bflags = BLIST_REPORTLUN2 | BLIST_TRY_VPD_PAGES;
	return 0;
}

static int configure(struct scsi_device *sdev)
{
	struct stor_host *host = shost_priv(sdev->host);

	blk_queue_rq_timeout(sdev->request_queue, IO_TIMEOUT);
	/* Hosts before 2016: without the newer level nobody asks for UNMAP, which they do. */
	if (host->dialect->version < HVP_STOR_V6_2 && !strncmp(sdev->vendor, "Msft", 4) &&
	    sdev->scsi_level < SCSI_SPC_3)
		sdev->scsi_level = SCSI_SPC_3;
	sdev->no_write_same = host->dialect->version < HVP_STOR_V6_2;
	return 0;
}

#ifdef HAVE_SCSI_SDEV_CONFIGURE
static int stor_sdev_configure(struct scsi_device *sdev, struct queue_limits *lim)
{
	return configure(sdev);
}
#endif

struct scsi_host_template stor_template = {
	.module			= THIS_MODULE,
	.cmd_size		= sizeof(struct stor_command),
	.name			= "storvsc_host_t",
	.proc_name		= "storvsc_host",
	.queuecommand		= stor_queuecommand,
	.commit_rqs		= stor_commit_rqs,
	.eh_timed_out		= stor_eh_timed_out,
	.eh_host_reset_handler	= stor_eh_host_reset,
#ifdef HAVE_SCSI_SDEV_CONFIGURE
	.sdev_init		= stor_sdev_init,
	.sdev_configure		= stor_sdev_configure,
#else
	.slave_alloc		= stor_sdev_init,
	.slave_configure	= configure,
#endif
	.change_queue_depth	= scsi_change_queue_depth,
	.track_queue_depth	= 1,
	.this_id		= -1,
	.host_tagset		= 1,
	.virt_boundary_mask	= HVP_PAGE_SIZE - 1,
	.no_write_same		= 1,
};
