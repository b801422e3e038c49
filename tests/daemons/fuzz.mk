# SPDX-License-Identifier: GPL-2.0-only
# Fuzzers of hv_vss and hv_fcopy: tests/daemons/fuzz_<name>.c, linked with daemon_fuzz_<name>_SOURCES.

## make fuzz-daemons [FUZZ_SECONDS=3]    what hv_vss and hv_fcopy take from host and files, under libFuzzer

DAEMON_FUZZERS	:= vss vss_text fcopy
DAEMON_FUZZ	:= $(BUILD)/daemons/fuzzers
DAEMON_FUZZ_CFLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -I. $(DAEMON_SAN)

daemon_fuzz_vss_SOURCES	:= daemons/vss/vss.c
daemon_fuzz_vss_text_SOURCES := $(addprefix daemons/vss/,mounts.c plan.c policy.c record.c) \
	daemons/common/conf.c daemons/common/err.c
daemon_fuzz_fcopy_SOURCES := $(filter-out daemons/fcopy/main.c,$(sort $(wildcard daemons/fcopy/*.c))) \
	daemons/common/conf.c daemons/common/err.c

$(DAEMON_FUZZ)/objects/%.o: %.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(DAEMON_FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

define daemon_fuzzer
$(DAEMON_FUZZ)/$(1): $(patsubst %.c,$(DAEMON_FUZZ)/objects/%.o,tests/daemons/fuzz_$(1).c $(daemon_fuzz_$(1)_SOURCES))
	@mkdir -p $$(@D)
	@$(FUZZ_CC) $(DAEMON_SAN) -fsanitize=fuzzer -o $$@ $$^
endef

$(foreach name,$(DAEMON_FUZZERS),$(eval $(call daemon_fuzzer,$(name))))

.PHONY: fuzz-daemons
CHECK_TARGETS	+= fuzz-daemons
fuzz-daemons: $(DAEMON_FUZZERS:%=$(DAEMON_FUZZ)/%)
	@mkdir -p $(DAEMON_FUZZERS:%=$(DAEMON_FUZZ)/seeds/%)
	@tests/daemons/vss_seeds $(DAEMON_FUZZ)/seeds/vss_text
	@tests/fuzz/smoke $(DAEMON_FUZZ) $(FUZZ_SECONDS) $(DAEMON_FUZZERS)

-include $(wildcard $(DAEMON_FUZZ)/objects/*/*/*.d)
