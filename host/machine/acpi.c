// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/acpi.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "host/machine/memory.h"
#include "host/machine/power.h"
#include "host/machine/vm.h"
#include "protocol/types.h"

#include "dsdt.hex"	/* generated from dsdt.asl: dsdt_aml_code[] */

/* Table layouts: ACPI specification 6.0, chapter 5.2. */
struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum;
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	char creator_id[4];
	u32 creator_revision;
} HVP_PACKED;

static_assert(sizeof(struct acpi_header) == 36, "ACPI table header");

struct acpi_rsdp {
	char signature[8];
	u8 checksum;		/* of the first 20 bytes */
	char oem_id[6];
	u8 revision;
	u32 rsdt;
	u32 length;
	u64 xsdt;
	u8 extended_checksum;
	u8 reserved[3];
} HVP_PACKED;

static_assert(sizeof(struct acpi_rsdp) == 36, "RSDP");

struct acpi_xsdt {
	struct acpi_header header;
	u64 tables[2];
} HVP_PACKED;

struct acpi_address {
	u8 space;		/* 1: I/O ports */
	u8 bits;
	u8 offset;
	u8 access;		/* 1: byte */
	u64 address;
} HVP_PACKED;

/* Only what a hardware-reduced machine fills in has a name. */
struct acpi_fadt {
	struct acpi_header header;
	u8 legacy1[109 - 36];
	u16 boot_flags;
	u8 reserved1;
	u32 flags;
	struct acpi_address reset_register;
	u8 reset_value;
	u16 arm_flags;
	u8 minor_revision;
	u64 x_facs;
	u64 x_dsdt;
	u8 legacy2[244 - 148];
	struct acpi_address sleep_control;
	struct acpi_address sleep_status;
	char hypervisor[8];
} HVP_PACKED;

static_assert(offsetof(struct acpi_fadt, flags) == 112, "FADT flags");
static_assert(offsetof(struct acpi_fadt, sleep_control) == 244, "FADT sleep control");
static_assert(sizeof(struct acpi_fadt) == 276, "FADT revision 6");

#define FADT_CENTURY		(108 - 36)	/* in legacy1: CMOS index of the century */
#define CMOS_CENTURY		0x32

#define BOOT_NO_VGA		0x04
#define BOOT_NO_MSI		0x08

#define FADT_WBINVD		(1u << 0)
#define FADT_NO_POWER_BUTTON	(1u << 4)	/* no fixed-hardware button */
#define FADT_NO_SLEEP_BUTTON	(1u << 5)
#define FADT_RESET_REGISTER	(1u << 10)
#define FADT_HARDWARE_REDUCED	(1u << 20)

struct madt_lapic {
	u8 type;		/* 0 */
	u8 length;
	u8 processor;
	u8 apic_id;
	u32 flags;		/* 1: enabled */
} HVP_PACKED;

struct madt_ioapic {
	u8 type;		/* 1 */
	u8 length;
	u8 id;
	u8 reserved;
	u32 address;
	u32 gsi_base;
} HVP_PACKED;

struct acpi_madt {
	struct acpi_header header;
	u32 lapic_address;
	u32 flags;		/* 0: no dual 8259 */
	struct madt_ioapic ioapic;
	struct madt_lapic lapic[VM_MAX_VCPUS];
} HVP_PACKED;

#define LAPIC_ADDRESS	0xfee00000u
#define IOAPIC_ADDRESS	0xfec00000u

static u8 checksum(const void *data, size_t len)
{
	const u8 *bytes = data;
	u8 sum = 0;

	while (len--)
		sum += *bytes++;
	return (u8)-sum;
}

static struct acpi_header table_header(const char *signature, size_t length, u8 revision)
{
	struct acpi_header header = {
		.length = (u32)length,
		.revision = revision,
		.oem_id = "OPNLIS",
		.oem_table_id = { 'H', 'V', 'H', 'O', 'S', 'T', ' ', ' ' },
		.oem_revision = 1,
		.creator_id = { 'H', 'V', 'H', 'T' },
		.creator_revision = 1,
	};

	memcpy(header.signature, signature, sizeof(header.signature));
	return header;
}

static struct acpi_address port_address(u64 port)
{
	return (struct acpi_address){ .space = 1, .bits = 8, .access = 1, .address = port };
}

/* A bump allocator over the BIOS area; failed once means failed for good. */
struct table_writer {
	struct gmem *gmem;
	u64 next;
	bool failed;
};

static u64 put_bytes(struct table_writer *writer, const void *data, size_t len)
{
	u64 gpa = writer->next;

	if (gpa + len > ACPI_LIMIT || gmem_write(writer->gmem, gpa, data, len)) {
		writer->failed = true;
		return 0;
	}
	writer->next = (gpa + len + 63) & ~63ull;
	return gpa;
}

static u64 put_table(struct table_writer *writer, struct acpi_header *table)
{
	table->checksum = 0;
	table->checksum = checksum(table, table->length);
	return put_bytes(writer, table, table->length);
}

static u64 put_fadt(struct table_writer *writer, u64 dsdt)
{
	struct acpi_fadt fadt = {
		.header = table_header("FACP", sizeof(fadt), 6),
		.boot_flags = BOOT_NO_VGA | BOOT_NO_MSI,
		.flags = FADT_WBINVD | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON |
			 FADT_RESET_REGISTER | FADT_HARDWARE_REDUCED,
		.reset_register = port_address(POWER_RESET_PORT),
		.reset_value = POWER_RESET_VALUE,
		.x_dsdt = dsdt,
		.sleep_control = port_address(POWER_SLEEP_PORT),
		.sleep_status = port_address(POWER_SLEEP_PORT + 1),
		.hypervisor = { 'O', 'p', 'e', 'n', 'L', 'I', 'S', ' ' },
	};

	fadt.legacy1[FADT_CENTURY] = CMOS_CENTURY;
	return put_table(writer, &fadt.header);
}

static u64 put_madt(struct table_writer *writer, unsigned int cpus)
{
	size_t length = offsetof(struct acpi_madt, lapic) + cpus * sizeof(struct madt_lapic);
	struct acpi_madt madt = {
		.header = table_header("APIC", length, 4),
		.lapic_address = LAPIC_ADDRESS,
		.ioapic = { .type = 1, .length = sizeof(struct madt_ioapic),
			    .address = IOAPIC_ADDRESS },
	};

	for (unsigned int i = 0; i < cpus; i++)
		madt.lapic[i] = (struct madt_lapic){
			.type = 0, .length = sizeof(struct madt_lapic),
			.processor = (u8)i, .apic_id = (u8)i, .flags = 1,
		};
	return put_table(writer, &madt.header);
}

static u64 put_xsdt(struct table_writer *writer, u64 fadt, u64 madt)
{
	struct acpi_xsdt xsdt = {
		.header = table_header("XSDT", sizeof(xsdt), 1),
		.tables = { fadt, madt },
	};

	return put_table(writer, &xsdt.header);
}

static bool put_rsdp(struct gmem *gmem, u64 xsdt)
{
	struct acpi_rsdp rsdp = {
		.signature = { 'R', 'S', 'D', ' ', 'P', 'T', 'R', ' ' },
		.oem_id = "OPNLIS",
		.revision = 2,
		.length = sizeof(rsdp),
		.xsdt = xsdt,
	};

	rsdp.checksum = checksum(&rsdp, 20);
	rsdp.extended_checksum = checksum(&rsdp, sizeof(rsdp));
	return !gmem_write(gmem, ACPI_BASE, &rsdp, sizeof(rsdp));
}

uint64_t acpi_load(struct gmem *gmem, unsigned int cpus)
{
	struct table_writer writer = { .gmem = gmem, .next = ACPI_BASE + 64 };
	u64 dsdt = put_bytes(&writer, dsdt_aml_code, sizeof(dsdt_aml_code));
	u64 fadt = put_fadt(&writer, dsdt);
	u64 madt = put_madt(&writer, cpus);
	u64 xsdt = put_xsdt(&writer, fadt, madt);

	return !writer.failed && put_rsdp(gmem, xsdt) ? ACPI_BASE : 0;
}
