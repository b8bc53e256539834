"""Who is not known is never served, whatever they say about themselves."""

import os
import stat

import zmq

import curve_by_hand
from harness import (FAKETIME, SANITIZED, Silence, Stranger, new_keys, raw, read_invitation,
                     refused, run)


def never_served(daemon, server, keys):
    """No frame comes back over a connection with these keys."""
    connection = Stranger(daemon.address, server, keys, hello=False)
    try:
        for _ in range(2):
            connection.send(["hello", 1, "stranger"])
            connection.ask("status")
        frame = connection.receive(1.0)
        raise AssertionError(f"answered: {frame}")
    except Silence:
        pass
    finally:
        connection.close()
    assert not connection.received


def test_unknown_key(daemon):
    never_served(daemon, daemon.server_key, new_keys())


def test_wrong_server_key(daemon):
    user = daemon.coordinator()
    never_served(daemon, new_keys().public, user.keys)


def test_no_encryption(daemon):
    plain = zmq.Context.instance().socket(zmq.DEALER)
    plain.setsockopt(zmq.LINGER, 0)
    plain.connect(daemon.address)
    plain.send(b"\x93\xa5hello\x01\xa1x")
    assert not plain.poll(1000), plain.recv()
    plain.close()
    user = zmq.Context.instance().socket(zmq.DEALER)
    user.setsockopt(zmq.LINGER, 0)
    user.plain_username = b"usr-1"
    user.plain_password = b"secret"
    user.connect(daemon.address)
    user.send(b"\x93\xa5hello\x01\xa1x")
    assert not user.poll(1000), user.recv()
    user.close()


def test_forged_user_id(daemon):
    """ZMTP metadata is the client's to write; the daemon must not believe it."""
    boss = daemon.region()
    viewer = daemon.user("viewer")
    port = int(daemon.address.rsplit(":", 1)[1])
    somebody = {b"User-Id": raw(daemon.coordinator().keys.public).hex().encode(),
                b"Socket-Type": b"DEALER", b"Identity": b""}
    for user_id in (somebody[b"User-Id"], daemon.coordinator().keys.public,
                    daemon.coordinator().id.encode()):
        metadata = dict(somebody, **{})
        metadata[b"User-Id"] = user_id
        # Unknown key: not let in at all.
        assert curve_by_hand.talk(port, daemon.server_key, new_keys(), metadata,
                                  [["hello", 1, "forger"]]) is None
        # Known key: is who the key says, not who the metadata says.
        frames = curve_by_hand.talk(port, daemon.server_key, viewer.keys, metadata, [
            ["hello", 1, "forger"],
            ["request", os.urandom(16), "list", {"kind": "key"}, None]])
        assert frames[0][0] == "welcome" and frames[0][1]["user"] == viewer.id, frames
        assert frames[1][0] == "reply", frames
        assert {key["fields"]["user"] for key in frames[1][3]["records"]} == {viewer.id}, frames
    assert boss.request("status")["rev"]


def test_before_hello(daemon):
    user = daemon.coordinator()
    with Stranger(daemon.address, daemon.server_key, user.keys, hello=False) as connection:
        refused("no-session", connection.request, "status")
    with Stranger(daemon.address, daemon.server_key, user.keys, hello=False) as connection:
        refused("version", connection.hello, 99)


def test_invitation(daemon):
    boss = daemon.region()
    invitation, issued = daemon.invite(boss, "broker", municipalities=["mun-0583"])
    # With its key one may join and nothing else.
    with Stranger(invitation.address, invitation.server, invitation.keys) as newcomer:
        for command, arguments in (("status", {}), ("list", {"kind": "inquiry"}),
                                   ("watch", {}), ("schema", {}),
                                   ("put", {"kind": "inquiry", "fields": {
                                       "title": "x", "municipality": "mun-0583"}})):
            refused("not-allowed", newcomer.request, command, arguments)
    keys = new_keys()
    first = daemon.join(invitation, keys)
    assert first.id == issued["user"]
    # The same new key again within the time: the same answer.
    assert daemon.join(invitation, keys).id == first.id
    # Another: refused, and the issuer is told.
    for _ in range(2):
        try:
            refused(("expired", "not-allowed", "revoked"), daemon.join, invitation, new_keys(),
                    timeout=2.0)
        except Silence:
            pass
    told = boss.list("key", where={"user": first.id})
    assert any("refused" in key["fields"] for key in told), told
    with first.connect() as joined:
        assert joined.welcome["roles"] == ["broker"] or "broker" in str(joined.welcome["roles"])
        assert joined.list("inquiry") == []
    # The daemon keeps only the public half.
    secret = raw(invitation.keys.secret)
    for folder, _, files in os.walk(daemon.data):
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                assert secret not in file.read(), name


def test_expired_invitation(daemon):
    if FAKETIME is None or SANITIZED:
        print("        (needs libfaketime, and a daemon without sanitizers)")
        return
    boss = daemon.region()
    in_time, late = (daemon.invite(boss, "viewer")[0] for _ in range(2))
    for hours, invitation in ((23, in_time), (25, late)):
        daemon.stop()
        daemon.environment.update(LD_PRELOAD=FAKETIME, FAKETIME=f"+{hours}h",
                                  DONT_FAKE_MONOTONIC="1")
        daemon.start()
        if invitation is in_time:
            daemon.join(invitation)
            continue
        try:
            refused(("expired", "not-allowed", "revoked"), daemon.join, invitation, timeout=2.0)
        except Silence:
            pass
    daemon.stop()
    for name in ("LD_PRELOAD", "FAKETIME", "DONT_FAKE_MONOTONIC"):
        daemon.environment.pop(name)
    daemon.start()


def test_secrets_lie_alone(daemon):
    """Key files are their owner's alone."""
    for folder, _, files in os.walk(daemon.data):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700, folder
        for name in files:
            mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
            assert mode & 0o077 == 0, f"{name}: {mode:o}"
    assert read_invitation(daemon.first_invitation).server == daemon.server_key


run(globals())
