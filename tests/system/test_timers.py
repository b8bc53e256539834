"""What is due when a day comes is done by itself, once, whatever happens to the daemon.

A day comes by setting the region's zone ahead: from the last zone of the world to the
first one, 26 hours on.
"""

import datetime
import os
import signal
import time

from harness import PATIENCE, run

LAST, FIRST = "Etc/GMT+12", "Pacific/Kiritimati"
MANY = 150  # more than are done at a time


def restart_in(daemon, zone, sign=signal.SIGTERM):
    daemon.stop(sign)
    path = os.path.join(daemon.data, "samverkd.conf")
    with open(path) as file:
        lines = [line for line in file if not line.startswith("zone")]
    with open(path, "w") as file:
        file.writelines([*lines, f'zone = "{zone}"\n'])
    daemon.start()
    return daemon.connect()


def until(within, true):
    end = time.monotonic() + within * PATIENCE
    while not true():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.05)


def waiting(boss):
    return boss.request("count", {"kind": "inquiry", "where": {"state": "waiting"}})["count"]


def test_a_day_comes(daemon):
    daemon.region()
    boss = restart_in(daemon, LAST)
    today = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=12)).date()
    tomorrow, later = (str(today + datetime.timedelta(days=days)) for days in (1, 9))
    for first in range(0, MANY, 50):
        boss.request("batch", {"operations": [
            operation for number in range(50) for operation in (
                {"do": "put", "kind": "inquiry",
                 "fields": {"title": f"Nr {first + number}", "municipality": "mun-1880"}},
                {"do": "move", "id": f"${2 * number + 1}", "verb": "pause",
                 "fields": {"waiting_until": tomorrow}})]})
    rests = boss.put("inquiry", {"title": "Not yet", "municipality": "mun-1880"})["id"]
    boss.request("move", {"id": rests, "verb": "pause", "fields": {"waiting_until": later}})
    task = boss.put("task", {"what": "call", "about": rests, "due": str(today)})["id"]
    time.sleep(1.5)  # the daemon looks each second
    assert waiting(boss) == MANY + 1
    assert "overdue" not in boss.get(task)["fields"]

    # Killed among what is due, as often as it takes.
    boss = restart_in(daemon, FIRST)
    for _ in range(3):
        left = waiting(boss)
        until(20, lambda: waiting(boss) < left or left == 1)
        boss = restart_in(daemon, FIRST, signal.SIGKILL)
    until(20, lambda: waiting(boss) == 1 and boss.get(task)["fields"].get("overdue"))
    assert boss.get(rests)["fields"]["state"] == "waiting"
    for number in range(1, MANY + 1):
        entries = boss.request("history", {"id": f"inq-{number}"})["entries"]
        assert [entry["actor"] for entry in entries] == ["", "usr-1"], entries
        assert entries[0]["fields"]["state"] == {"from": "waiting", "to": "new"}, entries
    status, said = daemon.check()
    assert status == 0, said


run(globals())
