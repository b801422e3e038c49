// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Errors that mean "not there (yet, or any more)". */
static bool is_gone(int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case EBADF:		/* the driver is tearing the device down */
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
		return true;
	}
	return false;
}

static int connect_fake(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int device_open(const char *path, struct err *err)
{
	struct stat status;
	int fd;

	if (stat(path, &status))
		fd = -1;
	else if (S_ISSOCK(status.st_mode))
		fd = connect_fake(path);
	else
		fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		return fd;
	if (errno == EBUSY)
		return err_set(err, -EBUSY, "%s is in use: is another daemon of this service running?",
			       path);
	if (is_gone(errno))
		return err_set(err, -ENODEV,
			       "%s is not there: is hv_utils loaded, and the service on at the host?",
			       path);
	return err_set(err, -errno, "%s: %s", path, strerror(errno));
}

int device_read(int fd, void *message, size_t size)
{
	struct iovec part = { message, size };
	struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t length;

	/* The driver's read may block although the descriptor says otherwise. */
	if (!device_is_readable(fd))
		return 0;
	length = recvmsg(fd, &packet, 0);
	if (length < 0 && errno == ENOTSOCK) {
		length = read(fd, message, size);
		/* It refuses a buffer that is too small, rather than cut. */
		if (length < 0 && errno == EINVAL)
			return -EMSGSIZE;
	} else if (length > 0 && (packet.msg_flags & MSG_TRUNC)) {
		return -EMSGSIZE;
	}
	if (length > 0)
		return (int)length;
	if (length == 0)
		return -ENODEV;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return is_gone(errno) ? -ENODEV : -errno;
}

bool device_is_readable(int fd)
{
	struct pollfd look = { .fd = fd, .events = POLLIN };

	return poll(&look, 1, 0) > 0;
}

int device_write(int fd, const void *message, size_t length)
{
	ssize_t done = send(fd, message, length, MSG_NOSIGNAL);

	if (done < 0 && errno == ENOTSOCK)
		done = write(fd, message, length);
	if (done == (ssize_t)length)
		return 0;
	if (done >= 0)
		return -EIO;
	return is_gone(errno) ? -ENODEV : -errno;
}
