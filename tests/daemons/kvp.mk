# SPDX-License-Identifier: GPL-2.0-only
# Tests of the KVP daemon, of the pools, and of lis.

comma := ,
daemon_test_pool_crash_LIBS := $(patsubst %,-Wl$(comma)--wrap=%,pwrite fsync fdatasync ftruncate unlinkat)
