# SPDX-License-Identifier: GPL-2.0-only
# Tests of the file copy daemon.

comma		:= ,
FCOPY_PARTS	:= $(filter-out daemons/fcopy/main.c,$(sort $(wildcard daemons/fcopy/*.c)))

daemon_test_fcopy_names_SOURCES := $(FCOPY_PARTS)
daemon_test_fcopy_NEEDS	:= $(BUILD)/daemons/hv_fcopy-san
daemon_test_fcopy_crash_SOURCES := $(FCOPY_PARTS)
daemon_test_fcopy_crash_LIBS := $(patsubst %,-Wl$(comma)--wrap=%,pwrite fsync renameat2 rename unlinkat unlink \
	mkdirat fchmod)
