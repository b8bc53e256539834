"""A broker's day at the command line, with the real programs."""

import datetime
import os
import zoneinfo

from harness import SOURCE, on_terminal, run

SWEDISH = {"LANGUAGE": "sv"}


ZONE = "Europe/Stockholm"  # the region's, so that it is the same day for all


def day(days):
    now = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE))
    return (now.date() + datetime.timedelta(days=days)).isoformat()


def region(daemon):
    """The coordinator, under the name default, and brokers in Motala and Kinda."""
    daemon.environment["TZ"] = ZONE
    daemon.samverk("join", daemon.first_invitation)
    for kind, file in (("county", "counties"), ("municipality", "municipalities"),
                       ("area", "competence-areas"), ("organisation", "lc-komp-organisations")):
        daemon.samverk("import", kind, os.path.join(SOURCE, "data", file + ".csv"))
    for name in ("Motala", "Kinda"):
        said = daemon.samverk("invite", "--role", "broker", "--name", "mäklare, " + name,
                              "--scope", name)
        daemon.samverk("join", said.strip().splitlines()[-1], profile=name.lower())
        centre = daemon.samverk_json("organisation", "list", "--municipality", name)["records"][0]
        setattr(daemon, name.lower(), {
            "user": daemon.samverk_json("status", profile=name.lower())["user"],
            "unit": centre["id"]})


def employer(daemon, name, size="10-49"):
    return daemon.samverk_json("organisation", "add", "--name", name, "--types", "employer",
                               "--municipality", "Motala", "--size", size,
                               profile="motala")["id"]


def contact(daemon, profile, organisation, on, *more, **options):
    own = getattr(daemon, profile)
    return daemon.samverk("contact", "add", "--organisation", organisation, "--day", on,
                          "--unit", own["unit"], "--broker", own["user"], *more,
                          profile=profile, **options)


# -- no double running ------------------------------------------------------------------------------


def test_booking_shows_who_has_been_there(daemon):
    region(daemon)
    firm, other = employer(daemon, "Bergs Mekaniska AB"), employer(daemon, "Åmans Bygg AB")
    contact(daemon, "motala", firm, day(-10), "--aim", "första samtal", "--summary", "hemligt")
    assert daemon.said == "", "nobody had been there: " + daemon.said
    contact(daemon, "motala", firm, day(-91), "--aim", "för länge sedan", "--confirm")
    contact(daemon, "motala", firm, day(5), "--aim", "planerat besök")
    contact(daemon, "motala", other, day(-1), "--aim", "hos en annan")
    contact(daemon, "kinda", firm, day(1), "--dry-run", environment=SWEDISH)
    said = daemon.said
    assert "Kontakter med Bergs Mekaniska AB" in said and "mäklare, Motala" in said, said
    assert said.index("planerat besök") < said.index("första samtal"), "the last one first"
    assert "länge sedan" not in said and "en annan" not in said and "hemligt" not in said, said
    # Nothing was written; and what one writes oneself is not among the others.
    contact(daemon, "kinda", firm, day(1))
    assert "mäklare, Kinda" not in daemon.said, daemon.said
    shown = daemon.samverk("organisation", "show", firm)
    assert "Contacts with" in shown and "mäklare, Kinda" in shown, shown
    assert "Contacts" not in daemon.samverk("organisation", "show", other, "--at", day(-1),
                                            status=None)
    # What hangs on a discreet inquiry is nobody else's business.
    daemon.samverk("inquiry", "add", "--title", "x", "--municipality", "Motala", "--discreet",
                   profile="motala")
    contact(daemon, "motala", firm, day(2), "--aim", "diskret besök", "--inquiry", "inq-1")
    contact(daemon, "kinda", firm, day(3), "--dry-run")
    assert "planerat besök" in daemon.said and "diskret besök" not in daemon.said, daemon.said


def test_outreach(daemon):
    region(daemon)
    small, middle, large, visited, planned = (
        employer(daemon, name, size) for name, size in
        (("Litet AB", "1-9"), ("Mellan AB", "10-49"), ("Stort AB", "50-249"),
         ("Besökt AB", "10-49"), ("Planerat AB", "1-9")))
    contact(daemon, "motala", middle, day(-400))
    contact(daemon, "motala", visited, day(-20))
    contact(daemon, "motala", planned, day(20))

    def listed(*more, **options):
        found = daemon.samverk_json("organisation", "list", "--not-contacted-since", day(-365),
                                    "--municipality", "Motala", *more, **options)
        return [r["fields"]["name"] for r in found["records"]]

    # Employers alone: nobody is to sell courses to learning centres.
    assert listed() == ["Stort AB", "Mellan AB", "Litet AB"], listed()
    assert listed("--size", "1-49", profile="kinda") == ["Mellan AB", "Litet AB"]
    assert listed("--size", "250+") == []
    assert "Motala kommun, lärcentrum" in listed("--types", "learning_centre")
    # One who asks to be left alone is told to be so.
    daemon.samverk("organisation", "edit", small, "--no-contact-until", day(30), profile="motala")
    said = daemon.samverk("organisation", "list", "--not-contacted-since", day(-365), "--size",
                          "1-9", environment=SWEDISH)
    assert day(30) in said and "Litet AB" in said, said
    daemon.samverk("organisation", "list", "--not-contacted-since", "igår", status=2)


# -- the morning --------------------------------------------------------------------------------------


def test_today(daemon):
    region(daemon)
    assert daemon.samverk("today", profile="motala", environment=SWEDISH) == \
        "Inget väntar på dig i dag.\n"
    own, firm = daemon.motala, employer(daemon, "Bergs Mekaniska AB")
    for title in ("Grundkurs i CAD", "Svetsning", "Truckkort", "Någon annans"):
        daemon.samverk("inquiry", "add", "--title", title, "--municipality", "Motala",
                       profile="motala")
    daemon.samverk("inquiry", "acknowledge", "inq-2", profile="motala")
    daemon.samverk("inquiry", "acknowledge", "inq-3", profile="motala")
    daemon.samverk("inquiry", "pause", "inq-3", "--waiting-until", day(9), profile="motala")
    daemon.samverk("inquiry", "forward", "inq-4", "--municipality", "Kinda", profile="motala")
    contact(daemon, "motala", firm, day(0), "--aim", "i dag")
    contact(daemon, "motala", firm, day(4), "--aim", "längre fram")
    contact(daemon, "motala", firm, day(-3), "--next-step", "Skicka kursförslag", "--next-day",
            day(-1))
    daemon.samverk("task", "add", "--what", "Boka sal", "--about", "inq-2", "--who", own["user"],
                   "--due", day(1), profile="motala")
    daemon.samverk("organisation", "add", "--name", "Kursbolaget", "--types", "provider",
                   "--municipality", "Motala", profile="motala")
    daemon.samverk("offer", "add", "--title", "Svets på plats", "--inquiry", "inq-2",
                   "--provider", "Kursbolaget", "--answer-by", day(30), profile="motala")
    said = daemon.samverk("today", profile="motala", environment=SWEDISH)
    places = [said.index(words) for words in (
        "Nya förfrågningar (1)", "inq-1", "Planerade kontakttillfällen (1)", "i dag  ",
        "Nästa steg (1)", "Skicka kursförslag", "Offerter (1)", "Kursbolaget", "begärd",
        "Åtgärder (1)", "Boka sal",
        "Mina pågående förfrågningar (2)", "Truckkort", "vilande")]
    assert places == sorted(places), said
    assert "längre fram" not in said and "annans" not in said, said
    said = daemon.samverk("today", profile="kinda", environment=SWEDISH)
    assert "Nya förfrågningar (1)" in said and "Någon annans" in said, said
    found = daemon.samverk_json("today", profile="motala")
    assert found["day"] == day(0), found["day"]
    told = {s["section"]: [r["id"] for r in s["records"]] for s in found["sections"]}
    assert told["new"] == ["inq-1"] and sorted(told["open"]) == ["inq-2", "inq-3"], told
    shown, status = on_terminal(daemon, "--profile", "motala", "today", width=60,
                                environment=dict(SWEDISH, PAGER="cat"))
    assert status == 0 and all(len(line) <= 60 for line in shown.split("Ett nästa")[0].split("\n"))
    # The whole scope is the coordinator's.
    said = daemon.samverk("today")
    assert "New inquiries (2)" in said, said


def test_the_board(daemon):
    region(daemon)
    for place in ("Motala", "Motala", "Kinda"):
        daemon.samverk("inquiry", "add", "--title", "x", "--municipality", place)
    daemon.samverk("inquiry", "acknowledge", "inq-1")
    daemon.samverk("inquiry", "decline", "inq-3", "--reason", "ingen efterfrågan")
    said = daemon.samverk("inquiry", "board", environment=SWEDISH)
    lines = {line.split("  ")[0]: line.split() for line in said.splitlines()}
    assert lines["ny"][1] == "1" and lines["bekräftad"][1] == "1", said
    assert lines["totalt"][1] == "2" and "avböjd" not in said, said
    states = daemon.samverk_json("inquiry", "board", "--municipality", "Kinda")["states"]
    assert len(states) == 9 and all(state["count"] == 0 for state in states), states
    # What one may not see is not counted: an administrator sees no inquiry.
    said = daemon.samverk("invite", "--role", "admin", "--name", "drift")
    daemon.samverk("join", said.strip().splitlines()[-1], profile="drift")
    assert daemon.samverk("inquiry", "board", profile="drift") == ""


# -- the canvas ---------------------------------------------------------------------------------------


def test_a_canvas_in_the_meeting(daemon):
    region(daemon)
    daemon.samverk("inquiry", "add", "--title", "Grundkurs i CAD", "--municipality", "Motala",
                   profile="motala")
    editor, seen = (os.path.join(daemon.home, name) for name in ("editor", "seen"))
    with open(editor, "w") as file:
        file.write(f"#!/bin/sh\ncp \"$1\" {seen}\n"
                   "sed -i -e 's/^background: $/background: Ny maskinpark\\n    Ritningar i 3D/'"
                   " -e 's/^extent: $/extent: Två dagar/' \"$1\"\n")
    os.chmod(editor, 0o700)
    inquiry = ["canvas", "add", "--inquiry", "inq-1"]
    shown, status = on_terminal(daemon, "--profile", "motala", *inquiry,
                                environment=dict(SWEDISH, EDITOR=editor))
    assert status == 0 and "Kvar att fylla i: deltagare och förkunskaper; pedagogik" in shown, shown
    with open(seen) as file:
        form = file.read()
    assert "inquiry: inq-1\n" in form and "# Kunddialogmall\n" in form, form
    assert "#   Vad gör arbetsplatsen" in form and "#   Vad är nästa steg" in form, form
    fields = daemon.samverk_json("canvas", "show", "can-1", profile="motala")["fields"]
    assert fields["inquiry"] == "inq-1" and fields["completeness"] == 2, fields
    assert fields["background"] == "Ny maskinpark\nRitningar i 3D", fields
    # The broker in Kinda sees how far it has come, not what is said.
    said = daemon.samverk("canvas", "show", "can-1", profile="kinda", environment=SWEDISH)
    assert "2 av 6" in said and "maskinpark" not in said and "Kvar" not in said, said
    # A script is asked nothing: it gives what there is.
    daemon.samverk(*inquiry, profile="motala", status=1)
    assert "inquiry" in daemon.said, daemon.said
    said = daemon.samverk("help", "canvas", environment=SWEDISH)
    assert "Frågor till stöd" in said and "Vad bidrar arbetsplatsen med" in said, said


def test_versions_are_compared(daemon):
    region(daemon)
    daemon.samverk("inquiry", "add", "--title", "x", "--municipality", "Motala", profile="motala")
    daemon.samverk("canvas", "add", "--inquiry", "inq-1", "--background",
                   "Fem nya maskiner.\nRitningarna är på papper.", profile="motala")
    first = daemon.samverk_json("canvas", "show", "can-1", profile="motala")["rev"]
    daemon.samverk("canvas", "edit", "can-1", "--background",
                   "Sju nya maskiner.\nRitningarna är på papper.", profile="motala")
    daemon.samverk("canvas", "edit", "can-1", "--extent", "Två dagar", profile="motala")
    diff = ["canvas", "diff", "can-1"]
    said = daemon.samverk(*diff, profile="motala", environment=SWEDISH)
    assert "{+Två dagar+}" in said and "maskiner" not in said, said
    assert "ifyllda steg: 1 av 6 → 2 av 6" in said and "mäklare, Motala" in said, said
    said = daemon.samverk(*diff, "--from", str(first), profile="motala")
    assert "  [-Fem-] {+Sju+} nya maskiner.\n  …\n" in said, said
    said = daemon.samverk(*diff, "--from", str(first), "--to", str(first + 1), profile="motala")
    assert "{+Sju+}" in said and "dagar" not in said, said
    shown, _ = on_terminal(daemon, "--profile", "motala", *diff, "--from", str(first),
                           environment={"PAGER": "cat", "NO_COLOR": ""})
    assert "\033[31mFem\033[0m \033[32mSju\033[0m nya" in shown, shown
    # Others see how far it came, and not what was said.
    said = daemon.samverk(*diff, "--from", str(first), profile="kinda")
    assert "1 of 6 → 2 of 6" in said and "maskiner" not in said, said
    daemon.samverk(*diff, "--from", day(-1), profile="motala", status=6)


run(globals())
