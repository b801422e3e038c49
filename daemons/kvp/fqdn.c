// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/fqdn.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/text.h"

#define NAME_SIZE	256
#define WAIT_S		2
#define KEEP_S		60

/* One query at a time; everything but the resolver's own is used by one thread. */
static struct {
	bool running;
	struct gaicb query;
	struct addrinfo hints;
	char host[NAME_SIZE];		/* what is asked for */
	char answer[NAME_SIZE];		/* for .host */
	time_t answered;		/* CLOCK_MONOTONIC, seconds; 0: never */
} resolver;

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1;
}

static void start(const char *host)
{
	struct gaicb *list = &resolver.query;

	snprintf(resolver.host, sizeof(resolver.host), "%s", host);
	resolver.answer[0] = '\0';
	resolver.answered = 0;
	memset(&resolver.query, 0, sizeof(resolver.query));
	resolver.hints = (struct addrinfo){ .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_DGRAM };
	resolver.query.ar_name = resolver.host;
	resolver.query.ar_request = &resolver.hints;
	resolver.running = !getaddrinfo_a(GAI_NOWAIT, &list, 1, NULL);
}

static bool is_name(const char *text)
{
	size_t length = strlen(text);

	return length < NAME_SIZE && strchr(text, '.') && text_is_utf8(text, length) &&
	       !strpbrk(text, " ;\t\n") && strncmp(text, "localhost", 9);
}

static void collect(void)
{
	int status = gai_error(&resolver.query);

	if (!resolver.running || status == EAI_INPROGRESS)
		return;
	resolver.running = false;
	resolver.answered = now_s();
	if (status)
		return;
	if (resolver.query.ar_result && resolver.query.ar_result->ai_canonname &&
	    is_name(resolver.query.ar_result->ai_canonname))
		strcpy(resolver.answer, resolver.query.ar_result->ai_canonname);
	freeaddrinfo(resolver.query.ar_result);
	resolver.query.ar_result = NULL;
}

static void resolve(const char *host)
{
	const struct gaicb *list = &resolver.query;
	struct timespec limit = { .tv_sec = WAIT_S };

	collect();
	if (resolver.running && strcmp(resolver.host, host)) {
		/* The old name is of no interest; its thread ends when it likes. */
		if (gai_cancel(&resolver.query) == EAI_NOTCANCELED)
			return;
		collect();
	}
	if (!resolver.running && (strcmp(resolver.host, host) || !resolver.answered ||
				  now_s() - resolver.answered > KEEP_S))
		start(host);
	else
		return;
	/* Who asks for the same name once more gets what there is. */
	if (resolver.running) {
		gai_suspend(&list, 1, &limit);
		collect();
	}
}

void fqdn_get(char *name, size_t size)
{
	char host[NAME_SIZE];

	name[0] = '\0';
	if (gethostname(host, sizeof(host)) || !host[0] || !strcmp(host, "(none)"))
		return;
	host[sizeof(host) - 1] = '\0';
	if (is_name(host)) {
		snprintf(name, size, "%s", host);
		return;
	}
	resolve(host);
	if (!strcmp(resolver.host, host))
		snprintf(name, size, "%s", resolver.answer);
}

void fqdn_stop(void)
{
	if (resolver.running)
		gai_cancel(&resolver.query);
	collect();
}
