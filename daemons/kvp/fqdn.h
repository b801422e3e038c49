/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_FQDN_H
#define DAEMONS_KVP_FQDN_H

#include <stddef.h>

/**
 * fqdn_get() - the fully qualified name of this machine, as it is now
 * @name:	empty when there is none, or the resolver does not say
 *
 * The resolver works in a thread of its own; it is waited for a short time, and
 * what it says later is taken the next time. A host name that has a domain in it
 * needs no resolver. Answers are kept for a minute.
 */
void fqdn_get(char *name, size_t size);

/* Ends a query that has not begun; one under way ends with the program. */
void fqdn_stop(void);

#endif
