"""What an operator does to a record that is in use: back it up, put it back, stop writing,
with the command line; and what those who are connected meanwhile notice."""

import os
import re
import subprocess
import time

from harness import SAMVERK, SAMVERKD, PATIENCE, refused, run


def samverkd(daemon, *arguments, status=0):
    done = subprocess.run([SAMVERKD, *arguments], capture_output=True, text=True,
                          timeout=60 * PATIENCE, env=daemon.environment)
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def prepare(daemon):
    """An operator with a profile, a backup directory, and something to lose."""
    daemon.stop()
    backups = os.path.join(daemon.home, "backups")
    os.mkdir(backups)
    with open(os.path.join(daemon.data, "samverkd.conf"), "a") as file:
        file.write(f'backup_directory = "{backups}"\n')
    daemon.start()
    daemon.samverk("join", daemon.first_invitation)
    daemon.samverk("county", "add", "18", "--name", "Örebro län")
    daemon.samverk("municipality", "add", "1880", "--name", "Örebro", "--county", "18")
    add(daemon, "kept")
    return backups


def add(daemon, title, **options):
    return daemon.samverk("inquiry", "add", "--title", title, "--municipality", "1880", **options)


def titles(daemon):
    return [record["fields"]["title"] for record in daemon.samverk_json("inquiry", "list")["records"]]


def wait_for(path, text):
    until = time.monotonic() + 10 * PATIENCE
    while True:
        with open(path) as file:
            said = file.read()
        if text in said:
            return
        assert time.monotonic() < until, said
        time.sleep(0.05)


def test_back_and_forth(daemon):
    backups = prepare(daemon)
    assert "No backup" in daemon.samverk("admin", "backup")
    assert re.search(r"Backup monday, .*: 5 revisions", daemon.samverk("admin", "backup", "monday"))
    assert daemon.samverk_json("admin", "backup")["state"] == "done"
    daemon.samverk("admin", "backup", "../monday", status=1)
    add(daemon, "lost")
    out = os.path.join(daemon.home, "watched")
    with open(out, "w") as file:
        watch = subprocess.Popen([SAMVERK, "watch", "inquiry"], env=daemon.environment,
                                 stdout=file, stderr=subprocess.STDOUT)
    wait_for(out, "Watching")
    # Not beside the daemon.
    said = samverkd(daemon, "restore", "--data", daemon.data, f"{backups}/monday", status=1)
    assert "another process" in said, said
    daemon.stop()
    said = samverkd(daemon, "restore", "--data", daemon.data, f"{backups}/monday")
    kept = re.search(r"kept as (\S+)", said).group(1)
    assert os.path.exists(kept), said
    assert "this version's" in samverkd(daemon, "migrate", "--data", daemon.data)
    daemon.start()
    assert titles(daemon) == ["kept"]
    # Whoever watches is told of the new epoch, and goes on in it.
    wait_for(out, "not to be had")
    add(daemon, "after")
    wait_for(out, "after")
    watch.terminate()
    watch.wait()
    assert daemon.check()[0] == 0


def test_maintenance(daemon):
    prepare(daemon)
    daemon.samverk("admin", "maintenance", "on", "--until", "2099-01-01T00:00:00Z", "--text",
                   "a larger disk")
    add(daemon, "not now", status=1)
    assert "a larger disk" in daemon.said and "2099-01-01" in daemon.said, daemon.said
    assert "a larger disk" in daemon.samverk("status")
    daemon.stop()
    daemon.start()
    add(daemon, "not now", status=1)
    # Once more is the same one with another text.
    daemon.samverk("admin", "maintenance", "on", "--text", "two disks")
    add(daemon, "not now", status=1)
    assert "two disks" in daemon.said, daemon.said
    daemon.samverk("admin", "maintenance", "off")
    add(daemon, "now")
    assert titles(daemon) == ["now", "kept"]
    daemon.samverk("admin", "maintenance", "off")
    assert "no maintenance" in daemon.said, daemon.said


def test_maintenance_in_welcome(daemon):
    boss = daemon.connect()
    assert "maintenance" not in boss.welcome
    view = boss.put("maintenance", {"until": 4070908800000, "text": "a larger disk"})
    again = daemon.connect()
    assert again.welcome["maintenance"] == {"id": view["id"], "until": 4070908800000,
                                            "text": "a larger disk"}, again.welcome
    refusal = refused("maintenance", again.put, "county", {"name": "Örebro län"}, id="18")
    assert refusal.detail == again.welcome["maintenance"], refusal.error
    again.delete(view["id"])
    assert "maintenance" not in daemon.connect().welcome


run(globals())
