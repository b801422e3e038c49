// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that the host may still write to although nobody here wants it any
 * more. It waits for the answer that returns it, however late:
 *
 *   torn down          -> freed
 *   unload confirmed   -> freed
 *
 * The teardown has been asked for by whoever puts memory here.
 *
 * The counters say how many pages are held; at an idle moment it must be none.
 */
#include "drivers/vmbus/quarantine.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/request.h"
#include "drivers/vmbus/ring.h"
#include "drivers/vmbus/stats.h"
#include "protocol/chanmsg.h"

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

struct held {
	struct list_head node;
	struct work_struct drop;	/* the host let go: free, where that may sleep */
	u32 gpadl;
	u32 page_count;
	struct page *ring;		/* page_count contiguous pages, or NULL */
	struct page *pages[];		/* else so many pages with a reference each */
};

static struct workqueue_struct *drop_queue;
static LIST_HEAD(held_list);
static DEFINE_SPINLOCK(held_lock);	/* protects the list */

static void held_free(struct held *held)
{
	u32 i;

	if (held->ring) {
		vmbus_ring_pages_free(held->ring, held->page_count);
	} else {
		for (i = 0; i < held->page_count; i++)
			put_page(held->pages[i]);
	}
	vmbus_stat_add(VMBUS_STAT_QUARANTINED_PAGES, -(s64)held->page_count);
	kvfree(held);
}

static void drop_run(struct work_struct *work)
{
	struct held *held = container_of(work, struct held, drop);

	pr_info("hv_vmbus: the host let go of GPADL %#x\n", held->gpadl);
	held_free(held);
}

static struct held *held_alloc(struct vmbus_channel *channel, u32 gpadl, u32 page_count, bool ring)
{
	struct held *held = kvzalloc(struct_size(held, pages, ring ? 0 : page_count), GFP_KERNEL);

	vmbus_stat_add(VMBUS_STAT_QUARANTINED_PAGES, page_count);
	vmbus_stat_add(VMBUS_STAT_QUARANTINED_TOTAL, page_count);
	pr_warn("hv_vmbus: %u pages of channel %u (GPADL %#x) stay with the host\n", page_count,
		channel->offermsg.child_relid, gpadl);
	if (!held)
		return NULL;

	INIT_WORK(&held->drop, drop_run);
	held->gpadl = gpadl;
	held->page_count = page_count;
	return held;
}

/* The answer may have come between the end of the request and now. */
static void held_add(struct held *held)
{
	u32 gpadl = held->gpadl;
	u32 status;

	spin_lock(&held_lock);
	list_add_tail(&held->node, &held_list);
	spin_unlock(&held_lock);

	if (vmbus_request_was_late(HVP_CM_GPADL_TORNDOWN, gpadl, &status))
		vmbus_quarantine_torndown(gpadl);
}

void vmbus_quarantine_ring(struct vmbus_channel *channel, u32 gpadl)
{
	struct held *held = held_alloc(channel, gpadl, channel->ringbuffer_pagecount, true);

	if (held) {
		held->ring = channel->ringbuffer_page;
		held_add(held);
	}
	/* Without a record they are leaked, which is as safe. */
	channel->ringbuffer_page = NULL;
	channel->ringbuffer_pagecount = 0;
}

bool vmbus_quarantine_buffer(struct vmbus_channel *channel, u32 gpadl, void *buffer, u32 size)
{
	u32 count = size >> PAGE_SHIFT;
	struct held *held = held_alloc(channel, gpadl, count, false);
	u32 i;

	if (!held)
		return false;
	if (!is_vmalloc_addr(buffer)) {
		/* Slab or multi-page memory: a reference would not keep it. */
		kvfree(held);
		return false;
	}
	for (i = 0; i < count; i++) {
		held->pages[i] = vmalloc_to_page(buffer + ((size_t)i << PAGE_SHIFT));
		get_page(held->pages[i]);
	}
	held_add(held);
	return true;
}

void vmbus_quarantine_torndown(u32 gpadl)
{
	struct held *held, *next;

	spin_lock(&held_lock);
	list_for_each_entry_safe(held, next, &held_list, node)
		if (held->gpadl == gpadl) {
			list_del_init(&held->node);
			queue_work(drop_queue, &held->drop);
			break;
		}
	spin_unlock(&held_lock);
}

int vmbus_quarantine_init(void)
{
	drop_queue = alloc_workqueue("hv_vmbus_drop", WQ_UNBOUND, 0);
	return drop_queue ? 0 : -ENOMEM;
}

void vmbus_quarantine_exit(bool released)
{
	struct held *held, *next;

	flush_workqueue(drop_queue);
	list_for_each_entry_safe(held, next, &held_list, node) {
		list_del(&held->node);
		if (released)
			held_free(held);
	}
	destroy_workqueue(drop_queue);
}
