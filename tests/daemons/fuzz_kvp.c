// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <linux/hyperv.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/common/pool.h"
#include "daemons/kvp/facts.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/helper/ifcfg.h"
#include "daemons/kvp/ip_config.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/requests.h"
#include "tests/fuzz/fuzz.h"

/*
 * What the KVP daemon takes from others: messages of the driver with the host's
 * words in them, pool files and journals of other programs, files of the system.
 * The first byte says which.
 */

static char folder[64];

static void write_file(const char *name, const u8 *data, size_t size)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	require(fd >= 0);
	require(write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static void set_up(void)
{
	static const char *const folders[] = { "/etc", "/etc/network", "/etc/network/interfaces.d" };
	char path[160];
	unsigned int i;

	if (folder[0])
		return;
	snprintf(folder, sizeof(folder), "%s/openlis-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	require(mkdtemp(folder));
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, folders[i]);
		require(!mkdir(path, 0755));
	}
	paths_set_root(folder);
	/* What is refused is of no interest here. */
	log_hold();
}

/* A message, in a block of just its size. Addresses of adapters would be asked of the kernel. */
static void take_message(struct input *in)
{
	struct hv_kvp_msg *message = input_block(in, sizeof(*message));

	if (message->kvp_hdr.operation == KVP_OP_GET_IP_INFO)
		message->kvp_hdr.operation = KVP_OP_ENUMERATE;
	if (message->kvp_hdr.pool == KVP_POOL_AUTO && message->body.kvp_enum_data.index < 4)
		message->body.kvp_enum_data.index = 4;
	if (requests_answer(message, sizeof(*message), folder))
		require((unsigned int)message->error == HV_S_OK ||
			(unsigned int)message->error >= 0x80000000u);
	free(message);
}

static void take_addresses(struct input *in)
{
	struct hv_kvp_ipaddr_value *value = input_block(in, sizeof(*value));
	static struct plan plan;
	struct ip_config config;
	char id[MAX_ADAPTER_ID_SIZE], *text = NULL;
	size_t size;
	FILE *out;

	ip_config_adapter(value, id, NULL);
	if (!ip_config_read(value, &config, NULL)) {
		require(config.dhcp4 || config.address_count);
		strcpy(config.name, "eth0");
		require(!backend_networkd.plan(&config, &plan, NULL));
		require(!backend_manager.plan(&config, &plan, NULL));
		require(!backend_netplan.plan(&config, &plan, NULL));
		plan_free(&plan);
		out = open_memstream(&text, &size);
		ifcfg_write(out, &config);
		fclose(out);
		free(text);
	}
	free(value);
}

static void take_pool(struct input *in)
{
	const struct pool pool = { folder, POOL_GUEST };
	struct pool_record *records, record;
	size_t count, i;

	write_file(".kvp_pool_1", in->data, in->left);
	require(!pool_list(&pool, &records, &count, NULL));
	for (i = 0; i < count; i++) {
		require(strlen(records[i].key) > 0 && strlen(records[i].key) < POOL_KEY_SIZE);
		require(strlen(records[i].value) < POOL_VALUE_SIZE);
	}
	require((pool_at(&pool, 0, &record, NULL) == 0) == (count > 0));
	require(!pool_set(&pool, "key", "value", NULL));
	require(!pool_get(&pool, "key", record.value, NULL));
	require(!strcmp(record.value, "value"));
	require(!pool_delete(&pool, "key", NULL));
	free(records);
}

static void take_journal(struct input *in)
{
	const struct pool pool = { folder, POOL_EXTERNAL };
	struct pool_record record;

	write_file(".kvp_pool_0.journal", in->data, in->left);
	require(!pool_set(&pool, "key", "value", NULL));
	require(!pool_get(&pool, "key", record.value, NULL));
}

static void take_release(struct input *in)
{
	struct facts facts;

	write_file("etc/os-release", in->data, in->left);
	write_file("etc/debian_version", in->data, in->left);
	facts_read(&facts);
}

static void take_interfaces(struct input *in)
{
	struct ip_config config = { .name = "eth0", .dhcp4 = true };
	static struct plan plan;

	write_file("etc/network/interfaces", in->data, in->left);
	backend_ifupdown.plan(&config, &plan, NULL);
	plan_free(&plan);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static void (*const takers[])(struct input *) = {
		take_message, take_addresses, take_pool, take_journal, take_release,
		take_interfaces,
	};
	struct input in = { data, size };

	set_up();
	takers[input_u8(&in) % (sizeof(takers) / sizeof(takers[0]))](&in);
	return 0;
}
