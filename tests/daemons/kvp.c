// SPDX-License-Identifier: GPL-2.0-only
#include "tests/daemons/kvp.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* Where the last answer has its pair. */
static bool was_enumerate;

static const char *path_of(struct kvp *kvp, const char *path)
{
	static char full[512];

	snprintf(full, sizeof(full), "%s/root%s", kvp->device.folder, path);
	return full;
}

static void make_folders(const char *path)
{
	char folder[512];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	for (slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(folder, 0755);
		*slash = '/';
	}
}

static void write_file(struct kvp *kvp, const char *path, const char *text, mode_t mode)
{
	const char *full = path_of(kvp, path);
	int fd;

	make_folders(full);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

void kvp_file(struct kvp *kvp, const char *path, const char *text)
{
	write_file(kvp, path, text, 0644);
}

void kvp_program(struct kvp *kvp, const char *path, const char *script)
{
	char text[1024];

	snprintf(text, sizeof(text), "#!/bin/sh\nroot=%s/root\n%s\n", kvp->device.folder, script);
	write_file(kvp, path, text, 0755);
}

const char *kvp_read_file(struct kvp *kvp, const char *path)
{
	static char text[8192];
	int fd = open(path_of(kvp, path), O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return NULL;
	length = read(fd, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	close(fd);
	return text;
}

void kvp_setup(struct kvp *kvp)
{
	memset(kvp, 0, sizeof(*kvp));
	kvp->program = KVP_PROGRAM;
	fake_setup(&kvp->device);
	kvp_file(kvp, "/etc/os-release",
		 "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
		 "VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nID=debian\n");
	kvp_file(kvp, "/etc/debian_version", "12.9\n");
}

void kvp_teardown(struct kvp *kvp)
{
	fake_teardown(&kvp->device);
}

void kvp_register(struct kvp *kvp)
{
	static const struct hv_kvp_msg hello = { .kvp_hdr.operation = KVP_OP_REGISTER1 };

	fake_accept(&kvp->device);
	assert_int_equal(fake_receive(&kvp->device, &kvp->message, sizeof(kvp->message)), 7432);
	assert_memory_equal(&kvp->message, &hello, sizeof(hello));
	strcpy((char *)kvp->message.body.kvp_register.version, "3.1");
	fake_send(&kvp->device, &kvp->message, sizeof(kvp->message));
	fake_wait_notified(&kvp->device, "READY=1");
}

void kvp_start(struct kvp *kvp)
{
	char root[128], pools[128], scripts[128], helper[128];
	const char *const args[] = { "--root", root, "--pools", pools, "--scripts", scripts,
				     "--helper", helper, NULL };

	snprintf(root, sizeof(root), "%s/root", kvp->device.folder);
	snprintf(pools, sizeof(pools), "%s/pools", kvp->device.folder);
	snprintf(scripts, sizeof(scripts), "%s/root/scripts", kvp->device.folder);
	snprintf(helper, sizeof(helper), "%s/helper", kvp->device.folder);
	fake_start(&kvp->device, kvp->program, args);
	kvp_register(kvp);
}

unsigned int kvp_ask(struct kvp *kvp)
{
	fake_send(&kvp->device, &kvp->message, sizeof(kvp->message));
	assert_int_equal(fake_receive(&kvp->device, &kvp->message, sizeof(kvp->message)), 7432);
	return (unsigned int)kvp->message.error;
}

static void begin(struct kvp *kvp, unsigned int operation, unsigned int pool)
{
	memset(&kvp->message, 0, sizeof(kvp->message));
	kvp->message.kvp_hdr.operation = (__u8)operation;
	kvp->message.kvp_hdr.pool = (__u8)pool;
}

unsigned int kvp_get(struct kvp *kvp, unsigned int pool, const char *key)
{
	struct hv_kvp_exchg_msg_value *data = &kvp->message.body.kvp_get.data;

	was_enumerate = false;
	begin(kvp, KVP_OP_GET, pool);
	data->key_size = (__u32)strlen(key) + 1;
	strcpy((char *)data->key, key);
	return kvp_ask(kvp);
}

unsigned int kvp_set(struct kvp *kvp, unsigned int pool, const char *key, const char *value)
{
	struct hv_kvp_exchg_msg_value *data = &kvp->message.body.kvp_set.data;

	begin(kvp, KVP_OP_SET, pool);
	data->value_type = REG_SZ;
	data->key_size = (__u32)strlen(key) + 1;
	data->value_size = (__u32)strlen(value) + 1;
	strcpy((char *)data->key, key);
	strcpy((char *)data->value, value);
	return kvp_ask(kvp);
}

unsigned int kvp_delete(struct kvp *kvp, unsigned int pool, const char *key)
{
	begin(kvp, KVP_OP_DELETE, pool);
	kvp->message.body.kvp_delete.key_size = (__u32)strlen(key) + 1;
	strcpy((char *)kvp->message.body.kvp_delete.key, key);
	return kvp_ask(kvp);
}

unsigned int kvp_at(struct kvp *kvp, unsigned int pool, unsigned int index)
{
	begin(kvp, KVP_OP_ENUMERATE, pool);
	kvp->message.body.kvp_enum_data.index = index;
	was_enumerate = true;
	return kvp_ask(kvp);
}

static struct hv_kvp_exchg_msg_value *data_of(struct kvp *kvp)
{
	return was_enumerate ? &kvp->message.body.kvp_enum_data.data :
	       &kvp->message.body.kvp_get.data;
}

const char *kvp_key(struct kvp *kvp)
{
	return (const char *)data_of(kvp)->key;
}

const char *kvp_value(struct kvp *kvp)
{
	struct hv_kvp_exchg_msg_value *data = data_of(kvp);

	assert_int_equal(data->value_size, strlen((const char *)data->value) + 1);
	return (const char *)data->value;
}

void kvp_ip(struct kvp *kvp, unsigned int operation, const char *adapter)
{
	begin(kvp, operation, 0);
	strcpy((char *)kvp_ip_value(kvp)->adapter_id, adapter);
}

struct hv_kvp_ipaddr_value *kvp_ip_value(struct kvp *kvp)
{
	return &kvp->message.body.kvp_ip_val;
}

int kvp_helper(struct kvp *kvp)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/helper", kvp->device.folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}
