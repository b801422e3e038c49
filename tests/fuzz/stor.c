// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/stor.h"

#include "tests/fuzz/fuzz.h"

/* dialect, operation sent, length requested, answer */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	const struct hvp_stor_dialect *dialect = hvp_stor_dialect(input_u8(&in) % 4);
	u32 sent = input_u8(&in);
	u32 requested = input_u32(&in);
	u32 len = in.left;
	struct hvp_stor_packet *pkt = input_block(&in, sizeof(*pkt));

	require(hvp_stor_op_name(pkt->op));
	if (hvp_stor_answer_check(pkt, len, dialect, sent, requested) == 0) {
		require(len >= dialect->packet_length && pkt->op == HVP_STOR_COMPLETE_IO);
		if (sent == HVP_STOR_EXECUTE_SRB) {
			struct hvp_sense sense;

			require(pkt->srb.transfer_length <= requested);
			if (pkt->srb.srb_status & HVP_SRB_AUTOSENSE_VALID) {
				require(pkt->srb.sense_length <= sizeof(pkt->srb.sense));
				hvp_sense_parse(pkt->srb.sense, pkt->srb.sense_length, &sense);
			}
		}
	}
	free(pkt);
	return 0;
}
