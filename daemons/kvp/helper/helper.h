/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_HELPER_H
#define DAEMONS_KVP_HELPER_HELPER_H

/* The part of hv_kvp with the rights to set addresses: one request on stdin, one answer, end. */
int helper_main(int argc, char **argv);

#endif
