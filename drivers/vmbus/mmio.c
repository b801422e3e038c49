// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address space for devices that need some (display, PCI passthrough). The
 * firmware lists ranges; each is claimed as "hyperv mmio" in /proc/iomem, and
 * pieces are handed out below it:
 *
 *   | range                                     |   iomem: "hyperv mmio"
 *        | piece |          | boot screen |         children, by start address
 *
 * What is handed out is also in a tree that nobody else sees: a driver may make
 * its piece a bus window of its own, which is not busy, and in the visible tree
 * the next piece would then be found inside it.
 *
 * Pieces also appear under whatever the ranges overlap, because drivers request
 * their own regions below what they got.
 */
#include "drivers/vmbus/mmio.h"

#include "compat/bus.h"
#include "compat/hyperv.h"

#include <linux/efi.h>
#include <linux/ioport.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/screen_info.h>
#include <linux/slab.h>

#define VIRTUAL_TPM_START	0xfed40000	/* the host's TPM answers here, ranges or not */
#define VIRTUAL_TPM_SIZE	(5 * PAGE_SIZE)
#define MAX_RANGES		16

static struct resource *ranges[MAX_RANGES];
static unsigned int range_count;
static struct resource *screen;		/* what the firmware's display uses */
static DEFINE_MUTEX(mmio_lock);		/* hand out and take back; protects the above */

static struct resource taken = {	/* the tree nobody else sees; under mmio_lock */
	.name = "hyperv mmio taken",
	.flags = IORESOURCE_MEM,
	.end = (resource_size_t)-1,
};

static struct resource *region_take(struct resource *range, resource_size_t start,
				    resource_size_t size, const char *name)
{
	struct resource *region;

	if (!__request_region(&taken, start, size, "taken", 0))
		return NULL;
	region = __request_region(range, start, size, name, 0);
	if (!region)
		__release_region(&taken, start, size);
	return region;
}

static void region_put(struct resource *range, resource_size_t start, resource_size_t size)
{
	__release_region(range, start, size);
	__release_region(&taken, start, size);
}

static void range_add(resource_size_t start, resource_size_t end)
{
	struct resource *range;

	if (start >= end || range_count == MAX_RANGES)
		return;
	if (end > VIRTUAL_TPM_START && start < VIRTUAL_TPM_START + VIRTUAL_TPM_SIZE)
		end = VIRTUAL_TPM_START;

	range = kzalloc(sizeof(*range), GFP_KERNEL);
	if (!range)
		return;
	range->name = "hyperv mmio";
	range->flags = IORESOURCE_MEM;
	range->start = start;
	range->end = end - 1;
	ranges[range_count++] = range;
	/* Only to be seen: it may well overlap something that is there already. */
	if (request_resource(&iomem_resource, range))
		pr_debug("hv_vmbus: range %pR is not alone\n", range);
}

static acpi_status range_visit(struct acpi_resource *acpi, void *unused)
{
	struct acpi_resource_address64 address;

	/* Below 1 MB there is nothing to hand out. */
	if (ACPI_FAILURE(acpi_resource_to_address64(acpi, &address)) ||
	    address.resource_type != ACPI_MEMORY_RANGE || !address.address.address_length)
		return AE_OK;
	if (address.address.minimum >= SZ_1M)
		range_add(address.address.minimum,
			  address.address.minimum + address.address.address_length);
	return AE_OK;
}

/* The display the firmware set up is in use until its driver comes. */
static void screen_reserve(void)
{
	resource_size_t start = screen_info.lfb_base;
	unsigned int i;

	if (screen_info.capabilities & VIDEO_CAPABILITY_64BIT_BASE)
		start |= (u64)screen_info.ext_lfb_base << 32;
	if (!start || !screen_info.lfb_size)
		return;
	for (i = 0; i < range_count && !screen; i++)
		if (start >= ranges[i]->start && start <= ranges[i]->end)
			screen = region_take(ranges[i], start,
					     min_t(u64, PAGE_ALIGN((u64)screen_info.lfb_size),
						   ranges[i]->end - start + 1),
					     "boot screen");
}

void vmbus_mmio_find(struct acpi_device *device)
{
	struct acpi_device *at;

	/* The root of the namespace is a device, too, but no object to ask. */
	for (at = device; at && at->handle != ACPI_ROOT_OBJECT && !range_count;
	     at = compat_acpi_parent(at))
		acpi_walk_resources(at->handle, METHOD_NAME__CRS, range_visit, NULL);
	screen_reserve();
}

void vmbus_mmio_exit(void)
{
	unsigned int i;

	if (screen)
		region_put(screen->parent, screen->start, resource_size(screen));
	screen = NULL;
	for (i = 0; i < range_count; i++) {
		if (ranges[i]->parent)
			release_resource(ranges[i]);
		kfree(ranges[i]);
	}
	range_count = 0;
}

/* The first free place in a range; pieces start where @align allows. */
static struct resource *piece_take(struct resource *range, resource_size_t min,
				   resource_size_t max, resource_size_t size,
				   resource_size_t align, const char *name)
{
	resource_size_t end = min_t(resource_size_t, range->end, max);
	resource_size_t start = ALIGN(max_t(resource_size_t, range->start, min), align);
	struct resource *piece;

	for (; start >= range->start && start + size - 1 >= start && start + size - 1 <= end;
	     start += align) {
		piece = region_take(range, start, size, name);
		if (piece)
			return piece;
	}
	return NULL;
}

/* The display driver takes over what the firmware's display used. */
static struct resource *screen_take(resource_size_t min, resource_size_t max, resource_size_t size,
				    resource_size_t align, const char *name)
{
	struct resource *range, *piece;
	resource_size_t start;

	if (!screen || screen->start < min || screen->start + size - 1 > max ||
	    screen->start & (align - 1))
		return NULL;
	range = screen->parent;
	start = screen->start;
	if (start + size - 1 > range->end)
		return NULL;
	region_put(range, start, resource_size(screen));
	screen = NULL;
	piece = region_take(range, start, size, name);
	if (!piece)
		screen_reserve();
	return piece;
}

/**
 * vmbus_allocate_mmio() - address space for a device
 * @new:	the piece
 * @device_obj:	for whom
 * @min:	lowest address that will do
 * @max:	highest address that will do
 * @size:	bytes
 * @align:	power of two
 * @fb_overlap_ok: the firmware's display is being replaced
 *
 * Return: 0, or -ENXIO when nothing is left.
 */
int vmbus_allocate_mmio(struct resource **new, struct hv_device *device_obj, resource_size_t min,
			resource_size_t max, resource_size_t size, resource_size_t align,
			bool fb_overlap_ok)
{
	const char *name = dev_name(&device_obj->device);
	struct resource *piece = NULL;
	unsigned int i;

	if (!size || !is_power_of_2(align))
		return -EINVAL;
	mutex_lock(&mmio_lock);
	if (fb_overlap_ok)
		piece = screen_take(min, max, size, align, name);
	for (i = 0; i < range_count && !piece; i++)
		piece = piece_take(ranges[i], min, max, size, align, name);
	mutex_unlock(&mmio_lock);
	if (!piece)
		return -ENXIO;
	*new = piece;
	return 0;
}

/**
 * vmbus_free_mmio() - give address space back
 * @start:	of the piece
 * @size:	of the piece
 */
void vmbus_free_mmio(resource_size_t start, resource_size_t size)
{
	unsigned int i;

	mutex_lock(&mmio_lock);
	for (i = 0; i < range_count; i++)
		if (start >= ranges[i]->start && start + size - 1 <= ranges[i]->end)
			region_put(ranges[i], start, size);
	mutex_unlock(&mmio_lock);
}
