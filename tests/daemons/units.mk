# SPDX-License-Identifier: GPL-2.0-only

## make check-units                      what the sandboxes of the daemons leave them

.PHONY: check-units
CHECK_TARGETS	+= check-units
check-units:
	@tests/daemons/units
