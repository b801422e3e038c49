/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_POWER_H
#define HOST_MACHINE_POWER_H

#include <stdint.h>

/*
 * The ways a guest switches itself off: the ACPI sleep control register
 * (power-off), the reset register, the keyboard controller's reset line, and
 * the BIOS entry point F000:FFF0, where a stub writes the reset register:
 * Linux jumps there when it reboots without EFI, whatever ACPI says.
 */
struct gmem;
struct pio;
struct vm;

#define POWER_SLEEP_PORT	0x600	/* sleep control; sleep status follows */
#define POWER_RESET_PORT	0xcf9
#define POWER_RESET_VALUE	0x06
#define POWER_SLEEP_TYPE_OFF	5	/* \_S5 in dsdt.asl */
#define POWER_STUB_GPA		0xffff0

int power_attach(struct pio *pio, struct vm *vm);

/* Put the stub into guest memory. Return: 0 or -EFAULT. */
int power_load_stub(struct gmem *gmem);

#endif
