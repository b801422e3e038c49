// SPDX-License-Identifier: GPL-2.0-only
/*
 * SCSI commands sent as they are to the first synthetic disk: those that the
 * disk driver needs, and those that a synthetic disk does not know, which must
 * come back with clean sense data instead of a driver error.
 *
 * usage: commands [DEVICE]
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "ksft.h"
#include "sgio.h"

#define GOOD			0x00
#define CHECK_CONDITION		0x02
#define ILLEGAL_REQUEST		0x05
#define INVALID_OPCODE		0x20
#define INVALID_FIELD		0x24
#define OPCODE_OR_FIELD		0x00	/* of a service action, either may be said to be invalid */

#define SCSI_CLASS	"ba6163d9-04a1-4d29-b605-72e2ffb1dc7f"

static int device;

static int send_cdb(struct sgio *command, const uint8_t *cdb, uint8_t cdb_len, void *data,
		    uint32_t data_len)
{
	int err;

	memset(command, 0, sizeof(*command));
	memcpy(command->cdb, cdb, cdb_len);
	command->cdb_len = cdb_len;
	command->data = data;
	command->data_len = data_len;
	err = sgio_send(device, command);
	if (err)
		ksft_print_msg("opcode %#x: %s\n", cdb[0], strerror(-err));
	return err;
}

static bool is_good(const struct sgio *command)
{
	if (command->status == GOOD && !command->host_status)
		return true;
	ksft_print_msg("opcode %#x: status %#x, host status %#x, driver status %#x\n",
		       command->cdb[0], command->status, command->host_status,
		       command->driver_status);
	return false;
}

static bool inquiry(uint8_t page, bool vital, uint8_t *data, uint16_t len)
{
	uint8_t cdb[6] = { 0x12, vital, page, len >> 8, len & 0xff, 0 };
	struct sgio command;

	memset(data, 0, len);
	return !send_cdb(&command, cdb, sizeof(cdb), data, len) && is_good(&command);
}

static void test_inquiry(void)
{
	uint8_t data[255];
	bool ok = inquiry(0, false, data, sizeof(data));

	if (ok)
		ksft_print_msg("INQUIRY: '%.8s' '%.16s' '%.4s', version %u\n", data + 8, data + 16,
			       data + 32, data[2]);
	/* A disk, connected, with a whole standard header. */
	ksft_test_result(ok && data[0] == 0 && data[4] >= 31, "INQUIRY");
}

/* Exactly as many bytes as asked for are touched. */
static void test_inquiry_short(void)
{
	uint8_t data[64];
	uint8_t cdb[6] = { 0x12, 0, 0, 0, 5, 0 };
	struct sgio command;
	bool ok;

	memset(data, 0xa5, sizeof(data));
	ok = !send_cdb(&command, cdb, sizeof(cdb), data, 5) && is_good(&command);
	ksft_test_result(ok && data[5] == 0xa5 && data[63] == 0xa5, "INQUIRY of 5 bytes");
}

static bool has_page(const uint8_t *list, uint8_t page)
{
	unsigned int i, count = list[2] << 8 | list[3];

	for (i = 0; i < count; i++) {
		if (list[4 + i] == page)
			return true;
	}
	return false;
}

static void test_vital_pages(void)
{
	uint8_t list[4 + 255], data[255];
	unsigned int i, count, wrong = 0;
	bool ok = inquiry(0x00, true, list, 255);

	count = ok ? list[2] << 8 | list[3] : 0;
	for (i = 0; i < count && i < 251; i++) {
		if (!inquiry(list[4 + i], true, data, sizeof(data)) || data[1] != list[4 + i])
			wrong++;
	}
	ksft_test_result(ok && !wrong, "%u VPD pages", count);
	ksft_test_result(ok && has_page(list, 0x83) && inquiry(0x83, true, data, sizeof(data)) &&
			 (data[2] || data[3]), "identification page 0x83");
}

static bool is_wanted(uint8_t asc, uint8_t wanted)
{
	if (wanted == OPCODE_OR_FIELD)
		return asc == INVALID_OPCODE || asc == INVALID_FIELD;
	return asc == wanted;
}

static bool has_sense(const uint8_t *cdb, uint8_t cdb_len, uint8_t asc_wanted)
{
	uint8_t data[512] = { 0 };
	uint8_t key = 0, asc = 0, ascq = 0;
	struct sgio command;
	bool ok;

	ok = !send_cdb(&command, cdb, cdb_len, data, sizeof(data)) &&
	     command.status == CHECK_CONDITION && !command.host_status &&
	     sgio_sense(&command, &key, &asc, &ascq);
	ok = ok && key == ILLEGAL_REQUEST && is_wanted(asc, asc_wanted);
	if (!ok)
		ksft_print_msg("status %#x, host status %#x, sense %x/%02x/%02x\n", command.status,
			       command.host_status, key, asc, ascq);
	return ok;
}

static void expect_sense(const char *name, const uint8_t *cdb, uint8_t cdb_len, uint8_t asc_wanted)
{
	ksft_test_result(has_sense(cdb, cdb_len, asc_wanted), "%s", name);
}

/* Only ours has a version. */
static bool driver_is_stock(void)
{
	return access("/sys/module/hv_storvsc/version", F_OK) != 0;
}

static void test_unknown_page(void)
{
	static const uint8_t cdb[6] = { 0x12, 1, 0x7e, 0, 255, 0 };
	bool ok = has_sense(cdb, sizeof(cdb), INVALID_FIELD);

	if (!ok && driver_is_stock())
		ksft_test_result_xfail("unknown VPD page # XFAIL the stock driver turns a failed INQUIRY into a success");
	else
		ksft_test_result(ok, "unknown VPD page");
}

static void test_ready(void)
{
	uint8_t cdb[6] = { 0 };
	struct sgio command;

	ksft_test_result(!send_cdb(&command, cdb, sizeof(cdb), NULL, 0) && is_good(&command),
			 "TEST UNIT READY");
}

static uint64_t big_endian(const uint8_t *bytes, unsigned int count)
{
	uint64_t value = 0;

	while (count--)
		value = value << 8 | *bytes++;
	return value;
}

static void test_capacity(void)
{
	uint8_t cdb10[10] = { 0x25 };
	uint8_t cdb16[16] = { 0x9e, 0x10, [13] = 32 };
	uint8_t data10[8] = { 0 }, data16[32] = { 0 };
	struct sgio command;
	uint64_t last10, last16;
	bool ok;

	ok = !send_cdb(&command, cdb10, sizeof(cdb10), data10, sizeof(data10)) && is_good(&command);
	last10 = big_endian(data10, 4);
	ksft_test_result(ok && last10, "READ CAPACITY(10)");
	ok = !send_cdb(&command, cdb16, sizeof(cdb16), data16, sizeof(data16)) && is_good(&command);
	last16 = big_endian(data16, 8);
	ksft_test_result(ok && (last16 == last10 || last10 == UINT32_MAX) &&
			 big_endian(data16 + 8, 4) == big_endian(data10 + 4, 4),
			 "READ CAPACITY(16) agrees");
}

static void test_report_luns(void)
{
	uint8_t cdb[12] = { 0xa0, [8] = 4 };
	uint8_t data[1024] = { 0 };
	struct sgio command;
	bool ok = !send_cdb(&command, cdb, sizeof(cdb), data, sizeof(data)) && is_good(&command);
	uint64_t bytes = big_endian(data, 4);

	if (ok)
		ksft_print_msg("%u logical units\n", (unsigned int)(bytes / 8));
	ksft_test_result(ok && bytes >= 8 && bytes % 8 == 0, "REPORT LUNS");
}

/* Reading past the end is refused by the disk, and the driver passes that on. */
static void test_read_past_end(void)
{
	uint8_t cdb[16] = { 0x88, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1 };

	expect_sense("READ(16) past the end", cdb, sizeof(cdb), 0x21);
}

/* Data goes to an odd address: what the block layer does for that must not show. */
static void test_read_unaligned(void)
{
	static uint8_t plain[4096], odd[4096 + 64];
	uint8_t cdb[10] = { 0x28, [8] = 1 };
	struct sgio command;
	bool ok;

	memset(odd, 0xa5, sizeof(odd));
	ok = !send_cdb(&command, cdb, sizeof(cdb), plain, 512) && is_good(&command) &&
	     !send_cdb(&command, cdb, sizeof(cdb), odd + 33, 512) && is_good(&command);
	ksft_test_result(ok && !memcmp(plain, odd + 33, 512) && odd[32] == 0xa5 &&
			 odd[33 + 512] == 0xa5, "READ(10) to an odd address");
}

/* Asks for fewer bytes than the command moves, or more: never beyond the buffer. */
static void test_read_residual(void)
{
	static uint8_t data[8192];
	uint8_t cdb[10] = { 0x28, [8] = 1 };
	struct sgio command;
	bool ok;

	memset(data, 0xa5, sizeof(data));
	ok = !send_cdb(&command, cdb, sizeof(cdb), data, 4096);
	if (ok && command.status == GOOD && !command.host_status)
		ksft_print_msg("residual %d\n", command.residual);
	ksft_test_result(ok && data[4096] == 0xa5, "READ(10) of less than the buffer");
}

/* Return: is the block device on a SCSI controller of the bus? */
static bool is_synthetic(const char *name)
{
	char link[128], path[PATH_MAX], file[PATH_MAX + 16], class_id[64] = "";
	char *slash;
	FILE *stream;

	snprintf(link, sizeof(link), "/sys/block/%.32s/device", name);
	if (!realpath(link, path))
		return false;
	while ((slash = strrchr(path, '/')) && slash != path) {
		*slash = '\0';
		snprintf(file, sizeof(file), "%s/class_id", path);
		stream = fopen(file, "r");
		if (!stream)
			continue;
		if (!fgets(class_id, sizeof(class_id), stream))
			class_id[0] = '\0';
		fclose(stream);
		return strstr(class_id, SCSI_CLASS);
	}
	return false;
}

static bool find_disk(char *path, size_t size)
{
	struct dirent *entry;
	DIR *directory = opendir("/sys/block");
	bool found = false;

	while (directory && !found && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, "sd", 2) || !is_synthetic(entry->d_name))
			continue;
		snprintf(path, size, "/dev/%.32s", entry->d_name);
		found = true;
	}
	if (directory)
		closedir(directory);
	return found;
}

int main(int argc, char **argv)
{
	static const uint8_t unknown[6] = { 0x21 };
	static const uint8_t unknown16[16] = { 0x9f, 0x1f };
	static const uint8_t maintenance[12] = { 0xa3, 0x1f, [9] = 255 };
	char path[64] = "";

	ksft_print_header();
	if (argc > 1)
		snprintf(path, sizeof(path), "%s", argv[1]);
	else if (!find_disk(path, sizeof(path)))
		ksft_exit_skip("no synthetic disk\n");
	device = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (device < 0)
		ksft_exit_skip("%s: %s\n", path, strerror(errno));
	ksft_print_msg("%s\n", path);
	ksft_set_plan(15);
	test_ready();
	test_inquiry();
	test_inquiry_short();
	test_vital_pages();
	test_capacity();
	test_report_luns();
	test_read_past_end();
	test_read_unaligned();
	test_read_residual();
	expect_sense("unknown opcode", unknown, sizeof(unknown), INVALID_OPCODE);
	expect_sense("unknown opcode of 16 bytes", unknown16, sizeof(unknown16), OPCODE_OR_FIELD);
	test_unknown_page();
	expect_sense("unknown MAINTENANCE IN", maintenance, sizeof(maintenance), OPCODE_OR_FIELD);
	close(device);
	ksft_finished();
}
