# SPDX-License-Identifier: GPL-2.0-only
#
# The part of the kernel's selftests/lib.mk that these tests need, so that they build outside a kernel tree, too.
# A test folder sets TEST_PROGS (scripts), TEST_GEN_PROGS (built tests), TEST_FILES, TEST_GEN_FILES (helpers) and
# includes this.

CC	?= gcc
OUTPUT	?= $(CURDIR)
CFLAGS	+= -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -I$(dir $(lastword $(MAKEFILE_LIST)))kselftest
LDFLAGS	+= -static

TEST_GEN_PROGS := $(patsubst %,$(OUTPUT)/%,$(TEST_GEN_PROGS))
TEST_GEN_FILES := $(patsubst %,$(OUTPUT)/%,$(TEST_GEN_FILES))

all: $(TEST_GEN_PROGS) $(TEST_GEN_FILES)

$(OUTPUT)/%: %.c
	$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(filter %.c,$^) $(LDLIBS) -o $@

install: all
	@mkdir -p $(INSTALL_PATH)
	@cp -p $(TEST_PROGS) $(TEST_FILES) $(TEST_GEN_PROGS) $(TEST_GEN_FILES) $(wildcard settings config) $(INSTALL_PATH)/

emit_tests:
	@for test in $(TEST_PROGS) $(notdir $(TEST_GEN_PROGS)); do echo "$(COLLECTION):$$test"; done

clean:
	rm -f $(TEST_GEN_PROGS) $(TEST_GEN_FILES)

.PHONY: all install emit_tests clean
