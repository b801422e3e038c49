// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that the host may still write to although nobody here wants it any
 * more. It waits for the answer that returns it, however late:
 *
 *   torn down              -> freed
 *   open result, success   -> close, tear down, and wait again
 *   open result, failure   -> tear down, and wait again
 *   rescind instead of it  -> tear down, and wait again
 *   unload confirmed       -> freed
 *
 * The counters say how many pages are held; at an idle moment it must be none.
 */
#include "drivers/vmbus/quarantine.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/gpadl.h"
#include "drivers/vmbus/post.h"
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
	struct work_struct undo;	/* close and tear down, in its own time */
	struct work_struct drop;	/* the host let go; waits for undo, then frees */
	u32 relid;
	u32 gpadl;
	u32 open_id;			/* not 0: waits for this open result first */
	bool close;			/* undo closes before it tears down */
	u32 page_count;
	struct page *ring;		/* page_count contiguous pages, or NULL */
	struct page *pages[];		/* else so many pages with a reference each */
};

static struct workqueue_struct *undo_queue;
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

	/* It is off the list, so nobody queues undo again. */
	cancel_work_sync(&held->undo);
	pr_info("hv_vmbus: the host let go of GPADL %#x\n", held->gpadl);
	held_free(held);
}

static void undo_run(struct work_struct *work)
{
	struct held *held = container_of(work, struct held, undo);
	struct hvp_relid_msg msg = { .h.type = HVP_CM_CLOSE_CHANNEL, .relid = held->relid };

	if (held->close)
		vmbus_post(&msg, sizeof(msg));
	vmbus_gpadl_teardown_post(held->relid, held->gpadl);
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

	INIT_WORK(&held->undo, undo_run);
	INIT_WORK(&held->drop, drop_run);
	held->relid = channel->offermsg.child_relid;
	held->gpadl = gpadl;
	held->page_count = page_count;
	return held;
}

/* The answer may have come between the end of the request and now. */
static void held_add(struct held *held)
{
	u32 open_id = held->open_id;
	u32 gpadl = held->gpadl;
	u32 relid = held->relid;
	u32 status;

	spin_lock(&held_lock);
	list_add_tail(&held->node, &held_list);
	spin_unlock(&held_lock);

	if (open_id && vmbus_request_was_late(HVP_CM_OPEN_RESULT, open_id, &status))
		vmbus_quarantine_open_answered(relid, open_id, status);
	if (vmbus_request_was_late(HVP_CM_GPADL_TORNDOWN, gpadl, &status))
		vmbus_quarantine_torndown(gpadl);
}

void vmbus_quarantine_ring(struct vmbus_channel *channel, u32 gpadl, u32 open_id)
{
	struct held *held = held_alloc(channel, gpadl, channel->ringbuffer_pagecount, true);

	if (held) {
		held->ring = channel->ringbuffer_page;
		held->open_id = open_id;
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
			queue_work(undo_queue, &held->drop);
			break;
		}
	spin_unlock(&held_lock);
}

static void open_decided(struct held *held, bool is_open)
{
	lockdep_assert_held(&held_lock);

	held->open_id = 0;
	held->close = is_open;
	queue_work(undo_queue, &held->undo);
}

void vmbus_quarantine_open_answered(u32 relid, u32 open_id, u32 status)
{
	struct held *held;

	spin_lock(&held_lock);
	list_for_each_entry(held, &held_list, node)
		if (open_id && held->open_id == open_id && held->relid == relid) {
			open_decided(held, status == 0);
			break;
		}
	spin_unlock(&held_lock);
}

void vmbus_quarantine_rescinded(u32 relid)
{
	struct held *held;

	spin_lock(&held_lock);
	list_for_each_entry(held, &held_list, node)
		if (held->open_id && held->relid == relid)
			open_decided(held, false);
	spin_unlock(&held_lock);
}

int vmbus_quarantine_init(void)
{
	undo_queue = alloc_workqueue("hv_vmbus_undo", WQ_UNBOUND, 0);
	return undo_queue ? 0 : -ENOMEM;
}

void vmbus_quarantine_exit(bool released)
{
	struct held *held, *next;

	flush_workqueue(undo_queue);
	list_for_each_entry_safe(held, next, &held_list, node) {
		list_del(&held->node);
		if (released)
			held_free(held);
	}
	destroy_workqueue(undo_queue);
}
