"""A client of samverkd in another language, written from proto/PROTOCOL.md alone.

It shares no code with the daemon or its own client library, so what the system
tests see is what goes over the wire. It keeps every byte it was sent.
"""

import base64
import collections
import os
import time

import msgpack
import zmq
from zmq.utils import z85

Keys = collections.namedtuple("Keys", "public secret")  # Z85, as pyzmq wants them


class Invitation(collections.namedtuple("Invitation", "address server keys expires")):
    """What an invitation's line of text says."""

    @property
    def text(self):
        body = msgpack.packb(["invitation", 1, self.address, raw(self.server),
                              raw(self.keys.secret), self.expires])
        return "samverk:" + base64.urlsafe_b64encode(body).decode().rstrip("=")


context = zmq.Context.instance()


def new_keys():
    return Keys(*zmq.curve_keypair())


def raw(key):
    """The 32 bytes of a key in Z85."""
    return z85.decode(key)


def read_invitation(text):
    text = text.strip()
    assert text.startswith("samverk:"), text
    body = text[len("samverk:"):]
    fields = msgpack.unpackb(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert fields[0] == "invitation" and fields[1] == 1, fields
    secret = z85.encode(fields[4])
    return Invitation(fields[2], z85.encode(fields[3]),
                      Keys(zmq.curve_public(secret), secret), fields[5])


def request_id(now_ms=None):
    """48 bits of milliseconds and 80 random bits."""
    now_ms = int(time.time() * 1000) if now_ms is None else now_ms
    return now_ms.to_bytes(6, "big") + os.urandom(10)


class Refused(Exception):
    """The daemon's answer to a request was an error."""

    def __init__(self, error, revision):
        super().__init__(f"{error}")
        self.error = error
        self.revision = revision
        self.code = error["code"]
        self.field = error.get("field")
        self.expected = error.get("expected")
        self.detail = error.get("detail")


class Silence(Exception):
    """Nothing came in the time given."""


class Stranger:
    """One connection: a socket, a hello, requests, pushes."""

    def __init__(self, address, server, keys, hello=True, timeout=10.0):
        self.timeout = timeout
        self.received = bytearray()
        self.replies = {}
        self.pushed = collections.deque()
        self.used = 0
        self.welcome = None
        self.revision = 0
        socket = context.socket(zmq.DEALER)
        socket.curve_serverkey = server
        socket.curve_publickey, socket.curve_secretkey = keys
        socket.setsockopt(zmq.LINGER, 200)
        socket.setsockopt(zmq.RECONNECT_IVL, -1)
        socket.setsockopt(zmq.HANDSHAKE_IVL, 5000)
        socket.setsockopt(zmq.MAXMSGSIZE, 1 << 20)
        socket.setsockopt(zmq.SNDHWM, 0)
        socket.setsockopt(zmq.RCVHWM, 0)
        socket.connect(address)
        self.socket = socket
        if hello:
            self.hello()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # -- frames

    def send(self, frame):
        try:
            self.socket.send(msgpack.packb(frame, use_bin_type=True), zmq.DONTWAIT)
        except zmq.Again:
            raise Silence("the daemon is gone")

    def send_raw(self, *parts):
        self.socket.send_multipart(parts)

    def receive(self, timeout=None):
        """The next frame of any sort; gives credit back for what was read."""
        timeout = self.timeout if timeout is None else timeout
        if not self.socket.poll(max(0, int(timeout * 1000))):
            raise Silence(f"nothing in {timeout} s")
        parts = self.socket.recv_multipart()
        assert len(parts) == 1, "the daemon sends single parts"
        self.received += parts[0]
        frame = msgpack.unpackb(parts[0], raw=False, strict_map_key=True)
        self.used += len(parts[0])
        if self.used > 256 * 1024:
            self.send(["credit", self.used])
            self.used = 0
        return frame

    def take(self, timeout=None):
        """Read one frame and put it where it belongs."""
        frame = self.receive(timeout)
        if frame[0] in ("reply", "error") and frame[1] is not None:
            self.replies[frame[1]] = frame
        else:
            self.pushed.append(frame)

    def hello(self, version=1):
        self.send(["hello", version, "stranger 1"])
        frame = self.receive()
        if frame[0] == "error":
            raise Refused(frame[3], frame[2])
        assert frame[0] == "welcome", frame
        self.welcome = frame[1]
        self.user = self.welcome.get("user")
        self.epoch = self.welcome["epoch"]
        self.revision = self.welcome["rev"]

    # -- requests

    def ask(self, command, arguments=None, id=None, on_behalf=None):
        """Send a request and return its id; `answer` fetches what came of it."""
        id = request_id() if id is None else id
        self.send(["request", id, command, arguments or {}, on_behalf])
        return id

    def answer(self, id, timeout=None):
        until = time.monotonic() + (self.timeout if timeout is None else timeout)
        while id not in self.replies:
            self.take(until - time.monotonic())
        frame = self.replies.pop(id)
        self.revision = max(self.revision, frame[2] or 0)
        if frame[0] == "error":
            raise Refused(frame[3], frame[2])
        self.served_at = frame[2]
        return frame[3]

    def request(self, command, arguments=None, id=None, on_behalf=None, timeout=None):
        return self.answer(self.ask(command, arguments, id, on_behalf), timeout)

    def get(self, id, **arguments):
        return self.request("get", {"id": id, **arguments})

    def put(self, kind, fields, **arguments):
        return self.request("put", {"kind": kind, "fields": fields, **arguments})

    def patch(self, id, fields, **arguments):
        return self.request("patch", {"id": id, "fields": fields, **arguments})

    def delete(self, id, **arguments):
        return self.request("delete", {"id": id, **arguments})

    def move(self, id, verb, fields=None, **arguments):
        if fields:
            arguments["fields"] = fields
        return self.request("move", {"id": id, "verb": verb, **arguments})

    def list(self, kind, **arguments):
        return self.request("list", {"kind": kind, **arguments})["records"]

    def all(self, kind, **arguments):
        """Every record of a kind, page by page."""
        records, after = [], None
        while True:
            page = {"kind": kind, **arguments}
            if after is not None:
                page["after"] = after
            result = self.request("export", page)
            records += result["records"]
            after = result.get("next")
            if after is None:
                return records

    # -- pushes

    def watch(self, **arguments):
        result = self.request("watch", arguments)
        return result["watch"], result["rev"]

    def next_push(self, timeout=None):
        """The next frame that answers no request."""
        until = time.monotonic() + (self.timeout if timeout is None else timeout)
        while not self.pushed:
            self.take(until - time.monotonic())
        return self.pushed.popleft()


class Watch:
    """One watch of a connection, with the gap check that the protocol asks for."""

    def __init__(self, connection, **arguments):
        self.connection = connection
        self.number, self.at = connection.watch(**arguments)
        self.operations = []  # (revision, "put" or "gone", view or id)
        self.entries = []     # as they came
        self.ended = None

    def take(self, timeout=None):
        """Read one frame of this watch and check that nothing is missing before it."""
        frame = self.connection.next_push(timeout)
        assert frame[1] == self.number, frame
        if frame[0] == "push":
            assert frame[3] == self.at, f"a gap: {frame[3]} after {self.at}"
            for entry in frame[4]:
                assert entry["rev"] > self.at, "in order, nothing twice"
                self.at = entry["rev"]
                self.entries.append(entry)
                for operation in entry["ops"]:
                    what = operation["record"] if operation["op"] == "put" else operation["id"]
                    self.operations.append((entry["rev"], operation["op"], what))
        elif frame[0] == "bookmark":
            assert frame[3] == self.at, f"a gap: {frame[3]} after {self.at}"
            self.at = frame[4]
        elif frame[0] == "end":
            self.ended = (frame[3], frame[4])
        else:
            raise AssertionError(frame)
        return frame

    def until(self, revision, timeout=10.0):
        """Read on until this revision has been passed or the watch has ended."""
        until = time.monotonic() + timeout
        while self.at < revision and self.ended is None:
            self.take(until - time.monotonic())

    def seen(self):
        """Ids in the order that they came, with what was said."""
        return [(kind, what["id"] if kind == "put" else what)
                for _, kind, what in self.operations]
