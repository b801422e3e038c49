// SPDX-License-Identifier: GPL-2.0-only
/* The bus as the firmware shows it: one device, VMBUS. Without it there is no bus. */
#include "drivers/vmbus/acpi.h"

#include "compat/bus.h"
#include "drivers/vmbus/device.h"
#include "drivers/vmbus/mmio.h"

#include <linux/acpi.h>
#include <linux/module.h>
#include <linux/platform_device.h>

struct device *vmbus_root;

static const struct acpi_device_id ids[] = {
	{ "VMBUS", 0 },
	{ "VMBus", 0 },
	{ }
};
MODULE_DEVICE_TABLE(acpi, ids);

static void found(struct device *root, struct acpi_device *device)
{
	vmbus_root = root;
	vmbus_mmio_find(device);
}

#ifdef HAVE_BUS_MATCH_CONST			/* from the release on that has a platform driver here */
static int root_probe(struct platform_device *device)
{
	found(&device->dev, ACPI_COMPANION(&device->dev));
	return 0;
}

static COMPAT_PLATFORM_REMOVE root_remove(struct platform_device *device)
{
	vmbus_mmio_exit();
	return COMPAT_PLATFORM_DONE;
}

static struct platform_driver root_driver = {
	.probe = root_probe,
	.remove = root_remove,
	.driver = {
		.name = "vmbus",
		.acpi_match_table = ids,
	},
};

static int root_register(void)
{
	return platform_driver_register(&root_driver);
}

static void root_unregister(void)
{
	platform_driver_unregister(&root_driver);
}
#else
static int root_add(struct acpi_device *device)
{
	found(&device->dev, device);
	return 0;
}

static COMPAT_ACPI_REMOVE root_remove(struct acpi_device *device)
{
	vmbus_mmio_exit();
	return COMPAT_ACPI_DONE;
}

static struct acpi_driver root_driver = {
	.name = "vmbus",
	.ids = ids,
	.ops = {
		.add = root_add,
		.remove = root_remove,
	},
};

static int root_register(void)
{
	return acpi_bus_register_driver(&root_driver);
}

static void root_unregister(void)
{
	acpi_bus_unregister_driver(&root_driver);
}
#endif

int vmbus_acpi_init(void)
{
	int ret = root_register();

	if (ret)
		return ret;
	if (!vmbus_root) {
		root_unregister();
		return -ENODEV;
	}
	return 0;
}

void vmbus_acpi_exit(void)
{
	root_unregister();
	vmbus_root = NULL;
}
