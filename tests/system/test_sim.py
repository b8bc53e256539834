"""samverk-sim makes a region from a seed: the same one for the same seed, as large as asked for."""

import collections
import os
import subprocess

from harness import FAKETIME, PATIENCE, SANITIZED, Daemon, run

SIM = os.environ.get("SAMVERK_SIM", "samverk-sim")
KINDS = ("county", "municipality", "area", "organisation", "membership", "course", "inquiry",
         "contact", "pool", "opt_in")


def simulate(daemon, *arguments):
    daemon.samverk("join", daemon.first_invitation)
    done = subprocess.run([SIM, *arguments], env=daemon.environment, capture_output=True,
                          text=True, timeout=100 * PATIENCE)
    assert done.returncode == 0, done.stderr


def records(daemon, kind):
    return daemon.samverk_json("export", kind, "--format", "json")["records"]


def everything(daemon):
    """All that the seed says: not when it was written, and not by which revision."""
    return {kind: [(record["id"], {name: value for name, value in record["fields"].items()
                                   if name != "created"})
                   for record in records(daemon, kind)] for kind in KINDS}


SMALL = ("--municipalities", "6", "--employers", "80", "--inquiries", "150", "--today",
         "2026-11-22")


def test_same_seed_same_region(daemon):
    simulate(daemon, *SMALL, "--filed", "--seed", "7")
    first = everything(daemon)
    for seed, same in (("7", True), ("8", False)):
        with Daemon() as other:
            simulate(other, *SMALL, "--filed", "--seed", seed)
            assert (everything(other) == first) == same, seed
    assert len(first["municipality"]) == 6 and len(first["inquiry"]) == 150
    sizes = collections.Counter(fields["size"] for _, fields in first["organisation"]
                                if fields["types"] == ["employer"])
    assert sum(sizes.values()) == 80 and sizes["1-9"] > 40, sizes
    discreet = sum(fields["discreet"] for _, fields in first["inquiry"])
    assert 0 < discreet < 40, discreet


def test_life(daemon):
    """What is old is done, as many are open as was asked for, and the record holds."""
    simulate(daemon, "--municipalities", "6", "--employers", "80", "--inquiries", "600",
             "--open", "300")
    states = collections.Counter(record["fields"]["state"] for record in records(daemon, "inquiry"))
    ended = sum(states[state] for state in ("closed", "declined", "withdrawn"))
    assert ended == 300 and len(states) > 6, states
    for record in records(daemon, "inquiry"):
        fields = record["fields"]
        assert (fields["state"] == "closed") == ("outcome" in fields), fields
        assert fields["state"] == "new" or "broker" in fields, fields
    contacts = collections.Counter(record["fields"]["state"] for record in records(daemon, "contact"))
    assert contacts["done"] > 0 and contacts["planned"] > 0, contacts
    pools, answers = records(daemon, "pool"), records(daemon, "opt_in")
    assert pools and len(answers) == 3 * len(pools), (pools, answers)
    assert {answer["fields"]["state"] for answer in answers} == {"anonymous", "asked"}, answers
    daemon.stop()
    assert daemon.check()[0] == 0
    daemon.start()


def test_months_pass():
    """With a clock of its own the daemon lives through them, a day at a time."""
    if FAKETIME is None or SANITIZED:
        print("        (needs libfaketime, and a daemon without sanitizers)")
        return
    clock = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"samverk-sim-clock-{os.getpid()}")
    with open(clock, "w") as file:
        file.write("-100d\n")
    try:
        with Daemon(environment={"LD_PRELOAD": FAKETIME, "FAKETIME_NO_CACHE": "1",
                                 "FAKETIME_TIMESTAMP_FILE": clock}) as daemon:
            simulate(daemon, *SMALL, "--months", "3", "--clock", clock)
            months = collections.Counter(record["fields"]["created"][:7]
                                         for record in records(daemon, "inquiry"))
            assert len(months) >= 3 and sum(months.values()) == 150, months
            demand = daemon.samverk_json("demand", "--by", "quarter")["cells"]
            assert len(demand) >= 2 and all(cell["asked"] % 5 == 0 for cell in demand), demand
    finally:
        os.unlink(clock)


run(globals())
