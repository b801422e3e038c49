// SPDX-License-Identifier: GPL-2.0-only
/* Sockets between guest and host: the guest asks, an offer is the answer. */
#include "compat/hyperv.h"
#include "drivers/vmbus/post.h"
#include "protocol/chanmsg.h"
#include "protocol/version.h"

/**
 * vmbus_send_tl_connect_request() - ask the host to connect a socket
 * @shv_guest_servie_id: names our end
 * @shv_host_servie_id:	the service to connect to
 *
 * Return: 0 or an error of vmbus_post(); whether the host wants to shows in an
 * offer, or in nothing.
 */
int vmbus_send_tl_connect_request(const guid_t *shv_guest_servie_id,
				  const guid_t *shv_host_servie_id)
{
	struct hvp_tl_connect msg = { .h.type = HVP_CM_TL_CONNECT_REQUEST };

	if (!hvp_version_has(vmbus_proto_version, HVP_FEATURE_TL_CONNECT))
		return -EOPNOTSUPP;
	memcpy(&msg.endpoint, shv_guest_servie_id, sizeof(msg.endpoint));
	memcpy(&msg.service, shv_host_servie_id, sizeof(msg.service));
	return vmbus_post(&msg, sizeof(msg));
}
