// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/hvctl/hvctl.h"

#include <string.h>

#include "host/control/hvctl/data.h"
#include "host/control/hvctl/services.h"
#include "host/control/hvctl/words.h"

/* From words to arguments. The host judges the values; here only the form counts. */

static int no_words(int argc, char **argv, struct json_object *args)
{
	(void)argv;
	(void)args;
	return argc ? -1 : 0;
}

static int device_word(int argc, char **argv, struct json_object *args)
{
	if (argc != 1)
		return -1;
	put_string(args, "device", argv[0]);
	return 0;
}

static int rescind_words(int argc, char **argv, struct json_object *args)
{
	if (argc == 2 && put_number(args, "sub_channel", argv[1]))
		return -1;
	return device_word(argc == 2 ? 1 : argc, argv, args);
}

/* "LUN" or "CONTROLLER:LUN" */
static int put_address(struct json_object *args, char *word)
{
	char *colon = strchr(word, ':');

	if (!colon)
		return put_number(args, "lun", word);
	*colon = '\0';
	return put_number(args, "controller", word) || put_number(args, "lun", colon + 1) ? -1 : 0;
}

static int disk_words(int argc, char **argv, struct json_object *args)
{
	const char *action = argc ? argv[0] : "list";

	put_string(args, "action", action);
	if (!strcmp(action, "list"))
		return argc <= 1 ? 0 : -1;
	if (!strcmp(action, "add") && argc == 2) {
		put_string(args, "spec", argv[1]);
		return 0;
	}
	if (!strcmp(action, "remove") && argc == 2)
		return put_address(args, argv[1]);
	if (!strcmp(action, "resize") && argc == 3) {
		put_string(args, "size", argv[2]);
		return put_address(args, argv[1]);
	}
	if (!strcmp(action, "rescan") && argc <= 2)
		return argc == 2 ? put_number(args, "controller", argv[1]) : 0;
	return -1;
}

/* The words of a fault may be one argument or several. */
static void put_joined(struct json_object *args, int argc, char **argv)
{
	char text[512] = "";
	int i;

	for (i = 0; i < argc && strlen(text) + strlen(argv[i]) + 2 < sizeof(text); i++) {
		if (i)
			strcat(text, " ");
		strcat(text, argv[i]);
	}
	put_string(args, "text", text);
}

static int fault_words(int argc, char **argv, struct json_object *args)
{
	const char *action = argc ? argv[0] : "list";

	put_string(args, "action", action);
	if (!strcmp(action, "list") || !strcmp(action, "points"))
		return argc <= 1 ? 0 : -1;
	if (!strcmp(action, "clear") && argc <= 2)
		return argc == 2 ? put_number(args, "id", argv[1]) : 0;
	if (!strcmp(action, "arm") && argc >= 2) {
		put_joined(args, argc - 1, argv + 1);
		return 0;
	}
	return -1;
}

static int trace_words(int argc, char **argv, struct json_object *args)
{
	if (argc == 1 && (!strcmp(argv[0], "-f") || !strcmp(argv[0], "--follow"))) {
		json_object_object_add(args, "follow", json_object_new_boolean(1));
		return 0;
	}
	if (argc == 2 && !strcmp(argv[0], "-n"))
		return put_number(args, "max", argv[1]);
	return argc ? -1 : 0;
}

static int exec_words(int argc, char **argv, struct json_object *args)
{
	struct json_object *list;
	int i = 0;

	if (argc >= 2 && !strcmp(argv[0], "--timeout")) {
		if (put_number(args, "timeout", argv[1]))
			return -1;
		i = 2;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	else if (i < argc && argv[i][0] == '-')
		return -1;
	if (i == argc)
		return -1;
	list = json_object_new_array();
	for (; i < argc; i++)
		json_object_array_add(list, json_object_new_string(argv[i]));
	json_object_object_add(args, "argv", list);
	return 0;
}

static int wait_words(int argc, char **argv, struct json_object *args)
{
	int i;

	if (!argc)
		return -1;
	put_string(args, "for", argv[0]);
	for (i = 1; i < argc; i++) {
		const char *key = argv[i];

		if (key[0] != '-') {
			put_string(args, "device", key);
			continue;
		}
		if ((strcmp(key, "--timeout") && strcmp(key, "--count")) || ++i == argc ||
		    put_number(args, key + 2, argv[i]))
			return -1;
	}
	return 0;
}

const struct verb verbs[] = {
	{ "status", "", "The guest, its services, and all devices and channels.",
	  no_words, print_status },
	{ "stats", "", "Counters of channels, disks, messages and exits, since the start.",
	  no_words, print_stats },
	{ "checker", "", "What the guest did against the protocol.", no_words, print_checker },
	{ "offer", "DEVICE", "Offer a device (again). Names are in `hvctl status`.",
	  device_word, print_nothing },
	{ "rescind", "DEVICE [SUB]",
	  "Take a device away from the guest, or only its sub-channel SUB (1, 2, ...).",
	  rescind_words, print_nothing },
	{ "disk", "[list] | add SPEC | remove [C:]LUN | resize [C:]LUN SIZE | rescan [C]",
	  "Disks of the SCSI controllers; C is 0 or 1 (0).\n"
	  "SPEC: file=PATH|ram=SIZE|null=SIZE[,controller=C][,lun=N][,ro][,serial=TEXT]"
	  "[,block=512|4096]\n"
	  "After a resize the guest learns the new size with its next command; rescan tells\n"
	  "it at once to look at all disks.",
	  disk_words, print_disk },
	{ "pause", "", "Stop all vCPUs.", no_words, print_nothing },
	{ "resume", "", "Let the vCPUs run again.", no_words, print_nothing },
	{ "service", "[list] | on NAME | off NAME | patience NAME SECONDS",
	  "The integration services; offer one to the guest, or take it away; wait at most so\n"
	  "long for its answers (0: as usual).\n"
	  "NAME: heartbeat, shutdown, timesync, kvp, vss, fcopy.",
	  service_words, print_services },
	{ "heartbeat", "[beat N]",
	  "Whether the guest is there and how it says that it is; or ask it N times at once.",
	  heartbeat_words, print_heartbeat },
	{ "time", "[sync | sample [N] | jump SECONDS]",
	  "The time service; tell the guest the time, or move the host's clock.\n"
	  "A sync says \"set your clock\"; samples go out every five seconds anyway.\n"
	  "SECONDS may be negative and have a fraction; what is sent afterwards shows it.",
	  time_words, print_time },
	{ "kvp", "list POOL | get POOL KEY | set POOL KEY VALUE [--type T] | delete POOL KEY | "
	  "status | poll [S] | raw HEX",
	  "Key-value pairs of the guest.\n"
	  "POOL: external, guest, auto, auto-external, auto-internal or 0 to 4.\n"
	  "T: string, expand, u32, u64, u64-linux (the number that <linux/hyperv.h> has for it).\n"
	  "The host looks at the automatic keys every minute; poll does it now, or every S\n"
	  "seconds, 0 for never. raw sends the body of a message.",
	  kvp_words, print_kvp },
	{ "ip", "get --mac MAC | set --device GUID [--address A/P]... [--gateway G]... [--dns D]... "
	  "[--dhcp]",
	  "Addresses of a network adapter of the guest.\n"
	  "set answers when the guest has applied them; GUID is the adapter's VMBus instance.",
	  ip_words, print_ip },
	{ "vss", "check | disks | freeze | thaw | complete | auto-recover | cluster [--timeout S] | "
	  "backup [C:]LUN FILE [--timeout S] [--no-freeze] | status | raw HEX",
	  "The backup service.\n"
	  "backup asks whether it can be done, freezes the guest, copies the disk to a new FILE,\n"
	  "thaws, and says how long the guest was frozen. S bounds the wait for a freeze.",
	  vss_words, print_vss },
	{ "copy", "FILE DEST [--overwrite] [--create-path] [--cancel-after BYTES] | status | raw HEX",
	  "Copy a file of the host into the guest.\n"
	  "DEST is a path in the guest; with a / at its end the file keeps its name.",
	  copy_words, print_copy },
	{ "shutdown", "[--restart | --hibernate] [--force] [--text T] [--reason N] [--timeout S]",
	  "Ask the guest to power off; answers when the guest has agreed.\n"
	  "T, reason N and how long the guest may take (S) are passed on to it.",
	  shutdown_words, print_nothing },
	{ "reboot", "", "Ask the guest to restart.", no_words, print_nothing },
	{ "nmi", "", "Inject an NMI into every vCPU.", no_words, print_nothing },
	{ "quit", "", "End the run at once.", no_words, print_nothing },
	{ "fault", "[list] | arm POINT KIND[=N] [device=D] [relid=N] [after=N] [count=N] | "
	  "clear [ID] | points",
	  "Let the host misbehave at a named point.\n"
	  "KIND: delay=MS, drop, never, rescind; at stor.status instead srb=STATUS (and\n"
	  "0xSS00 for SCSI status SS) or sense=0xKKAAQQ. clear without ID clears all.\n"
	  "ic.kvp.request is ic.request of kvp. There and at ic.negotiate, frames can be\n"
	  "spoiled: pipe=N, length=N (what headers say), short=N, pad=N (bytes sent, added),\n"
	  "framework=0xMMMMmmmm, version=0xMMMMmmmm, type=N, transaction=N, flags=N,\n"
	  "poke=0xOOOOVVVV (16 bits in the body), twice, hold (until the next one is out).",
	  fault_words, print_fault },
	{ "trace", "[-n LINES | -f]", "Decoded VMBus traffic, or follow it as it comes.",
	  trace_words, print_trace },
	{ "exec", "[--timeout S] -- COMMAND [ARGUMENT]...",
	  "Run a command in the guest.\n"
	  "Its output and exit status become those of hvctl (128 + n for signal n, 124 over time).",
	  exec_words, print_nothing },
	{ "wait", "CONDITION [DEVICE] [--count N] [--timeout S]",
	  "Wait until something has happened.\n"
	  "CONDITION: agent, heartbeat (N beats), heartbeat-lost, offers, powered-off;\n"
	  "with a device: channel-open (N channels), channel-closed, withdrawn.",
	  wait_words, print_end },
	{ .name = NULL },
};
