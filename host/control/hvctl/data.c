// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/hvctl/data.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/control/hvctl/table.h"
#include "host/control/hvctl/words.h"

/* ---- words ---- */

/* "action" alone, or "raw HEX". Return: 0 or -1. */
static int plain_action(int argc, char **argv, struct json_object *args)
{
	if (strcmp(argv[0], "raw"))
		return argc == 1 ? 0 : -1;
	if (argc != 2)
		return -1;
	put_string(args, "hex", argv[1]);
	return 0;
}

/* The host runs in another directory. */
static void put_path(struct json_object *args, const char *key, const char *path)
{
	char directory[2048], whole[4096];

	if (path[0] == '/' || !getcwd(directory, sizeof(directory))) {
		put_string(args, key, path);
		return;
	}
	snprintf(whole, sizeof(whole), "%s/%.2000s", directory, path);
	put_string(args, key, whole);
}

static int pair_words(int argc, char **argv, struct json_object *args)
{
	bool set = !strcmp(argv[0], "set");

	if (argc < (set ? 4 : 3))
		return -1;
	put_string(args, "pool", argv[1]);
	put_string(args, "key", argv[2]);
	if (!set)
		return argc == 3 ? 0 : -1;
	put_string(args, "value", argv[3]);
	if (argc == 4)
		return 0;
	if (argc != 6 || strcmp(argv[4], "--type"))
		return -1;
	put_string(args, "type", argv[5]);
	return 0;
}

int kvp_words(int argc, char **argv, struct json_object *args)
{
	if (!argc)
		return -1;
	put_string(args, "action", argv[0]);
	if (!strcmp(argv[0], "list")) {
		if (argc != 2)
			return -1;
		put_string(args, "pool", argv[1]);
		return 0;
	}
	if (!strcmp(argv[0], "poll") && argc == 2)
		return put_number(args, "seconds", argv[1]);
	if (!strcmp(argv[0], "get") || !strcmp(argv[0], "set") || !strcmp(argv[0], "delete"))
		return pair_words(argc, argv, args);
	if (!strcmp(argv[0], "status") || !strcmp(argv[0], "poll") || !strcmp(argv[0], "raw"))
		return plain_action(argc, argv, args);
	return -1;
}

static void append(struct json_object *args, const char *key, const char *value)
{
	struct json_object *array = NULL;

	if (!json_object_object_get_ex(args, key, &array)) {
		array = json_object_new_array();
		json_object_object_add(args, key, array);
	}
	json_object_array_add(array, json_object_new_string(value));
}

static int set_ip_word(struct json_object *args, const char *name, const char *value)
{
	if (!strcmp(name, "--device"))
		put_string(args, "device", value);
	else if (!strcmp(name, "--address") || !strcmp(name, "--gateway") || !strcmp(name, "--dns"))
		append(args, name + 2, value);
	else
		return -1;
	return 0;
}

int ip_words(int argc, char **argv, struct json_object *args)
{
	int i;

	if (argc < 3)
		return -1;
	put_string(args, "action", argv[0]);
	if (!strcmp(argv[0], "get")) {
		if (argc != 3 || strcmp(argv[1], "--mac"))
			return -1;
		put_string(args, "mac", argv[2]);
		return 0;
	}
	if (strcmp(argv[0], "set"))
		return -1;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--dhcp")) {
			put_flag(args, "dhcp");
			continue;
		}
		if (i + 1 == argc || set_ip_word(args, argv[i], argv[i + 1]))
			return -1;
		i++;
	}
	return member(args, "device") ? 0 : -1;
}

/* "CONTROLLER:LUN" or "LUN" */
static int put_disk(struct json_object *args, char *word)
{
	char *colon = strchr(word, ':');

	if (!colon)
		return put_number(args, "lun", word);
	*colon = '\0';
	return put_number(args, "controller", word) || put_number(args, "lun", colon + 1) ? -1 : 0;
}

/* [--timeout S] [--no-freeze], behind what else there is. */
static int vss_options(int argc, char **argv, struct json_object *args)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--no-freeze"))
			put_flag(args, "no_freeze");
		else if (strcmp(argv[i], "--timeout") || ++i == argc ||
			 put_number(args, "timeout", argv[i]))
			return -1;
	}
	return 0;
}

int vss_words(int argc, char **argv, struct json_object *args)
{
	static const char *const operations[] = {
		"check", "disks", "freeze", "thaw", "complete", "auto-recover", "cluster",
	};
	size_t i;

	if (!argc)
		return -1;
	put_string(args, "action", argv[0]);
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (!strcmp(argv[0], operations[i]))
			return vss_options(argc - 1, argv + 1, args);
	}
	if (!strcmp(argv[0], "backup")) {
		if (argc < 3 || put_disk(args, argv[1]))
			return -1;
		put_path(args, "file", argv[2]);
		return vss_options(argc - 3, argv + 3, args);
	}
	if (!strcmp(argv[0], "status") || !strcmp(argv[0], "raw"))
		return plain_action(argc, argv, args);
	return -1;
}

static int copy_options(int argc, char **argv, struct json_object *args)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--overwrite"))
			put_flag(args, "overwrite");
		else if (!strcmp(argv[i], "--create-path"))
			put_flag(args, "create_path");
		else if (strcmp(argv[i], "--cancel-after") || ++i == argc ||
			 put_number(args, "cancel_after", argv[i]))
			return -1;
	}
	return 0;
}

int copy_words(int argc, char **argv, struct json_object *args)
{
	if (!argc)
		return -1;
	if ((argc == 1 && !strcmp(argv[0], "status")) || (argc == 2 && !strcmp(argv[0], "raw"))) {
		put_string(args, "action", argv[0]);
		return plain_action(argc, argv, args);
	}
	if (argc < 2)
		return -1;
	put_path(args, "file", argv[0]);
	put_string(args, "destination", argv[1]);
	return copy_options(argc - 2, argv + 2, args);
}

/* ---- results ---- */

static void print_raw(struct json_object *result)
{
	printf("%s %s\n", text(result, "status"), text(result, "hex"));
}

static void print_service(struct json_object *result)
{
	printf("%-18s %s, version %s\n", text(result, "name"), text(result, "service"),
	       text(result, "version"));
	json_object_object_foreach(member(result, "counts"), key, value)
		printf("%-18s %s\n", key, json_object_get_string(value));
}

static void print_items(struct json_object *items)
{
	size_t i;

	for (i = 0; i < length(items); i++) {
		struct json_object *item = json_object_array_get_idx(items, i);

		printf("%s=%s\n", text(item, "key"), text(item, "value"));
	}
}

void print_kvp(struct json_object *result)
{
	if (member(result, "hex"))
		return print_raw(result);
	if (member(result, "counts"))
		print_service(result);
	print_items(member(result, "items"));
	if (member(result, "value"))
		puts(text(result, "value"));
}

static void print_list(const char *title, struct json_object *list)
{
	size_t i;

	printf("%-10s", title);
	for (i = 0; i < length(list); i++)
		printf(" %s", json_object_get_string(json_object_array_get_idx(list, i)));
	putchar('\n');
}

void print_ip(struct json_object *result)
{
	if (!member(result, "adapter"))
		return;
	printf("%-10s %s\n", "adapter", text(result, "adapter"));
	printf("%-10s %s\n", "dhcp", flag(result, "dhcp") ? "yes" : "no");
	print_list("addresses", member(result, "addresses"));
	print_list("subnets", member(result, "subnets"));
	print_list("gateways", member(result, "gateways"));
	print_list("dns", member(result, "dns"));
}

static void print_backup(struct json_object *result)
{
	char size[CELL_MAX];

	format_bytes(number(result, "bytes"), size);
	printf("%s: %s, copied in %s ms", text(result, "file"), size, text(result, "copy_ms"));
	if (flag(result, "frozen"))
		printf("; frozen in %s ms, for %s ms\n", text(result, "freeze_ms"),
		       text(result, "frozen_ms"));
	else
		puts("; the guest was not frozen");
}

void print_vss(struct json_object *result)
{
	if (member(result, "hex"))
		print_raw(result);
	else if (member(result, "counts"))
		print_service(result);
	else if (member(result, "file"))
		print_backup(result);
	else if (member(result, "cluster"))
		printf("cluster %s, %s nodes, %s shared disks\n", text(result, "cluster"),
		       text(result, "nodes"), text(result, "shared_luns"));
	else if (number(result, "flags"))
		printf("flags %s\n", text(result, "flags"));
}

void print_copy(struct json_object *result)
{
	if (member(result, "hex"))
		print_raw(result);
	else if (member(result, "counts"))
		print_service(result);
	else if (member(result, "bytes"))
		printf("%s bytes in %s ms%s\n", text(result, "bytes"), text(result, "ms"),
		       flag(result, "cancelled") ? ", cancelled" : "");
}
