"""Whose grant or key is taken away gets `end` at that revision, and nothing after."""

from harness import Silence, Watch, refused, run, silent


def watching_broker(daemon):
    daemon.region()
    broker = daemon.user("broker", municipalities=["mun-0583"])
    connection = daemon.connect(broker)
    watch = Watch(connection, kinds=["inquiry"])
    made = daemon.boss.put("inquiry", {"title": "Before", "municipality": "mun-0583"})
    watch.until(made["rev"])
    assert watch.seen() == [("put", made["id"])]
    return broker, connection, watch


def nothing_after(daemon, connection, watch, at, code):
    watch.until(at + 1)
    assert watch.ended == (at, code), watch.ended
    daemon.boss.put("inquiry", {"title": "Told to nobody", "municipality": "mun-0583"})
    daemon.boss.put("inquiry", {"title": "Nor this", "municipality": "mun-1880"})
    silent(connection, 1.0)
    assert b"Told to nobody" not in connection.received


def test_key(daemon):
    broker, connection, watch = watching_broker(daemon)
    key = daemon.boss.list("key", where={"user": broker.id, "state": "active"})[0]
    gone = daemon.boss.move(key["id"], "revoke")
    nothing_after(daemon, connection, watch, gone["rev"], "revoked")
    refused(("revoked", "no-session"), connection.get, "inq-1")
    # A new connection with that key is not served at all.
    try:
        refused("revoked", broker.connect, timeout=2.0)
    except Silence:
        pass


def test_user(daemon):
    broker, connection, watch = watching_broker(daemon)
    gone = daemon.boss.move(broker.id, "revoke")
    nothing_after(daemon, connection, watch, gone["rev"], "revoked")
    refused(("revoked", "no-session"), connection.list, "inquiry")


def test_suspended_and_back(daemon):
    broker, connection, watch = watching_broker(daemon)
    gone = daemon.boss.move(broker.id, "suspend")
    watch.until(gone["rev"] + 1)
    assert watch.ended and watch.ended[0] == gone["rev"], watch.ended
    refused(("revoked", "no-session"), connection.list, "inquiry")
    daemon.boss.move(broker.id, "activate")
    again = daemon.connect(broker)
    assert len(again.list("inquiry")) == 1


def test_grant(daemon):
    broker, connection, watch = watching_broker(daemon)
    grant = daemon.boss.list("grant", where={"user": broker.id})[0]
    revision = daemon.boss.request("status")["rev"]
    daemon.boss.delete(grant["id"])
    nothing_after(daemon, connection, watch, revision + 1, "rights-changed")
    refused(("not-allowed", "not-found", "rights-changed"), connection.get, "inq-1")


def test_rights_changed_while_away(daemon):
    daemon.region()
    broker = daemon.user("broker", municipalities=["mun-0583"])
    connection = daemon.connect(broker)
    _, since = connection.watch(kinds=["inquiry"])
    epoch = connection.welcome["epoch"]
    connection.close()
    daemon.user("viewer", municipalities=["mun-0583"])  # another's rights are no matter
    again = daemon.connect(broker)
    again.watch(kinds=["inquiry"], since=since, epoch=epoch)
    grant = daemon.boss.list("grant", where={"user": broker.id})[0]
    daemon.boss.patch(grant["id"], {"municipalities": ["mun-0583", "mun-1880"]})
    refused("rights-changed", daemon.connect(broker).watch, kinds=["inquiry"], since=since,
            epoch=epoch)


run(globals())
