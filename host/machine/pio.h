/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_PIO_H
#define HOST_MACHINE_PIO_H

#include <stddef.h>
#include <stdint.h>

/*
 * The port bus. Chips attach before the machine starts; accesses come from the
 * vCPU threads, so each chip has a lock of its own. A port nobody owns reads
 * as all ones and swallows writes, as on a PC.
 */
struct pio;

struct pio_ops {
	/* @offset: from the start of the attached range; @size: 1, 2 or 4 bytes */
	uint32_t (*read)(void *opaque, uint16_t offset, unsigned int size);
	void (*write)(void *opaque, uint16_t offset, uint32_t value, unsigned int size);
};

struct pio *pio_create(void);
void pio_destroy(struct pio *pio);

/* @ops must live as long as @pio. Return: 0, or -EBUSY when the range overlaps another. */
int pio_attach(struct pio *pio, uint16_t port, uint16_t count, const struct pio_ops *ops,
	       void *opaque);

uint32_t pio_read(struct pio *pio, uint16_t port, unsigned int size);
void pio_write(struct pio *pio, uint16_t port, uint32_t value, unsigned int size);

#endif
