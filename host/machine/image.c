// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/machine/memory.h"
#include "protocol/types.h"

#define SETUP_OFFSET		0x1f1		/* struct setup_header within a bzImage */
#define SETUP_MAGIC		0x53726448	/* "HdrS" */
#define SETUP_VERSION_MIN	0x020c		/* xloadflags */
#define BOOT_FLAG		0xaa55
#define BZIMAGE_GPA		0x100000
#define BZIMAGE_ENTRY64		0x200
#define ELF_MAX_SEGMENTS	64

/* Files */

struct file {
	int fd;
	uint64_t size;
	const char *path;
	struct err *err;
};

static int file_open(struct file *file, const char *path, struct err *err)
{
	struct stat status;
	int ret;

	*file = (struct file){ .path = path, .err = err };
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a FIFO must not block */
	if (file->fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (fstat(file->fd, &status))
		ret = err_set(err, -errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		ret = err_set(err, -EINVAL, "%s: not a regular file", path);
	else
		ret = 0;
	file->size = ret ? 0 : (uint64_t)status.st_size;
	if (ret)
		close(file->fd);
	return ret;
}

static int file_read(const struct file *file, uint64_t offset, void *buf, uint64_t len)
{
	char *out = buf;

	if (offset > file->size || len > file->size - offset)
		return err_set(file->err, -ENOEXEC, "%s: truncated", file->path);
	while (len) {
		ssize_t done = pread(file->fd, out, len, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set(file->err, done ? -errno : -EIO, "%s: read error",
				       file->path);
		out += done;
		offset += (uint64_t)done;
		len -= (uint64_t)done;
	}
	return 0;
}

/* Straight from the file into guest memory: kernels and initrds are tens of MiB. */
static int file_load(const struct file *file, uint64_t offset, struct gmem *gmem, uint64_t gpa,
		     uint64_t len)
{
	void *host = gmem_map_raw(gmem, gpa, len);

	if (!host)
		return err_set(file->err, -ENOSPC, "%s: guest memory too small", file->path);
	return file_read(file, offset, host, len);
}

/* ELF */

static bool elf_header_ok(const Elf64_Ehdr *elf)
{
	return elf->e_ident[EI_CLASS] == ELFCLASS64 && elf->e_machine == EM_X86_64 &&
	       elf->e_type == ET_EXEC && elf->e_phentsize == sizeof(Elf64_Phdr) &&
	       elf->e_phnum && elf->e_phnum <= ELF_MAX_SEGMENTS;
}

static int load_segment(const struct file *file, struct gmem *gmem, const Elf64_Phdr *segment,
			struct image *image)
{
	uint64_t end = segment->p_paddr + segment->p_memsz;

	if (segment->p_filesz > segment->p_memsz || end < segment->p_paddr)
		return err_set(file->err, -ENOEXEC, "%s: bad ELF segment", file->path);
	if (segment->p_memsz && !gmem_map_raw(gmem, segment->p_paddr, segment->p_memsz))
		return err_set(file->err, -ENOSPC, "%s: guest memory too small", file->path);
	if (end > image->end)
		image->end = end;
	/* The rest of the segment is zero already: guest memory is fresh. */
	if (!segment->p_filesz)
		return 0;
	return file_load(file, segment->p_offset, gmem, segment->p_paddr, segment->p_filesz);
}

static int load_elf(const struct file *file, struct gmem *gmem, struct image *image)
{
	Elf64_Phdr segments[ELF_MAX_SEGMENTS];
	Elf64_Ehdr elf;
	int ret;

	ret = file_read(file, 0, &elf, sizeof(elf));
	if (ret)
		return ret;
	if (!elf_header_ok(&elf))
		return err_set(file->err, -ENOEXEC, "%s: not a 64-bit x86 kernel", file->path);
	ret = file_read(file, elf.e_phoff, segments, elf.e_phnum * sizeof(segments[0]));
	for (int i = 0; i < elf.e_phnum && !ret; i++)
		if (segments[i].p_type == PT_LOAD)
			ret = load_segment(file, gmem, &segments[i], image);
	if (ret)
		return ret;
	image->entry = elf.e_entry;
	image->setup = (struct setup_header){
		.boot_flag = BOOT_FLAG,
		.header = SETUP_MAGIC,
		.version = SETUP_VERSION_MIN,
		.loadflags = LOADED_HIGH,
		.kernel_alignment = 0x200000,
		.initrd_addr_max = 0x7fffffff,
		.cmdline_size = 2047,
	};
	return 0;
}

/* bzImage */

static bool bzimage_ok(const struct setup_header *setup)
{
	return setup->boot_flag == BOOT_FLAG && setup->header == SETUP_MAGIC &&
	       setup->version >= SETUP_VERSION_MIN && setup->xloadflags & XLF_KERNEL_64;
}

static int load_bzimage(const struct file *file, struct gmem *gmem, struct image *image)
{
	struct setup_header *setup = &image->setup;
	uint64_t start;
	int ret;

	ret = file_read(file, SETUP_OFFSET, setup, sizeof(*setup));
	if (ret)
		return ret;
	if (!bzimage_ok(setup))
		return err_set(file->err, -ENOEXEC, "%s: not a 64-bit x86 kernel", file->path);
	start = ((setup->setup_sects ? setup->setup_sects : 4) + 1) * 512u;
	if (start >= file->size)
		return err_set(file->err, -ENOEXEC, "%s: truncated", file->path);
	/* The kernel unpacks itself at pref_address; what it needs is init_size from there. */
	image->end = setup->pref_address + setup->init_size;
	image->entry = BZIMAGE_GPA + BZIMAGE_ENTRY64;
	if (!gmem_map_raw(gmem, BZIMAGE_GPA, image->end - BZIMAGE_GPA))
		return err_set(file->err, -ENOSPC, "%s: guest memory too small", file->path);
	return file_load(file, start, gmem, BZIMAGE_GPA, file->size - start);
}

int image_load_kernel(struct gmem *gmem, const char *path, struct image *image, struct err *err)
{
	uint8_t magic[SETUP_OFFSET + sizeof(struct setup_header)] = { 0 };
	struct file file;
	int ret;

	*image = (struct image){ .entry = 0 };
	ret = file_open(&file, path, err);
	if (ret)
		return ret;
	if (file.size < sizeof(magic))
		ret = err_set(err, -ENOEXEC, "%s: neither an ELF kernel nor a bzImage", path);
	else
		ret = file_read(&file, 0, magic, sizeof(magic));
	if (ret)
		goto out;
	if (!memcmp(magic, ELFMAG, SELFMAG))
		ret = load_elf(&file, gmem, image);
	else if (magic[0x1fe] == 0x55 && magic[0x1ff] == 0xaa && !memcmp(magic + 0x202, "HdrS", 4))
		ret = load_bzimage(&file, gmem, image);
	else
		ret = err_set(err, -ENOEXEC, "%s: neither an ELF kernel nor a bzImage", path);
out:
	close(file.fd);
	return ret;
}

int image_load_initrd(struct gmem *gmem, const char *path, uint64_t floor, uint64_t top,
		      uint64_t *gpa, uint64_t *size, struct err *err)
{
	struct file file;
	int ret;

	ret = file_open(&file, path, err);
	if (ret)
		return ret;
	if (!file.size || file.size > top || ((top - file.size) & ~(uint64_t)HVP_PAGE_MASK) < floor) {
		ret = err_set(err, -ENOSPC, "%s: %s", path,
			      file.size ? "guest memory too small" : "empty");
		goto out;
	}
	*size = file.size;
	*gpa = (top - file.size) & ~(uint64_t)HVP_PAGE_MASK;
	ret = file_load(&file, 0, gmem, *gpa, *size);
out:
	close(file.fd);
	return ret;
}
