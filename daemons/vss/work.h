/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_WORK_H
#define DAEMONS_VSS_WORK_H

#include "daemons/common/log.h"
#include "daemons/vss/vss.h"

/* What the states of vss.c have done: reading, planning, opening, naming. */

extern struct log_limit work_trouble;

/* Over the present policy; that one stays after an error. */
int work_read_policy(struct vss *vss, struct err *err);

/* Whether a freeze could be planned and its file systems opened now. Says what is left out. */
int work_check(struct vss *vss, struct err *err);

/* Fills in .fds, .devs and .count of @setup, and the points of @vss; then work_close(). */
int work_open(struct vss *vss, struct freezer_setup *setup, struct err *err);

/* Frees the lists; closes the descriptors, too, if nobody took them. */
void work_close(struct freezer_setup *setup, bool is_ours);

/* The points. */
void work_forget(struct vss *vss);

/* The daemon thawed in the place of a dead freezer, which left its record. */
void work_forget_record(struct vss *vss);

/* Where a part of the freezer is mounted; NULL for no part. */
const char *work_point(const struct vss *vss, size_t part);

/* In words, without memory from the heap. */
void work_freeze_error(const struct vss *vss, size_t part, int error, struct err *err);

/*
 * Whether pre-freeze hooks were begun and post-thaw hooks not ended: a file
 * beside the record, for the start after a kill.
 */
void work_note_hooks(const struct vss *vss, bool are_open);
bool work_hooks_are_open(const struct vss *vss);

/*
 * Whether the host may have been told that all is frozen, and not yet how that
 * went: another such file. A start that finds it knows of a broken promise.
 */
void work_note_promise(const struct vss *vss, bool is_given);
bool work_promise_is_given(const struct vss *vss);

/* Starts the hooks of a phase; work_on_hooks() hears of them. */
int work_hooks(struct vss *vss, const char *folder, const char *argument, struct err *err);

/* In vss.c. */
int work_on_hooks(sd_event_source *source, int fd, uint32_t events, void *context);

#endif
