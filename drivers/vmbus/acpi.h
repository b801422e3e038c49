/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_ACPI_H
#define VMBUS_ACPI_H

/**
 * vmbus_acpi_init() - find the bus and its address ranges
 * Return: 0; -ENODEV on a machine without VMBus.
 */
int vmbus_acpi_init(void);
void vmbus_acpi_exit(void);

#endif
