/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_BASE64_H
#define HOST_CONTROL_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the text for @len bytes, with its NUL. */
#define BASE64_ROOM(len)	(((len) + 2) / 3 * 4 + 1)

/* @out has BASE64_ROOM(@len) bytes. */
void base64_encode(const uint8_t *in, size_t len, char *out);

/**
 * base64_decode() - back to bytes
 * @out:	room for 3 bytes for every 4 characters
 *
 * Return: bytes, or -1 for text that is no base64.
 */
long base64_decode(const char *text, uint8_t *out);

#endif
