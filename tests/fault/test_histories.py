"""Order and once (P2, P4): eight clients read, write, batch and send again under the same
request ids, on this connection and another, while the daemon is killed under them; then
history.py holds all that was answered against the journal.

That it can fail: a writer that answers before it commits is found by stale reads and by
acknowledged writes that are nowhere; one that forgets the rows of request ids by double
applies and refused repetitions.
"""

import random
import signal
import threading
import time

from faults import SEED, Tally, count

from harness import Daemon, Refused, Silence, Watch, request_id
from history import Attempt, Checker, Read, Write

HISTORIES = count("histories", 20, 1000)
HISTORIES_A_STORE = 10
CLIENTS = 8
USERS = 4
REQUESTS = 60  # of a client in a history
SILENCE = 5.0  # s, in which a daemon that lives has answered


class World:
    """What the clients of one history share: the daemon, and records to contend for."""

    def __init__(self, daemon, number):
        self.daemon = daemon
        self.municipality = f"mun-{1000 + number}"
        self.title = f"{number}"
        self.lock = threading.Lock()
        self.up = threading.Event()
        self.up.set()
        self.life = 0      # goes up when the daemon is killed
        self.requests = 0
        self.ids = []      # records that somebody was told of
        self.writes, self.reads = [], []

    def kill(self, chance, requests):
        """Kill the daemon just after so many requests have been made, look at what it left
        behind, and start it again."""
        while self.requests < requests:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.01))
        self.up.clear()
        self.daemon.stop(signal.SIGKILL)
        self.life += 1
        status, said = self.daemon.check()
        assert status == 0, said
        self.daemon.start()
        self.up.set()


class Line:
    """A connection that notices when the daemon behind it has been killed."""

    def __init__(self, world, user):
        self.world, self.user = world, user
        self.connection, self.life = None, None

    def open(self):
        while self.connection is None or self.life != self.world.life:
            self.close()
            self.world.up.wait()
            self.life = self.world.life
            try:
                self.connection = self.user.connect(timeout=0.5)
            except (Silence, Refused):
                self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def ask(self, *arguments, **options):
        """Send a request; its id, or None when the daemon has gone."""
        try:
            return self.connection.ask(*arguments, **options)
        except Silence:
            return None

    def answer(self, id):
        """("ok" or "refused", revision, what), or None when no answer will come."""
        until = time.monotonic() + SILENCE
        while id is not None:
            gone = self.life != self.world.life
            try:
                result = self.connection.answer(id, timeout=0.02)
                return "ok", self.connection.served_at, result
            except Refused as refusal:
                return "refused", refusal.revision, refusal.error
            except Silence:
                if gone:
                    return None
                assert time.monotonic() < until, "no answer from a daemon that is up"
        return None


class Client(threading.Thread):
    """One of the eight, with two connections; what it asks, `chance` decides."""

    def __init__(self, world, user, number, chance):
        super().__init__(daemon=True)
        self.world, self.number, self.chance = world, number, chance
        self.lines = [Line(world, user), Line(world, user)]
        self.seen = {}   # id -> the newest revision of it that this client has seen
        self.told = []   # (write, request id, command, arguments) that may be sent again
        self.titles = 0
        self.trouble = None

    def run(self):
        try:
            for _ in range(REQUESTS):
                for line in self.lines:
                    line.open()
                self.world.requests += 1
                self.chance.choices(
                    (self.write, self.batch, self.read, self.read_all, self.repeat),
                    (40, 15, 25, 10, 10))[0]()
            self.world.requests += REQUESTS  # so that nobody waits for this one
        except Exception as trouble:  # the history's thread raises it
            self.trouble = trouble
            self.world.requests += CLIENTS * REQUESTS
        finally:
            for line in self.lines:
                line.close()

    # -- operations

    def fields(self):
        """A title that nobody else sets, and some of the rest."""
        self.titles += 1
        fields = {"title": f"{self.world.title}.{self.number}.{self.titles}"}
        if self.chance.random() < 0.5:
            fields["participants"] = self.chance.randint(1, 100000)
        if self.chance.random() < 0.3:
            fields["notes"] = self.chance.choice(("once", "again", "n" * 500))
        return fields

    def put(self):
        return {"do": "put", "kind": "inquiry",
                "fields": dict(self.fields(), municipality=self.world.municipality)}

    def patch(self, id):
        operation = {"do": "patch", "id": id, "fields": self.fields()}
        if self.chance.random() < 0.1:
            operation["fields"]["notes"] = None
        if id in self.seen and self.chance.random() < 0.5:
            operation["if_rev"] = self.seen[id]
        return operation

    def some(self, number):
        """Records that others change too."""
        ids = self.world.ids[-8:]
        return self.chance.sample(ids, min(number, len(ids)))

    # -- requests

    def write(self):
        id = self.some(1)
        sort = self.chance.random()
        if not id or sort < 0.3:
            operation = self.put()
        elif sort < 0.9:
            operation = self.patch(id[0])
        else:
            operation = {"do": "delete", "id": id[0]}
        arguments = {name: value for name, value in operation.items() if name != "do"}
        self.send(Write([operation]), request_id(), operation["do"], arguments)

    def batch(self):
        operations = [self.patch(id) for id in self.some(2)]
        self.chance.shuffle(operations)
        operations.append(self.put())
        if self.chance.random() < 0.5:
            operations.append({"do": "patch", "id": f"${len(operations)}", "fields": self.fields()})
        self.send(Write(operations), request_id(), "batch", {"operations": operations})

    def repeat(self):
        """What was answered long ago, perhaps by a daemon that was killed since."""
        if self.told:
            self.send_once(*self.chance.choice(self.told), [self.chance.choice(self.lines)])

    def send(self, write, *request):
        """Once, or by both connections at once; when no answer comes mostly again."""
        with self.world.lock:
            self.world.writes.append(write)
        self.chance.shuffle(self.lines)
        lines = self.lines[:2 if self.chance.random() < 0.15 else 1]
        while True:
            self.send_once(write, *request, lines)
            if write.answered("ok"):
                self.told.append((write, *request))
            if write.answered("ok") or write.answered("refused") or self.chance.random() < 0.3:
                return
            for line in self.lines:
                line.open()

    def send_once(self, write, id, command, arguments, lines):
        attempts = []
        for line in lines:
            attempts.append((line, Attempt(time.monotonic()),
                             line.ask(command, arguments, id=id)))
        for line, attempt, asked in attempts:
            attempt.answer = line.answer(asked)
            attempt.ended = time.monotonic()
            write.attempts.append(attempt)
            if attempt.answer and attempt.answer[0] == "ok":
                for view in attempt.answer[2].get("results", [attempt.answer[2]]):
                    self.see(view)

    def see(self, view):
        if "rev" in view:
            self.seen[view["id"]] = max(view["rev"], self.seen.get(view["id"], 0))
            with self.world.lock:
                if view["id"] not in self.world.ids:
                    self.world.ids.append(view["id"])

    def ask_read(self, command, arguments, **about):
        began = time.monotonic()
        line = self.chance.choice(self.lines)
        answer = line.answer(line.ask(command, arguments))
        if answer is None:
            return
        how, revision, result = answer
        assert how == "ok" or result["code"] == "not-found", result
        records = [] if how != "ok" else result.get("records", [result])
        for view in records:
            if "at" not in about:
                self.see(view)
        with self.world.lock:
            self.world.reads.append(Read(began, time.monotonic(), revision, records, **about))

    def read(self):
        for id in self.some(1):
            about = {"id": id}
            if id in self.seen and self.chance.random() < 0.3:
                about["at"] = self.seen[id] - self.chance.randint(0, 3)
            self.ask_read("get", about, **about)

    def read_all(self):
        self.ask_read("list", {"kind": "inquiry", "limit": 200,
                               "where": {"municipality": self.world.municipality}})


def journal(daemon, since):
    """Every entry after that revision: (revision, {id: view or None})."""
    with daemon.coordinator().connect() as observer:
        watch = Watch(observer, since=since, epoch=observer.epoch)
        watch.until(observer.revision)
        return [(entry["rev"], {(operation.get("record") or operation)["id"]:
                                operation.get("record") for operation in entry["ops"]})
                for entry in watch.entries]


def play(daemon, users, number, chance):
    """One history; what the checker finds in it."""
    with daemon.coordinator().connect() as boss:
        world = World(daemon, number)
        boss.put("municipality", {"name": f"Testkommun {number}", "county": "cty-18"},
                 id=world.municipality)
        first = boss.revision
    clients = [Client(world, users[n % USERS], n, random.Random(chance.random()))
               for n in range(CLIENTS)]
    for client in clients:
        client.start()
    for moment in sorted(chance.sample(range(CLIENTS * REQUESTS), chance.randint(1, 2))):
        world.kill(chance, moment)
    for client in clients:
        client.join(timeout=60)
        assert not client.is_alive(), "a client hangs"
        if client.trouble is not None:
            raise client.trouble
    return world, Checker(first, journal(daemon, first), world.writes, world.reads)


def test_histories(tally):
    done = 0
    while done < HISTORIES:
        some = min(HISTORIES_A_STORE, HISTORIES - done)
        passed, told = 0, ""
        asked = answered = unknown = repeated = 0
        try:
            with Daemon() as daemon:
                daemon.region()
                users = [daemon.user("coordinator") for _ in range(USERS)]
                for number in range(some):
                    world, checker = play(daemon, users, number, random.Random(SEED + done + number))
                    passed += not checker.findings
                    told += "".join(f"history {done + number}: {finding}\n"
                                    for finding in checker.findings[:5])
                    asked += len(world.writes) + len(world.reads)
                    answered += sum(bool(write.answered("ok")) for write in world.writes)
                    unknown += sum(not any(attempt.answer for attempt in write.attempts)
                                   for write in world.writes)
                    repeated += sum(len(write.attempts) > 1 for write in world.writes)
                daemon.stop()
                status, said = daemon.check()
                assert status == 0, said
        except AssertionError as problem:
            told += f"{problem}\n{daemon.tail()}"
            passed = min(passed, some - 1)
        tally.add(f"{some} histories of {asked} requests: {answered} writes done, {unknown} of "
                  f"unknown outcome, {repeated} sent again", passed, some - passed, told)
        done += some


if __name__ == "__main__":
    tally = Tally()
    test_histories(tally)
    tally.finish()
