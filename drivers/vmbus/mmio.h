/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_MMIO_H
#define VMBUS_MMIO_H

#include <linux/acpi.h>

/**
 * vmbus_mmio_find() - learn the address ranges that the host lets devices use
 * @device:	the bus; the ranges are its own or those of a bridge above it
 */
void vmbus_mmio_find(struct acpi_device *device);

void vmbus_mmio_exit(void);

#endif
