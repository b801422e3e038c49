/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_TYPES_H
#define PROTOCOL_TYPES_H

/*
 * The only door between the protocol code and its surroundings: kernel module,
 * test host or unit test. Everything else in protocol/ is plain C that needs
 * fixed-width integers, memcpy() and the errno values below.
 *
 * Every Hyper-V guest is little-endian, so wire fields are native integers;
 * the assertion turns a big-endian build into an error instead of a bug.
 */

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
#ifndef static_assert
#define static_assert _Static_assert
#endif
#endif

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "Hyper-V is little-endian");

#define HVP_PACKED __attribute__((packed))

#define HVP_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What was loaded from shared memory before this is never loaded again. */
static inline void hvp_compiler_barrier(void)
{
	__asm__ __volatile__("" : : : "memory");
}

/* The host's idea of a page, whatever the guest's page size. */
#define HVP_PAGE_SHIFT	12
#define HVP_PAGE_SIZE	4096u
#define HVP_PAGE_MASK	(HVP_PAGE_SIZE - 1)

#endif
