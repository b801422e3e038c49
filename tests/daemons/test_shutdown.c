// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_shutdown between a driver's folder that is made of plain files and a
 * logind that lives in this process, on a socket of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM		"build/daemons/hv_shutdown-san"
#define STEPPED		"build/daemons/test/shutdown_stepped"	/* its wall clock jumps; see shutdown_stepped.c */
#define LIMIT_SECONDS	20

struct stage {
	const char *path;	/* of the program */
	char folder[64];	/* the driver's */
	char address[128];
	int listener;
	sd_bus *bus;
	pid_t program;
	char done[32];		/* the method that logind was asked to do */
	char wall[512];
	const char *blocker;	/* what, of a blocking inhibitor */
	unsigned int looks;	/* how often inhibitors were asked for */
	unsigned int unblock;	/* at this look the blocker is gone */
	char asked[16];		/* what the driver shows of its request, whatever is written there */
	const char *then;	/* and from that look on */
	unsigned int overtaken;
	bool refuses;		/* logind, to do anything */
	bool is_new;		/* 257 or later */
};

static int set_wall_message(sd_bus_message *call, void *context, sd_bus_error *error)
{
	struct stage *stage = context;
	const char *text;
	int on;

	(void)error;
	assert_true(sd_bus_message_read(call, "sb", &text, &on) >= 0);
	snprintf(stage->wall, sizeof(stage->wall), "%s", text);
	return sd_bus_reply_method_return(call, NULL);
}

static void put(const struct stage *stage, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", stage->folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int list_inhibitors(sd_bus_message *call, void *context, sd_bus_error *error)
{
	struct stage *stage = context;
	sd_bus_message *reply;

	(void)error;
	if (++stage->looks == stage->unblock)
		stage->blocker = NULL;
	put(stage, "request", stage->then && stage->looks >= stage->overtaken ? stage->then :
	    stage->asked);
	assert_true(sd_bus_message_new_method_return(call, &reply) >= 0);
	assert_true(sd_bus_message_open_container(reply, 'a', "(ssssuu)") >= 0);
	sd_bus_message_append(reply, "(ssssuu)", "shutdown:sleep", "delayer", "writes", "delay", 0, 7);
	if (stage->blocker)
		sd_bus_message_append(reply, "(ssssuu)", stage->blocker, "packager", "an upgrade",
				      "block", 0, 8);
	sd_bus_message_close_container(reply);
	assert_true(sd_bus_send(NULL, reply, NULL) >= 0);
	sd_bus_message_unref(reply);
	return 1;
}

static int act(sd_bus_message *call, void *context, sd_bus_error *error)
{
	struct stage *stage = context;

	if (stage->refuses || (stage->is_new && stage->blocker &&
			       !strstr(sd_bus_message_get_member(call), "WithFlags")))
		return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "not now");
	snprintf(stage->done, sizeof(stage->done), "%s", sd_bus_message_get_member(call));
	return sd_bus_reply_method_return(call, NULL);
}

/* Blocks hold everybody up, who does not say that they are not to. */
static int act_by_flags(sd_bus_message *call, void *context, sd_bus_error *error)
{
	struct stage *stage = context;
	uint64_t flags;

	assert_true(sd_bus_message_read(call, "t", &flags) > 0);
	if (!stage->is_new)
		return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, "Invalid flags");
	assert_int_equal(flags, 1 << 4);
	return act(call, context, error);
}

static const sd_bus_vtable manager[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("SetWallMessage", "sb", "", set_wall_message, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("ListInhibitors", "", "a(ssssuu)", list_inhibitors, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("PowerOff", "b", "", act, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("PowerOffWithFlags", "t", "", act_by_flags, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Reboot", "b", "", act, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Hibernate", "b", "", act, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

/* What the program has written over the start of the request, if anything. */
static const char *answer_of(const struct stage *stage)
{
	static char text[64];
	char path[128];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/request", stage->folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return text;
}

static int setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	assert_non_null(stage);
	stage->path = PROGRAM;
	snprintf(stage->folder, sizeof(stage->folder), "/tmp/hv_shutdown.XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	put(stage, "request", "shutdown\n");
	put(stage, "force", "0\n");
	put(stage, "timeout", "0\n");
	put(stage, "reason", "0x80000000\n");
	put(stage, "text", "\n");
	stage->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/bus", stage->folder);
	assert_int_equal(bind(stage->listener, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(stage->listener, 1), 0);
	snprintf(stage->address, sizeof(stage->address), "unix:path=%s", name.sun_path);
	*state = stage;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "request", "force", "timeout", "reason", "text", "bus" };
	struct stage *stage = *state;
	char path[128];
	unsigned int i;

	if (stage->program > 0) {
		kill(stage->program, SIGKILL);
		waitpid(stage->program, NULL, 0);
	}
	sd_bus_close_unref(stage->bus);
	close(stage->listener);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", stage->folder, files[i]);
		unlink(path);
	}
	rmdir(stage->folder);
	free(stage);
	return 0;
}

static void accept_caller(struct stage *stage)
{
	int fd = accept4(stage->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	sd_id128_t id;

	assert_true(fd >= 0);
	assert_true(sd_id128_randomize(&id) >= 0);
	assert_true(sd_bus_new(&stage->bus) >= 0);
	assert_true(sd_bus_set_fd(stage->bus, fd, fd) >= 0);
	assert_true(sd_bus_set_server(stage->bus, 1, id) >= 0);
	assert_true(sd_bus_set_anonymous(stage->bus, 1) >= 0);
	assert_true(sd_bus_add_object_vtable(stage->bus, NULL, "/org/freedesktop/login1",
					     "org.freedesktop.login1.Manager", manager, stage) >= 0);
	assert_true(sd_bus_start(stage->bus) >= 0);
}

static void serve(struct stage *stage)
{
	struct pollfd fds[2] = { { .fd = stage->listener, .events = POLLIN } };
	unsigned int count = 1;

	if (stage->bus) {
		while (sd_bus_process(stage->bus, NULL) > 0)
			;
		fds[1].fd = sd_bus_get_fd(stage->bus);
		fds[1].events = POLLIN;
		count = 2;
	}
	poll(fds, count, 20);
	if (!stage->bus && fds[0].revents)
		accept_caller(stage);
}

/* Its exit status. */
static int run(struct stage *stage, const char *option, const char *value)
{
	char *const argv[] = { (char *)stage->path, (char *)"--device", stage->folder, (char *)"--bus",
			 stage->address, (char *)option, (char *)value, NULL };
	time_t end = time(NULL) + LIMIT_SECONDS;
	int status;

	snprintf(stage->asked, sizeof(stage->asked), "%s", answer_of(stage));
	assert_int_equal(posix_spawn(&stage->program, stage->path, NULL, NULL, argv, environ), 0);
	while (!waitpid(stage->program, &status, WNOHANG)) {
		serve(stage);
		if (time(NULL) > end)
			fail_msg("hv_shutdown does not end");
	}
	stage->program = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void each_action_is_asked_of_logind(void **state)
{
	static const char *const pairs[][2] = {
		{ "shutdown\n", "PowerOff" }, { "restart\n", "Reboot" }, { "hibernate\n", "Hibernate" },
	};
	struct stage *stage = *state;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		put(stage, "request", pairs[i][0]);
		put(stage, "text", "plan \x1b[31mB\n");
		assert_int_equal(run(stage, NULL, NULL), 0);
		assert_string_equal(stage->done, pairs[i][1]);
		/* The driver hears of it, and users read the text without its tricks. */
		assert_memory_equal(answer_of(stage), "taken", 5);
		assert_non_null(strstr(stage->wall, "plan ?[31mB"));
		stage->bus = sd_bus_close_unref(stage->bus);
	}
}

static void nothing_asked_is_nothing_done(void **state)
{
	struct stage *stage = *state;

	put(stage, "request", "none\n");
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_string_equal(stage->done, "");
	assert_string_equal(answer_of(stage), "none\n");
}

static void a_blocker_is_waited_for(void **state)
{
	struct stage *stage = *state;

	stage->blocker = "idle:shutdown";
	stage->unblock = 3;
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_int_equal(stage->looks, 3);
	assert_string_equal(stage->done, "PowerOff");
}

static void a_blocker_that_stays_wins(void **state)
{
	struct stage *stage = *state;

	stage->blocker = "shutdown";
	put(stage, "timeout", "6\n");
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_string_equal(stage->done, "");
	assert_memory_equal(answer_of(stage), "refused", 7);
	assert_true(stage->looks >= 2);
}

static void a_deadline_too_near_is_not_waited_for(void **state)
{
	struct stage *stage = *state;

	stage->blocker = "shutdown";
	put(stage, "timeout", "3\n");
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_int_equal(stage->looks, 1);
	assert_memory_equal(answer_of(stage), "refused", 7);
}

/* The driver that asks sets the clock, too. */
static void a_clock_that_jumps_is_not_looked_at(void **state)
{
	struct stage *stage = *state;

	stage->path = STEPPED;
	stage->blocker = "shutdown";
	stage->unblock = 3;
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_int_equal(stage->looks, 3);
	assert_string_equal(stage->done, "PowerOff");
}

/* The driver acts after an hour, whatever the host said: a blocker that stays has to win before that. */
static void nobody_is_waited_for_longer_than_by_the_driver(void **state)
{
	struct stage *stage = *state;

	stage->path = STEPPED;
	stage->blocker = "shutdown";
	put(stage, "timeout", "7200\n");
	setenv("SHUTDOWN_LATE", "1200", 1);
	assert_int_equal(run(stage, NULL, NULL), 0);
	unsetenv("SHUTDOWN_LATE");
	assert_int_equal(stage->looks, 3);
	assert_memory_equal(answer_of(stage), "refused", 7);
}

/* The newest request of the host has a handler of its own. */
static void what_is_overtaken_is_left_alone(void **state)
{
	struct stage *stage = *state;

	stage->blocker = "shutdown";
	stage->overtaken = 2;
	stage->then = "restart\n";
	put(stage, "timeout", "60\n");
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_int_equal(stage->looks, 2);
	assert_string_equal(answer_of(stage), "restart\n");
	/* Also when nobody blocks it any more. */
	stage->bus = sd_bus_close_unref(stage->bus);
	stage->looks = 0;
	stage->unblock = 2;
	put(stage, "request", "shutdown\n");
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_string_equal(stage->done, "");
	assert_string_equal(answer_of(stage), "restart\n");
}

/* The driver has acted, or another handler has refused. */
static void what_is_over_is_left_alone(void **state)
{
	struct stage *stage = *state;

	stage->blocker = "shutdown";
	stage->then = "none\n";
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_int_equal(stage->looks, 1);
	assert_string_equal(answer_of(stage), "none\n");
}

static void force_looks_at_no_blocker(void **state)
{
	struct stage *stage = *state;

	stage->blocker = "shutdown";
	put(stage, "force", "1\n");
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_int_equal(stage->looks, 0);
	assert_string_equal(stage->done, "PowerOff");
}

static void force_gets_past_a_logind_that_looks_itself(void **state)
{
	struct stage *stage = *state;

	stage->is_new = true;
	stage->blocker = "shutdown";
	put(stage, "force", "1\n");
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_string_equal(stage->done, "PowerOffWithFlags");
}

static void a_block_of_something_else_is_none(void **state)
{
	struct stage *stage = *state;

	stage->blocker = "sleep:shutdownish";
	assert_int_equal(run(stage, NULL, NULL), 0);
	assert_string_equal(stage->done, "PowerOff");
}

/* Nothing is "taken": the driver acts when its own time is over. */
static void a_logind_that_fails_is_an_error(void **state)
{
	struct stage *stage = *state;

	stage->refuses = true;
	assert_int_equal(run(stage, NULL, NULL), 1);
	assert_string_equal(answer_of(stage), "shutdown\n");
}

/* The driver does not hibernate by itself. */
static void a_hibernation_that_fails_is_refused(void **state)
{
	struct stage *stage = *state;

	stage->refuses = true;
	put(stage, "request", "hibernate\n");
	assert_int_equal(run(stage, NULL, NULL), 1);
	assert_memory_equal(answer_of(stage), "refused", 7);
	stage->bus = sd_bus_close_unref(stage->bus);
	/* Also where nobody can be asked. */
	snprintf(stage->address, sizeof(stage->address), "unix:path=%s/none", stage->folder);
	put(stage, "request", "hibernate\n");
	assert_int_equal(run(stage, NULL, NULL), 1);
	assert_memory_equal(answer_of(stage), "refused", 7);
}

static void no_logind_is_an_error(void **state)
{
	struct stage *stage = *state;

	snprintf(stage->address, sizeof(stage->address), "unix:path=%s/none", stage->folder);
	assert_int_equal(run(stage, NULL, NULL), 1);
	assert_string_equal(answer_of(stage), "shutdown\n");
}

static void nonsense_of_the_driver_is_an_error(void **state)
{
	struct stage *stage = *state;

	put(stage, "timeout", "soon\n");
	assert_int_equal(run(stage, NULL, NULL), 1);
	assert_string_equal(stage->done, "");
}

static void bad_options_end_with_2(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(run(stage, "--nonsense", NULL), 2);
	assert_int_equal(run(stage, "--event", NULL), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(each_action_is_asked_of_logind),
		TEST(nothing_asked_is_nothing_done),
		TEST(a_blocker_is_waited_for),
		TEST(a_blocker_that_stays_wins),
		TEST(a_deadline_too_near_is_not_waited_for),
		TEST(a_clock_that_jumps_is_not_looked_at),
		TEST(nobody_is_waited_for_longer_than_by_the_driver),
		TEST(what_is_overtaken_is_left_alone),
		TEST(what_is_over_is_left_alone),
		TEST(force_looks_at_no_blocker),
		TEST(force_gets_past_a_logind_that_looks_itself),
		TEST(a_block_of_something_else_is_none),
		TEST(a_logind_that_fails_is_an_error),
		TEST(a_hibernation_that_fails_is_refused),
		TEST(no_logind_is_an_error),
		TEST(nonsense_of_the_driver_is_an_error),
		TEST(bad_options_end_with_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
