"""Those who flood a daemon with connections, each sort a process of its own, so that
test_flood.py can stop and continue them: flood.py SORT COUNT, and on standard input one
line of JSON with the address, the server's key and the key pairs to be used. Says "ready"
when what it opens once is open.

They are nice: they stand for machines elsewhere, whose work costs the daemon's nothing.
"""

import itertools
import json
import os
import select
import socket
import sys
import threading
import time

import zmq

import faults  # noqa: F401 (finds the client)

from samverk_stranger import Keys, Refused, Silence, Stranger, context, new_keys

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE".ljust(20, b"\0")
WATCHES = 16
KEY_MOST = 30  # connections of one key, below the daemon's limit


def ready():
    print("ready", flush=True)


def newcomers(target, a_second):
    """So many new connections a second: half say hello and go, half have a key that
    nobody knows."""
    ready()
    unknown = []
    for n in itertools.count():
        begun = time.monotonic()
        if n % 2:
            try:
                Stranger(*target.address, target.keys[-1], timeout=5).close()
            except (Silence, Refused):
                pass
        else:
            unknown.append(Stranger(*target.address, new_keys(), hello=False))
            if len(unknown) > a_second:
                unknown.pop(0).close()
        time.sleep(max(0.0, 1 / a_second - (time.monotonic() - begun)))


def half_open(target, count):
    """So many connections that begin to shake hands and say no more. The daemon throws
    them out after a while, and they come again."""
    host, port = target.address[0].removeprefix("tcp://").split(":")
    poll = select.poll()
    open_sockets = {}

    def begin():
        begun = socket.create_connection((host, int(port)))
        begun.sendall(GREETING[:11 + len(open_sockets) % 20])
        open_sockets[begun.fileno()] = begun
        poll.register(begun, select.POLLIN)

    for _ in range(count):
        begin()
    ready()
    while True:
        for number, _ in poll.poll():
            try:
                if open_sockets[number].recv(4096):
                    continue
            except ConnectionError:
                pass
            poll.unregister(number)
            open_sockets.pop(number).close()
            begin()


def watchers(target, count):
    """So many connections with sixteen watches each of a municipality where nothing
    happens; they take what they are sent."""
    def open_some(which):
        for n in which:
            connection = Stranger(*target.peer(n), timeout=60)
            asked = [connection.ask("watch", {"kinds": ["inquiry"],
                                              "municipalities": ["mun-0513"]})
                     for _ in range(WATCHES)]
            for id in asked:
                connection.answer(id)
            kept.append(connection)

    kept = []
    threads = [threading.Thread(target=open_some, args=(range(n, count, 4),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ready()
    while True:
        time.sleep(1)
        for connection in kept:
            try:
                while True:
                    connection.receive(0)
            except Silence:
                pass


def sleepers(target, count):
    """So many that watch all there is, and are stopped by who started them: what they are
    sent stays where it is."""
    kept = [Stranger(*target.peer(n), timeout=60) for n in range(count)]
    for connection in kept:
        connection.watch(kinds=["inquiry"])
    ready()
    while True:
        time.sleep(60)


class Target:
    """The daemon, and the keys to come with."""

    def __init__(self, address, server, keys):
        self.address = (address, server.encode())
        self.keys = [Keys(*(half.encode() for half in pair)) for pair in keys]

    def peer(self, number):
        return (*self.address, self.keys[number // KEY_MOST % len(self.keys)])


if __name__ == "__main__":
    os.nice(19)
    context.set(zmq.MAX_SOCKETS, 8192)
    SORTS = {sort.__name__: sort for sort in (newcomers, half_open, watchers, sleepers)}
    SORTS[sys.argv[1]](Target(**json.loads(sys.stdin.readline())), int(sys.argv[2]))
