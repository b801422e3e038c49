// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/control/base64.h"
#include "host/control/request.h"
#include "host/machine/loop.h"
#include "tests/unit/unit.h"

/* The control server with verbs of its own, over socket pairs. */

static struct loop *loop;
static struct server *server;
static int peer;		/* the client's end */
static struct control_request *kept;
static unsigned int gone;

static void verb_echo(struct control_request *req)
{
	struct json_object *result = json_object_new_object();
	const char *text = request_string(req, "text");

	json_object_object_add(result, "text", text ? json_object_new_string(text) : NULL);
	json_object_object_add(result, "number",
			       json_object_new_int64(request_number(req, "number", -1)));
	json_object_object_add(result, "flag", json_object_new_boolean(request_flag(req, "flag")));
	request_done(req, result);
}

static void verb_fail(struct control_request *req)
{
	request_fail(req, "no %s today", request_context(req) ? "luck" : "context");
}

static void left(struct control_request *req)
{
	gone++;
	if (kept == req)
		kept = NULL;
}

static void verb_keep(struct control_request *req)
{
	kept = req;
	request_on_gone(req, left);
}

static void verb_count(struct control_request *req)
{
	int i;

	for (i = 0; i < 3; i++) {
		struct json_object *event = json_object_new_object();

		json_object_object_add(event, "i", json_object_new_int(i));
		assert_true(request_event(req, event));
	}
	request_done(req, NULL);
}

static void verb_flood(struct control_request *req)
{
	char *text = calloc(1, 100001);
	int i = 0;
	bool more = true;

	memset(text, 'x', 100000);
	while (more && i++ < 200)
		more = request_event(req, json_object_new_string(text));
	free(text);
	assert_false(more);
	request_done(req, NULL);
}

static const struct control_verb verbs[] = {
	{ "echo", verb_echo },	{ "fail", verb_fail },	{ "keep", verb_keep },
	{ "count", verb_count },	{ "flood", verb_flood },	{ NULL, NULL },
};

static int add_client(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(server_add_client(server, pair[0]), 0);
	return pair[1];
}

static int setup(void **state)
{
	(void)state;
	loop = loop_create();
	server = server_create(loop, verbs, &loop);
	peer = add_client();
	kept = NULL;
	gone = 0;
	return loop && server ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	close(peer);
	server_destroy(server);
	loop_destroy(loop);
	return 0;
}

static void stop(void *opaque)
{
	loop_stop(opaque);
}

/* Let the server see what is ready: 20 ms are long for it. */
static void turn(void)
{
	struct loop_timer *timer = loop_timer_create(loop, stop, loop);

	loop_timer_arm(timer, 20000000);
	loop_run(loop);
	loop_timer_destroy(timer);
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Everything the server has to say now. */
static const char *hear(int fd)
{
	static char text[4096];
	ssize_t len;

	turn();
	len = recv(fd, text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static void one_line_one_answer(void **state)
{
	(void)state;
	say(peer, "{\"id\":7,\"verb\":\"echo\",\"args\":{\"text\":\"a/b\",\"number\":5,\"flag\":true}}\n");
	assert_string_equal(hear(peer), "{\"id\":7,\"ok\":true,\"result\":"
			    "{\"text\":\"a/b\",\"number\":5,\"flag\":true}}\n");
	say(peer, "{\"verb\":\"echo\"}\n");
	assert_string_equal(hear(peer), "{\"id\":null,\"ok\":true,\"result\":"
			    "{\"text\":null,\"number\":-1,\"flag\":false}}\n");
	say(peer, "{\"id\":\"x\",\"verb\":\"fail\"}\n");
	assert_string_equal(hear(peer), "{\"id\":\"x\",\"ok\":false,\"error\":\"no luck today\"}\n");
}

static void lines_may_come_in_pieces_and_in_heaps(void **state)
{
	(void)state;
	say(peer, "{\"id\":1,\"ve");
	assert_string_equal(hear(peer), "");
	say(peer, "rb\":\"fail\"}\n\n{\"id\":2,\"verb\":\"fail\"}\n{\"id\":3");
	assert_string_equal(hear(peer), "{\"id\":1,\"ok\":false,\"error\":\"no luck today\"}\n"
			    "{\"id\":2,\"ok\":false,\"error\":\"no luck today\"}\n");
}

static void nonsense_is_answered_with_an_error(void **state)
{
	static const char *const lines[] = {
		"hello\n", "[1]\n", "{}\n", "{\"verb\":1}\n", "{\"verb\":\"nope\"}\n", "{\"verb\":\n",
		"{\"verb\":\"echo\",\"args\":[]}\n", "null\n", "5\n", "{\"verb\":\"echo\"} x\n",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n", "\x01\xff\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		say(peer, lines[i]);
		assert_case(i, strstr(hear(peer), "\"ok\":false"));
	}
}

static void events_come_before_the_answer(void **state)
{
	(void)state;
	say(peer, "{\"id\":1,\"verb\":\"count\"}\n");
	assert_string_equal(hear(peer), "{\"id\":1,\"event\":{\"i\":0}}\n{\"id\":1,\"event\":{\"i\":1}}\n"
			    "{\"id\":1,\"event\":{\"i\":2}}\n{\"id\":1,\"ok\":true,\"result\":{}}\n");
}

static void answers_may_wait_and_overtake(void **state)
{
	int other = add_client();

	(void)state;
	say(peer, "{\"id\":1,\"verb\":\"keep\"}\n{\"id\":2,\"verb\":\"fail\"}\n");
	assert_non_null(strstr(hear(peer), "\"id\":2"));
	say(other, "{\"id\":9,\"verb\":\"fail\"}\n");
	assert_non_null(strstr(hear(other), "\"id\":9"));
	request_done(kept, NULL);
	assert_string_equal(hear(peer), "{\"id\":1,\"ok\":true,\"result\":{}}\n");
	assert_int_equal(gone, 0);
	close(other);
}

static void a_client_that_leaves_is_forgotten(void **state)
{
	(void)state;
	say(peer, "{\"id\":1,\"verb\":\"keep\"}\n{\"id\":2,\"verb\":\"keep\"}\n");
	turn();
	close(peer);
	turn();
	assert_int_equal(gone, 2);
	peer = add_client();
	say(peer, "{\"id\":3,\"verb\":\"fail\"}\n");
	assert_non_null(strstr(hear(peer), "\"id\":3"));
}

static void an_endless_line_closes_the_connection(void **state)
{
	char block[4096];
	int i;

	(void)state;
	memset(block, 'x', sizeof(block));
	for (i = 0; i < 32; i++) {
		send(peer, block, sizeof(block), MSG_NOSIGNAL);
		turn();
	}
	assert_int_equal(recv(peer, block, sizeof(block), 0), 0);
}

static void a_client_that_does_not_read_is_bounded(void **state)
{
	(void)state;
	say(peer, "{\"id\":1,\"verb\":\"flood\"}\n");
	turn();
	assert_int_equal(gone, 0);
}

static void no_more_clients_than_the_limit(void **state)
{
	int fds[SERVER_CLIENTS_MAX], pair[2];
	unsigned int i;

	(void)state;
	for (i = 1; i < SERVER_CLIENTS_MAX; i++)
		fds[i] = add_client();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(server_add_client(server, pair[0]), -ENOMEM);
	close(pair[1]);
	for (i = 1; i < SERVER_CLIENTS_MAX; i++)
		close(fds[i]);
	turn();
	close(add_client());
}

static char replies[512];
static bool reply_was_last;

static void take_reply(void *opaque, uint32_t id, const char *line, size_t len, bool last)
{
	(void)opaque;
	assert_int_equal(id, 42);
	strncat(replies, line, len);
	reply_was_last = last;
}

static void requests_from_elsewhere(void **state)
{
	static const char line[] = "{\"id\":1,\"verb\":\"count\"}";

	(void)state;
	replies[0] = '\0';
	assert_int_equal(server_request(server, line, strlen(line), take_reply, NULL, 42), 0);
	assert_true(reply_was_last);
	assert_non_null(strstr(replies, "{\"id\":1,\"ok\":true,\"result\":{}}\n"));
	turn();
}

static void a_socket_on_a_path(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct server *second = server_create(loop, verbs, NULL), *third;
	struct err err = { .text = "" };
	char path[200];
	int fd;

	(void)state;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/tmp/openlis-server-%d", getpid());
	assert_int_equal(server_listen(server, addr.sun_path, &err), 0);
	assert_int_equal(server_listen(second, addr.sun_path, &err), -EADDRINUSE);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	say(fd, "{\"id\":1,\"verb\":\"fail\"}\n");
	assert_non_null(strstr(hear(fd), "luck"));
	close(fd);

	/* What a killed host leaves behind does not stop the next one. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcat(addr.sun_path, "b");
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	assert_int_equal(server_listen(second, addr.sun_path, &err), 0);
	/* A file of the user's is no socket of ours. */
	snprintf(path, sizeof(path), "/tmp/openlis-server-%d.img", getpid());
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	third = server_create(loop, verbs, NULL);
	assert_int_equal(server_listen(third, path, &err), -EEXIST);
	server_destroy(third);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(server_listen(server, path, &err), -ENAMETOOLONG);
	server_destroy(second);
	assert_int_equal(access(addr.sun_path, F_OK), -1);
}

static void base64_there_and_back(void **state)
{
	uint8_t bytes[256], back[300];
	char text[BASE64_ROOM(256)];
	size_t len, i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37);
	for (len = 0; len <= sizeof(bytes); len++) {
		base64_encode(bytes, len, text);
		assert_int_equal(base64_decode(text, back), len);
		assert_memory_equal(back, bytes, len);
	}
	base64_encode((const uint8_t *)"any carnal pleas", 16, text);
	assert_string_equal(text, "YW55IGNhcm5hbCBwbGVhcw==");
	assert_int_equal(base64_decode("abc", back), -1);
	assert_int_equal(base64_decode("ab!=", back), -1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(one_line_one_answer),
		CASE(lines_may_come_in_pieces_and_in_heaps),
		CASE(nonsense_is_answered_with_an_error),
		CASE(events_come_before_the_answer),
		CASE(answers_may_wait_and_overtake),
		CASE(a_client_that_leaves_is_forgotten),
		CASE(an_endless_line_closes_the_connection),
		CASE(a_client_that_does_not_read_is_bounded),
		CASE(no_more_clients_than_the_limit),
		CASE(requests_from_elsewhere),
		CASE(a_socket_on_a_path),
		cmocka_unit_test(base64_there_and_back),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
