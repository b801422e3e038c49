// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include <linux/bitmap.h>
#include <linux/slab.h>

#include "drivers/storvsc/status.h"

/*
 * LUNs come, go and change.
 *
 *   host: "enumerate"         ──┐
 *   sense 3F/0E, LUNs changed ──┴─> scan_work, after DEBOUNCE: REPORT LUNS, and
 *                                   only the difference is added or removed
 *   sense 2A/xx, 3F/xx ──> bit in lun_changed ──┐
 *   "invalid LUN"      ──> bit in lun_gone    ──┴─> lun_work
 *
 * A scan that could not ask is tried again, with a growing pause. A removal asks
 * for a scan, since the LUN may have come back while it went.
 *
 * The channel callback only sets bits and queues. The works run on a queue of
 * their own, so that the watch can end the commands they wait for.
 */
#define DEBOUNCE		(HZ / 4)
#define REPORT_TIMEOUT		(30 * HZ)
#define REPORT_RETRIES		3
#define SCAN_RETRIES		6	/* after 1, 2, 4, ... seconds */
#define READY_TIMEOUT		(30 * HZ)

/* Out of range for targets that are not ours. */
static u32 lun_bit(const struct stor_host *host, u32 target, u32 lun)
{
	return (target - host->first_target) * STOR_LUNS + lun;
}

static u32 bit_target(const struct stor_host *host, u32 bit)
{
	return host->first_target + bit / STOR_LUNS;
}

/* The host's event says nothing about which LUN, and comes in bursts. */
void stor_scan_want(struct stor_host *host)
{
	if (READ_ONCE(host->scannable))
		mod_delayed_work(host->scan_wq, &host->scan_work, DEBOUNCE);
}

/**
 * stor_news() - what an answer said beyond its command
 * @host:	controller
 * @sdev:	whose answer it was
 * @news:	STOR_NEWS_*
 *
 * From the channel callback.
 */
void stor_news(struct stor_host *host, struct scsi_device *sdev, u8 news)
{
	u32 bit = lun_bit(host, sdev->id, sdev->lun);

	if (news & STOR_NEWS_LUNS)
		stor_scan_want(host);
	/* While a LUN is probed, "not there" is the answer and not news. */
	if (!READ_ONCE(host->scannable) || sdev->channel || bit >= host->lun_bits ||
	    READ_ONCE(sdev->sdev_state) == SDEV_CREATED)
		return;
	if (news & STOR_NEWS_REVALIDATE)
		set_bit(bit, host->lun_changed);
	if (news & STOR_NEWS_GONE)
		set_bit(bit, host->lun_gone);
	if (news & (STOR_NEWS_REVALIDATE | STOR_NEWS_GONE))
		queue_work(host->scan_wq, &host->lun_work);
}

static void remove_lun(struct stor_host *host, u32 target, u32 lun)
{
	struct scsi_device *sdev = scsi_device_lookup(host->shost, 0, target, lun);

	if (!sdev)
		return;
	atomic64_inc(&host->luns_removed);
	scsi_remove_device(sdev);
	scsi_device_put(sdev);
	stor_scan_want(host);
}

static void revalidate_lun(struct stor_host *host, u32 target, u32 lun)
{
	struct scsi_device *sdev = scsi_device_lookup(host->shost, 0, target, lun);

	if (!sdev)
		return;
	atomic64_inc(&host->revalidations);
	compat_rescan_device(sdev);
	scsi_device_put(sdev);
}

static void lun_work(struct work_struct *work)
{
	struct stor_host *host = container_of(work, struct stor_host, lun_work);
	u32 bit;

	for_each_set_bit(bit, host->lun_gone, host->lun_bits)
		if (test_and_clear_bit(bit, host->lun_gone))
			remove_lun(host, bit_target(host, bit), bit % STOR_LUNS);
	for_each_set_bit(bit, host->lun_changed, host->lun_bits)
		if (test_and_clear_bit(bit, host->lun_changed))
			revalidate_lun(host, bit_target(host, bit), bit % STOR_LUNS);
}

static int report_luns(struct scsi_device *sdev, u8 *buf, struct stor_luns *luns)
{
	u8 cdb[16];
	int residual = 0, err;

	stor_luns_cdb(cdb);
	memset(buf, 0, STOR_REPORT_LUNS_LEN);
	err = compat_scsi_read(sdev, cdb, buf, STOR_REPORT_LUNS_LEN, REPORT_TIMEOUT,
			       REPORT_RETRIES, &residual);
	if (err)
		return -EIO;
	if (residual < 0 || residual > STOR_REPORT_LUNS_LEN)
		return -EBADMSG;
	return stor_luns_parse(buf, STOR_REPORT_LUNS_LEN - residual, luns);
}

static bool can_ask(const struct stor_host *host, const struct scsi_device *sdev, u32 target)
{
	return READ_ONCE(host->scannable) && sdev->channel == 0 && sdev->id == target &&
	       sdev->sdev_state == SDEV_RUNNING;
}

/*
 * Any LUN of a target can be asked for all of them, and the one that is asked
 * may just be the one that went.
 *
 * Return: 0; -ENODEV when there is none to ask; the error of the last one.
 */
static int ask_target(struct stor_host *host, u32 target, u8 *buf, struct stor_luns *luns)
{
	struct scsi_device *sdev;
	int err = -ENODEV;

	shost_for_each_device(sdev, host->shost) {
		if (!can_ask(host, sdev, target))
			continue;
		err = report_luns(sdev, buf, luns);
		if (!err) {
			scsi_device_put(sdev);	/* the reference of the loop */
			break;
		}
	}
	return err;
}

static bool lun_known(struct stor_host *host, u32 target, u32 lun)
{
	struct scsi_device *sdev = scsi_device_lookup(host->shost, 0, target, lun);

	if (sdev)
		scsi_device_put(sdev);
	return sdev != NULL;
}

/* A LUN that stays may have changed, which it says only when it is asked something. */
static void ask_lun(struct stor_host *host, u32 target, u32 lun)
{
	struct scsi_device *sdev = scsi_device_lookup(host->shost, 0, target, lun);
	struct scsi_sense_hdr sense;

	if (!sdev)
		return;
	scsi_test_unit_ready(sdev, READY_TIMEOUT, 1, &sense);
	scsi_device_put(sdev);
}

static void apply_luns(struct stor_host *host, u32 target, const struct stor_luns *luns)
{
	u32 lun;

	for (lun = 0; lun < STOR_LUNS && READ_ONCE(host->scannable); lun++) {
		bool present = stor_luns_has(luns, lun), known = lun_known(host, target, lun);

		if (present && !known) {
			atomic64_inc(&host->luns_added);
			scsi_add_device(host->shost, 0, target, lun);
		} else if (present) {
			ask_lun(host, target, lun);
		} else if (known) {
			/* Removal waits for the LUN's users: not here. */
			set_bit(lun_bit(host, target, lun), host->lun_gone);
			queue_work(host->scan_wq, &host->lun_work);
		}
	}
}

static int scan_target(struct stor_host *host, u32 target, u8 *buf)
{
	struct stor_luns luns;
	int err = ask_target(host, target, buf, &luns);

	if (!READ_ONCE(host->scannable))
		return 0;
	if (err == -ENODEV) {
		scsi_scan_target(&host->shost->shost_gendev, 0, target, SCAN_WILD_CARD,
				 SCSI_SCAN_RESCAN);
		return 0;
	}
	if (err)
		stor_log(host, STOR_LOG_ERROR, "target %u: REPORT LUNS: %d\n", target, err);
	else
		apply_luns(host, target, &luns);
	return err;
}

/* Return: 0, or the error of some target; the others are done all the same. */
static int scan_targets(struct stor_host *host)
{
	u8 *buf = kmalloc(STOR_REPORT_LUNS_LEN, GFP_KERNEL);
	int err, result = 0;
	u32 i;

	if (!buf)
		return -ENOMEM;
	for (i = 0; i < host->shost->max_id && READ_ONCE(host->scannable); i++) {
		err = scan_target(host, host->first_target + i, buf);
		if (err)
			result = err;
	}
	kfree(buf);
	return result;
}

static void scan_work(struct work_struct *work)
{
	struct stor_host *host = container_of(to_delayed_work(work), struct stor_host, scan_work);

	if (!scan_targets(host) || host->scan_failures >= SCAN_RETRIES) {
		host->scan_failures = 0;
		return;
	}
	/* Unless somebody wants one earlier. */
	if (READ_ONCE(host->scannable))
		queue_delayed_work(host->scan_wq, &host->scan_work, HZ << host->scan_failures);
	host->scan_failures++;
}

int stor_scan_init(struct stor_host *host)
{
	INIT_DELAYED_WORK(&host->scan_work, scan_work);
	INIT_WORK(&host->lun_work, lun_work);
	host->lun_bits = host->shost->max_id * STOR_LUNS;
	host->lun_changed = bitmap_zalloc(host->lun_bits, GFP_KERNEL);
	host->lun_gone = bitmap_zalloc(host->lun_bits, GFP_KERNEL);
	host->scan_wq = alloc_workqueue("storvsc_scan_%u", WQ_UNBOUND | WQ_FREEZABLE, 0,
					host->shost->host_no);
	return host->lun_changed && host->lun_gone && host->scan_wq ? 0 : -ENOMEM;
}

/* Nothing is queued from here on. The caller sees to it that commands end. */
void stor_scan_stop(struct stor_host *host)
{
	WRITE_ONCE(host->scannable, false);
	cancel_delayed_work_sync(&host->scan_work);
	cancel_work_sync(&host->lun_work);
}

void stor_scan_free(struct stor_host *host)
{
	if (host->scan_wq)
		destroy_workqueue(host->scan_wq);
	bitmap_free(host->lun_changed);
	bitmap_free(host->lun_gone);
}
