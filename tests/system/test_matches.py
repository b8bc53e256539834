"""Inquiries that could share a course: what a broker is shown of them and told as it happens."""

import csv
import io
import os
import re
import signal
import time

from harness import PATIENCE, SOURCE, Watch, run

SWEDISH = {"LANGUAGE": "sv"}


def region(daemon):
    """Places and areas from the project's own files; the reader speaks Swedish."""
    daemon.samverk("join", daemon.first_invitation)
    for kind, file in (("county", "counties"), ("municipality", "municipalities"),
                       ("area", "competence-areas")):
        daemon.samverk("import", kind, os.path.join(SOURCE, "data", file + ".csv"))
    daemon.environment.update(SWEDISH)
    return daemon


def add(daemon, title, municipality, *more, **options):
    """The id of a new inquiry, and what was said."""
    said = daemon.samverk("inquiry", "add", "--title", title, "--municipality", municipality, *more,
                          **options)
    return re.search(r"inq-\d+", said).group(), said


def until(look, wanted):
    """Matches are kept a moment behind."""
    deadline = time.monotonic() + 10 * PATIENCE
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"{seen}, not {wanted}"
        time.sleep(0.05)


def test_a_broker_is_shown_who_could_join(daemon):
    region(daemon)
    weld = ("--areas", "0715", "--form", "on_site", "--period-from", "2030-09-01")
    lone, said = add(daemon, "Svetsning", "Linköping", "--participants", "4", *weld)
    assert "liknande" not in said, said
    said = daemon.samverk("inquiry", "matches", lone)
    assert "Ingen liknande förfrågan är öppen." in said, said
    kinda, said = add(daemon, "Svets, grund", "Kinda", "--participants", "6", *weld)
    assert "En liknande förfrågan finns i Linköping. Tillsammans 10 deltagare.\n" in said, said
    assert f"Varför: samverk inquiry matches {kinda}" in said, said
    add(daemon, "Svetskurs", "Åtvidaberg", "--participants", "7", *weld)
    vague, said = add(daemon, "Något om svets", "Kinda")
    assert "liknande" not in said, said
    said = daemon.samverk("inquiry", "matches", vague)
    assert f"samverk inquiry edit {vague} --areas KOD" in said, said
    assert "liknande" not in add(daemon, "Svets", "Kinda", *weld, "--dry-run")[1]

    said = daemon.samverk("inquiry", "matches", lone)
    assert max(map(len, said.splitlines())) <= 80, said
    said = re.sub(r"\s+", " ", said)
    assert said.startswith("Två liknande förfrågningar finns i Kinda och Åtvidaberg. "
                           "Tillsammans 17 deltagare."), said
    for text in (f"{kinda} Svets, grund, Kinda, 6 deltagare (", " av 100)",
                 "samma kompetensområde: ", "perioder som överlappar: från 2030-09-01",
                 "samma form: på plats", " km bort", "gemensamma ord: Svetsning",
                 "Passar alla: från 2030-09-01; på plats",
                 "Räcker för en samordnad förfrågan, som kräver minst 12."):
        assert text in said, (text, said)
    answer = daemon.samverk_json("inquiry", "matches", lone, "--limit", "1")
    assert len(answer["matches"]) == 1 and answer["matches"][0]["score"] > 50, answer
    assert sum(r["points"] for r in answer["matches"][0]["reasons"]) == answer["matches"][0]["score"]
    rows = list(csv.reader(io.StringIO(daemon.samverk("inquiry", "matches", lone, "--csv")),
                           delimiter=";"))
    assert len(rows) == 3 and len(rows[0]) == len(rows[1]), rows
    daemon.samverk("inquiry", "matches", "inq-99", status=6)
    daemon.samverk("inquiry", "matches", lone, "--limit", "0", status=2)
    daemon.samverk("inquiry", "matches", lone, "--limit", "51", status=1)


def test_a_coordinator_is_shown_what_could_be_pooled(daemon):
    region(daemon)
    said = daemon.samverk("pool", "suggest")
    assert "Inga öppna förfrågningar räcker tillsammans" in said, said
    first, _ = add(daemon, "Heta arbeten", "Kinda", "--areas", "1022", "--participants", "8")
    second, _ = add(daemon, "Heta arbeten, grupp", "Linköping", "--areas", "1022",
                    "--participants", "5")
    until(lambda: len(daemon.samverk_json("pool", "suggest")["groups"]), 1)
    said = daemon.samverk("pool", "suggest")
    for text in ("Två förfrågningar i ", " kan samordnas. Tillsammans 13 deltagare.",
                 f"{first} Heta arbeten, Kinda, 8 deltagare\n",
                 f"{second} Heta arbeten, grupp, Linköping, 5 deltagare\n"):
        assert text in said, (text, said)
    assert "kan samordnas" in daemon.samverk("pool", "suggest", "--municipality", "Kinda")
    assert "kan samordnas" not in daemon.samverk("pool", "suggest", "--municipality", "Motala")
    daemon.samverk("pool", "suggest", "--municipality", "Ingenstans", status=1)
    pool = daemon.samverk_json("pool", "add", "--title", "Heta", "--municipality", "Kinda")["id"]
    daemon.samverk("inquiry", "acknowledge", first)
    daemon.samverk("opt_in", "add", "--pool", pool, "--inquiry", first, "--participants", "8")
    assert "kan samordnas" not in daemon.samverk("pool", "suggest")
    assert f"redan i en samordnad förfrågan: {pool}" in daemon.samverk("inquiry", "matches", second)


def test_both_are_told_and_what_was_kept_is_true(daemon):
    boss = daemon.region()
    watch = Watch(boss, kinds=["match"])

    def inquire(**fields):
        return boss.put("inquiry", {"title": "Truck", "municipality": "mun-0513",
                                    "areas": ["are-07"], **fields})["id"]

    def kept():
        return {r["fields"]["inquiry"]: r["fields"]["others"] for r in daemon.connect().all("match")}

    first, second = inquire(), inquire()
    until(kept, {first: [second], second: [first]})
    watch.until(boss.request("status")["rev"])
    assert sorted(view["fields"]["inquiry"] for _, _, view in watch.operations) == [first, second]
    # Whatever comes between, it goes on where it was.
    daemon.stop()
    daemon.start()
    boss = daemon.connect()
    boss.move(first, "withdraw", {"reason": "changed their mind"})
    until(kept, {})
    third = inquire()
    until(kept, {second: [third], third: [second]})
    # Killed before or after what it came to was written: it is looked at again.
    fourth = inquire()
    daemon.stop(signal.SIGKILL)
    daemon.start()
    until(kept, {second: [third, fourth], third: [second, fourth], fourth: [second, third]})
    daemon.stop()
    daemon.check()


if __name__ == "__main__":
    run(globals())
