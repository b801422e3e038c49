// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/vss_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/machine/loop.h"
#include "host/vsp/disk.h"
#include "host/vsp/diskspec.h"
#include "host/vsp/scsi.h"
#include "host/vsp/uring.h"
#include "tests/unit/unit.h"

/* The copy of a disk into a file, with and without io_uring. */

#define MIB	(1u << 20)
#define BYTES	(9 * MIB + 512)		/* more chunks than slots, and a ragged one */

static struct loop *loop;
static struct uring *uring;
static struct scsi_target *target;
static char source[64], path[64];

static void put_pattern(const char *name)
{
	uint8_t *data = calloc(1, BYTES);
	FILE *file = fopen(name, "w");
	unsigned int i;

	assert_non_null(file);
	for (i = 0; i < BYTES; i++)
		data[i] = (uint8_t)(i / 512 * 7 + 1);
	memset(data + 2 * MIB, 0, 3 * MIB);	/* a hole */
	assert_int_equal(fwrite(data, 1, BYTES, file), BYTES);
	fclose(file);
	free(data);
}

static int setup(void **state)
{
	(void)state;
	strcpy(source, "/tmp/vss-source-XXXXXX");
	close(mkstemp(source));
	put_pattern(source);
	strcpy(path, "/tmp/vss-image-XXXXXX");
	close(mkstemp(path));
	unlink(path);
	loop = loop_create();
	assert_int_equal(uring_create(&uring, loop, NULL), 0);
	target = scsi_target_create();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	uring_drain(uring);
	scsi_target_destroy(target);
	uring_destroy(uring);
	loop_destroy(loop);
	unlink(source);
	unlink(path);
	return 0;
}

static struct lun *add_disk(const char *text)
{
	struct err err = { .text = "" };
	struct disk_spec spec;
	struct disk *disk;
	int lun;

	if (diskspec_parse(text, &spec, &err) || disk_open(&disk, uring, &spec, &err))
		fail_msg("%s: %s", text, err.text);
	lun = scsi_target_add(target, &spec, disk, &err);
	assert_true(lun >= 0);
	return scsi_target_lun(target, (unsigned int)lun);
}

static struct lun *add_file(void)
{
	char text[100];

	snprintf(text, sizeof(text), "file=%s", source);
	return add_disk(text);
}

static struct vss_image *create(struct lun *lun, struct uring *with)
{
	struct vss_image_config config = {
		.loop = loop, .uring = with, .lun = lun, .path = path,
	};
	struct err err = { .text = "" };
	struct vss_image *image;

	if (vss_image_create(&image, &config, &err))
		fail_msg("%s", err.text);
	return image;
}

static int result;
static char why[200];

static void copied(void *opaque, int ret, const char *text)
{
	(void)opaque;
	result = ret;
	strcpy(why, text);
	loop_stop(loop);
}

static void copy(struct vss_image *image)
{
	result = 1;
	vss_image_copy(image, copied, NULL);
	assert_int_equal(result, 1);
	assert_int_equal(loop_run(loop), 0);
	assert_int_not_equal(result, 1);
}

static void stop(void *opaque)
{
	loop_stop(opaque);
}

static void turn(void)
{
	struct loop_timer *timer = loop_timer_create(loop, stop, loop);

	loop_timer_arm(timer, 50000000);
	assert_int_equal(loop_run(loop), 0);
	loop_timer_destroy(timer);
}

static void expect_same_bytes(void)
{
	char command[200];

	snprintf(command, sizeof(command), "cmp %s %s", source, path);
	assert_int_equal(system(command), 0);
}

static void a_file_is_copied_with_its_holes(void **state)
{
	struct lun *lun = add_file();
	struct uring *with[] = { uring, NULL };
	struct vss_image *image;
	struct stat st;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		image = create(lun, with[i]);
		assert_int_equal(vss_image_bytes(image), BYTES);
		assert_int_equal(vss_image_copied(image), 0);
		copy(image);
		assert_int_equal(result, 0);
		assert_int_equal(vss_image_copied(image), BYTES);
		vss_image_keep(image);
		expect_same_bytes();
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_true(st.st_blocks * 512 < BYTES);
		unlink(path);
	}
}

static void memory_is_copied(void **state)
{
	struct uring *with[] = { uring, NULL };
	struct lun *lun = add_disk("ram=70M");
	struct stat st;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct vss_image *image = create(lun, with[i]);

		copy(image);
		assert_int_equal(result, 0);
		vss_image_keep(image);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, 70 * MIB);
		assert_int_equal(st.st_blocks, 0);
		unlink(path);
	}
}

static void what_cannot_be_written_is_told_before_the_copy(void **state)
{
	struct vss_image_config config = { .loop = loop, .uring = uring };
	struct vss_image *image;
	struct err err;

	(void)state;
	config.lun = add_file();
	config.path = "/nowhere/image";
	assert_int_equal(vss_image_create(&image, &config, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/image: No such file"));
	config.path = source;
	assert_int_equal(vss_image_create(&image, &config, &err), -EEXIST);
	assert_int_equal(access(source, F_OK), 0);
}

static void a_disk_that_cannot_be_read_fails_the_copy(void **state)
{
	struct vss_image *image = create(add_file(), uring);

	(void)state;
	assert_int_equal(truncate(source, 5 * MIB), 0);
	copy(image);
	assert_int_equal(result, -EIO);
	assert_non_null(strstr(why, "cannot read the disk"));
	vss_image_abandon(image);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_disk_that_shrinks_fails_the_copy(void **state)
{
	struct lun *lun = add_disk("ram=9M");
	struct vss_image *image = create(lun, uring);
	struct err err;

	(void)state;
	assert_int_equal(scsi_lun_resize(lun, 2 * MIB, &err), 0);
	copy(image);
	assert_int_equal(result, -ESTALE);
	assert_non_null(strstr(why, "smaller"));
	vss_image_abandon(image);
}

/* A removed unit keeps its disk until the copy is over. */
static void a_disk_that_is_removed_is_still_copied(void **state)
{
	struct vss_image *image = create(add_file(), uring);

	(void)state;
	assert_int_equal(scsi_target_remove(target, 0), 0);
	copy(image);
	assert_int_equal(result, 0);
	vss_image_keep(image);
	expect_same_bytes();
}

static void an_abandoned_copy_calls_nobody_and_leaves_nothing(void **state)
{
	struct uring *with[] = { uring, NULL };
	struct lun *lun = add_file();
	struct vss_image *image;
	unsigned int i;

	(void)state;
	vss_image_abandon(NULL);
	vss_image_abandon(create(lun, uring));
	assert_int_equal(access(path, F_OK), -1);
	for (i = 0; i < 2; i++) {
		image = create(lun, with[i]);
		vss_image_copy(image, copied, NULL);
		result = 1;
		vss_image_abandon(image);
		assert_int_equal(access(path, F_OK), -1);
		turn();
		assert_int_equal(result, 1);
	}
	/* With chunks that wait for their turn in the loop. */
	image = create(add_disk("ram=9M"), NULL);
	vss_image_copy(image, copied, NULL);
	vss_image_abandon(image);
	turn();
	assert_int_equal(result, 1);
}

/* When the run ends, only the uring is drained: nobody runs the loop any more. */
static void an_abandoned_copy_ends_with_its_requests(void **state)
{
	struct vss_image *image = create(add_file(), uring);

	(void)state;
	vss_image_copy(image, copied, NULL);
	vss_image_abandon(image);
	uring_drain(uring);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(a_file_is_copied_with_its_holes),
		CASE(memory_is_copied),
		CASE(what_cannot_be_written_is_told_before_the_copy),
		CASE(a_disk_that_cannot_be_read_fails_the_copy),
		CASE(a_disk_that_shrinks_fails_the_copy),
		CASE(a_disk_that_is_removed_is_still_copied),
		CASE(an_abandoned_copy_calls_nobody_and_leaves_nothing),
		CASE(an_abandoned_copy_ends_with_its_requests),
	};

	return cmocka_run_group_tests_name("vss_image", tests, NULL, NULL);
}
