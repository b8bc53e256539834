"""What is held on a person: given out, restricted, and erased so that no file has it any more.

The raw files are searched for the bytes. Broken once on purpose, each seen by these tests:
keyring_forget left out of erasure_finish (test_erasure_in_every_file, test_older_backup),
erasure_finish_all left out of the start (test_crash_before_the_key), the restriction left out
of access_view (test_restriction).
"""

import json
import os
import shutil
import signal
import subprocess

from harness import PATIENCE, SAMVERKD, refused, run

NAME = "Kontakt Åttiofem"
EMAIL = "kontakt85@foretaget.example"
PHONE = "0708585858"
NOTE = "Hör dåligt på vänster öra"
TAG = "kvällstid85"
SECRETS = [text.encode() for text in (NAME, EMAIL, PHONE, NOTE, TAG)]


def files(directory):
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                yield path, file.read()


def holding(directory, *wanted):
    """The files that have any of these bytes."""
    return {os.path.basename(path) for path, content in files(directory)
            if any(bytes in content for bytes in wanted)}


def key_of(daemon, person):
    """The person's key as it lies in person.keys (FORMAT.md); None: there is none."""
    with open(os.path.join(daemon.data, "person.keys"), "rb") as file:
        content = file.read()[16:]
    key = None
    for at in range(0, len(content), 96):
        if content[at:at + 48].rstrip(b"\0").decode() == person:
            key = content[at + 48:at + 80]
    return key if key and any(key) else None


def person_of(daemon):
    """A region with two privacy officers and a person who has a little of everything."""
    boss = daemon.region()
    daemon.officers = [daemon.user("privacy", issuer=boss) for _ in range(2)]
    officers = [daemon.connect(user) for user in daemon.officers]
    person = boss.put("person", {"name": NAME, "organisation": daemon.organisations["1880"],
                                 "email": EMAIL, "phone": PHONE, "notes": NOTE, "tags": [TAG]})
    boss.patch(person["id"], {"notes": NOTE + " igen"})
    boss.put("engagement", {"person": person["id"], "function": "teacher",
                            "organisation": daemon.organisations["1880"], "notes": NOTE})
    boss.put("inquiry", {"title": "Truckkort", "municipality": "mun-1880",
                         "caller": "åttiofem, KONTAKT", "contact_person": person["id"]})
    return boss, officers, person["id"]


def look(reader, person):
    """What is to be seen of a person, now and at the beginning."""
    seen = json.dumps([reader.get(person, purpose="test"),
                       *reader.request("disclose", {"person": person, "part": "states",
                                                    "purpose": "test"})["items"]],
                      ensure_ascii=False)
    return [text for text in (NAME, EMAIL, PHONE, NOTE, TAG) if text in seen]


def erase(officers, person):
    erasure = officers[0].request("erase", {"person": person, "decision": "GB 2026:14"})
    refused("not-allowed", officers[0].move, erasure["id"], "approve")
    return officers[1].move(erasure["id"], "approve")


def test_restriction(daemon):
    boss, officers, person = person_of(daemon)
    broker = daemon.connect(daemon.user("broker", municipalities=["mun-1880"]))
    refused("not-allowed", broker.move, person, "restrict")
    assert NAME in json.dumps(broker.get(person, purpose="call"), ensure_ascii=False)
    before = len(broker.received)
    officers[0].move(person, "restrict")
    for ask in (lambda: broker.get(person, purpose="call"),
                lambda: broker.get(person, purpose="call", at=boss.request("status")["rev"] - 1),
                lambda: broker.list("person", purpose="call"),
                lambda: broker.list("person", purpose="call", where={"email": EMAIL}),
                lambda: broker.all("person", purpose="call"),
                lambda: broker.all("engagement")):
        ask()
    assert not any(secret in broker.received[before:] for secret in SECRETS)
    assert broker.list("person", purpose="call", where={"email": EMAIL}) == []
    refused("restricted", boss.patch, person, {"staff": True})
    assert NAME in look(officers[0], person)
    officers[1].move(person, "lift")
    assert NAME in json.dumps(broker.get(person, purpose="call"), ensure_ascii=False)


def test_erasure_in_every_file(daemon):
    boss, officers, person = person_of(daemon)
    user = daemon.user("broker", name="Kontakten", municipalities=["mun-1880"])
    boss.patch(user.id, {"person": person})
    # Sealed from the first: nothing in clear, also in pages that the record no longer uses.
    assert look(officers[0], person) == [NAME, EMAIL, PHONE, NOTE, TAG]
    assert holding(daemon.data, *SECRETS) == set()
    key = key_of(daemon, person)
    assert key and holding(daemon.data, key) == {"person.keys"}
    # The user of the person is an administrator's to revoke.
    assert refused("referenced", erase, officers, person).error["detail"]["by"] == [user.id]
    boss.move(user.id, "revoke")
    officers[0].move("ers-1", "withdraw")
    erasure = erase(officers, person)
    assert erasure["fields"]["state"] == "done", erasure
    assert key_of(daemon, person) is None
    assert holding(daemon.data, key, *SECRETS) == set()
    for officer in officers:
        assert look(officer, person) == []
    for reader in (boss, *officers):
        view = reader.get(person, purpose="test")["fields"]
        assert view["state"] == "erased" and "name" not in view, view
    refused("erased", boss.patch, person, {"staff": True})
    refused("erased", boss.put, "engagement", {"person": person, "function": "teacher",
                                               "organisation": daemon.organisations["1880"]})
    assert not any(secret.decode() in line for secret in SECRETS for line in daemon.log)
    daemon.stop()
    assert holding(daemon.data, key, *SECRETS) == set()
    status, said = daemon.check()
    assert status == 0, said
    daemon.start()
    assert look(daemon.connect(daemon.officers[0]), person) == []


def test_crash_before_the_key(daemon):
    """Committed, and then the power went: the start finishes it before it serves."""
    boss, officers, person = person_of(daemon)
    keys = os.path.join(daemon.data, "person.keys")
    shutil.copy(keys, keys + ".then")
    key = key_of(daemon, person)
    erase(officers, person)
    daemon.stop(signal.SIGKILL)
    shutil.move(keys + ".then", keys)
    assert key_of(daemon, person) == key
    daemon.start()
    assert key_of(daemon, person) is None
    assert holding(daemon.data, key) == set()


def test_older_backup(daemon):
    """What was erased stays erased when a backup from before is put back."""
    backups = os.path.join(daemon.home, "backups")
    os.mkdir(backups, 0o700)
    daemon.stop()
    with open(os.path.join(daemon.data, "samverkd.conf"), "a") as config:
        config.write(f'backup_directory = "{backups}"\n')
    daemon.start()
    boss, officers, person = person_of(daemon)
    boss.request("backup", {"file": "before"})
    while boss.request("backup")["state"] == "running":
        pass
    assert boss.request("backup")["state"] == "done", boss.request("backup")
    key = key_of(daemon, person)
    erase(officers, person)
    boss.request("backup", {"file": "after"})  # takes the tombstone to the keys beside it
    while boss.request("backup")["state"] == "running":
        pass
    assert holding(backups, key, *SECRETS) == set()
    daemon.stop()
    done = subprocess.run([SAMVERKD, "restore", "--data", daemon.data,
                           os.path.join(backups, "before")], env=daemon.environment,
                          capture_output=True, text=True, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert key_of(daemon, person) is None
    assert holding(daemon.home, key, *SECRETS) == set()
    daemon.start()
    officer = daemon.connect(daemon.officers[0])
    assert look(officer, person) == []
    assert officer.get(person, purpose="test")["fields"]["state"] == "active"


def test_commands(daemon):
    """The same by hand: samverk admin."""
    boss, officers, person = person_of(daemon)
    for profile, role in (("one", "privacy"), ("two", "privacy"), ("admin", "admin")):
        invitation, _ = daemon.invite(boss, role)
        daemon.samverk("join", invitation.text, profile=profile)
    one, two = {"profile": "one"}, {"profile": "two"}
    path = os.path.join(daemon.home, "utdrag.json")
    daemon.samverk("admin", "person", "export", person, "--output", path, status=2, **one)
    daemon.samverk("admin", "person", "export", person, "--output", path, "--purpose",
                   "access request", **one)
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path) as file:
        held = json.load(file)
    assert [state["record"]["fields"]["notes"] for state in held["states"]] == \
        [NOTE + " igen", NOTE], held
    assert {item["by"] for item in held["records"]} == {"person", "contact_person"}, held
    assert [item["in"] for item in held["texts"]] == [["caller"]], held
    daemon.samverk("person", "restrict", person, **one)
    daemon.samverk("admin", "person", "lift", person, **two)
    rows = daemon.samverk_json("admin", "accesses", "--person", person, "--purpose", "check",
                               **two)["accesses"]
    assert {row["command"] for row in rows} >= {"disclose"}, rows
    assert "access request" in daemon.samverk("admin", "accesses", "--person", person, "--since",
                                              "2026-01-01", "--purpose", "check", **two)
    daemon.samverk("admin", "accesses", "--purpose", "check", status=2, **two)
    # Erasing: asked for by one, approved by another, with what is left to look through.
    daemon.samverk("admin", "person", "erase", person, status=2, **one)
    assert "--approve" in daemon.samverk("admin", "person", "erase", person, "--decision",
                                         "GB 2026:14", **one)
    daemon.samverk("admin", "person", "erase", person, "--approve", status=2, **two)
    daemon.samverk("admin", "person", "erase", person, "--approve", "--yes", status=5, **one)
    said = daemon.samverk("admin", "person", "erase", person, "--approve", "--yes", **two)
    assert "inq-1" in said, said
    assert person in daemon.samverk("admin", "person", "erase", person, "--approve", **two)
    daemon.samverk("admin", "person", "erase", person, "--decision", "again", status=1, **one)
    # Who is connected.
    connected = daemon.samverk_json("admin", "sessions", profile="admin")
    assert connected["count"] == len(connected["sessions"]), connected
    assert any(row["program"].startswith("samverk") for row in connected["sessions"]), connected
    assert all(row["since"] <= row["heard"] + 1000 for row in connected["sessions"]), connected
    assert "samverk" in daemon.samverk("admin", "sessions", profile="admin")
    daemon.samverk("admin", "sessions", status=5, **one)


if __name__ == "__main__":
    run(globals())
