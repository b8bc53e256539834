"""The same request id twice, also across a restart: one change and the same answer."""

import signal
import time

from harness import refused, request_id, run


def test_retry(daemon):
    boss = daemon.region()
    id = request_id()
    arguments = {"kind": "inquiry", "fields": {"title": "Excel", "municipality": "mun-1880"}}
    first = boss.request("put", arguments, id=id)
    assert boss.request("put", arguments, id=id) == first, "the answer of the first"
    assert daemon.connect().request("put", arguments, id=id) == first, "on another connection too"
    assert len(boss.list("inquiry")) == 1
    refused("invalid", boss.request, "put",
            {"kind": "inquiry", "fields": {"title": "Word", "municipality": "mun-1880"}}, id=id)
    assert len(boss.list("inquiry")) == 1


def test_both_at_once(daemon):
    boss = daemon.region()
    id = request_id()
    arguments = {"kind": "inquiry", "fields": {"title": "Excel", "municipality": "mun-1880"}}
    others = [daemon.connect() for _ in range(4)]
    for other in others:
        other.ask("put", arguments, id=id)
    answers = [other.answer(id) for other in others]
    assert all(answer == answers[0] for answer in answers), answers
    assert len(boss.list("inquiry")) == 1


def test_another_user_has_other_ids(daemon):
    boss = daemon.region()
    second = daemon.user("coordinator").connect()
    id = request_id()
    arguments = {"kind": "inquiry", "fields": {"title": "Excel", "municipality": "mun-1880"}}
    assert boss.request("put", arguments, id=id)["id"] != \
        second.request("put", arguments, id=id)["id"]
    second.close()


def test_across_restart(daemon):
    boss = daemon.region()
    user = daemon.coordinator()
    put, batch = request_id(), request_id()
    arguments = {"kind": "inquiry", "fields": {"title": "Excel", "municipality": "mun-1880"}}
    operations = {"operations": [
        {"do": "put", "kind": "organisation", "fields": {
            "name": "A new employer", "types": ["employer"], "municipality": "mun-0583"}},
        {"do": "put", "kind": "inquiry", "fields": {
            "title": "Svets", "municipality": "mun-0583", "employer": "$1"}}]}
    first = boss.request("put", arguments, id=put)
    both = boss.request("batch", operations, id=batch)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        daemon.stop(sign)
        daemon.start()
        with user.connect() as again:
            assert again.request("put", arguments, id=put) == first
            assert again.request("batch", operations, id=batch) == both
            assert len(again.list("inquiry")) == 2


def test_too_old(daemon):
    boss = daemon.region()
    week = 7 * 24 * 3600 * 1000
    arguments = {"kind": "inquiry", "fields": {"title": "Excel", "municipality": "mun-1880"}}
    old = request_id(int(time.time() * 1000) - week - 60000)
    refused("expired", boss.request, "put", arguments, id=old)
    assert boss.list("inquiry") == []


run(globals())
