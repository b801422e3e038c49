// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/stor.h"

#include "tests/fuzz/fuzz.h"

/* sense bytes */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 *bytes = input_block(&in, size);
	struct hvp_sense sense, again;
	u8 built[HVP_SENSE_MAX];

	if (hvp_sense_parse(bytes, size, &sense) == 0) {
		require(size >= 2 && sense.key < 16);
		require(hvp_sense_build(built, sizeof(built), sense.key, sense.asc, sense.ascq) == 18);
		require(hvp_sense_parse(built, 18, &again) == 0);
		require(again.key == sense.key && again.asc == sense.asc &&
			again.ascq == sense.ascq && !again.deferred);
	}
	free(bytes);
	return 0;
}
