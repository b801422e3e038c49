# SPDX-License-Identifier: GPL-2.0-only
# Tests of the KVP daemon, of the pools, and of lis.

comma := ,
daemon_test_pool_crash_LIBS := $(patsubst %,-Wl$(comma)--wrap=%,pwrite fsync fdatasync ftruncate unlinkat)

daemon_test_kvp_SOURCES := tests/daemons/kvp.c
daemon_test_kvp_NEEDS := $(BUILD)/daemons/hv_kvp-san
daemon_test_kvp_address_SOURCES := tests/daemons/kvp.c $(filter-out %/main.c,$(call daemon_sources,kvp))
daemon_test_kvp_address_LIBS := -lmnl
daemon_test_kvp_apply_SOURCES := tests/daemons/kvp.c \
	$(filter-out %/main.c %/network.c %/get_ip.c %/keys.c %/requests.c,$(call daemon_sources,kvp))
daemon_test_kvp_set_SOURCES := tests/daemons/kvp.c
daemon_test_kvp_set_LIBS := -lmnl
daemon_test_kvp_set_NEEDS := $(BUILD)/daemons/hv_kvp-san
daemon_test_lis_NEEDS := $(BUILD)/tools/lis-san
