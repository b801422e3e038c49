// SPDX-License-Identifier: GPL-2.0-only
/*
 *   save files -> record -> PREPARE -> write files -> APPLY -> read back -> no record -> done
 *                              |            |           |          |
 *                              v            v           v          v  failure, or nobody waits
 *                            LEAVE -> restore files -> RESTORE -> no record -> failed
 *
 * Who finds a record has found what was cut off anywhere in between, by a kill
 * or a power cut, and goes the way of a failure.
 */
#include "daemons/kvp/helper/transaction.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "daemons/common/child.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/helper/file.h"
#include "daemons/kvp/helper/ifcfg.h"
#include "daemons/kvp/helper/kept.h"
#include "daemons/kvp/helper/saved.h"
#include "daemons/kvp/network.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/scripts.h"

#define READ_STEP_MS	100

struct transaction_limits transaction_limits = { .lock = 10000, .programs = 15000,
						 .command = 9000, .read_back = 17000,
						 .hold = 1000 };

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- forward -------------------------------------------------------------------- */

static int write_files(const struct plan *plan, struct err *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < plan->file_count && !ret; i++) {
		const struct plan_file *file = &plan->files[i];

		if (file->text)
			ret = file_replace(file->path, file->text, strlen(file->text),
					   &file->rights, err);
	}
	return ret;
}

static int run_command(const struct plan_command *command, unsigned int limit, struct err *err)
{
	char path[PATH_MAX];
	struct child child = { .path = path, .argv = command->words, .limit_ms = limit };

	if (!strcmp(command->words[0], SCRIPT_WORD))
		return scripts_set(command->words[1], command->words[2], child.limit_ms, err);
	snprintf(path, sizeof(path), "%s", paths_at("%s", command->words[0]));
	return child_run(&child, err);
}

/* @end: of the time that its programs share; 0: each has its own */
static int run_phase(const struct plan *plan, enum plan_phase phase, int64_t end, struct err *err)
{
	size_t i;

	for (i = 0; i < plan->command_count; i++) {
		const struct plan_command *command = &plan->commands[i];
		int64_t left = end ? end - now_ms() : transaction_limits.command;
		int ret;

		if (command->phase != phase)
			continue;
		if (left <= 0)
			return err_set(err, -ETIMEDOUT, "there was no time left for %s",
				       command->words[0]);
		ret = run_command(command, (unsigned int)left, err);
		if (ret && !command->may_fail)
			return ret;
	}
	return 0;
}

static int read_network(struct network *network, struct err *err)
{
	int ret = network_read(network);

	return ret ? err_set(err, ret, "rtnetlink: %s", strerror(-ret)) : 0;
}

/*
 * Network managers work on when their programs have ended, and may take back
 * what they have just set, to set it anew: what they did is known once it holds.
 */
static int read_back(const struct ip_config *config, const struct network *before, int64_t end,
		     struct err *err)
{
	struct timespec step = { 0, READ_STEP_MS * 1000000L };
	int64_t since = INT64_MAX, now;
	struct network network;
	bool found;
	int ret;

	for (;;) {
		ret = read_network(&network, err);
		if (ret)
			return ret;
		found = ip_config_matches(config, before, &network, err);
		network_free(&network);
		now = now_ms();
		if (!found)
			since = INT64_MAX;
		else if (since > now)
			since = now;
		if (found && now - since >= transaction_limits.hold)
			return 0;
		/* What is there by the end may still show that it holds. */
		if (!found && now >= end)
			return -ETIMEDOUT;
		nanosleep(&step, NULL);
	}
}

/*
 * Whose configuration is merged from several files may still give an address of
 * before: it goes and comes back then, as one does that somebody else keeps there.
 */
static int look_for_old(const struct plan *plan, const struct ip_config *config,
			const struct network *before, struct err *err)
{
	const struct backend *backend = backend_named(plan->backend);
	const struct network_link *link = network_find(before, config->name);
	char text[IP_TEXT_SIZE];
	size_t i;

	if (!link || !backend || !backend->gives)
		return 0;
	for (i = 0; i < before->address_count; i++) {
		const struct network_address *address = &before->addresses[i];

		if (ip_config_replaces(config, link->index, address) &&
		    backend->gives(&address->prefix.address))
			return err_set(err, -EEXIST, "%s still gives %s the address %s", backend->name,
				       config->name, ip_format_prefix(&address->prefix, text));
	}
	return 0;
}

static int forward(const struct plan *plan, const struct ip_config *config,
		   const struct network *before, struct err *err)
{
	int64_t start = now_ms(), programs = start + transaction_limits.programs;
	int ret = run_phase(plan, PLAN_PREPARE, programs, err);

	if (!ret)
		ret = write_files(plan, err);
	if (!ret)
		ret = run_phase(plan, PLAN_APPLY, programs, err);
	if (!ret)
		ret = look_for_old(plan, config, before, err);
	if (!ret && !plan->is_trusted)
		ret = read_back(config, before, start + transaction_limits.read_back, err);
	return ret;
}

/* --- back ----------------------------------------------------------------------- */

/* The record stays if a file is not back: the next helper tries again. */
static int roll_back(const struct plan *plan, const struct saved *saved, struct err *err)
{
	int ret, restored;

	run_phase(plan, PLAN_LEAVE, 0, err);
	restored = saved_restore(saved, err);
	ret = run_phase(plan, PLAN_RESTORE, 0, err);
	if (restored)
		return restored;
	return saved_forget(err) ? -EIO : ret;
}

static void roll_back_after(const struct plan *plan, const struct saved *saved, struct err *err)
{
	struct err why = { "" }, first = *err;

	if (roll_back(plan, saved, &why))
		err_set(err, 0, "%.120s; and the old configuration is not back: %.100s",
			first.text, why.text);
}

int transaction_recover(struct err *err)
{
	static struct saved saved;
	static struct plan plan;
	const struct backend *backend;
	int ret;

	saved_tidy();
	ret = saved_load(&saved, err);
	if (ret <= 0)
		return ret;
	backend = backend_named(saved.backend);
	memcpy(plan.before, saved.before, sizeof(plan.before));
	if (backend && backend->undo && backend->is_there())
		backend->undo(saved.interface, &plan);
	ret = roll_back(&plan, &saved, err);
	if (!ret)
		err_set(err, 0, "%s: a change that was interrupted is taken back", saved.interface);
	plan_free(&plan);
	saved_free(&saved);
	return ret ? ret : 1;
}

/* The host was told of a failure, and may have asked for something else since. */
static bool is_gone(int client)
{
	struct pollfd look = { .fd = client, .events = POLLRDHUP };

	return poll(&look, 1, 0) > 0;
}

int transaction_run(const struct plan *plan, const struct ip_config *config, int client,
		    struct err *err)
{
	static struct saved saved;
	struct network before;
	int ret;

	if (is_gone(client))
		return err_set(err, -ECANCELED, "nobody waits for it any more: nothing was done");
	ret = read_network(&before, err);
	if (ret)
		return ret;
	ret = saved_take(&saved, plan, err);
	if (!ret) {
		ret = forward(plan, config, &before, err);
		if (!ret && is_gone(client))
			ret = err_set(err, -ECANCELED,
				      "nobody waits for it any more: it is taken back");
		if (!ret)
			ret = kept_write(plan, &saved, err);
		if (!ret)
			ret = saved_forget(err);
		if (ret)
			roll_back_after(plan, &saved, err);
	}
	saved_free(&saved);
	network_free(&before);
	return ret;
}
