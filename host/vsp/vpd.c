// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/lun.h"

/* Vital product data: each page writes what follows its 4-byte header and returns the length. */

#define VPD_MAX	256

struct page {
	uint8_t code;
	uint16_t (*fill)(const struct lun *lun, uint8_t *body);
};

static uint16_t supported_pages(const struct lun *lun, uint8_t *body);

static uint16_t unit_serial(const struct lun *lun, uint8_t *body)
{
	size_t len = strlen(lun->serial);

	memcpy(body, lun->serial, len);
	return (uint16_t)len;
}

/* Two designators of the unit: T10 vendor text and NAA. */
static uint16_t identification(const struct lun *lun, uint8_t *body)
{
	size_t len = strlen(lun->serial);
	uint8_t *p = body;

	p[0] = 0x02;			/* ASCII */
	p[1] = 0x01;			/* T10 vendor identification */
	p[3] = (uint8_t)(8 + len);
	memcpy(p + 4, "Msft    ", 8);
	memcpy(p + 12, lun->serial, len);
	p += 12 + len;

	p[0] = 0x01;			/* binary */
	p[1] = 0x03;			/* NAA */
	p[3] = sizeof(lun->naa);
	memcpy(p + 4, lun->naa, sizeof(lun->naa));
	p += 4 + sizeof(lun->naa);
	return (uint16_t)(p - body);
}

static uint16_t block_limits(const struct lun *lun, uint8_t *body)
{
	uint32_t granularity = LUN_UNMAP_GRANULARITY / lun->block_size;

	put_be16(body + 2, (uint16_t)granularity);	/* optimal transfer granularity */
	put_be32(body + 16, (uint32_t)(LUN_UNMAP_BYTES_MAX / lun->block_size));
	put_be32(body + 20, LUN_UNMAP_RANGES_MAX);
	put_be32(body + 24, granularity);
	put_be32(body + 28, 0x80000000u);		/* aligned at 0 */
	put_be64(body + 32, LUN_WRITE_SAME_BYTES_MAX / lun->block_size);
	return 60;
}

static uint16_t characteristics(const struct lun *lun, uint8_t *body)
{
	(void)lun;
	put_be16(body, 1);				/* does not rotate */
	return 60;
}

static uint16_t provisioning(const struct lun *lun, uint8_t *body)
{
	(void)lun;
	body[1] = 0x80 | 0x40 | 0x20 | 0x04;	/* UNMAP, WRITE SAME 16 and 10; reads as zeros */
	body[2] = 0x02;				/* thin */
	return 4;
}

static const struct page pages[] = {
	{ 0x00, supported_pages },
	{ 0x80, unit_serial },
	{ 0x83, identification },
	{ 0xb0, block_limits },
	{ 0xb1, characteristics },
	{ 0xb2, provisioning },
};

#define PAGE_COUNT	(sizeof(pages) / sizeof(pages[0]))

static uint16_t supported_pages(const struct lun *lun, uint8_t *body)
{
	unsigned int i;

	(void)lun;
	for (i = 0; i < PAGE_COUNT; i++)
		body[i] = pages[i].code;
	return PAGE_COUNT;
}

void scsi_vpd(struct scsi_cmd *cmd)
{
	uint8_t data[VPD_MAX] = { 0 };
	unsigned int i;
	uint16_t len;

	for (i = 0; i < PAGE_COUNT; i++) {
		if (pages[i].code != cmd->cdb[2])
			continue;
		len = pages[i].fill(cmd->lun, data + 4);
		data[1] = cmd->cdb[2];
		put_be16(data + 2, len);
		return scsi_reply(cmd, data, 4u + len, get_be16(cmd->cdb + 3));
	}
	scsi_invalid_field(cmd);
}
