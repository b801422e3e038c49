/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_CMOS_H
#define HOST_MACHINE_CMOS_H

/*
 * The battery-backed clock, ports 0x70 and 0x71: the guest takes its boot time
 * from it. Read only: what the guest writes into the clock is forgotten.
 */
struct cmos;
struct pio;

struct cmos *cmos_create(struct pio *pio);
void cmos_destroy(struct cmos *cmos);

#endif
