// SPDX-License-Identifier: GPL-2.0-only
/* Version negotiation of the integration services, for the drivers of those. */
#include "protocol/ic.h"

#include "compat/hyperv.h"

#include <linux/printk.h>

#define OUR_VERSIONS_MAX 16

/*
 * The kernel's version lists hold major << 16 | minor, best first. Return: the
 * index of the best that is offered too, or -ENOENT.
 */
static int select_version(const struct hvp_ic_version *offered, u32 offered_count,
			  const int *ours, int count)
{
	struct hvp_ic_version list[OUR_VERSIONS_MAX];
	int i;

	if (count > OUR_VERSIONS_MAX)
		return -ENOENT;
	for (i = 0; i < count; i++)
		list[i] = (struct hvp_ic_version){ ours[i] >> 16, ours[i] & 0xffff };
	return hvp_ic_select(offered, offered_count, list, count);
}

static void answer(struct hvp_ic_negotiate *negotiate, int framework, int message)
{
	negotiate->framework_count = 1;
	negotiate->message_count = 1;
	negotiate->versions[0] = (struct hvp_ic_version){ framework >> 16, framework & 0xffff };
	negotiate->versions[1] = (struct hvp_ic_version){ message >> 16, message & 0xffff };
}

static bool negotiate(struct icmsg_hdr *header, u8 *buf, u32 buflen, const int *fw_version,
		      int fw_vercnt, const int *srv_version, int srv_vercnt,
		      int *nego_fw_version, int *nego_srv_version)
{
	const u32 start = sizeof(struct hvp_pipe_header) + sizeof(struct hvp_ic_header);
	struct hvp_ic_negotiate *body = (void *)(buf + start);
	int framework, message;

	/* Room for what came and for the two versions of the answer. */
	if (buflen < start + sizeof(*body) + 2 * sizeof(body->versions[0]) ||
	    hvp_ic_negotiate_check(body, buflen - start)) {
		pr_err_ratelimited("hv_vmbus: malformed version negotiation of a service\n");
		return false;
	}

	header->icmsgsize = HVP_IC_NEGOTIATE_REPLY_SIZE;
	framework = select_version(body->versions, body->framework_count, fw_version, fw_vercnt);
	message = select_version(body->versions + body->framework_count, body->message_count,
				 srv_version, srv_vercnt);
	if (framework < 0 || message < 0) {
		body->framework_count = 0;
		body->message_count = 0;
		return false;
	}

	answer(body, fw_version[framework], srv_version[message]);
	if (nego_fw_version)
		*nego_fw_version = fw_version[framework];
	if (nego_srv_version)
		*nego_srv_version = srv_version[message];
	return true;
}

/**
 * vmbus_prep_negotiate_resp() - turn a service's negotiate request into its answer
 * @icmsghdrp:	its header, in @buf
 * @buf:	the message
 * @buflen:	bytes received
 * @fw_version:	framework versions of the driver, best first
 * @fw_vercnt:	their number
 * @srv_version: message versions of the driver, best first
 * @srv_vercnt:	their number
 * @nego_fw_version: chosen, or NULL
 * @nego_srv_version: chosen, or NULL
 *
 * Return: false when there is no common version; the answer then says so.
 */
#ifdef HAVE_NEGOTIATE_BUFLEN
bool vmbus_prep_negotiate_resp(struct icmsg_hdr *icmsghdrp, u8 *buf, u32 buflen,
			       const int *fw_version, int fw_vercnt, const int *srv_version,
			       int srv_vercnt, int *nego_fw_version, int *nego_srv_version)
{
	return negotiate(icmsghdrp, buf, buflen, fw_version, fw_vercnt, srv_version, srv_vercnt,
			 nego_fw_version, nego_srv_version);
}
#else
bool vmbus_prep_negotiate_resp(struct icmsg_hdr *icmsghdrp, u8 *buf, const int *fw_version,
			       int fw_vercnt, const int *srv_version, int srv_vercnt,
			       int *nego_fw_version, int *nego_srv_version)
{
	/* The drivers of these kernels do not say; their buffers have at least a page. */
	return negotiate(icmsghdrp, buf, HVP_PAGE_SIZE, fw_version, fw_vercnt, srv_version,
			 srv_vercnt, nego_fw_version, nego_srv_version);
}
#endif
