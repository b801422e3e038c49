// SPDX-License-Identifier: GPL-2.0-only
#include "host/hyperv/synic.h"

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
#include "protocol/synic.h"

/*
 * Sending a message. The guest frees a slot by writing type 0; if the flag
 * PENDING was set in it, it then writes the EOM register, and KVM, which
 * handles that register itself, reports it through the resample eventfd of the
 * SINT's GSI. Ordinary end-of-interrupt writes report too, so the report is
 * only a reason to look.
 *
 *	post ──> queue ──(slot free)──> slot ──> interrupt
 *	           ^                     |
 *	           └──── resample <── guest: EOM
 *
 * The slot may be shared: KVM itself puts the expiry messages of synthetic
 * timers into the slot of their SINT, from a vCPU thread, and Linux gives them
 * the SINT of VMBus. Both sides look whether the slot is free and then write,
 * which is not atomic, so one message could overwrite the other. It does not
 * come to that as long as KVM offers timers in direct mode, which send none.
 *
 * Pairing: we set PENDING, then read type again; the guest writes type 0, then
 * reads PENDING (full barrier on both sides). One of us sees the other.
 *
 * Locks. The pages can be turned off by a vCPU thread at any time; from then
 * on the guest may use the memory for something else. So vp->lock covers the
 * page addresses and every access through them. Queues are the loop thread's,
 * except that turning a page off empties them: they are under the lock too.
 * Nothing is called with it held but KVM ioctls.
 */

/* Register bits, TLFS "SynIC": enable, and the page number in SIMP and SIEFP. */
#define SYNIC_ENABLE		1ull
#define SYNIC_PAGE_MASK		(~(u64)HVP_PAGE_MASK)

#define IOAPIC_PINS		24

struct queued_message {
	struct queued_message *next;
	struct hvp_message message;
};

struct port {			/* one (VP, SINT) */
	int resample_fd;	/* -1 until the first message */
	int trigger_fd;		/* KVM's irqfd; never written, KVM wants one */
	unsigned int pending;
	struct queued_message *head;
	struct queued_message **tail;
};

struct vp {
	struct synic *synic;
	uint32_t index;
	pthread_mutex_t lock;	/* protects the rest */
	u64 control;
	u64 simp;
	u64 siefp;
	struct port ports[HVP_SINT_COUNT];
	struct synic_counters counters;
};

struct synic {
	struct vm *vm;
	struct loop *loop;
	uint32_t vp_count;
	struct vp vps[VM_MAX_VCPUS];
};

static unsigned int sint_gsi(const struct vp *vp, uint32_t sint)
{
	return IOAPIC_PINS + vp->index * HVP_SINT_COUNT + sint;
}

/* With vp->lock held, all of the following down to synic_post(). */

static struct hvp_message_page *message_page(struct vp *vp)
{
	if (!(vp->control & SYNIC_ENABLE) || !(vp->simp & SYNIC_ENABLE))
		return NULL;
	return gmem_map_raw(vm_memory(vp->synic->vm), vp->simp & SYNIC_PAGE_MASK, HVP_PAGE_SIZE);
}

static struct hvp_event_page *event_page(struct vp *vp)
{
	if (!(vp->control & SYNIC_ENABLE) || !(vp->siefp & SYNIC_ENABLE))
		return NULL;
	return gmem_map_raw(vm_memory(vp->synic->vm), vp->siefp & SYNIC_PAGE_MASK, HVP_PAGE_SIZE);
}

static void interrupt(struct vp *vp, uint32_t sint)
{
	vp->counters.interrupts++;
	vm_irq_line(vp->synic->vm, sint_gsi(vp, sint), true);
}

/* Whether the slot can take a message; if not, the guest will tell when it can. */
static bool slot_free(struct hvp_message *slot)
{
	if (!gmem_load_u32(&slot->type))
		return true;
	__atomic_fetch_or(&slot->flags, HVP_MSG_FLAG_PENDING, __ATOMIC_SEQ_CST);
	gmem_full_barrier();	/* pairs with the guest's between type and flags */
	return !gmem_load_u32(&slot->type);
}

static void fill_slot(struct hvp_message *slot, const struct hvp_message *message, bool more)
{
	slot->payload_size = message->payload_size;
	slot->flags = more ? HVP_MSG_FLAG_PENDING : 0;
	slot->sender = message->sender;
	memcpy(slot->payload, message->payload, message->payload_size);
	gmem_store_u32(&slot->type, message->type);	/* last: publishes the rest */
}

static struct queued_message *take_first(struct port *port)
{
	struct queued_message *first = port->head;

	port->head = first->next;
	if (!port->head)
		port->tail = &port->head;
	port->pending--;
	return first;
}

static void deliver(struct vp *vp, uint32_t sint)
{
	struct hvp_message_page *page = message_page(vp);
	struct port *port = &vp->ports[sint];
	struct queued_message *first;

	if (!page || !port->head || !slot_free(&page->slot[sint]))
		return;
	first = take_first(port);
	fill_slot(&page->slot[sint], &first->message, port->head != NULL);
	free(first);
	vp->counters.messages++;
	interrupt(vp, sint);
}

static void drop_queue(struct vp *vp, struct port *port)
{
	while (port->head) {
		free(take_first(port));
		vp->counters.dropped++;
	}
}

static void slot_may_be_free(void *opaque, int fd, uint32_t events)
{
	struct vp *vp = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&vp->lock);
	for (uint32_t sint = 0; sint < HVP_SINT_COUNT; sint++)
		if (vp->ports[sint].resample_fd == fd)
			deliver(vp, sint);
	pthread_mutex_unlock(&vp->lock);
}

/* Only for SINTs in use: KVM walks the list of all of them at every interrupt's end. */
static int watch_port(struct vp *vp, uint32_t sint)
{
	struct port *port = &vp->ports[sint];
	struct kvm_irqfd irqfd = { .gsi = sint_gsi(vp, sint), .flags = KVM_IRQFD_FLAG_RESAMPLE };
	int ret = -ENOMEM;

	if (port->resample_fd >= 0)
		return 0;
	port->trigger_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	port->resample_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	irqfd.fd = (uint32_t)port->trigger_fd;
	irqfd.resamplefd = (uint32_t)port->resample_fd;
	if (port->trigger_fd < 0 || port->resample_fd < 0 ||
	    ioctl(vm_fd(vp->synic->vm), KVM_IRQFD, &irqfd))
		ret = -errno;
	else
		ret = loop_add(vp->synic->loop, port->resample_fd, EPOLLIN, slot_may_be_free, vp);
	if (!ret)
		return 0;
	close(port->trigger_fd);
	close(port->resample_fd);
	port->trigger_fd = port->resample_fd = -1;
	return ret;
}

static int enqueue(struct vp *vp, uint32_t sint, const struct hvp_message *message)
{
	struct port *port = &vp->ports[sint];
	struct queued_message *queued;
	int ret;

	if (!message_page(vp))
		return -ENXIO;
	if (port->pending == SYNIC_QUEUE_MAX)
		return -ENOBUFS;
	ret = watch_port(vp, sint);
	if (ret)
		return ret;
	queued = malloc(sizeof(*queued));
	if (!queued)
		return -ENOMEM;
	queued->next = NULL;
	queued->message = *message;
	*port->tail = queued;
	port->tail = &queued->next;
	port->pending++;
	return 0;
}

int synic_post(struct synic *synic, uint32_t vp_index, uint32_t sint, uint32_t type,
	       const void *payload, size_t len)
{
	struct hvp_message message = { .type = type, .payload_size = (u8)len };
	struct vp *vp;
	int ret;

	if (vp_index >= synic->vp_count || sint >= HVP_SINT_COUNT || type == HVP_MSG_NONE ||
	    len > sizeof(message.payload))
		return -EINVAL;
	memcpy(message.payload, payload, len);
	vp = &synic->vps[vp_index];
	pthread_mutex_lock(&vp->lock);
	ret = enqueue(vp, sint, &message);
	if (ret)
		vp->counters.refused++;
	else
		deliver(vp, sint);
	pthread_mutex_unlock(&vp->lock);
	return ret;
}

unsigned int synic_post_pending(struct synic *synic, uint32_t vp_index, uint32_t sint)
{
	struct hvp_message_page *page;
	unsigned int pending;
	struct vp *vp;

	if (vp_index >= synic->vp_count || sint >= HVP_SINT_COUNT)
		return 0;
	vp = &synic->vps[vp_index];
	pthread_mutex_lock(&vp->lock);
	page = message_page(vp);
	pending = vp->ports[sint].pending;
	if (page && gmem_load_u32(&page->slot[sint].type))
		pending++;
	pthread_mutex_unlock(&vp->lock);
	return pending;
}

void synic_post_cancel(struct synic *synic, uint32_t vp, uint32_t sint)
{
	if (vp >= synic->vp_count || sint >= HVP_SINT_COUNT)
		return;
	pthread_mutex_lock(&synic->vps[vp].lock);
	drop_queue(&synic->vps[vp], &synic->vps[vp].ports[sint]);
	pthread_mutex_unlock(&synic->vps[vp].lock);
}

/* With vp->lock held. */
static bool raise_event(struct vp *vp, uint32_t sint, uint32_t flag)
{
	struct hvp_event_page *page = event_page(vp);
	u64 bit = 1ull << flag % 64;

	if (!page) {
		vp->counters.dropped++;
		return false;
	}
	vp->counters.events++;
	if (__atomic_fetch_or(&page->flags[sint][flag / 64], bit, __ATOMIC_SEQ_CST) & bit)
		return false;
	interrupt(vp, sint);
	return true;
}

bool synic_set_event(struct synic *synic, uint32_t vp_index, uint32_t sint, uint32_t flag)
{
	struct vp *vp;
	bool sent;

	if (vp_index >= synic->vp_count || sint >= HVP_SINT_COUNT || flag >= HVP_EVENT_FLAGS)
		return false;
	vp = &synic->vps[vp_index];
	pthread_mutex_lock(&vp->lock);
	sent = raise_event(vp, sint, flag);
	pthread_mutex_unlock(&vp->lock);
	return sent;
}

void synic_counters(struct synic *synic, uint32_t vp, struct synic_counters *out)
{
	*out = (struct synic_counters){ .messages = 0 };
	if (vp >= synic->vp_count)
		return;
	pthread_mutex_lock(&synic->vps[vp].lock);
	*out = synic->vps[vp].counters;
	pthread_mutex_unlock(&synic->vps[vp].lock);
}

/* The guest's registers */

/* A page that was just turned on starts empty. */
static void zero_new_page(struct gmem *gmem, u64 old, u64 new)
{
	void *page;

	if (!(new & SYNIC_ENABLE) || old == new)
		return;
	page = gmem_map_raw(gmem, new & SYNIC_PAGE_MASK, HVP_PAGE_SIZE);
	if (page)
		memset(page, 0, HVP_PAGE_SIZE);
}

void synic_exit(struct synic *synic, uint32_t vp_index, const struct kvm_run *run)
{
	struct gmem *gmem = vm_memory(synic->vm);
	struct vp *vp = &synic->vps[vp_index];

	if (vp_index >= synic->vp_count)
		return;
	pthread_mutex_lock(&vp->lock);
	zero_new_page(gmem, vp->simp, run->hyperv.u.synic.msg_page);
	zero_new_page(gmem, vp->siefp, run->hyperv.u.synic.evt_page);
	vp->control = run->hyperv.u.synic.control;
	vp->simp = run->hyperv.u.synic.msg_page;
	vp->siefp = run->hyperv.u.synic.evt_page;
	if (!message_page(vp))
		for (uint32_t sint = 0; sint < HVP_SINT_COUNT; sint++)
			drop_queue(vp, &vp->ports[sint]);
	pthread_mutex_unlock(&vp->lock);
}

/* Life */

static int enable(struct synic *synic, struct err *err)
{
	struct kvm_enable_cap capability = { .cap = KVM_CAP_HYPERV_SYNIC2 };

	for (uint32_t i = 0; i < synic->vp_count; i++)
		if (ioctl(vm_vcpu_fd(synic->vm, i), KVM_ENABLE_CAP, &capability))
			return err_set(err, -errno, "KVM_CAP_HYPERV_SYNIC2: %s", strerror(errno));
	return 0;
}

/* The ioctl replaces the whole table, so the IOAPIC's pins are in it too. */
static int route(struct synic *synic, struct err *err)
{
	const uint32_t count = IOAPIC_PINS + synic->vp_count * HVP_SINT_COUNT;
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + count * sizeof(table->entries[0]));
	int ret = 0;

	if (!table)
		return err_set(err, -ENOMEM, "out of memory");
	table->nr = count;
	for (uint32_t gsi = 0; gsi < IOAPIC_PINS; gsi++)
		table->entries[gsi] = (struct kvm_irq_routing_entry){
			.gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip = { .irqchip = KVM_IRQCHIP_IOAPIC, .pin = gsi },
		};
	for (uint32_t gsi = IOAPIC_PINS; gsi < count; gsi++)
		table->entries[gsi] = (struct kvm_irq_routing_entry){
			.gsi = gsi, .type = KVM_IRQ_ROUTING_HV_SINT,
			.u.hv_sint = { .vcpu = (gsi - IOAPIC_PINS) / HVP_SINT_COUNT,
				       .sint = (gsi - IOAPIC_PINS) % HVP_SINT_COUNT },
		};
	if (ioctl(vm_fd(synic->vm), KVM_SET_GSI_ROUTING, table))
		ret = err_set(err, -errno, "KVM_SET_GSI_ROUTING: %s", strerror(errno));
	free(table);
	return ret;
}

static void init_vp(struct vp *vp, struct synic *synic, uint32_t index)
{
	vp->synic = synic;
	vp->index = index;
	pthread_mutex_init(&vp->lock, NULL);
	for (uint32_t sint = 0; sint < HVP_SINT_COUNT; sint++)
		vp->ports[sint] = (struct port){
			.resample_fd = -1, .trigger_fd = -1, .tail = &vp->ports[sint].head,
		};
}

int synic_create(struct synic **out, struct vm *vm, struct loop *loop, struct err *err)
{
	struct synic *synic = calloc(1, sizeof(*synic));
	int ret;

	if (!synic)
		return err_set(err, -ENOMEM, "out of memory");
	synic->vm = vm;
	synic->loop = loop;
	synic->vp_count = vm_cpus(vm);
	for (uint32_t i = 0; i < synic->vp_count; i++)
		init_vp(&synic->vps[i], synic, i);
	ret = enable(synic, err);
	if (!ret)
		ret = route(synic, err);
	if (ret) {
		synic_destroy(synic);
		return ret;
	}
	*out = synic;
	return 0;
}

static void destroy_port(struct vp *vp, struct port *port)
{
	drop_queue(vp, port);
	if (port->resample_fd < 0)
		return;
	loop_del(vp->synic->loop, port->resample_fd);
	close(port->resample_fd);
	close(port->trigger_fd);
}

void synic_destroy(struct synic *synic)
{
	if (!synic)
		return;
	for (uint32_t i = 0; i < synic->vp_count; i++) {
		for (uint32_t sint = 0; sint < HVP_SINT_COUNT; sint++)
			destroy_port(&synic->vps[i], &synic->vps[i].ports[sint]);
		pthread_mutex_destroy(&synic->vps[i].lock);
	}
	free(synic);
}
