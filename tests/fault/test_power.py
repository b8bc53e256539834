"""The power goes at any moment: what was acknowledged is there (P1), and the journal
replayed gives the same store (P10).

disk_recorder records what a writing program does to its files; disk_images builds what
a disk may hold at moments of that record, with what was not synced dropped, torn and
reordered, and holds each image against the ledger of what was acknowledged.

Once with a small program that drives the store, where the moment of every promise is
known to the call, and once with samverkd under several clients. And five times with a
disk that lies about its syncs, each of them needed: those must show loss.
"""

import os
import threading

from faults import SEED, Tally, count, numbers, preloaded, program, run, temporary

IMAGES = count("images", 500, 50000)
COMMITS = 60
CONTROL_IMAGES = 60
LIES = ("data commit keys directory", "data", "commit", "keys", "directory")
WRITERS = 4


def images(home, number, seed):
    """Build and judge images; how many, how many broken, what was said."""
    status, said = run([program("disk_images"), f"{home}/trace", f"{home}/ledger", str(number),
                        str(seed)])
    assert status in (0, 1), said
    built, broken, _ = numbers(said, r"(\d+) images, (\d+) broken, (\d+) events")
    return built, broken, said


def load(home, seed, lies=""):
    """Let store_load write a store, its trace and its ledger."""
    environment = preloaded("disk_recorder.so", SAMVERK_DISK_DIRECTORY=f"{home}/data",
                            SAMVERK_DISK_TRACE=f"{home}/trace", SAMVERK_DISK_LIES=lies)
    status, said = run([program("store_load"), f"{home}/data", f"{home}/ledger", str(seed),
                        str(COMMITS)], env=environment)
    assert status == 0, said


def test_store(tally, number):
    """Loads of 500 images each, every one with numbers of its own."""
    loads = max(1, number // 500)
    built = broken = 0
    told = ""
    for n in range(loads):
        with temporary() as home:
            load(home, SEED + n)
            some, lost, said = images(home, number // loads, SEED + n)
            built, broken = built + some, broken + lost
            told += said if lost else ""
    tally.add(f"a store under load, {loads} loads", built - broken, broken, told)


def test_lies(tally):
    """A disk that lies must be found out, or the images above prove nothing."""
    for lies in LIES:
        with temporary() as home:
            load(home, SEED, lies)
            _, broken, said = images(home, CONTROL_IMAGES, SEED)
            tally.add(f"a disk that lies about syncs of {lies.replace(' ', ', ')} is found out "
                      f"({broken} of {CONTROL_IMAGES})", int(broken > 0), int(broken == 0), said)


class Writer:
    """A client that writes one thing after another and notes where each was promised."""

    def __init__(self, user, number, trace):
        self.user, self.number, self.trace = user, number, trace
        self.lines = []

    def note(self, line):
        # The trace is at least as long as when the answer was sent.
        self.lines.append((os.stat(self.trace).st_size, line))

    def kept(self, view, field, text):
        self.note(f"kept\t{view['rev']}\t{view['id']}\t{field}\t{text}")

    def write(self, times):
        connection = self.user.connect()
        for n in range(times):
            text = f"writer {self.number} part {n}" + "x" * (n * 37 % 150)
            inquiry = connection.put("inquiry", {"title": text, "municipality": "mun-1880"})
            self.kept(inquiry, "title", text)
            if n % 4 == 1:
                name = f"person {self.number} {n}"
                person = connection.put("person", {"name": name, "organisation": "org-1"})
                self.kept(person, "name", name)
            if n % 4 == 2:
                changed = connection.patch(inquiry["id"], {"title": text + " changed"})
                self.kept(changed, "title", text + " changed")
            if n % 4 == 3:
                connection.delete(inquiry["id"])
                self.note(f"deleted\t{connection.served_at}\t{inquiry['id']}")
        connection.close()


def test_daemon(tally, number):
    from harness import Daemon
    daemon = Daemon(region="Östra Mellansverige")
    try:
        daemon.start()
        daemon.region()
        users = [daemon.coordinator()] + [daemon.user("coordinator") for _ in range(WRITERS - 1)]
        for connection in daemon.connections:
            connection.close()
        daemon.connections.clear()
        daemon.stop()
        with temporary() as home:
            trace = f"{home}/trace"
            daemon.environment = dict(preloaded(
                "disk_recorder.so", SAMVERK_DISK_DIRECTORY=daemon.data, SAMVERK_DISK_TRACE=trace),
                HOME=daemon.home)
            daemon.start()
            writers = [Writer(user, n, trace) for n, user in enumerate(users)]
            writers[0].write(25)  # alone: each promise is where the trace ends
            threads = [threading.Thread(target=writer.write, args=(15,)) for writer in writers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            daemon.stop()
            lines = sorted(line for writer in writers for line in writer.lines)
            with open(f"{home}/ledger", "w", encoding="utf-8") as ledger:
                ledger.write("0\tcreated\n")
                ledger.writelines(f"{position}\t{line}\n" for position, line in lines)
            built, broken, said = images(home, number, SEED)
            tally.add(f"samverkd under {WRITERS} clients", built - broken, broken, said)
    finally:
        daemon.close()


if __name__ == "__main__":
    tally = Tally()
    test_store(tally, IMAGES * 4 // 5)
    test_daemon(tally, IMAGES // 5)
    test_lies(tally)
    tally.finish()
