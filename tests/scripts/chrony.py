# SPDX-License-Identifier: GPL-2.0-only
"""chrony in a guest whose image starts it only when told: what it follows, and the host's time that jumps."""

import scenario
import services

NEAR = 1.0
LOCK = 120


def need(run):
    if run.daemons != "ours" or run.host.execute(["test", "-x", "/usr/sbin/chronyd"])[0]:
        raise scenario.Skip("needs chrony, and our units")
    services.wait_ready(run, "timesync")
    # The image does without it until now.
    run.guest("rm -f /etc/systemd/system/chrony.service; systemctl daemon-reload")
    run.jump = 0
    run.host.ctl("time", "sync")


def finish(run):
    run.guest("systemctl stop chrony.service")
    move(run, -run.jump)


def sources(run):
    return run.guest("chronyc -n sources 2>&1 || true", 30)


def has_clock(run):
    return "PHC0" in sources(run)


def is_active(run):
    return run.host.execute(["systemctl", "--quiet", "is-active", "chrony.service"])[0] == 0


def wait_lock(run):
    try:
        run.wait("the lock", LOCK, lambda: "#* PHC0" in sources(run), pause=1)
    except scenario.Failed as error:
        log = run.guest("journalctl -b -q -u chrony -u hv-chrony -o short-monotonic -n 30")
        raise scenario.Failed(f"{error}\n{sources(run)}\n{log}") from None


def move(run, seconds):
    """The host's time jumps, and it says so."""
    run.host.ctl("time", "jump", seconds)
    run.jump += seconds
    run.host.ctl("time", "sync")


def wait_right(run, limit):
    def is_right():
        return abs(services.distance(services.clocks(run), "realtime", run.jump)) < NEAR

    try:
        run.wait("the host's time", limit, is_right)
    except scenario.Failed as error:
        raise scenario.Failed(f"{error}\n{sources(run)}\n{run.guest('chronyc -n tracking')}") from None
