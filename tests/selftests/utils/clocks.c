// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clocks of this machine at one moment, a line each: name, nanoseconds.
 *
 *	clocks [PTP-DEVICE]           realtime, monotonic, ptp
 *	clocks --settable PTP-DEVICE  exits with 0 when the device's clock can be set
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How the kernel names the clock behind a descriptor. */
#define FD_TO_CLOCKID(fd)	((~(clockid_t)(fd) << 3) | 3)

static int print_clock(const char *name, clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now)) {
		fprintf(stderr, "clocks: %s: %s\n", name, strerror(errno));
		return 1;
	}
	printf("%s %lld\n", name, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	return 0;
}

static int open_clock(const char *path)
{
	int fd = open(path, O_RDWR);

	if (fd < 0)
		fprintf(stderr, "clocks: %s: %s\n", path, strerror(errno));
	return fd;
}

static int check_settable(const char *path)
{
	struct timespec now;
	int fd = open_clock(path);

	if (fd < 0)
		return 2;
	if (clock_gettime(CLOCK_REALTIME, &now))
		return 2;
	return clock_settime(FD_TO_CLOCKID(fd), &now) ? 1 : 0;
}

int main(int argc, char **argv)
{
	int fd, result;

	if (argc == 3 && !strcmp(argv[1], "--settable"))
		return check_settable(argv[2]);
	if (argc > 2) {
		fprintf(stderr, "usage: clocks [PTP-DEVICE] | --settable PTP-DEVICE\n");
		return 2;
	}
	result = print_clock("realtime", CLOCK_REALTIME);
	result |= print_clock("monotonic", CLOCK_MONOTONIC);
	if (argc == 2) {
		fd = open_clock(argv[1]);
		if (fd < 0)
			return 1;
		result |= print_clock("ptp", FD_TO_CLOCKID(fd));
		close(fd);
	}
	return result;
}
