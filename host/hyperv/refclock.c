// SPDX-License-Identifier: GPL-2.0-only
#include "host/hyperv/refclock.h"

#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "host/machine/vm.h"

uint64_t hyperv_ref_time(const struct vm *vm)
{
	struct kvm_clock_data clock = { .clock = 0 };

	/* The MSR itself can only be read between two runs of a vCPU; this is its source. */
	if (ioctl(vm_fd(vm), KVM_GET_CLOCK, &clock))
		return 0;
	return clock.clock / 100;
}
