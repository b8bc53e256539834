"""A watcher stopped for a minute while 10,000 changes pass: nobody waits for it, and
it catches up in order, nothing missing, nothing twice."""

import json
import os
import signal
import subprocess
import threading
import time

from harness import PATIENCE, SAMVERK, Watch, run

CHANGES = 10000
STOPPED_S = 60


def test_stopped_watcher(daemon):
    boss = daemon.region()
    daemon.samverk("join", daemon.invite(boss, "viewer")[0].text, "--profile", "slow")
    slow = subprocess.Popen([SAMVERK, "--profile", "slow", "watch", "inquiry", "--json"],
                            env=daemon.environment, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(slow.stdout), daemon=True)
    quick = Watch(daemon.connect(), kinds=["inquiry"])
    try:
        reader.start()
        started = boss.put("inquiry", {"title": "start", "municipality": "mun-1880"})
        quick.until(started["rev"])
        deadline = time.monotonic() + 10 * PATIENCE
        while not lines:
            # It may have begun to watch after that one: another until it is seen.
            assert time.monotonic() < deadline, "the watcher sees nothing"
            time.sleep(0.2)
            started = boss.patch(started["id"], {"participants": int(time.monotonic()) % 1000 + 1,
                                                 "title": f"start {time.monotonic()}"})
        quick.until(started["rev"])
        os.kill(slow.pid, signal.SIGSTOP)
        stopped = time.monotonic()

        slowest, expected = 0.0, []
        done = 0
        while done < CHANGES:
            begun = time.monotonic()
            ids = []
            for _ in range(50):
                fields = {"title": f"Change {done}", "participants": done % 1000 + 1}
                done += 1
                ids.append((boss.ask("patch", {"id": started["id"], "fields": fields}), fields))
            for id, fields in ids:
                expected.append((boss.answer(id)["rev"], fields["title"]))
            quick.until(expected[-1][0])
            slowest = max(slowest, time.monotonic() - begun)
        assert slowest < 2.0 * PATIENCE, f"others waited {slowest:.2f} s"
        assert [(revision, view["fields"]["title"])
                for revision, _, view in quick.operations][-CHANGES:] == expected

        while time.monotonic() - stopped < STOPPED_S:
            time.sleep(0.2)
        os.kill(slow.pid, signal.SIGCONT)
        last = f"Change {CHANGES - 1}"
        deadline = time.monotonic() + 30 * PATIENCE
        while not lines or last not in lines[-1]:
            assert time.monotonic() < deadline, f"{len(lines)} of {CHANGES} came"
            assert slow.poll() is None, slow.stderr.read()
            time.sleep(0.1)
        time.sleep(0.3)
        seen = [json.loads(line) for line in list(lines)]
        changes = [(entry["rev"], operation["record"]["fields"]["title"])
                   for entry in seen for operation in entry["ops"]
                   if operation["record"]["fields"]["title"].startswith("Change")]
        assert changes == expected, f"{len(changes)} of {len(expected)}"
    finally:
        slow.send_signal(signal.SIGCONT)
        slow.kill()
        slow.wait()


run(globals())
