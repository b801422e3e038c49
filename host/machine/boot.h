/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_BOOT_H
#define HOST_MACHINE_BOOT_H

#include <stdint.h>

#include "host/err.h"

struct gmem;
struct vm_config;

/**
 * boot_load() - everything Linux expects in memory when it starts
 *
 * Kernel, initrd, command line, boot_params with the memory map, page tables,
 * GDT, ACPI tables, reset stub. Return: 0 with @entry set, or -errno.
 */
int boot_load(struct gmem *gmem, const struct vm_config *config, uint64_t *entry, struct err *err);

/* Put the first vCPU at @entry as the 64-bit boot protocol wants it. Return: 0 or -errno. */
int boot_set_registers(int vcpu_fd, uint64_t entry);

#endif
