/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMPAT_BUS_H
#define COMPAT_BUS_H

#include "compat/config.h"

#include <linux/acpi.h>
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/platform_device.h>

/* Callbacks of the driver core, as their types changed. */

#ifdef HAVE_BUS_MATCH_CONST			/* 6.11 */
#define COMPAT_MATCH_DRIVER	const struct device_driver
#else
#define COMPAT_MATCH_DRIVER	struct device_driver
#endif

#ifdef HAVE_BUS_UEVENT_CONST			/* 6.3 */
#define COMPAT_UEVENT_DEVICE	const struct device
#else
#define COMPAT_UEVENT_DEVICE	struct device
#endif

#ifdef HAVE_BUS_ATTR_CONST			/* 6.4 */
#define COMPAT_ATTR_BUS		const struct bus_type
#else
#define COMPAT_ATTR_BUS		struct bus_type
#endif

/* Removal that cannot fail: write `return COMPAT_DONE;` at the end. */
#ifdef HAVE_BUS_REMOVE_VOID			/* 5.15 */
#define COMPAT_BUS_REMOVE	void
#define COMPAT_BUS_DONE
#else
#define COMPAT_BUS_REMOVE	int
#define COMPAT_BUS_DONE		0
#endif

#ifdef HAVE_ACPI_DRIVER_REMOVE_VOID		/* 6.2 */
#define COMPAT_ACPI_REMOVE	void
#define COMPAT_ACPI_DONE
#else
#define COMPAT_ACPI_REMOVE	int
#define COMPAT_ACPI_DONE	0
#endif

#ifdef HAVE_PLATFORM_REMOVE_VOID		/* 6.11 */
#define COMPAT_PLATFORM_REMOVE	void
#define COMPAT_PLATFORM_DONE
#else
#define COMPAT_PLATFORM_REMOVE	int
#define COMPAT_PLATFORM_DONE	0
#endif

/* 6.1: the parent of an ACPI device is asked for. */
static inline struct acpi_device *compat_acpi_parent(struct acpi_device *device)
{
#ifdef HAVE_ACPI_DEV_PARENT
	return acpi_dev_parent(device);
#else
	return device->parent;
#endif
}

/* 5.18 or so: the type of a kobject is constant. */
#ifdef HAVE_KOBJ_TYPE_CONST
#define COMPAT_KOBJ_TYPE	const struct kobj_type
#else
#define COMPAT_KOBJ_TYPE	struct kobj_type
#endif

#endif
