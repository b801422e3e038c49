/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_OFFER_H
#define VMBUS_OFFER_H

struct hvp_offer_channel;
struct vmbus_chan;

/* Handlers of messages; they never wait. */
void vmbus_offer_came(const struct hvp_offer_channel *offer);
void vmbus_offers_delivered(void);

/**
 * vmbus_offers_request() - ask for all offers and wait until they are devices
 *
 * Bounded: while offers keep coming, and a while after the last one. A host
 * that never says that it is done only delays the boot.
 */
int vmbus_offers_request(void);

/* No more of them; what came so far is handled. */
void vmbus_offers_stop(void);

/* Wait until a channel's device is there, or is given up. */
void vmbus_offer_wait(struct vmbus_chan *chan);

/* Afterwards a sub-channel's driver is not told of it, nor is it being told. */
void vmbus_offer_cancel(struct vmbus_chan *chan);

#endif
