# SPDX-License-Identifier: GPL-2.0-only
#
# What a person types is in `make help`; each folder brings its own rules in a
# Makefile.inc and adds them to the lists below.

BUILD	?= build
KERNEL	?= 6.1
CC	?= gcc
V	?= 0

ALL_TARGETS	:=
CHECK_TARGETS	:=

.DEFAULT_GOAL := all

-include protocol/Makefile.inc
-include host/Makefile.inc
-include drivers/Makefile.inc
-include daemons/Makefile.inc
-include tools/Makefile.inc
-include packaging/Makefile.inc
-include tests/Makefile.inc
-include scripts/check/Makefile.inc

.PHONY: all check clean help
all: $(ALL_TARGETS)

check: $(CHECK_TARGETS)

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)
