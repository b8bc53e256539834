"""A change against a revision that is no longer the newest is answered with the newer record."""

from harness import refused, run


def test_stale_revision(daemon):
    boss = daemon.region()
    other = daemon.connect()
    first = boss.put("inquiry", {"title": "Heta arbeten", "municipality": "mun-0583",
                                 "participants": 8})
    second = other.patch(first["id"], {"participants": 10}, if_rev=first["rev"])
    assert second["rev"] > first["rev"]
    for call, arguments in ((boss.patch, (first["id"], {"participants": 12})),
                            (boss.delete, (first["id"],)),
                            (boss.move, (first["id"], "acknowledge"))):
        refusal = refused("conflict", call, *arguments, if_rev=first["rev"])
        newer = refusal.detail["record"]
        assert newer["id"] == first["id"] and newer["rev"] == second["rev"], newer
        assert newer["fields"]["participants"] == 10, newer
    assert boss.get(first["id"])["fields"]["participants"] == 10
    third = boss.patch(first["id"], {"participants": 12}, if_rev=second["rev"])
    assert third["fields"]["participants"] == 12


def test_command_line(daemon):
    daemon.region()
    daemon.samverk("join", daemon.invite(daemon.boss, "coordinator")[0].text, "--profile", "one")
    first = daemon.samverk_json("inquiry", "add", "--title", "Heta arbeten", "--municipality",
                                "0583", profile="one")
    daemon.samverk("inquiry", "edit", first["id"], "--participants", "10", profile="one")
    daemon.samverk("inquiry", "edit", first["id"], "--participants", "12",
                   "--if-rev", str(first["rev"]), profile="one", status=4)
    assert "10" in daemon.said, "what has changed meanwhile is shown"


run(globals())
