# SPDX-License-Identifier: GPL-2.0-only
# Tests of the handler of shutdown requests.

SHUTDOWN_STEPPED	:= $(BUILD)/daemons/test/shutdown_stepped

daemon_test_shutdown_NEEDS	:= $(BUILD)/daemons/hv_shutdown-san $(SHUTDOWN_STEPPED)

$(SHUTDOWN_STEPPED): $(patsubst %.c,$(DAEMON_SAN_OBJS)/%.o,tests/daemons/shutdown_stepped.c \
		$(call daemon_sources,shutdown) $(DAEMON_COMMON))
	@mkdir -p $(@D)
	$(CC) $(DAEMON_SAN_CFLAGS) $(LDFLAGS) -Wl,--wrap=time -Wl,--wrap=clock_gettime -o $@ $^ $(DAEMON_LIBS)
