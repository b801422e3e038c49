/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_VSP_H
#define HOST_VSP_VSP_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"
#include "host/vsp/diskspec.h"
#include "host/vsp/ic.h"
#include "host/vsp/timesync.h"

/*
 * All devices this host offers: two SCSI controllers with their disks, and the
 * integration services. Loop thread only.
 */
struct fcopy;
struct heartbeat;
struct kvp;
struct lun;
struct shutdown;
struct storvsp;
struct vmbus;
struct vsp;
struct vss;

struct vsp_config {
	const char *const *disks;	/* specifications */
	unsigned int disk_count;
	const char *storage;		/* of the controllers; NULL: defaults */
	const char *generation;		/* "2019": of the integration services; NULL: default */
	const char *services_off;	/* "kvp,vss" or "all": switched off at first; NULL: none */
	struct timesync_clock clock;
};

/**
 * vsp_check_config() - is every specification well formed
 *
 * Needs nothing but the text: call it before anything is built.
 * Return: 0, or -EINVAL and the first mistake in @err.
 */
int vsp_check_config(const struct vsp_config *config, struct err *err);

/**
 * vsp_create() - offer all devices, with the disks of the command line
 *
 * Return: 0; a negative errno with a sentence in @err: -ENOMEM for what the
 * host lacks, all others for what the user gave.
 */
int vsp_create(struct vsp **out, struct vmbus *vmbus, const struct vsp_config *config,
	       struct err *err);

/**
 * vsp_drain() - wait until no disk works on the guest's memory any more
 *
 * Before vmbus_finish(), when no vCPU runs.
 */
void vsp_drain(struct vsp *vsp);

/* Before vmbus_destroy(). NULL is fine. */
void vsp_destroy(struct vsp *vsp);

/* Add a disk while running. Return: its LUN, or a negative errno with @err set. */
int vsp_add_disk(struct vsp *vsp, const struct disk_spec *spec, struct err *err);
int vsp_remove_disk(struct vsp *vsp, unsigned int controller, unsigned int lun, struct err *err);
int vsp_resize_disk(struct vsp *vsp, unsigned int controller, unsigned int lun, uint64_t bytes,
		    struct err *err);

/*
 * Let the services know that vCPUs stand still. When they go on, each service
 * negotiates anew and the time is told, as after a saved state.
 */
void vsp_set_paused(struct vsp *vsp, bool paused);

struct storvsp *vsp_controller(struct vsp *vsp, unsigned int controller);
struct lun *vsp_lun(struct vsp *vsp, unsigned int controller, unsigned int lun);
struct heartbeat *vsp_heartbeat(struct vsp *vsp);
struct shutdown *vsp_shutdown(struct vsp *vsp);
struct timesync *vsp_timesync(struct vsp *vsp);
struct kvp *vsp_kvp(struct vsp *vsp);
struct vss *vsp_vss(struct vsp *vsp);
struct fcopy *vsp_fcopy(struct vsp *vsp);
const struct ic_set *vsp_services(const struct vsp *vsp);

#endif
