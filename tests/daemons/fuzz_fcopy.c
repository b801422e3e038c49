// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_fcopy with any messages in any order, on a real folder:
 *
 *   <folder>/root/d/        a folder        <folder>/outside   must never change
 *   <folder>/root/f         a file          <folder>/note
 *   <folder>/root/l -> ..   a symbolic link
 *
 * What must hold: between copies there is neither a temporary file nor a note,
 * and nothing outside the root changes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/fcopy/copy.h"
#include "tests/fuzz/fuzz.h"

static char folder[64], root[80], note[80];
static struct policy policy;
static unsigned int found;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	return where->level ? remove(path) : 0;
}

static void refill(void)
{
	char path[96];

	require(!nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS));
	snprintf(path, sizeof(path), "%s/d", root);
	require(!mkdir(path, 0700));
	snprintf(path, sizeof(path), "%s/l", root);
	require(!symlink("..", path));
	snprintf(path, sizeof(path), "%s/f", root);
	close(open(path, O_WRONLY | O_CREAT, 0600));
}

static void remove_folder(void)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	rmdir(root);
	unlink(note);
	rmdir(folder);
}

static void prepare(void)
{
	char text[128];

	if (*folder)
		return;
	strcpy(folder, access("/dev/shm", W_OK) ? "/tmp/fuzz-fcopy-XXXXXX" :
					      "/dev/shm/fuzz-fcopy-XXXXXX");
	require(mkdtemp(folder));
	snprintf(root, sizeof(root), "%s/root", folder);
	snprintf(note, sizeof(note), "%s/note", folder);
	require(!mkdir(root, 0700));
	snprintf(text, sizeof(text), "root = %s\nmax-size = 64K\nowner = %u:%u\n", root, geteuid(),
		 getegid());
	require(!policy_parse(&policy, "fuzz", text, strlen(text), NULL));
	atexit(remove_folder);
}

static int look(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	found += place_is_temporary(path + where->base);
	return 0;
}

static void check(const struct copy *copy)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	unsigned int entries = 0;

	require(dir);
	while ((entry = readdir(dir)))
		entries += entry->d_name[0] != '.';
	closedir(dir);
	found = 0;
	nftw(root, look, 8, FTW_PHYS);
	require(found == (copy->state == COPY_RECEIVING));
	require(entries == 1 + (copy->state == COPY_RECEIVING));
	require(copy->state == COPY_IDLE ? copy->file < 0 && copy->folder < 0 :
		copy->file >= 0 && copy->received <= copy->size);
}

/* A START that gets far, and one that is anything. */
static void make_start(struct input *in, struct hv_start_fcopy *start)
{
	char *name = (char *)start + offsetof(struct hv_start_fcopy, file_name);
	char *path = (char *)start + offsetof(struct hv_start_fcopy, path_name);
	u8 sizes = input_u8(in);
	size_t used;

	memset(start, 0, sizeof(*start));
	start->hdr.operation = START_FILE_COPY;
	start->copy_flags = input_u8(in) & 7;
	start->file_size = input_u8(in);
	input_take(in, name, sizes & 15);
	strcpy(path, root);
	used = strlen(path);
	path[used] = '/';
	input_take(in, path + used + 1, sizes >> 4);
}

static void send_message(struct input *in, struct copy *copy)
{
	struct hv_start_fcopy start;
	struct hv_do_fcopy *part;
	struct err err = { "" };
	u8 kind = input_u8(in);
	size_t length;
	int ret = 0;
	void *block;

	switch (kind % 6) {
	case 0:
		make_start(in, &start);
		ret = copy_message(copy, &start, sizeof(start), &err);
		break;
	case 1:
	case 2:
		/* The part that fits, with something of the input in it. */
		length = offsetof(struct hv_do_fcopy, data) + input_u8(in);
		part = input_block(in, length);
		part->hdr.operation = WRITE_TO_FILE;
		if (kind % 6 == 1) {
			part->offset = copy->received;
			part->size = (u32)(length - offsetof(struct hv_do_fcopy, data));
		}
		ret = copy_message(copy, part, length, &err);
		free(part);
		break;
	case 3:
	case 4:
		start.hdr.operation = kind % 6 == 3 ? COMPLETE_FCOPY : CANCEL_FCOPY;
		ret = copy_message(copy, &start, sizeof(start.hdr), &err);
		break;
	case 5:
		length = input_u32(in) % 1200;
		block = input_block(in, length);
		ret = copy_message(copy, block, length, &err);
		free(block);
		break;
	}
	require(ret >= 0 || (err.text[0] && copy->state == COPY_IDLE && copy_status(ret)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct copy copy = { .policy = &policy, .leftover = note, .folder = -1, .file = -1 };
	struct input in = { data, size };
	unsigned int messages;

	prepare();
	refill();
	for (messages = 0; in.left && messages < 16; messages++) {
		send_message(&in, &copy);
		check(&copy);
	}
	copy_abort(&copy);
	check(&copy);
	return 0;
}
