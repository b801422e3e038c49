// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_vmbus: the channel bus between a Linux guest and Hyper-V.
 *
 *   main.c		this list, in order of start
 *   acpi.c mmio.c	the bus in the firmware's tables, address space for devices
 *   synic.c interrupt.c  what a CPU shares with the hypervisor; the interrupt
 *   post.c message.c	messages to and from the host
 *   request.c		waiting for an answer, bounded
 *   connection.c unload.c  agreeing on a version; the end
 *   offer.c rescind.c relid.c  channels come and go
 *   channel.c open.c	the life of a channel
 *   gpadl.c quarantine.c  memory shared with the host
 *   ring_memory.c ring_write.c ring_read.c packet.c request_id.c  the data path
 *   cpu.c affinity.c	which CPU serves a channel
 *   device.c bus.c driver.c device_class.c sysfs_*.c  what Linux sees
 *   ic.c hvsock.c	help for services and sockets
 *   export_*.c abi.h	the symbols that drivers import
 */
#include "compat/hyperv.h"
#include "drivers/vmbus/acpi.h"
#include "drivers/vmbus/bus.h"
#include "drivers/vmbus/connection.h"
#include "drivers/vmbus/device.h"
#include "drivers/vmbus/interrupt.h"
#include "drivers/vmbus/message.h"
#include "drivers/vmbus/offer.h"
#include "drivers/vmbus/quarantine.h"
#include "drivers/vmbus/rescind.h"
#include "drivers/vmbus/stats.h"
#include "drivers/vmbus/synic.h"
#include "drivers/vmbus/unload.h"

#include <linux/module.h>

/* What runs here may not be what we are for. Return: 0, or -ENODEV with the reason in the log. */
static int __init machine_check(void)
{
	if (!hv_is_hyperv_initialized() || compat_is_root_partition())
		return -ENODEV;
	if (compat_is_isolated()) {
		pr_err("hv_vmbus: isolated VMs are not supported by this module; use the stock one\n");
		return -ENODEV;
	}
	return 0;
}

/* Timers that tick through our interrupt would stop with the module. */
static void __init stay_if_needed(void)
{
	if (!(ms_hyperv.misc_features & HV_STIMER_DIRECT_MODE_AVAILABLE))
		__module_get(THIS_MODULE);
}

static int __init vmbus_init(void)
{
	int ret = machine_check();

	if (ret)
		return ret;
	ret = vmbus_acpi_init();
	if (ret)
		return ret;
	ret = bus_register(&vmbus_bus);
	if (ret)
		goto acpi_exit;
	vmbus_stats_init();
	ret = vmbus_quarantine_init();
	if (ret)
		goto bus_exit;
	ret = vmbus_rescind_start();
	if (ret)
		goto quarantine_exit;
	ret = vmbus_inbox_init();
	if (ret)
		goto rescind_stop;
	/* Before any CPU is enabled: its timer may tick through this interrupt at once. */
	compat_setup_vmbus_handler(vmbus_isr);
	ret = vmbus_synic_init();
	if (ret)
		goto handler_remove;
	ret = vmbus_connect();
	if (ret)
		goto synic_exit;
	vmbus_unload_hooks_init();
	stay_if_needed();
	ret = vmbus_offers_request();
	if (ret)
		pr_err("hv_vmbus: cannot ask for devices: %d\n", ret);
	return 0;

synic_exit:
	vmbus_synic_exit();
handler_remove:
	compat_remove_vmbus_handler();
	vmbus_inbox_exit();
rescind_stop:
	vmbus_rescind_stop();
quarantine_exit:
	vmbus_quarantine_exit(true);
bus_exit:
	vmbus_stats_exit();
	bus_unregister(&vmbus_bus);
acpi_exit:
	vmbus_acpi_exit();
	return ret;
}

static void __exit vmbus_exit(void)
{
	bool released;

	vmbus_offers_stop();
	vmbus_devices_remove();
	vmbus_unload_hooks_exit();
	released = vmbus_unload();
	vmbus_inbox_flush();
	vmbus_rescind_stop();
	/* Its work posts, for which the SynIC's pages are needed. */
	vmbus_quarantine_exit(released);
	vmbus_disconnect();
	/* Interrupts fill the inbox until none can come any more. */
	vmbus_synic_exit();
	compat_remove_vmbus_handler();
	vmbus_inbox_exit();
	vmbus_stats_exit();
	bus_unregister(&vmbus_bus);
	vmbus_acpi_exit();
	rcu_barrier();
}

module_init(vmbus_init);
module_exit(vmbus_exit);

MODULE_DESCRIPTION("OpenLIS VMBus driver for Hyper-V guests");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS("vmbus");
