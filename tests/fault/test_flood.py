"""Connections without end (P8): fifty new ones a second, hundreds that never finish to
shake hands, peers that are stopped while all is pushed to them, and a thousand with
sixteen watches each. Others' writes and reads must not wait for them.

Two daemons run all the time, one that is flooded and one that is left alone; a writer and
a reader are timed at each in turn, many times over. While the one that is left alone is
timed, those who flood are stopped, so that its figures are those of a quiet machine; while
the other is timed they are at it. Long, the 99th percentile may be twice the quiet one. In
the small the bound is far off: what fails there is a stall and not a busy machine.

The sixteen watches ask for a municipality where nothing is written. Watches that all are
concerned are frames to be sent, which tests/bench measures (fan-out).

That it can fail: when each of 16,000 watches looked at each change, and all of them got
their bookmarks in one go, a read took 5.9 ms in the middle beside 0.1 (0.13 now).
"""

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time

from faults import LONG, Tally, count

from flood import KEY_MOST
from harness import Daemon

WATCHERS = count("watchers", 100, 1000)
HALF_OPEN = count("half_open", 100, 500)
NEWCOMERS = count("newcomers", 50, 50)  # a second
SLEEPERS = count("sleepers", 10, 50)
TURNS = count("turns", 3, 10)
TURN_S = count("turn_seconds", 1, 4)
FACTOR, SLACK_S = (2.0, 0.0) if LONG else (10.0, 0.25)
MEMORY_BASE = 2 << 20
MEMORY_EACH = 64 << 10  # of a connection
CREDIT = 1 << 20        # what may be on its way to a peer that reads nothing


class Flood:
    """The processes that flood a daemon."""

    def __init__(self, daemon, keys):
        self.said = json.dumps({
            "address": daemon.address, "server": daemon.server_key.decode(),
            "keys": [[half.decode() for half in pair] for pair in keys]}) + "\n"
        self.processes = []

    def begin(self, sort, number):
        process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(os.path.dirname(__file__), "flood.py"), sort,
             str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        process.stdin.write(self.said)
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n", f"{sort} cannot begin"
        return process

    def signal(self, sign):
        for process in self.processes:
            process.send_signal(sign)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


def turn(connection):
    """Seconds that each write and each read took, one after the other for a while."""
    writes, reads = [], []
    until = time.monotonic() + TURN_S
    while time.monotonic() < until:
        begun = time.monotonic()
        written = connection.put("inquiry", {"title": "timed", "municipality": "mun-1880"})
        writes.append(time.monotonic() - begun)
        begun = time.monotonic()
        connection.get(written["id"])
        reads.append(time.monotonic() - begun)
    return writes, reads


def p99(times):
    return statistics.quantiles(times, n=100)[98]


def compare(tally, what, quiet, flooded):
    """The middle one of the turns' percentiles, with those who flood and without."""
    without = statistics.median(p99(times) for times in quiet)
    beside = statistics.median(p99(times) for times in flooded)
    worst = max(max(times) for times in flooded)
    held = beside <= FACTOR * without + SLACK_S
    tally.add(f"{what}: p99 {without * 1000:.2f} ms, flooded {beside * 1000:.2f} ms, "
              f"{beside / without:.2f} times; the slowest {worst * 1000:.0f} ms",
              int(held), int(not held))


def test_flood(tally, quiet, flooded):
    for daemon in (quiet, flooded):
        daemon.region()
    asleep, awake = ([flooded.user("viewer", issuer=flooded.boss).keys
                      for _ in range(1 + number // KEY_MOST)] for number in (SLEEPERS, WATCHERS))
    awake.append(flooded.user("viewer", issuer=flooded.boss).keys)  # the newcomers'
    timed = [daemon.coordinator().connect() for daemon in (quiet, flooded)]
    turn(timed[1])
    before = flooded.memory()

    flood = Flood(flooded, awake)
    stopped = Flood(flooded, asleep)
    times = {daemon: ([], []) for daemon in (quiet, flooded)}
    try:
        stopped.begin("sleepers", SLEEPERS)
        stopped.signal(signal.SIGSTOP)
        flood.begin("watchers", WATCHERS)
        flood.begin("half_open", HALF_OPEN)
        flood.begin("newcomers", NEWCOMERS)
        for _ in range(TURNS):
            for daemon, connection in zip((quiet, flooded), timed):
                flood.signal(signal.SIGSTOP if daemon is quiet else signal.SIGCONT)
                time.sleep(0.2)
                for samples, sample in zip(times[daemon], turn(connection)):
                    samples.append(sample)
        for which, what in enumerate(("writes", "reads")):
            compare(tally, what, times[quiet][which], times[flooded][which])
        grown = flooded.memory() - before
        connections = WATCHERS + HALF_OPEN + SLEEPERS + NEWCOMERS
        bound = MEMORY_BASE + connections * MEMORY_EACH + SLEEPERS * CREDIT
        tally.add(f"memory grew by {grown >> 10} KiB with {connections} connections, "
                  f"{grown // connections >> 10} KiB each; {bound >> 10} KiB allowed",
                  int(grown <= bound), int(grown > bound))
    finally:
        for connection in timed:
            connection.close()
        flood.end()
        stopped.end()
    for daemon in (quiet, flooded):
        assert daemon.stop() == 0
        status, said = daemon.check()
        assert status == 0, said
    tally.add("both stop as told, and their stores are clean", 1, 0)


if __name__ == "__main__":
    tally = Tally()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with Daemon() as quiet, Daemon() as flooded:
        try:
            test_flood(tally, quiet, flooded)
        except AssertionError as problem:
            tally.add("flooded", 0, 1, f"{problem}\n{flooded.tail()}")
    tally.finish()
