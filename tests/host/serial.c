// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/serial.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/machine/loop.h"
#include "host/machine/pio.h"
#include "tests/unit/unit.h"

#define PORT	0x3f8
#define DATA	(PORT + 0)
#define IER	(PORT + 1)
#define IIR	(PORT + 2)
#define MCR	(PORT + 4)
#define LSR	(PORT + 5)
#define MSR	(PORT + 6)
#define LCR	(PORT + 3)

struct bench {
	struct loop *loop;
	struct pio *pio;
	struct serial *serial;
	bool irq;
	char text[128];
	size_t len;
	size_t want;
	bool drained;
};

static void set_irq(void *opaque, bool high)
{
	((struct bench *)opaque)->irq = high;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->loop = loop_create();
	b->pio = pio_create();
	b->serial = serial_create(b->loop, set_irq, b);
	assert_int_equal(serial_attach(b->serial, b->pio, PORT), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	serial_destroy(b->serial);
	pio_destroy(b->pio);
	loop_destroy(b->loop);
	free(b);
	return 0;
}

static uint8_t in(struct bench *b, uint16_t port)
{
	return (uint8_t)pio_read(b->pio, port, 1);
}

static void out(struct bench *b, uint16_t port, uint8_t value)
{
	pio_write(b->pio, port, value, 1);
}

static void probes_find_a_16550a(void **state)
{
	struct bench *b = *state;

	out(b, IER, 0xff);
	assert_int_equal(in(b, IER), 0x0f);
	out(b, IER, 0);
	out(b, IIR, 1);
	assert_int_equal(in(b, IIR), 0xc1);
	out(b, MCR, 0x1a);	/* loop back, OUT2, RTS */
	assert_int_equal(in(b, MSR) & 0xf0, 0x90);
	out(b, LCR, 0x80);
	out(b, DATA, 0x55);
	assert_int_equal(in(b, DATA), 0x55);
	out(b, LCR, 3);
	assert_int_equal(in(b, LSR), 0x60);
}

static void an_interrupt_announces_input(void **state)
{
	struct bench *b = *state;

	out(b, IER, 1);
	assert_false(b->irq);
	assert_int_equal(serial_write(b->serial, "hi", 2), 2);
	assert_true(b->irq);
	assert_int_equal(in(b, IIR) & 0x0f, 4);
	assert_int_equal(in(b, LSR) & 1, 1);
	assert_int_equal(in(b, DATA), 'h');
	assert_true(b->irq);
	assert_int_equal(in(b, DATA), 'i');
	assert_false(b->irq);
	assert_int_equal(in(b, LSR) & 1, 0);
}

static void reading_iir_ends_the_transmit_interrupt(void **state)
{
	struct bench *b = *state;

	out(b, IER, 2);
	assert_true(b->irq);
	assert_int_equal(in(b, IIR) & 0x0f, 2);
	assert_false(b->irq);
	assert_int_equal(in(b, IIR) & 0x0f, 1);
	out(b, DATA, 'x');
	assert_true(b->irq);
}

static void take(void *opaque, const uint8_t *buf, size_t len)
{
	struct bench *b = opaque;

	assert_true(b->len + len <= sizeof(b->text));
	memcpy(b->text + b->len, buf, len);
	b->len += len;
	if (b->len == b->want)
		loop_stop(b->loop);
}

static void output_reaches_the_callback(void **state)
{
	struct bench *b = *state;

	serial_set_rx(b->serial, take, b);
	b->want = 5;
	for (const char *c = "hello"; *c; c++)
		out(b, DATA, (uint8_t)*c);
	loop_run(b->loop);
	assert_memory_equal(b->text, "hello", 5);
}

static void ignore(void *opaque, const uint8_t *buf, size_t len)
{
	(void)opaque;
	(void)buf;
	(void)len;
}

static void a_slow_host_stops_the_guest(void **state)
{
	struct bench *b = *state;
	unsigned int sent = 0;

	serial_set_rx(b->serial, ignore, b);
	while (in(b, LSR) & 0x20 && sent < 1000000) {
		out(b, DATA, 'x');
		sent++;
	}
	assert_in_range(sent, 65536 - 64, 65536);
	for (unsigned int i = 0; i < 16; i++)	/* the rest of its FIFO still fits */
		out(b, DATA, 'y');
}

static void note_drained(void *opaque)
{
	struct bench *b = opaque;

	b->drained = true;
	loop_stop(b->loop);
}

static void input_is_bounded_and_drains(void **state)
{
	struct bench *b = *state;
	uint8_t *many = calloc(1, 100000);

	serial_set_drain(b->serial, note_drained, b);
	assert_int_equal(serial_write(b->serial, many, 100000), 65536);
	assert_int_equal(serial_write(b->serial, many, 1), 0);
	for (unsigned int i = 0; i < 65536; i++)
		in(b, DATA);
	loop_run(b->loop);
	assert_true(b->drained);
	free(many);
}

static void stop_loop(void *opaque)
{
	loop_stop(opaque);
}

static void run_once(struct bench *b)
{
	loop_defer(b->loop, stop_loop, b->loop);
	assert_int_equal(loop_run(b->loop), 0);
}

static void console_lines_get_stamps(void **state)
{
	struct bench *b = *state;
	int fd = memfd_create("console", 0);
	char text[128] = "";
	unsigned int seconds, us;
	char first[32], second[32];

	serial_set_output(b->serial, fd, true);
	for (const char *c = "one\r\ntwo"; *c; c++)
		out(b, DATA, (uint8_t)*c);
	serial_flush(b->serial);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	assert_int_equal(sscanf(text, "%u.%u| %31s\n%*u.%*u| %31s", &seconds, &us, first, second), 4);
	assert_string_equal(first, "one");
	assert_string_equal(second, "two");
	serial_set_output(b->serial, -1, false);
	close(fd);
}

/* Nobody reads the console: the guest sees a busy transmitter, no vCPU stands still. */
static void an_unread_console_stops_no_vcpu(void **state)
{
	struct bench *b = *state;
	unsigned int sent = 0, got = 0;
	char buf[4096];
	ssize_t len;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
	serial_set_output(b->serial, ends[1], false);
	while (in(b, LSR) & 0x20 && sent < 1000000) {
		out(b, DATA, 'x');
		if (++sent % 1000 == 0)
			run_once(b);
	}
	assert_in_range(sent, 65536 - 64, 65536 + 8192);
	while (serial_dropped(b->serial) == 0)
		out(b, DATA, 'y');

	/* It is all there once somebody reads. */
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	while (got < sent) {
		run_once(b);
		len = read(ends[0], buf, sizeof(buf));
		assert_true(len > 0);
		for (ssize_t i = 0; i < len && got < sent; i++, got++)
			assert_int_equal(buf[i], 'x');
	}
	assert_int_equal(in(b, LSR) & 0x20, 0x20);
	serial_set_output(b->serial, -1, false);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(probes_find_a_16550a, setup, teardown),
		cmocka_unit_test_setup_teardown(an_interrupt_announces_input, setup, teardown),
		cmocka_unit_test_setup_teardown(reading_iir_ends_the_transmit_interrupt, setup, teardown),
		cmocka_unit_test_setup_teardown(output_reaches_the_callback, setup, teardown),
		cmocka_unit_test_setup_teardown(a_slow_host_stops_the_guest, setup, teardown),
		cmocka_unit_test_setup_teardown(input_is_bounded_and_drains, setup, teardown),
		cmocka_unit_test_setup_teardown(console_lines_get_stamps, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unread_console_stops_no_vcpu, setup, teardown),
	};

	return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
