// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/power.h"

#include "host/machine/memory.h"
#include "host/machine/pio.h"
#include "host/machine/vm.h"

#define SLEEP_CONTROL		0	/* offsets from POWER_SLEEP_PORT */
#define SLEEP_REGISTERS		2
#define SLEEP_TYPE(value)	((value) >> 2 & 7)
#define SLEEP_ENABLE		0x20

#define RESET_CPU		0x04

#define KEYBOARD_PORT		0x64
#define KEYBOARD_RESET		0xfe

static uint32_t read_zero(void *opaque, uint16_t offset, unsigned int size)
{
	(void)opaque;
	(void)offset;
	(void)size;
	return 0;
}

static void write_sleep(void *opaque, uint16_t offset, uint32_t value, unsigned int size)
{
	(void)size;
	if (offset == SLEEP_CONTROL && value & SLEEP_ENABLE &&
	    SLEEP_TYPE(value) == POWER_SLEEP_TYPE_OFF)
		vm_end(opaque, HOST_EXIT_OFF);
}

static void write_reset(void *opaque, uint16_t offset, uint32_t value, unsigned int size)
{
	(void)offset;
	(void)size;
	if (value & RESET_CPU)
		vm_end(opaque, HOST_EXIT_RESET);
}

static void write_keyboard(void *opaque, uint16_t offset, uint32_t value, unsigned int size)
{
	(void)offset;
	(void)size;
	if ((value & 0xff) == KEYBOARD_RESET)
		vm_end(opaque, HOST_EXIT_RESET);
}

static const struct pio_ops sleep_ops = { .read = read_zero, .write = write_sleep };
static const struct pio_ops reset_ops = { .read = read_zero, .write = write_reset };
/* Status 0 says "input buffer empty": with all ones, Linux polls it for seconds. */
static const struct pio_ops keyboard_ops = { .read = read_zero, .write = write_keyboard };

int power_attach(struct pio *pio, struct vm *vm)
{
	int ret;

	ret = pio_attach(pio, POWER_SLEEP_PORT, SLEEP_REGISTERS, &sleep_ops, vm);
	if (!ret)
		ret = pio_attach(pio, POWER_RESET_PORT, 1, &reset_ops, vm);
	if (!ret)
		ret = pio_attach(pio, KEYBOARD_PORT, 1, &keyboard_ops, vm);
	return ret;
}

int power_load_stub(struct gmem *gmem)
{
	static const uint8_t stub[] = {
		0xba, POWER_RESET_PORT & 0xff, POWER_RESET_PORT >> 8,	/* mov dx, port */
		0xb0, POWER_RESET_VALUE,				/* mov al, value */
		0xee,							/* out dx, al */
		0xf4,							/* hlt */
		0xeb, 0xfd,						/* jmp to hlt */
	};

	return gmem_write(gmem, POWER_STUB_GPA, stub, sizeof(stub));
}
