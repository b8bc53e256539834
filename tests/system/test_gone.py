"""A record that leaves a watch's municipality, filter or the reader's right is `gone`."""

from harness import Watch, run


def test_municipality(daemon):
    boss = daemon.region()
    watch = Watch(boss, kinds=["inquiry"], municipalities=["mun-0583"])
    everything = Watch(daemon.connect(), kinds=["inquiry"])
    first = boss.put("inquiry", {"title": "Truckkort", "municipality": "mun-0583"})
    elsewhere = boss.put("inquiry", {"title": "Elsewhere", "municipality": "mun-1880"})
    moved = boss.move(first["id"], "forward", {"municipality": "mun-0513"})
    boss.patch(first["id"], {"participants": 9})
    last = boss.delete(elsewhere["id"])
    assert last == {"id": elsewhere["id"]}
    head = boss.request("status")["rev"]
    watch.until(head)
    assert watch.seen() == [("put", first["id"]), ("gone", first["id"])], watch.operations
    assert watch.operations[1][0] == moved["rev"]
    everything.until(head)
    assert everything.seen() == [("put", first["id"]), ("put", elsewhere["id"]),
                                 ("put", first["id"]), ("put", first["id"]),
                                 ("gone", elsewhere["id"])], everything.operations


def test_mine(daemon):
    boss = daemon.region()
    broker = daemon.user("broker", municipalities=["mun-0583"])
    connection = daemon.connect(broker)
    watch = Watch(connection, kinds=["inquiry"], mine=True)
    other = boss.put("inquiry", {"title": "Not mine", "municipality": "mun-0583"})
    mine = boss.put("inquiry", {"title": "Mine", "municipality": "mun-0583", "broker": broker.id})
    handed = boss.patch(mine["id"], {"broker": daemon.coordinator().id})
    watch.until(handed["rev"])
    assert watch.seen() == [("put", mine["id"]), ("gone", mine["id"])], watch.operations
    assert other["id"] not in [id for _, id in watch.seen()]


def test_right(daemon):
    boss = daemon.region()
    viewer = daemon.connect(daemon.user("viewer", municipalities=["mun-1880"]))
    watch = Watch(viewer, kinds=["person"])
    person = boss.put("person", {"name": "teacher, Motala", "staff": True,
                                 "organisation": daemon.organisations["0583"]})
    hidden = boss.patch(person["id"], {"protected": True})
    boss.patch(person["id"], {"expertise": ["welding"]})
    watch.until(boss.request("status")["rev"])
    assert watch.seen() == [("put", person["id"]), ("gone", person["id"])], watch.operations
    assert watch.operations[1][0] == hidden["rev"]


def test_discretion(daemon):
    boss = daemon.region()
    viewer = daemon.connect(daemon.user("viewer", municipalities=["mun-1880"]))
    watch = Watch(viewer, kinds=["inquiry"])
    inquiry = boss.put("inquiry", {"title": "Hemlig kurs", "municipality": "mun-0583",
                                   "discreet": True, "participants": 7})
    opened = boss.patch(inquiry["id"], {"discreet": False})
    watch.until(opened["rev"])
    before, after = [view["fields"] for _, _, view in watch.operations]
    assert before["participants"] == 7 and "title" not in before, before
    assert "municipality" not in before, before
    assert after["title"] == "Hemlig kurs", after


run(globals())
