// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory shared with the host, named by a handle that is never used twice.
 *
 * Ownership: the host owns the pages from the first message of the list until
 * its torn-down answer, or until it refuses the list. Nothing else returns
 * them, not the end of the channel and not a rescind.
 */
#include "drivers/vmbus/gpadl.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/post.h"
#include "drivers/vmbus/quarantine.h"
#include "drivers/vmbus/request.h"
#include "protocol/gpadl.h"

#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static u64 frame_at(void *buffer, u32 i)
{
	return virt_to_hvpfn(buffer + (size_t)i * HVP_PAGE_SIZE);
}

/* Posts the whole list. @sent tells whether the host saw any of it. */
static int list_post(struct vmbus_chan *chan, const struct hvp_gpadl_info *info, void *buffer,
		     bool *sent)
{
	u32 count = hvp_gpadl_message_count(info->pfn_count);
	union hvp_chanmsg *msg;
	int ret = 0;
	u32 i;

	msg = kmalloc(sizeof(*msg), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	for (i = 0; i < count && !ret; i++) {
		ret = hvp_gpadl_build(info, i, frame_at, buffer, msg);
		if (ret > 0)
			ret = vmbus_chan_post(chan, msg, ret);
		*sent |= !ret;
	}
	kfree(msg);
	return ret;
}

static u32 handle_new(void)
{
	u32 handle = atomic_inc_return(&vmbus_connection.next_gpadl_handle);

	return handle ?: atomic_inc_return(&vmbus_connection.next_gpadl_handle);
}

int vmbus_gpadl_create(struct vmbus_channel *channel, void *buffer, u32 size, u32 *gpadl)
{
	struct hvp_gpadl_info info = {
		.relid = channel->offermsg.child_relid,
		.gpadl = handle_new(),
		.byte_count = size,
		.pfn_count = size / HVP_PAGE_SIZE,
	};
	struct vmbus_request request;
	bool sent = false;
	int ret;

	*gpadl = info.gpadl;
	if (!size || size % HVP_PAGE_SIZE || offset_in_hvpage(buffer) ||
	    info.pfn_count > HVP_GPADL_MAX_PFNS)
		return -EINVAL;
	if (vmbus_chan_rescinded(to_chan(channel)))
		return -ENODEV;

	vmbus_request_begin(&request, HVP_CM_GPADL_CREATED, info.relid, info.gpadl);
	ret = list_post(to_chan(channel), &info, buffer, &sent);
	ret = vmbus_request_end(&request, ret, vmbus_reply_seconds(request.reply));
	if (ret == -EREMOTEIO) {
		pr_warn("hv_vmbus: the host refused %u bytes for channel %u: %#x\n", size,
			info.relid, request.status);
		return -EDQUOT;
	}
	if (!ret || !sent)
		return ret;

	/* Half posted, rescinded or silent: have it undone, whatever it was. */
	if (vmbus_gpadl_teardown(channel, info.gpadl))
		return -ETIMEDOUT;
	return ret == -ETIMEDOUT ? -EIO : ret;
}

int vmbus_gpadl_teardown(struct vmbus_channel *channel, u32 gpadl)
{
	struct hvp_gpadl_teardown msg = {
		.h.type = HVP_CM_GPADL_TEARDOWN,
		.relid = channel->offermsg.child_relid,
		.gpadl = gpadl,
	};
	struct vmbus_request request;
	int ret;

	if (vmbus_connection.conn_state != CONNECTED)
		return -ENOTCONN;

	vmbus_request_begin(&request, HVP_CM_GPADL_TORNDOWN, 0, gpadl);
	ret = vmbus_post(&msg, sizeof(msg));
	return vmbus_request_end(&request, ret, vmbus_chan_rescinded(to_chan(channel)) ?
				 VMBUS_TIMEOUT_RESCINDED : vmbus_reply_seconds(request.reply));
}

#ifdef HAVE_GPADL_STRUCT
/**
 * vmbus_establish_gpadl() - share a driver's buffer with the host
 * @channel:	its channel
 * @kbuffer:	whole pages
 * @size:	bytes
 * @gpadl:	filled on success
 *
 * Return: 0 or an error of vmbus_gpadl_create(); the caller may free the buffer
 * after any error, pages that the host may know are held back.
 */
int vmbus_establish_gpadl(struct vmbus_channel *channel, void *kbuffer, u32 size,
			  struct vmbus_gpadl *gpadl)
{
	u32 handle;
	int ret = vmbus_gpadl_create(channel, kbuffer, size, &handle);

	*gpadl = (struct vmbus_gpadl){ };
	if (!ret)
		*gpadl = (struct vmbus_gpadl){
			.gpadl_handle = handle,
			.size = size,
			.buffer = kbuffer,
		};
	else if (ret == -ETIMEDOUT)
		gpadl->decrypted = !vmbus_quarantine_buffer(channel, handle, kbuffer, size);
	return ret;
}

/**
 * vmbus_teardown_gpadl() - take a driver's buffer back
 * @channel:	its channel
 * @gpadl:	what vmbus_establish_gpadl() filled
 *
 * Return: 0, or an error when the host did not let go. Drivers do not free a
 * buffer that is marked "decrypted": that is how they are told to leave it.
 */
int vmbus_teardown_gpadl(struct vmbus_channel *channel, struct vmbus_gpadl *gpadl)
{
	u32 handle = gpadl->gpadl_handle;
	int ret = vmbus_gpadl_teardown(channel, handle);

	gpadl->gpadl_handle = 0;
	gpadl->decrypted = ret && !vmbus_quarantine_buffer(channel, handle, gpadl->buffer,
							   gpadl->size);
	return ret;
}

void vmbus_gpadl_forget(struct vmbus_chan *chan)
{
}
#else
/*
 * Drivers of these kernels free a buffer whether the host let go of it or not,
 * and do not say again which one it is, so that is remembered.
 */
struct buffer {
	struct list_head node;
	u32 gpadl;
	u32 size;
	void *memory;
};

static DEFINE_SPINLOCK(buffers_lock);	/* protects the lists of all channels */

static struct buffer *buffer_take(struct vmbus_chan *chan, u32 gpadl)
{
	struct buffer *buffer, *found = NULL;

	spin_lock(&buffers_lock);
	list_for_each_entry(buffer, &chan->buffers, node)
		if (buffer->gpadl == gpadl) {
			list_del(&buffer->node);
			found = buffer;
			break;
		}
	spin_unlock(&buffers_lock);
	return found;
}

static void buffer_add(struct vmbus_chan *chan, struct buffer *buffer)
{
	spin_lock(&buffers_lock);
	list_add_tail(&buffer->node, &chan->buffers);
	spin_unlock(&buffers_lock);
}

int vmbus_establish_gpadl(struct vmbus_channel *channel, void *kbuffer, u32 size, u32 *gpadl_handle)
{
	struct buffer *buffer = kmalloc(sizeof(*buffer), GFP_KERNEL);
	int ret;

	if (!buffer)
		return -ENOMEM;
	ret = vmbus_gpadl_create(channel, kbuffer, size, gpadl_handle);
	if (ret == -ETIMEDOUT)
		vmbus_quarantine_buffer(channel, *gpadl_handle, kbuffer, size);
	if (ret) {
		kfree(buffer);
		return ret;
	}
	buffer->gpadl = *gpadl_handle;
	buffer->size = size;
	buffer->memory = kbuffer;
	buffer_add(to_chan(channel), buffer);
	return 0;
}

int vmbus_teardown_gpadl(struct vmbus_channel *channel, u32 gpadl_handle)
{
	struct buffer *buffer = buffer_take(to_chan(channel), gpadl_handle);
	int ret = vmbus_gpadl_teardown(channel, gpadl_handle);

	if (ret && buffer)
		vmbus_quarantine_buffer(channel, gpadl_handle, buffer->memory, buffer->size);
	kfree(buffer);
	return ret;
}

void vmbus_gpadl_forget(struct vmbus_chan *chan)
{
	struct buffer *buffer, *next;

	list_for_each_entry_safe(buffer, next, &chan->buffers, node)
		kfree(buffer);
}
#endif
