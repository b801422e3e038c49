/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_VSS_H
#define DAEMONS_VSS_VSS_H

#include "daemons/common/service.h"
#include "daemons/vss/freezer.h"
#include "daemons/vss/hooks.h"
#include "daemons/vss/policy.h"

/* The daemon's answers to the host's backup; vss.c draws its states. */

enum vss_state {
	VSS_IDLE,
	VSS_PREPARING,		/* pre-freeze hooks run */
	VSS_FREEZING,		/* the freezer writes back and freezes */
	VSS_FROZEN,
	VSS_THAWING,
	VSS_RESUMING,		/* post-thaw hooks run */
};

enum vss_asked { VSS_NOTHING, VSS_FREEZE, VSS_THAW };

struct vss {
	/* from main() */
	const char *policy_path, *hooks_folder, *record_path, *mountinfo;
	const struct freezer_calls *calls;
	unsigned int second_ms;		/* of the limits */
	/* private */
	struct service *service;
	enum vss_state state;
	enum vss_asked asked;		/* what the host waits for */
	bool is_next;			/* a FREEZE came during the thaw */
	bool is_stopping;		/* the event loop is over */
	bool is_promised;		/* the host was told that all is frozen, and not yet how it went */
	bool is_broken;			/* and it did not stay so until the host asked for the thaw */
	bool is_stuck;			/* the freezer is inside a call that does not return */
	unsigned int helps;		/* looks at a freezer that was asked for the thaw */
	bool is_failed;			/* pre-freeze or freeze; .why */
	bool is_started;		/* the first freeze was begun */
	struct err why;
	struct policy policy;
	struct hooks hooks;
	struct freezer freezer;
	char **points;			/* where the parts of the freezer are mounted */
	size_t count;
	sd_event_source *io;		/* of hooks or freezer */
	sd_event_source *timer;		/* made once: arming it takes no memory */
};

int vss_start(struct vss *vss, struct service *service, struct err *err);
void vss_request(struct vss *vss, const void *message, size_t length);
/* Nobody waits for an answer any more. */
void vss_lost(struct vss *vss);
/* Whether something is frozen, so that nothing may be opened; service_idle() comes after it. */
bool vss_is_busy(const struct vss *vss);
/* Thaws and runs the post-thaw hooks before it returns. */
void vss_stop(struct vss *vss);

#endif
