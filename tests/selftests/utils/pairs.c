// SPDX-License-Identifier: GPL-2.0-only
/*
 * An application with an invariant, for backups: a file of records whose two halves always match.
 *
 *	pairs write DIR [SECONDS]   writes until it is killed, or so long; prints how many records
 *	pairs check DIR             exits with 0 when every record matches
 *
 * A record is written by one write(), which a file system that is frozen finishes or has not begun. So an image of a
 * frozen file system has matching pairs only; one that is taken in passing has torn records, or a half of each age.
 * Beside the records a directory churns: files come, are renamed and go, which keeps the journal busy.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HALF		(64 * 1024)
#define WORDS		(HALF / sizeof(uint64_t))
#define RECORDS		64
#define CHURN		32

struct record {
	uint64_t half[2][WORDS];
};

static struct record record;
static const char *directory;

static int die(const char *what)
{
	fprintf(stderr, "pairs: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Every word tells the generation and its own place: a half of another age or place differs in all words. */
static void fill(uint64_t number, uint64_t generation)
{
	size_t i;

	for (i = 0; i < WORDS; i++) {
		record.half[0][i] = generation << 24 | number << 16 | (i & 0xffff);
		record.half[1][i] = record.half[0][i];
	}
}

static int check(uint64_t number)
{
	uint64_t generation = record.half[0][0] >> 24;
	size_t i;

	for (i = 0; i < WORDS; i++) {
		uint64_t wanted = generation << 24 | number << 16 | (i & 0xffff);

		if (record.half[0][i] != wanted || record.half[1][i] != wanted) {
			printf("record %llu: generation %llu, but word %zu has %#llx and %#llx\n",
			       (unsigned long long)number, (unsigned long long)generation, i,
			       (unsigned long long)record.half[0][i],
			       (unsigned long long)record.half[1][i]);
			return 1;
		}
	}
	return 0;
}

static int open_records(int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/records", directory);
	return open(path, flags, 0600);
}

static void churn(uint64_t turn)
{
	char path[4096], other[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/new-%llu", directory, (unsigned long long)turn % CHURN);
	snprintf(other, sizeof(other), "%s/old-%llu", directory, (unsigned long long)turn % CHURN);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return;
	if (write(fd, &record, 1024 + turn % 4096) > 0 && turn % 3)
		rename(path, other);
	else
		unlink(path);
	close(fd);
}

static int write_records(double seconds)
{
	time_t end = time(NULL) + (time_t)seconds;
	uint64_t turn;
	int fd = open_records(O_RDWR | O_CREAT);

	if (fd < 0)
		return die(directory);
	srandom(1);
	/* All of them once, so that an image of any moment from here on has whole records. */
	for (turn = 0; turn < RECORDS; turn++) {
		fill(turn, 1);
		if (pwrite(fd, &record, sizeof(record), (off_t)(turn * sizeof(record))) !=
		    (ssize_t)sizeof(record))
			return die("write");
	}
	if (fsync(fd))
		return die("fsync");
	printf("ready\n");
	fflush(stdout);
	for (turn = 2; !seconds || time(NULL) < end; turn++) {
		uint64_t number = (uint64_t)random() % RECORDS;

		fill(number, turn);
		if (pwrite(fd, &record, sizeof(record), (off_t)(number * sizeof(record))) !=
		    (ssize_t)sizeof(record))
			return die("write");
		churn(turn);
		if (turn % 16 == 0 && fsync(fd))
			return die("fsync");
	}
	printf("%llu records written\n", (unsigned long long)turn);
	return 0;
}

static int check_records(void)
{
	int fd = open_records(O_RDONLY), bad = 0;
	uint64_t number;

	if (fd < 0)
		return die(directory);
	for (number = 0; number < RECORDS; number++) {
		if (pread(fd, &record, sizeof(record), (off_t)(number * sizeof(record))) !=
		    (ssize_t)sizeof(record))
			return die("read");
		bad += check(number);
	}
	printf("%d records, %d do not match\n", RECORDS, bad);
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3) {
		directory = argv[2];
		if (!strcmp(argv[1], "write") && argc <= 4)
			return write_records(argc == 4 ? atof(argv[3]) : 0);
		if (!strcmp(argv[1], "check") && argc == 3)
			return check_records();
	}
	fprintf(stderr, "usage: pairs write DIR [SECONDS] | check DIR\n");
	return 2;
}
