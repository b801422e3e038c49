# SPDX-License-Identifier: GPL-2.0-only
# Tests of the KVP daemon, of the pools, and of lis.

comma := ,
daemon_test_pool_crash_LIBS := $(patsubst %,-Wl$(comma)--wrap=%,pwrite fsync fdatasync ftruncate unlinkat)

daemon_test_kvp_SOURCES := tests/daemons/kvp.c
KVP_BOOTED := $(BUILD)/daemons/test/kvp_booted
daemon_test_kvp_NEEDS := $(BUILD)/daemons/hv_kvp-san $(KVP_BOOTED)
daemon_test_kvp_address_SOURCES := tests/daemons/kvp.c $(filter-out %/main.c,$(call daemon_sources,kvp))
daemon_test_kvp_address_LIBS := -lmnl
daemon_test_kvp_apply_SOURCES := tests/daemons/kvp.c tests/daemons/kvp_system.c \
	$(filter-out %/main.c %/network.c %/get_ip.c %/keys.c %/requests.c,$(call daemon_sources,kvp))
daemon_test_kvp_rollback_SOURCES := $(daemon_test_kvp_apply_SOURCES)
daemon_test_kvp_set_SOURCES := tests/daemons/kvp.c
daemon_test_kvp_set_LIBS := -lmnl
daemon_test_kvp_set_NEEDS := $(BUILD)/daemons/hv_kvp-san
daemon_test_lis_NEEDS := $(BUILD)/tools/lis-san

$(KVP_BOOTED): $(patsubst %.c,$(DAEMON_SAN_OBJS)/%.o,tests/daemons/kvp_booted.c $(call daemon_sources,kvp) \
		$(DAEMON_COMMON))
	@mkdir -p $(@D)
	$(CC) $(DAEMON_SAN_CFLAGS) $(LDFLAGS) -Wl,--wrap=clock_gettime -o $@ $^ $(DAEMON_LIBS) -lmnl

# --- fuzzing ---------------------------------------------------------------------

## make fuzz-kvp [FUZZ_SECONDS=5]        what the KVP daemon takes from host and files, under libFuzzer

KVP_FUZZ	:= $(BUILD)/daemons/fuzz
KVP_FUZZ_SOURCES := tests/daemons/fuzz_kvp.c $(filter-out %/main.c,$(call daemon_sources,kvp)) $(DAEMON_COMMON)

$(KVP_FUZZ)/objects/%.o: %.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(DAEMON_SAN_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(KVP_FUZZ)/kvp: $(KVP_FUZZ_SOURCES:%.c=$(KVP_FUZZ)/objects/%.o)
	@$(FUZZ_CC) $(DAEMON_SAN) -fsanitize=fuzzer -o $@ $^ $(DAEMON_LIBS) -lmnl

.PHONY: fuzz-kvp
CHECK_TARGETS	+= fuzz-kvp
fuzz-kvp: $(KVP_FUZZ)/kvp
	@tests/daemons/kvp_seeds $(KVP_FUZZ)/seeds/kvp
	@tests/fuzz/smoke $(KVP_FUZZ) $(FUZZ_SECONDS) kvp; status=$$?; \
		rm -rf /dev/shm/openlis-fuzz-* /tmp/openlis-fuzz-*; exit $$status

-include $(wildcard $(KVP_FUZZ)/objects/*/*/*.d $(KVP_FUZZ)/objects/*/*/*/*.d)
