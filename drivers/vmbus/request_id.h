/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_REQUEST_ID_H
#define VMBUS_REQUEST_ID_H

struct vmbus_chan;

/* For channels whose driver set rqstor_size; nothing for others. */
int vmbus_request_ids_alloc(struct vmbus_chan *chan);
void vmbus_request_ids_free(struct vmbus_chan *chan);

#endif
