/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_DAEMON_H
#define DAEMONS_VSS_DAEMON_H

#include "daemons/vss/freezer.h"

/**
 * daemon_main() - all of hv_vss
 * @calls:	tests bring their own
 * @second_ms:	1000; tests have shorter seconds
 *
 * Return: the exit status
 */
int daemon_main(int argc, char **argv, const struct freezer_calls *calls, unsigned int second_ms);

#endif
