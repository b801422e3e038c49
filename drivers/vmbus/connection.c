// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection: agreeing on a version, and the pages that are shared for as
 * long as it lasts. Owner of `vmbus_connection`.
 *
 *   DISCONNECTED -> CONNECTING -> CONNECTED -> DISCONNECTING (unload.c) -> DISCONNECTED
 *
 * Locks of the module, outermost first:
 *   CPU hotplug lock
 *     device lock of a VMBus device (driver core)
 *       vmbus_chan.lock		one channel's open, close and move; held while waiting for
 *				the host, so nothing else may need it in a hurry
 *         vmbus_connection.channel_mutex	lists of channels; never held across a wait
 *           vmbus_connection.channelmsg_lock	unanswered requests
 *           quarantine, relid, inbox, buffer, override locks	leaves
 *   hv_ring_buffer_info.ring_lock is taken with none of these wanted inside.
 */
#include "drivers/vmbus/connection.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/message.h"
#include "drivers/vmbus/post.h"
#include "drivers/vmbus/request.h"
#include "drivers/vmbus/unload.h"
#include "protocol/version.h"

#include <linux/gfp.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

__u32 vmbus_proto_version;

struct vmbus_connection vmbus_connection = {
	.conn_state		= DISCONNECTED,
	.next_gpadl_handle	= ATOMIC_INIT(0xe1e10),
	.unload_event		= COMPLETION_INITIALIZER(vmbus_connection.unload_event),
	.chn_msg_list		= LIST_HEAD_INIT(vmbus_connection.chn_msg_list),
	.channelmsg_lock	= __SPIN_LOCK_UNLOCKED(vmbus_connection.channelmsg_lock),
	.chn_list		= LIST_HEAD_INIT(vmbus_connection.chn_list),
	.channel_mutex		= __MUTEX_INITIALIZER(vmbus_connection.channel_mutex),
};

static uint max_version = HVP_V5_3;
module_param(max_version, uint, 0444);
MODULE_PARM_DESC(max_version, "Maximal VMBus protocol version which can be negotiated");

static void contact_build(struct hvp_initiate_contact *msg, u32 version)
{
	*msg = (struct hvp_initiate_contact){
		.h.type = HVP_CM_INITIATE_CONTACT,
		.version = version,
		.monitor_page_to_host = virt_to_phys(vmbus_connection.monitor_pages[0]),
		.monitor_page_to_guest = virt_to_phys(vmbus_connection.monitor_pages[1]),
	};

	if (hvp_version_has(version, HVP_FEATURE_MESSAGE_VP))
		msg->target_vp = hv_cpu_number_to_vp_number(VMBUS_CONNECT_CPU);
	if (hvp_version_has(version, HVP_FEATURE_MESSAGE_SINT))
		msg->target.sint = HVP_SINT_VMBUS;
	else
		msg->interrupt_page = virt_to_phys(vmbus_connection.int_page);
}

/* 0: agreed; -EPROTO: the host does not want this version; else the connection is hopeless. */
static int version_try(u32 version)
{
	bool has_id = hvp_version_has(version, HVP_FEATURE_MESSAGE_SINT);
	struct hvp_initiate_contact msg;
	struct vmbus_request request;
	int ret;

	contact_build(&msg, version);
	vmbus_connection.msg_conn_id = has_id ? HVP_CONN_MESSAGE : HVP_CONN_MESSAGE_OLD;

	vmbus_request_begin(&request, HVP_CM_VERSION_RESPONSE, 0, 0);
	ret = vmbus_post(&msg, sizeof(msg));
	ret = vmbus_request_end(&request, ret, VMBUS_TIMEOUT_VERSION);

	/* A host without this connection, or one that says no: older than this version. */
	if (ret == -ENXIO || ret == -EREMOTEIO)
		return -EPROTO;
	if (!ret && has_id)
		vmbus_connection.msg_conn_id = request.value;
	return ret;
}

static int version_negotiate(void)
{
	u32 version = ~0u;
	int ret;

	while ((version = hvp_version_next(version))) {
		if (version > max_version)
			continue;
		ret = version_try(version);
		if (ret == -EPROTO)
			continue;
		if (!ret)
			vmbus_proto_version = version;
		return ret;
	}
	return -EPROTO;
}

static void pages_free(void)
{
	free_page((unsigned long)vmbus_connection.int_page);
	free_page((unsigned long)vmbus_connection.monitor_pages[0]);
	free_page((unsigned long)vmbus_connection.monitor_pages[1]);
	vmbus_connection.int_page = NULL;
	vmbus_connection.send_int_page = NULL;
	vmbus_connection.recv_int_page = NULL;
	vmbus_connection.monitor_pages[0] = NULL;
	vmbus_connection.monitor_pages[1] = NULL;
}

static int pages_alloc(void)
{
	vmbus_connection.int_page = (void *)get_zeroed_page(GFP_KERNEL);
	vmbus_connection.monitor_pages[0] = (void *)get_zeroed_page(GFP_KERNEL);
	vmbus_connection.monitor_pages[1] = (void *)get_zeroed_page(GFP_KERNEL);
	if (!vmbus_connection.int_page || !vmbus_connection.monitor_pages[0] ||
	    !vmbus_connection.monitor_pages[1]) {
		pages_free();
		return -ENOMEM;
	}
	vmbus_connection.recv_int_page = vmbus_connection.int_page;
	vmbus_connection.send_int_page = vmbus_connection.int_page + HVP_PAGE_SIZE / 2;
	return 0;
}

static int queues_alloc(void)
{
	/* Offers are handled one by one, so that devices are numbered as the host lists them. */
	vmbus_connection.handle_primary_chan_wq = alloc_ordered_workqueue("hv_pri_chan", 0);
	vmbus_connection.handle_sub_chan_wq = alloc_ordered_workqueue("hv_sub_chan", 0);
	if (vmbus_connection.handle_primary_chan_wq && vmbus_connection.handle_sub_chan_wq)
		return 0;
	return -ENOMEM;
}

static void queues_free(void)
{
	if (vmbus_connection.handle_primary_chan_wq)
		destroy_workqueue(vmbus_connection.handle_primary_chan_wq);
	if (vmbus_connection.handle_sub_chan_wq)
		destroy_workqueue(vmbus_connection.handle_sub_chan_wq);
	vmbus_connection.handle_primary_chan_wq = NULL;
	vmbus_connection.handle_sub_chan_wq = NULL;
}

int vmbus_connect(void)
{
	int ret;

	ret = queues_alloc();
	if (ret)
		goto free_queues;
	ret = pages_alloc();
	if (ret)
		goto free_queues;

	vmbus_connection.conn_state = CONNECTING;
	ret = version_negotiate();
	if (ret)
		goto failed;

	vmbus_connection.conn_state = CONNECTED;
	pr_info("hv_vmbus: Vmbus version:%d.%d\n", hvp_version_major(vmbus_proto_version),
		hvp_version_minor(vmbus_proto_version));
	return 0;

failed:
	pr_err("hv_vmbus: no connection to the host: %d\n", ret);
	vmbus_connection.conn_state = DISCONNECTED;
	/* A silent host may have taken the pages all the same. */
	if (ret != -ETIMEDOUT)
		pages_free();
free_queues:
	/* A message that came before the end may still be in its handler. */
	vmbus_inbox_flush();
	queues_free();
	return ret;
}

void vmbus_disconnect(void)
{
	bool released = vmbus_unload();

	queues_free();
	vmbus_proto_version = 0;
	if (released)
		pages_free();
	else
		pr_err("hv_vmbus: the host did not unload; three pages stay with it\n");
}
