// SPDX-License-Identifier: GPL-2.0-only
/*
 * This module's own copy of the packet code: the object of protocol/packet.c is
 * part of hv_vmbus, which may be the stock one.
 */
#include "protocol/packet.c"
