# SPDX-License-Identifier: GPL-2.0-only
daemon_test_shutdown_NEEDS	:= $(BUILD)/daemons/hv_shutdown-san
