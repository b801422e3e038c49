// SPDX-License-Identifier: GPL-2.0-only
/*
 * The synthetic interrupt controller of each CPU: a page of message slots, a
 * page of event flags, and the interrupt source that VMBus uses (SINT 2).
 *
 * A CPU is "live" between its two hotplug callbacks. Only live CPUs are given
 * channels (cpu.c), and a CPU's channels move away before it stops being live.
 * The callbacks run on the CPU itself, in a thread, under the hotplug lock.
 */
#include "drivers/vmbus/synic.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/cpu.h"
#include "drivers/vmbus/interrupt.h"

#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <clocksource/hyperv_timer.h>

DEFINE_PER_CPU(struct vmbus_synic, vmbus_synic);

static int hotplug_state;

static void page_msr_set(u32 msr, const void *page)
{
	u64 value;

	/* Bits 1-11 are to be preserved; bit 0 enables, the rest is the page's address. */
	rdmsrl(msr, value);
	value &= HVP_PAGE_MASK & ~1ULL;
	if (page)
		value |= virt_to_phys((void *)page) | 1;
	wrmsrl(msr, value);
}

static void sint_set(bool enable)
{
	union hv_synic_sint sint;

	rdmsrl(HV_X64_MSR_SINT0 + HVP_SINT_VMBUS, sint.as_uint64);
	sint.vector = HYPERVISOR_CALLBACK_VECTOR;
	sint.masked = !enable;
	/* The vector's entry code sends an EOI exactly when this hint is given. */
	sint.auto_eoi = !(ms_hyperv.hints & HV_DEPRECATING_AEOI_RECOMMENDED);
	wrmsrl(HV_X64_MSR_SINT0 + HVP_SINT_VMBUS, sint.as_uint64);
}

static void scontrol_set(bool enable)
{
	union hv_synic_scontrol control;

	rdmsrl(HV_X64_MSR_SCONTROL, control.as_uint64);
	control.enable = enable;
	wrmsrl(HV_X64_MSR_SCONTROL, control.as_uint64);
}

void vmbus_synic_enable_here(void)
{
	struct vmbus_synic *synic = this_cpu_ptr(&vmbus_synic);

	page_msr_set(HV_X64_MSR_SIMP, synic->messages);
	page_msr_set(HV_X64_MSR_SIEFP, synic->events);
	WRITE_ONCE(synic->live, true);
	sint_set(true);
	scontrol_set(true);
}

void vmbus_synic_disable_here(void)
{
	sint_set(false);
	WRITE_ONCE(this_cpu_ptr(&vmbus_synic)->live, false);
	page_msr_set(HV_X64_MSR_SIMP, NULL);
	page_msr_set(HV_X64_MSR_SIEFP, NULL);
	scontrol_set(false);
}

static void pages_free(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct vmbus_synic *synic = per_cpu_ptr(&vmbus_synic, cpu);

		free_page((unsigned long)synic->messages);
		free_page((unsigned long)synic->events);
		free_page((unsigned long)synic->post);
		memset(synic, 0, sizeof(*synic));
	}
}

/* What it gets here a CPU keeps until the module goes, however often it leaves and comes. */
static void *page_ensure(void *page)
{
	return page ?: (void *)get_zeroed_page(GFP_KERNEL);
}

static int pages_alloc_here(void)
{
	struct vmbus_synic *synic = this_cpu_ptr(&vmbus_synic);

	synic->messages = page_ensure(synic->messages);
	synic->events = page_ensure(synic->events);
	synic->post = page_ensure(synic->post);
	return synic->messages && synic->events && synic->post ? 0 : -ENOMEM;
}

static int cpu_came(unsigned int cpu)
{
	int ret = pages_alloc_here();

	if (ret)
		return ret;
	vmbus_synic_enable_here();
	hv_stimer_legacy_init(cpu, HVP_SINT_VMBUS);
	vmbus_cpu_came(cpu);
	return 0;
}

static int cpu_leaves(unsigned int cpu)
{
	int ret = vmbus_cpu_leaves(cpu);

	if (ret)
		return ret;

	/* What the host signalled before it knew of the moves. */
	vmbus_interrupt_drain();
	hv_stimer_legacy_cleanup(cpu);
	vmbus_synic_disable_here();
	return 0;
}

int vmbus_synic_init(void)
{
	int ret;

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hyperv/vmbus:online", cpu_came, cpu_leaves);
	if (ret < 0) {
		pages_free();
		return ret;
	}
	hotplug_state = ret;
	return 0;
}

void vmbus_synic_stop(void)
{
	if (!hotplug_state)
		return;
	cpuhp_remove_state(hotplug_state);
	hotplug_state = 0;
}

void vmbus_synic_exit(void)
{
	vmbus_synic_stop();
	pages_free();
}
