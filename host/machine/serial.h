/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_SERIAL_H
#define HOST_MACHINE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A 16550A. COM1 is the console, COM2 the byte pipe of the guest agent.
 *
 * What the guest sends goes, line by line, to a file descriptor
 * (serial_set_output) or, in pieces, to a callback in the loop
 * (serial_set_rx), or nowhere. Whoever is slow to take it stops the guest, but
 * no vCPU: the transmitter reports "busy" while 64 KiB wait.
 */
struct loop;
struct pio;
struct serial;

/* Drives the interrupt line; called with the chip's lock held, any thread. */
typedef void (*serial_irq_cb)(void *opaque, bool high);

/* Loop thread. Bytes the guest sent, in order. */
typedef void (*serial_rx_cb)(void *opaque, const uint8_t *buf, size_t len);

struct serial *serial_create(struct loop *loop, serial_irq_cb irq, void *opaque);
void serial_destroy(struct serial *serial);

/* Attach the eight registers at @port. Return: 0 or -errno. */
int serial_attach(struct serial *serial, struct pio *pio, uint16_t port);

/* @stamps: lines are buffered and get the host's time in front; else every byte is written at once. */
void serial_set_output(struct serial *serial, int fd, bool stamps);
void serial_set_rx(struct serial *serial, serial_rx_cb cb, void *opaque);

/**
 * serial_write() - send bytes to the guest; any thread
 *
 * Return: how many were taken (the receive queue holds 64 KiB). Call again when
 * the callback of serial_set_drain() says there is room.
 */
size_t serial_write(struct serial *serial, const void *buf, size_t len);

/* Loop thread: the receive queue ran empty. */
void serial_set_drain(struct serial *serial, void (*cb)(void *opaque), void *opaque);

/* Loop thread. Push out an unfinished console line; waits a second at most for its reader. */
void serial_flush(struct serial *serial);

/* Bytes lost because the guest sent them though the transmitter was busy. Any thread. */
uint64_t serial_dropped(struct serial *serial);

#endif
