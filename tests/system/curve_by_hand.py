"""A ZMTP 3.1 CURVE client by hand (ZeroMQ RFC 23 and 26), for what libzmq does not let
a client do: write any metadata it likes. libsodium's crypto_box does the sums."""

import ctypes
import ctypes.util
import os
import socket
import struct

import msgpack
from zmq.utils import z85

sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
sodium.sodium_init()


def box(message, nonce, public, secret):
    out = ctypes.create_string_buffer(len(message) + 16)
    assert sodium.crypto_box_easy(out, message, ctypes.c_ulonglong(len(message)), nonce, public,
                                  secret) == 0
    return out.raw


def unbox(sealed, nonce, public, secret):
    out = ctypes.create_string_buffer(len(sealed) - 16)
    if sodium.crypto_box_open_easy(out, sealed, ctypes.c_ulonglong(len(sealed)), nonce, public,
                                   secret) != 0:
        raise ValueError("a box that does not open")
    return out.raw


def short_keys():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=2.0)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise ConnectionError("closed")
            data += part
        return data

    def send_frame(self, body, command):
        flags = 4 if command else 0
        if len(body) < 256:
            head = struct.pack("!BB", flags, len(body))
        else:
            head = struct.pack("!BQ", flags | 2, len(body))
        self.socket.sendall(head + body)

    def receive_frame(self):
        flags = self.exactly(1)[0]
        size = struct.unpack("!Q", self.exactly(8))[0] if flags & 2 else self.exactly(1)[0]
        return self.exactly(size)


def talk(port, server, keys, metadata, frames):
    """Shake hands with this metadata, send the frames, return as many answers; None
    when the daemon does not let us in."""
    server, public, secret = (z85.decode(key) for key in (server, keys.public, keys.secret))
    short_public, short_secret = short_keys()
    connection = Connection(port)
    try:
        connection.socket.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") +
                                  b"\x00" + bytes(31))
        connection.exactly(64)

        number = struct.pack("!Q", 1)
        connection.send_frame(
            b"\x05HELLO\x01\x00" + bytes(72) + short_public + number +
            box(bytes(64), b"CurveZMQHELLO---" + number, server, short_secret), True)
        welcome = connection.receive_frame()
        if not welcome.startswith(b"\x07WELCOME"):
            return None
        opened = unbox(welcome[24:], b"WELCOME-" + welcome[8:24], server, short_secret)
        server_short, cookie = opened[:32], opened[32:]

        number = struct.pack("!Q", 2)
        vouch_nonce = os.urandom(16)
        vouch = box(short_public + server, b"VOUCH---" + vouch_nonce, server_short, secret)
        properties = b"".join(bytes([len(name)]) + name + struct.pack("!I", len(value)) + value
                              for name, value in metadata.items())
        connection.send_frame(
            b"\x08INITIATE" + cookie + number +
            box(public + vouch_nonce + vouch + properties, b"CurveZMQINITIATE" + number,
                server_short, short_secret), True)
        ready = connection.receive_frame()
        if not ready.startswith(b"\x05READY"):
            return None

        answers = []
        for counter, frame in enumerate(frames, 3):
            number = struct.pack("!Q", counter)
            body = b"\x00" + msgpack.packb(frame, use_bin_type=True)
            connection.send_frame(
                b"\x07MESSAGE" + number +
                box(body, b"CurveZMQMESSAGEC" + number, server_short, short_secret), False)
            flags = 2
            while flags & 2:  # a command: the heartbeat's, say
                message = connection.receive_frame()
                if not message.startswith(b"\x07MESSAGE"):
                    continue
                opened = unbox(message[16:], b"CurveZMQMESSAGES" + message[8:16], server_short,
                               short_secret)
                flags, content = opened[0], opened[1:]
            answers.append(msgpack.unpackb(content, raw=False))
        return answers
    except (ConnectionError, socket.timeout):
        return None
    finally:
        connection.socket.close()
