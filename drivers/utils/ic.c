// SPDX-License-Identifier: GPL-2.0-only
/*
 * This module's own copy of the framing code: the object of protocol/ic.c is
 * part of hv_vmbus, which may be the stock one.
 */
#include "protocol/ic.c"
