// SPDX-License-Identifier: GPL-2.0-only
/*
 *              START                      WRITE, at .received
 *   IDLE -----------------> RECEIVING <------------+
 *    ^ ^                      |  |  |              |
 *    | |       COMPLETE       |  |  +--------------+
 *    | +----------------------+  |
 *    |   all bytes are there     | anything else, CANCEL, the host silent for long,
 *    |                           | the driver gone, the daemon stopped
 *    +---------------------------+
 *        nothing is there
 *
 * A START while RECEIVING gives the old copy up and begins the new one. CANCEL
 * is fine in IDLE: the copy may have been given up here first.
 *
 * On disk, in this order, so that a kill or a power cut leaves the target as it
 * was or complete, and the next start finds what else there is by the note:
 *
 *   note what will be made -> make folders -> temporary file beside the target,
 *   own, mode -> write -> fsync -> rename -> fsync of the folder -> forget the note
 */
#include "daemons/fcopy/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemons/fcopy/leftover.h"

/* Bounds the time of the last fsync, which the host does not wait long for. */
#define SYNC_EVERY_BYTES	(16u << 20)

uint32_t copy_status(int ret)
{
	if (ret >= 0)
		return HV_S_OK;
	if (ret == -EEXIST)
		return HV_ERROR_ALREADY_EXISTS;
	if (ret == -ENOSPC || ret == -EDQUOT)
		return HV_ERROR_DISK_FULL;
	return HV_E_FAIL;
}

static void forget(struct copy *copy)
{
	if (copy->file >= 0)
		close(copy->file);
	if (copy->folder >= 0)
		close(copy->folder);
	copy->file = -1;
	copy->folder = -1;
	copy->state = COPY_IDLE;
	leftover_forget(copy->leftover);
}

void copy_abort(struct copy *copy)
{
	if (copy->state == COPY_IDLE)
		return;
	/* Its folder may have another path by now, or none. */
	if (copy->folder >= 0 && place_is_temporary(copy->place.temporary))
		unlinkat(copy->folder, copy->place.temporary, 0);
	place_clean(&copy->place);
	forget(copy);
}

/* --- START --------------------------------------------------------------------- */

static int check_target(const struct copy *copy, struct err *err)
{
	struct stat status;

	if (fstatat(copy->folder, copy->name, &status, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : err_set(err, -errno, "%.160s: %s", copy->name,
						      strerror(errno));
	if (!copy->overwrite)
		return err_set(err, -EEXIST, "%.160s is there already", copy->name);
	if (!S_ISREG(status.st_mode))
		return err_set(err, -EINVAL, "%.160s is no regular file: it is not overwritten",
			       copy->name);
	return 0;
}

static int check_space(const struct copy *copy, struct err *err)
{
	struct statvfs status;
	uint64_t free_bytes;

	if (fstatvfs(copy->folder, &status))
		return err_set(err, -errno, "free space: %s", strerror(errno));
	free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
	if (copy->size > free_bytes || free_bytes - copy->size < copy->policy->reserve_bytes)
		return err_set(err, -ENOSPC, "%llu bytes do not fit: %llu are free, %llu must stay free",
			       (unsigned long long)copy->size, (unsigned long long)free_bytes,
			       (unsigned long long)copy->policy->reserve_bytes);
	return 0;
}

static int create_file(struct copy *copy, struct err *err)
{
	copy->file = openat(copy->folder, copy->place.temporary,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (copy->file < 0)
		return err_set(err, -errno, "temporary file: %s", strerror(errno));
	if (fchmod(copy->file, copy->policy->mode))
		return err_set(err, -errno, "mode %04o: %s", copy->policy->mode, strerror(errno));
	return place_own(copy->file, copy->folder, copy->policy, err);
}

/* Names and numbers only; nothing is touched. */
static int read_start(struct copy *copy, const struct hv_start_fcopy *start, struct err *err)
{
	const struct policy *policy = copy->policy;
	char path[NAMES_FIELD_BYTES];
	int ret;

	ret = names_take((const char *)start + offsetof(struct hv_start_fcopy, file_name),
			 copy->name, err);
	if (!ret)
		ret = names_take((const char *)start + offsetof(struct hv_start_fcopy, path_name),
				 path, err);
	if (!ret)
		ret = names_check_file(copy->name, err);
	if (!ret)
		ret = place_find(&copy->place, policy, path, err);
	if (ret)
		return ret;
	if (start->copy_flags & ~(uint32_t)(OVER_WRITE | CREATE_PATH))
		return err_set(err, -EINVAL, "flags %#x are not known", start->copy_flags);
	if (start->file_size > policy->max_bytes)
		return err_set(err, -EFBIG, "%llu bytes are more than a file may have",
			       (unsigned long long)start->file_size);
	copy->overwrite = (start->copy_flags & OVER_WRITE) && !policy->deny_overwrite;
	copy->size = start->file_size;
	copy->received = 0;
	copy->unsynced = 0;
	return 0;
}

static int open_folder(struct copy *copy, bool may_create, struct err *err)
{
	int ret = place_count_missing(&copy->place, err);

	if (ret)
		return ret;
	if (copy->place.made && !may_create)
		return err_set(err, -ENOENT, "the folder %.80s/%.120s is not there",
			       copy->place.root, copy->place.path);
	ret = place_name_temporary(&copy->place, err);
	if (!ret)
		ret = leftover_note(copy->leftover, &copy->place, err);
	if (ret)
		return ret;
	copy->state = COPY_RECEIVING;
	copy->folder = place_make(&copy->place, copy->policy, err);
	return copy->folder < 0 ? copy->folder : 0;
}

static int take_start(struct copy *copy, const void *message, size_t length, struct err *err)
{
	const struct hv_start_fcopy *start = message;
	bool may_create;
	int ret;

	copy_abort(copy);
	if (length < sizeof(*start))
		return err_set(err, -EBADMSG, "START of %zu bytes", length);
	ret = read_start(copy, start, err);
	if (ret)
		return ret;
	may_create = (start->copy_flags & CREATE_PATH) && !copy->policy->deny_create_path;
	ret = open_folder(copy, may_create, err);
	if (!ret)
		ret = check_target(copy, err);
	if (!ret)
		ret = check_space(copy, err);
	if (!ret)
		ret = create_file(copy, err);
	return ret;
}

/* --- WRITE ---------------------------------------------------------------------- */

static int write_all(int fd, const uint8_t *bytes, size_t left, uint64_t offset)
{
	while (left) {
		ssize_t done = pwrite(fd, bytes, left, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		bytes += done;
		offset += (uint64_t)done;
		left -= (size_t)done;
	}
	return 0;
}

static int check_write(const struct copy *copy, const struct hv_do_fcopy *part, size_t length,
		       struct err *err)
{
	size_t head = offsetof(struct hv_do_fcopy, data);

	if (length < head || part->size > length - head || part->size > DATA_FRAGMENT)
		return err_set(err, -EBADMSG, "WRITE of %zu bytes, which says it brings %u", length,
			       length < head ? 0 : part->size);
	if (copy->state != COPY_RECEIVING)
		return err_set(err, -EPROTO, "WRITE without START");
	if (part->offset != copy->received)
		return err_set(err, -EPROTO, "WRITE at %llu; %llu bytes are here",
			       (unsigned long long)part->offset,
			       (unsigned long long)copy->received);
	if (part->size > copy->size - copy->received)
		return err_set(err, -EPROTO, "more than the %llu bytes that START announced",
			       (unsigned long long)copy->size);
	return 0;
}

static int take_write(struct copy *copy, const void *message, size_t length, struct err *err)
{
	const struct hv_do_fcopy *part = message;
	int ret = check_write(copy, part, length, err);

	if (ret)
		return ret;
	ret = write_all(copy->file, part->data, part->size, copy->received);
	if (ret)
		return err_set(err, ret, "%.160s: %s", copy->name, strerror(-ret));
	copy->received += part->size;
	copy->unsynced += part->size;
	if (copy->unsynced < SYNC_EVERY_BYTES)
		return 0;
	copy->unsynced = 0;
	if (fdatasync(copy->file))
		return err_set(err, -errno, "%.160s: %s", copy->name, strerror(errno));
	return 0;
}

/* --- COMPLETE and CANCEL ---------------------------------------------------------- */

static int publish(const struct copy *copy)
{
	unsigned int flags = copy->overwrite ? 0 : RENAME_NOREPLACE;

	if (!renameat2(copy->folder, copy->place.temporary, copy->folder, copy->name, flags))
		return 0;
	if (errno != EINVAL || copy->overwrite)
		return -errno;
	/* A file system without RENAME_NOREPLACE: a link never replaces. */
	if (linkat(copy->folder, copy->place.temporary, copy->folder, copy->name, 0))
		return -errno;
	return unlinkat(copy->folder, copy->place.temporary, 0) ? -errno : 0;
}

static int take_complete(struct copy *copy, struct err *err)
{
	int ret = 0;

	if (copy->state != COPY_RECEIVING)
		return err_set(err, -EPROTO, "COMPLETE without START");
	if (copy->received != copy->size)
		return err_set(err, -EPROTO, "COMPLETE after %llu of %llu bytes",
			       (unsigned long long)copy->received, (unsigned long long)copy->size);
	if (fsync(copy->file))
		ret = -errno;
	/* The host was told by now that it failed. */
	if (!ret && copy->is_given_up && copy->is_given_up())
		return err_set(err, -ETIMEDOUT, "%.160s: it took too long to write it back",
			       copy->name);
	if (!ret)
		ret = publish(copy);
	if (ret)
		return err_set(err, ret, "%.160s: %s", copy->name,
			       ret == -EEXIST ? "it is there already" : strerror(-ret));
	/* From here on the file is there; what fails now must not be called a failure. */
	fsync(copy->folder);
	err_set(err, 0, "%.60s/%.80s%s%.80s: %llu bytes", copy->place.root, copy->place.path,
		*copy->place.path ? "/" : "", copy->name, (unsigned long long)copy->size);
	forget(copy);
	return 1;
}

int copy_message(struct copy *copy, const void *message, size_t length, struct err *err)
{
	const struct hv_fcopy_hdr *head = message;
	int ret;

	if (length < sizeof(*head)) {
		copy_abort(copy);
		return err_set(err, -EBADMSG, "a message of %zu bytes", length);
	}
	switch (head->operation) {
	case START_FILE_COPY:
		ret = take_start(copy, message, length, err);
		break;
	case WRITE_TO_FILE:
		ret = take_write(copy, message, length, err);
		break;
	case COMPLETE_FCOPY:
		ret = take_complete(copy, err);
		break;
	case CANCEL_FCOPY:
		copy_abort(copy);
		return 0;
	default:
		ret = err_set(err, -EOPNOTSUPP, "operation %u", head->operation);
	}
	if (ret < 0)
		copy_abort(copy);
	return ret;
}
