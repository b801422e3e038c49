// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/kvp/adapter.h"
#include "daemons/kvp/helper/apply.h"
#include "daemons/kvp/options.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/scripts.h"
#include "daemons/kvp/set_ip.h"

#define REQUEST_LIMIT_MS	5000

static int take_request(struct set_ip_request *request)
{
	struct pollfd look = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&look, 1, REQUEST_LIMIT_MS) != 1)
		return -ETIMEDOUT;
	if (recv(STDIN_FILENO, request, sizeof(*request), MSG_TRUNC) != sizeof(*request))
		return -EPROTO;
	return 0;
}

/* All has an end, and is short: what is begun is ended before a shutdown goes on. */
static void block_signals(void)
{
	sigset_t some;

	sigemptyset(&some);
	sigaddset(&some, SIGTERM);
	sigaddset(&some, SIGINT);
	sigaddset(&some, SIGHUP);
	sigprocmask(SIG_BLOCK, &some, NULL);
}

/* The host cannot send that: the daemon wants a name for the adapter. */
static bool is_recovery(const struct set_ip_request *request)
{
	return !((const char *)request->value.adapter_id)[0];
}

static int parse_arguments(int argc, char **argv)
{
	int i;

	for (i = 2; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--root"))
			kvp_options.root = argv[i + 1];
		else if (!strcmp(argv[i], "--scripts"))
			kvp_options.scripts = argv[i + 1];
		else
			break;
	}
	return i == argc ? 0 : -EINVAL;
}

int helper_main(int argc, char **argv)
{
	struct set_ip_request request;
	struct set_ip_answer answer = { 0 };
	struct err err = { "" };
	int ret;

	log_open("hv_kvp", false);
	if (parse_arguments(argc, argv)) {
		log_err("%s is started by hv_kvp or its socket unit, not by people", HELPER_WORD);
		return 2;
	}
	paths_set_root(kvp_options.root);
	scripts_set_folder(kvp_options.scripts);
	ret = take_request(&request);
	if (ret) {
		log_err("no request on standard input: %s", strerror(-ret));
		return 1;
	}
	block_signals();
	answer.status = is_recovery(&request) ? apply_recover(&err) :
			apply(&request.value, STDIN_FILENO, &err);
	snprintf(answer.text, sizeof(answer.text), "%s", err.text);
	/* The daemon logs it, with a limit: the host may ask as often as it likes. */
	if (send(STDIN_FILENO, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
		log_at(answer.status ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
		       "the daemon no longer waits for the answer: %s", err.text);
	return 0;
}
