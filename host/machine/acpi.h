/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_ACPI_H
#define HOST_MACHINE_ACPI_H

#include <stdint.h>

struct gmem;

/* The tables live in the BIOS area, below the reset stub. */
#define ACPI_BASE	0xe0000u
#define ACPI_LIMIT	0xffff0u

/**
 * acpi_load() - write RSDP, XSDT, FADT, MADT and DSDT into guest memory
 *
 * Hardware-reduced ACPI: no PIC, no PM timer, no legacy interrupts.
 * Return: the address of the RSDP (ACPI_BASE), or 0 when the tables do not fit.
 */
uint64_t acpi_load(struct gmem *gmem, unsigned int cpus);

#endif
