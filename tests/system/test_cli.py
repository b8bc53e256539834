"""The command line against the real daemon: what people type, and what scripts rely on."""

import csv
import io
import json
import os
import re
import select
import signal
import socket
import subprocess
import threading
import time

from harness import PATIENCE, SAMVERK, SOURCE, on_terminal, run


def joined(daemon):
    """The first invitation taken up by the command line, under the name default."""
    daemon.samverk("join", daemon.first_invitation)
    return daemon


def region(daemon):
    """The real region, imported from the project's own files."""
    joined(daemon)
    for kind, file in (("county", "counties"), ("municipality", "municipalities"),
                       ("area", "competence-areas"), ("area", "everyday-areas"),
                       ("organisation", "lc-komp-organisations")):
        daemon.samverk("import", kind, os.path.join(SOURCE, "data", file + ".csv"))
    return daemon


def error_of(daemon):
    return json.loads(daemon.said)["error"]


class Proxy:
    """Stands between client and daemon, and can lose what the daemon says."""

    def __init__(self, daemon):
        host, port = daemon.address.removeprefix("tcp://").split(":")
        self.target = (host, int(port))
        self.lose_after = None  # so many messages of the daemon pass, no more
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "tcp://127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            daemon = socket.create_connection(self.target)
            threading.Thread(target=self.pass_on, args=(client, daemon, False), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(daemon, client, True), daemon=True).start()

    def pass_on(self, source, target, counted):
        seen = 0
        try:
            while data := source.recv(65536):
                if counted:
                    # CurveZMQ (RFC 26): every encrypted message begins so.
                    seen += data.count(b"\x07MESSAGE")
                    if self.lose_after is not None and seen > self.lose_after:
                        continue
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.socket.close()


def through(daemon, proxy, profile):
    """A copy of the default profile that goes through the proxy."""
    folder = os.path.join(daemon.home, "config", "samverk")
    for ending in ("profile", "secret"):
        with open(os.path.join(folder, "default." + ending)) as file:
            text = file.read().replace(daemon.address, proxy.address)
        path = os.path.join(folder, profile + "." + ending)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
    return profile


def pending(daemon):
    folder = os.path.join(daemon.home, "state", "samverk")
    return sorted(os.path.join(path, file) for path, _, files in os.walk(folder) for file in files
                  if not file.startswith("imported-"))


# -- records ------------------------------------------------------------------------------------


def test_the_real_region(daemon):
    region(daemon)
    records = daemon.samverk_json("status")["records"]
    assert records["county"] == 21 and records["municipality"] == 290, records
    assert records["area"] == 140 and records["organisation"] == 22, records
    assert records["membership"] == 22, records
    # One municipality is its municipality, several are memberships alone.
    motala = daemon.samverk_json("organisation", "list", "--municipality", "Motala")["records"]
    assert [r["fields"]["name"] for r in motala] == ["Motala kommun, lärcentrum"]
    federation = daemon.samverk_json("organisation", "show", "Viadidakt")
    assert "municipality" not in federation["fields"]
    served = daemon.samverk_json("membership", "list", "--organisation", "viadidakt")["records"]
    assert sorted(r["fields"]["municipality"] for r in served) == ["mun-0428", "mun-0483"]
    assert daemon.samverk_json("area", "show", "0715")["fields"]["parent"] == "are-071"
    assert daemon.samverk_json("municipality", "show", "Åmål")["id"] == "mun-1492"


def test_an_inquiry_from_first_to_last(daemon):
    region(daemon)
    said = daemon.samverk("inquiry", "add", "--title", "Grundkurs i CAD", "--municipality",
                          "motala", "--area", "0715", "--area", "0713", "--participants", "8",
                          "--employer", "Kinda kommun, lärcentrum", "--framed")
    assert "inq-1 Grundkurs i CAD" in said and "acknowledge" in said, said
    assert "Kinda kommun, lärcentrum (org-" in said, said
    daemon.samverk("inquiry", "acknowledge", "inq-1")
    said = daemon.samverk("inquiry", "start-dialogue", "inq-1")
    assert "dialogue" in said and "map" in said, said
    daemon.samverk("inquiry", "edit", "inq-1", "--participants", "10", "--description", "-",
                   input="Två rader\nom kursen\n")
    view = daemon.samverk_json("inquiry", "show", "inq-1")["fields"]
    assert view["participants"] == 10 and view["description"] == "Två rader\nom kursen", view
    assert view["areas"] == ["are-0715", "are-0713"], view
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", view["created"]), view
    path = os.path.join(daemon.home, "text")
    with open(path, "w") as file:
        file.write("Ur en fil\n")
    daemon.samverk("inquiry", "edit", "inq-1", "--description", "@" + path, "--title", "@@home")
    view = daemon.samverk_json("inquiry", "show", "inq-1")["fields"]
    assert view["description"] == "Ur en fil" and view["title"] == "@home", view
    daemon.samverk("inquiry", "edit", "inq-1", "--clear", "description", "--employer", "")
    view = daemon.samverk_json("inquiry", "show", "inq-1")["fields"]
    assert "description" not in view and "employer" not in view, view
    history = daemon.samverk("inquiry", "history", "inq-1")
    assert "8 → 10" in history and "acknowledged → dialogue" in history, history
    entries = daemon.samverk_json("inquiry", "history", "inq-1")["entries"]
    first = entries[-1]["rev"]
    then = daemon.samverk_json("inquiry", "show", "inq-1", "--at", str(first))["fields"]
    assert then["participants"] == 8 and then["state"] == "new", then
    table = daemon.samverk("inquiry", "list", "--state", "dialogue", "--sort", "-created")
    assert "inq-1" in table and " Motala " in table, table
    assert daemon.samverk("inquiry", "list", "--state", "new") == ""
    assert daemon.samverk("count", "inquiry").strip() == "1"
    assert daemon.samverk_json("count", "inquiry", "--by", "state")["counts"] == [
        {"value": "dialogue", "count": 1}]


def test_filters(daemon):
    region(daemon)
    for title, town in (("A", "Motala"), ("B", "Kinda"), ("C", "Örebro")):
        daemon.samverk("inquiry", "add", "--title", title, "--municipality", town)

    def titles(*arguments):
        listed = daemon.samverk_json("inquiry", "list", *arguments)["records"]
        return "".join(r["fields"]["title"] for r in listed)

    assert titles() == "CBA"
    assert titles("--sort", "id") == "ABC"
    assert titles("--municipality", "Motala", "--municipality", "1880") == "CA"
    assert titles("--municipality", "0583,0513") == "BA"
    assert titles("--limit", "2") == "CB"
    assert titles("--title", "B") == "B"
    assert len(daemon.samverk_json("municipality", "list", "--limit", "290")["records"]) == 290


def test_deleting_needs_a_yes(daemon):
    joined(daemon)
    daemon.samverk("county", "add", "99", "--name", "Provlän")
    daemon.samverk("county", "delete", "99", status=2)
    daemon.samverk("county", "delete", "99", "--dry-run")
    assert "cty-99" in daemon.samverk("county", "delete", "Provlän", "--yes")
    daemon.samverk("county", "show", "99", status=6)


# -- what goes wrong ------------------------------------------------------------------------------


def test_exit_statuses(daemon):
    region(daemon)
    daemon.samverk("inquiry", "add", "--title", "CAD", "--municipality", "Motala")
    # 1: refused, with the moves that are possible, or the field and what it takes
    daemon.samverk("inquiry", "map", "inq-1", status=1)
    assert "acknowledge" in daemon.said, daemon.said
    daemon.samverk("inquiry", "edit", "inq-1", "--participants", "many", status=1)
    assert "--participants" in daemon.said and "100000" in daemon.said, daemon.said
    daemon.samverk("inquiry", "add", "--title", "x", "--municipality", "Mot", status=1)
    assert "Motala (mun-0583)" in daemon.said, daemon.said
    daemon.samverk("municipality", "delete", "Motala", "--yes", status=1)
    assert "inq-1" in daemon.said or "CAD" in daemon.said, daemon.said
    # 2: wrong usage, with what was probably meant
    for arguments, meant in ((("inqury", "list"), "inquiry"), (("inquiry", "lst"), "list"),
                             (("inquiry", "add", "--titel", "x"), "--title"),
                             (("inquiry", "list", "--sort", "craeted"), "created"),
                             (("inquiry", "acknowlege", "inq-1"), "acknowledge")):
        daemon.samverk(*arguments, status=2)
        assert meant in daemon.said, (arguments, daemon.said)
    daemon.samverk("inquiry", "show", status=2)
    daemon.samverk("--frobnicate", status=2)
    # 4: conflict, with the difference
    revision = daemon.samverk_json("inquiry", "show", "inq-1")["rev"]
    daemon.samverk("inquiry", "edit", "inq-1", "--participants", "9")
    daemon.samverk("inquiry", "edit", "inq-1", "--participants", "5", "--if-rev", str(revision),
                   status=4)
    assert "→ 9" in daemon.said, daemon.said
    # 6: not found
    daemon.samverk("inquiry", "show", "inq-99", status=6)
    daemon.samverk("municipality", "show", "Ankeborg", status=6)


def test_errors_as_json(daemon):
    joined(daemon)
    daemon.samverk("county", "show", "cty-99", "--json", status=6)
    error = error_of(daemon)
    assert error["code"] == "not-found" and set(error) >= {"code", "message", "field", "expected"}
    daemon.samverk("county", "add", "05", "--json", status=1)
    assert error_of(daemon)["field"] == "name", daemon.said
    daemon.samverk("county", "delete", "05", "--json", status=2)
    assert error_of(daemon)["code"] == "usage", daemon.said


def test_not_reached(daemon):
    joined(daemon)
    daemon.stop()
    begun = time.monotonic()
    daemon.samverk("--timeout", "1", "status", status=3)
    assert time.monotonic() - begun < 10 * PATIENCE
    assert daemon.address in daemon.said and "1 s" in daemon.said, daemon.said
    daemon.samverk("--timeout", "1", "--json", "county", "add", "05", "--name", "x", status=3)
    assert error_of(daemon)["code"] == "unreached", daemon.said
    assert pending(daemon) == []
    daemon.start()
    daemon.samverk("status")


def test_not_allowed(daemon):
    region(daemon)
    invitation = daemon.samverk("invite", "--role", "broker", "--scope", "Motala", "--name",
                                "broker, Motala").strip()
    daemon.samverk("join", invitation, profile="motala")
    daemon.samverk("inquiry", "add", "--title", "x", "--municipality", "Örebro", profile="motala",
                   status=5)
    daemon.samverk("inquiry", "add", "--title", "x", "--municipality", "Motala", profile="motala")
    daemon.samverk("user", "suspend", "usr-1", profile="motala", status=5)
    daemon.samverk("user", "suspend", "broker, Motala")
    daemon.samverk("inquiry", "list", profile="motala", status=5)


# -- once ------------------------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for_again(daemon):
    region(daemon)
    proxy = Proxy(daemon)
    profile = through(daemon, proxy, "lossy")
    command = ("inquiry", "add", "--title", "En gång", "--municipality", "mun-0583")
    proxy.lose_after = 1  # the welcome passes
    daemon.samverk(*command, "--timeout", "2", profile=profile, status=7)
    assert len(pending(daemon)) == 1, pending(daemon)
    assert daemon.samverk("count", "inquiry").strip() == "1", "it was done, but not answered"
    daemon.samverk(*command, "--timeout", "2", "--json", profile=profile, status=7)
    assert error_of(daemon)["code"] == "unknown", daemon.said
    proxy.lose_after = None
    said = daemon.samverk(*command, profile=profile)
    assert "inq-1" in said and daemon.said, (said, daemon.said)
    assert daemon.samverk("count", "inquiry").strip() == "1", "and it was done once"
    assert pending(daemon) == []
    # Meant once more, it is another one.
    daemon.samverk(*command, profile=profile)
    assert daemon.samverk("count", "inquiry").strip() == "2"
    proxy.close()


def test_what_is_acknowledged_is_done(daemon):
    """The lines below a write that is done are a courtesy: a script that tries again on 3
    would make it twice."""
    region(daemon)
    proxy = Proxy(daemon)
    profile = through(daemon, proxy, "lossy")
    proxy.lose_after = 2  # the welcome and the acknowledgement pass
    said = daemon.samverk("inquiry", "add", "--title", "En gång", "--municipality", "mun-0583",
                          "--timeout", "2", profile=profile)
    assert "inq-1" in said and "The daemon was not reached" not in daemon.said, daemon.said
    proxy.close()


def test_people_are_not_lost_but_left_out(daemon):
    region(daemon)
    daemon.samverk("organisation", "add", "--name", "Prov AB", "--types", "employer",
                   "--municipality", "Motala")
    said = daemon.samverk("person", "add", "--name", "personalchef, Prov", "--organisation",
                          "Prov AB", "--phone", "0141-123 45")
    assert "name: personalchef, Prov" in said and "phone: " in said, said
    daemon.samverk("person", "show", "per-1")
    assert "--purpose" in daemon.said, daemon.said
    daemon.samverk("person", "show", "per-1", "--purpose", "to ring")
    assert daemon.said == "", daemon.said
    daemon.samverk("person", "list", "--name", "personalchef, Prov")
    assert "--purpose" in daemon.said, daemon.said
    said = daemon.samverk("inquiry", "add", "--title", "Kurs", "--municipality", "Motala",
                          "--contact-person", "personalchef, Prov", "--purpose", "to ring")
    assert "personalchef, Prov (per-1)" in said, said


def test_errors_say_what_is_expected(daemon):
    region(daemon)
    swedish = {"LANGUAGE": "sv"}
    add = ("inquiry", "add", "--title", "Kurs", "--municipality", "Motala")
    daemon.samverk(*add, "--period-from", "2027-02-01", "--period-to", "2027-01-01",
                   status=1, environment=swedish)
    assert "tidigast 2027-02-01" in daemon.said, daemon.said
    daemon.samverk(*add)
    daemon.samverk("inquiry", "edit", "inq-1", "--discreet", "kanske", status=2)
    assert "--discreet takes yes or no" in daemon.said, daemon.said
    daemon.samverk("inquiry", "edit", "inq-1", "--state", "new", status=2)
    assert "acknowledge" in daemon.said, daemon.said
    daemon.samverk("inquiry", "acknowledge", "INQ-1")
    daemon.samverk("inquiry", "map", "inq-1", status=1)
    assert "inq-1 Kurs is: acknowledged" in daemon.said, daemon.said
    assert "changed: acknowledge" in daemon.samverk("inquiry", "history", "inq-1")
    daemon.samverk("inquiry", "forward", "1", status=1)
    assert "A required field is missing" in daemon.said and "--municipality" in daemon.said, daemon.said
    said = daemon.samverk("inquiry", "edit", "inq-1", "--title", "Ny kurs", "--dry-run")
    assert "Kurs → Ny kurs" in said, said
    daemon.samverk("inquiry", "show", "org-1", status=6)
    assert "samverk organisation show org-1" in daemon.said, daemon.said


def test_an_invitation_whose_answer_was_lost(daemon):
    region(daemon)
    proxy = Proxy(daemon)
    profile = through(daemon, proxy, "lossy")
    command = ("invite", "--role", "viewer", "--scope", "mun-0583", "--name", "viewer, Motala",
               "--address", daemon.address)
    proxy.lose_after = 1
    daemon.samverk(*command, "--timeout", "2", profile=profile, status=7)
    proxy.lose_after = None
    invitation = daemon.samverk(*command, profile=profile).strip()
    daemon.samverk("join", invitation, profile="viewer")
    users = daemon.samverk_json("user", "list")["records"]
    assert len([u for u in users if u["fields"]["name"] == "viewer, Motala"]) == 1, users
    assert pending(daemon) == []
    proxy.close()


def test_joining_goes_on_after_a_lost_answer(daemon):
    region(daemon)
    proxy = Proxy(daemon)
    invitation = daemon.samverk("invite", "--role", "viewer", "--name", "viewer",
                                "--scope", "Motala", "--address", proxy.address).strip()
    proxy.lose_after = 1
    daemon.samverk("join", invitation, "--timeout", "2", profile="late", status=7)
    proxy.lose_after = None
    daemon.samverk("join", invitation, profile="late")
    assert daemon.samverk_json("status", profile="late")["roles"], "and it works"
    folder = os.path.join(daemon.home, "config", "samverk")
    assert os.stat(os.path.join(folder, "late.secret")).st_mode & 0o777 == 0o600
    # Someone else comes too late, and is left with nothing.
    daemon.samverk("join", invitation, profile="thief", status=1)
    assert not os.path.exists(os.path.join(folder, "thief.profile"))
    daemon.samverk("join", "samverk:nonsense", profile="other", status=2)
    daemon.samverk("join", invitation, profile="late", status=2)
    proxy.close()


def rows(count):
    lines = ["name,types,municipality,number"]
    lines += [f"Verkstad {n:04},employer,Motala," for n in range(count)]
    return "\n".join(lines) + "\n"


def test_an_interrupted_import_goes_on(daemon):
    region(daemon)
    proxy = Proxy(daemon)
    profile = through(daemon, proxy, "lossy")
    path = os.path.join(daemon.home, "firms.csv")
    with open(path, "w") as file:
        file.write(rows(900))
    before = int(daemon.samverk("count", "organisation"))
    # Whatever is lost, a batch of the check or one that was applied, the next run goes on.
    statuses = []
    for passes in range(2, 30):
        proxy.lose_after = passes
        command = [SAMVERK, "--profile", profile, "--timeout", str(PATIENCE), "import", "organisation", path,
                   "--confirm"]
        done = subprocess.run(command, env=daemon.environment, capture_output=True, text=True)
        statuses.append(done.returncode)
        if done.returncode == 0:
            break
        assert done.returncode in (3, 7), (done.returncode, done.stderr)
    assert 0 in statuses and 7 in statuses, statuses
    assert int(daemon.samverk("count", "organisation")) == before + 900
    assert pending(daemon) == []
    proxy.close()


def test_a_killed_import_goes_on(daemon):
    region(daemon)
    path = os.path.join(daemon.home, "firms.csv")
    with open(path, "w") as file:
        file.write(rows(3000))
    before = int(daemon.samverk("count", "organisation"))
    command = [SAMVERK, "import", "organisation", path, "--confirm"]
    process = subprocess.Popen(command, env=daemon.environment)
    deadline = time.monotonic() + 60 * PATIENCE
    while int(daemon.samverk("count", "organisation")) == before:
        assert process.poll() is None and time.monotonic() < deadline
    process.kill()
    process.wait()
    subprocess.run(command, env=daemon.environment, check=True, capture_output=True)
    assert int(daemon.samverk("count", "organisation")) == before + 3000


# -- spreadsheets ---------------------------------------------------------------------------------


def test_import_tells_every_fault(daemon):
    region(daemon)
    path = os.path.join(daemon.home, "firms.csv")
    with open(path, "w") as file:
        file.write("name;types;municipality;number;size\n"
                   "God AB;employer;Motala;5560360793;1-9\n"
                   "Fel kommun;employer;Ankeborg;;\n"
                   ";employer;Motala;;\n"
                   "Fel nummer;employer;Motala;5560360790;\n"
                   "Fel ord;employer;Motala;;stor\n"
                   "Ingen kommun;employer;;;\n")
    daemon.samverk("import", "organisation", path, "--json", status=1)
    faults = [(row["line"], row["field"]) for row in error_of(daemon)["rows"]]
    assert faults == [(3, "municipality"), (4, "name"), (5, "number"), (6, "size"),
                      (7, "municipality")], faults
    daemon.samverk("import", "organisation", path, status=1)
    assert "Ankeborg" in daemon.said and "line 3" in daemon.said, daemon.said
    assert daemon.samverk("count", "organisation").strip() == "22", "nothing went in"
    with open(path, "w") as file:
        file.write("name,colour\nGod AB,red\n")
    daemon.samverk("import", "organisation", path, status=1)
    assert "colour" in daemon.said, daemon.said


def test_import_with_a_map(daemon):
    region(daemon)
    path, map_path = (os.path.join(daemon.home, name) for name in ("firms.csv", "map.csv"))
    with open(path, "wb") as file:
        file.write("Företag;Ort;Anställda;Anteckning\r\nMåleri Prov;Örebro;färre än tio;x\r\n"
                   .encode("cp1252"))
    with open(map_path, "w") as file:
        file.write("column,field,from,to\nFöretag,name,,\nOrt,municipality,,\nAnställda,size,,\n"
                   "Anställda,size,Färre än tio,1-9\nAnteckning,-,,\n,types,,employer\n")
    daemon.samverk("import", "organisation", path, "--map", map_path, "--dry-run")
    assert daemon.samverk("count", "organisation").strip() == "22"
    daemon.samverk("import", "organisation", path, "--map", map_path)
    fields = daemon.samverk_json("organisation", "show", "Måleri Prov")["fields"]
    assert fields["types"] == ["employer"] and fields["size"] == "1-9", fields
    assert fields["municipality"] == "mun-1880", fields


def test_what_is_exported_is_imported(daemon):
    region(daemon)
    path = os.path.join(daemon.home, "out.csv")
    daemon.samverk("place", "add", "--name", "=Aulan", "--municipality", "Motala", "--address",
                   "Storgatan 1, Motala", "--seats", "40", "--equipment", "tavla", "--equipment",
                   "projektor")
    daemon.samverk("export", "place", "--output", path)
    with open(path, newline="", encoding="utf-8-sig") as file:
        read = list(csv.DictReader(file))
    assert read[0]["name"] == "'=Aulan" and read[0]["seats"] == "40", read
    daemon.samverk("place", "delete", "=Aulan", "--yes")
    daemon.samverk("import", "place", path, status=1)
    assert "id, " in daemon.said and "id,-" in daemon.said, daemon.said
    map_path = os.path.join(daemon.home, "map.csv")
    with open(map_path, "w") as file:
        file.write(daemon.said[daemon.said.index("column,field"):].replace("  ", ""))
    daemon.samverk("import", "place", path, "--map", map_path)
    daemon.samverk("import", "place", path, "--map", map_path, status=1)
    assert "--confirm" in daemon.said, "the same file once more"
    fields = daemon.samverk_json("place", "show", "=Aulan")["fields"]
    assert fields["equipment"] == ["tavla", "projektor"] and fields["seats"] == 40, fields
    whole = json.loads(daemon.samverk("export", "municipality", "--format", "json"))
    assert len(whole["records"]) == 290 and whole["first_rev"] <= whole["last_rev"]
    assert whole["records"][0]["fields"]["latitude"] == 59.5167, whole["records"][0]
    text = daemon.samverk("county", "list", "--csv", environment={"LANGUAGE": "sv"})
    assert text.startswith("\ufeff"), "a byte order mark"
    assert text.splitlines()[0].startswith("\ufeffid;name;")
    listed = list(csv.DictReader(io.StringIO(
        daemon.samverk("county", "list", "--csv", "--limit", "21").lstrip("\ufeff"))))
    assert len(listed) == 21 and listed[0]["id"].startswith("cty-")


# -- watching -----------------------------------------------------------------------------------------


class Watching:
    """samverk watch in a process of its own."""

    def __init__(self, daemon, *arguments):
        self.process = subprocess.Popen([SAMVERK, "watch", *arguments], env=daemon.environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.begun = b""
        self.told = self.process.stderr.readline() if "--json" not in arguments else b""
        if "--json" in arguments:
            time.sleep(0.7 * PATIENCE)

    def line(self, within=15.0):
        deadline = time.monotonic() + within * PATIENCE
        while b"\n" not in self.begun:
            left = deadline - time.monotonic()
            assert left > 0, "nothing came"
            if select.select([self.process.stdout], [], [], left)[0]:
                data = self.process.stdout.read(65536)
                assert data, self.process.stderr.read()
                self.begun += data
        line, self.begun = self.begun.split(b"\n", 1)
        return line.decode()

    def close(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()


def test_watching(daemon):
    region(daemon)
    begun = daemon.samverk_json("inquiry", "list")["rev"]
    watch = Watching(daemon, "inquiry", "--municipality", "Motala", "--json")
    read = Watching(daemon, "inquiry")
    daemon.samverk("inquiry", "add", "--title", "I Kinda", "--municipality", "Kinda")
    daemon.samverk("inquiry", "add", "--title", "I Motala", "--municipality", "Motala",
                   "--participants", "8")
    entry = json.loads(watch.line())
    assert entry["ops"][0]["record"]["fields"]["title"] == "I Motala", entry
    assert "inq-1 I Kinda" in read.line()
    line = read.line()
    assert "inq-2 I Motala" in line and "participants: 8" in line and "Motala (0583)" in line, line
    # The daemon goes away and comes back: nothing is missed, nothing comes twice.
    daemon.stop()
    assert b"connection is lost" in read.process.stderr.readline()
    daemon.start()
    assert b"Connected again" in read.process.stderr.readline()
    daemon.samverk("inquiry", "acknowledge", "inq-2")
    entry = json.loads(watch.line(40))
    assert entry["ops"][0]["record"]["fields"]["state"] == "acknowledged", entry
    daemon.samverk("inquiry", "forward", "inq-2", "--municipality", "Kinda")
    entry = json.loads(watch.line())
    assert entry["ops"] == [{"op": "gone", "id": "inq-2"}], entry
    watch.close()
    read.close()
    # From the beginning, and no longer than asked.
    lines = daemon.samverk("watch", "inquiry", "--since", str(begun), "--limit", "2", "--json")
    assert [json.loads(line)["ops"][0]["record"]["id"] for line in lines.splitlines()] == [
        "inq-1", "inq-2"]


def test_a_revoked_watcher_ends(daemon):
    region(daemon)
    invitation = daemon.samverk("invite", "--role", "viewer", "--name", "viewer").strip()
    daemon.samverk("join", invitation, profile="viewer")
    watch = Watching(daemon, "inquiry", "--profile", "viewer")
    daemon.samverk("user", "revoke", "viewer")
    assert watch.process.wait(20 * PATIENCE) == 5
    watch.process.stdout.close()
    watch.process.stderr.close()


# -- people and shells -------------------------------------------------------------------------------


def test_on_a_terminal(daemon):
    region(daemon)
    shown, status = on_terminal(daemon, "organisation", "list", width=60,
                                environment={"NO_COLOR": "", "PAGER": "cat"})
    assert status == 0 and "\033[1m" in shown and "…" in shown, shown
    plain = re.sub(r"\033\[\d*m", "", shown)
    assert all(len(line) <= 60 for line in plain.splitlines()), plain
    daemon.samverk("inquiry", "add", "--title", "Svetsning för den som har svetsat förr",
                   "--municipality", "Motala", "--participants", "8", "--areas", "0715")
    for width in (60, 80, 100):
        shown, status = on_terminal(daemon, "inquiry", "list", width=width,
                                    environment={"PAGER": "cat", "LANGUAGE": "sv"})
        lines = shown.replace("\r", "").strip().splitlines()
        assert len(lines) == 2 and all(len(line) <= width for line in lines), shown
        assert "Motala" in lines[1] and "Rubrik" in lines[0], shown
    shown, status = on_terminal(daemon, "county", "list", environment={"PAGER": "cat"})
    assert "\033" not in shown, "NO_COLOR holds"
    shown, status = on_terminal(daemon, "county", "delete", "25", answer=(b"[y/N]", b"n\n"))
    assert status == 0 and daemon.samverk("county", "show", "25")
    shown, status = on_terminal(daemon, "invite", "--role", "viewer", "--name", "viewer")
    assert status == 0 and "samverk:" in shown and "█" in shown, "a QR code"
    shown, status = on_terminal(daemon, "county", "delete", "25", "--json")
    assert status == 2, "never a prompt with --json"


def test_a_form_in_the_editor(daemon):
    region(daemon)
    editor = os.path.join(daemon.home, "editor")
    with open(editor, "w") as file:
        file.write("#!/bin/sh\n"
                   "if grep -q '^title: $' \"$1\"; then\n"
                   "    sed -i -e 's/^title: $/title: Ur formuläret/'"
                   " -e 's/^municipality: .*/municipality: Motala/'"
                   " -e 's/^description: $/description: rad ett\\n    rad två/'"
                   " -e 's/^participants: $/participants: många/' \"$1\"\n"
                   "else\n"
                   "    sed -i 's/^participants: .*/participants: 12/' \"$1\"\n"
                   "fi\n")
    os.chmod(editor, 0o755)
    # The first attempt has a fault; the form opens again, and the second has none.
    shown, status = on_terminal(daemon, "inquiry", "add", environment={"EDITOR": editor})
    assert status == 0, shown
    fields = daemon.samverk_json("inquiry", "show", "inq-1")["fields"]
    assert fields["title"] == "Ur formuläret" and fields["participants"] == 12, fields
    assert fields["description"] == "rad ett\nrad två", fields
    shown, status = on_terminal(daemon, "inquiry", "edit", "inq-1",
                                environment={"EDITOR": "sed -i 's/^title: .*/title: Ändrad/'"})
    assert status == 0, shown
    fields = daemon.samverk_json("inquiry", "show", "inq-1")["fields"]
    assert fields["title"] == "Ändrad" and fields["description"] == "rad ett\nrad två", fields
    shown, status = on_terminal(daemon, "inquiry", "add", environment={"EDITOR": "truncate -s 0"})
    assert status == 1 and daemon.samverk("count", "inquiry").strip() == "1", shown


def test_in_swedish(daemon):
    region(daemon)
    swedish = {"LANGUAGE": "sv"}
    said = daemon.samverk("inquiry", "add", "--title", "Grundkurs i CAD", "--municipality",
                          "Motala", "--form", "på distans", "--participants", "8",
                          environment=swedish)
    assert "kommun: Motala (0583)" in said and "form: på distans" in said, said
    assert "Möjligt nu: acknowledge (bekräfta)" in said, said
    table = daemon.samverk("inquiry", "list", environment=swedish).splitlines()
    assert table[0].startswith("Id ") and "Rubrik" in table[0] and "Kommun" in table[0], table
    assert " ny " in table[1], table
    daemon.samverk("inquiry", "map", "inq-1", status=1, environment=swedish)
    assert daemon.said.startswith("samverk: Det går inte med postens nuvarande status."), daemon.said
    # A locale that the machine does not have still gives its language.
    said = daemon.samverk("county", "list", "--limit", "1",
                          environment={"LC_ALL": "sv_FI.UTF-8", "LOCPATH": "/nowhere"})
    assert "Namn" in said, said
    # JSON is the same in every language, but for sentences.
    assert (daemon.samverk("inquiry", "show", "inq-1", "--json", environment=swedish) ==
            daemon.samverk("inquiry", "show", "inq-1", "--json"))


def test_completion(daemon):
    joined(daemon)

    def completed(*words):
        script = subprocess.run([SAMVERK, "completion", "bash"], env=daemon.environment,
                                capture_output=True, text=True, check=True).stdout
        line = " ".join(f"'{word}'" for word in ("samverk",) + words)
        environment = dict(daemon.environment, PATH=os.path.dirname(SAMVERK) + ":" + os.environ["PATH"])
        done = subprocess.run(
            ["bash", "-c", f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _samverk\n"
             "printf '%s\\n' \"${COMPREPLY[@]}\""], env=environment, capture_output=True, text=True)
        return done.stdout.split()

    assert "inquiry" in completed("inq") and "import" in completed("")
    assert "start-dialogue" in completed("inquiry", "st")
    assert completed("inquiry", "list", "--municip") == ["--municipality"]
    assert "acknowledged" in completed("inquiry", "list", "--state", "")
    assert completed("--profile", "default", "inquiry", "acknowl") == ["acknowledge"]
    assert completed("inquiry", "add", "--title", "x", "--pa") == ["--participants"]
    assert "coordinator" in completed("invite", "--role", "co")
    assert completed("--profile", "def") == ["default"]
    assert completed("completion", "z") == ["zsh"]
    assert completed("export", "count") == ["county"]


def test_help(daemon):
    """Help is there for every kind, verb and move, and needs no daemon."""
    daemon.stop()
    schema = daemon.samverk_json("schema")
    for kind in schema["kinds"]:
        said = daemon.samverk(kind["name"], "--help")
        for field in kind["fields"]:
            assert "--" + field["name"].replace("_", "-") in said, (kind["name"], field["name"])
        for verb in ("list", "show", "history"):
            assert "samverk" in daemon.samverk(kind["name"], verb, "--help")
        for move in kind["moves"]:
            written = move["verb"].replace("_", "-")
            assert written in daemon.samverk(kind["name"], written, "--help")
        assert daemon.samverk("schema", kind["name"])
    for command in ("watch", "count", "import", "export", "invite", "join", "status", "schema",
                    "completion", "help"):
        assert command in daemon.samverk(command, "--help")
        assert command in daemon.samverk("--help")
    daemon.samverk("--version")


run(globals())
