/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_HVCTL_SERVICES_H
#define HOST_CONTROL_HVCTL_SERVICES_H

#include <json-c/json.h>

/* service, heartbeat, time, shutdown: what is typed, and how results look. */
int service_words(int argc, char **argv, struct json_object *args);
int heartbeat_words(int argc, char **argv, struct json_object *args);
int time_words(int argc, char **argv, struct json_object *args);
int shutdown_words(int argc, char **argv, struct json_object *args);

void print_services(struct json_object *result);
void print_heartbeat(struct json_object *result);
void print_time(struct json_object *result);

#endif
