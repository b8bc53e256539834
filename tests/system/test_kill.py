"""kill -9 at any moment under load: what was acknowledged is there, the store is clean,
and it serves again in two seconds. The ledger is kept here, outside the daemon."""

import random
import signal
import threading
import time

from harness import PATIENCE, Daemon, Refused, Silence, request_id, run

CYCLES = 20
WRITERS = 4


class Ledger:
    """What was sent, and what was answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}          # request id -> arguments
        self.acknowledged = {}  # request id -> (record id, revision)

    def write(self, id, arguments):
        with self.lock:
            self.sent[id] = arguments

    def note(self, id, view):
        with self.lock:
            self.acknowledged[id] = (view["id"], view["rev"])


def load(user, ledger, number, cycle, over):
    """Keep several puts open at once until the daemon goes away."""
    try:
        connection = user.connect()
    except (Silence, Refused):
        return
    connection.timeout = 0.3 * PATIENCE
    open_ids = []
    part = 0
    try:
        while not over.is_set():
            while len(open_ids) < 8:
                id = request_id()
                arguments = {"kind": "inquiry", "fields": {
                    "title": f"cycle {cycle} writer {number} part {part}",
                    "municipality": "mun-1880", "participants": part % 50 + 1}}
                part += 1
                ledger.write(id, arguments)
                connection.ask("put", arguments, id=id)
                open_ids.append(id)
            id = open_ids.pop(0)
            ledger.note(id, connection.answer(id))
    except Silence:
        pass
    finally:
        connection.close()


def test_twenty_kills():
    chance = random.Random()
    with Daemon() as daemon:
        daemon.region()
        users = [daemon.coordinator()] + [daemon.user("coordinator") for _ in range(WRITERS - 1)]
        ledger = Ledger()
        slowest = 0.0
        for cycle in range(CYCLES):
            over = threading.Event()
            threads = [threading.Thread(target=load, args=(user, ledger, number, cycle, over),
                                        daemon=True) for number, user in enumerate(users)]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.05, 0.3) * PATIENCE)
            daemon.stop(signal.SIGKILL)
            over.set()
            for thread in threads:
                thread.join(timeout=10)
            if cycle % 4 == 0:
                status, said = daemon.check()
                assert status == 0, f"cycle {cycle}: {said}"
            daemon.start()
            slowest = max(slowest, daemon.ready_after)
            assert daemon.ready_after < 2.0 * PATIENCE, f"ready after {daemon.ready_after:.2f} s"

        # Whatever was not answered is sent again under the same id.
        with users[0].connect() as connection:
            by_user = {}
            for id, arguments in ledger.sent.items():
                if id not in ledger.acknowledged:
                    number = int(arguments["fields"]["title"].split()[3])
                    by_user.setdefault(number, []).append((id, arguments))
            again = 0
            for number, open_requests in by_user.items():
                with users[number].connect() as writer:
                    for id, arguments in open_requests:
                        ledger.note(id, writer.request("put", arguments, id=id))
                        again += 1
            there = {record["id"]: record for record in connection.all("inquiry")}
        titles = [record["fields"]["title"] for record in there.values()]
        assert len(set(titles)) == len(titles), "something was made twice"
        assert len(there) == len(ledger.sent), f"{len(there)} of {len(ledger.sent)}"
        for id, (record, revision) in ledger.acknowledged.items():
            kept = there[record]
            assert kept["rev"] == revision, (record, kept["rev"], revision)
            assert kept["fields"]["title"] == ledger.sent[id]["fields"]["title"], record
        revisions = sorted(revision for _, revision in ledger.acknowledged.values())
        assert len(set(revisions)) == len(revisions), "a revision was used twice"
        assert daemon.stop() == 0
        status, said = daemon.check()
        assert status == 0, said
        print(f"        {CYCLES} kills, {len(ledger.acknowledged) - again} acknowledged, "
              f"{again} sent again; ready in {slowest:.2f} s at most")
        daemon.start()


run(globals())
