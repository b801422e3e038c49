// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/image.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/machine/memory.h"
#include "tests/unit/unit.h"

#define MIB	(1ull << 20)

/* An ELF kernel of one segment, or a bzImage of one page of code; tests bend it. */
struct elf_file {
	Elf64_Ehdr elf;
	Elf64_Phdr segment;
	char code[1024];
};

struct bz_file {
	char boot[0x1f1];
	struct setup_header setup;
	char rest[1024 - 0x1f1 - sizeof(struct setup_header)];
	char code[4096];
};

struct bench {
	struct gmem *gmem;
	struct err err;
	struct image image;
	char path[64];
};

static struct elf_file good_elf(void)
{
	struct elf_file file = {
		.elf = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64 }, .e_machine = EM_X86_64,
			 .e_type = ET_EXEC, .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
			 .e_phoff = sizeof(Elf64_Ehdr), .e_entry = 0x100010 },
		.segment = { .p_type = PT_LOAD, .p_offset = offsetof(struct elf_file, code),
			     .p_paddr = 0x100000, .p_filesz = 1024, .p_memsz = 8192 },
		.code = "kernel",
	};

	return file;
}

static struct bz_file good_bz(void)
{
	struct bz_file file = {
		.setup = { .setup_sects = 1, .boot_flag = 0xaa55, .header = 0x53726448,
			   .version = 0x20f, .xloadflags = XLF_KERNEL_64,
			   .pref_address = 0x100000, .init_size = 65536 },
		.code = "unpacker",
	};

	return file;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->gmem = gmem_create();
	assert_non_null(gmem_add(b->gmem, 0, 2 * MIB));
	strcpy(b->path, "/tmp/hvhost-image-XXXXXX");
	close(mkstemp(b->path));
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	unlink(b->path);
	gmem_destroy(b->gmem);
	free(b);
	return 0;
}

static int load(struct bench *b, const void *bytes, size_t len)
{
	FILE *file = fopen(b->path, "w");

	fwrite(bytes, 1, len, file);
	fclose(file);
	b->err.text[0] = '\0';
	return image_load_kernel(b->gmem, b->path, &b->image, &b->err);
}

static void an_elf_kernel_loads(void **state)
{
	struct bench *b = *state;
	struct elf_file file = good_elf();

	assert_int_equal(load(b, &file, sizeof(file)), 0);
	assert_int_equal(b->image.entry, 0x100010);
	assert_int_equal(b->image.end, 0x100000 + 8192);
	assert_string_equal(gmem_map(b->gmem, 0x100000, 8, false), "kernel");
}

static void a_fifo_is_no_kernel(void **state)
{
	struct bench *b = *state;
	char path[] = "/tmp/openlis-image-XXXXXX";

	assert_non_null(mkdtemp(path));
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(image_load_kernel(b->gmem, path, &b->image, &b->err), -EINVAL);
	unlink(path);
}

static void a_bzimage_loads(void **state)
{
	struct bench *b = *state;
	struct bz_file file = good_bz();

	assert_int_equal(load(b, &file, sizeof(file)), 0);
	assert_int_equal(b->image.entry, 0x100200);
	assert_string_equal(gmem_map(b->gmem, 0x100000, 16, false), "unpacker");
}

static void bad_elf_kernels_are_refused(void **state)
{
	struct bench *b = *state;
	struct elf_file good = good_elf(), bad;

#define BAD(field, value, error) do {					\
		bad = good;						\
		bad.field = (value);					\
		assert_int_equal(load(b, &bad, sizeof(bad)), error);	\
		assert_true(b->err.text[0]);				\
	} while (0)
	BAD(elf.e_ident[EI_CLASS], ELFCLASS32, -ENOEXEC);
	BAD(elf.e_machine, EM_ARM, -ENOEXEC);
	BAD(elf.e_type, ET_DYN, -ENOEXEC);
	BAD(elf.e_phnum, 0, -ENOEXEC);
	BAD(elf.e_phnum, 0xffff, -ENOEXEC);
	BAD(elf.e_phoff, UINT64_MAX - 8, -ENOEXEC);
	BAD(segment.p_offset, 1 << 20, -ENOEXEC);
	BAD(segment.p_filesz, 8193, -ENOEXEC);
	BAD(segment.p_filesz, 2048, -ENOEXEC);
	BAD(segment.p_memsz, UINT64_MAX, -ENOEXEC);
	BAD(segment.p_memsz, 2 * MIB, -ENOSPC);
	BAD(segment.p_paddr, 64 * MIB, -ENOSPC);
#undef BAD
}

static void bad_bzimages_are_refused(void **state)
{
	struct bench *b = *state;
	struct bz_file good = good_bz(), bad;

#define BAD(field, value, error) do {					\
		bad = good;						\
		bad.setup.field = (value);				\
		assert_int_equal(load(b, &bad, sizeof(bad)), error);	\
	} while (0)
	BAD(boot_flag, 0, -ENOEXEC);
	BAD(header, 0, -ENOEXEC);
	BAD(version, 0x20b, -ENOEXEC);
	BAD(xloadflags, 0, -ENOEXEC);
	BAD(setup_sects, 200, -ENOEXEC);
	BAD(init_size, 4 * MIB, -ENOSPC);
	BAD(pref_address, UINT64_MAX, -ENOSPC);
	BAD(pref_address, 0, -ENOSPC);
#undef BAD
}

static void other_files_are_refused(void **state)
{
	struct bench *b = *state;
	struct elf_file file = good_elf();
	char zeros[8192] = { 0 };

	assert_int_equal(load(b, "", 0), -ENOEXEC);
	assert_int_equal(load(b, "#!/bin/sh\n", 10), -ENOEXEC);
	assert_int_equal(load(b, zeros, sizeof(zeros)), -ENOEXEC);
	assert_int_equal(load(b, &file, sizeof(file) - 1), -ENOEXEC);
	assert_int_equal(image_load_kernel(b->gmem, "/nonexistent", &b->image, &b->err), -ENOENT);
	assert_int_equal(image_load_kernel(b->gmem, "/dev", &b->image, &b->err), -EINVAL);
}

static void an_initrd_goes_as_high_as_possible(void **state)
{
	struct bench *b = *state;
	uint64_t gpa, size;
	char bytes[5000] = "initrd";

	load(b, bytes, sizeof(bytes));
	assert_int_equal(image_load_initrd(b->gmem, b->path, MIB, 2 * MIB, &gpa, &size, &b->err), 0);
	assert_int_equal(size, 5000);
	assert_int_equal(gpa, 2 * MIB - 8192);
	assert_int_equal(image_load_initrd(b->gmem, b->path, 2 * MIB - 4096, 2 * MIB, &gpa, &size,
					   &b->err), -ENOSPC);
	assert_int_equal(image_load_initrd(b->gmem, b->path, 0, 4096, &gpa, &size, &b->err), -ENOSPC);
	load(b, "", 0);
	assert_int_equal(image_load_initrd(b->gmem, b->path, 0, MIB, &gpa, &size, &b->err), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_elf_kernel_loads, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bzimage_loads, setup, teardown),
		cmocka_unit_test_setup_teardown(a_fifo_is_no_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_elf_kernels_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_bzimages_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(other_files_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(an_initrd_goes_as_high_as_possible, setup, teardown),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
