// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/hvctl/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	FILE *in;
	int fd;
	char *line;
	size_t room;
};

static int connect_path(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

struct client *client_connect(const char *path)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->fd = connect_path(path);
	client->in = client->fd < 0 ? NULL : fdopen(client->fd, "r");
	if (client->in)
		return client;
	if (client->fd >= 0)
		close(client->fd);
	free(client);
	return NULL;
}

void client_close(struct client *client)
{
	fclose(client->in);
	free(client->line);
	free(client);
}

static int send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		text += sent;
		len -= (size_t)sent;
	}
	return 0;
}

int client_ask(struct client *client, const char *verb, struct json_object *args)
{
	struct json_object *message = json_object_new_object();
	const char *text;
	int ret;

	json_object_object_add(message, "id", json_object_new_int(1));
	json_object_object_add(message, "verb", json_object_new_string(verb));
	json_object_object_add(message, "args", args ? args : json_object_new_object());
	text = json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN);
	ret = send_all(client->fd, text, strlen(text));
	if (!ret)
		ret = send_all(client->fd, "\n", 1);
	json_object_put(message);
	return ret;
}

struct json_object *client_next(struct client *client, bool *last)
{
	struct json_object *message;

	if (getline(&client->line, &client->room, client->in) < 0)
		return NULL;
	message = json_tokener_parse(client->line);
	if (message)
		*last = json_object_object_get_ex(message, "ok", NULL);
	return message;
}
