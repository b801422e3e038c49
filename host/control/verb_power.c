// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/machine/vm.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/vsp.h"

/* pause, resume, nmi, quit. */

void verb_pause(struct control_request *req)
{
	struct control *control = request_control(req);

	if (vm_paused(control->host.vm))
		return request_fail(req, "the guest is paused already");
	vm_pause(control->host.vm);
	vmbus_set_paused(control->host.vmbus, true);
	vsp_set_paused(control->host.vsp, true);
	request_done(req, NULL);
}

void verb_resume(struct control_request *req)
{
	struct control *control = request_control(req);

	if (!vm_paused(control->host.vm))
		return request_fail(req, "the guest is not paused");
	vsp_set_paused(control->host.vsp, false);
	vmbus_set_paused(control->host.vmbus, false);
	vm_resume(control->host.vm);
	request_done(req, NULL);
}

void verb_nmi(struct control_request *req)
{
	int ret = vm_nmi(request_control(req)->host.vm);

	if (ret)
		return request_fail(req, "cannot inject an NMI: %s", strerror(-ret));
	request_done(req, NULL);
}

void verb_quit(struct control_request *req)
{
	struct vm *vm = request_control(req)->host.vm;

	request_done(req, NULL);
	vm_end(vm, HOST_EXIT_STOPPED);
}
