"""The story of brokering as it is typed: from half a sentence on the phone in Motala to a
course that three employers in three municipalities shared, one of them discreetly."""

import datetime
import os
import re

from harness import SOURCE, run

TRUCK = "1041-lift-truck"


def day(days):
    return (datetime.date.today() + datetime.timedelta(days)).isoformat()


def join(daemon, role, scope, profile):
    said = daemon.samverk("invite", "--role", role, "--scope", scope, "--name", f"{role}, {profile}")
    invitation = re.search(r"samverk:[A-Za-z0-9_-]+", said).group()
    daemon.samverk("join", invitation, "--profile", profile)


class Broker:
    """What one person types, and what comes back."""

    def __init__(self, daemon, role, scope, profile):
        join(daemon, role, scope, profile)
        self.daemon = daemon
        self.profile = profile
        self.id = daemon.samverk_json("status", profile=profile)["user"]

    def says(self, *arguments, **options):
        """What is printed, with the messages."""
        out = self.daemon.samverk(*arguments, profile=self.profile, **options)
        return out + self.daemon.said

    def adds(self, kind, **fields):
        """The id of what `add` made."""
        options = [text for name, value in fields.items()
                   for text in ("--" + name.replace("_", "-"), value)]
        return self.daemon.samverk_json(kind, "add", *options, profile=self.profile)["id"]

    def sees(self, kind, id):
        return self.daemon.samverk_json(kind, "show", id, profile=self.profile)["fields"]


def region(daemon):
    daemon.samverk("join", daemon.first_invitation)
    for kind, file in (("county", "counties"), ("municipality", "municipalities"),
                       ("area", "competence-areas"), ("area", "everyday-areas"),
                       ("organisation", "lc-komp-organisations")):
        daemon.samverk("import", kind, os.path.join(SOURCE, "data", file + ".csv"))
    daemon.samverk("organisation", "add", "--name", "Truckskolan", "--types", "provider")
    brokers = [Broker(daemon, "broker", scope, profile)
               for scope, profile in (("0583", "motala"), ("0513", "kinda"), ("0561", "atvidaberg"))]
    for broker, name, place in zip(brokers, ("Lagret i Motala AB", "Sågen i Kisa AB",
                                             "Verket i Åtvidaberg AB"),
                                   ("Motala", "Kinda", "Åtvidaberg")):
        broker.adds("organisation", name=name, types="employer", municipality=place)
    return brokers


def test_from_call_to_course(daemon):
    motala, kinda, atvidaberg = region(daemon)
    theirs = kinda.adds("inquiry", title="Truckkort", municipality="Kinda",
                        employer="Sågen i Kisa AB", areas=TRUCK, participants="5")
    hidden = atvidaberg.adds("inquiry", title="Truckar inför flytten", municipality="Åtvidaberg",
                             employer="Verket i Åtvidaberg AB", areas=TRUCK, participants="4",
                             discreet="yes")
    kinda.says("inquiry", "acknowledge", theirs)
    atvidaberg.says("inquiry", "acknowledge", hidden)

    # Half a sentence on the phone; the employer is there already.
    own = motala.adds("inquiry", title="Truck, lagret", municipality="Motala")
    said = motala.says("organisation", "add", "--name", "LAGRET I MOTALA", "--types", "employer",
                       "--municipality", "Motala", status=1)
    assert "Lagret i Motala AB" in said, said
    motala.says("inquiry", "edit", own, "--employer", "Lagret i Motala AB", "--areas", TRUCK,
                "--participants", "6")
    motala.says("inquiry", "acknowledge", own)

    # Who has been there.
    kinda.adds("contact", organisation="Lagret i Motala AB", day=day(5), aim="Praktikplatser",
               how="phone")
    said = motala.says("contact", "add", "--organisation", "Lagret i Motala AB", "--day", day(6),
                       "--aim", "Behovet", "--inquiry", own, "--summary", "Sex personer")
    assert "Praktikplatser" in said and "broker, kinda" in said, said

    # The dialogue, and who else asks for the like.
    canvas = motala.adds("canvas", inquiry=own, background="Nytt lager i vår")
    assert motala.sees("canvas", canvas)["completeness"] == 1
    motala.says("inquiry", "start-dialogue", own)
    motala.says("inquiry", "map", own)
    said = motala.says("inquiry", "matches", own)
    assert hidden in said and "flytten" not in said and "Åtvidaberg" not in said, said

    # A pool with two colleagues' inquiries.
    pool = motala.adds("pool", title="Truckkort tillsammans", municipality="Motala", areas=TRUCK)
    opts = [motala.adds("opt_in", pool=pool, inquiry=inquiry) for inquiry in (own, theirs, hidden)]
    said = ("--said-on", day(0), "--said-how", "phone")
    motala.says("opt_in", "accept", opts[1], *said, status=5)
    assert motala.sees("pool", pool)["state"] == "forming"
    for broker, opt in zip((motala, kinda, atvidaberg), opts):
        broker.says("opt_in", "accept", opt, *said)
    assert motala.sees("pool", pool)["state"] == "viable"
    assert "employer" not in motala.sees("opt_in", opts[2])
    atvidaberg.says("opt_in", "name", opts[2], *said)
    assert "Verket i Åtvidaberg AB" in motala.says("opt_in", "show", opts[2])

    # A provider is asked, answers, and the pool agrees; each sees the own share.
    offer = motala.adds("offer", title="Truckutbildning", pool=pool, provider="Truckskolan",
                        request="15 deltagare i mars", answer_by=day(10))
    motala.says("offer", "receive", offer, "--content", "Teori och praktik", "--price", "48000")
    motala.says("offer", "send", offer, "--valid-until", day(30))
    motala.says("pool", "offer", pool)
    motala.says("offer", "accept", offer)
    assert [broker.sees("opt_in", opt)["share"] for broker, opt in
            zip((motala, kinda, atvidaberg), opts)] == [1920000, 1600000, 1280000]
    said = motala.says("offer", "print", offer, "--format", "md", "--output", "-")
    assert "Truckutbildning" in said and "Verket" not in said, said
    motala.says("pool", "agree", pool)

    # The inquiry goes its way: the teacher holds it while the course is given.
    teacher = Broker(daemon, "broker", "0583", "teacher")
    motala.says("inquiry", "offer", own)
    motala.says("inquiry", "agree", own, "--route", "commissioned")
    motala.says("inquiry", "deliver", own, "--holder", teacher.id)
    assert "Truck, lagret" in teacher.says("today")
    motala.says("pool", "start", pool)
    motala.says("inquiry", "evaluate", own)
    motala.says("pool", "finish", pool)
    motala.says("inquiry", "close", own, "--outcome", "course")
    assert motala.sees("inquiry", own)["outcome"] == "course"
    said = kinda.says("search", "truckkort")
    assert pool in said and theirs in said and hidden not in said, said
    done = motala.says("inquiry", "history", own)
    assert "closed" in done and "delivering" in done, done


if __name__ == "__main__":
    run(globals())
