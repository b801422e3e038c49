/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMPAT_SCSI_H
#define COMPAT_SCSI_H

/* The SCSI midlayer under its newest names, on kernels that have older ones. */

#include "compat/config.h"

#include <linux/blk-mq.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#ifndef HAVE_SCSI_DONE
static inline void scsi_done(struct scsi_cmnd *cmd)
{
	cmd->scsi_done(cmd);
}
#endif

#ifdef HAVE_SCSI_QC_STATUS
typedef enum scsi_qc_status compat_qc_status;
#else
typedef int compat_qc_status;
#endif

#ifndef HAVE_SCSI_TIMEOUT_ACTION
#define scsi_timeout_action	blk_eh_timer_return
#define SCSI_EH_RESET_TIMER	BLK_EH_RESET_TIMER
#endif

/* Before 5.14 a result says in a byte of its own that there is sense data. */
#ifdef HAVE_SCSI_DRIVER_SENSE
#define COMPAT_RESULT_SENSE	(DRIVER_SENSE << 24)
#else
#define COMPAT_RESULT_SENSE	0
#endif

static inline void compat_rescan_device(struct scsi_device *sdev)
{
#ifdef HAVE_SCSI_RESCAN_SDEV
	scsi_rescan_device(sdev);
#else
	scsi_rescan_device(&sdev->sdev_gendev);
#endif
}

/**
 * compat_scsi_read() - run a command that reads into @buf
 * @residual:	bytes that were not delivered
 *
 * Return: 0, a negative errno, or a SCSI result.
 */
static inline int compat_scsi_read(struct scsi_device *sdev, const u8 *cdb, void *buf,
				   unsigned int len, int timeout, int retries, int *residual)
{
#ifdef HAVE_SCSI_EXECUTE_CMD
	const struct scsi_exec_args args = { .resid = residual };

	return scsi_execute_cmd(sdev, cdb, REQ_OP_DRV_IN, buf, len, timeout, retries, &args);
#else
	return scsi_execute_req(sdev, cdb, DMA_FROM_DEVICE, buf, len, NULL, timeout, retries,
				residual);
#endif
}

#endif
