/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_HVCTL_DATA_H
#define HOST_CONTROL_HVCTL_DATA_H

#include <json-c/json.h>

/* kvp, ip, vss, copy: what is typed, and how results look. */
int kvp_words(int argc, char **argv, struct json_object *args);
int ip_words(int argc, char **argv, struct json_object *args);
int vss_words(int argc, char **argv, struct json_object *args);
int copy_words(int argc, char **argv, struct json_object *args);

void print_kvp(struct json_object *result);
void print_ip(struct json_object *result);
void print_vss(struct json_object *result);
void print_copy(struct json_object *result);

#endif
