// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/serial.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "host/log.h"
#include "host/machine/loop.h"
#include "host/machine/pio.h"

/*
 * Registers are touched by vCPU threads, the two queues by vCPU threads and
 * the loop: everything below is under one lock, which is not held while a
 * callback of the layers above runs.
 *
 *	guest THR -> (line ->) to_loop -> loop: rx_cb or write(fd)
 *	guest RBR <- to_guest <- serial_write()
 *
 * A transmitted byte is on its way at once; "transmitter empty" is only false
 * while to_loop is nearly full. A guest that does not care loses what it sends
 * then. No vCPU ever waits for whoever reads the console.
 */
#define REG_DATA	0	/* RBR, THR; DLL with DLAB */
#define REG_IER		1	/* DLM with DLAB */
#define REG_IIR		2	/* FCR when written */
#define REG_LCR		3
#define REG_MCR		4
#define REG_LSR		5
#define REG_MSR		6
#define REG_SCRATCH	7
#define REG_COUNT	8

#define IER_RX		0x01
#define IER_TX		0x02
#define IER_MASK	0x0f
#define IIR_NONE	0x01
#define IIR_TX		0x02
#define IIR_RX		0x04
#define IIR_FIFOS	0xc0
#define FCR_ENABLE	0x01
#define FCR_CLEAR_RX	0x02
#define LCR_DLAB	0x80
#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_OUT1	0x04
#define MCR_OUT2	0x08
#define MCR_LOOP	0x10
#define MCR_MASK	0x1f
#define LSR_DATA	0x01
#define LSR_TX_EMPTY	0x60	/* holding register and shifter */
#define MSR_CTS		0x10
#define MSR_DSR		0x20
#define MSR_RI		0x40
#define MSR_DCD		0x80

#define QUEUE_SIZE	65536u	/* power of two */
#define TX_SLACK	64u	/* a guest writes a whole FIFO after one look at LSR */
#define WRITE_MAX	512u	/* at a time: a descriptor that polls writable takes that much */
#define LINE_SIZE	1024u
#define LINE_SLACK	(2 * LINE_SIZE)	/* ... and may end a line with its first byte */

struct byte_queue {
	uint32_t head;		/* free-running */
	uint32_t tail;
	uint8_t data[QUEUE_SIZE];
};

struct serial {
	struct loop *loop;
	serial_irq_cb irq;
	void *irq_opaque;

	pthread_mutex_t lock;	/* protects everything below */
	uint8_t ier, fcr, lcr, mcr, scratch, dll, dlm;
	bool tx_irq;		/* transmitter became empty, not yet seen in IIR */
	bool line_high;

	struct byte_queue to_guest;
	struct byte_queue to_loop;
	bool rx_posted;		/* deliver() is on its way */
	bool drain_posted;
	serial_rx_cb rx_cb;
	void *rx_opaque;
	void (*drain_cb)(void *opaque);
	void *drain_opaque;

	int fd;			/* -1: none; set before the guest runs */
	bool stamps;
	char line[LINE_SIZE];
	size_t line_len;
	uint64_t dropped;	/* bytes sent though the transmitter was busy */

	/* the loop's, without the lock: taken from to_loop, not written yet */
	uint8_t rest[WRITE_MAX];
	size_t rest_at, rest_len;
	bool waiting;		/* for the descriptor to become writable */
};

static uint32_t queue_used(const struct byte_queue *queue)
{
	return queue->head - queue->tail;
}

static void queue_put(struct byte_queue *queue, uint8_t byte)
{
	queue->data[queue->head++ % QUEUE_SIZE] = byte;
}

static uint8_t queue_get(struct byte_queue *queue)
{
	return queue->data[queue->tail++ % QUEUE_SIZE];
}

static bool tx_room(const struct serial *serial)
{
	return queue_used(&serial->to_loop) < QUEUE_SIZE - (serial->stamps ? LINE_SLACK : TX_SLACK);
}

/* Interrupts: the functions down to the registers need the lock. */

static uint8_t irq_cause(const struct serial *serial)
{
	if (serial->ier & IER_RX && queue_used(&serial->to_guest))
		return IIR_RX;
	if (serial->ier & IER_TX && serial->tx_irq && tx_room(serial))
		return IIR_TX;
	return IIR_NONE;
}

static void update_irq(struct serial *serial)
{
	bool high = irq_cause(serial) != IIR_NONE;

	if (high == serial->line_high)
		return;
	serial->line_high = high;
	serial->irq(serial->irq_opaque, high);
}

/* Output: what a vCPU sends is queued, the loop passes it on. */

#define DELIVER_MAX	4096u
#define FLUSH_MS	1000

static void deliver(void *opaque);

/* A line is passed on whole or not at all. */
static void queue_output(struct serial *serial, const char *buf, size_t len)
{
	if (len > QUEUE_SIZE - queue_used(&serial->to_loop)) {
		serial->dropped += len;
		return;
	}
	while (len--)
		queue_put(&serial->to_loop, (uint8_t)*buf++);
	if (!serial->rx_posted)
		serial->rx_posted = !loop_post(serial->loop, deliver, serial);
}

static void end_line(struct serial *serial)
{
	uint64_t us = log_uptime_ns() / 1000;
	char out[LINE_SIZE + 32];
	int len;

	if (!serial->line_len)
		return;
	len = snprintf(out, sizeof(out), "%4u.%06u| %.*s\n", (unsigned int)(us / 1000000),
		       (unsigned int)(us % 1000000), (int)serial->line_len, serial->line);
	queue_output(serial, out, (size_t)len);
	serial->line_len = 0;
}

static void output_byte(struct serial *serial, uint8_t byte)
{
	char c = (char)byte;

	if (!serial->stamps) {
		queue_output(serial, &c, 1);
		return;
	}
	if (c == '\n' && !serial->line_len)
		serial->line[serial->line_len++] = ' ';
	if (c == '\n' || serial->line_len == LINE_SIZE)
		end_line(serial);
	if (c != '\n' && c != '\r' && c != '\0')
		serial->line[serial->line_len++] = c;
}

/* The loop's side: nothing here holds the lock while it writes or calls. */

static size_t take_output(struct serial *serial, uint8_t *buf, size_t max)
{
	size_t len;

	pthread_mutex_lock(&serial->lock);
	for (len = 0; len < max && queue_used(&serial->to_loop); len++)
		buf[len] = queue_get(&serial->to_loop);
	if (!len)
		serial->rx_posted = false;
	update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
	return len;
}

static bool writable(int fd, int wait_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	return poll(&poll_fd, 1, wait_ms) == 1;
}

/* Return: false when the reader has to read first. */
static bool write_rest(struct serial *serial, int wait_ms)
{
	while (serial->rest_len) {
		ssize_t done;

		if (!writable(serial->fd, wait_ms))
			return false;
		done = write(serial->fd, serial->rest + serial->rest_at, serial->rest_len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)	/* a console that went away does not stop the guest */
			done = (ssize_t)serial->rest_len;
		serial->rest_at += (size_t)done;
		serial->rest_len -= (size_t)done;
	}
	return true;
}

static bool write_output(struct serial *serial, int wait_ms)
{
	do {
		if (!write_rest(serial, wait_ms))
			return false;
		serial->rest_at = 0;
		serial->rest_len = take_output(serial, serial->rest, WRITE_MAX);
	} while (serial->rest_len);
	return true;
}

static void output_writable(void *opaque, int fd, uint32_t events)
{
	struct serial *serial = opaque;

	(void)events;
	if (!write_output(serial, 0))
		return;
	loop_del(serial->loop, fd);
	serial->waiting = false;
}

static void deliver_to_fd(struct serial *serial)
{
	if (serial->waiting || write_output(serial, 0))
		return;
	/* Regular files cannot be waited for, but they are always writable. */
	serial->waiting = !loop_add(serial->loop, serial->fd, EPOLLOUT, output_writable, serial);
}

static void deliver(void *opaque)
{
	struct serial *serial = opaque;
	uint8_t buf[DELIVER_MAX];
	size_t len;

	if (serial->fd >= 0) {
		deliver_to_fd(serial);
		return;
	}
	while ((len = take_output(serial, buf, sizeof(buf))))
		if (serial->rx_cb)
			serial->rx_cb(serial->rx_opaque, buf, len);
}

static void drained(void *opaque)
{
	struct serial *serial = opaque;

	pthread_mutex_lock(&serial->lock);
	serial->drain_posted = false;
	pthread_mutex_unlock(&serial->lock);
	if (serial->drain_cb)
		serial->drain_cb(serial->drain_opaque);
}

static void transmit(struct serial *serial, uint8_t byte)
{
	char c = (char)byte;

	if (serial->mcr & MCR_LOOP) {
		if (queue_used(&serial->to_guest) < QUEUE_SIZE)
			queue_put(&serial->to_guest, byte);
	} else if (serial->fd >= 0) {
		output_byte(serial, byte);
	} else if (serial->rx_cb) {
		queue_output(serial, &c, 1);
	}
	serial->tx_irq = true;
}

static uint8_t receive(struct serial *serial)
{
	uint8_t byte;

	if (!queue_used(&serial->to_guest))
		return 0;
	byte = queue_get(&serial->to_guest);
	if (!queue_used(&serial->to_guest) && serial->drain_cb && !serial->drain_posted)
		serial->drain_posted = !loop_post(serial->loop, drained, serial);
	return byte;
}

/* Registers */

static uint8_t read_iir(struct serial *serial)
{
	uint8_t cause = irq_cause(serial);

	if (cause == IIR_TX)
		serial->tx_irq = false;
	return cause | (serial->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
}

static uint8_t read_lsr(const struct serial *serial)
{
	return (queue_used(&serial->to_guest) ? LSR_DATA : 0) |
	       (tx_room(serial) ? LSR_TX_EMPTY : 0);
}

static uint8_t read_msr(const struct serial *serial)
{
	if (!(serial->mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	return (serial->mcr & MCR_DTR ? MSR_DSR : 0) | (serial->mcr & MCR_RTS ? MSR_CTS : 0) |
	       (serial->mcr & MCR_OUT1 ? MSR_RI : 0) | (serial->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static uint8_t read_register(struct serial *serial, uint16_t reg)
{
	bool dlab = serial->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		return dlab ? serial->dll : receive(serial);
	case REG_IER:
		return dlab ? serial->dlm : serial->ier;
	case REG_IIR:
		return read_iir(serial);
	case REG_LCR:
		return serial->lcr;
	case REG_MCR:
		return serial->mcr;
	case REG_LSR:
		return read_lsr(serial);
	case REG_MSR:
		return read_msr(serial);
	default:
		return serial->scratch;
	}
}

static void write_ier(struct serial *serial, uint8_t value)
{
	if (value & IER_TX && !(serial->ier & IER_TX))
		serial->tx_irq = true;
	serial->ier = value & IER_MASK;
}

/*
 * Drivers clear the FIFOs when they open the port and often in between. What
 * the host has sent by then must not be lost: for the agent's port there is no
 * second time. The loop-back test of a probe needs it, and nothing else does.
 */
static void write_fcr(struct serial *serial, uint8_t value)
{
	if (value & FCR_CLEAR_RX && serial->mcr & MCR_LOOP)
		serial->to_guest.tail = serial->to_guest.head;
	serial->fcr = value;
}

static void write_register(struct serial *serial, uint16_t reg, uint8_t value)
{
	bool dlab = serial->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		if (dlab)
			serial->dll = value;
		else
			transmit(serial, value);
		break;
	case REG_IER:
		if (dlab)
			serial->dlm = value;
		else
			write_ier(serial, value);
		break;
	case REG_IIR:
		write_fcr(serial, value);
		break;
	case REG_LCR:
		serial->lcr = value;
		break;
	case REG_MCR:
		serial->mcr = value & MCR_MASK;
		break;
	case REG_SCRATCH:
		serial->scratch = value;
		break;
	}
}

static uint32_t serial_port_read(void *opaque, uint16_t offset, unsigned int size)
{
	struct serial *serial = opaque;
	uint8_t value;

	(void)size;
	pthread_mutex_lock(&serial->lock);
	value = read_register(serial, offset);
	update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
	return value;
}

static void serial_port_write(void *opaque, uint16_t offset, uint32_t value, unsigned int size)
{
	struct serial *serial = opaque;

	(void)size;
	pthread_mutex_lock(&serial->lock);
	write_register(serial, offset, (uint8_t)value);
	update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
}

static const struct pio_ops serial_ops = { .read = serial_port_read, .write = serial_port_write };

/* The outside */

struct serial *serial_create(struct loop *loop, serial_irq_cb irq, void *opaque)
{
	struct serial *serial = calloc(1, sizeof(*serial));

	if (!serial)
		return NULL;
	serial->loop = loop;
	serial->irq = irq;
	serial->irq_opaque = opaque;
	serial->fd = -1;
	pthread_mutex_init(&serial->lock, NULL);
	return serial;
}

static void stop_waiting(struct serial *serial)
{
	if (serial->waiting)
		loop_del(serial->loop, serial->fd);
	serial->waiting = false;
	serial->rest_len = 0;
}

void serial_destroy(struct serial *serial)
{
	if (!serial)
		return;
	serial_flush(serial);
	stop_waiting(serial);
	loop_forget(serial->loop, serial);
	pthread_mutex_destroy(&serial->lock);
	free(serial);
}

int serial_attach(struct serial *serial, struct pio *pio, uint16_t port)
{
	return pio_attach(pio, port, REG_COUNT, &serial_ops, serial);
}

void serial_set_output(struct serial *serial, int fd, bool stamps)
{
	serial_flush(serial);
	stop_waiting(serial);
	pthread_mutex_lock(&serial->lock);
	serial->fd = fd;
	serial->stamps = stamps;
	pthread_mutex_unlock(&serial->lock);
}

void serial_set_rx(struct serial *serial, serial_rx_cb cb, void *opaque)
{
	pthread_mutex_lock(&serial->lock);
	serial->rx_cb = cb;
	serial->rx_opaque = opaque;
	pthread_mutex_unlock(&serial->lock);
}

void serial_set_drain(struct serial *serial, void (*cb)(void *opaque), void *opaque)
{
	pthread_mutex_lock(&serial->lock);
	serial->drain_cb = cb;
	serial->drain_opaque = opaque;
	pthread_mutex_unlock(&serial->lock);
}

size_t serial_write(struct serial *serial, const void *buf, size_t len)
{
	const uint8_t *bytes = buf;
	size_t done = 0;

	pthread_mutex_lock(&serial->lock);
	while (done < len && queue_used(&serial->to_guest) < QUEUE_SIZE)
		queue_put(&serial->to_guest, bytes[done++]);
	update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
	return done;
}

void serial_flush(struct serial *serial)
{
	if (serial->fd < 0)
		return;
	pthread_mutex_lock(&serial->lock);
	end_line(serial);
	pthread_mutex_unlock(&serial->lock);
	write_output(serial, FLUSH_MS);
}

uint64_t serial_dropped(struct serial *serial)
{
	uint64_t dropped;

	pthread_mutex_lock(&serial->lock);
	dropped = serial->dropped;
	pthread_mutex_unlock(&serial->lock);
	return dropped;
}
