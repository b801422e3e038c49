// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/control_private.h"

const struct control_verb control_verbs[] = {
	{ "status",	verb_status },
	{ "checker",	verb_checker },
	{ "stats",	verb_stats },
	{ "offer",	verb_offer },
	{ "rescind",	verb_rescind },
	{ "disk",	verb_disk },
	{ "pause",	verb_pause },
	{ "resume",	verb_resume },
	{ "service",	verb_service },
	{ "heartbeat",	verb_heartbeat },
	{ "time",	verb_time },
	{ "kvp",	verb_kvp },
	{ "ip",		verb_ip },
	{ "vss",	verb_vss },
	{ "copy",	verb_copy },
	{ "shutdown",	verb_shutdown },
	{ "reboot",	verb_reboot },
	{ "nmi",	verb_nmi },
	{ "quit",	verb_quit },
	{ "fault",	verb_fault },
	{ "trace",	verb_trace },
	{ "exec",	verb_exec },
	{ "wait",	verb_wait },
	{ NULL,		NULL },
};
