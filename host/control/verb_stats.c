// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/control_private.h"
#include "host/hyperv/hypercall.h"
#include "host/hyperv/synic.h"
#include "host/machine/vm.h"
#include "host/vmbus/channel.h"
#include "host/vmbus/device.h"
#include "host/vmbus/stats.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/scsi.h"
#include "host/vsp/vsp.h"

/*
 * stats: free-running counters. Take two snapshots; the differences divided by
 * the I/Os of the disks between them are hypercalls and interrupts per I/O.
 */

static struct json_object *describe_channel(const struct vmbus_channel *ch)
{
	const struct channel_stats *stats = channel_stats(ch);
	struct json_object *object = json_object_new_object();

	put_string(object, "device", vmbus_device_name(channel_device(ch)));
	put_number(object, "relid", channel_relid(ch));
	put_number(object, "sub_channel", channel_sub_index(ch));
	put_number(object, "target_vp", channel_target_vp(ch));
	put_number(object, "hypercalls", stats->signals_in);
	put_number(object, "empty_signals", stats->empty_signals);
	put_number(object, "wakeups", stats->wakeups);
	put_number(object, "interrupts", stats->interrupts_out);
	put_number(object, "events", stats->events_out);
	put_number(object, "packets_in", stats->packets_in);
	put_number(object, "packets_out", stats->packets_out);
	put_number(object, "bytes_in", stats->bytes_in);
	put_number(object, "bytes_out", stats->bytes_out);
	put_number(object, "publishes", stats->publishes_out);
	put_number(object, "ring_full", stats->ring_full_out);
	put_number(object, "transactions", stats->txns);
	put_number(object, "opens", stats->opens);
	return object;
}

static struct json_object *describe_channels(const struct control *control)
{
	struct json_object *array = json_object_new_array();
	struct vmbus_channel *ch = NULL;

	while ((ch = vmbus_channel_next(control->host.vmbus, ch)))
		json_object_array_add(array, describe_channel(ch));
	return array;
}

static struct json_object *describe_disk(unsigned int controller, const struct lun *lun)
{
	struct json_object *object = json_object_new_object();
	struct lun_info info;

	scsi_lun_info(lun, &info);
	put_number(object, "controller", controller);
	put_number(object, "lun", info.number);
	put_number(object, "ios", info.counters.reads + info.counters.writes);
	put_number(object, "commands", info.counters.commands);
	put_number(object, "reads", info.counters.reads);
	put_number(object, "writes", info.counters.writes);
	put_number(object, "flushes", info.counters.flushes);
	put_number(object, "discards", info.counters.discards);
	put_number(object, "read_bytes", info.counters.read_bytes);
	put_number(object, "written_bytes", info.counters.written_bytes);
	put_number(object, "errors", info.counters.errors);
	put_number(object, "in_flight", info.in_flight);
	return object;
}

static struct json_object *describe_disks(const struct control *control)
{
	struct json_object *array = json_object_new_array();
	unsigned int controller, number;

	for (controller = 0; controller < DISKSPEC_CONTROLLERS; controller++) {
		for (number = 0; number < DISKSPEC_LUNS; number++) {
			struct lun *lun = vsp_lun(control->host.vsp, controller, number);

			if (lun)
				json_object_array_add(array, describe_disk(controller, lun));
		}
	}
	return array;
}

static uint64_t sum(const u64 *counts)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < HVP_CM_COUNT; i++)
		total += counts[i];
	return total;
}

static struct json_object *describe_messages(const struct control *control)
{
	const struct vmbus_stats *stats = vmbus_stats(control->host.vmbus);
	struct json_object *object = json_object_new_object();

	put_number(object, "in", sum(stats->messages_in));
	put_number(object, "out", sum(stats->messages_out));
	put_number(object, "bad", stats->messages_bad);
	put_number(object, "contacts", stats->contacts);
	put_number(object, "contacts_refused", stats->contacts_refused);
	put_number(object, "offers", stats->offers);
	put_number(object, "rescinds", stats->rescinds);
	put_number(object, "relids_released", stats->relids_released);
	put_number(object, "relids_live", stats->relids_live);
	put_number(object, "gpadls_created", stats->gpadls_created);
	put_number(object, "gpadls_torndown", stats->gpadls_torndown);
	put_number(object, "gpadls_dropped", stats->gpadls_dropped);
	put_number(object, "gpadls_over_limit", stats->gpadls_over_limit);
	put_number(object, "gpadls_live", stats->gpadls_live);
	put_number(object, "gpadl_pages_live", stats->gpadl_pages_live);
	return object;
}

static struct json_object *describe_exits(const struct control *control)
{
	struct json_object *object = json_object_new_object();
	struct hypercall_counters calls;
	struct vm_counters exits;

	vm_counters(control->host.vm, &exits);
	hypercall_counters(control->host.hypercall, &calls);
	put_number(object, "all", exits.exits);
	put_number(object, "pio", exits.pio);
	put_number(object, "mmio", exits.mmio);
	put_number(object, "hyperv", exits.hyperv);
	put_number(object, "post_message", calls.posts);
	put_number(object, "signal_event", calls.signals);
	put_number(object, "refused", calls.refused);
	return object;
}

/* One object for each VP. */
static struct json_object *describe_synic(const struct control *control)
{
	struct json_object *array = json_object_new_array();
	u32 vp;

	for (vp = 0; vp < vmbus_cpus(control->host.vmbus); vp++) {
		struct json_object *object = json_object_new_object();
		struct synic_counters counters;

		synic_counters(control->host.synic, vp, &counters);
		put_number(object, "messages", counters.messages);
		put_number(object, "interrupts", counters.interrupts);
		put_number(object, "events", counters.events);
		put_number(object, "refused", counters.refused);
		put_number(object, "dropped", counters.dropped);
		json_object_array_add(array, object);
	}
	return array;
}

void verb_stats(struct control_request *req)
{
	const struct control *control = request_control(req);
	struct json_object *result = json_object_new_object();

	json_object_object_add(result, "channels", describe_channels(control));
	json_object_object_add(result, "disks", describe_disks(control));
	json_object_object_add(result, "messages", describe_messages(control));
	json_object_object_add(result, "exits", describe_exits(control));
	json_object_object_add(result, "synic", describe_synic(control));
	json_object_object_add(result, "kvp", describe_kvp(control));
	json_object_object_add(result, "vss", describe_vss(control));
	json_object_object_add(result, "copy", describe_fcopy(control));
	request_done(req, result);
}
