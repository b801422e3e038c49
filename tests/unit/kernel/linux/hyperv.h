/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_UNIT_KERNEL_HYPERV_H
#define TESTS_UNIT_KERNEL_HYPERV_H

/* As much of the kernel as a ring needs, for driver code that is tested in user space. */

#include "protocol/types.h"

#define READ_ONCE(x)			__atomic_load_n(&(x), __ATOMIC_RELAXED)
/* Nothing runs beside the test, so these only have to be there. */
#define virt_mb()			__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define virt_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)	/* ditto */
#define lockdep_assert_held(lock)	((void)(lock))
#define likely(x)			(x)
#define unlikely(x)			(x)
#define min(a, b)			((a) < (b) ? (a) : (b))

struct hv_ring_buffer {
	u32 write_index;
	u32 read_index;
	u32 interrupt_mask;
	u32 pending_send_sz;
	u8 pad[4080];
	u8 buffer[];
};

struct hv_ring_buffer_info {
	struct hv_ring_buffer *ring_buffer;
	int ring_lock;
	u32 ring_datasize;
};

struct vmbus_channel {
	struct hv_ring_buffer_info outbound;
	bool out_full_flag;
	u64 out_full_total;
	u64 out_full_first;
	u64 intr_out_empty;
};

static inline void *hv_get_ring_buffer(const struct hv_ring_buffer_info *ring)
{
	return ring->ring_buffer->buffer;
}

#endif
