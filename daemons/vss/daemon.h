/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_DAEMON_H
#define DAEMONS_VSS_DAEMON_H

#include "daemons/vss/freezer.h"

/* All of hv_vss; tests bring their own @calls. Return: the exit status. */
int daemon_main(int argc, char **argv, const struct freezer_calls *calls);

#endif
