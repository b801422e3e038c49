// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/machine/vm.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/shutdown.h"
#include "host/vsp/vsp.h"

/* pause, resume, shutdown, reboot, nmi, quit. */

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

/* The request waits for the guest's word, which comes before the deed. */
static void guest_answered(void *opaque, bool answered, uint32_t status)
{
	struct control_request *req = opaque;

	if (!answered)
		request_fail(req, "the guest closed the service without an answer");
	else if (status)
		request_fail(req, "the guest refused: 0x%08x", status);
	else
		request_done(req, NULL);
}

static void client_gone(struct control_request *req)
{
	shutdown_forget(vsp_shutdown(request_control(req)->host.vsp), req);
}

static void ask_guest(struct control_request *req, bool restart)
{
	struct shutdown *sd = vsp_shutdown(request_control(req)->host.vsp);
	int ret = shutdown_request(sd, restart, guest_answered, req);

	if (ret == -ENOTCONN)
		return request_fail(req, "the guest does not run the shutdown service");
	if (ret == -EOPNOTSUPP)
		return request_fail(req, "the guest's shutdown service cannot restart");
	if (ret)
		return request_fail(req, "cannot ask the guest: %s", strerror(-ret));
	request_on_gone(req, client_gone);
}

void verb_shutdown(struct control_request *req)
{
	ask_guest(req, request_flag(req, "reboot"));
}

void verb_reboot(struct control_request *req)
{
	ask_guest(req, true);
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
