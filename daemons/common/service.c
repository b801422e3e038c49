// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a connection to the driver:
 *
 *            open, write hello          answer: welcome()
 *   CLOSED -------------------> HELLO ---------------------> READY <-+
 *     ^ ^                         |                            |     | request,
 *     | |   error, or no answer   |            error           +-----+ reply
 *     | +-------------------------+----------------------------+
 *     |
 *     +-- tries again: at once after an error, then after 0.2 s, 0.4 s ... 30 s;
 *         without the device after five tries only when something appears in
 *         its folder. Idle, no timer is armed in any state. A daemon that says
 *         is_busy() is left alone in CLOSED until it calls service_idle().
 *
 * The program ends when the very first open fails, when another program holds
 * the device for too long, when welcome() refuses, and on SIGTERM and SIGINT.
 */
#include "daemons/common/service.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemons/common/device.h"
#include "daemons/common/log.h"

#define HELLO_LIMIT_US	(10 * 1000000ull)
#define RETRY_FIRST_US	200000ull
#define RETRY_LAST_US	(30 * 1000000ull)
#define STABLE_US	100000ull	/* registered for longer than this: it works */
#define GONE_TRIES	5	/* by the clock, then by events only */
#define BUSY_TRIES	8	/* about 50 s */
#define WATCHED		(IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

enum state { STATE_CLOSED, STATE_HELLO, STATE_READY };

struct service {
	const struct service_config *config;
	struct options options;
	sd_event *event;
	enum state state;
	bool was_ready;			/* READY=1 was sent */
	bool in_request;		/* one request is not answered yet */
	bool is_waiting;		/* for service_idle(), to open the device again */
	int fd;
	unsigned int tries;		/* opens since it last worked for a while */
	uint64_t ready_since;		/* CLOCK_MONOTONIC, in us */
	sd_event_source *io;
	sd_event_source *timer;		/* of the next try, or of the wait for an answer to hello */
	sd_event_source *watch;		/* of the device's folder, or what is left of its path */
	void *message;
};

static struct log_limit trouble = LOG_LIMIT_HOST;

static void try_open(struct service *service);

sd_event *service_event(struct service *service)
{
	return service->event;
}

void *service_context(struct service *service)
{
	return service->config->context;
}

bool service_debug(struct service *service)
{
	return service->options.debug;
}

void service_exit(struct service *service, int status)
{
	sd_event_exit(service->event, status);
}

static void close_device(struct service *service)
{
	bool was_open = service->fd >= 0;

	service->io = sd_event_source_disable_unref(service->io);
	service->timer = sd_event_source_disable_unref(service->timer);
	if (was_open)
		close(service->fd);
	service->fd = -1;
	service->state = STATE_CLOSED;
	service->is_waiting = false;
	if (service->in_request) {
		service->in_request = false;
		if (service->config->ops->lost)
			service->config->ops->lost(service);
	}
	if (was_open && service->config->ops->closed)
		service->config->ops->closed(service);
}

/* --- trying again ---------------------------------------------------------- */

static int on_retry(sd_event_source *source, uint64_t now, void *context)
{
	struct service *service = context;

	(void)source;
	(void)now;
	service->timer = sd_event_source_disable_unref(service->timer);
	try_open(service);
	return 0;
}

static int on_folder(sd_event_source *source, const struct inotify_event *seen, void *context)
{
	struct service *service = context;

	(void)source;
	if (service->state != STATE_CLOSED)
		return 0;
	/* What is there may be a step of the path only: look where to wait from scratch. */
	if (seen->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
		service->watch = sd_event_source_disable_unref(service->watch);
	service->timer = sd_event_source_disable_unref(service->timer);
	service->tries = 0;
	try_open(service);
	return 0;
}

/* The deepest folder of the device's path that exists. */
static void watch_folder(struct service *service)
{
	char *folder = strdup(service->options.device);
	char *slash;

	service->watch = sd_event_source_disable_unref(service->watch);
	while (folder && (slash = strrchr(folder, '/'))) {
		slash[slash == folder] = '\0';
		if (sd_event_add_inotify(service->event, &service->watch, folder, WATCHED,
					 on_folder, service) >= 0 || slash == folder)
			break;
	}
	free(folder);
}

static void retry_later(struct service *service)
{
	uint64_t delay = RETRY_FIRST_US << (service->tries < 8 ? service->tries : 8);

	service->tries++;
	service->timer = sd_event_source_disable_unref(service->timer);
	sd_event_add_time_relative(service->event, &service->timer, CLOCK_MONOTONIC,
				   delay < RETRY_LAST_US ? delay : RETRY_LAST_US, 0, on_retry,
				   service);
}

static void open_failed(struct service *service, int error, const struct err *err)
{
	if (!service->was_ready && error != -EBUSY) {
		log_err("%s", err->text);
		service_exit(service, 1);
	} else if (error == -EBUSY && (!service->was_ready || service->tries >= BUSY_TRIES)) {
		log_err("%s", err->text);
		service_exit(service, 1);
	} else if (error == -ENODEV && service->tries >= GONE_TRIES) {
		log_notice("waiting for %s", service->options.device);
		sd_notifyf(0, "STATUS=Waiting for %s", service->options.device);
	} else {
		retry_later(service);
	}
}

static uint64_t now_us(struct service *service)
{
	uint64_t now = 0;

	sd_event_now(service->event, CLOCK_MONOTONIC, &now);
	return now;
}

/* An error that comes again and again has to wait for the timer, or for a new device. */
static void come_back(struct service *service)
{
	const struct service_ops *ops = service->config->ops;

	if (ops->is_busy && ops->is_busy(service)) {
		service->is_waiting = true;
		return;
	}
	if (service->tries) {
		watch_folder(service);
		retry_later(service);
		return;
	}
	service->tries = 1;
	try_open(service);
}

void service_idle(struct service *service)
{
	if (!service->is_waiting)
		return;
	service->is_waiting = false;
	come_back(service);
}

/* Back to CLOSED, and from there at once to the next try. */
static void reopen(struct service *service)
{
	if (service->state == STATE_READY && now_us(service) - service->ready_since > STABLE_US)
		service->tries = 0;
	close_device(service);
	come_back(service);
}

/* --- talking ---------------------------------------------------------------- */

static void answered_hello(struct service *service, size_t length)
{
	const struct service_ops *ops = service->config->ops;

	if (ops->welcome && ops->welcome(service, service->message, length)) {
		log_err("the driver behind %s speaks another language", service->options.device);
		service_exit(service, 1);
		return;
	}
	service->timer = sd_event_source_disable_unref(service->timer);
	service->watch = sd_event_source_disable_unref(service->watch);
	service->state = STATE_READY;
	service->was_ready = true;
	service->ready_since = now_us(service);
	log_info("registered with %s", service->options.device);
	sd_notifyf(0, "READY=1\nSTATUS=Registered with %s", service->options.device);
}

static void take_message(struct service *service, size_t length)
{
	if (service->state == STATE_HELLO) {
		answered_hello(service, length);
		return;
	}
	/* The driver gave up on an older request without our noticing. */
	if (service->in_request && service->config->ops->lost)
		service->config->ops->lost(service);
	service->in_request = true;
	service->tries = 0;
	service->config->ops->request(service, service->message, length);
}

static int on_device(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct service *service = context;
	int length = device_read(fd, service->message, service->config->message_size);

	(void)source;
	if (length > 0) {
		take_message(service, (size_t)length);
	} else if (length < 0 || (events & (EPOLLHUP | EPOLLERR))) {
		log_limited(&trouble, LOG_LEVEL_NOTICE, "reading %s: %s", service->options.device,
			    length == -ENODEV || !length ? "gone" : strerror(-length));
		reopen(service);
	}
	return 0;
}

bool service_reply(struct service *service, const void *message, size_t length)
{
	int ret;

	if (!service->in_request || service->state != STATE_READY)
		return false;
	service->in_request = false;
	ret = device_write(service->fd, message, length);
	if (!ret)
		return true;
	log_limited(&trouble, LOG_LEVEL_NOTICE, "writing %s: %s", service->options.device,
		    ret == -EINVAL ? "the driver no longer waits for this answer" : strerror(-ret));
	reopen(service);
	return false;
}

bool service_is_given_up(struct service *service)
{
	return service->state != STATE_READY || device_is_readable(service->fd);
}

static int on_no_hello(sd_event_source *source, uint64_t now, void *context)
{
	struct service *service = context;

	(void)source;
	(void)now;
	log_limited(&trouble, LOG_LEVEL_WARNING, "%s does not answer the registration",
		    service->options.device);
	reopen(service);
	return 0;
}

static int say_hello(struct service *service)
{
	size_t length;
	int ret;

	memset(service->message, 0, service->config->message_size);
	length = service->config->ops->hello(service, service->message);
	ret = device_write(service->fd, service->message, length);
	if (ret)
		return ret;
	ret = sd_event_add_io(service->event, &service->io, service->fd, EPOLLIN, on_device,
			      service);
	if (ret < 0)
		return ret;
	service->state = STATE_HELLO;
	return sd_event_add_time_relative(service->event, &service->timer, CLOCK_MONOTONIC,
					  HELLO_LIMIT_US, 0, on_no_hello, service);
}

static void try_open(struct service *service)
{
	struct err err;
	int ret;

	/* Watch before looking: what appears in between is seen. */
	if (service->was_ready)
		watch_folder(service);
	service->fd = device_open(service->options.device, &err);
	if (service->fd < 0) {
		open_failed(service, service->fd, &err);
		return;
	}
	ret = say_hello(service);
	if (ret < 0) {
		err_set(&err, ret, "registering with %s: %s", service->options.device,
			strerror(-ret));
		close_device(service);
		open_failed(service, ret, &err);
	}
}

/* --- the program ------------------------------------------------------------ */

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	return sigprocmask(SIG_BLOCK, &set, NULL) ? -errno : 0;
}

static int make_loop(struct service *service)
{
	int ret = block_signals();

	if (ret)
		return ret;
	ret = sd_event_new(&service->event);
	if (ret < 0)
		return ret;
	ret = sd_event_add_signal(service->event, NULL, SIGTERM, NULL, NULL);
	if (ret < 0)
		return ret;
	ret = sd_event_add_signal(service->event, NULL, SIGINT, NULL, NULL);
	if (ret < 0)
		return ret;
	service->message = calloc(1, service->config->message_size);
	return service->message ? 0 : -ENOMEM;
}

static int run(struct service *service)
{
	const struct service_ops *ops = service->config->ops;
	struct err err = { "" };
	int ret = make_loop(service);

	if (ret < 0) {
		log_err("event loop: %s", strerror(-ret));
		return 1;
	}
	ret = ops->start ? ops->start(service, &err) : 0;
	if (ret) {
		log_err("%s", err.text);
		return ret == -EINVAL || ret == -E2BIG ? EX_CONFIG : 1;
	}
	try_open(service);
	ret = sd_event_loop(service->event);
	sd_notify(0, "STOPPING=1");
	close_device(service);
	if (ops->stop)
		ops->stop(service);
	return ret < 0 ? 1 : ret;
}

int service_main(const struct service_config *config, int argc, char **argv)
{
	struct service service = { .config = config, .fd = -1 };
	struct err err = { "" };
	int status;

	service.options.device = config->device;
	log_open(config->about.name, false);
	switch (options_parse(&service.options, &config->about, argc, argv, &err)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_BAD:
		log_err("%s", err.text);
		return 2;
	case OPTIONS_RUN:
		break;
	}
	log_open(config->about.name, service.options.debug);
	status = run(&service);
	service.watch = sd_event_source_disable_unref(service.watch);
	sd_event_unref(service.event);
	free(service.message);
	return status;
}
