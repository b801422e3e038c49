/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_CONTROL_H
#define HOST_CONTROL_CONTROL_H

#include "host/err.h"
#include "host/exit.h"

/*
 * The host's remote control: the verbs over the control socket, the guest
 * agent on COM2, and the trace file. Loop thread only.
 */
struct control;
struct hypercall;
struct loop;
struct synic;
struct vm;
struct vmbus;
struct vsp;

/* The pieces to control; all must outlive the control. */
struct control_config {
	struct loop *loop;
	struct vm *vm;
	struct vmbus *vmbus;
	struct vsp *vsp;
	struct hypercall *hypercall;
	struct synic *synic;
};

int control_create(struct control **out, const struct control_config *config, struct err *err);

/* Close everything. NULL is fine. */
void control_destroy(struct control *control);

/* Listen on a UNIX socket. On failure @err says what is wrong with @path. */
int control_listen(struct control *control, const char *path, struct err *err);

/* Write decoded VMBus traffic to a file from now on. On failure as above. */
int control_trace_to(struct control *control, const char *path, struct err *err);

/* The run is over: tell those who wait for it. Then control_destroy(). */
void control_ended(struct control *control, enum host_exit reason);

#endif
