"""A service watches for many users with one cursor: each operation says whom it is for,
and nobody is shown another's view."""

from harness import Watch, refused, run


def watching_service(daemon):
    boss = daemon.region()
    here = daemon.user("broker", municipalities=["mun-0583"])
    there = daemon.user("broker", municipalities=["mun-1880"])
    service = daemon.connect(daemon.user("service"))
    users = [here.id, there.id]
    return boss, here, there, service, Watch(service, kinds=["inquiry"], users=users)


def pushed(watch):
    return [operation for entry in watch.entries for operation in entry["ops"]]


def test_each_sees_the_own_view(daemon):
    boss, here, there, service, watch = watching_service(daemon)
    open_one = boss.put("inquiry", {"title": "Öppen", "municipality": "mun-0583"})
    hidden = boss.put("inquiry", {"title": "Hemlig", "municipality": "mun-0583", "discreet": True,
                                  "participants": 7})
    gone = boss.delete(open_one["id"])
    watch.until(boss.request("status")["rev"])
    told = pushed(watch)
    first = [operation for operation in told if operation["op"] == "put"
             and operation["record"]["id"] == open_one["id"]]
    assert sorted(sum((operation["for"] for operation in first), [])) == sorted([here.id, there.id])
    views = {tuple(operation["for"]): operation["record"]["fields"] for operation in told
             if operation["op"] == "put" and operation["record"]["id"] == hidden["id"]}
    assert views[(here.id,)]["title"] == "Hemlig"
    assert "title" not in views[(there.id,)] and views[(there.id,)]["participants"] == 7
    last = [operation for operation in told if operation["op"] == "gone"]
    assert last == [{"op": "gone", "id": gone["id"], "for": [here.id, there.id]}], last


def test_ends_with_the_rights_of_one(daemon):
    boss, here, _, service, watch = watching_service(daemon)
    boss.move(here.id, "suspend")
    watch.until(boss.request("status")["rev"])
    assert watch.ended and watch.ended[1] == "rights-changed", watch.ended
    refused("not-allowed", service.watch, kinds=["inquiry"], users=[here.id])


def test_only_for_whom_it_may_act(daemon):
    boss = daemon.region()
    broker = daemon.user("broker", municipalities=["mun-0583"])
    narrow = daemon.connect(daemon.user("service", municipalities=["mun-1880"]))
    refused("not-allowed", narrow.watch, users=[broker.id])
    refused("not-allowed", boss.watch, users=[broker.id])
    refused("not-allowed", daemon.connect(broker).watch, users=[broker.id])
    wide = daemon.connect(daemon.user("service"))
    refused("not-allowed", wide.watch, users=[daemon.coordinator().id])
    refused("invalid", wide.watch, users=[])
    refused("invalid", wide.watch, users=["mun-0583"])


run(globals())
