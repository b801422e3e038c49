// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include "protocol/inet.h"

#include "tests/fuzz/fuzz.h"

#define TEXT_MAX 64

/* The C library is the judge, but for a NUL inside. */
static void address(int family, const char *exact, u32 len)
{
	char terminated[TEXT_MAX + 1] = "", text[HVP_IPV6_STRLEN];
	u8 ours[16], theirs[16], again[16];
	u32 size = family == AF_INET ? 4 : 16;
	int ret = family == AF_INET ? hvp_ipv4_parse(exact, len, ours)
				    : hvp_ipv6_parse(exact, len, ours);

	if (memchr(exact, 0, len)) {
		require(ret == -EINVAL);
		return;
	}
	memcpy(terminated, exact, len);
	require((ret == 0) == (inet_pton(family, terminated, theirs) == 1));
	if (ret)
		return;
	require(memcmp(ours, theirs, size) == 0);
	len = family == AF_INET ? hvp_ipv4_format(ours, text) : hvp_ipv6_format(ours, text);
	require(len == strlen(text));
	require((family == AF_INET ? hvp_ipv4_parse(text, len, again)
				   : hvp_ipv6_parse(text, len, again)) == 0);
	require(memcmp(ours, again, size) == 0);
	if (family == AF_INET)
		require(hvp_ipv4_mask_length(ours) <= 32);
}

/* text */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size < TEXT_MAX ? size : TEXT_MAX };
	u32 len = in.left;
	char *text = input_block(&in, len);

	address(AF_INET, text, len);
	address(AF_INET6, text, len);
	require(hvp_prefix_parse(text, len, 128) <= 128);
	free(text);
	return 0;
}
