// SPDX-License-Identifier: GPL-2.0-only
/*
 * The char devices of KVP, VSS and file copy, seen by a daemon that makes every mistake: wrong lengths, wrong orders,
 * unknown registrations. Needs devices that no daemon has open.
 */
#include <fcntl.h>
#include <linux/hyperv.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "ksft.h"

#define ANSWER_MS	5000
#define ROUNDS		20
#define CASES_EACH	9

struct device {
	const char *path;
	size_t size;			/* of what a daemon writes */
	size_t answer_size;		/* of the driver's word to a registration */
	void (*registration)(void *message, unsigned int version);
	unsigned int version, unknown;
};

static uint8_t message[sizeof(struct hv_kvp_msg) + 64];

static void kvp_registration(void *buffer, unsigned int version)
{
	struct hv_kvp_msg *kvp = buffer;

	kvp->kvp_hdr.operation = (uint8_t)version;
}

static void vss_registration(void *buffer, unsigned int version)
{
	struct hv_vss_msg *vss = buffer;

	vss->vss_hdr.operation = (uint8_t)version;
}

static void fcopy_registration(void *buffer, unsigned int version)
{
	memcpy(buffer, &version, sizeof(version));
}

static const struct device devices[] = {
	{ "/dev/vmbus/hv_kvp", sizeof(struct hv_kvp_msg), sizeof(struct hv_kvp_msg), kvp_registration,
	  KVP_OP_REGISTER1, 99 },
	{ "/dev/vmbus/hv_vss", sizeof(struct hv_vss_msg), sizeof(uint32_t), vss_registration,
	  VSS_OP_REGISTER1, 77 },
	{ "/dev/vmbus/hv_fcopy", sizeof(int), sizeof(uint32_t), fcopy_registration,
	  1, 99 },
};

#define DEVICES	(sizeof(devices) / sizeof(devices[0]))

/* Errno of a write that must fail; 0 when it did not. */
static int write_error(int fd, const struct device *device, unsigned int version, size_t len)
{
	memset(message, 0, sizeof(message));
	device->registration(message, version);
	return write(fd, message, len) < 0 ? errno : 0;
}

static bool can_read(int fd, int milliseconds)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, milliseconds) == 1 && poll_fd.revents & POLLIN;
}

/* The driver answers a registration; the answer is as long as the stock driver's. */
static bool registers(int fd, const struct device *device)
{
	ssize_t len;

	if (write_error(fd, device, device->version, device->size)) {
		ksft_print_msg("%s: registration: %s\n", device->path, strerror(errno));
		return false;
	}
	if (!can_read(fd, ANSWER_MS)) {
		ksft_print_msg("%s: no answer to the registration\n", device->path);
		return false;
	}
	len = read(fd, message, sizeof(message));
	if (len != (ssize_t)device->answer_size)
		ksft_print_msg("%s: an answer of %zd bytes, not %zu\n", device->path, len,
			       device->answer_size);
	return len == (ssize_t)device->answer_size;
}

static bool second_open_is_busy(const struct device *device)
{
	int fd = open(device->path, O_RDWR);
	int error = errno;

	if (fd < 0)
		return error == EBUSY;
	close(fd);
	return false;
}

/* A read that is too small must not lose the answer. */
static bool short_read_is_refused(int fd, const struct device *device)
{
	if (write_error(fd, device, device->version, device->size) || !can_read(fd, ANSWER_MS))
		return false;
	if (read(fd, message, 1) != -1)
		return false;
	return can_read(fd, 0) && read(fd, message, sizeof(message)) == (ssize_t)device->answer_size;
}

static bool registers_again_and_again(const struct device *device)
{
	bool good = true;
	int i, fd;

	for (i = 0; i < ROUNDS && good; i++) {
		fd = open(device->path, O_RDWR);
		good = fd >= 0 && registers(fd, device);
		if (fd >= 0)
			close(fd);
	}
	return good;
}

static void test_device(const struct device *device)
{
	const char *name = device->path + strlen("/dev/vmbus/");
	int fd = open(device->path, O_RDWR);
	size_t len;

	if (fd < 0) {
		ksft_exit_fail_msg("%s: %s\n", device->path, strerror(errno));
		return;
	}
	ksft_test_result(second_open_is_busy(device), "%s: a second open is busy\n", name);
	ksft_test_result(!can_read(fd, 0), "%s: nothing to read before a registration\n", name);
	for (len = 1; len < device->size; len += device->size - 2)
		ksft_test_result(write_error(fd, device, device->version, len) == EINVAL,
				 "%s: a message of %zu bytes is refused\n", name, len);
	ksft_test_result(write_error(fd, device, device->unknown, device->size) == EINVAL,
			 "%s: an unknown registration is refused\n", name);
	ksft_test_result(short_read_is_refused(fd, device), "%s: a short read loses nothing\n", name);
	close(fd);
	fd = open(device->path, O_RDWR);
	ksft_test_result(fd >= 0 && registers(fd, device), "%s: registers after a reopen\n", name);
	close(fd);
	ksft_test_result(!second_open_is_busy(device), "%s: is free once closed\n", name);
	ksft_test_result(registers_again_and_again(device), "%s: registers %d times\n", name, ROUNDS);
}

static void require_free_devices(void)
{
	size_t i;
	int fd;

	for (i = 0; i < DEVICES; i++) {
		fd = open(devices[i].path, O_RDWR);
		if (fd < 0)
			ksft_exit_skip("%s: %s\n", devices[i].path, strerror(errno));
		close(fd);
	}
}

int main(void)
{
	size_t i;

	ksft_print_header();
	require_free_devices();
	ksft_set_plan(DEVICES * CASES_EACH);
	for (i = 0; i < DEVICES; i++)
		test_device(&devices[i]);
	ksft_finished();
}
