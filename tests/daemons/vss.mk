# SPDX-License-Identifier: GPL-2.0-only
# Tests of the VSS daemon.

VSS_PARTS	:= $(filter-out daemons/vss/main.c,$(sort $(wildcard daemons/vss/*.c)))
VSS_FAKED	:= $(BUILD)/daemons/test/vss_faked

daemon_test_vss_plan_SOURCES := $(VSS_PARTS)
daemon_test_vss_SOURCES	:= tests/daemons/vss_daemon.c
daemon_test_vss_NEEDS	:= $(VSS_FAKED)
daemon_test_vss_kill_SOURCES := tests/daemons/vss_daemon.c
daemon_test_vss_kill_NEEDS := $(VSS_FAKED)
daemon_test_vss_hooks_SOURCES := tests/daemons/vss_daemon.c
daemon_test_vss_hooks_NEEDS := $(VSS_FAKED)
daemon_test_vss_loop_NEEDS := $(BUILD)/daemons/hv_vss-san

# hv_vss on freeze calls that do as they are told; tests/daemons/vss_faked.h.
$(VSS_FAKED): $(patsubst %.c,$(DAEMON_SAN_OBJS)/%.o,tests/daemons/vss_faked.c $(VSS_PARTS) $(DAEMON_COMMON))
	@mkdir -p $(@D)
	$(CC) $(DAEMON_SAN_CFLAGS) $(LDFLAGS) -o $@ $^ $(DAEMON_LIBS)
