// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/whole.h"

#include <errno.h>
#include <unistd.h>

ssize_t whole_read(int fd, void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t part = pread(fd, (char *)bytes + done, size - done, (off_t)done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -errno;
		if (!part)
			break;
		done += (size_t)part;
	}
	return (ssize_t)done;
}

int whole_write(int fd, const void *bytes, size_t size, off_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t part = pwrite(fd, (const char *)bytes + done, size - done,
				      offset + (off_t)done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return part ? -errno : -EIO;
		done += (size_t)part;
	}
	return 0;
}
