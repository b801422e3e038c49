/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_MEMORY_H
#define HOST_MACHINE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Guest memory: a list of regions, and the only door to it.
 *
 * The guest is not trusted: every address and length it names goes through
 * gmem_map(), gmem_read() or gmem_write(), which check the whole span. A
 * mapping stays valid until gmem_destroy(); regions are added (at start, or by
 * memory hot add) and never removed.
 *
 * What is mapped may change under the reader at any time. Copy once, check the
 * copy, use the copy; single words through gmem_load_*() and gmem_store_*().
 *
 * Threads: regions are added by the loop thread only; every access function
 * may be called from any thread, but see struct gmem_guard.
 */
struct gmem;

#define GMEM_MAX_REGIONS	32

struct gmem_region {
	uint64_t gpa;
	uint64_t size;
	void *host;
};

/*
 * Who may say no. The protocol checker installs a guard to catch accesses to
 * pages the guest took back. It runs for gmem_map(), gmem_read() and
 * gmem_write(), in the thread that calls them, which is the loop thread for
 * all layers that have a guard to fear. The *_raw() functions do not ask: they
 * are for the hypervisor's own business (hypercall input, SynIC pages, boot).
 */
struct gmem_guard {
	/* false: the access fails as if there were no memory. @len is never 0. */
	bool (*allow)(void *opaque, uint64_t gpa, size_t len, bool write);
	void *opaque;
};

struct gmem *gmem_create(void);
void gmem_destroy(struct gmem *gmem);

/**
 * gmem_add() - give the guest more memory
 * @gpa:	page aligned, outside all other regions
 * @size:	page aligned
 *
 * The host memory is aligned for transparent huge pages and starts as zero.
 * Return: the region (owned by @gmem; slot number = gmem_region_index()), or
 * NULL with errno set.
 */
const struct gmem_region *gmem_add(struct gmem *gmem, uint64_t gpa, uint64_t size);

/* Walk the regions in order of addition: 0 … gmem_region_count() - 1. */
unsigned int gmem_region_count(const struct gmem *gmem);
const struct gmem_region *gmem_region(const struct gmem *gmem, unsigned int index);

/* Install, replace or (NULL) remove the guard. Loop thread. @guard is copied. */
void gmem_set_guard(struct gmem *gmem, const struct gmem_guard *guard);

/**
 * gmem_map() - a pointer to guest memory
 * @write:	whether the caller will write
 *
 * Return: NULL unless all of [@gpa, @gpa + @len) is RAM in one region and the
 * guard agrees. A @len of 0 gives NULL too: there is nothing to point at.
 */
void *gmem_map(struct gmem *gmem, uint64_t gpa, size_t len, bool write);
void *gmem_map_raw(struct gmem *gmem, uint64_t gpa, size_t len);

/**
 * gmem_read() - copy out of guest memory; may cross regions that touch
 * Return: 0, or -EFAULT with nothing promised about @buf.
 */
int gmem_read(struct gmem *gmem, uint64_t gpa, void *buf, size_t len);
int gmem_read_raw(struct gmem *gmem, uint64_t gpa, void *buf, size_t len);

/* Copy into guest memory. Return: 0, or -EFAULT (a part may have been written). */
int gmem_write(struct gmem *gmem, uint64_t gpa, const void *buf, size_t len);

/*
 * Single words in mapped memory, read or written exactly once. Loads acquire:
 * they pair with the guest's release of the index. Stores release: they pair
 * with the guest's acquire. @p must be naturally aligned.
 */
static inline uint32_t gmem_load_u32(const void *p)
{
	return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE);
}

static inline uint64_t gmem_load_u64(const void *p)
{
	return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE);
}

static inline void gmem_store_u32(void *p, uint32_t value)
{
	__atomic_store_n((uint32_t *)p, value, __ATOMIC_RELEASE);
}

static inline void gmem_store_u64(void *p, uint64_t value)
{
	__atomic_store_n((uint64_t *)p, value, __ATOMIC_RELEASE);
}

/* Orders an earlier store before a later load; pairs with the guest's full barrier. */
static inline void gmem_full_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif
