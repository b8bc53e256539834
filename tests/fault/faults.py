"""What the fault tests share: where their programs are, and how results are told."""

import os
import random
import re
import subprocess
import sys
import tempfile

SYSTEM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system")
sys.path.insert(0, SYSTEM)
PROGRAMS = os.environ.get("SAMVERK_FAULT_PROGRAMS", ".")

# Thousands of small stores that nobody keeps: in memory when there is room for them.
if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK):
    room = os.statvfs("/dev/shm")
    if room.f_bavail * room.f_frsize > 1 << 30:
        os.environ["TMPDIR"] = "/dev/shm"
LONG = bool(os.environ.get("SAMVERK_FAULT_LONG"))
SEED = int(os.environ.get("SAMVERK_FAULT_SEED", random.randrange(1, 1 << 31)))


def program(name):
    return os.path.join(PROGRAMS, name)


def count(name, check, long):
    """How many of something: as the environment says, or by the size asked for."""
    return int(os.environ.get(f"SAMVERK_FAULT_{name.upper()}", long if LONG else check))


def preloaded(library, **variables):
    return dict(os.environ, LD_PRELOAD=program(library), **variables)


def run(command, **options):
    """Run a program; its status and what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def numbers(text, pattern):
    """The numbers of the last line that looks like this."""
    found = re.findall(pattern, text)
    assert found, text
    return [int(number) for number in found[-1]]


def temporary():
    return tempfile.TemporaryDirectory(prefix="samverk-fault-")


class Tally:
    """Cases that passed and failed, one line each group."""

    def __init__(self):
        self.passed = self.failed = 0
        print(f"Seed {SEED} (SAMVERK_FAULT_SEED).", flush=True)

    def add(self, name, passed, failed, said="", always=False):
        self.passed += passed
        self.failed += failed
        print(f"{'FAILED ' if failed else 'ok     '} {name}: {passed} passed, {failed} failed",
              flush=True)
        if failed or always:
            print(said.rstrip(), flush=True)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)
