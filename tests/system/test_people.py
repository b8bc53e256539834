"""A filter over people's data: found at once among many, and never wrong, whatever becomes of
the derived file."""

import os
import signal
import time

from harness import PATIENCE, run

MANY = 10100  # more than one look takes in
BATCH = 1000


def address(number):
    return f"contact{number % 5000}@example.se"


def fill(daemon):
    boss = daemon.region()
    for first in range(0, MANY, BATCH):
        boss.request("batch", {"operations": [
            {"do": "put", "kind": "person",
             "fields": {"name": "Kontakt", "organisation": daemon.organisations["0583"],
                        "email": address(number)}}
            for number in range(first, min(first + BATCH, MANY))]})
    return boss


def page(reader, email):
    return reader.request("list", {"kind": "person", "where": {"email": email},
                                   "purpose": "looking for them"})


def found(reader, email):
    """All pages: the truth, however it is come by."""
    return sorted(record["id"] for record in
                  reader.all("person", where={"email": email}, purpose="looking for them"))


def until_quick(reader, email, count):
    """In one page: the derived file has come to the head."""
    deadline = time.monotonic() + 20 * PATIENCE
    while True:
        answer = page(reader, email)
        if answer["next"] is None:
            assert len(answer["records"]) == count, answer
            return
        assert time.monotonic() < deadline, "the derived file does not come to the head"
        time.sleep(0.05)


def again(daemon, sign):
    """A new life of the daemon; a connection to it."""
    daemon.stop(sign)
    names = set(os.listdir(daemon.data))
    daemon.start()
    return daemon.connect(), names


def test_found_among_many(daemon):
    boss = fill(daemon)
    email = address(7)
    first = found(boss, email)
    assert len(first) == 3, first
    until_quick(boss, email, 3)

    # A read sees every write, whether the file has come to it or not.
    for number in range(20):
        boss.patch(first[0], {"email": f"moved{number}@example.se"})
        assert [record["id"] for record in page(boss, f"moved{number}@example.se")["records"]] \
            == first[:1]
        assert found(boss, email) == first[1:]
    boss.patch(first[0], {"email": email})

    # What is no filter over people's data has nothing to do with the file.
    recent = {"kind": "person", "where": {"created": {"from": 0}}, "limit": 5}
    assert len(boss.request("list", recent)["records"]) == 5

    # Stopped in order, the file is kept; killed, it is made anew: right either way.
    boss, names = again(daemon, signal.SIGTERM)
    assert "derived.whole" in names and "derived.mdb" not in names, names
    assert found(boss, email) == first
    until_quick(boss, email, 3)
    boss, names = again(daemon, signal.SIGKILL)
    assert "derived.mdb" in names and "derived.whole" not in names, names
    assert found(boss, email) == first
    until_quick(boss, email, 3)

    # Damage harms nothing but speed.
    daemon.stop()
    with open(os.path.join(daemon.data, "derived.whole"), "r+b") as file:
        file.truncate(os.path.getsize(file.name) // 2)
    daemon.start()
    boss = daemon.connect()
    assert found(boss, email) == first
    until_quick(boss, email, 3)

    # And a filter finds nobody whose address one may not see.
    elsewhere = daemon.connect(daemon.user("broker", municipalities=["mun-1880"]))
    assert found(elsewhere, email) == []
    until_quick(elsewhere, email, 0)


run(globals())
