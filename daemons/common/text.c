// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Length of the sequence that starts here, or 0 if it is none. */
static size_t sequence(const uint8_t *at, size_t left)
{
	uint32_t code;
	size_t length, i;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	if (left < length)
		return 0;
	code = at[0] & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000))
		return 0;
	if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	return length;
}

bool text_is_utf8(const char *bytes, size_t length)
{
	size_t at = 0, step;

	for (; at < length; at += step) {
		step = sequence((const uint8_t *)bytes + at, length - at);
		if (!step)
			return false;
	}
	return true;
}

int text_from_field(const void *field, size_t size)
{
	size_t length = strnlen(field, size);

	if (length == size || !text_is_utf8(field, length))
		return -1;
	return (int)length;
}

size_t text_utf16_length(const char *text)
{
	size_t units = 0;

	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		/* Bytes that go on are none; what is beyond the first plane is a pair. */
		units += ((byte & 0xc0) != 0x80) + (byte >= 0xf0);
	}
	return units;
}

bool text_list_add(char *list, size_t limit, const char *item)
{
	size_t have = strlen(list), more = strlen(item);
	size_t at = have ? have + 1 : 0;

	if (!more || at + more + 1 > limit)
		return false;
	if (have)
		list[have] = ';';
	memcpy(list + at, item, more + 1);
	return true;
}

int text_read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t length = 0;
	ssize_t done;

	if (fd < 0)
		return -errno;
	do {
		done = read(fd, text + length, size - length);
		if (done > 0)
			length += (size_t)done;
	} while ((done > 0 && length < size) || (done < 0 && errno == EINTR));
	if (done < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	close(fd);
	if (length == size)
		return -EFBIG;
	text[length] = '\0';
	return (int)length;
}
