/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_CONTROL_PRIVATE_H
#define HOST_CONTROL_CONTROL_PRIVATE_H

#include <json-c/json.h>
#include <stdio.h>

#include "host/control/control.h"
#include "host/control/request.h"

struct agent;
struct ic;
struct server;
struct vmbus_device;
struct wait;

struct control {
	struct control_config host;
	struct server *server;
	struct agent *agent;
	struct wait *waits;		/* verb_wait.c */
	struct control_request *follower;	/* verb_trace.c: who gets the live trace */
	uint64_t follower_lost;		/* lines it was too slow for */
	FILE *trace_file;
};

/* The table of verbs: one row each; the functions are in verb_*.c. */
extern const struct control_verb control_verbs[];

static inline struct control *request_control(const struct control_request *req)
{
	return request_context(req);
}

/* The device named by argument "device"; on NULL the request has failed. */
struct vmbus_device *request_device(struct control_request *req);

/* Shorthand for building answers. */
static inline void put_string(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static inline void put_number(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static inline void put_flag(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

/* "3.2"; null when there is none. */
void put_version(struct json_object *object, const char *key, unsigned int major,
		 unsigned int minor);

/* verb_service.c, verb_heartbeat.c: shown by status, too. */
struct json_object *describe_service(const struct ic *ic);
struct json_object *describe_services(const struct control *control);
struct json_object *describe_heartbeat(const struct control *control);

/* verb_kvp.c, verb_vss.c, verb_copy.c: counters, shown by stats, too. */
struct json_object *describe_kvp(const struct control *control);
struct json_object *describe_vss(const struct control *control);
struct json_object *describe_fcopy(const struct control *control);

void verb_status(struct control_request *req);
void verb_checker(struct control_request *req);
void verb_stats(struct control_request *req);
void verb_offer(struct control_request *req);
void verb_rescind(struct control_request *req);
void verb_disk(struct control_request *req);
void verb_pause(struct control_request *req);
void verb_resume(struct control_request *req);
void verb_service(struct control_request *req);
void verb_heartbeat(struct control_request *req);
void verb_time(struct control_request *req);
void verb_kvp(struct control_request *req);
void verb_ip(struct control_request *req);
void verb_vss(struct control_request *req);
void verb_copy(struct control_request *req);
void verb_shutdown(struct control_request *req);
void verb_reboot(struct control_request *req);
void verb_nmi(struct control_request *req);
void verb_quit(struct control_request *req);
void verb_fault(struct control_request *req);
void verb_trace(struct control_request *req);
void verb_exec(struct control_request *req);
void verb_wait(struct control_request *req);

/* verb_trace.c: start or stop the live trace as file and follower need it. */
void control_update_trace(struct control *control);

/* verb_wait.c: answer who waits for the end. */
void control_answer_waits(struct control *control, enum host_exit reason);

#endif
