"""kill -9 at any moment under load: what was acknowledged is there, the store is clean,
and it serves again in two seconds. The ledger is kept here, outside the daemon.

test_kill.py does this in the small, tests/fault/test_kill.py at length.
"""

import random
import signal
import threading
import time

from harness import PATIENCE, Refused, Silence, request_id

WRITERS = 4
OPEN = 8  # requests that a writer has open at once


class Ledger:
    """What was sent, and what was answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}          # request id -> (writer's number, arguments)
        self.acknowledged = {}  # request id -> (record id, revision)
        self.again = 0

    def write(self, id, number, arguments):
        with self.lock:
            self.sent[id] = (number, arguments)

    def note(self, id, view):
        with self.lock:
            self.acknowledged[id] = (view["id"], view["rev"])

    def send_again(self, users):
        """Whatever was not answered, under the same id."""
        for number, user in enumerate(users):
            with user.connect() as writer:
                for id, (sender, arguments) in self.sent.items():
                    if sender == number and id not in self.acknowledged:
                        self.note(id, writer.request("put", arguments, id=id))
                        self.again += 1

    def hold_against(self, records):
        """All of it is there as it was answered, once, and nothing else."""
        there = {record["id"]: record for record in records}
        titles = [record["fields"]["title"] for record in there.values()]
        assert len(set(titles)) == len(titles), "something was made twice"
        assert len(there) == len(self.sent), f"{len(there)} of {len(self.sent)}"
        for id, (record, revision) in self.acknowledged.items():
            kept = there[record]
            assert kept["rev"] == revision, (record, kept["rev"], revision)
            assert kept["fields"]["title"] == self.sent[id][1]["fields"]["title"], record
        revisions = [revision for _, revision in self.acknowledged.values()]
        assert len(set(revisions)) == len(revisions), "a revision was used twice"


def load(user, ledger, number, cycle, over):
    """Keep several puts open at once until the daemon goes away."""
    try:
        connection = user.connect(timeout=0.3 * PATIENCE)
    except (Silence, Refused):
        return
    open_ids = []
    part = 0
    try:
        while not over.is_set():
            while len(open_ids) < OPEN:
                id = request_id()
                arguments = {"kind": "inquiry", "fields": {
                    "title": f"cycle {cycle} writer {number} part {part}",
                    "municipality": "mun-1880", "participants": part % 50 + 1}}
                part += 1
                ledger.write(id, number, arguments)
                connection.ask("put", arguments, id=id)
                open_ids.append(id)
            try:
                ledger.note(open_ids[0], connection.answer(open_ids[0], timeout=0.05))
                open_ids.pop(0)
            except Silence:
                pass  # for now
    except Silence:
        pass  # for good
    finally:
        connection.close()


def clean(daemon, when):
    status, said = daemon.check()
    assert status == 0, f"{when}: {said}"


def kill_often(daemon, cycles, moments, checked_each, chance=random):
    """Load the daemon and kill it `cycles` times, somewhere between the two `moments`
    (s) after the load begins; look at the store after each `checked_each` of them.
    What there is to say of it."""
    daemon.region()
    users = [daemon.coordinator()] + [daemon.user("coordinator") for _ in range(WRITERS - 1)]
    ledger = Ledger()
    slowest = 0.0
    for cycle in range(cycles):
        over = threading.Event()
        threads = [threading.Thread(target=load, args=(user, ledger, number, cycle, over),
                                    daemon=True) for number, user in enumerate(users)]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(*moments) * PATIENCE)
        daemon.stop(signal.SIGKILL)
        over.set()
        for thread in threads:
            thread.join(timeout=10)
        if cycle % checked_each == 0:
            clean(daemon, f"cycle {cycle}")
        daemon.start()
        slowest = max(slowest, daemon.ready_after)
        assert daemon.ready_after < 2.0 * PATIENCE, f"ready after {daemon.ready_after:.2f} s"

    ledger.send_again(users)
    with users[0].connect() as connection:
        ledger.hold_against(connection.all("inquiry"))
    assert daemon.stop() == 0
    clean(daemon, "at the end")
    return (f"{cycles} kills, {len(ledger.acknowledged) - ledger.again} acknowledged, "
            f"{ledger.again} sent again; ready in {slowest:.2f} s at most")
