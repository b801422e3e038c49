// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/vsp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/vmbus/vmbus.h"
#include "host/vsp/disk.h"
#include "host/vsp/fcopy.h"
#include "host/vsp/heartbeat.h"
#include "host/vsp/kvp.h"
#include "host/vsp/scsi.h"
#include "host/vsp/shutdown.h"
#include "host/vsp/storspec.h"
#include "host/vsp/storvsp.h"
#include "host/vsp/timesync.h"
#include "host/vsp/uring.h"
#include "host/vsp/vss.h"

struct vsp {
	struct uring *uring;		/* NULL where the kernel refuses: no file= disks then */
	struct storvsp *controllers[DISKSPEC_CONTROLLERS];
	struct ic_set services;
	struct heartbeat *heartbeat;
	struct shutdown *shutdown;
	struct timesync *timesync;
	struct kvp *kvp;
	struct vss *vss;
	struct fcopy *fcopy;
};

static int parse_generation(const char *text, enum hvp_generation *generation, struct err *err)
{
	int found = text ? hvp_generation_find(text) : HVP_GENERATION_2019;

	if (found < 0)
		return err_set(err, -EINVAL, "--host-generation %s: must be 2008r2, 2012, 2012r2, "
			       "2016, 2019 or 2025", text);
	*generation = found;
	return 0;
}

static const char *const service_names[] = {
	"heartbeat", "shutdown", "timesync", "kvp", "vss", "fcopy",
};

/* Is the name in the list "a,b"? */
static bool lists(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (;;) {
		size_t word = strcspn(list, ",");

		if (word == len && !strncmp(list, name, len))
			return true;
		if (!list[word])
			return false;
		list += word + 1;
	}
}

static bool is_off(const char *list, const char *name)
{
	return list && (!strcmp(list, "all") || lists(list, name));
}

static int check_services_off(const char *list, struct err *err)
{
	size_t i, known = 0, words = 1;
	const char *at;

	if (!list || !strcmp(list, "all"))
		return 0;
	for (at = list; *at; at++)
		words += *at == ',';
	for (i = 0; i < sizeof(service_names) / sizeof(service_names[0]); i++)
		known += lists(list, service_names[i]);
	if (known == words)
		return 0;
	return err_set(err, -EINVAL, "--services-off %s: must be all, or a list of heartbeat, shutdown, "
		       "timesync, kvp, vss, fcopy, each once", list);
}

int vsp_check_config(const struct vsp_config *config, struct err *err)
{
	struct storvsp_config storage = { 0 };
	enum hvp_generation generation;
	struct disk_spec spec;
	unsigned int i;
	int ret;

	for (i = 0; i < config->disk_count; i++) {
		ret = diskspec_parse(config->disks[i], &spec, err);
		if (ret)
			return ret;
	}
	ret = config->storage ? storspec_parse(config->storage, &storage, err) : 0;
	if (!ret)
		ret = check_services_off(config->services_off, err);
	return ret ? ret : parse_generation(config->generation, &generation, err);
}

static int create_controllers(struct vsp *vsp, struct vmbus *vmbus, const char *storage,
			      struct err *err)
{
	struct storvsp_config config = { .max_sub_channels = (uint16_t)(vmbus_cpus(vmbus) - 1) };
	unsigned int i;
	int ret;

	ret = storage ? storspec_parse(storage, &config, err) : 0;
	if (ret)
		return ret;
	for (i = 0; i < DISKSPEC_CONTROLLERS; i++) {
		config.controller = i;
		ret = storvsp_create(&vsp->controllers[i], vmbus, &config, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int add_disks(struct vsp *vsp, const struct vsp_config *config, struct err *err)
{
	struct disk_spec spec;
	unsigned int i;
	int ret;

	for (i = 0; i < config->disk_count; i++) {
		ret = diskspec_parse(config->disks[i], &spec, err);
		if (!ret)
			ret = vsp_add_disk(vsp, &spec, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* One that the generation does not have is off in any case. */
static void switch_off(struct vsp *vsp, const char *list)
{
	struct ic *ic;

	for (ic = vsp->services.first; ic; ic = ic_next(&vsp->services, ic))
		if (is_off(list, ic_name(ic)))
			ic_set_enabled(ic, false);
}

static int create_services(struct vsp *vsp, struct vmbus *vmbus, const struct vsp_config *config,
			   struct err *err)
{
	int ret;

	vsp->services.vmbus = vmbus;
	ret = parse_generation(config->generation, &vsp->services.generation, err);
	if (!ret)
		ret = heartbeat_create(&vsp->heartbeat, &vsp->services, err);
	if (!ret)
		ret = shutdown_create(&vsp->shutdown, &vsp->services, err);
	if (!ret)
		ret = timesync_create(&vsp->timesync, &vsp->services, &config->clock, err);
	if (!ret)
		ret = kvp_create(&vsp->kvp, &vsp->services, err);
	if (!ret)
		ret = vss_create(&vsp->vss, &vsp->services, vsp->uring, err);
	if (!ret)
		ret = fcopy_create(&vsp->fcopy, &vsp->services, err);
	if (!ret)
		switch_off(vsp, config->services_off);
	return ret;
}

int vsp_create(struct vsp **out, struct vmbus *vmbus, const struct vsp_config *config,
	       struct err *err)
{
	struct vsp *vsp = calloc(1, sizeof(*vsp));
	int ret;

	if (!vsp)
		return err_set(err, -ENOMEM, "out of memory");
	if (uring_create(&vsp->uring, vmbus_loop(vmbus), NULL))
		vsp->uring = NULL;
	ret = create_controllers(vsp, vmbus, config->storage, err);
	if (!ret)
		ret = add_disks(vsp, config, err);
	if (!ret)
		ret = create_services(vsp, vmbus, config, err);
	if (ret) {
		vsp_destroy(vsp);
		return ret;
	}
	*out = vsp;
	return 0;
}

void vsp_drain(struct vsp *vsp)
{
	if (vsp->vss)
		vss_stop(vsp->vss);
	if (vsp->uring)
		uring_drain(vsp->uring);
}

void vsp_destroy(struct vsp *vsp)
{
	unsigned int i;

	if (!vsp)
		return;
	vsp_drain(vsp);
	fcopy_destroy(vsp->fcopy);
	vss_destroy(vsp->vss);
	kvp_destroy(vsp->kvp);
	timesync_destroy(vsp->timesync);
	shutdown_destroy(vsp->shutdown);
	heartbeat_destroy(vsp->heartbeat);
	for (i = 0; i < DISKSPEC_CONTROLLERS; i++)
		storvsp_destroy(vsp->controllers[i]);
	uring_destroy(vsp->uring);
	free(vsp);
}

int vsp_add_disk(struct vsp *vsp, const struct disk_spec *spec, struct err *err)
{
	struct disk *disk;
	int ret;

	ret = disk_open(&disk, vsp->uring, spec, err);
	if (ret)
		return ret;
	ret = storvsp_add(vsp->controllers[spec->controller], spec, disk, err);
	if (ret < 0)
		disk_close(disk);
	return ret;
}

static int no_disk(unsigned int controller, unsigned int lun, struct err *err)
{
	return err_set(err, -ENOENT, "no disk at controller %u lun %u", controller, lun);
}

int vsp_remove_disk(struct vsp *vsp, unsigned int controller, unsigned int lun, struct err *err)
{
	if (!vsp_lun(vsp, controller, lun))
		return no_disk(controller, lun, err);
	return storvsp_remove(vsp->controllers[controller], lun);
}

int vsp_resize_disk(struct vsp *vsp, unsigned int controller, unsigned int lun, uint64_t bytes,
		    struct err *err)
{
	struct lun *unit = vsp_lun(vsp, controller, lun);

	if (!unit)
		return no_disk(controller, lun, err);
	return scsi_lun_resize(unit, bytes, err);
}

void vsp_set_paused(struct vsp *vsp, bool paused)
{
	struct ic *ic;

	heartbeat_set_paused(vsp->heartbeat, paused);
	shutdown_set_paused(vsp->shutdown, paused);
	timesync_set_paused(vsp->timesync, paused);
	kvp_set_paused(vsp->kvp, paused);
	vss_set_paused(vsp->vss, paused);
	fcopy_set_paused(vsp->fcopy, paused);
	if (paused)
		return;
	for (ic = vsp->services.first; ic; ic = ic_next(&vsp->services, ic))
		ic_renegotiate(ic);
}

struct storvsp *vsp_controller(struct vsp *vsp, unsigned int controller)
{
	return controller < DISKSPEC_CONTROLLERS ? vsp->controllers[controller] : NULL;
}

struct lun *vsp_lun(struct vsp *vsp, unsigned int controller, unsigned int lun)
{
	if (controller >= DISKSPEC_CONTROLLERS)
		return NULL;
	return scsi_target_lun(storvsp_target(vsp->controllers[controller]), lun);
}

struct heartbeat *vsp_heartbeat(struct vsp *vsp)
{
	return vsp->heartbeat;
}

struct shutdown *vsp_shutdown(struct vsp *vsp)
{
	return vsp->shutdown;
}

struct timesync *vsp_timesync(struct vsp *vsp)
{
	return vsp->timesync;
}

struct kvp *vsp_kvp(struct vsp *vsp)
{
	return vsp->kvp;
}

struct vss *vsp_vss(struct vsp *vsp)
{
	return vsp->vss;
}

struct fcopy *vsp_fcopy(struct vsp *vsp)
{
	return vsp->fcopy;
}

const struct ic_set *vsp_services(const struct vsp *vsp)
{
	return &vsp->services;
}
