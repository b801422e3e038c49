// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/status.h"

#define SENSE_NO_SENSE		0x00
#define SENSE_RECOVERED		0x01
#define SENSE_UNIT_ATTENTION	0x06
#define ASC_PARAMETERS_CHANGED	0x2a	/* 09: capacity */
#define ASC_TARGET_CHANGED	0x3f	/* 0e: reported LUNs; others: the disk got other properties */
#define ASCQ_LUNS_CHANGED	0x0e

/* What an SRB status means. Absent from the table: ANSWER_ERROR. */
enum answer_class {
	ANSWER_ERROR,		/* failed; tried again a few times */
	ANSWER_DONE,		/* executed: the SCSI status tells */
	ANSWER_FLUSHED,		/* not executed, no fault of the command: tried again */
	ANSWER_BUSY,		/* not now: tried again after a pause */
	ANSWER_REFUSED,		/* the host does not do this */
	ANSWER_NOBODY,		/* nobody at this address, for now */
	ANSWER_LUN_GONE,	/* no such LUN */
};

static const u8 classes[0x40] = {
	[HVP_SRB_SUCCESS]		= ANSWER_DONE,
	/* "Less or more data than asked for": the transferred length is true. */
	[HVP_SRB_DATA_OVERRUN]		= ANSWER_DONE,
	[HVP_SRB_BUSY]			= ANSWER_BUSY,
	/* The host ran out of memory. */
	[HVP_SRB_INTERNAL_ERROR]	= ANSWER_BUSY,
	[HVP_SRB_BUS_RESET]		= ANSWER_FLUSHED,
	[HVP_SRB_REQUEST_FLUSHED]	= ANSWER_FLUSHED,
	[HVP_SRB_INVALID_REQUEST]	= ANSWER_REFUSED,
	[HVP_SRB_BAD_FUNCTION]		= ANSWER_REFUSED,
	[HVP_SRB_BAD_BLOCK_LENGTH]	= ANSWER_REFUSED,
	[HVP_SRB_INVALID_PATH_ID]	= ANSWER_NOBODY,
	[HVP_SRB_INVALID_TARGET_ID]	= ANSWER_NOBODY,
	[HVP_SRB_NO_DEVICE]		= ANSWER_NOBODY,
	[HVP_SRB_NO_HBA]		= ANSWER_NOBODY,
	[HVP_SRB_SELECTION_TIMEOUT]	= ANSWER_NOBODY,
	[HVP_SRB_INVALID_LUN]		= ANSWER_LUN_GONE,
};

static bool scsi_status_known(u8 status)
{
	switch (status) {
	case STOR_SAM_GOOD:
	case STOR_SAM_CHECK_CONDITION:
	case STOR_SAM_CONDITION_MET:
	case STOR_SAM_BUSY:
	case STOR_SAM_RESERVATION_CONFLICT:
	case STOR_SAM_TASK_SET_FULL:
	case STOR_SAM_ACA_ACTIVE:
	case STOR_SAM_TASK_ABORTED:
		return true;
	}
	return false;
}

static u8 sense_news(const struct hvp_sense *sense)
{
	if (sense->key != SENSE_UNIT_ATTENTION)
		return 0;
	switch (sense->asc) {
	case ASC_PARAMETERS_CHANGED:
		return STOR_NEWS_REVALIDATE;
	case ASC_TARGET_CHANGED:
		return sense->ascq == ASCQ_LUNS_CHANGED ? STOR_NEWS_LUNS : STOR_NEWS_REVALIDATE;
	}
	return 0;
}

/*
 * Fine, but less than a sector moved. The upper layers round down to sectors,
 * and would ask for the same again, for ever.
 */
static bool moved_nothing(const struct stor_answer *answer)
{
	u32 sector = answer->sector_size ? answer->sector_size : 1;

	return answer->medium && answer->transferred < answer->requested &&
	       answer->transferred < sector;
}

/*
 * Sense data with which a disk driver takes the command for done. On a tape it
 * is a file mark, and no data is right.
 */
static bool sense_succeeds(const struct stor_answer *answer, const struct hvp_sense *sense)
{
	return answer->sector_size &&
	       (sense->key == SENSE_NO_SENSE || sense->key == SENSE_RECOVERED);
}

/* CHECK CONDITION with sense data that can be read: the upper layers decide. */
static bool judge_sense(const struct stor_answer *answer, struct stor_verdict *v)
{
	struct hvp_sense sense;

	if (!(answer->srb_status & HVP_SRB_AUTOSENSE_VALID) ||
	    answer->scsi_status != STOR_SAM_CHECK_CONDITION)
		return false;
	if (hvp_sense_parse(answer->sense, answer->sense_length, &sense))
		return false;
	v->residual = answer->requested - answer->transferred;
	if (sense_succeeds(answer, &sense) && moved_nothing(answer))
		return true;
	v->host_byte = STOR_DID_OK;
	v->status = STOR_SAM_CHECK_CONDITION;
	v->sense_length = answer->sense_length;
	v->news = sense_news(&sense);
	return true;
}

/*
 * Never said of a read or write: a disk driver would believe that the disk does
 * not know that form of the command, and not use it again.
 */
static void judge_refused(const struct stor_answer *answer, struct stor_verdict *v)
{
	if (answer->medium)
		return;
	v->host_byte = STOR_DID_OK;
	v->status = STOR_SAM_CHECK_CONDITION;
	v->illegal_request = true;
}

/* The command came to its end on the target. */
static void judge_done(const struct stor_answer *answer, struct stor_verdict *v)
{
	switch (answer->scsi_status) {
	case STOR_SAM_GOOD:
	case STOR_SAM_CONDITION_MET:
		if (moved_nothing(answer))
			return;
		v->host_byte = STOR_DID_OK;
		v->status = answer->scsi_status;
		v->residual = answer->requested - answer->transferred;
		return;
	case STOR_SAM_CHECK_CONDITION:
		/* Without sense data it says nothing; asking for it would stop the whole host. */
		if (answer->optional)
			judge_refused(answer, v);
		return;
	}
	if (!scsi_status_known(answer->scsi_status))
		return;
	v->host_byte = STOR_DID_OK;
	v->status = answer->scsi_status;
}

static void judge_error(const struct stor_answer *answer, struct stor_verdict *v)
{
	if (answer->optional) {
		judge_refused(answer, v);
		return;
	}
	/* An error that carries a SCSI status of its own; CHECK CONDITION was judged by its sense. */
	if (answer->scsi_status == STOR_SAM_GOOD ||
	    answer->scsi_status == STOR_SAM_CONDITION_MET ||
	    answer->scsi_status == STOR_SAM_CHECK_CONDITION ||
	    !scsi_status_known(answer->scsi_status))
		return;
	v->host_byte = STOR_DID_OK;
	v->status = answer->scsi_status;
}

struct stor_verdict stor_status_judge(const struct stor_answer *answer)
{
	struct stor_verdict v = {
		.host_byte = STOR_DID_ERROR,
		.residual = answer->requested,
	};
	u8 class = classes[HVP_SRB_STATUS(answer->srb_status)];

	if (class != ANSWER_LUN_GONE && class != ANSWER_NOBODY && judge_sense(answer, &v))
		return v;

	switch (class) {
	case ANSWER_DONE:
		judge_done(answer, &v);
		break;
	case ANSWER_FLUSHED:
		v.host_byte = STOR_DID_REQUEUE;
		break;
	case ANSWER_BUSY:
		v.host_byte = STOR_DID_OK;
		v.status = STOR_SAM_BUSY;
		break;
	case ANSWER_REFUSED:
		judge_refused(answer, &v);
		break;
	case ANSWER_LUN_GONE:
		v.news = STOR_NEWS_GONE;
		v.host_byte = STOR_DID_NO_CONNECT;
		break;
	case ANSWER_NOBODY:
		v.host_byte = STOR_DID_NO_CONNECT;
		break;
	default:
		judge_error(answer, &v);
	}
	return v;
}
