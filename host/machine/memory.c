// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "protocol/types.h"

#define HUGE_PAGE	(2u << 20)

/*
 * Regions are only ever appended. The count is published after the region is
 * complete, so that readers in other threads need no lock.
 */
struct gmem {
	struct gmem_region regions[GMEM_MAX_REGIONS];
	void *reservations[GMEM_MAX_REGIONS];	/* what to unmap: region plus alignment */
	unsigned int count;
	struct gmem_guard guard;
};

struct gmem *gmem_create(void)
{
	return calloc(1, sizeof(struct gmem));
}

void gmem_destroy(struct gmem *gmem)
{
	if (!gmem)
		return;
	for (unsigned int i = 0; i < gmem->count; i++)
		munmap(gmem->reservations[i], gmem->regions[i].size + HUGE_PAGE);
	free(gmem);
}

unsigned int gmem_region_count(const struct gmem *gmem)
{
	return __atomic_load_n(&gmem->count, __ATOMIC_ACQUIRE);
}

const struct gmem_region *gmem_region(const struct gmem *gmem, unsigned int index)
{
	return index < gmem_region_count(gmem) ? &gmem->regions[index] : NULL;
}

static bool can_add(const struct gmem *gmem, uint64_t gpa, uint64_t size)
{
	if (!size || (gpa | size) & HVP_PAGE_MASK || gpa + size < gpa)
		return false;
	for (unsigned int i = 0; i < gmem->count; i++) {
		const struct gmem_region *region = &gmem->regions[i];

		if (gpa < region->gpa + region->size && region->gpa < gpa + size)
			return false;
	}
	return true;
}

const struct gmem_region *gmem_add(struct gmem *gmem, uint64_t gpa, uint64_t size)
{
	struct gmem_region *region = &gmem->regions[gmem->count];
	void *reservation;

	if (gmem->count == GMEM_MAX_REGIONS) {
		errno = ENOSPC;
		return NULL;
	}
	if (!can_add(gmem, gpa, size)) {
		errno = EINVAL;
		return NULL;
	}
	reservation = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (reservation == MAP_FAILED)
		return NULL;
	region->gpa = gpa;
	region->size = size;
	region->host = (void *)(((uintptr_t)reservation + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
	madvise(region->host, size, MADV_HUGEPAGE);	/* only a hint */
	gmem->reservations[gmem->count] = reservation;
	__atomic_store_n(&gmem->count, gmem->count + 1, __ATOMIC_RELEASE);
	return region;
}

void gmem_set_guard(struct gmem *gmem, const struct gmem_guard *guard)
{
	gmem->guard = guard ? *guard : (struct gmem_guard){ .allow = NULL };
}

static bool allowed(const struct gmem *gmem, uint64_t gpa, size_t len, bool write)
{
	return !gmem->guard.allow || gmem->guard.allow(gmem->guard.opaque, gpa, len, write);
}

static const struct gmem_region *find_region(const struct gmem *gmem, uint64_t gpa)
{
	unsigned int count = gmem_region_count(gmem);

	for (unsigned int i = 0; i < count; i++) {
		const struct gmem_region *region = &gmem->regions[i];

		if (gpa >= region->gpa && gpa - region->gpa < region->size)
			return region;
	}
	return NULL;
}

void *gmem_map_raw(struct gmem *gmem, uint64_t gpa, size_t len)
{
	const struct gmem_region *region = find_region(gmem, gpa);

	if (!region || !len || len > region->size - (gpa - region->gpa))
		return NULL;
	return (char *)region->host + (gpa - region->gpa);
}

void *gmem_map(struct gmem *gmem, uint64_t gpa, size_t len, bool write)
{
	void *host = gmem_map_raw(gmem, gpa, len);

	return host && allowed(gmem, gpa, len, write) ? host : NULL;
}

/* Copy piece by piece: one piece per region the span touches. */
static int copy_span(struct gmem *gmem, uint64_t gpa, char *buf, size_t len, bool write)
{
	while (len) {
		const struct gmem_region *region = find_region(gmem, gpa);
		uint64_t left;
		size_t piece;
		char *host;

		if (!region)
			return -EFAULT;
		left = region->size - (gpa - region->gpa);
		piece = len < left ? len : (size_t)left;
		host = (char *)region->host + (gpa - region->gpa);
		if (write)
			memcpy(host, buf, piece);
		else
			memcpy(buf, host, piece);
		gpa += piece;
		buf += piece;
		len -= piece;
	}
	return 0;
}

int gmem_read_raw(struct gmem *gmem, uint64_t gpa, void *buf, size_t len)
{
	return copy_span(gmem, gpa, buf, len, false);
}

int gmem_read(struct gmem *gmem, uint64_t gpa, void *buf, size_t len)
{
	if (len && !allowed(gmem, gpa, len, false))
		return -EFAULT;
	return copy_span(gmem, gpa, buf, len, false);
}

int gmem_write(struct gmem *gmem, uint64_t gpa, const void *buf, size_t len)
{
	if (len && !allowed(gmem, gpa, len, true))
		return -EFAULT;
	return copy_span(gmem, gpa, (char *)buf, len, true);
}
