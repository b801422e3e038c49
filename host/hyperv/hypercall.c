// SPDX-License-Identifier: GPL-2.0-only
#include "host/hyperv/hypercall.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/machine/loop.h"
#include "host/machine/memory.h"
#include "host/machine/vm.h"
#include "protocol/hypercall.h"

/*
 * Two threads meet here: the vCPU thread that made a call, and the loop.
 *
 *	vCPU: check -> copy -> queue -> eventfd      loop: eventfd -> ops
 *
 * hc->lock covers the table of open connection ids and the queue; no callback
 * runs with it held. Bound ids never come here: KVM turns the hypercall into a
 * write to an eventfd of the binding, which the loop watches.
 */

/* Hypercall input value, TLFS "Hypercall Inputs". */
#define INPUT_CODE(input)	((uint16_t)(input))
#define INPUT_FAST		(1ull << 16)

#define HV_X64_MSR_CRASH_P0	0x40000100
#define CRASH_REGS		5

#define TURN_MAX		64	/* calls, then others get their turn */

enum call_kind {
	CALL_MESSAGE,
	CALL_SIGNAL,		/* always refused: KVM takes those for bound ids itself */
	CALL_REFUSED,
};

struct call {
	enum call_kind kind;
	uint32_t vp;
	uint32_t conn_id;
	uint16_t code;
	uint16_t status;
	uint32_t value;		/* message type */
	uint32_t len;
	uint8_t payload[HVP_MESSAGE_PAYLOAD_MAX];
};

struct binding {
	struct binding *next;
	struct hypercall *hc;
	uint32_t conn_id;
	int fd;
	hypercall_event_cb cb;
	void *opaque;
};

struct open_ids {
	uint32_t ids[HYPERCALL_MAX_OPEN];
	unsigned int count;
};

struct hypercall {
	struct vm *vm;
	struct loop *loop;
	const struct hypercall_ops *ops;
	void *opaque;
	struct binding *bindings;
	int event_fd;			/* wakes the loop */
	bool held;			/* calls wait in the queue */

	pthread_mutex_t lock;		/* protects everything below */
	struct open_ids messages;
	struct hypercall_counters counters;
	uint32_t head;			/* free-running */
	uint32_t tail;
	struct call queue[HYPERCALL_QUEUE_MAX];
};

struct crash_report {
	struct hypercall *hc;
	uint64_t regs[CRASH_REGS];
};

/* Open ids */

static int find_id(const struct open_ids *open, uint32_t conn_id)
{
	for (unsigned int i = 0; i < open->count; i++)
		if (open->ids[i] == conn_id)
			return (int)i;
	return -1;
}

static int open_id(struct hypercall *hc, struct open_ids *open, uint32_t conn_id)
{
	int ret = 0;

	pthread_mutex_lock(&hc->lock);
	if (find_id(open, conn_id) >= 0)
		ret = 0;
	else if (open->count == HYPERCALL_MAX_OPEN)
		ret = -ENOSPC;
	else
		open->ids[open->count++] = conn_id;
	pthread_mutex_unlock(&hc->lock);
	return ret;
}

static void close_id(struct hypercall *hc, struct open_ids *open, uint32_t conn_id)
{
	int i;

	pthread_mutex_lock(&hc->lock);
	i = find_id(open, conn_id);
	if (i >= 0)
		open->ids[i] = open->ids[--open->count];
	pthread_mutex_unlock(&hc->lock);
}

int hypercall_open_message(struct hypercall *hc, uint32_t conn_id)
{
	return open_id(hc, &hc->messages, conn_id);
}

void hypercall_close_message(struct hypercall *hc, uint32_t conn_id)
{
	close_id(hc, &hc->messages, conn_id);
}

/* vCPU threads: decide on a call */

/* Fill in @call from the guest's input. Return: the status the form of the call deserves. */
static uint16_t parse_message(struct hypercall *hc, uint64_t input, uint64_t gpa, struct call *call)
{
	struct hvp_post_message_input in;

	if (input & INPUT_FAST)
		return HVP_STATUS_INVALID_HYPERCALL_INPUT;
	if (gpa & 7 || (gpa & HVP_PAGE_MASK) + sizeof(in) > HVP_PAGE_SIZE)
		return HVP_STATUS_INVALID_ALIGNMENT;
	if (gmem_read_raw(vm_memory(hc->vm), gpa, &in, sizeof(in)))
		return HVP_STATUS_INVALID_HYPERCALL_INPUT;
	call->kind = CALL_MESSAGE;
	call->conn_id = in.connection_id;
	call->value = in.message_type;
	if (in.payload_size > sizeof(in.payload))
		return HVP_STATUS_INVALID_PARAMETER;
	call->len = in.payload_size;
	memcpy(call->payload, in.payload, in.payload_size);
	return HVP_STATUS_SUCCESS;
}

/*
 * KVM looked the id up itself, found nothing bound to it, and passes on the
 * input: the value itself also for the slow form, which it has read already
 * (since 5.14).
 */
static uint16_t parse_signal(uint64_t value, struct call *call)
{
	call->kind = CALL_SIGNAL;
	call->conn_id = (uint32_t)value;
	return value >> 48 ? HVP_STATUS_INVALID_HYPERCALL_INPUT : HVP_STATUS_SUCCESS;
}

static uint16_t parse(struct hypercall *hc, const struct kvm_run *run, struct call *call)
{
	uint64_t input = run->hyperv.u.hcall.input;
	uint64_t param = run->hyperv.u.hcall.params[0];

	call->code = INPUT_CODE(input);
	switch (call->code) {
	case HVP_CALL_POST_MESSAGE:
		return parse_message(hc, input, param, call);
	case HVP_CALL_SIGNAL_EVENT:
		return parse_signal(param, call);
	default:
		return HVP_STATUS_INVALID_HYPERCALL_CODE;
	}
}

/* With hc->lock held. */

static uint16_t check_open(const struct hypercall *hc, const struct call *call)
{
	bool open = call->kind == CALL_MESSAGE && find_id(&hc->messages, call->conn_id) >= 0;

	return open ? HVP_STATUS_SUCCESS : HVP_STATUS_INVALID_CONNECTION_ID;
}

static bool wake(const struct hypercall *hc)
{
	uint64_t one = 1;

	return write(hc->event_fd, &one, sizeof(one)) == sizeof(one);
}

static bool queue_put(struct hypercall *hc, const struct call *call)
{
	if (hc->head - hc->tail == HYPERCALL_QUEUE_MAX)
		return false;
	hc->queue[hc->head++ % HYPERCALL_QUEUE_MAX] = *call;
	return wake(hc);
}

static void count_call(struct hypercall *hc, const struct call *call)
{
	if (call->code == HVP_CALL_POST_MESSAGE)
		hc->counters.posts++;
	else if (call->code == HVP_CALL_SIGNAL_EVENT)
		hc->counters.signals++;
}

static uint16_t accept_call(struct hypercall *hc, struct call *call, uint16_t status)
{
	count_call(hc, call);
	if (status == HVP_STATUS_SUCCESS)
		status = check_open(hc, call);
	if (status == HVP_STATUS_SUCCESS && !queue_put(hc, call))
		status = HVP_STATUS_INSUFFICIENT_BUFFERS;
	if (status == HVP_STATUS_SUCCESS)
		return status;
	hc->counters.refused++;
	call->kind = CALL_REFUSED;
	call->status = status;
	queue_put(hc, call);	/* a report; if there is no room, the count has to do */
	return status;
}

void hypercall_exit(struct hypercall *hc, uint32_t vp, struct kvm_run *run)
{
	struct call call = { .vp = vp };
	uint16_t status = parse(hc, run, &call);

	pthread_mutex_lock(&hc->lock);
	status = accept_call(hc, &call, status);
	pthread_mutex_unlock(&hc->lock);
	run->hyperv.u.hcall.result = status;
}

static void report_crash(void *opaque)
{
	struct crash_report *report = opaque;
	struct hypercall *hc = report->hc;

	if (hc->ops && hc->ops->crash)
		hc->ops->crash(hc->opaque, report->regs);
	free(report);
}

void hypercall_crash(struct hypercall *hc, uint32_t vp)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[CRASH_REGS];
	} msrs = { .head.nmsrs = CRASH_REGS };
	struct crash_report *report = calloc(1, sizeof(*report));

	if (!report)
		return;
	report->hc = hc;
	for (uint32_t i = 0; i < CRASH_REGS; i++)
		msrs.entries[i].index = HV_X64_MSR_CRASH_P0 + i;
	if (ioctl(vm_vcpu_fd(hc->vm, vp), KVM_GET_MSRS, &msrs) == CRASH_REGS)
		for (uint32_t i = 0; i < CRASH_REGS; i++)
			report->regs[i] = msrs.entries[i].data;
	if (loop_post(hc->loop, report_crash, report))
		free(report);
}

/* The loop: pass calls on */

static bool queue_get(struct hypercall *hc, struct call *call)
{
	bool found;

	pthread_mutex_lock(&hc->lock);
	found = hc->head != hc->tail;
	if (found)
		*call = hc->queue[hc->tail++ % HYPERCALL_QUEUE_MAX];
	pthread_mutex_unlock(&hc->lock);
	return found;
}

static void pass_on(struct hypercall *hc, const struct call *call)
{
	const struct hypercall_ops *ops = hc->ops;

	if (!ops)
		return;
	if (call->kind == CALL_MESSAGE && ops->post_message)
		ops->post_message(hc->opaque, call->vp, call->conn_id, call->value, call->payload,
				  call->len);
	else if (call->kind == CALL_REFUSED && ops->refused)
		ops->refused(hc->opaque, call->vp, call->code, call->conn_id, call->status);
}

static void calls_waiting(void *opaque, int fd, uint32_t events)
{
	struct hypercall *hc = opaque;
	unsigned int turn;
	struct call call;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	for (turn = 0; turn < TURN_MAX; turn++) {
		if (hc->held || !queue_get(hc, &call))
			return;
		pass_on(hc, &call);
	}
	wake(hc);
}

void hypercall_hold(struct hypercall *hc, bool hold)
{
	hc->held = hold;
	if (!hold)
		wake(hc);
}

/* Bound ids */

static struct binding **find_binding(struct hypercall *hc, uint32_t conn_id)
{
	struct binding **link = &hc->bindings;

	while (*link && (*link)->conn_id != conn_id)
		link = &(*link)->next;
	return link;
}

static void binding_signalled(void *opaque, int fd, uint32_t events)
{
	struct binding *binding = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	binding->cb(binding->opaque, binding->conn_id, count);
}

static int kvm_bind(const struct hypercall *hc, const struct binding *binding, uint32_t flags)
{
	struct kvm_hyperv_eventfd args = {
		.conn_id = binding->conn_id, .fd = binding->fd, .flags = flags,
	};

	return ioctl(vm_fd(hc->vm), KVM_HYPERV_EVENTFD, &args) ? -errno : 0;
}

static void free_binding(struct binding *binding)
{
	if (binding->fd >= 0)
		close(binding->fd);
	free(binding);
}

int hypercall_bind_event(struct hypercall *hc, uint32_t conn_id, hypercall_event_cb cb, void *opaque)
{
	struct binding *binding;
	int ret;

	if (!conn_id || conn_id > KVM_HYPERV_CONN_ID_MASK)
		return -EINVAL;
	if (*find_binding(hc, conn_id))
		return -EEXIST;
	binding = calloc(1, sizeof(*binding));
	if (!binding)
		return -ENOMEM;
	*binding = (struct binding){ .hc = hc, .conn_id = conn_id, .cb = cb, .opaque = opaque };
	binding->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ret = binding->fd < 0 ? -errno :
				loop_add(hc->loop, binding->fd, EPOLLIN, binding_signalled, binding);
	if (ret)
		goto err_free;
	ret = kvm_bind(hc, binding, 0);
	if (ret)
		goto err_loop;
	binding->next = hc->bindings;
	hc->bindings = binding;
	return 0;

err_loop:
	loop_del(hc->loop, binding->fd);
err_free:
	free_binding(binding);
	return ret;
}

void hypercall_unbind_event(struct hypercall *hc, uint32_t conn_id)
{
	struct binding **link = find_binding(hc, conn_id);
	struct binding *binding = *link;

	if (!binding)
		return;
	*link = binding->next;
	kvm_bind(hc, binding, KVM_HYPERV_EVENTFD_DEASSIGN);
	loop_del(hc->loop, binding->fd);
	free_binding(binding);
}

/* Life */

void hypercall_set_ops(struct hypercall *hc, const struct hypercall_ops *ops, void *opaque)
{
	hc->ops = ops;
	hc->opaque = opaque;
}

void hypercall_counters(struct hypercall *hc, struct hypercall_counters *out)
{
	pthread_mutex_lock(&hc->lock);
	*out = hc->counters;
	pthread_mutex_unlock(&hc->lock);
}

int hypercall_create(struct hypercall **out, struct vm *vm, struct loop *loop, struct err *err)
{
	struct hypercall *hc = calloc(1, sizeof(*hc));

	if (!hc)
		return err_set(err, -ENOMEM, "out of memory");
	hc->vm = vm;
	hc->loop = loop;
	pthread_mutex_init(&hc->lock, NULL);
	hc->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (hc->event_fd < 0 || loop_add(loop, hc->event_fd, EPOLLIN, calls_waiting, hc)) {
		hypercall_destroy(hc);
		return err_set(err, -EMFILE, "no descriptor for hypercalls");
	}
	*out = hc;
	return 0;
}

void hypercall_destroy(struct hypercall *hc)
{
	if (!hc)
		return;
	while (hc->bindings)
		hypercall_unbind_event(hc, hc->bindings->conn_id);
	if (hc->event_fd >= 0) {
		loop_del(hc->loop, hc->event_fd);
		close(hc->event_fd);
	}
	pthread_mutex_destroy(&hc->lock);
	free(hc);
}
