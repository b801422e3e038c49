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

#define LOOKS	5

static int read_clock(const char *name, clockid_t id, long long *ns)
{
	struct timespec now;

	if (clock_gettime(id, &now)) {
		fprintf(stderr, "clocks: %s: %s\n", name, strerror(errno));
		return 1;
	}
	*ns = (long long)now.tv_sec * 1000000000 + now.tv_nsec;
	return 0;
}

/* Whoever subtracts them must not see how long this program was kept from the processor. */
static int read_together(long long *real, long long *monotonic)
{
	long long before, middle, after, best = -1;
	int i;

	for (i = 0; i < LOOKS; i++) {
		if (read_clock("realtime", CLOCK_REALTIME, &before) ||
		    read_clock("monotonic", CLOCK_MONOTONIC, &middle) ||
		    read_clock("realtime", CLOCK_REALTIME, &after))
			return 1;
		/* It may be set in between, and back. */
		if (after < before || (best >= 0 && after - before >= best))
			continue;
		best = after - before;
		*real = before + best / 2;
		*monotonic = middle;
	}
	return best < 0;
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
	long long real, monotonic, ptp;
	int fd, result;

	if (argc == 3 && !strcmp(argv[1], "--settable"))
		return check_settable(argv[2]);
	if (argc > 2) {
		fprintf(stderr, "usage: clocks [PTP-DEVICE] | --settable PTP-DEVICE\n");
		return 2;
	}
	if (read_together(&real, &monotonic))
		return 1;
	if (argc == 2) {
		fd = open_clock(argv[1]);
		if (fd < 0)
			return 1;
		result = read_clock("ptp", FD_TO_CLOCKID(fd), &ptp);
		close(fd);
		if (result)
			return 1;
	}
	printf("realtime %lld\nmonotonic %lld\n", real, monotonic);
	if (argc == 2)
		printf("ptp %lld\n", ptp);
	return 0;
}
