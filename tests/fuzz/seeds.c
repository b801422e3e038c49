// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the seed corpus: seeds FOLDER makes FOLDER/<target>/<name> for each
 * target. The seeds are good inputs and their near misses; mutation does the
 * rest. Their form is what the comment in each target says.
 */
#include "protocol/agent.h"
#include "protocol/chanmsg.h"
#include "protocol/gpadl.h"
#include "protocol/ic.h"
#include "protocol/packet.h"
#include "protocol/stor.h"

#include <limits.h>
#include <sys/stat.h>

#include "tests/fuzz/seeds.h"

static const char *root;

void save(const struct seed *seed, const char *target, const char *name, u32 number)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s-%u", root, target, name, number);
	file = fopen(path, "wb");
	if (!file || fwrite(seed->bytes, 1, seed->len, file) != seed->len || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void seed_chanmsg(void)
{
	for (u32 type = 0; type <= HVP_CM_COUNT; type++) {
		union hvp_chanmsg msg = { .h.type = type };

		if (type == HVP_CM_OFFER_CHANNEL)
			msg.offer.relid = 1;
		for (u32 dir = 0; dir < 2; dir++) {
			struct seed seed = { .len = 0 };

			add_u8(&seed, dir);
			add_u8(&seed, type == HVP_CM_INITIATE_CONTACT ? 0 : 8);
			add(&seed, &msg, sizeof(msg));
			save(&seed, "chanmsg", dir ? "to-host" : "to-guest", type);
		}
	}
}

static u64 pfn_at(void *opaque, u32 i)
{
	(void)opaque;
	return 0x1000 + i;
}

static void seed_gpadl(void)
{
	static const u32 counts[] = { 1, 2, 26, 27, 54, 55, 120 };

	for (u32 i = 0; i < HVP_COUNT_OF(counts); i++) {
		struct hvp_gpadl_info info = {
			.relid = 3,
			.gpadl = 0xe1e10,
			.byte_count = counts[i] * HVP_PAGE_SIZE,
			.pfn_count = counts[i],
		};
		struct seed seed = { .len = 0 };

		for (u32 m = 0; m < hvp_gpadl_message_count(counts[i]); m++) {
			union hvp_chanmsg msg;
			int len = hvp_gpadl_build(&info, m, pfn_at, NULL, &msg);

			require(len > 0);
			add_u8(&seed, len);
			add(&seed, &msg, len);
		}
		save(&seed, "gpadl", "pages", counts[i]);
	}
}

static void ring_packet(u8 *ring, u32 size, u32 *at, u16 type, const void *rest, u32 header,
			u32 payload)
{
	struct hvp_packet_desc desc = {
		.type = type,
		.offset8 = 2 + header / 8,
		.len8 = 2 + header / 8 + payload / 8,
		.transaction = *at + 1,
	};
	u64 trailer = hvp_ring_trailer(*at);

	hvp_ring_copy_in(ring, size, *at, &desc, sizeof(desc));
	*at = hvp_ring_advance(*at, sizeof(desc), size);
	hvp_ring_copy_in(ring, size, *at, rest, header + payload);
	*at = hvp_ring_advance(*at, header + payload, size);
	hvp_ring_copy_in(ring, size, *at, &trailer, sizeof(trailer));
	*at = hvp_ring_advance(*at, sizeof(trailer), size);
}

static void seed_packet(void)
{
	static const u32 list[] = {
		0, 2, 0x1000, 0x800, 1, 0, 2, 0, 0x200, 0, 3, 0, 0, 0, 0, 0
	};
	const u32 size = 240;

	for (u32 start = 0; start < size; start += 40) {
		struct seed seed = { .len = 0 };
		u8 ring[240] = { 0 };
		u32 at = start;

		ring_packet(ring, size, &at, HVP_PKT_INBAND, list, 0, 16);
		ring_packet(ring, size, &at, HVP_PKT_GPA_DIRECT, list, 48, 16);
		ring_packet(ring, size, &at, HVP_PKT_COMPLETION, list, 0, 48);
		add_u8(&seed, size / 8);
		add_u32(&seed, at);
		add_u32(&seed, start);
		add(&seed, ring, size);
		save(&seed, "packet", "from", start);
	}
}

static void seed_stor(void)
{
	for (u32 dialect = 0; hvp_stor_dialect(dialect); dialect++) {
		for (u32 op = HVP_STOR_EXECUTE_SRB; op < HVP_STOR_OP_COUNT; op++) {
			struct hvp_stor_packet pkt = { .op = HVP_STOR_COMPLETE_IO };
			struct seed seed = { .len = 0 };

			if (op == HVP_STOR_EXECUTE_SRB) {
				pkt.srb.srb_status = HVP_SRB_ERROR | HVP_SRB_AUTOSENSE_VALID;
				pkt.srb.scsi_status = 2;
				pkt.srb.transfer_length = 512;
				pkt.srb.sense_length = 18;
				hvp_sense_build(pkt.srb.sense, HVP_SENSE_MAX, 6, 0x29, 0);
			}
			add_u8(&seed, dialect);
			add_u8(&seed, op);
			add_u32(&seed, 4096);
			add(&seed, &pkt, hvp_stor_dialect(dialect)->packet_length);
			save(&seed, "stor", "answer", dialect * 100 + op);
		}
	}
}

static void seed_sense(void)
{
	static const u8 descriptor[] = { 0x72, 5, 0x24, 0, 0, 0, 0, 0 };
	static const u8 deferred[] = { 0x71, 0, 4, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x44, 0, 0, 0, 0, 0 };
	struct seed seed = { .len = 18 };

	hvp_sense_build(seed.bytes, 18, 6, 0x2a, 9);
	save(&seed, "sense", "fixed", 0);
	seed.len = 0;
	add(&seed, deferred, sizeof(deferred));
	save(&seed, "sense", "deferred", 0);
	seed.len = 0;
	add(&seed, descriptor, sizeof(descriptor));
	save(&seed, "sense", "descriptor", 0);
}

static void seed_ic(void)
{
	static const u8 versions[] = {
		2, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 3, 0, 2, 0
	};

	for (u32 type = HVP_IC_NEGOTIATE; type <= HVP_IC_FCOPY; type++) {
		struct hvp_ic_header hdr = {
			.framework = { 3, 0 },
			.type = type,
			.flags = HVP_IC_TRANSACTION | HVP_IC_REQUEST,
		};
		struct seed seed = { .len = 28 };
		int len;

		add(&seed, versions, sizeof(versions));
		len = hvp_ic_frame(seed.bytes, SEED_MAX, &hdr, sizeof(versions));
		require(len == (int)seed.len);
		save(&seed, "ic", "type", type);
	}
}

static void seed_agent(void)
{
	static const u8 types[] = { HVP_AGENT_HELLO_REQ, HVP_AGENT_EXEC, HVP_AGENT_HELLO,
				    HVP_AGENT_STDOUT, HVP_AGENT_EXIT };
	struct hvp_agent_frame *frame = calloc(1, sizeof(*frame));

	require(frame);
	for (u32 i = 0; i < HVP_COUNT_OF(types); i++) {
		struct seed seed = { .len = 0 };
		size_t len = hvp_agent_seal(frame, types[i], 0, i, i * 4);

		add_u8(&seed, 3);
		add(&seed, "AGT", 3);		/* noise before it */
		add_u8(&seed, len);
		add(&seed, frame, len);
		add_u8(&seed, len);
		add(&seed, frame, len);
		save(&seed, "agent", "frame", types[i]);
	}
	free(frame);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: seeds FOLDER\n");
		return 2;
	}
	root = argv[1];
	mkdir(root, 0777);
	seed_chanmsg();
	seed_gpadl();
	seed_packet();
	seed_stor();
	seed_sense();
	seed_ic();
	seed_agent();
	seed_services();
	return 0;
}
