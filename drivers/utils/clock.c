// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/utils/clock.h"

#define SLOT_SECONDS	32u
#define SLOTS_READ	0x1eu		/* the four before this one, which may be young */

/* What was seen, as of a later slot. */
static u32 seen_at(const struct clock_readers *readers, u64 slot)
{
	u64 age = slot - readers->slot;

	return age < 32 ? readers->seen << age : 0;
}

void clock_was_read(struct clock_readers *readers, u64 seconds)
{
	u64 slot = seconds / SLOT_SECONDS;

	readers->seen = seen_at(readers, slot) | 1;
	readers->slot = slot;
}

bool clock_is_read(const struct clock_readers *readers, u64 seconds)
{
	return (seen_at(readers, seconds / SLOT_SECONDS) & SLOTS_READ) == SLOTS_READ;
}

u64 clock_age(const struct clock_told *told, u64 reference)
{
	return reference > told->reference ? reference - told->reference : 0;
}

u64 clock_host_now(const struct clock_told *told, u64 reference)
{
	return told->unix_ns + clock_age(told, reference) * 100;
}

u64 clock_error_bound(const struct clock_told *told, u64 reference)
{
	u64 resolution = 1, drift = clock_age(told, reference) / (1000000 / CLOCK_DRIFT_PPM);

	return (told->unsure + drift + resolution) * 100;
}

/* a - b, where both may have wrapped. */
static long long difference(u64 a, u64 b)
{
	return (long long)(a - b);
}

static long long size_of(long long offset)
{
	return offset < 0 ? -offset : offset;
}

static bool sync_steps(const struct clock_policy *policy, long long offset)
{
	if (size_of(offset) < CLOCK_SMALL_NS)
		return false;
	return !policy->disciplined || offset >= CLOCK_SLEW_NS;
}

static bool sample_steps(const struct clock_memory *memory, const struct clock_policy *policy,
			 u64 host_base, u64 guest_base, long long offset)
{
	if (!policy->implicit || offset < CLOCK_IMPLICIT_NS)
		return false;
	if (!memory->known || difference(host_base, memory->host_base) >= CLOCK_IMPLICIT_NS)
		return true;
	return size_of(difference(guest_base, memory->guest_base)) < CLOCK_SLEW_NS;
}

bool clock_judge(struct clock_memory *memory, const struct clock_policy *policy,
		 const struct clock_told *told, const struct clock_now *now, long long *offset_ns)
{
	u64 host_base = told->unix_ns - told->reference * 100;
	u64 guest_base = now->real_ns - now->boot_ns;
	long long offset = difference(clock_host_now(told, now->reference), now->real_ns);
	bool step;

	step = policy->sync ? sync_steps(policy, offset) :
			      sample_steps(memory, policy, host_base, guest_base, offset);
	if (step)
		guest_base += (u64)offset;
	if (step || !memory->known || size_of(offset) < CLOCK_IMPLICIT_NS)
		memory->guest_base = guest_base;
	memory->host_base = host_base;
	memory->known = true;
	*offset_ns = offset;
	return step;
}
