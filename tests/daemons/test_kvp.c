// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/pool.h"
#include "daemons/kvp/set_ip.h"
#include "tests/daemons/kvp.h"
#include "tests/unit/unit.h"

/* The KVP daemon as the driver sees it: registration, pairs, life and death. */

static struct kvp kvp;
static char pools[96];
static struct pool guest_pool = { pools, POOL_GUEST };

static int setup(void **state)
{
	(void)state;
	kvp_setup(&kvp);
	snprintf(pools, sizeof(pools), "%s/pools", kvp.device.folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kvp_teardown(&kvp);
	return 0;
}

static void five_pools_are_there(void **state)
{
	struct stat status;
	char path[128];
	int i;

	(void)state;
	kvp_start(&kvp);
	for (i = 0; i < POOL_COUNT; i++) {
		snprintf(path, sizeof(path), "%s/.kvp_pool_%d", pools, i);
		assert_int_equal(stat(path, &status), 0);
		assert_int_equal(status.st_mode & 07777, 0644);
		assert_int_equal(status.st_size, 0);
	}
}

static void host_writes_and_reads(void **state)
{
	char value[POOL_VALUE_SIZE];
	struct pool external = { pools, POOL_EXTERNAL };

	(void)state;
	kvp_start(&kvp);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_S_OK);
	assert_int_equal(kvp_set(&kvp, 0, "key", "other"), HV_S_OK);
	assert_int_equal(pool_get(&external, "key", value, NULL), 0);
	assert_string_equal(value, "other");
	assert_int_equal(kvp_get(&kvp, 0, "key"), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "other");
	assert_int_equal(kvp_get(&kvp, 0, "ke"), HV_S_CONT);
	assert_int_equal(kvp_delete(&kvp, 0, "key2"), HV_S_CONT);
	assert_int_equal(kvp_delete(&kvp, 0, "key"), HV_S_OK);
	assert_int_equal(kvp_get(&kvp, 0, "key"), HV_S_CONT);
}

static void guest_pairs_are_enumerated(void **state)
{
	char key[32];
	int i;

	(void)state;
	kvp_start(&kvp);
	for (i = 0; i < 250; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_int_equal(pool_set(&guest_pool, key, key, NULL), 0);
	}
	for (i = 0; i < 250; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_int_equal(kvp_at(&kvp, 1, (unsigned int)i), HV_S_OK);
		assert_string_equal(kvp_key(&kvp), key);
		assert_string_equal(kvp_value(&kvp), key);
	}
	assert_int_equal(kvp_at(&kvp, 1, 250), HV_S_CONT);
	assert_int_equal(kvp_at(&kvp, 1, ~0u), HV_S_CONT);
}

static void automatic_keys_have_their_indices(void **state)
{
	static const char *const keys[] = {
		"FullyQualifiedDomainName", "IntegrationServicesVersion", "NetworkAddressIPv4",
		"NetworkAddressIPv6", "OSBuildNumber", "OSName", "OSMajorVersion",
		"OSMinorVersion", "OSVersion", "ProcessorArchitecture",
	};
	struct utsname kernel;
	unsigned int i;

	(void)state;
	kvp_start(&kvp);
	for (i = 0; i < 10; i++) {
		assert_int_equal(kvp_at(&kvp, 2, i), HV_S_OK);
		assert_string_equal(kvp_key(&kvp), keys[i]);
	}
	assert_int_equal(kvp_at(&kvp, 2, 10), HV_S_CONT);
	uname(&kernel);
	assert_int_equal(kvp_at(&kvp, 2, 4), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), kernel.release);
	assert_int_equal(kvp_get(&kvp, 2, "OSName"), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "Debian GNU/Linux");
	assert_int_equal(kvp_get(&kvp, 2, "OSMajorVersion"), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "12");
	assert_int_equal(kvp_get(&kvp, 2, "OSMinorVersion"), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "9");
	assert_int_equal(kvp_get(&kvp, 2, "IntegrationServicesVersion"), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "3.1");
	assert_int_equal(kvp_get(&kvp, 2, "NetworkAddressIPv4"), HV_S_OK);
	assert_null(strstr(kvp_value(&kvp), "127.0.0.1"));
	assert_int_equal(kvp_get(&kvp, 2, "FullyQualifiedDomainName"), HV_S_OK);
	assert_null(strchr(kvp_value(&kvp), ' '));
	assert_int_equal(kvp_set(&kvp, 2, "OSName", "Windows"), HV_INVALIDARG);
	assert_int_equal(kvp_delete(&kvp, 2, "OSName"), HV_INVALIDARG);
}

static void keys_with_a_meaning_follow(void **state)
{
	(void)state;
	kvp_file(&kvp, "/etc/os-release",
		 "NAME='SLES'\nVERSION=\"15-SP5\"\nVERSION_ID=\"15.5\"\nVARIANT_ID=server\n");
	kvp_start(&kvp);
	assert_int_equal(kvp_at(&kvp, 2, 7), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "5");
	assert_int_equal(kvp_at(&kvp, 2, 10), HV_S_OK);
	assert_string_equal(kvp_key(&kvp), "CSDVersion");
	assert_string_equal(kvp_value(&kvp), "Service Pack 5");
	assert_int_equal(kvp_at(&kvp, 2, 11), HV_S_OK);
	assert_string_equal(kvp_key(&kvp), "ServicePackMajor");
	assert_int_equal(kvp_at(&kvp, 2, 13), HV_S_OK);
	assert_string_equal(kvp_key(&kvp), "ProductType");
	assert_string_equal(kvp_value(&kvp), "3");
	assert_int_equal(kvp_at(&kvp, 2, 14), HV_S_CONT);
}

static void bad_requests_are_refused(void **state)
{
	struct hv_kvp_exchg_msg_value *data = &kvp.message.body.kvp_set.data;
	unsigned int i;

	(void)state;
	kvp_start(&kvp);
	for (i = KVP_POOL_COUNT; i < 256; i += 50)
		assert_int_equal(kvp_get(&kvp, i, "key"), HV_INVALIDARG);
	assert_int_equal(kvp_set(&kvp, 0, "", "value"), HV_INVALIDARG);
	assert_int_equal(kvp_delete(&kvp, 0, ""), HV_INVALIDARG);
	/* sizes that are none, and texts without an end */
	memset(&kvp.message, 0x41, sizeof(kvp.message));
	kvp.message.kvp_hdr.operation = KVP_OP_SET;
	kvp.message.kvp_hdr.pool = 0;
	assert_int_equal(kvp_ask(&kvp), HV_INVALIDARG);
	memset(&kvp.message, 0, sizeof(kvp.message));
	kvp.message.kvp_hdr.operation = KVP_OP_SET;
	strcpy((char *)data->key, "key");
	data->key_size = ~0u;
	data->value_size = 0;
	assert_int_equal(kvp_ask(&kvp), HV_S_OK);
	assert_int_equal(kvp_set(&kvp, 0, "\xff\xfe", "value"), HV_INVALIDARG);
	memset(&kvp.message, 0, sizeof(kvp.message));
	kvp.message.kvp_hdr.operation = 77;
	assert_int_equal(kvp_ask(&kvp), HV_ERROR_NOT_SUPPORTED);
	/* a message that is cut off */
	memset(&kvp.message, 0, sizeof(kvp.message));
	fake_send(&kvp.device, &kvp.message, 3);
	assert_int_equal(fake_receive(&kvp.device, &kvp.message, sizeof(kvp.message)), 7432);
	assert_int_equal((unsigned int)kvp.message.error, HV_INVALIDARG);
}

static void device_comes_and_goes(void **state)
{
	int i;

	(void)state;
	kvp_start(&kvp);
	for (i = 0; i < 20; i++) {
		fake_hang_up(&kvp.device);
		kvp_register(&kvp);
		assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_S_OK);
	}
	fake_vanish(&kvp.device);
	fake_wait_logged(&kvp.device, "gone");
	fake_appear(&kvp.device);
	kvp_register(&kvp);
	assert_int_equal(kvp_get(&kvp, 0, "key"), HV_S_OK);
}

/* The service is switched off and on at the host, which asks nothing in between. */
static void quick_cycles_are_followed(void **state)
{
	int i;

	(void)state;
	kvp_start(&kvp);
	for (i = 0; i < 12; i++) {
		usleep(120000);
		fake_vanish(&kvp.device);
		fake_appear(&kvp.device);
		kvp_register(&kvp);
	}
	assert_int_equal(kvp_at(&kvp, 2, 5), HV_S_OK);
}

static void no_device_is_an_error(void **state)
{
	(void)state;
	fake_vanish(&kvp.device);
	fake_start(&kvp.device, KVP_PROGRAM, NULL);
	assert_int_equal(fake_wait_exit(&kvp.device), 1);
	assert_true(fake_has_logged(&kvp.device, "is not there: is hv_utils loaded"));
}

static void other_drivers_are_refused(void **state)
{
	(void)state;
	fake_start(&kvp.device, KVP_PROGRAM, (const char *const[]){ "--pools", pools, NULL });
	fake_accept(&kvp.device);
	fake_receive(&kvp.device, &kvp.message, sizeof(kvp.message));
	fake_send(&kvp.device, &kvp.message, 4);
	assert_int_equal(fake_wait_exit(&kvp.device), 1);
	assert_true(fake_has_logged(&kvp.device, "speaks another language"));
}

static void kill_loses_nothing(void **state)
{
	char key[32];
	int i;

	(void)state;
	for (i = 0; i < 8; i++) {
		kvp_start(&kvp);
		snprintf(key, sizeof(key), "key%d", i);
		assert_int_equal(kvp_set(&kvp, 0, key, "value"), HV_S_OK);
		if (i) {
			snprintf(key, sizeof(key), "key%d", i - 1);
			assert_int_equal(kvp_get(&kvp, 0, key), HV_S_OK);
		}
		/* in the middle of a request */
		memset(&kvp.message, 0, sizeof(kvp.message));
		kvp.message.kvp_hdr.operation = KVP_OP_ENUMERATE;
		fake_send(&kvp.device, &kvp.message, sizeof(kvp.message));
		fake_kill(&kvp.device);
	}
}

static void others_may_write_meanwhile(void **state)
{
	pid_t pid;
	int i;

	(void)state;
	kvp_start(&kvp);
	pid = fork();
	if (!pid) {
		char key[32];

		for (i = 0; i < 100; i++) {
			snprintf(key, sizeof(key), "local%d", i);
			pool_set(&guest_pool, key, "x", NULL);
		}
		_exit(0);
	}
	for (i = 0; i < 100; i++) {
		char key[32];

		snprintf(key, sizeof(key), "host%d", i);
		assert_int_equal(kvp_set(&kvp, 1, key, "y"), HV_S_OK);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(kvp_at(&kvp, 1, 199), HV_S_OK);
	assert_int_equal(kvp_at(&kvp, 1, 200), HV_S_CONT);
}

static void locked_pool_is_a_failure(void **state)
{
	char path[128];
	int fd;

	(void)state;
	kvp_start(&kvp);
	snprintf(path, sizeof(path), "%s/.kvp_pool_0", pools);
	fd = open(path, O_RDWR | O_CLOEXEC);
	flock(fd, LOCK_EX);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_E_FAIL);
	assert_true(fake_has_logged(&kvp.device, "another program keeps it locked"));
	close(fd);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_S_OK);
}

static void lock_all(int fds[POOL_COUNT], int kind)
{
	char path[128];
	int i;

	for (i = 0; i < POOL_COUNT; i++) {
		snprintf(path, sizeof(path), "%s/.kvp_pool_%d", pools, i);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		assert_int_equal(flock(fds[i], kind), 0);
	}
}

static void unlock_all(int fds[POOL_COUNT])
{
	int i;

	for (i = 0; i < POOL_COUNT; i++)
		close(fds[i]);
}

/* As any user of the guest can; a service manager waits for 15 s. */
static void locked_pools_do_not_stop_the_start(void **state)
{
	struct timespec start, end;
	int fds[POOL_COUNT];

	(void)state;
	kvp_start(&kvp);
	assert_int_equal(fake_stop(&kvp.device), 0);
	lock_all(fds, LOCK_SH);
	clock_gettime(CLOCK_MONOTONIC, &start);
	kvp_start(&kvp);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_in_range(end.tv_sec - start.tv_sec, 2, 6);
	assert_int_equal(kvp_at(&kvp, 2, 5), HV_S_OK);
	unlock_all(fds);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_S_OK);
}

static void another_machine_forgets_its_host(void **state)
{
	(void)state;
	kvp_file(&kvp, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	kvp_start(&kvp);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_S_OK);
	assert_int_equal(kvp_set(&kvp, 3, "HostName", "old"), HV_S_OK);
	assert_int_equal(fake_stop(&kvp.device), 0);
	kvp_start(&kvp);
	assert_int_equal(kvp_get(&kvp, 3, "HostName"), HV_S_OK);
	assert_int_equal(fake_stop(&kvp.device), 0);
	kvp_file(&kvp, "/etc/machine-id", "fedcba9876543210fedcba9876543210\n");
	kvp_start(&kvp);
	assert_int_equal(kvp_get(&kvp, 3, "HostName"), HV_S_CONT);
	assert_int_equal(kvp_get(&kvp, 0, "key"), HV_S_OK);
}

/* What could not be removed is no fact about this host at the next start either. */
static void locked_facts_are_forgotten_later(void **state)
{
	int fds[POOL_COUNT];

	(void)state;
	kvp_file(&kvp, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	kvp_start(&kvp);
	assert_int_equal(kvp_set(&kvp, 3, "HostName", "old"), HV_S_OK);
	assert_int_equal(fake_stop(&kvp.device), 0);
	kvp_file(&kvp, "/etc/machine-id", "fedcba9876543210fedcba9876543210\n");
	lock_all(fds, LOCK_SH);
	kvp_start(&kvp);
	assert_int_equal(fake_stop(&kvp.device), 0);
	unlock_all(fds);
	kvp_start(&kvp);
	assert_int_equal(kvp_get(&kvp, 3, "HostName"), HV_S_CONT);
}

/* A pool that somebody locks while the image becomes another machine. Return: its lock. */
static int become_another_machine(unsigned int locked)
{
	char path[128];
	int fd;

	kvp_file(&kvp, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	kvp_start(&kvp);
	assert_int_equal(kvp_set(&kvp, 3, "HostName", "old"), HV_S_OK);
	assert_int_equal(kvp_set(&kvp, 4, "Internal", "old"), HV_S_OK);
	assert_int_equal(fake_stop(&kvp.device), 0);
	kvp_file(&kvp, "/etc/machine-id", "fedcba9876543210fedcba9876543210\n");
	snprintf(path, sizeof(path), "%s/.kvp_pool_%u", pools, locked);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	kvp_start(&kvp);
	return fd;
}

static void what_was_forgotten_is_not_again(void **state)
{
	int fd = become_another_machine(3);

	(void)state;
	assert_int_equal(kvp_get(&kvp, 4, "Internal"), HV_S_CONT);
	assert_int_equal(kvp_set(&kvp, 4, "Internal", "new"), HV_S_OK);
	assert_int_equal(fake_stop(&kvp.device), 0);
	kvp_start(&kvp);
	assert_int_equal(fake_stop(&kvp.device), 0);
	close(fd);
	kvp_start(&kvp);
	assert_int_equal(kvp_get(&kvp, 3, "HostName"), HV_S_CONT);
	assert_int_equal(kvp_get(&kvp, 4, "Internal"), HV_S_OK);
}

/* What the new host writes comes in the place of the old facts, and is not taken for one of them. */
static void facts_of_the_new_host_stay(void **state)
{
	int fd = become_another_machine(3);

	(void)state;
	assert_int_equal(kvp_set(&kvp, 3, "VirtualMachineName", "new"), HV_E_FAIL);
	close(fd);
	assert_int_equal(kvp_set(&kvp, 3, "VirtualMachineName", "new"), HV_S_OK);
	assert_int_equal(kvp_get(&kvp, 3, "HostName"), HV_S_CONT);
	assert_int_equal(kvp_set(&kvp, 3, "HostName", "new"), HV_S_OK);
	assert_int_equal(fake_stop(&kvp.device), 0);
	kvp_start(&kvp);
	assert_int_equal(kvp_get(&kvp, 3, "VirtualMachineName"), HV_S_OK);
	assert_int_equal(kvp_get(&kvp, 3, "HostName"), HV_S_OK);
}

#define GUID	"{f8615163-df3e-46c5-913f-f2d2f965ed0e}"

/* Of the only interface that there is everywhere. */
static void ask_for_address(const char *adapter)
{
	kvp_file(&kvp, "/sys/class/net/lo/device/device_id", GUID "\n");
	kvp_ip(&kvp, KVP_OP_SET_IP_INFO, adapter);
	strcpy((char *)kvp_ip_value(&kvp)->ip_addr, "192.0.2.5");
	strcpy((char *)kvp_ip_value(&kvp)->sub_net, "255.255.255.0");
}

/* The request reaches the helper, which answers; the host hears of that with @status. */
static void expect_answer_of_helper(int helper, const struct set_ip_answer *answer,
				    unsigned int status)
{
	struct pollfd look = { .fd = helper, .events = POLLIN };
	int fd;

	fake_send(&kvp.device, &kvp.message, sizeof(kvp.message));
	assert_int_equal(poll(&look, 1, FAKE_LIMIT_MS), 1);
	fd = accept(helper, NULL, NULL);
	assert_int_equal(send(fd, answer, sizeof(*answer), MSG_NOSIGNAL), sizeof(*answer));
	assert_int_equal(fake_receive(&kvp.device, &kvp.message, sizeof(kvp.message)), 7432);
	assert_int_equal((unsigned int)kvp.message.error, status);
	close(fd);
}

static void start_booted(const char *seconds)
{
	kvp.program = KVP_BOOTED;
	setenv("KVP_UPTIME", seconds, 1);
	kvp_start(&kvp);
	unsetenv("KVP_UPTIME");
}

static void unknown_adapter_starts_no_helper(void **state)
{
	int helper = kvp_helper(&kvp);

	(void)state;
	start_booted("300");
	ask_for_address("{00000000-df3e-46c5-913f-f2d2f965ed0e}");
	assert_int_equal(kvp_ask(&kvp), HV_GUID_NOTFOUND);
	assert_true(fake_has_logged(&kvp.device, "no adapter {00000000-df3e"));
	assert_true(fake_has_logged(&kvp.device, "operation 5, pool 0: addresses are to be set"));
	assert_int_equal(accept(helper, NULL, NULL), -1);
	close(helper);
}

/* Its driver may be loading: who looks later says whether there is one. */
static void helper_looks_for_adapters_of_the_boot(void **state)
{
	static const struct set_ip_answer answer = { -ENODEV, "no adapter" };
	int helper = kvp_helper(&kvp);

	(void)state;
	start_booted("299");
	ask_for_address("{00000000-df3e-46c5-913f-f2d2f965ed0e}");
	expect_answer_of_helper(helper, &answer, HV_GUID_NOTFOUND);
	/* What is no request at all is refused as ever. */
	ask_for_address("no adapter");
	strcpy((char *)kvp_ip_value(&kvp)->ip_addr, "192.0.2");
	assert_int_equal(kvp_ask(&kvp), HV_INVALIDARG);
	assert_int_equal(accept(helper, NULL, NULL), -1);
	close(helper);
}

/* "No more items" would be no answer to a request to set something. */
static void missing_folder_is_a_failure(void **state)
{
	char path[128];
	int i;

	(void)state;
	kvp_start(&kvp);
	for (i = 0; i < POOL_COUNT; i++) {
		snprintf(path, sizeof(path), "%s/.kvp_pool_%d", pools, i);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(pools), 0);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_E_FAIL);
	assert_true(fake_has_logged(&kvp.device, "request 1 refused"));
	assert_int_equal(kvp_get(&kvp, 0, "key"), HV_S_CONT);
}

static void missing_program_is_a_failure(void **state)
{
	static const struct set_ip_answer answer = { -ENOENT, "x: No such file or directory" };
	int helper = kvp_helper(&kvp);

	(void)state;
	kvp_start(&kvp);
	ask_for_address(GUID);
	expect_answer_of_helper(helper, &answer, HV_E_FAIL);
	close(helper);
}

static void helper_out_of_reach_is_a_failure(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/helper", kvp.device.folder);
	assert_int_equal(symlink("/dev/full", path), 0);
	kvp_start(&kvp);
	ask_for_address(GUID);
	assert_int_equal(kvp_ask(&kvp), HV_E_FAIL);
	assert_true(fake_has_logged(&kvp.device, "the helper for addresses: No space left"));
}

static void idle_daemon_sleeps(void **state)
{
	unsigned long before;

	(void)state;
	kvp_start(&kvp);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_S_OK);
	usleep(300000);
	before = fake_wakeups(&kvp.device);
	usleep(1000000);
	assert_int_equal(fake_wakeups(&kvp.device), before);
}

static void late_answers_reopen(void **state)
{
	(void)state;
	kvp_start(&kvp);
	/* The driver gave up, and asks again: the newest request is answered. */
	kill(kvp.device.daemon, SIGSTOP);
	memset(&kvp.message, 0, sizeof(kvp.message));
	kvp.message.kvp_hdr.operation = KVP_OP_ENUMERATE;
	fake_send(&kvp.device, &kvp.message, sizeof(kvp.message));
	fake_hang_up(&kvp.device);
	kill(kvp.device.daemon, SIGCONT);
	kvp_register(&kvp);
	assert_int_equal(kvp_set(&kvp, 0, "key", "value"), HV_S_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(five_pools_are_there),
		CASE(host_writes_and_reads),
		CASE(guest_pairs_are_enumerated),
		CASE(automatic_keys_have_their_indices),
		CASE(keys_with_a_meaning_follow),
		CASE(bad_requests_are_refused),
		CASE(device_comes_and_goes),
		CASE(quick_cycles_are_followed),
		CASE(no_device_is_an_error),
		CASE(other_drivers_are_refused),
		CASE(kill_loses_nothing),
		CASE(others_may_write_meanwhile),
		CASE(locked_pool_is_a_failure),
		CASE(locked_pools_do_not_stop_the_start),
		CASE(another_machine_forgets_its_host),
		CASE(locked_facts_are_forgotten_later),
		CASE(what_was_forgotten_is_not_again),
		CASE(facts_of_the_new_host_stay),
		CASE(unknown_adapter_starts_no_helper),
		CASE(helper_looks_for_adapters_of_the_boot),
		CASE(missing_folder_is_a_failure),
		CASE(missing_program_is_a_failure),
		CASE(helper_out_of_reach_is_a_failure),
		CASE(idle_daemon_sleeps),
		CASE(late_answers_reopen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
