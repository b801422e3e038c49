// SPDX-License-Identifier: GPL-2.0-only
/*
 * diskio: writes a pattern to a disk, reads it back, compares, and says how
 * fast that was. Any number of requests in flight, any shape in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "pattern.h"
#include "queue.h"

#define NOTES_MAX	5u

enum phase {
	PHASE_WRITE,
	PHASE_READ,
	PHASE_CHECK,
	PHASE_COUNT
};

static const char *const phase_names[PHASE_COUNT] = {
	[PHASE_WRITE] = "write",
	[PHASE_READ] = "read",
	[PHASE_CHECK] = "check",
};

struct tally {
	bool ran;
	uint64_t requests;	/* that ended, well or not */
	uint64_t bytes;		/* of those that ended well */
	uint64_t errors;
	uint64_t mismatches;
	double seconds;
	double slowest;		/* seconds of the slowest request */
};

struct run {
	const struct options *options;
	int fd;
	uint64_t size;
	enum phase phase;
	struct queue *queue;
	struct tally tallies[PHASE_COUNT];
	char first_error[160];
	unsigned int notes;
};

static struct tally *current(struct run *run)
{
	return &run->tallies[run->phase];
}

/* The first few errors say what is wrong; the tally says how many there are. */
static void note(struct run *run, const char *text)
{
	if (!run->first_error[0])
		snprintf(run->first_error, sizeof(run->first_error), "%s", text);
	if (run->notes++ < NOTES_MAX)
		fprintf(stderr, "diskio: %s\n", text);
}

static bool check_data(struct run *run, const struct request *request)
{
	uint64_t offset = request->offset;
	char why[120];
	unsigned int i;

	for (i = 0; i < request->iov_count; i++) {
		const struct iovec *iov = &request->iov[i];

		if (!pattern_check(iov->iov_base, offset, iov->iov_len, run->options->seed, why,
				   sizeof(why))) {
			note(run, why);
			return false;
		}
		offset += iov->iov_len;
	}
	return true;
}

static void request_done(struct request *request, int64_t result)
{
	struct run *run = request->owner;
	struct tally *tally = current(run);
	double took = seconds_now() - request->started;
	char text[160];

	tally->requests++;
	if (took > tally->slowest)
		tally->slowest = took;
	if (result != (int64_t)request->length) {
		snprintf(text, sizeof(text), "%s of %" PRIu32 " bytes at %" PRIu64 ": %s",
			 phase_names[run->phase], request->length, request->offset,
			 result < 0 ? strerror((int)-result) : "cut short");
		tally->errors++;
		note(run, text);
		return;
	}
	tally->bytes += request->length;
	if (run->phase == PHASE_CHECK && !check_data(run, request))
		tally->mismatches++;
}

static void fill(const struct options *options, struct request *request)
{
	uint64_t offset = request->offset;
	unsigned int i;

	for (i = 0; i < request->iov_count; i++) {
		pattern_fill(request->iov[i].iov_base, offset, request->iov[i].iov_len,
			     options->seed);
		offset += request->iov[i].iov_len;
	}
}

/* The last block of an area may be shorter. */
static int start_block(struct run *run, uint64_t block)
{
	const struct options *options = run->options;
	struct request *request = queue_get(run->queue);
	uint64_t at = block * options->block;

	if (!request)
		return -EIO;
	request->offset = options->offset + at;
	request->length = run->size - at < options->block ? (uint32_t)(run->size - at) :
							    options->block;
	request->iov_count = shape_build(options->shape, block, request->arena, request->length,
					 request->iov);
	if (!request->iov_count) {
		note(run, "a request of this length and shape has too many segments");
		return -EINVAL;
	}
	if (run->phase == PHASE_WRITE)
		fill(options, request);
	return queue_submit(run->queue, request, run->phase == PHASE_WRITE);
}

static int sync_now(struct run *run)
{
	int err = queue_drain(run->queue);

	if (!err && fdatasync(run->fd))
		err = -errno;
	return err;
}

static bool too_many_errors(const struct run *run)
{
	const struct tally *tally = &run->tallies[run->phase];

	return tally->errors + tally->mismatches >= run->options->max_errors;
}

/* A step that has no divisor in common with @blocks visits each of them once. */
static uint64_t stride(uint64_t blocks)
{
	uint64_t step = blocks / 2 + blocks / 8 + 1, a, b, rest;

	for (;; step++) {
		for (a = step, b = blocks; b; a = b, b = rest)
			rest = a % b;
		if (a == 1)
			return step;
	}
}

static int one_pass(struct run *run, double until)
{
	const struct options *options = run->options;
	uint64_t blocks = (run->size + options->block - 1) / options->block;
	uint64_t step = options->random ? stride(blocks) : 1;
	uint64_t i;
	int err = 0;

	for (i = 0; i < blocks && !err && !too_many_errors(run); i++) {
		err = start_block(run, i * step % blocks);
		if (!err && run->phase == PHASE_WRITE && options->sync_every &&
		    (i + 1) % options->sync_every == 0)
			err = sync_now(run);
		if (until && seconds_now() > until)
			break;
	}
	return err;
}

/* Return: 0 if every request was started, or -errno; failed requests are in the tally. */
static int run_phase(struct run *run, enum phase phase)
{
	double started = seconds_now();
	double until = run->options->seconds ? started + run->options->seconds : 0;
	int err;

	run->phase = phase;
	current(run)->ran = true;
	do {
		err = one_pass(run, until);
	} while (!err && until && seconds_now() < until && !too_many_errors(run));
	if (!err)
		err = phase == PHASE_WRITE ? sync_now(run) : queue_drain(run->queue);
	else
		queue_drain(run->queue);
	current(run)->seconds = seconds_now() - started;
	if (err) {
		current(run)->errors++;
		note(run, strerror(-err));
	}
	return err;
}

static bool is_fine(const struct run *run)
{
	unsigned int i;

	for (i = 0; i < PHASE_COUNT; i++) {
		if (run->tallies[i].errors || run->tallies[i].mismatches)
			return false;
	}
	return true;
}

static int run_command(struct run *run)
{
	static const enum phase single[COMMAND_COUNT] = {
		[COMMAND_WRITE] = PHASE_WRITE,
		[COMMAND_READ] = PHASE_READ,
		[COMMAND_CHECK] = PHASE_CHECK,
	};
	int err;

	if (run->options->command != COMMAND_VERIFY)
		return run_phase(run, single[run->options->command]);
	err = run_phase(run, PHASE_WRITE);
	if (err || !is_fine(run))
		return err;
	/* What is read must come from the disk. */
	if (run->options->buffered)
		posix_fadvise(run->fd, 0, 0, POSIX_FADV_DONTNEED);
	return run_phase(run, PHASE_CHECK);
}

static void report_json(const struct run *run)
{
	unsigned int i;

	printf("{\"ok\":%s,\"path\":\"%s\"", is_fine(run) ? "true" : "false", run->options->path);
	for (i = 0; i < PHASE_COUNT; i++) {
		const struct tally *tally = &run->tallies[i];

		if (!tally->ran)
			continue;
		printf(",\"%s\":{\"requests\":%" PRIu64 ",\"bytes\":%" PRIu64
		       ",\"errors\":%" PRIu64 ",\"mismatches\":%" PRIu64
		       ",\"seconds\":%.3f,\"slowest\":%.3f,\"mib_per_s\":%.1f}",
		       phase_names[i], tally->requests, tally->bytes, tally->errors,
		       tally->mismatches, tally->seconds, tally->slowest,
		       (double)tally->bytes / (1 << 20) / (tally->seconds + 1e-9));
	}
	if (run->first_error[0])
		printf(",\"first_error\":\"%s\"", run->first_error);
	printf("}\n");
}

static void report_text(const struct run *run)
{
	unsigned int i;

	for (i = 0; i < PHASE_COUNT; i++) {
		const struct tally *tally = &run->tallies[i];

		if (!tally->ran)
			continue;
		printf("%s: %" PRIu64 " requests, %.1f MiB in %.2f s, %.1f MiB/s, slowest %.0f ms",
		       phase_names[i], tally->requests, (double)tally->bytes / (1 << 20),
		       tally->seconds,
		       (double)tally->bytes / (1 << 20) / (tally->seconds + 1e-9),
		       tally->slowest * 1000);
		if (tally->errors || tally->mismatches)
			printf(", %" PRIu64 " failed, %" PRIu64 " with wrong data", tally->errors,
			       tally->mismatches);
		printf("\n");
	}
}

/* The area must lie within the file, which may be a block device. */
static int find_size(struct run *run)
{
	const struct options *options = run->options;
	struct stat status;
	uint64_t bytes;

	if (fstat(run->fd, &status))
		return -errno;
	bytes = (uint64_t)status.st_size;
	if (S_ISBLK(status.st_mode) && ioctl(run->fd, BLKGETSIZE64, &bytes))
		return -errno;
	if (options->offset >= bytes)
		return -ERANGE;
	run->size = options->size ? options->size : bytes - options->offset;
	if (run->size > bytes - options->offset)
		return S_ISREG(status.st_mode) ? 0 : -ERANGE;
	return 0;
}

static int open_file(struct run *run)
{
	const struct options *options = run->options;
	int flags = O_CLOEXEC | (options->buffered ? 0 : O_DIRECT);
	bool writes = options->command == COMMAND_WRITE || options->command == COMMAND_VERIFY;

	run->fd = open(options->path, flags | (writes ? O_RDWR : O_RDONLY));
	if (run->fd < 0)
		return -errno;
	return find_size(run);
}

int main(int argc, char **argv)
{
	static struct run run;
	struct options options;
	int err = options_parse(&options, argc, argv);

	if (err)
		return err < 0 ? 2 : 0;
	run.options = &options;
	err = open_file(&run);
	if (!err)
		err = queue_create(&run.queue, run.fd, options.depth, options.shape,
				   options.block, request_done, &run);
	if (err) {
		fprintf(stderr, "diskio: %s: %s\n", options.path, strerror(-err));
		return 2;
	}
	run_command(&run);
	if (options.json)
		report_json(&run);
	else
		report_text(&run);
	queue_destroy(run.queue);
	close(run.fd);
	return is_fine(&run) ? 0 : 1;
}
