// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/scsi.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/machine/loop.h"
#include "host/vsp/diskspec.h"
#include "host/vsp/uring.h"
#include "protocol/stor.h"
#include "tests/unit/unit.h"

/* The SCSI target over RAM disks and a file, without VMBus and without KVM. */

#define ROOM	8192

struct bench {
	struct scsi_target *target;
	uint8_t data[ROOM];		/* of the last command */
	struct scsi_cmd cmd;
	unsigned int done;		/* commands ended */
	struct uring *uring;
};

static struct bench bench;

static void add_disk(const char *text)
{
	struct err err = { .text = "" };
	struct disk_spec spec;
	struct disk *disk;

	if (diskspec_parse(text, &spec, &err) || disk_open(&disk, bench.uring, &spec, &err) ||
	    scsi_target_add(bench.target, &spec, disk, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static int setup(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	bench.target = scsi_target_create();
	return bench.target ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	scsi_target_destroy(bench.target);
	return 0;
}

static void ended(struct scsi_cmd *cmd)
{
	(void)cmd;
	bench.done++;
}

/* The data vector in three uneven parts, as a guest's pages may lie. */
static unsigned int split(struct iovec *iov, uint32_t len)
{
	uint32_t a = len > 3 ? 3 : len, b = (len - a) / 2;

	iov[0] = (struct iovec) { bench.data, a };
	iov[1] = (struct iovec) { bench.data + a, b };
	iov[2] = (struct iovec) { bench.data + a + b, len - a - b };
	return 3;
}

static int start_on(unsigned int lun, const uint8_t *cdb, uint8_t cdb_len, uint32_t data_len)
{
	static struct iovec iov[3];
	int ret;

	memset(&bench.cmd, 0xee, sizeof(bench.cmd));
	memset(bench.cmd.cdb, 0, sizeof(bench.cmd.cdb));
	memcpy(bench.cmd.cdb, cdb, cdb_len);
	bench.cmd.cdb_len = cdb_len;
	bench.cmd.iov_count = split(iov, data_len);
	bench.cmd.iov = iov;
	bench.cmd.data_len = data_len;
	bench.cmd.direction = SCSI_DATA_ANY;
	bench.cmd.done = ended;
	bench.done = 0;
	ret = scsi_execute(bench.target, lun, &bench.cmd);
	if (bench.uring)
		uring_drain(bench.uring);
	return ret;
}

static void run_on(unsigned int lun, const uint8_t *cdb, uint8_t cdb_len, uint32_t data_len)
{
	assert_int_equal(start_on(lun, cdb, cdb_len, data_len), 0);
	assert_int_equal(bench.done, 1);
}

#define RUN(data_len, ...) \
	do { \
		const uint8_t cdb_[] = { __VA_ARGS__ }; \
		run_on(0, cdb_, sizeof(cdb_), data_len); \
	} while (0)

#define GOOD(data_len, ...) \
	do { \
		RUN(data_len, __VA_ARGS__); \
		assert_int_equal(bench.cmd.status, SCSI_GOOD); \
		assert_false(bench.cmd.overrun); \
	} while (0)

static void expect_sense(uint8_t key, uint8_t asc, uint8_t ascq)
{
	struct hvp_sense sense;

	assert_int_equal(bench.cmd.status, SCSI_CHECK_CONDITION);
	assert_int_equal(bench.cmd.transferred, 0);
	assert_int_equal(hvp_sense_parse(bench.cmd.sense, bench.cmd.sense_len, &sense), 0);
	assert_int_equal(sense.key, key);
	assert_int_equal(sense.asc, asc);
	assert_int_equal(sense.ascq, ascq);
}

#define BAD(key, asc, ascq, data_len, ...) \
	do { \
		RUN(data_len, __VA_ARGS__); \
		expect_sense(key, asc, ascq); \
	} while (0)

static void inquiry_names_the_disk(void **state)
{
	(void)state;
	add_disk("ram=1M");
	GOOD(36, 0x12, 0, 0, 0, 36, 0);
	assert_int_equal(bench.cmd.transferred, 36);
	assert_memory_equal(bench.data + 8, "Msft    Virtual Disk    1.0 ", 28);
	assert_int_equal(bench.data[0], 0);
	GOOD(255, 0x12, 0, 0, 0, 255, 0);
	assert_int_equal(bench.cmd.transferred, 36);
	GOOD(36, 0x12, 0, 0, 0, 5, 0);
	assert_int_equal(bench.cmd.transferred, 5);
	BAD(5, 0x24, 0, 36, 0x12, 0, 0x80, 0, 36, 0);
}

static void vital_product_data_pages(void **state)
{
	(void)state;
	add_disk("ram=1M,serial=disk-7");
	GOOD(255, 0x12, 1, 0x00, 0, 255, 0);
	assert_memory_equal(bench.data + 3, "\x06\x00\x80\x83\xb0\xb1\xb2", 7);
	GOOD(255, 0x12, 1, 0x80, 0, 255, 0);
	assert_memory_equal(bench.data, "\x00\x80\x00\x06" "disk-7", 10);
	GOOD(255, 0x12, 1, 0x83, 0, 255, 0);
	assert_int_equal(bench.data[1], 0x83);
	assert_int_equal(bench.cmd.transferred, 4 + (4 + 8 + 6) + (4 + 16));
	assert_memory_equal(bench.data + 26, "\x60\x02\x24\x80", 4);
	GOOD(255, 0x12, 1, 0xb0, 0, 255, 0);
	assert_memory_equal(bench.data, "\x00\xb0\x00\x3c", 4);
	assert_memory_equal(bench.data + 20, "\x00\x20\x00\x00" "\x00\x00\x00\x40" "\x00\x00\x00\x08",
			    12);
	GOOD(255, 0x12, 1, 0xb1, 0, 255, 0);
	assert_memory_equal(bench.data, "\x00\xb1\x00\x3c\x00\x01", 6);
	GOOD(255, 0x12, 1, 0xb2, 0, 255, 0);
	assert_memory_equal(bench.data, "\x00\xb2\x00\x04\x00\xe4\x02\x00", 8);
	BAD(5, 0x24, 0, 255, 0x12, 1, 0xb3, 0, 255, 0);
}

static void capacity_of_small_and_huge_disks(void **state)
{
	(void)state;
	add_disk("null=3T");
	GOOD(8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_memory_equal(bench.data, "\xff\xff\xff\xff\x00\x00\x02\x00", 8);
	GOOD(32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0);
	assert_memory_equal(bench.data, "\x00\x00\x00\x01\x7f\xff\xff\xff\x00\x00\x02\x00\x00\x03\xc0",
			    15);
	BAD(5, 0x24, 0, 32, 0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0);
	scsi_target_remove(bench.target, 0);
	add_disk("ram=1M,block=4096");
	GOOD(8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_memory_equal(bench.data, "\x00\x00\x00\xff\x00\x00\x10\x00", 8);
}

static void every_size_of_read_and_write(void **state)
{
	(void)state;
	add_disk("ram=1M");
	memset(bench.data, 'A', 1024);
	GOOD(1024, 0x2a, 0, 0, 0, 0, 4, 0, 0, 2, 0);
	assert_int_equal(bench.cmd.transferred, 1024);
	memset(bench.data, 'B', 512);
	GOOD(512, 0x8a, 0x08, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0);
	memset(bench.data, 'C', 512);
	GOOD(512, 0xaa, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0);
	memset(bench.data, 'D', 512);
	GOOD(512, 0x0a, 0, 0, 8, 1, 0);
	memset(bench.data, 0xff, ROOM);
	GOOD(5 * 512, 0x28, 0, 0, 0, 0, 4, 0, 0, 5, 0);
	assert_int_equal(bench.data[0], 'A');
	assert_int_equal(bench.data[1023], 'A');
	assert_int_equal(bench.data[1024], 'B');
	assert_int_equal(bench.data[1536], 'C');
	assert_int_equal(bench.data[2048], 'D');
	GOOD(512, 0x08, 0, 0, 7, 1, 0);
	assert_int_equal(bench.data[0], 'C');
	GOOD(512, 0xa8, 0, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0);
	assert_int_equal(bench.data[511], 'B');
	GOOD(512, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0);
	assert_int_equal(bench.data[0], 'D');
	GOOD(0, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(bench.cmd.transferred, 0);
}

static void the_end_of_the_disk_is_a_wall(void **state)
{
	(void)state;
	add_disk("ram=1M");
	GOOD(512, 0x28, 0, 0, 0, 0x07, 0xff, 0, 0, 1, 0);
	BAD(5, 0x21, 0, 1024, 0x28, 0, 0, 0, 0x07, 0xff, 0, 0, 2, 0);
	BAD(5, 0x21, 0, 512, 0x2a, 0, 0, 0, 0x08, 0x00, 0, 0, 1, 0);
	BAD(5, 0x21, 0, 512, 0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1,
	    0, 0);
	BAD(5, 0x21, 0, 0, 0x2f, 0, 0, 0, 0x08, 0, 0, 0, 1, 0);
	GOOD(0, 0x2f, 0, 0, 0, 0x07, 0, 0, 0, 1, 0);
}

static void more_room_than_data_leaves_a_residual(void **state)
{
	(void)state;
	add_disk("ram=1M");
	memset(bench.data, 0xff, ROOM);
	GOOD(2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_int_equal(bench.cmd.transferred, 512);
	assert_int_equal(bench.data[511], 0);
	assert_int_equal(bench.data[512], 0xff);
	RUN(512, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0);
	assert_true(bench.cmd.overrun);
	assert_int_equal(bench.cmd.transferred, 0);
}

static void a_read_only_disk_refuses_to_change(void **state)
{
	(void)state;
	add_disk("ram=1M,ro");
	GOOD(512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	BAD(7, 0x27, 0, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	BAD(7, 0x27, 0, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	BAD(7, 0x27, 0, 512, 0x93, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
	GOOD(64, 0x1a, 0, 0x3f, 0, 64, 0);
	assert_int_equal(bench.data[2] & 0x80, 0x80);
	GOOD(0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void mode_pages(void **state)
{
	(void)state;
	add_disk("ram=1M");
	GOOD(64, 0x1a, 0, 0x08, 0, 64, 0);
	assert_memory_equal(bench.data, "\x17\x00\x10\x00\x08\x12\x04", 7);
	GOOD(64, 0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 64, 0);
	assert_memory_equal(bench.data, "\x00\x26\x00\x10\x00\x00\x00\x00\x08\x12\x04", 11);
	GOOD(64, 0x1a, 0, 0x48, 0, 64, 0);		/* changeable: nothing */
	assert_int_equal(bench.data[6], 0);
	GOOD(64, 0x1a, 0, 0x3f, 0, 4, 0);
	assert_int_equal(bench.cmd.transferred, 4);
	BAD(5, 0x39, 0, 64, 0x1a, 0, 0xc8, 0, 64, 0);
	BAD(5, 0x24, 0, 64, 0x1a, 0, 0x1c, 0, 64, 0);
}

static void units_are_listed(void **state)
{
	(void)state;
	add_disk("ram=1M,lun=0");
	add_disk("ram=1M,lun=5");
	add_disk("ram=1M");
	GOOD(256, 0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);
	assert_int_equal(bench.cmd.transferred, 8 + 3 * 8);
	assert_int_equal(bench.data[3], 24);
	assert_int_equal(bench.data[9], 0);
	assert_int_equal(bench.data[17], 1);
	assert_int_equal(bench.data[25], 5);
	GOOD(16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0);
	assert_int_equal(bench.cmd.transferred, 16);
	BAD(5, 0x24, 0, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0);
}

static void absent_units_say_so(void **state)
{
	static const uint8_t inquiry[] = { 0x12, 0, 0, 0, 36, 0 };
	static const uint8_t page[] = { 0x12, 1, 0x83, 0, 36, 0 };
	static const uint8_t report[] = { 0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 };
	static const uint8_t ready[] = { 0, 0, 0, 0, 0, 0 };

	(void)state;
	run_on(0, inquiry, 6, 36);
	assert_int_equal(bench.data[0], 0x7f);
	run_on(0, report, 12, 256);
	assert_int_equal(bench.cmd.transferred, 8);
	add_disk("ram=1M,lun=3");
	run_on(0, report, 12, 256);
	assert_int_equal(bench.data[9], 3);
	run_on(255, inquiry, 6, 36);
	assert_int_equal(bench.data[0], 0x7f);
	run_on(1, page, 6, 36);
	expect_sense(5, 0x24, 0);
	assert_int_equal(start_on(0, ready, 6, 0), -ENOENT);
	assert_int_equal(start_on(1, report, 12, 256), -ENOENT);
}

static void a_resize_is_reported_once(void **state)
{
	struct err err;

	(void)state;
	add_disk("ram=1M");
	memset(bench.data, 'x', 512);
	GOOD(512, 0x2a, 0, 0, 0, 0, 1, 0, 0, 1, 0);
	assert_int_equal(scsi_lun_resize(scsi_target_lun(bench.target, 0), 2 << 20, &err), 0);
	GOOD(36, 0x12, 0, 0, 0, 36, 0);			/* not by INQUIRY */
	BAD(6, 0x2a, 0x09, 512, 0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0);
	GOOD(512, 0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0);
	assert_int_equal(bench.data[0], 'x');
	GOOD(512, 0x28, 0, 0, 0, 0x0f, 0xff, 0, 0, 1, 0);
	assert_int_equal(scsi_lun_resize(scsi_target_lun(bench.target, 0), 512, &err), 0);
	GOOD(18, 0x03, 0, 0, 0, 18, 0);			/* as data, which clears it */
	assert_int_equal(bench.data[2], 6);
	assert_int_equal(bench.data[12], 0x2a);
	BAD(5, 0x21, 0, 512, 0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0);
	assert_int_equal(scsi_lun_resize(scsi_target_lun(bench.target, 0), 511, &err), -EINVAL);
}

static void discarded_blocks_read_as_zeros(void **state)
{
	static const uint8_t list[40] = {
		[1] = 38, [3] = 32,
		[15] = 8, [19] = 9,		/* 9 blocks at 8 */
		[31] = 1, [35] = 1,		/* 1 block at 1 */
	};

	(void)state;
	add_disk("ram=1M");
	memset(bench.data, 'x', ROOM);
	GOOD(ROOM, 0x2a, 0, 0, 0, 0, 0, 0, 0, 16, 0);
	memset(bench.data, 'x', ROOM);
	GOOD(ROOM, 0x2a, 0, 0, 0, 0, 16, 0, 0, 16, 0);
	memcpy(bench.data, list, sizeof(list));
	GOOD(40, 0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0);
	GOOD(ROOM, 0x28, 0, 0, 0, 0, 0, 0, 0, 16, 0);
	assert_int_equal(bench.data[511], 'x');
	assert_int_equal(bench.data[512], 0);
	assert_int_equal(bench.data[1024], 'x');
	assert_int_equal(bench.data[4095], 'x');
	assert_int_equal(bench.data[4096], 0);
	GOOD(1024, 0x28, 0, 0, 0, 0, 16, 0, 0, 2, 0);
	assert_int_equal(bench.data[511], 0);
	assert_int_equal(bench.data[512], 'x');
	GOOD(0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void broken_unmap_lists_are_refused(void **state)
{
	(void)state;
	add_disk("ram=1M");
	memset(bench.data, 0, ROOM);
	BAD(5, 0x24, 0, 7, 0x42, 0, 0, 0, 0, 0, 0, 0, 7, 0);
	bench.data[3] = 17;
	BAD(5, 0x26, 0, 40, 0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0);
	bench.data[3] = 48;
	BAD(5, 0x26, 0, 40, 0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0);
	bench.data[3] = 16;
	bench.data[8] = 0xff;
	bench.data[19] = 1;
	BAD(5, 0x21, 0, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	BAD(5, 0x26, 0, ROOM, 0x42, 0, 0, 0, 0, 0, 0, 0x20, 0, 0);
	RUN(8, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	assert_true(bench.cmd.overrun);
}

static void write_same_fills_and_clears(void **state)
{
	(void)state;
	add_disk("ram=1M");
	memset(bench.data, 'z', 512);
	GOOD(512, 0x93, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0);
	GOOD(1024, 0x28, 0, 0, 0, 0, 1, 0, 0, 2, 0);
	assert_int_equal(bench.data[511], 0);
	assert_int_equal(bench.data[512], 'z');
	GOOD(1024, 0x28, 0, 0, 0, 0x01, 0x01, 0, 0, 2, 0);
	assert_int_equal(bench.data[511], 'z');
	assert_int_equal(bench.data[512], 0);
	GOOD(0, 0x93, 0x01, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0);	/* no data: zeros */
	GOOD(1024, 0x28, 0, 0, 0, 0, 2, 0, 0, 2, 0);
	assert_int_equal(bench.data[0], 0);
	assert_int_equal(bench.data[512], 'z');
	memset(bench.data, 0, 512);
	GOOD(512, 0x41, 0x08, 0, 0, 0, 3, 0, 0, 1, 0);
	GOOD(1024, 0x28, 0, 0, 0, 0, 3, 0, 0, 2, 0);
	assert_int_equal(bench.data[0], 0);
	assert_int_equal(bench.data[512], 'z');
	BAD(5, 0x24, 0, 512, 0x93, 0x10, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0);
	BAD(5, 0x21, 0, 512, 0x93, 0, 0, 0, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 1, 0, 0);
}

static void unknown_commands_are_refused(void **state)
{
	static const uint8_t known[] = {
		0x00, 0x03, 0x08, 0x0a, 0x12, 0x1a, 0x1b, 0x25, 0x28, 0x2a, 0x2f, 0x35, 0x41, 0x42,
		0x5a, 0x88, 0x8a, 0x8f, 0x91, 0x93, 0x9e, 0xa0, 0xa8, 0xaa, 0xaf,
	};
	unsigned int op;

	(void)state;
	add_disk("ram=1M");
	for (op = 0; op < 256; op++) {
		if (!memchr(known, (int)op, sizeof(known)))
			BAD(5, 0x20, 0, 512, (uint8_t)op, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	}
	BAD(5, 0x24, 0, 512, 0x28, 0, 0, 0, 0, 0);	/* CDB too short */
	GOOD(0, 0x00, 0, 0, 0, 0, 0);
	GOOD(0, 0x1b, 0, 0, 0, 0, 0);
}

/* Whatever the bytes: exactly one end, nothing outside the buffers (ASan watches). */
static void any_bytes_end_once(void **state)
{
	unsigned int seed = 1, i, j;

	(void)state;
	add_disk("ram=64K");
	for (i = 0; i < 20000; i++) {
		uint8_t cdb[16];

		for (j = 0; j < sizeof(cdb); j++)
			cdb[j] = (uint8_t)(rand_r(&seed) >> 8 & (rand_r(&seed) & 256 ? 0xff : 0x03));
		for (j = 0; j < 64; j++)
			bench.data[j] = (uint8_t)(rand_r(&seed) >> 8);
		run_on(0, cdb, (uint8_t)(1 + rand_r(&seed) % 16),
		       (uint32_t)(rand_r(&seed) % (ROOM + 1)));
		assert_true(bench.cmd.transferred <= bench.cmd.data_len);
	}
}

static void serve_file(const char *options)
{
	char path[] = "/tmp/openlis-scsi-XXXXXX", text[128];
	struct loop *loop = loop_create();
	int fd = mkstemp(path);
	struct err err = { .text = "" };

	assert_true(fd >= 0 && loop);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	if (uring_create(&bench.uring, loop, &err)) {
		print_message("no io_uring here: %s\n", err.text);
		skip();
	}
	snprintf(text, sizeof(text), "file=%s%s", path, options);
	add_disk(text);
	memset(bench.data, 'f', ROOM);
	GOOD(ROOM, 0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, ROOM / 4096, 0, 0);
	GOOD(0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	memset(bench.data, 0, ROOM);
	GOOD(4096, 0x8a, 0x08, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0);
	GOOD(ROOM, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, ROOM / 4096, 0, 0);
	assert_int_equal(bench.data[4095], 'f');
	assert_int_equal(bench.data[4096], 0);
	memset(bench.data, 0, ROOM);
	GOOD(4096, 0x93, 0x08, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0);
	GOOD(ROOM, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, ROOM / 4096, 0, 0);
	assert_int_equal(bench.data[0], 0);
	assert_int_equal(scsi_lun_resize(scsi_target_lun(bench.target, 0), 2 << 20, &err), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 2 << 20);
	BAD(6, 0x2a, 0x09, 0, 0x00, 0, 0, 0, 0, 0);

	/* The file shrinks behind the disk's back: a medium error, not silence. */
	assert_int_equal(ftruncate(fd, 4096), 0);
	BAD(3, 0x11, 0, 4096, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0);
	scsi_target_remove(bench.target, 0);
	uring_destroy(bench.uring);
	bench.uring = NULL;
	loop_destroy(loop);
	close(fd);
	unlink(path);
}

static void a_file_keeps_what_is_written(void **state)
{
	(void)state;
	serve_file(",block=4096");
}

static void two_hosts_cannot_share_an_image(void **state)
{
	char path[] = "/tmp/openlis-scsi-XXXXXX", text[128];
	struct err err = { .text = "" };
	struct loop *loop = loop_create();
	struct disk *first, *second;
	struct disk_spec spec;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	snprintf(text, sizeof(text), "file=%s", path);
	assert_int_equal(diskspec_parse(text, &spec, &err), 0);
	if (uring_create(&bench.uring, loop, &err))
		skip();
	assert_int_equal(disk_open(&first, bench.uring, &spec, &err), 0);
	assert_int_equal(disk_open(&second, bench.uring, &spec, &err), -EBUSY);
	assert_non_null(strstr(err.text, "in use"));
	disk_close(first);
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(disk_open(&first, bench.uring, &spec, &err), -EINVAL);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);	/* opening it to read would wait for a writer */
	spec.read_only = true;
	assert_int_equal(disk_open(&first, bench.uring, &spec, &err), -EINVAL);
	unlink(path);
	assert_int_equal(disk_open(&first, bench.uring, &spec, &err), -ENOENT);
	assert_int_equal(diskspec_parse("ram=4194304T", &spec, &err), 0);
	assert_int_equal(disk_open(&first, bench.uring, &spec, &err), -EFBIG);
	close(fd);
	uring_destroy(bench.uring);
	bench.uring = NULL;
	loop_destroy(loop);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(inquiry_names_the_disk),
		CASE(vital_product_data_pages),
		CASE(capacity_of_small_and_huge_disks),
		CASE(every_size_of_read_and_write),
		CASE(the_end_of_the_disk_is_a_wall),
		CASE(more_room_than_data_leaves_a_residual),
		CASE(a_read_only_disk_refuses_to_change),
		CASE(mode_pages),
		CASE(units_are_listed),
		CASE(absent_units_say_so),
		CASE(a_resize_is_reported_once),
		CASE(discarded_blocks_read_as_zeros),
		CASE(broken_unmap_lists_are_refused),
		CASE(write_same_fills_and_clears),
		CASE(unknown_commands_are_refused),
		CASE(any_bytes_end_once),
		CASE(a_file_keeps_what_is_written),
		CASE(two_hosts_cannot_share_an_image),
	};

	return cmocka_run_group_tests_name("scsi", tests, NULL, NULL);
}
