// SPDX-License-Identifier: GPL-2.0-only
/* The classes of devices that drivers exist for. Public: uio looks up the ring size it should use. */
#include "drivers/vmbus/device_class.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/exports.h"

#ifndef STOCK_EXPORTS_vmbus_devs
static
#endif
const struct vmbus_device vmbus_devs[] = {
	[HV_IDE]	= { .dev_type = HV_IDE, HV_IDE_GUID, .perf_device = true },
	[HV_SCSI]	= { .dev_type = HV_SCSI, HV_SCSI_GUID, .perf_device = true },
	[HV_FC]		= { .dev_type = HV_FC, HV_SYNTHFC_GUID, .perf_device = true },
	[HV_NIC]	= { .dev_type = HV_NIC, HV_NIC_GUID, .perf_device = true },
	[HV_ND]		= { .dev_type = HV_ND, HV_ND_GUID, .perf_device = true },
	[HV_PCIE]	= { .dev_type = HV_PCIE, HV_PCIE_GUID, .perf_device = false },
	[HV_FB]		= { .dev_type = HV_FB, HV_SYNTHVID_GUID },
	[HV_KBD]	= { .dev_type = HV_KBD, HV_KBD_GUID },
	[HV_MOUSE]	= { .dev_type = HV_MOUSE, HV_MOUSE_GUID },
	[HV_KVP]	= { .dev_type = HV_KVP, HV_KVP_GUID },
	[HV_TS]		= { .dev_type = HV_TS, HV_TS_GUID },
	[HV_HB]		= { .dev_type = HV_HB, HV_HEART_BEAT_GUID },
	[HV_SHUTDOWN]	= { .dev_type = HV_SHUTDOWN, HV_SHUTDOWN_GUID },
	[HV_FCOPY]	= { .dev_type = HV_FCOPY, HV_FCOPY_GUID },
	[HV_BACKUP]	= { .dev_type = HV_BACKUP, HV_VSS_GUID },
	[HV_DM]		= { .dev_type = HV_DM, HV_DM_GUID },
	[HV_UNKNOWN]	= { .dev_type = HV_UNKNOWN },
};

static_assert(ARRAY_SIZE(vmbus_devs) == HV_UNKNOWN + 1, "a class without a row");

const struct vmbus_device *vmbus_class(u16 device_id)
{
	return &vmbus_devs[min_t(u16, device_id, HV_UNKNOWN)];
}

u16 vmbus_class_find(const guid_t *class)
{
	u16 i;

	for (i = 0; i < HV_UNKNOWN; i++)
		if (guid_equal(class, &vmbus_devs[i].guid))
			break;
	return i;
}
