"""Search with the real programs: what is found as soon as it stands, after a crash too, how
the command line tells it, and that no word about a person lies in clear in a file.

Broken once on purpose, each seen by these tests: what is newer than the file is not looked
through; words under a seal are kept as others are.
"""

import csv
import io
import signal
import time

from harness import PATIENCE, run
from test_privacy import erase, holding

MANY = 400


def ids(reader, text, **arguments):
    return [one["id"] for one in reader.request("search", {"text": text, **arguments})["records"]]


def test_found_at_once(daemon):
    boss = daemon.region()
    other = daemon.connect(daemon.user("viewer"))
    for number in range(MANY):
        made = boss.put("inquiry", {"title": f"Kurs nummer x{number}", "municipality": "mun-0583"})
        assert ids(other, f"x{number} ") == [made["id"]], number
        if number % 4 == 0:
            boss.patch(made["id"], {"title": f"Kursen y{number}"})
            assert ids(other, f"x{number} ") == []
            assert ids(other, f"kurser y{number} motala") == [made["id"]]
    page = other.request("search", {"text": "kurs", "limit": 200})
    rest = other.request("search", {"text": "kurs", "limit": 200, "after": page["next"]})
    assert len(page["records"]) == 200 and not page["cut"]
    numbers = [int(one["id"].split("-")[1]) for one in page["records"] + rest["records"]]
    assert numbers == sorted(set(numbers), reverse=True) and len(numbers) == MANY


def test_found_after_a_crash(daemon):
    boss = daemon.region()
    for first in range(0, 3000, 1000):
        boss.request("batch", {"operations": [
            {"do": "put", "kind": "inquiry",
             "fields": {"title": f"Grundkurs {number}", "municipality": "mun-0583"}}
            for number in range(first, first + 1000)]})
    for sign in (signal.SIGKILL, signal.SIGTERM):
        daemon.stop(sign)
        daemon.start()
        reader = daemon.connect()
        # At once among the newest; among all when the file has been made anew.
        assert ids(reader, "grundkurs 2999") == ["inq-3000"]
        deadline = time.monotonic() + 20 * PATIENCE
        while ids(reader, "grundkurs 17 ") != ["inq-18"]:
            assert time.monotonic() < deadline, "the file does not come to the head"
            time.sleep(0.05)


def test_no_word_about_a_person_in_clear(daemon):
    boss = daemon.region()
    officers = [daemon.connect(daemon.user("privacy", issuer=boss)) for _ in range(2)]
    person = boss.put("person", {"name": "Kontakt Qvistgren", "tags": ["Qvällstid"],
                                 "notes": "hör Qvalmigt illa", "expertise": ["qvarnbygge"],
                                 "organisation": daemon.organisations["1880"]})["id"]
    boss.put("inquiry", {"title": "Öppet qvarter", "municipality": "mun-1880"})
    secrets = [text.encode() for text in ("qvist", "Qvist", "qväll", "Qväll", "qvalm", "Qvalm",
                                          "qvarn", "Qvarn")]
    for text in ("qvistgren", "qvällstid", "qvalmigt", "qvarnbygg"):
        assert ids(boss, text, purpose="test") == [person], text
    assert ids(boss, "qvistgren") == []
    deadline = time.monotonic() + 20 * PATIENCE
    while not holding(daemon.data, b"qvarter"):  # the file has come to the head
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert holding(daemon.data, *secrets) == set()
    erase(officers, person)
    assert holding(daemon.data, *secrets) == set()
    for text in ("qvistgren", "qvällstid", "qvalmigt", "qvarnbygg"):
        assert ids(boss, text, purpose="test") == [], text


def test_at_the_command_line(daemon):
    boss = daemon.region()
    daemon.samverk("join", daemon.invite(boss, "coordinator")[0].text)
    firm = boss.put("organisation", {"name": "Verkstad 1 AB, Motala", "types": ["employer"],
                                     "municipality": "mun-0583"})["id"]
    boss.put("inquiry", {"title": "Svetsning för lärare", "municipality": "mun-0583",
                         "employer": firm})
    boss.put("inquiry", {"title": "=CAD", "municipality": "mun-1880", "description": "och svets"})
    boss.put("canvas", {"inquiry": "inq-1", "background": "svetsare saknas"})
    said = daemon.samverk("search", "svetsning", "motala")
    assert said.split("\n")[1].split() == ["inq-1", "inquiry", "Svetsning", "för", "lärare",
                                           "title,", "municipality,", "employer"], said
    assert [one["id"] for one in daemon.samverk_json("search", "svets")["records"]] == \
        ["inq-1", "can-1", "inq-2"]
    said = daemon.samverk("search", "svets", environment={"LANGUAGE": "sv", "LC_ALL": "C.UTF-8"})
    assert said.startswith("Id     Slag"), said
    assert "bakgrundsbeskrivning" in said.lower() and "beskrivning" in said, said
    rows = list(csv.reader(io.StringIO(daemon.samverk("search", "svets", "--csv").lstrip("\ufeff"))))
    assert rows == [["id", "kind", "title", "hits"],
                    ["inq-1", "inquiry", "Svetsning för lärare", "title"],
                    ["can-1", "canvas", "Svetsning för lärare, 1 of 6", "background"],
                    ["inq-2", "inquiry", "'=CAD", "description"]], rows
    assert daemon.samverk("search", "svets", "--kind", "canvas").count("\n") == 2
    assert daemon.samverk("search", "finns inte") == ""
    assert "Nothing found." in daemon.said
    daemon.samverk("search", "svets", "--limit", "1")
    assert "The first 1; there are more." in daemon.said
    daemon.samverk("search", status=2)
    daemon.samverk("search", "svets", "--kind", "inquiri", status=2)
    daemon.samverk("search", "--", "...", status=1)
    assert "1 to 8 words" in daemon.said, daemon.said


if __name__ == "__main__":
    run(globals())
