// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/boot.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/machine/acpi.h"
#include "host/machine/image.h"
#include "host/machine/memory.h"
#include "host/machine/power.h"
#include "host/machine/vm.h"
#include "protocol/types.h"

/*
 * Low memory at entry (the kernel's Documentation/arch/x86/boot.rst, "64-bit
 * boot protocol"):
 *
 *	00500	GDT			20000	command line
 *	07000	boot_params		9fc00	end of low RAM
 *	09000	PML4			e0000	ACPI tables
 *	0a000	PDPT			ffff0	reset stub
 *	0b000	4 page directories: the first 4 GiB, 2 MiB pages, identity
 */
#define GDT_GPA		0x500
#define PARAMS_GPA	0x7000
#define PML4_GPA	0x9000
#define PDPT_GPA	0xa000
#define PD_GPA		0xb000
#define PD_COUNT	4
#define CMDLINE_GPA	0x20000
#define CMDLINE_MAX	2047	/* what Linux takes */
#define LOW_RAM_END	0x9fc00
#define HIGH_RAM_START	0x100000
#define INITRD_MAX	0x7fffffff

#define PTE_PRESENT_RW	0x3
#define PTE_HUGE	0x80

#define CR0_PE		(1ull << 0)
#define CR0_MP		(1ull << 1)
#define CR0_ET		(1ull << 4)
#define CR0_NE		(1ull << 5)
#define CR0_WP		(1ull << 16)
#define CR0_PG		(1ull << 31)
#define CR4_PAE		(1ull << 5)
#define EFER_LME	(1ull << 8)
#define EFER_LMA	(1ull << 10)
#define SELECTOR_CODE	0x10
#define SELECTOR_DATA	0x18
#define LOADER_UNKNOWN	0xff
#define E820_RAM	1
#define E820_RESERVED	2

static int load_tables(struct gmem *gmem)
{
	static const u64 gdt[] = {
		0, 0,
		0x00af9a000000ffff,	/* SELECTOR_CODE: 64-bit, execute and read */
		0x00cf92000000ffff,	/* SELECTOR_DATA: read and write */
	};
	u64 *pml4 = gmem_map_raw(gmem, PML4_GPA, HVP_PAGE_SIZE);
	u64 *pdpt = gmem_map_raw(gmem, PDPT_GPA, HVP_PAGE_SIZE);
	u64 *pd = gmem_map_raw(gmem, PD_GPA, PD_COUNT * HVP_PAGE_SIZE);

	if (!pml4 || !pdpt || !pd)
		return -ENOSPC;
	pml4[0] = PDPT_GPA | PTE_PRESENT_RW;
	for (u64 i = 0; i < PD_COUNT; i++)
		pdpt[i] = (PD_GPA + i * HVP_PAGE_SIZE) | PTE_PRESENT_RW;
	for (u64 i = 0; i < PD_COUNT * 512; i++)
		pd[i] = i << 21 | PTE_PRESENT_RW | PTE_HUGE;
	return gmem_write(gmem, GDT_GPA, gdt, sizeof(gdt));
}

static void add_e820(struct boot_params *params, u64 addr, u64 size, u32 type)
{
	params->e820_table[params->e820_entries++] = (struct boot_e820_entry){
		.addr = addr, .size = size, .type = type,
	};
}

static void fill_memory_map(struct boot_params *params, const struct gmem *gmem)
{
	const struct gmem_region *low = gmem_region(gmem, 0);

	add_e820(params, 0, LOW_RAM_END, E820_RAM);
	add_e820(params, LOW_RAM_END, HIGH_RAM_START - LOW_RAM_END, E820_RESERVED);
	add_e820(params, HIGH_RAM_START, low->size - HIGH_RAM_START, E820_RAM);
	for (unsigned int i = 1; i < gmem_region_count(gmem); i++)
		add_e820(params, gmem_region(gmem, i)->gpa, gmem_region(gmem, i)->size, E820_RAM);
}

static int load_cmdline(struct gmem *gmem, const char *cmdline, struct setup_header *setup,
			struct err *err)
{
	size_t len = strlen(cmdline);

	if (len > CMDLINE_MAX || len > setup->cmdline_size)
		return err_set(err, -EINVAL, "kernel command line longer than %u bytes",
			       setup->cmdline_size < CMDLINE_MAX ? setup->cmdline_size : CMDLINE_MAX);
	setup->cmd_line_ptr = CMDLINE_GPA;
	return gmem_write(gmem, CMDLINE_GPA, cmdline, len + 1);
}

static int load_initrd(struct gmem *gmem, const char *path, const struct image *image,
		       struct setup_header *setup, struct err *err)
{
	u64 top = gmem_region(gmem, 0)->size;
	u64 gpa, size;
	int ret;

	if (top > setup->initrd_addr_max)
		top = setup->initrd_addr_max;
	ret = image_load_initrd(gmem, path, image->end, top, &gpa, &size, err);
	if (ret)
		return ret;
	setup->ramdisk_image = (u32)gpa;
	setup->ramdisk_size = (u32)size;
	return 0;
}

static int load_params(struct gmem *gmem, const struct vm_config *config, struct image *image,
		       struct err *err)
{
	struct setup_header *setup = &image->setup;
	struct boot_params params = { .e820_entries = 0 };
	int ret;

	ret = load_cmdline(gmem, config->cmdline ? config->cmdline : "", setup, err);
	if (!ret && config->initrd)
		ret = load_initrd(gmem, config->initrd, image, setup, err);
	if (ret)
		return ret;
	setup->type_of_loader = LOADER_UNKNOWN;
	params.hdr = *setup;
	params.acpi_rsdp_addr = acpi_load(gmem, config->cpus);
	if (!params.acpi_rsdp_addr)
		return err_set(err, -ENOSPC, "ACPI tables do not fit");
	fill_memory_map(&params, gmem);
	return gmem_write(gmem, PARAMS_GPA, &params, sizeof(params));
}

int boot_load(struct gmem *gmem, const struct vm_config *config, uint64_t *entry, struct err *err)
{
	struct image image;
	int ret;

	ret = image_load_kernel(gmem, config->kernel, &image, err);
	if (ret)
		return ret;
	ret = load_params(gmem, config, &image, err);
	if (ret)
		return ret;
	ret = load_tables(gmem);
	if (!ret)
		ret = power_load_stub(gmem);
	if (ret)
		return err_set(err, ret, "boot tables do not fit into guest memory");
	*entry = image.entry;
	return 0;
}

static struct kvm_segment flat_segment(u16 selector, u8 type, bool code)
{
	return (struct kvm_segment){
		.limit = 0xffffffff, .selector = selector, .type = type, .present = 1,
		.s = 1, .g = 1, .l = code, .db = !code,
	};
}

static int set_special_registers(int vcpu_fd)
{
	struct kvm_segment data = flat_segment(SELECTOR_DATA, 3, false);
	struct kvm_sregs sregs;

	if (ioctl(vcpu_fd, KVM_GET_SREGS, &sregs))
		return -errno;
	sregs.cs = flat_segment(SELECTOR_CODE, 11, true);
	sregs.ds = sregs.es = sregs.ss = sregs.fs = sregs.gs = data;
	sregs.gdt = (struct kvm_dtable){ .base = GDT_GPA, .limit = 4 * 8 - 1 };
	sregs.cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
	sregs.cr3 = PML4_GPA;
	sregs.cr4 = CR4_PAE;
	sregs.efer = EFER_LME | EFER_LMA;
	return ioctl(vcpu_fd, KVM_SET_SREGS, &sregs) ? -errno : 0;
}

int boot_set_registers(int vcpu_fd, uint64_t entry)
{
	struct kvm_regs regs = { .rip = entry, .rsi = PARAMS_GPA, .rflags = 2 };
	int ret;

	ret = set_special_registers(vcpu_fd);
	if (ret)
		return ret;
	return ioctl(vcpu_fd, KVM_SET_REGS, &regs) ? -errno : 0;
}
