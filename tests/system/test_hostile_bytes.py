"""Bytes that no honest client sends: a named error or silence, no memory, no harm to others."""

import os
import random
import struct
import threading
import time

import msgpack

from harness import PATIENCE, SANITIZED, Silence, refused, request_id, run

GROWTH = 2 * 1024 * 1024
GROWTH_EACH = 64 * 1024

CODES = {"malformed", "no-session", "too-large", "invalid", "version", "unknown-command",
         "unknown-field", "required", "expired", "busy"}


def packed(value):
    return msgpack.packb(value, use_bin_type=True)


def request_with(arguments_bytes, command=b"\xa3put"):
    """A request whose arguments are these bytes, as they are."""
    return b"\x95" + packed("request") + packed(request_id()) + command + arguments_bytes + b"\xc0"


def put_with(fields):
    return packed(["request", request_id(), "put", {"kind": "inquiry", "fields": fields}, None])


def hostile_messages():
    """(name, message) pairs."""
    chance = random.Random(20260314)
    for number in range(200):
        yield f"random {number}", chance.randbytes(chance.choice((1, 3, 17, 200, 4000)))
    yield "empty", b""
    yield "deep lists", b"\x91" * 60000 + b"\xc0"
    yield "deep maps", b"\x81\xa1a" * 20000 + b"\xc0"
    for head in (b"\xdd", b"\xdf", b"\xdb", b"\xc6", b"\xc9"):
        yield f"giant {head.hex()}", head + b"\xff\xff\xff\xff"
        yield f"giant {head.hex()} inside", request_with(head + b"\xff\xff\xff\xf0" + b"x" * 100)
        yield f"large {head.hex()} inside", request_with(head + struct.pack("!I", 60000))
    for head in (b"\xdc", b"\xde", b"\xda", b"\xc5", b"\xc8"):
        yield f"wide {head.hex()} inside", request_with(head + b"\xff\xff" + b"\xc0" * 200)
    yield "many nodes", request_with(b"\xdc\xea\x60" + b"\xc0" * 60000)
    yield "trailing", packed(["hello", 1, "x"]) + b"\xc0"
    yield "two frames", packed(["hello", 1, "x"]) * 2
    yield "cut", packed(["request", request_id(), "status", {}, None])[:-1]
    yield "not a list", packed({"request": 1})
    yield "unknown frame", packed(["shout", 1])
    yield "number as a name", packed([7, 1])
    yield "daemon's frame", packed(["welcome", {}])
    yield "short id", packed(["request", b"short", "status", {}, None])
    yield "text id", packed(["request", "0123456789abcdef", "status", {}, None])
    yield "no arguments", packed(["request", request_id(), "status"])
    yield "float", request_with(b"\x81\xa4kind\xcb\x40\x00\x00\x00\x00\x00\x00\x00")
    yield "extension", request_with(b"\x81\xa4kind\xd4\x01\x00")
    yield "bad UTF-8", request_with(b"\x81\xa4kind\xa2\xc3\x28")
    yield "overlong UTF-8", request_with(b"\x81\xa4kind\xa2\xc0\xaf")
    yield "surrogate", request_with(b"\x81\xa4kind\xa3\xed\xa0\x80")
    yield "NUL", request_with(b"\x81\xa4kind\xa3a\x00b")
    yield "key twice", request_with(b"\x82\xa4kind\xa1a\xa4kind\xa1b")
    yield "number as key", request_with(b"\x81\x01\xa1a")
    yield "nil as key", request_with(b"\x81\xc0\xa1a")
    yield "huge number", request_with(b"\x81\xa4kind\xcf\xff\xff\xff\xff\xff\xff\xff\xff")
    yield "long text", request_with(b"\x81\xa4kind\xda\x50\x00" + b"x" * 0x5000)
    yield "long binary", request_with(b"\x81\xa4kind\xc4\xff" + b"x" * 255)
    yield "unknown argument", packed(["request", request_id(), "status", {"loud": True}, None])
    yield "unknown command", packed(["request", request_id(), "x" * 5000, {}, None])
    yield "credit without end", packed(["credit", 2 ** 62])
    yield "credit below nothing", packed(["credit", -5])
    for name, text in (("NUL", "a\0b"), ("escape", "\x1b[31mred"), ("C1", "a\x9bb"),
                       ("DEL", "a\x7fb"), ("override", "a\u202eb"), ("isolate", "a\u2066b"),
                       ("mark", "a\u200fb"), ("noncharacter", "a\ufffeb")):
        yield f"text with {name}", put_with({"title": text, "municipality": "mun-1880"})
    yield "newline in a line", put_with({"title": "a\nb", "municipality": "mun-1880"})
    yield "list where text is", put_with({"title": ["a"] * 200, "municipality": "mun-1880"})


def answered(connection, name, message):
    """Send it; an answer, if there is one, is an error with a known name."""
    connection.send_raw(message)
    try:
        frame = connection.receive(0.05)
    except Silence:
        return
    assert frame[0] == "error" and frame[3]["code"] in CODES, f"{name}: {frame}"
    assert frame[3]["message"], name


class Bystander(threading.Thread):
    """Another client, which must notice nothing."""

    def __init__(self, user):
        super().__init__(daemon=True)
        self.connection = user.connect()
        self.slowest = 0.0
        self.asked = 0
        self.problem = None
        self.over = False

    def run(self):
        try:
            while not self.over:
                begun = time.monotonic()
                self.connection.request("status")
                self.slowest = max(self.slowest, time.monotonic() - begun)
                self.asked += 1
                time.sleep(0.01)
        except Exception as problem:
            self.problem = problem

    def end(self):
        self.over = True
        self.join(timeout=10)
        self.connection.close()
        assert self.problem is None, self.problem
        assert self.asked
        assert self.slowest < 1.0 * PATIENCE, f"a bystander waited {self.slowest:.2f} s"


def grown(daemon, before, connections):
    if SANITIZED:
        return
    limit = GROWTH + GROWTH_EACH * connections
    deadline = time.monotonic() + 5
    while (growth := daemon.memory() - before) > limit and time.monotonic() < deadline:
        time.sleep(0.1)
    assert growth <= limit, f"{growth >> 10} KiB more for {connections} connections"


def warmed_up(daemon):
    """A daemon that has had visitors before, and one beside it."""
    daemon.region()
    user = daemon.coordinator()
    for _ in range(20):
        with user.connect() as visitor:
            visitor.request("status")
            visitor.list("municipality")
    bystander = Bystander(user)
    bystander.start()
    return user, bystander


def test_messages(daemon):
    user, bystander = warmed_up(daemon)
    head = daemon.boss.request("status")["rev"]
    before = daemon.memory()
    connections = 0
    for hello in (True, False):
        connection = user.connect(hello=hello)
        connections += 1
        for name, message in hostile_messages():
            answered(connection, f"{name}, hello {hello}", message)
        connection.close()
        # The same user is welcome again.
        with user.connect() as again:
            assert again.request("status")["rev"] == head, "something was written"
    grown(daemon, before, connections + 2)
    bystander.end()


def test_many_parts(daemon):
    user, bystander = warmed_up(daemon)
    before = daemon.memory()
    connections = []
    for number in range(8):
        connection = user.connect()
        connections.append(connection)
        connection.send_raw(*[os.urandom(1000) for _ in range(2000)])
        connection.send_raw(packed(["request", request_id(), "status", {}, None]), b"more")
        assert connection.request("status")["rev"], "goes on after parts that were dropped"
    time.sleep(1.2)  # what was dropped is given back at the next tick
    grown(daemon, before, 8)
    for connection in connections:
        connection.close()
    bystander.end()


def test_oversized(daemon):
    user, bystander = warmed_up(daemon)
    before = daemon.memory()
    for number in range(8):
        connection = user.connect()
        connection.send_raw(b"\xc6\x00\x20\x00\x00" + bytes(2 << 20))
        try:
            while True:
                frame = connection.receive(0.3)
                assert frame[0] == "error", frame
        except Silence:
            pass
        connection.close()
    just_over = user.connect()
    answered(just_over, "70 KiB", put_with({"description": "x" * 70000}))
    just_over.close()
    grown(daemon, before, 9)
    bystander.end()


def test_too_many_open(daemon):
    user, bystander = warmed_up(daemon)
    connection = user.connect()
    ids = [connection.ask("list", {"kind": "municipality"}) for _ in range(2000)]
    codes = {}
    for id in ids:
        try:
            connection.answer(id)
            code = "done"
        except Exception as refusal:
            code = getattr(refusal, "code", repr(refusal))
        codes[code] = codes.get(code, 0) + 1
    assert set(codes) <= {"done", "busy"} and codes["done"] >= 64, codes
    connection.close()
    bystander.end()


def test_reader_that_never_reads(daemon):
    """Someone who asks and asks and takes nothing costs only what the credit allows."""
    user, bystander = warmed_up(daemon)
    boss = daemon.boss
    for number in range(20):
        boss.request("batch", {"operations": [
            {"do": "put", "kind": "inquiry", "fields": {
                "title": f"Inquiry {number}-{part}", "municipality": "mun-1880",
                "description": "x" * 2000}} for part in range(10)]})
    before = daemon.memory()
    connections = []
    for _ in range(4):
        connection = user.connect()
        connection.used = -1 << 40  # gives no credit back
        connections.append(connection)
        for _ in range(60):
            connection.ask("list", {"kind": "inquiry", "limit": 200})
    time.sleep(2)
    if not SANITIZED:
        growth = daemon.memory() - before
        # Its credit, once as frames and once on the way through libzmq.
        assert growth <= GROWTH + 4 * (4 << 20), f"{growth >> 10} KiB"
    for connection in connections:
        connection.close()
    bystander.end()


def test_named_errors(daemon):
    """What is refused is refused by name, field and what was expected."""
    boss = daemon.region()
    for text in ("a\u202eb", "\x1b[31m", "a\x85b"):
        refusal = refused("invalid", boss.put, "inquiry",
                          {"title": text, "municipality": "mun-1880"}, field="title")
        assert refusal.expected
    refused("unknown-field", boss.put, "inquiry",
            {"title": "x", "municipality": "mun-1880", "colour": "red"}, field="colour")
    # Text comes back normalised.
    made = boss.put("inquiry", {"title": "A\u030angstro\u0308m", "municipality": "mun-1880"})
    assert made["fields"]["title"] == "\u00c5ngstr\u00f6m", made


run(globals())
