"""A disk or memory that fails never makes a false OK, and a full one is told, survived
and recovered from (P9), with the check clean after each (P10).

Every call that a write makes to disk or memory fails once, and from then on: in the
daemon's writer alone for every call (write_path), and in a running samverkd. Then
samverkd on a disk, and in a map, that fills.
"""

import errno
import mmap
import os
import resource
import signal
import struct
import tempfile
import time

from faults import Tally, count, numbers, preloaded, program, run

import harness
from harness import Daemon, Refused, Silence, refused, request_id

DISK, MEMORY = 1, 2
ONCE, ON, SHORT = range(3)
MEMORY_STEP = count("memory_step", 1, 1)
MIB = 1 << 20
RESERVE = 64 * MIB
SILENCE = 2.0  # s, after which a client asks again on a new connection
NAMED = {"storage-full", "internal", "busy"}
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Faults:
    """What disk_faults is told: the layout of fault_control_t."""

    PLACES = {"armed": ("I", 0), "mode": ("I", 4), "left": ("q", 8), "error": ("I", 16),
              "fired": ("I", 20), "disk_size": ("Q", 24), "map_size": ("Q", 32),
              "target_size": ("Q", 40), "stalled": ("I", 48)}

    def __init__(self):
        handle, self.path = tempfile.mkstemp(prefix="samverk-faults-")
        os.ftruncate(handle, 4096)
        self.memory = mmap.mmap(handle, 4096)
        os.close(handle)

    def __getitem__(self, name):
        form, at = self.PLACES[name]
        return struct.unpack_from("=" + form, self.memory, at)[0]

    def __setitem__(self, name, value):
        form, at = self.PLACES[name]
        struct.pack_into("=" + form, self.memory, at, value)

    def arm(self, sort, mode, n, error):
        self["armed"] = 0
        self["mode"], self["left"], self["error"], self["fired"] = mode, n, error, 0
        self["armed"] = sort

    def disarm(self):
        self["armed"] = 0
        return self["fired"] != 0

    def environment(self):
        return preloaded("disk_faults.so", SAMVERK_FAULT_CONTROL=self.path)

    def close(self):
        self.memory.close()
        os.unlink(self.path)


class Region:
    """A samverkd under disk_faults with a municipality, an organisation, a coordinator."""

    def __init__(self, faults, map_size=0):
        self.faults = faults
        self.daemon = Daemon()
        faults["map_size"] = map_size
        self.daemon.environment = dict(faults.environment(), HOME=self.daemon.home)
        self.daemon.start()
        self.boss = self.daemon.region()

    def size(self):
        return os.path.getsize(os.path.join(self.daemon.data, "record.mdb"))

    def dead(self):
        return self.daemon.process.poll() is not None

    def again(self):
        """Start it again after it went, and connect."""
        for connection in self.daemon.connections:
            connection.close()
        self.daemon.connections.clear()
        status = self.daemon.process.wait()
        self.daemon.listener.join()
        self.daemon.process.stderr.close()
        assert status != 0, "ended as if all were well"
        self.daemon.start()
        self.boss = self.daemon.connect()

    def clean(self):
        status, said = self.daemon.check()
        assert status == 0, said

    def close(self):
        self.faults["disk_size"] = self.faults["map_size"] = 0
        self.faults.disarm()
        self.daemon.close()


def attempt(region, number):
    """One write while a fault is armed: True when answered OK, False when refused, None
    when no answer came: the daemon went, or had no memory for this connection. Its
    request id and arguments."""
    id = request_id()
    arguments = {"operations": [
        {"do": "put", "kind": "person", "fields": {"name": f"person {number}",
                                                   "organisation": "org-1"}},
        {"do": "put", "kind": "inquiry", "fields": {"title": f"write {number}",
                                                    "municipality": "mun-1880"}}]}
    region.boss.ask("batch", arguments, id=id)
    until = time.monotonic() + SILENCE
    while time.monotonic() < until:
        try:
            region.boss.answer(id, timeout=0.1)
            return True, id, arguments
        except Refused as refusal:
            assert refusal.code in NAMED, refusal.error
            return False, id, arguments
        except Silence:
            if region.dead():
                return None, id, arguments
    region.faults.disarm()
    if not region.dead():
        region.boss = region.daemon.connect()
    return None, id, arguments


def is_there(region, number):
    newest = region.boss.list("inquiry", limit=1)
    return bool(newest) and newest[0]["fields"]["title"] == f"write {number}"


def ask(region, n, question):
    """What it answers. It may have answered the write and only then met the fault: another
    thread of it did, the one that keeps matches or words, when it came to it."""
    try:
        return question()
    except Silence:
        assert region.dead(), f"call {n}: silent"
        region.again()
        return question()


def every_call(region, sort, mode, error, step, numbered):
    """Fail call 0, step, 2 * step ... of a write until none is reached."""
    n = 0
    while True:
        number = next(numbered)
        before = region.boss.request("count", {"kind": "inquiry"})["count"]
        region.faults.arm(sort, mode, n, error)
        answered, id, arguments = attempt(region, number)
        reached = region.faults.disarm()
        if answered is None or region.dead():
            region.again()
        there = ask(region, n, lambda: is_there(region, number))
        assert answered is None or answered == there, (
            f"call {n}: answered {answered}, there {there}")
        assert reached or answered, f"call {n}: nothing failed and yet it is refused"
        if not answered:
            # An unknown outcome is found out with the same request id, and applied once.
            ask(region, n, lambda: region.boss.request("batch", arguments, id=id))
            assert ask(region, n, lambda: is_there(region, number)), f"call {n}: a retry is lost"
        after = ask(region, n, lambda: region.boss.request("count", {"kind": "inquiry"}))["count"]
        assert after == before + 1, f"call {n}: {after - before} times"
        if answered is None:
            region.clean()
        if not reached:
            return n
        n += step


def test_every_call(tally):
    faults = Faults()
    region = Region(faults)
    numbered = iter(range(1, 1 << 30))
    try:
        for what, sort, mode, error, step in (
                ("disk, EIO once", DISK, ONCE, errno.EIO, 1),
                ("disk, EIO from then on", DISK, ON, errno.EIO, 1),
                ("disk, ENOSPC from then on", DISK, ON, errno.ENOSPC, 1),
                ("disk, a short write and ENOSPC", DISK, SHORT, errno.ENOSPC, 1),
                ("memory, once", MEMORY, ONCE, 0, MEMORY_STEP),
                ("memory, from then on", MEMORY, ON, 0, MEMORY_STEP)):
            try:
                calls = every_call(region, sort, mode, error, step, numbered)
                assert calls > 0, "nothing failed"
                tally.add(f"samverkd, {what}, {calls} calls", calls // step + 1, 0)
            except AssertionError as problem:
                faults.disarm()
                tally.add(f"samverkd, {what}", 0, 1, f"{problem}\n{region.daemon.tail()}")
                if region.dead():
                    region.again()
    finally:
        region.close()
        faults.close()


def test_writer(tally):
    faults = Faults()
    status, said = run([program("write_path"), faults.path], env=faults.environment())
    passed, failed = numbers(said, r"(\d+) passed, (\d+) failed")
    tally.add("the writer, every call of a write", passed, failed,
              said[:said.rstrip().rfind("\n")], always=True)
    faults.close()


# -- full ---------------------------------------------------------------------------------


def fill(region):
    """Write until there is no room for more; the ids that were acknowledged."""
    kept = []
    while True:
        open_ids = [region.boss.ask("put", {"kind": "inquiry", "fields": {
            "title": "long", "municipality": "mun-1880", "notes": "n" * 7900}})
            for _ in range(32)]
        full = 0
        for id in open_ids:
            try:
                kept.append(region.boss.answer(id)["id"])
            except Refused as refusal:
                assert refusal.code == "storage-full", refusal.error
                full += 1
        if full == len(open_ids):
            return kept
        assert len(kept) < 20000, "it never fills"


def reserve_is_kept(region, kept, someone):
    """What there is room for when ordinary writes are refused."""
    boss = region.boss
    refused("storage-full", boss.put, "inquiry", {"title": "x", "municipality": "mun-1880"})
    refused("storage-full", boss.patch, kept[0], {"title": "x"})
    assert boss.get(kept[0])["id"] == kept[0]
    assert boss.list("inquiry", limit=1)[0]["id"] == kept[-1]
    boss.delete(kept.pop())
    boss.delete(kept.pop())
    before = someone.connect()
    boss.move(someone.id, "revoke")
    refused(("revoked", "no-session", "not-allowed"), before.list, "inquiry", limit=1)
    before.close()
    assert boss.request("count", {"kind": "inquiry"})["count"] == len(kept)


def nothing_is_kept(region, kept):
    """And what when that is used up too."""
    boss = region.boss
    refused("storage-full", boss.delete, kept[0])
    refused("storage-full", boss.put, "inquiry", {"title": "x", "municipality": "mun-1880"})
    assert boss.get(kept[0])["id"] == kept[0]
    assert boss.request("count", {"kind": "inquiry"})["count"] == len(kept)


def writes_again(region, kept):
    until = time.monotonic() + 2
    while True:
        try:
            view = region.boss.put("inquiry", {"title": "room", "municipality": "mun-1880"})
            break
        except Refused as refusal:
            assert refusal.code == "storage-full" and time.monotonic() < until, refusal.error
            time.sleep(0.05)
    kept.append(view["id"])
    assert region.boss.request("count", {"kind": "inquiry"})["count"] == len(kept)
    region.boss.delete(kept.pop())


def test_disk_full(tally):
    faults = Faults()
    region = Region(faults)
    try:
        people = [region.daemon.user("broker", municipalities=["mun-1880"]) for _ in range(2)]
        faults["disk_size"] = region.size() + RESERVE + 3 * MIB
        time.sleep(0.2)
        kept = fill(region)
        assert kept, "nothing fitted"
        reserve_is_kept(region, kept, people[0])
        region.clean()
        # It starts on the full disk too, and serves as before.
        region.daemon.stop(signal.SIGTERM)
        region.daemon.connections.clear()
        region.daemon.start()
        region.boss = region.daemon.connect()
        reserve_is_kept(region, kept, people[1])
        faults["disk_size"] = region.size() + 2 * MIB
        time.sleep(0.2)
        nothing_is_kept(region, kept)
        # Someone else took the last of it: the question for room says otherwise.
        faults.arm(DISK, ON, 0, errno.ENOSPC)
        assert region.boss.get(kept[0])["id"] == kept[0]
        faults.disarm()
        region.clean()
        faults["disk_size"] = 0
        writes_again(region, kept)
        region.clean()
        tally.add(f"samverkd on a disk that fills after {len(kept)} records", 1, 0)
    except AssertionError as problem:
        tally.add("samverkd on a disk that fills", 0, 1, f"{problem}\n{region.daemon.tail()}")
    finally:
        region.close()
        faults.close()


def use_up_reserve(region, kept):
    """Move records to and fro, each time with long texts, until there is no room for that
    either."""
    boss = region.boss
    for turn in range(1000):
        fields = {"notes": chr(ord("a") + turn % 26) * 7900, "description": "d" * 7900}
        if turn % 2 == 0:
            fields["waiting_until"] = "2099-01-01"
        ids = [boss.ask("move", {"id": id, "verb": ("pause", "resume")[turn % 2],
                                 "fields": fields}) for id in kept[:40]]
        full = 0
        for id in ids:
            try:
                boss.answer(id)
            except Refused as refusal:
                assert refusal.code == "storage-full", refusal.error
                full += 1
        if full == len(ids):
            return
    raise AssertionError("the reserve never ends")


def test_map_full(tally):
    faults = Faults()
    region = Region(faults, map_size=RESERVE + 8 * MIB)
    try:
        people = [region.daemon.user("broker", municipalities=["mun-1880"]) for _ in range(1)]
        kept = fill(region)
        assert kept, "nothing fitted"
        reserve_is_kept(region, kept, people[0])
        region.clean()
        use_up_reserve(region, kept)
        nothing_is_kept(region, kept)
        region.clean()
        # A larger map is a setting and a start.
        faults["map_size"] = 4 * RESERVE
        region.daemon.stop(signal.SIGTERM)
        region.daemon.connections.clear()
        region.daemon.start()
        region.boss = region.daemon.connect()
        writes_again(region, kept)
        region.clean()
        tally.add(f"samverkd in a map that fills after {len(kept)} records", 1, 0)
    except AssertionError as problem:
        tally.add("samverkd in a map that fills", 0, 1, f"{problem}\n{region.daemon.tail()}")
    finally:
        region.close()
        faults.close()


if __name__ == "__main__":
    assert harness.SAMVERKD
    tally = Tally()
    test_writer(tally)
    test_every_call(tally)
    test_disk_full(tally)
    test_map_full(tally)
    tally.finish()
