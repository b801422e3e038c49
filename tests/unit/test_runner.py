# SPDX-License-Identifier: GPL-2.0-only
"""The pure parts of the runner: what a result is, what the table says."""

import io
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

# pylint: disable=wrong-import-position
import cases
import daemons
import extras
import initramfs
import ktap
import verdict

GOOD = "TAP version 13\n1..2\nok 1 a\nok 2 b # XFAIL known\n"


class Judge(unittest.TestCase):
    def outcome(self, output, status):
        return ktap.judge(output, status).outcome

    def test_table(self):
        for output, status, expected in (
                (GOOD, 0, ktap.PASS),
                ("no TAP at all", 0, ktap.PASS),
                (GOOD, 1, ktap.FAIL),
                ("1..1\nnot ok 1 a\n", 0, ktap.FAIL),
                ("1..1\nnot ok 1 a # XFAIL known\n", 0, ktap.PASS),
                ("1..3\nok 1 a\nok 2 b\n", 0, ktap.FAIL),
                ("1..1\nBail out! no disk\n", 0, ktap.FAIL),
                ("", 124, ktap.FAIL),
                ("", 4, ktap.SKIP)):
            self.assertEqual(self.outcome(output, status), expected, (output, status))

    def test_reason_of_a_skip(self):
        self.assertEqual(ktap.judge("1..0 # SKIP no VMBus here\n", 4).reason, "no VMBus here")

    def test_unlisted_skip_fails(self):
        stream = io.StringIO()
        writer = ktap.Writer(stream, [("boot/", "no host")])
        writer.result("boot/a", ktap.Result(ktap.SKIP, "no host here"))
        writer.result("boot/b", ktap.Result(ktap.SKIP, "too old"))
        writer.finish()
        self.assertEqual(stream.getvalue().splitlines()[-1], "0 passed, 1 failed, 1 skipped")


class Table(unittest.TestCase):
    def test_settings_and_cases(self):
        boot, = cases.parse("boot one cpus=4 vmbus-version=5.2 knobs=yes append='a b'\n"
                            "\tguest x:y limit=7\n\tscript z\n")
        self.assertEqual((boot.cpus, boot.vmbus_version, boot.knobs, boot.append), (4, "5.2", True, "a b"))
        self.assertEqual([(case.kind, case.name, case.limit) for case in boot.cases],
                         [("guest", "x:y", 7), ("script", "z", cases.DEFAULT_LIMIT)])

    def test_environment_of_a_case(self):
        boot, = cases.parse("boot one\n\tscript z limit=7 CYCLES=8\n\tguest x:y\n")
        self.assertEqual([(case.limit, case.environment) for case in boot.cases],
                         [(7, {"CYCLES": "8"}), (cases.DEFAULT_LIMIT, {})])

    def test_several_values(self):
        boots = cases.parse("boot x cpus=1|2 vmbus-version=4.0|5.3 memory=256\nguest a:b\nboot y\n")
        self.assertEqual([boot.name for boot in boots], ["x-1-4.0", "x-1-5.3", "x-2-4.0", "x-2-5.3", "y"])
        self.assertEqual([len(boot.cases) for boot in boots], [1, 1, 1, 1, 0])
        self.assertEqual((boots[2].cpus, boots[2].vmbus_version, boots[2].memory), (2, "4.0", 256))

    def test_mistakes_are_named(self):
        for text in ("guest a:b", "boot x wheels=4", "boot x cpus=many", "noise", "boot x\nguest a:b colour=red"):
            with self.assertRaises(cases.BadTable, msg=text):
                cases.parse(text)

    def test_select(self):
        boots = cases.parse("boot a\nguest x:y\nguest x:z\nboot b tier=matrix\nguest x:y\n")
        self.assertEqual([boot.name for boot in cases.select(boots, [], "default")], ["a"])
        self.assertEqual([len(boot.cases) for boot in cases.select(boots, ["x:y"], "default")], [1, 1])


class Verdict(unittest.TestCase):
    def test_kernel_trouble(self):
        pattern = verdict.KERNEL_TROUBLE
        for line in ("BUG: kernel NULL pointer dereference", "WARNING: CPU: 0 PID: 1 at x.c:3", "Oops: 0000 [#1]",
                     "INFO: task sh:1 blocked for more than 120 seconds", "rcu: INFO: rcu_sched self-detected stall"):
            self.assertRegex(line, pattern)
        for line in ("systemd[1]: Started DEBUG shell", "hv_vmbus: Vmbus version:5.3"):
            self.assertNotRegex(line, pattern)


class Modules(unittest.TestCase):
    def test_choice(self):
        self.assertEqual(initramfs.parse_modules("vmbus=ours")["hv_storvsc"], "stock")
        self.assertEqual(set(initramfs.parse_modules("ours").values()), {"ours"})
        for text in ("mine", "vmbus=theirs", "netvsc=ours"):
            with self.assertRaises(initramfs.BadModules):
                initramfs.parse_modules(text)

    def test_exceptions_to_a_set(self):
        choice = initramfs.parse_modules("ours,utils=stock")
        self.assertEqual(choice, {"hv_vmbus": "ours", "hv_storvsc": "ours", "hv_utils": "stock"})
        for text in ("ours", "stock", "vmbus=ours,storvsc=ours,utils=stock"):
            self.assertEqual(initramfs.modules_text(initramfs.parse_modules(text)), text)


class ExtraSets(unittest.TestCase):
    def test_choice(self):
        self.assertEqual(extras.find("").modules, ())
        self.assertIn("xfs", extras.find("filesystems").modules)
        with self.assertRaisesRegex(extras.BadExtras, "filesystems"):
            extras.find("file systems")

    def test_a_program_that_is_missing_is_named(self):
        with self.assertRaisesRegex(extras.BadExtras, "no-such-program"):
            extras.Extras(programs=("no-such-program",)).guest_files()


class Daemons(unittest.TestCase):
    def test_choice(self):
        self.assertEqual(daemons.Daemons("none").files, {})
        with self.assertRaises(daemons.BadDaemons):
            daemons.Daemons("theirs")

    def test_places(self):
        self.assertEqual(daemons.merged("/lib64/ld-linux-x86-64.so.2"), "/usr/lib64/ld-linux-x86-64.so.2")
        self.assertEqual(daemons.merged("/usr/sbin/hv_kvp"), "/usr/sbin/hv_kvp")

    def test_verdict(self):
        good, other, absent = (f"kvp ours /usr/sbin/hv_kvp 1234 {word}" for word in ("same", "other", "none"))
        self.assertEqual(verdict.daemon_problems([good]), [])
        for lines in ([good, other], [good, absent], ["daemon: this guest has no daemons"], []):
            self.assertEqual(len(verdict.daemon_problems(lines)), 1, lines)
        self.assertEqual(verdict.daemon_problems([absent], ["kvp"]), [])
        for row in (good, other):
            self.assertEqual(len(verdict.daemon_problems([row], ["kvp"])), 1, row)


if __name__ == "__main__":
    unittest.main()
