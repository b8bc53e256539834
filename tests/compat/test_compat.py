"""Stores and backups that earlier versions wrote are read by this one: each folder format-N
beside this file, made by make.py, holds what its version said they hold.

A field that is renamed, a type that changes, a kind number used again is found here.
"""

import glob
import json
import os
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))

from harness import Daemon, SAMVERKD, User, free_port, run  # noqa: E402
from make import contents  # noqa: E402
from samverk_stranger import Keys  # noqa: E402


def samverkd(*arguments):
    done = subprocess.run([SAMVERKD, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


class Old(Daemon):
    """This version's daemon on a data directory of an earlier one."""

    def __init__(self, home, expected):
        self.program, self.home, self.data = SAMVERKD, home, os.path.join(home, "data")
        self.process, self.log, self.connections = None, [], []
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.environment = dict(os.environ, HOME=home)
        self.server_key = expected["server"].encode()
        self.first = User(self, Keys(*(key.encode() for key in expected["user"])), "usr-1")
        with open(os.path.join(self.data, "samverkd.conf"), "w") as file:
            file.write(f'listen = "{self.address}"\n')


def missing(expected, found, where="it"):
    """Fields and kinds may have come since; none may have gone or changed."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected:
            assert key in found, f"{where}: {key} is gone"
            missing(expected[key], found[key], f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        assert len(expected) == len(found), f"{where}: {len(found)}, not {len(expected)}"
        for number, pair in enumerate(zip(expected, found)):
            missing(*pair, f"{where}[{number}]")
    else:
        assert expected == found, f"{where}: {found!r}, not {expected!r}"


def served(home, expected):
    with Old(home, expected) as daemon:
        missing({key: expected[key] for key in ("records", "history", "rev")},
                contents(daemon.connect()))
        view = daemon.connect().put("inquiry", {"title": "new", "municipality": "mun-1880"})
        assert view["rev"] == expected["rev"] + 1


def each_format(handle):
    folders = sorted(glob.glob(os.path.join(HERE, "format-*")))
    assert folders, "there is nothing to compare with"
    for folder in folders:
        with open(os.path.join(folder, "expected.json")) as file:
            expected = json.load(file)
        handle(folder, tempfile.mkdtemp(prefix="samverk-compat-"), expected)


def test_stores():
    def store(folder, home, expected):
        data = os.path.join(home, "data")
        with tarfile.open(os.path.join(folder, "store.tar.xz")) as tar:
            tar.extractall(data)
        os.chmod(data, 0o700)
        said = samverkd("migrate", "--data", data, "--dry-run")
        assert f"proved: {expected['rev']} revisions" in said, said
        samverkd("migrate", "--data", data)
        samverkd("check", "--data", data)
        served(home, expected)

    each_format(store)


def test_backups():
    def backup(folder, home, expected):
        data = os.path.join(home, "data")
        samverkd("restore", "--data", data, os.path.join(folder, "backup"))
        samverkd("check", "--data", data)
        served(home, expected)

    each_format(backup)


if __name__ == "__main__":
    run(globals())
