// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/daemon.h"

int main(int argc, char **argv)
{
	return daemon_main(argc, argv, &freezer_system, 1000);
}
