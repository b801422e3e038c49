// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/pio.h"

#include <errno.h>
#include <stdlib.h>

#define PIO_MAX_RANGES	16

struct range {
	uint16_t port;
	uint16_t count;
	const struct pio_ops *ops;
	void *opaque;
};

struct pio {
	struct range ranges[PIO_MAX_RANGES];
	unsigned int count;
};

struct pio *pio_create(void)
{
	return calloc(1, sizeof(struct pio));
}

void pio_destroy(struct pio *pio)
{
	free(pio);
}

int pio_attach(struct pio *pio, uint16_t port, uint16_t count, const struct pio_ops *ops,
	       void *opaque)
{
	if (pio->count == PIO_MAX_RANGES)
		return -ENOSPC;
	for (unsigned int i = 0; i < pio->count; i++) {
		const struct range *range = &pio->ranges[i];

		if (port < range->port + range->count && range->port < port + count)
			return -EBUSY;
	}
	pio->ranges[pio->count++] = (struct range){
		.port = port, .count = count, .ops = ops, .opaque = opaque,
	};
	return 0;
}

static const struct range *find_range(const struct pio *pio, uint16_t port)
{
	for (unsigned int i = 0; i < pio->count; i++) {
		const struct range *range = &pio->ranges[i];

		if (port >= range->port && port - range->port < range->count)
			return range;
	}
	return NULL;
}

uint32_t pio_read(struct pio *pio, uint16_t port, unsigned int size)
{
	const struct range *range = find_range(pio, port);

	if (!range)
		return UINT32_MAX;
	return range->ops->read(range->opaque, (uint16_t)(port - range->port), size);
}

void pio_write(struct pio *pio, uint16_t port, uint32_t value, unsigned int size)
{
	const struct range *range = find_range(pio, port);

	if (range)
		range->ops->write(range->opaque, (uint16_t)(port - range->port), value, size);
}
