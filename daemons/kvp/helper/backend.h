/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_BACKEND_H
#define DAEMONS_KVP_HELPER_BACKEND_H

#include <stdbool.h>

#include "daemons/kvp/helper/plan.h"
#include "daemons/kvp/ip_config.h"
#include "daemons/kvp/network.h"

/* One system of network configuration. */
struct backend {
	const char *name;
	/* It configures this interface now. */
	bool (*serves)(const struct network_link *link);
	/* It is there, and could. */
	bool (*is_there)(void);
	/* Its programs are there, and this unit of systemd is what starts it; or NULL. */
	bool (*is_installed)(void);
	const char *unit;
	int (*plan)(const struct ip_config *config, struct plan *plan, struct err *err);
	/* Its configuration, others' files included, gives this address to an interface. NULL: no others' files. */
	bool (*gives)(const struct ip_address *address);
	/* Adds what runs when a plan is taken back; @interface lives as long as that. NULL: nothing. */
	void (*undo)(const char *interface, struct plan *plan);
};

extern const struct backend backend_scripts, backend_netplan, backend_manager, backend_networkd,
			    backend_ifupdown;

/**
 * backend_choose() - who is to configure an interface
 *
 * Return: NULL if no known system is there
 */
const struct backend *backend_choose(const struct network_link *link);

/* Return: NULL for none. */
const struct backend *backend_named(const char *name);

/* For back ends: whether a program is there; one of two paths, or NULL. */
bool backend_has_program(const char *path);
const char *backend_find_program(const char *path, const char *other);

/* "KEY=value" on a line of its own in a state file. */
bool backend_file_says(const char *path, const char *line);

/* A line "address ADDRESS" or "Address=ADDRESS/..." or the like in a file that matches @pattern. */
bool backend_files_give(const char *pattern, const struct ip_address *address);

/* The keyfile of NetworkManager, which the scripts get, too. */
void backend_write_keyfile(FILE *out, const struct ip_config *config, const char *uuid);

#endif
