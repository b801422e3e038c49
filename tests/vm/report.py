# SPDX-License-Identifier: GPL-2.0-only
"""The demonstration's report, from the facts that its session found."""

import demo_services

CLASSES = {
    "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f": "SCSI controller",
    "57164f39-9115-4e78-ab55-382f3bd5422d": "heartbeat",
    "0e0b6031-5213-4934-818b-38d90ced39db": "shutdown",
    "9527e630-d0ae-497b-adce-e80ab0175caf": "time",
    "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6": "key-value pairs",
    "35fa2e29-ea23-4236-96ae-3a6ebacba440": "backup",
    "34d14be3-dee4-41c8-9ae7-6b174977c192": "file copy",
    "9527e630-d0ae-497b-adce-e80ab0175caf": "time",
    "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6": "key-value pairs",
    "35fa2e29-ea23-4236-96ae-3a6ebacba440": "backup",
    "34d14be3-dee4-41c8-9ae7-6b174977c192": "file copy",
}


def parse_facts(lines):
    """The guest's lines: single values, and the list of devices."""
    values, devices = {}, []
    for line in lines:
        key, _, value = line.partition(" ")
        if key == "device":
            devices.append(value.split())
        else:
            values[key] = value.strip()
    return values, devices


def size(count):
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} GiB"


def module_lines(rows):
    for row in rows:
        name, origin, path, version, srcversion, build_id, verdict = row.split()
        loaded = "" if verdict == "same" else "  NOT WHAT IS LOADED"
        shown = f"{origin} {version}" if version != "-" else origin
        mark = f"srcversion {srcversion}" if srcversion != "-" else f"build ID {build_id[:12]}"
        yield f"{name:12}{shown:13}{path}  {mark}{loaded}"


def device_lines(devices):
    for class_id, driver, channels in devices:
        plural = "" if channels == "1" else "s"
        yield f"{CLASSES.get(class_id, class_id):17}{driver:13}{channels} channel{plural}"


def workload_lines(work, costs):
    written, read = work["write"], work["check"]
    yield (f"{size(written['bytes'])} written and synced at {written['mib_per_s']} MB/s, read back at "
           f"{read['mib_per_s']} MB/s, {'every byte compared' if work['ok'] else 'DATA DIFFERS'}")
    ios = max(costs["ios"], 1)
    yield (f"{costs['ios']} I/Os: {costs['hypercalls'] / ios:.2f} hypercalls and "
           f"{costs['interrupts'] / ios:.2f} interrupts for each")


def sections(facts, options):
    """(title, lines) in the order of the story; what the run did not reach is left out."""
    values, devices = parse_facts(facts.get("facts", []))
    if values:
        yield "Guest", [f"{values['system']}, kernel {values['kernel']}, {options['cpus']} CPUs, "
                        f"{options['memory']} MiB, answering after {facts['up']:.0f} s"]
        yield "VMBus", [f"version {values['vmbus'] or '?'}"]
        yield "Modules", list(module_lines(facts.get("modules", [])))
        yield "Devices", list(device_lines(devices))
        yield "Root disk", [f"{values['root']}, {size(int(values['root-bytes']))}, {values['root-type']}, "
                            f"\"{' '.join(values['root-model'].split())}\" at {values['root-address']}"]
    if "workload" in facts:
        yield "Workload", list(workload_lines(facts["workload"], facts["costs"]))
    if "added" in facts:
        lines = [f"a disk added: there as {facts['added']['name']} after {facts['added']['seconds']:.1f} s, verified"]
        if "grown" in facts:
            lines.append(f"grown from 32 to 64 MiB: seen after {facts['grown']:.1f} s, without a rescan")
        if "removed" in facts:
            lines.append(f"removed: gone after {facts['removed']:.1f} s")
        yield "Hot plug", lines
    yield from demo_services.report(facts)
    if "restart" in facts:
        yield "Restart", [f"asked for by the host; the guest was down after {facts['restart']['down']:.1f} s and came "
                          "back"]
    if "shutdown" in facts:
        yield "Shutdown", [f"asked for by the host; the guest was off after {facts['shutdown']['seconds']:.1f} s"]


def text(facts, options):
    lines = []
    for title, body in sections(facts, options):
        for index, line in enumerate(body):
            lines.append(f"  {title if index == 0 else '':11}{line}")
    return "\n".join(lines)
