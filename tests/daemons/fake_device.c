// SPDX-License-Identifier: GPL-2.0-only
#include "tests/daemons/fake_device.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
	struct timespec time = { 0, ms * 1000000L };

	nanosleep(&time, NULL);
}

static int bind_socket(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void fake_appear(struct fake_device *fake)
{
	fake->listener = bind_socket(fake->path, SOCK_SEQPACKET);
	assert_int_equal(listen(fake->listener, 1), 0);
}

void fake_vanish(struct fake_device *fake)
{
	close(fake->listener);
	fake->listener = -1;
	unlink(fake->path);
	fake_hang_up(fake);
}

const char *fake_base(void)
{
	return access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
}

void fake_setup(struct fake_device *fake)
{
	char name[96];

	*fake = (struct fake_device) { .listener = -1, .fd = -1 };
	snprintf(fake->folder, sizeof(fake->folder), "%s/openlis-daemon-XXXXXX", fake_base());
	assert_non_null(mkdtemp(fake->folder));
	snprintf(fake->path, sizeof(fake->path), "%s/device", fake->folder);
	snprintf(name, sizeof(name), "%s/notify", fake->folder);
	fake->notify = bind_socket(name, SOCK_DGRAM);
	snprintf(name, sizeof(name), "%s/log", fake->folder);
	fake->log = open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fake->log >= 0);
	fake_appear(fake);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static size_t read_log(struct fake_device *fake, char *text, size_t size)
{
	ssize_t length = pread(fake->log, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	return length > 0 ? (size_t)length : 0;
}

void fake_teardown(struct fake_device *fake)
{
	bool ran = fake->daemon > 0;
	int status = 0;
	char text[16384];

	read_log(fake, text, sizeof(text));
	if (ran) {
		status = fake_stop(fake);
		read_log(fake, text, sizeof(text));
	}
	if (fake->listener >= 0)
		close(fake->listener);
	if (fake->fd >= 0)
		close(fake->fd);
	close(fake->notify);
	close(fake->log);
	nftw(fake->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	if (status || strstr(text, "Sanitizer") || strstr(text, "runtime error")) {
		print_message("the daemon exited with %d and said:\n%s\n", status, text);
		fail();
	}
}

static void exec_daemon(struct fake_device *fake, const char *program, const char *const *args)
{
	const char *argv[FAKE_ARGS + 4] = { program, "--device", fake->path, "--debug" };
	char notify[128];
	unsigned int i;

	for (i = 0; args && args[i] && i < FAKE_ARGS - 1; i++)
		argv[4 + i] = args[i];
	snprintf(notify, sizeof(notify), "%s/notify", fake->folder);
	setenv("NOTIFY_SOCKET", notify, 1);
	unsetenv("JOURNAL_STREAM");
	dup2(fake->log, STDERR_FILENO);
	execv(program, (char *const *)argv);
	_exit(127);
}

void fake_start(struct fake_device *fake, const char *program, const char *const *args)
{
	assert_int_equal(access(program, X_OK), 0);
	fake->daemon = fork();
	assert_true(fake->daemon >= 0);
	if (!fake->daemon)
		exec_daemon(fake, program, args);
}

static bool is_readable(int fd, int ms)
{
	struct pollfd look = { .fd = fd, .events = POLLIN };

	return poll(&look, 1, ms) == 1;
}

void fake_accept(struct fake_device *fake)
{
	if (!is_readable(fake->listener, FAKE_LIMIT_MS))
		fail_msg("the daemon does not open the device");
	if (fake->fd >= 0)
		close(fake->fd);
	fake->fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fake->fd >= 0);
}

void fake_hang_up(struct fake_device *fake)
{
	if (fake->fd >= 0)
		close(fake->fd);
	fake->fd = -1;
}

void fake_send(struct fake_device *fake, const void *message, size_t length)
{
	assert_int_equal(send(fake->fd, message, length, MSG_NOSIGNAL), (ssize_t)length);
}

size_t fake_receive(struct fake_device *fake, void *message, size_t size)
{
	ssize_t length;

	if (!is_readable(fake->fd, FAKE_LIMIT_MS))
		fail_msg("the daemon says nothing");
	length = recv(fake->fd, message, size, 0);
	if (length <= 0)
		fail_msg("the daemon closed the device");
	return (size_t)length;
}

bool fake_is_silent(struct fake_device *fake, int ms)
{
	return !is_readable(fake->fd, ms);
}

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);
	const char *at;

	for (at = text; (at = strstr(at, line)); at++) {
		if ((at == text || at[-1] == '\n') && (!at[length] || at[length] == '\n'))
			return true;
	}
	return false;
}

void fake_wait_notified(struct fake_device *fake, const char *line)
{
	long end = now_ms() + FAKE_LIMIT_MS;
	char text[512];

	for (;;) {
		long left = end - now_ms();
		ssize_t length;

		if (left <= 0 || !is_readable(fake->notify, (int)left))
			fail_msg("the daemon does not notify %s", line);
		length = recv(fake->notify, text, sizeof(text) - 1, 0);
		text[length > 0 ? length : 0] = '\0';
		if (has_line(text, line))
			return;
	}
}

unsigned int fake_count_logged(struct fake_device *fake, const char *text)
{
	unsigned int count = 0;
	char log[16384];
	const char *at;

	read_log(fake, log, sizeof(log));
	for (at = log; (at = strstr(at, text)); at++)
		count++;
	return count;
}

bool fake_has_logged(struct fake_device *fake, const char *text)
{
	return fake_count_logged(fake, text) > 0;
}

void fake_wait_logged(struct fake_device *fake, const char *text)
{
	long end = now_ms() + FAKE_LIMIT_MS;

	while (!fake_has_logged(fake, text)) {
		if (now_ms() >= end)
			fail_msg("the daemon does not log \"%s\"", text);
		pause_ms(5);
	}
}

int fake_wait_exit(struct fake_device *fake)
{
	long end = now_ms() + FAKE_LIMIT_MS;
	int status;
	pid_t pid;

	while (!(pid = waitpid(fake->daemon, &status, WNOHANG))) {
		if (now_ms() >= end)
			fail_msg("the daemon does not end");
		pause_ms(2);
	}
	assert_int_equal(pid, fake->daemon);
	fake->daemon = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int fake_stop(struct fake_device *fake)
{
	kill(fake->daemon, SIGTERM);
	return fake_wait_exit(fake);
}

void fake_kill(struct fake_device *fake)
{
	kill(fake->daemon, SIGKILL);
	assert_int_equal(fake_wait_exit(fake), 128 + SIGKILL);
}

unsigned long fake_wakeups(struct fake_device *fake)
{
	unsigned long count = 0;
	char name[64], line[128];
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)fake->daemon);
	file = fopen(name, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &count) == 1)
			break;
	}
	fclose(file);
	return count;
}
