// SPDX-License-Identifier: GPL-2.0-only
// What Linux cannot find by itself on this machine. Built by: iasl -f -tc (-f: "VMBus" is a _HID
// in a case that iasl dislikes and hv_vmbus requires).
DefinitionBlock ("", "DSDT", 2, "OPNLIS", "HVHOST", 1)
{
	// SLP_TYP of power-off: POWER_SLEEP_TYPE_OFF in power.h.
	Name (\_S5, Package () { 5, 0, 0, 0 })

	Scope (\_SB)
	{
		Device (VMBS)
		{
			Name (_HID, "VMBus")
			Name (_UID, 0)
			Name (_STA, 0x0F)
		}

		// The clock of cmos.c. No interrupt: alarms are not played.
		Device (RTC0)
		{
			Name (_HID, EisaId ("PNP0B00"))
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x0070, 0x0070, 1, 2)
			})
		}

		Device (COM1)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 1)
			Name (_STA, 0x0F)
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x03F8, 0x03F8, 1, 8)
				Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { 4 }
			})
		}

		Device (COM2)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 2)
			Name (_STA, 0x0F)
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x02F8, 0x02F8, 1, 8)
				Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { 3 }
			})
		}
	}
}
