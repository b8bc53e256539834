"""A kind is rows of a table: with five new fields in kinds.def and nothing else there are
validation, an index, rights, a command, help, completion and CSV."""

import os

import harness
from harness import Watch, refused

EXTENDED = os.environ.get("SAMVERKD_EXTENDED")
harness.SAMVERK = os.environ.get("SAMVERK_EXTENDED", harness.SAMVERK)


def with_profile(daemon):
    boss = daemon.region()
    daemon.samverk("join", daemon.invite(boss, "coordinator")[0].text, "--profile", "boss")
    return boss


def test_daemon(daemon):
    boss = daemon.region()
    good = {"title": "To the sawmill", "municipality": "mun-0583"}
    made = boss.put("excursion", good)
    assert made["id"] == "exc-1", made
    assert made["fields"]["seats"] == 20 and made["fields"]["form"] == "on_site", "defaults"
    for field, value in (("seats", 0), ("seats", 81), ("seats", "x"), ("form", "flying"),
                         ("title", "x" * 61), ("municipality", "mun")):
        refused("invalid", boss.put, "excursion", {**good, field: value}, field=field)
    refused("required", boss.put, "excursion", {"title": "Nowhere"}, field="municipality")
    refused("reference", boss.put, "excursion", {**good, "municipality": "mun-9999"},
            field="municipality")
    refused("unknown-field", boss.put, "excursion", {**good, "bus": True}, field="bus")
    # Sorted and found by index.
    for number, title in enumerate(("Åmål", "Ängelholm", "Arboga"), 2):
        boss.put("excursion", {"title": title, "municipality": "mun-1880", "seats": number})
    titles = [one["fields"]["title"] for one in boss.list("excursion", sort="title")]
    assert titles == ["Arboga", "To the sawmill", "Åmål", "Ängelholm"], titles
    found = boss.list("excursion", where={"municipality": "mun-1880"}, sort="-seats")
    assert [one["fields"]["seats"] for one in found] == [4, 3, 2], found
    refused("referenced", boss.delete, "mun-1880")
    # Rights: the scope writes, staff read what is shared, local stays local.
    secret = boss.put("excursion", {**good, "secret": "only for Motala"})
    viewer = daemon.connect(daemon.user("viewer", municipalities=["mun-1880"]))
    broker = daemon.connect(daemon.user("broker", municipalities=["mun-0583"]))
    elsewhere = daemon.connect(daemon.user("broker", municipalities=["mun-1880"]))
    watch = Watch(viewer, kinds=["excursion"])
    refused("not-allowed", viewer.put, "excursion", good)
    refused("not-allowed", elsewhere.patch, secret["id"], {"seats": 5})
    changed = broker.patch(secret["id"], {"seats": 5})
    assert changed["fields"]["secret"] == "only for Motala"
    watch.until(changed["rev"])
    assert watch.seen() == [("put", secret["id"])], watch.operations
    for reader in (viewer, elsewhere):
        assert "secret" not in reader.get(secret["id"])["fields"]
        assert b"only for Motala" not in reader.received
    history = boss.request("history", {"id": secret["id"]})["entries"]
    assert history[0]["fields"]["seats"] == {"from": 20, "to": 5}, history
    daemon.stop()
    status, said = daemon.check()
    assert status == 0, said
    daemon.start()


def test_command_line(daemon):
    with_profile(daemon)

    def samverk(*arguments, **options):
        return daemon.samverk(*arguments, profile="boss", **options)

    assert "excursion" in samverk("--help")
    described = samverk("excursion", "add", "--help")
    for option in ("--title", "--municipality", "--seats", "--form", "--secret"):
        assert option in described, described
    samverk("excursion", "add", "--title", "To the sawmill", "--municipality", "Motala",
            "--seats", "12")
    samverk("excursion", "add", "--title", "Too many", "--municipality", "Motala",
            "--seats", "99", status=1)
    assert "1 to 80" in daemon.said, daemon.said
    assert "sawmill" in samverk("excursion", "list")
    samverk("excursion", "edit", "exc-1", "--seats", "14")
    assert "14" in samverk("excursion", "history", "exc-1")
    assert "excursion" in daemon.samverk("complete", "exc")
    options = daemon.samverk("complete", "excursion", "add", "--se")
    assert "--seats" in options and "--secret" in options, options
    assert "hybrid" in daemon.samverk("complete", "excursion", "add", "--form", "hy")
    assert "seats" in samverk("schema", "excursion")
    csv = samverk("export", "excursion", "--format", "csv")
    assert csv.lstrip("\ufeff").splitlines()[0].startswith("id,title,municipality,seats,form"), csv
    assert "exc-1,To the sawmill" in csv, csv
    path = os.path.join(daemon.home, "excursions.csv")
    with open(path, "w") as file:
        file.write("title,municipality,seats,form\nTo the mine,1880,8,on_site\nTo the lake,Kinda,9,\n")
    samverk("import", "excursion", path)
    assert "lake" in samverk("excursion", "list")
    samverk("excursion", "delete", "exc-1", "--yes")
    samverk("excursion", "show", "exc-1", status=6)


harness.run(globals(), program=EXTENDED)
