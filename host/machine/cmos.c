// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/cmos.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "host/machine/pio.h"

#define CMOS_PORT	0x70

enum cmos_register {
	CMOS_SECOND	= 0x00,
	CMOS_MINUTE	= 0x02,
	CMOS_HOUR	= 0x04,
	CMOS_WEEKDAY	= 0x06,
	CMOS_DAY	= 0x07,
	CMOS_MONTH	= 0x08,
	CMOS_YEAR	= 0x09,
	CMOS_STATUS_A	= 0x0a,	/* update in progress: never */
	CMOS_STATUS_B	= 0x0b,
	CMOS_STATUS_C	= 0x0c,
	CMOS_STATUS_D	= 0x0d,
	CMOS_CENTURY	= 0x32,
};

#define STATUS_A_32KHZ		0x26
#define STATUS_B_24H		0x02	/* and BCD: bit 2 clear */
#define STATUS_D_VALID		0x80

struct cmos {
	pthread_mutex_t lock;	/* protects index */
	uint8_t index;
};

static uint8_t bcd(int value)
{
	return (uint8_t)(value / 10 % 10 << 4 | value % 10);
}

static uint8_t register_value(uint8_t index, const struct tm *now)
{
	switch (index) {
	case CMOS_SECOND:
		return bcd(now->tm_sec);
	case CMOS_MINUTE:
		return bcd(now->tm_min);
	case CMOS_HOUR:
		return bcd(now->tm_hour);
	case CMOS_WEEKDAY:
		return bcd(now->tm_wday + 1);
	case CMOS_DAY:
		return bcd(now->tm_mday);
	case CMOS_MONTH:
		return bcd(now->tm_mon + 1);
	case CMOS_YEAR:
		return bcd(now->tm_year % 100);
	case CMOS_CENTURY:
		return bcd(19 + now->tm_year / 100);
	case CMOS_STATUS_A:
		return STATUS_A_32KHZ;
	case CMOS_STATUS_B:
		return STATUS_B_24H;
	case CMOS_STATUS_D:
		return STATUS_D_VALID;
	default:
		return 0;
	}
}

static uint32_t cmos_read(void *opaque, uint16_t offset, unsigned int size)
{
	struct cmos *cmos = opaque;
	time_t seconds = time(NULL);
	struct tm now;
	uint8_t index;

	(void)size;
	if (offset == 0)
		return 0xff;
	pthread_mutex_lock(&cmos->lock);
	index = cmos->index;
	pthread_mutex_unlock(&cmos->lock);
	gmtime_r(&seconds, &now);
	return register_value(index, &now);
}

static void cmos_write(void *opaque, uint16_t offset, uint32_t value, unsigned int size)
{
	struct cmos *cmos = opaque;

	(void)size;
	if (offset != 0)
		return;
	pthread_mutex_lock(&cmos->lock);
	cmos->index = value & 0x7f;	/* bit 7 masks the NMI: not wired */
	pthread_mutex_unlock(&cmos->lock);
}

static const struct pio_ops cmos_ops = { .read = cmos_read, .write = cmos_write };

struct cmos *cmos_create(struct pio *pio)
{
	struct cmos *cmos = calloc(1, sizeof(*cmos));

	if (!cmos)
		return NULL;
	pthread_mutex_init(&cmos->lock, NULL);
	if (pio_attach(pio, CMOS_PORT, 2, &cmos_ops, cmos)) {
		cmos_destroy(cmos);
		return NULL;
	}
	return cmos;
}

void cmos_destroy(struct cmos *cmos)
{
	if (!cmos)
		return;
	pthread_mutex_destroy(&cmos->lock);
	free(cmos);
}
