// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/fcopy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/machine/loop.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/ic.h"

/*
 *	idle --START--> starting --success--> writing --all acknowledged--> completing
 *	      starting --refused--> idle, failed: the guest has nothing to undo
 *	      starting --silence--> cancelling
 *	      writing --refused, silence, unreadable file, given up--> cancelling
 *	      completing --success--> idle, done
 *	      completing --refused, silence--> cancelling
 *	      cancelling --any answer, silence--> idle, failed or cancelled
 *	      any --the channel closes--> idle, failed
 *
 * Each step is one transaction; the next is sent when its answer is there.
 */
struct fcopy {
	struct vmbus *vmbus;
	struct ic *ic;
	struct ic_ask *ask;
	struct fcopy_state state;

	/* the copy */
	int fd;
	enum hvp_fcopy_op op;		/* that waits for its answer */
	u32 chunk;			/* bytes of the WRITE that waits */
	bool given_up;			/* cancel at the next step */
	bool owed;			/* CANCEL, when the service is ready again */
	u32 opening;			/* in which the file was opened */
	bool cancel;
	u64 cancel_after;
	u64 started_ns;
	fcopy_cb cb;			/* NULL: forgotten */
	ic_ask_cb raw;			/* of raw bytes, likewise */
	void *opaque;
	struct fcopy_result result;
	u8 body[HVP_FCOPY_SIZE_MAX];
};

/* ---- the end ---- */

static void count_end(struct fcopy *fc)
{
	if (!fc->result.step && !fc->result.cancelled)
		fc->state.copies++;
	else if (fc->result.cancelled)
		fc->state.copies_cancelled++;
	else
		fc->state.copies_failed++;
}

static void finish(struct fcopy *fc)
{
	fcopy_cb cb = fc->cb;

	close(fc->fd);
	fc->fd = -1;
	fc->cb = NULL;
	fc->state.phase = FCOPY_IDLE;
	fc->result.bytes = fc->state.copied;
	fc->result.ms = (u32)((loop_now_ns() - fc->started_ns) / 1000000);
	count_end(fc);
	if (cb)
		cb(fc->opaque, &fc->result);
}

static int send(struct fcopy *fc, enum fcopy_phase phase, enum hvp_fcopy_op op, int len);

static bool renegotiates(const struct fcopy *fc)
{
	return ic_state(fc->ic) == IC_NEGOTIATING;
}

static int send_cancel(struct fcopy *fc)
{
	int len = hvp_fcopy_build_end((struct hvp_fcopy_head *)fc->body, HVP_FCOPY_CANCEL);

	return send(fc, FCOPY_CANCELLING, HVP_FCOPY_CANCEL, len);
}

static void cancel(struct fcopy *fc)
{
	if (!send_cancel(fc))
		return;
	fc->result.cancel_failed = true;
	finish(fc);
}

static void fail(struct fcopy *fc, const char *step, int error, u32 status)
{
	bool nothing_to_undo = fc->op == HVP_FCOPY_START && !error;

	fc->result.step = step;
	fc->result.error = error;
	fc->result.status = status;
	fc->owed = error == -ENOTCONN && renegotiates(fc);
	if (nothing_to_undo || error == -ENOTCONN)
		finish(fc);
	else
		cancel(fc);
}

/* ---- the steps ---- */

static void complete(struct fcopy *fc)
{
	int len = hvp_fcopy_build_end((struct hvp_fcopy_head *)fc->body, HVP_FCOPY_COMPLETE);
	int ret = send(fc, FCOPY_COMPLETING, HVP_FCOPY_COMPLETE, len);

	if (ret)
		fail(fc, "complete", ret, 0);
}

/* Return: bytes; 0 when the file became shorter. */
static ssize_t read_chunk(struct fcopy *fc, u8 *data)
{
	u64 left = fc->state.size - fc->state.copied;
	ssize_t ret;

	do
		ret = pread(fc->fd, data, left < HVP_FCOPY_DATA_MAX ? left : HVP_FCOPY_DATA_MAX,
			    (off_t)fc->state.copied);
	while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

static void write_chunk(struct fcopy *fc)
{
	u8 data[HVP_FCOPY_DATA_MAX];
	ssize_t len = read_chunk(fc, data);
	struct hvp_fcopy_chunk chunk = { .offset = fc->state.copied, .data = data };
	int ret;

	if (len <= 0)
		return fail(fc, "read", len ? (int)len : -ENODATA, 0);
	chunk.size = (u32)len;
	fc->chunk = chunk.size;
	ret = hvp_fcopy_build_write((struct hvp_fcopy_write *)fc->body, &chunk);
	ret = send(fc, FCOPY_WRITING, HVP_FCOPY_WRITE, ret);
	if (ret)
		fail(fc, "write", ret, 0);
}

static void go_on(struct fcopy *fc)
{
	if (fc->cancel && fc->state.copied >= fc->cancel_after) {
		fc->result.cancelled = true;
		return cancel(fc);
	}
	if (fc->given_up)
		return fail(fc, "write", -ECANCELED, 0);
	if (fc->state.copied < fc->state.size)
		return write_chunk(fc);
	complete(fc);
}

static void succeeded(struct fcopy *fc)
{
	if (fc->op == HVP_FCOPY_COMPLETE)
		return finish(fc);
	if (fc->op == HVP_FCOPY_WRITE)
		fc->state.copied += fc->chunk;
	go_on(fc);
}

static int judge(struct fcopy *fc, const struct ic_answer *answer)
{
	if (!hvp_fcopy_reply_check(answer->body, answer->len, fc->op))
		return 0;
	if (!ic_answer_spoiled(fc->ic))
		checker_report(vmbus_checker(fc->vmbus), RULE_IC_MESSAGE, 0,
			       "fcopy: bad answer to %s", hvp_fcopy_op_name(fc->op));
	return -EBADMSG;
}

static void count_answer(struct fcopy *fc, int error, u32 status)
{
	if (error == -EBADMSG)
		fc->state.bad++;
	else if (error)
		fc->state.lost++;
	else if (status)
		fc->state.refused++;
	else
		fc->state.answered++;
}

static void cancelled(struct fcopy *fc, int error, u32 status)
{
	bool told = fc->owed;

	fc->owed = error == -ENOTCONN && renegotiates(fc);
	fc->result.cancel_failed = error || status;
	if (told)
		fc->state.phase = FCOPY_IDLE;
	else
		finish(fc);
}

static void asked(void *opaque, const struct ic_answer *answer)
{
	struct fcopy *fc = opaque;
	int error = answer->error;

	if (!error && !answer->status)
		error = judge(fc, answer);
	count_answer(fc, error, answer->status);
	if (fc->state.phase == FCOPY_CANCELLING)
		return cancelled(fc, error, answer->status);
	if (error || answer->status)
		return fail(fc, hvp_fcopy_op_name(fc->op), error, answer->status);
	succeeded(fc);
}

static int send(struct fcopy *fc, enum fcopy_phase phase, enum hvp_fcopy_op op, int len)
{
	int ret;

	if (len < 0)
		return len;
	fc->op = op;
	fc->state.phase = phase;
	ret = ic_ask(fc->ask, fc->ic, fc->body, (u32)len, FCOPY_TIMEOUT_MS, asked, fc);
	if (!ret)
		fc->state.asked++;
	return ret;
}

/* ---- the start ---- */

/* "DIR/NAME", "DIR/" with the name of the host's file, or a name alone. */
static int split(const struct fcopy_config *config, struct hvp_fcopy_file *file)
{
	const char *slash = strrchr(config->destination, '/');
	const char *name = slash ? slash + 1 : config->destination;
	const char *own = strrchr(config->file, '/');
	size_t path = slash ? (size_t)(slash - config->destination) : 0;

	if (!*name)
		name = own ? own + 1 : config->file;
	if (slash && !path)
		path = 1;	/* the root */
	if (!*name || strlen(name) >= sizeof(file->name) || path >= sizeof(file->path))
		return -EMSGSIZE;
	strcpy(file->name, name);
	memcpy(file->path, config->destination, path);
	file->path[path] = '\0';
	return 0;
}

static int build_start(struct fcopy *fc, const struct fcopy_config *config, struct err *err)
{
	struct hvp_fcopy_file file = {
		.size = fc->state.size,
		.flags = (config->overwrite ? HVP_FCOPY_OVERWRITE : 0) |
			 (config->create_path ? HVP_FCOPY_CREATE_PATH : 0),
	};
	int ret = split(config, &file);

	if (!ret)
		ret = hvp_fcopy_build_start((struct hvp_fcopy_start *)fc->body, &file);
	if (ret == -EILSEQ)
		return err_set(err, ret, "the destination is not UTF-8");
	if (ret < 0)
		return err_set(err, ret, "the destination is longer than %u characters",
			       HVP_FCOPY_PATH_UNITS - 1);
	return ret;
}

static int open_file(struct fcopy *fc, const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, -EINVAL, "%s is no regular file", path);
	}
	fc->fd = fd;
	fc->state.size = (u64)st.st_size;
	fc->state.copied = 0;
	return 0;
}

static void prepare(struct fcopy *fc, const struct fcopy_config *config, fcopy_cb cb, void *opaque)
{
	fc->given_up = false;
	fc->owed = false;
	fc->opening = ic_openings(fc->ic);
	fc->cancel = config->cancel;
	fc->cancel_after = config->cancel_after;
	fc->started_ns = loop_now_ns();
	fc->cb = cb;
	fc->opaque = opaque;
	fc->result = (struct fcopy_result) { .step = NULL };
}

/* Return: 0, or why not, in @err. */
static int check_idle(const struct fcopy *fc, struct err *err)
{
	if (ic_state(fc->ic) != IC_READY)
		return err_set(err, -ENOTCONN, "the guest does not run the file copy service");
	if (fc->state.phase != FCOPY_IDLE || ic_ask_waiting(fc->ask))
		return err_set(err, -EBUSY, "something else is being copied");
	return 0;
}

int fcopy_copy(struct fcopy *fc, const struct fcopy_config *config, fcopy_cb cb, void *opaque,
	       struct err *err)
{
	int ret = check_idle(fc, err);

	if (!ret)
		ret = open_file(fc, config->file, err);
	if (ret)
		return ret;
	prepare(fc, config, cb, opaque);
	ret = build_start(fc, config, err);
	if (ret >= 0) {
		ret = send(fc, FCOPY_STARTING, HVP_FCOPY_START, ret);
		if (!ret)
			return 0;
		err_set(err, ret, "cannot ask the guest: %s", strerror(-ret));
	}
	fc->state.phase = FCOPY_IDLE;
	close(fc->fd);
	fc->fd = -1;
	return ret;
}

static void raw_answered(void *opaque, const struct ic_answer *answer)
{
	struct fcopy *fc = opaque;

	count_answer(fc, answer->error, answer->status);
	if (fc->raw)
		fc->raw(fc->opaque, answer);
}

int fcopy_ask_raw(struct fcopy *fc, const void *body, u32 len, ic_ask_cb cb, void *opaque)
{
	int ret = check_idle(fc, NULL);

	if (!ret)
		ret = ic_ask(fc->ask, fc->ic, body, len, FCOPY_TIMEOUT_MS, raw_answered, fc);
	if (ret)
		return ret;
	fc->state.asked++;
	fc->raw = cb;
	fc->opaque = opaque;
	return 0;
}

void fcopy_forget(struct fcopy *fc, void *opaque)
{
	if (fc->opaque != opaque)
		return;
	fc->raw = NULL;
	fc->cb = NULL;
	fc->given_up = true;
}

/* ---- the service ---- */

static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	struct fcopy *fc = opaque;

	ic_ask_answered(fc->ask, status, body, len);
}

/* The result of that copy was told before. */
static void ready(void *opaque)
{
	struct fcopy *fc = opaque;

	if (!fc->owed)
		return;
	fc->owed = fc->opening == ic_openings(fc->ic) && !send_cancel(fc);
	if (!fc->owed)
		fc->state.phase = FCOPY_IDLE;
}

/* While something is copied there is always a question that waits. */
static void closed(void *opaque)
{
	struct fcopy *fc = opaque;

	ic_ask_closed(fc->ask);
}

static const struct ic_service service = {
	.name		= "fcopy",
	.class_id	= HVP_CLASS_FCOPY,
	.instance_id	= HVP_GUID(0xeb765408, 0x105f, 0x49b6, 0xb4, 0xaa, 0xc1, 0x23, 0xb6, 0x4d,
				   0x17, 0xd4),
	.type		= HVP_IC_FCOPY,
	.ready		= ready,
	.answered	= answered,
	.closed		= closed,
};

int fcopy_create(struct fcopy **out, struct ic_set *set, struct err *err)
{
	struct fcopy *fc = calloc(1, sizeof(*fc));
	int ret = -ENOMEM;

	if (!fc)
		return err_set(err, ret, "out of memory");
	fc->vmbus = set->vmbus;
	fc->fd = -1;
	fc->ask = ic_ask_create(vmbus_loop(set->vmbus));
	if (!fc->ask)
		err_set(err, ret, "out of memory");
	else
		ret = ic_create(&fc->ic, set, &service, fc, err);
	if (ret) {
		fcopy_destroy(fc);
		return ret;
	}
	*out = fc;
	return 0;
}

void fcopy_destroy(struct fcopy *fc)
{
	if (!fc)
		return;
	ic_destroy(fc->ic);
	ic_ask_destroy(fc->ask);
	if (fc->fd >= 0)
		close(fc->fd);
	free(fc);
}

void fcopy_set_paused(struct fcopy *fc, bool paused)
{
	ic_ask_set_paused(fc->ask, paused);
}

const struct fcopy_state *fcopy_state(const struct fcopy *fc)
{
	return &fc->state;
}

const char *fcopy_phase_name(enum fcopy_phase phase)
{
	static const char *const names[FCOPY_PHASE_COUNT] = {
		[FCOPY_IDLE]		= "idle",
		[FCOPY_STARTING]	= "starting",
		[FCOPY_WRITING]		= "writing",
		[FCOPY_COMPLETING]	= "completing",
		[FCOPY_CANCELLING]	= "cancelling",
	};

	return names[phase];
}

const struct ic *fcopy_ic(const struct fcopy *fc)
{
	return fc->ic;
}
