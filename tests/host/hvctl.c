// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/hvctl/hvctl.h"

#include <stdio.h>
#include <unistd.h>

#include "host/control/hvctl/table.h"

#include "tests/unit/unit.h"

/* What a person types, and the arguments that become of it; NULL: a usage error. */
static const struct {
	const char *words;
	const char *args;
} lines[] = {
	{ "status", "{}" },
	{ "status now", NULL },
	{ "offer scsi1", "{\"device\":\"scsi1\"}" },
	{ "offer", NULL },
	{ "rescind a b", NULL },
	{ "disk", "{\"action\":\"list\"}" },
	{ "disk list", "{\"action\":\"list\"}" },
	{ "disk add ram=1M,ro", "{\"action\":\"add\",\"spec\":\"ram=1M,ro\"}" },
	{ "disk add", NULL },
	{ "disk remove 3", "{\"action\":\"remove\",\"lun\":3}" },
	{ "disk remove 1:3", "{\"action\":\"remove\",\"controller\":1,\"lun\":3}" },
	{ "disk remove x", NULL },
	{ "disk remove 1:", NULL },
	{ "disk resize 0:2 64M",
	  "{\"action\":\"resize\",\"size\":\"64M\",\"controller\":0,\"lun\":2}" },
	{ "disk resize 2", NULL },
	{ "disk rescan", "{\"action\":\"rescan\"}" },
	{ "disk rescan 1", "{\"action\":\"rescan\",\"controller\":1}" },
	{ "disk eject 1", NULL },
	{ "shutdown", "{}" },
	{ "shutdown --reboot", "{\"reboot\":true}" },
	{ "shutdown now", NULL },
	{ "shutdown --restart --force", "{\"restart\":true,\"force\":true}" },
	{ "shutdown --hibernate --text bye --reason 0x80020003 --timeout 90",
	  "{\"hibernate\":true,\"text\":\"bye\",\"reason\":2147614723,\"timeout\":90}" },
	{ "shutdown --reason why", NULL },
	{ "shutdown --text", NULL },
	{ "service", "{\"action\":\"list\"}" },
	{ "service off kvp", "{\"action\":\"off\",\"name\":\"kvp\"}" },
	{ "service on", NULL },
	{ "service patience kvp 5", "{\"action\":\"patience\",\"name\":\"kvp\",\"seconds\":5}" },
	{ "service patience kvp", NULL },
	{ "service restart kvp", NULL },
	{ "heartbeat", "{}" },
	{ "heartbeat beat 100", "{\"action\":\"beat\",\"count\":100}" },
	{ "heartbeat beat", NULL },
	{ "heartbeat stop 1", NULL },
	{ "time", "{}" },
	{ "time sync", "{\"action\":\"sync\"}" },
	{ "time sync 3", NULL },
	{ "time sample", "{\"action\":\"sample\"}" },
	{ "time sample 40", "{\"action\":\"sample\",\"count\":40}" },
	{ "time jump -3600", "{\"action\":\"jump\",\"us\":-3600000000}" },
	{ "time jump 0.05", "{\"action\":\"jump\",\"us\":50000}" },
	{ "time jump", NULL },
	{ "time jump soon", NULL },
	{ "time jump nan", NULL },
	{ "time melt", NULL },
	{ "kvp list guest", "{\"action\":\"list\",\"pool\":\"guest\"}" },
	{ "kvp list", NULL },
	{ "kvp list 0 1", NULL },
	{ "kvp get 0 k", "{\"action\":\"get\",\"pool\":\"0\",\"key\":\"k\"}" },
	{ "kvp get 0", NULL },
	{ "kvp get 0 k v", NULL },
	{ "kvp set 0 k v", "{\"action\":\"set\",\"pool\":\"0\",\"key\":\"k\",\"value\":\"v\"}" },
	{ "kvp set 0 k 7 --type u32",
	  "{\"action\":\"set\",\"pool\":\"0\",\"key\":\"k\",\"value\":\"7\",\"type\":\"u32\"}" },
	{ "kvp set 0 k 7 --type", NULL },
	{ "kvp set 0 k 7 --kind u32", NULL },
	{ "kvp set 0 k", NULL },
	{ "kvp delete 0 k", "{\"action\":\"delete\",\"pool\":\"0\",\"key\":\"k\"}" },
	{ "kvp status", "{\"action\":\"status\"}" },
	{ "kvp poll", "{\"action\":\"poll\"}" },
	{ "kvp poll 0", "{\"action\":\"poll\",\"seconds\":0}" },
	{ "kvp poll often", NULL },
	{ "kvp raw 00ff", "{\"action\":\"raw\",\"hex\":\"00ff\"}" },
	{ "kvp raw", NULL },
	{ "kvp eat", NULL },
	{ "kvp", NULL },
	{ "ip get --mac 00:15:5d:01:02:03", "{\"action\":\"get\",\"mac\":\"00:15:5d:01:02:03\"}" },
	{ "ip get 00:15:5d:01:02:03", NULL },
	{ "ip set --device G --address 1/2 --address 3/4 --gateway 5 --dns 6",
	  "{\"action\":\"set\",\"device\":\"G\",\"address\":[\"1\\/2\",\"3\\/4\"],"
	  "\"gateway\":[\"5\"],\"dns\":[\"6\"]}" },
	{ "ip set --device G --dhcp", "{\"action\":\"set\",\"device\":\"G\",\"dhcp\":true}" },
	{ "ip set --address 1/2 --dhcp", NULL },
	{ "ip set --device G --address", NULL },
	{ "ip set --device G --route 1", NULL },
	{ "ip drop --device G", NULL },
	{ "ip", NULL },
	{ "vss check", "{\"action\":\"check\"}" },
	{ "vss freeze --timeout 9", "{\"action\":\"freeze\",\"timeout\":9}" },
	{ "vss freeze --timeout", NULL },
	{ "vss freeze now", NULL },
	{ "vss auto-recover", "{\"action\":\"auto-recover\"}" },
	{ "vss backup 1:3 /f", "{\"action\":\"backup\",\"controller\":1,\"lun\":3,\"file\":\"\\/f\"}" },
	{ "vss backup 3 /f --no-freeze",
	  "{\"action\":\"backup\",\"lun\":3,\"file\":\"\\/f\",\"no_freeze\":true}" },
	{ "vss backup /f", NULL },
	{ "vss backup x /f", NULL },
	{ "vss status", "{\"action\":\"status\"}" },
	{ "vss status now", NULL },
	{ "vss raw 00", "{\"action\":\"raw\",\"hex\":\"00\"}" },
	{ "vss", NULL },
	{ "vss melt", NULL },
	{ "copy /f /g", "{\"file\":\"\\/f\",\"destination\":\"\\/g\"}" },
	{ "copy /f /g --overwrite --create-path --cancel-after 7",
	  "{\"file\":\"\\/f\",\"destination\":\"\\/g\",\"overwrite\":true,\"create_path\":true,"
	  "\"cancel_after\":7}" },
	{ "copy /f", NULL },
	{ "copy /f /g --cancel-after", NULL },
	{ "copy /f /g --force", NULL },
	{ "copy status", "{\"action\":\"status\"}" },
	{ "copy raw 00", "{\"action\":\"raw\",\"hex\":\"00\"}" },
	{ "copy", NULL },
	{ "fault", "{\"action\":\"list\"}" },
	{ "fault points", "{\"action\":\"points\"}" },
	{ "fault arm stor.srb delay=5 count=2",
	  "{\"action\":\"arm\",\"text\":\"stor.srb delay=5 count=2\"}" },
	{ "fault arm", NULL },
	{ "fault clear", "{\"action\":\"clear\"}" },
	{ "fault clear 4", "{\"action\":\"clear\",\"id\":4}" },
	{ "fault clear all", NULL },
	{ "trace", "{}" },
	{ "trace -n 5", "{\"max\":5}" },
	{ "trace -f", "{\"follow\":true}" },
	{ "trace 5", NULL },
	{ "exec -- ls -l /", "{\"argv\":[\"ls\",\"-l\",\"\\/\"]}" },
	{ "exec ls", "{\"argv\":[\"ls\"]}" },
	{ "exec --timeout 9 -- ls", "{\"timeout\":9,\"argv\":[\"ls\"]}" },
	{ "exec --timeout x -- ls", NULL },
	{ "exec --quiet ls", NULL },
	{ "exec --", NULL },
	{ "exec", NULL },
	{ "wait agent", "{\"for\":\"agent\"}" },
	{ "wait channel-open scsi0 --count 2 --timeout 30",
	  "{\"for\":\"channel-open\",\"device\":\"scsi0\",\"count\":2,\"timeout\":30}" },
	{ "wait agent --timeout", NULL },
	{ "wait agent --until 5", NULL },
	{ "wait", NULL },
};

static const struct verb *find(const char *name)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
	}
	fail_msg("no verb %s", name);
	return NULL;
}

static int split(char *words, char **argv)
{
	char *save, *word;
	int argc = 0;

	for (word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	return argc;
}

static void words_become_arguments(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct json_object *args = json_object_new_object();
		char *argv[16], *words = strdup(lines[i].words);
		int argc = split(words, argv);
		int ret = find(argv[0])->parse(argc - 1, argv + 1, args);

		if (ret != (lines[i].args ? 0 : -1))
			fail_msg("%s: %d", lines[i].words, ret);
		if (lines[i].args)
			assert_string_equal(json_object_to_json_string_ext(args,
					    JSON_C_TO_STRING_PLAIN), lines[i].args);
		json_object_put(args);
		free(words);
	}
}

/* Results that lack everything must not stop a client of another version. */
static void empty_results_can_be_printed(void **state)
{
	const struct verb *verb;
	int saved = dup(STDOUT_FILENO);

	(void)state;
	fflush(stdout);
	assert_non_null(freopen("/dev/null", "w", stdout));
	for (verb = verbs; verb->name; verb++) {
		struct json_object *result = json_object_new_object();

		verb->print(result);
		json_object_put(result);
	}
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static void sizes_have_units(void **state)
{
	char cell[CELL_MAX];

	(void)state;
	format_bytes(0, cell);
	assert_string_equal(cell, "0 B");
	format_bytes(1536, cell);
	assert_string_equal(cell, "1.5 KiB");
	format_bytes(3ull << 40, cell);
	assert_string_equal(cell, "3 TiB");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_arguments),
		cmocka_unit_test(empty_results_can_be_printed),
		cmocka_unit_test(sizes_have_units),
	};

	return cmocka_run_group_tests_name("hvctl", tests, NULL, NULL);
}
