/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_HOST_VSS_GUEST_H
#define TESTS_HOST_VSS_GUEST_H

#include "host/vsp/disk.h"
#include "host/vsp/uring.h"
#include "host/vsp/vss.h"
#include "tests/host/ic_guest.h"

/* A guest of the backup service, and a host without disks and without io_uring. */

static struct vss *vss;

static inline void take(unsigned int op)
{
	take_request();
	assert_int_equal(header->type, HVP_IC_VSS);
	assert_int_equal(((struct hvp_vss_head *)body)->op, op);
}

static inline void answer(u32 status)
{
	header->status = status;
	send_answer();
}

static inline int vss_setup(void **state)
{
	struct err err;

	(void)state;
	bench_start(HVP_GENERATION_2019);
	assert_int_equal(vss_create(&vss, &set, NULL, &err), 0);
	return 0;
}

static inline int vss_teardown(void **state)
{
	(void)state;
	vss_destroy(vss);
	bench_stop();
	return 0;
}

/* ---- what the loop of this bench cannot carry ---- */

struct io_uring_sqe *uring_get(struct uring *uring)
{
	(void)uring;
	return NULL;
}

void uring_queue(struct uring *uring, struct io_uring_sqe *sqe, struct uring_req *req)
{
	(void)uring;
	(void)sqe;
	(void)req;
}

int disk_file_open(struct disk **out, struct uring *uring, const struct disk_spec *spec,
		   struct err *err)
{
	(void)out;
	(void)uring;
	(void)spec;
	(void)err;
	return -ENOSYS;
}

#endif
