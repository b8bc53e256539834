"""Make a folder that test_compat.py holds every later version against: a store and a backup
as this version writes them, and what they say.

    SAMVERKD=... python3 tests/compat/make.py tests/compat/format-N

Make one when META_FORMAT changes, with the last program before the change; never again
afterwards. The keys in it open nothing else.
"""

import json
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from harness import Daemon  # noqa: E402

KINDS = ("county", "municipality", "area", "organisation", "person", "engagement", "user", "grant",
         "key", "task", "inquiry", "membership", "place", "maintenance")


def plain(value):
    """As JSON has it: keys as hexadecimal digits."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if key != "moves"}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value


def contents(connection):
    """All that this user reads, people's data included, and how one record came to be."""
    records = {kind: [plain(connection.get(view["id"], purpose="comparison"))
                      for view in connection.all(kind)] for kind in KINDS}
    history = plain(connection.request("history", {"id": "inq-1"})["entries"])
    return {"records": records, "history": history, "rev": connection.welcome["rev"]}


def fill(boss):
    boss.put("place", {"name": "Biblioteket i Motala", "municipality": "mun-0583", "seats": 12})
    boss.put("membership", {"organisation": "org-2", "municipality": "mun-0583"})
    boss.put("person", {"name": "kontaktperson, Motala", "organisation": "org-2",
                        "email": "kontakt@example.se", "phone": "+46141000000"})
    boss.put("engagement", {"person": "per-1", "organisation": "org-2", "function": "teacher"})
    inquiry = boss.put("inquiry", {"title": "Grundkurs i CAD", "municipality": "mun-0583",
                                   "areas": ["are-071"], "participants": 8,
                                   "contact_person": "per-1", "budget_hint": 1250000})["id"]
    boss.move(inquiry, "acknowledge")
    boss.patch(inquiry, {"participants": 10, "discreet": True})
    gone = boss.put("inquiry", {"title": "a mistake", "municipality": "mun-0583"})["id"]
    boss.delete(gone)
    boss.put("task", {"what": "ring back", "about": inquiry, "due": "2026-12-01"})
    boss.put("maintenance", {"until": 1000, "text": "long ago"})
    boss.get("per-1", purpose="a course")


def main(folder):
    os.mkdir(folder)
    daemon = Daemon("Östra Mellansverige")
    with open(os.path.join(daemon.data, "samverkd.conf"), "a") as file:
        file.write(f'backup_directory = "{os.path.abspath(folder)}"\n')
    with daemon:
        boss = daemon.region()
        fill(boss)
        with daemon.connect() as connection:
            expected = contents(connection)
            expected["server"] = daemon.server_key.decode()
            expected["user"] = [key.decode() for key in daemon.coordinator().keys]
            connection.request("backup", {"file": "backup"})
            while connection.request("backup")["state"] == "running":
                pass
        daemon.connections.clear()
        daemon.stop()
        with tarfile.open(os.path.join(folder, "store.tar.xz"), "w:xz", preset=9) as tar:
            for name in ("record.mdb", "person.keys", "server.secret"):
                tar.add(os.path.join(daemon.data, name), name, filter=nobody)
        daemon.start()
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump(expected, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.write("\n")


def nobody(entry):
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main(sys.argv[1])
