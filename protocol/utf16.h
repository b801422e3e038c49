/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_UTF16_H
#define PROTOCOL_UTF16_H

#include "protocol/types.h"

/*
 * Text of the host is UTF-16LE, text of Linux is UTF-8. Conversion is strict in
 * both directions: no unpaired surrogate, no overlong form, no NUL inside, and
 * never a part of the text instead of all of it. UTF-16 need not be aligned.
 */

/* The longest UTF-8 form of @units of UTF-16, with its NUL. */
#define HVP_UTF8_ROOM(units)	((units) * 3u + 1u)

/**
 * hvp_utf16_length() - units in front of the first NUL
 * @text:	UTF-16LE
 * @units:	size of the field
 *
 * Return: @units when there is no NUL.
 */
u32 hvp_utf16_length(const void *text, u32 units);

/**
 * hvp_utf16_to_utf8() - convert all of @units
 * @text:	UTF-16LE
 * @units:	its length, without a NUL
 * @out:	NUL-terminated on success, else an empty string if there is room
 * @room:	bytes of @out
 *
 * Return: bytes without the NUL; -EILSEQ for an unpaired surrogate, -EINVAL for
 * a NUL inside, -EMSGSIZE when @room is too small.
 */
int hvp_utf16_to_utf8(const void *text, u32 units, char *out, u32 room);

/**
 * hvp_utf16_sized() - convert text whose length is told in bytes
 * @text:	UTF-16LE in a field of @field bytes
 * @bytes:	told by the peer; the last unit may be a NUL or not
 *
 * Return: as hvp_utf16_to_utf8(); -EINVAL when @bytes is odd or above @field.
 */
int hvp_utf16_sized(const void *text, u32 bytes, u32 field, char *out, u32 room);

/**
 * hvp_utf16_field() - convert text that a NUL ends
 * @text:	UTF-16LE in a field of @field bytes; what follows the NUL is ignored
 *
 * Return: as hvp_utf16_to_utf8(); -EINVAL when there is no NUL.
 */
int hvp_utf16_field(const void *text, u32 field, char *out, u32 room);

/**
 * hvp_utf8_to_utf16() - convert and terminate
 * @text:	UTF-8
 * @len:	its bytes, without a NUL
 * @out:	any alignment; what is behind the NUL stays as it is
 * @room:	bytes of @out
 *
 * Return: bytes written, with the NUL; -EILSEQ for text that is not UTF-8,
 * -EINVAL for a NUL inside, -EMSGSIZE when @room is too small.
 */
int hvp_utf8_to_utf16(const char *text, u32 len, void *out, u32 room);

/**
 * hvp_utf8_length() - bytes in front of the first NUL
 * @text:	field of @room bytes
 *
 * Return: the length, or -EINVAL when there is no NUL.
 */
int hvp_utf8_length(const char *text, u32 room);

/**
 * hvp_utf8_char() - read one character
 * @text:	UTF-8, @len bytes, at least one
 * @code:	its code point
 *
 * Return: bytes of the character, or -EILSEQ.
 */
int hvp_utf8_char(const char *text, u32 len, u32 *code);

#endif
