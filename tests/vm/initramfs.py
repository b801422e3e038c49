# SPDX-License-Identifier: GPL-2.0-only
"""The initramfs of the guest under test: busybox, a few tools, modules of one kernel, the agent, the selftests.

Two archives, one after the other, as the kernel accepts them: the tools, which seldom change and are kept, and the
rest. Which module comes from where is decided here; in the guest everything loads by modprobe.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import elf
import paths

OURS = ("hv_vmbus", "hv_storvsc", "hv_utils")
# "ours" takes these from the kernel until they are built.
GROWING = ("hv_utils",)
# Whatever the kernel has of these; modprobe loads what a case needs.
STOCK = ("hv_vmbus", "hv_storvsc", "hv_utils", "sd_mod", "sg", "ext4", "hyperv_keyboard", "hv_sock", "uio_hv_generic",
         "scsi_mod", "crc32c_generic", "crc32c_intel", "crct10dif_generic", "crct10dif_pclmul", "ptp", "pps_core",
         "crc64-rocksoft", "t10-pi", "dummy", "veth", "loop")
TOOLS = ("mke2fs", "e2fsck", "resize2fs", "blkid", "lsblk", "blockdev", "fio", "sg_inq", "sg_luns", "sg_readcap",
         "sg_reset", "sg_raw", "sg_turs", "sg_vpd", "stdbuf", "timeout", "setsid", "flock", "dash", "ip")
HERE = pathlib.Path(__file__).resolve().parent


class BadModules(Exception):
    pass


def parse_modules(text):
    """"ours", "ours,utils=stock" or "vmbus=ours" as {module: origin}; what is not named is stock."""
    choice = {name: "stock" for name in OURS}
    for part in text.split(","):
        name, _, origin = part.partition("=")
        if part in ("ours", "stock"):
            choice = {name: part for name in OURS}
            continue
        name = name if name.startswith("hv_") else f"hv_{name}"
        if name not in OURS or origin not in ("ours", "stock"):
            raise BadModules(f"'{part}' is not MODULE=ours|stock (modules: {' '.join(OURS)})")
        choice[name] = origin
    return choice


def modules_text(choice):
    """The choice as people write it: what parse_modules() reads."""
    origins = set(choice.values())
    if len(origins) == 1:
        return origins.pop()
    return ",".join(f"{name.removeprefix('hv_')}={origin}" for name, origin in choice.items())


def pack(tree, output):
    tree.chmod(0o755)
    listing = subprocess.run(["find", ".", "-print0"], cwd=tree, check=True, stdout=subprocess.PIPE).stdout
    names = b"\0".join(sorted(listing.split(b"\0")[:-1])) + b"\0"
    with open(output, "wb") as archive:
        subprocess.run(["cpio", "--quiet", "--null", "--owner=0:0", "-o", "-H", "newc"], cwd=tree, check=True,
                       input=names, stdout=archive)


# ---- tools ----

def libraries(program):
    """The shared libraries of a program, its interpreter among them; none for a static one."""
    listing = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return re.findall(r"(/\S+) \(0x", listing.stdout)


def system_path():
    return "/usr/sbin:/usr/bin:/sbin:/bin"


def copy_program(tree, program):
    real = shutil.which(program, path=system_path())
    if not real:
        return
    for source in [real, *libraries(real)]:
        target = tree / source.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy2(os.path.realpath(source), target)


def make_tools(tree):
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "etc", "mnt", "var"):
        (tree / name).mkdir()
    for program in TOOLS:
        copy_program(tree, program)
    # Not busybox's shell: that one runs its own applets where a script means the real tool.
    (tree / "bin" / "sh").symlink_to("dash")
    shutil.copy2("/bin/busybox", tree / "bin" / "busybox")
    applets = subprocess.run(["/bin/busybox", "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout
    for applet in applets.split():
        if not any(os.path.lexists(tree / place / applet) for place in ("bin", "sbin")):
            (tree / "bin" / applet).symlink_to("/bin/busybox")
    for name in ("poweroff", "reboot", "modprobe", "init"):
        (tree / "sbin" / name).symlink_to("/bin/busybox")
    (tree / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (tree / "etc" / "group").write_text("root:x:0:\n")


def tools_archive():
    """The archive of tools, made again when one of them has changed."""
    digest = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for program in (*TOOLS, "busybox"):
        real = shutil.which(program, path=system_path())
        digest.update(f"{real} {os.stat(real).st_mtime if real else ''}\n".encode())
    archive = paths.CACHE / "guest" / f"tools-{digest.hexdigest()[:16]}.cpio"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as directory:
            tree = pathlib.Path(directory)
            make_tools(tree)
            pack(tree, archive.with_suffix(f".{os.getpid()}"))
            archive.with_suffix(f".{os.getpid()}").rename(archive)
    return archive


# ---- modules ----

class Kernel:
    """An unpacked Debian kernel and what we built for it."""

    def __init__(self, version):
        self.dir = paths.kernel_dir(version)
        self.abi = (self.dir / "abi").read_text().strip()
        self.vmlinux = self.dir / "vmlinux"
        self.ours = paths.ROOT / "build" / "modules" / self.abi

    def stock_files(self, module):
        """The module's file after those it needs, or nothing if the kernel has no such module."""
        listing = subprocess.run(
            ["/sbin/modprobe", "-d", str(self.dir), "-S", self.abi, "--show-depends", module],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        return [pathlib.Path(line.split()[1]) for line in listing.splitlines() if line.startswith("insmod")]

    def settle(self, text):
        """{module: origin} of what the text asks for and the build can give."""
        choice = parse_modules(text)
        for module in GROWING:
            if f"{module.removeprefix('hv_')}=ours" not in text and not (self.ours / f"{module}.ko").exists():
                choice[module] = "stock"
        return choice

    def our_file(self, module):
        file = self.ours / f"{module}.ko"
        if not file.exists():
            raise BadModules(f"{file} is not built (make modules KERNEL=...)")
        return file


def stem(file):
    return file.name.split(".")[0].replace("-", "_")


def modinfo(file, field):
    return subprocess.run(["/sbin/modinfo", "-F", field, str(file)], check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()


def depends(file):
    return [name for name in modinfo(file, "depends").split(",") if name]


def module_files(kernel, choice, more):
    """{path below lib/modules/ABI: file}: ours where chosen, stock for the rest, among them more."""
    files = {}
    wanted = [*STOCK, *more]
    for module, origin in choice.items():
        if origin == "ours":
            file = kernel.our_file(module)
            files[f"updates/dkms/{file.name}"] = file
            wanted += depends(file)
    for module in wanted:
        for file in kernel.stock_files(module):
            if choice.get(stem(file)) != "ours":
                files[str(file.relative_to(kernel.dir / "lib" / "modules" / kernel.abi))] = file
    return files


def module_table(files, choice):
    """For loaded-modules in the guest: where each module of the bus comes from."""
    lines = []
    for place, file in files.items():
        name = stem(file)
        if name.startswith("hv_"):
            lines.append(f"{name} {choice.get(name, 'stock')} {place} {modinfo(file, 'version') or '-'} "
                         f"{modinfo(file, 'srcversion') or '-'} {elf.build_id(file)}\n")
    return "".join(lines)


def copy_modules(tree, kernel, choice, more):
    base = tree / "lib" / "modules" / kernel.abi
    files = module_files(kernel, choice, more)
    (tree / "openlis").mkdir(exist_ok=True)
    (tree / "openlis" / "modules").write_text(module_table(files, choice))
    for place, file in files.items():
        target = base / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if not place.startswith("updates/"):
            # Stock modules stay as they are: stripping would take their signature, and the kernel would be tainted.
            shutil.copy2(file, target)
            continue
        # Debug information makes most of a module that was just built; unpacking it takes the guest a second.
        subprocess.run(["strip", "--strip-debug", "-o", str(target), str(file)], check=True)
    for table in ("modules.builtin", "modules.order", "modules.builtin.modinfo"):
        shutil.copy2(kernel.dir / "lib" / "modules" / kernel.abi / table, base)
    subprocess.run(["/sbin/depmod", "-b", str(tree), kernel.abi], check=True)


# ---- the whole ----

def copy_files(tree, files):
    """files: {place in the guest: file or directory here}"""
    for place, source in files.items():
        target = tree / place.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)


def make(output, kernel, choice, files, more=()):
    """Writes the initramfs; the boot part of it is guest-init, which reads the kernel's command line. more: further
    stock modules."""
    with tempfile.TemporaryDirectory() as directory:
        tree = pathlib.Path(directory)
        (tree / "usr" / "lib").mkdir(parents=True)
        (tree / "lib").symlink_to("usr/lib")
        (tree / "etc").mkdir()
        shutil.copy2(HERE / "guest-init", tree / "init")
        shutil.copy2(HERE / "guest-inittab", tree / "etc" / "inittab")
        copy_files(tree, files)
        copy_modules(tree, kernel, choice, more)
        rest = pathlib.Path(f"{output}.rest")
        pack(tree, rest)
    with open(output, "wb") as archive:
        archive.write(tools_archive().read_bytes())
        archive.write(rest.read_bytes())
    rest.unlink()
