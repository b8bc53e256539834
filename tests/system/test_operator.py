"""What an operator relies on: init, run, check, signals, systemd's notices, files."""

import os
import shutil
import socket
import subprocess
import threading

from harness import PATIENCE, SAMVERKD, Refused, Silence, request_id, run


def samverkd(*arguments, status=0, environment=None):
    done = subprocess.run([SAMVERKD, *arguments], capture_output=True, text=True,
                          timeout=60 * PATIENCE, env=dict(os.environ, **(environment or {})))
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout, done.stderr


def test_usage(daemon):
    stdout, _ = samverkd("--help")
    for word in ("init", "run", "check", "--check-config", "listen"):
        assert word in stdout, stdout
    assert samverkd("--version")[0].strip()
    samverkd(status=2)
    assert "no such verb" in samverkd("dance", status=2)[1]
    samverkd("run", status=2)
    samverkd("run", "--data", os.path.join(daemon.home, "nowhere"), status=1)
    planned, _ = samverkd("next-key", "--data", daemon.data, "--day", "2099-01-01")
    assert "2099-01-01" in planned, planned
    # A record is made once.
    _, stderr = samverkd("init", "--data", daemon.data, "--region", "Again", status=1)
    assert stderr
    assert daemon.connect().welcome["region"] == "Testregion"


def test_one_daemon_a_record(daemon):
    _, stderr = samverkd("run", "--data", daemon.data, status=1)
    assert stderr, "the second one says why"
    assert daemon.connect().request("status")["rev"]


def test_config(daemon):
    path = os.path.join(daemon.home, "samverkd.conf")

    def check(text, status=0):
        with open(path, "w") as file:
            file.write(text)
        stdout, stderr = samverkd("--check-config", path, status=status)
        return stdout + stderr

    check('listen = "tcp://0.0.0.0:7761"\nreaders = 4\n')
    for text, told in (('lisen = "x"\n', "lisen"), ("readers = 0\n", "readers"),
                       ("readers = many\n", "readers"), ('listen = "7761"\n', "listen")):
        said = check(text, status=1)
        assert told in said, f"{text}: {said}"
    source = os.environ.get("SAMVERK_SOURCE_DIR")
    if source:
        samverkd("--check-config", os.path.join(source, "systemd", "samverkd.conf"))


def test_check(daemon):
    daemon.region()
    # Beside the running daemon, and on the stopped one.
    assert daemon.check()[0] == 0
    daemon.stop()
    status, said = daemon.check()
    assert status == 0 and said, said
    # A byte that the disk turned round is found.
    path = os.path.join(daemon.data, "record.mdb")
    with open(path, "rb") as file:
        content = file.read()
    assert (name := "Örebro kommun, lärcentrum".encode()) in content
    shutil.copy(path, path + ".whole")
    with open(path, "wb") as file:  # old pages may hold it too: all of them
        file.write(content.replace(name, b"X" + name[1:]))
    status, said = daemon.check()
    assert status == 1 and said.strip(), said
    shutil.move(path + ".whole", path)
    assert daemon.check()[0] == 0
    daemon.start()


def test_systemd(daemon):
    daemon.stop()
    path = os.path.join(daemon.home, "notify")
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(path)
    heard.settimeout(10 * PATIENCE)
    daemon.environment.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="30000000")
    daemon.start()

    def until(word):
        while word not in (said := heard.recv(4096).decode()):
            pass
        return said

    until("READY=1")
    until("WATCHDOG=1")
    daemon.process.terminate()
    until("STOPPING=1")
    assert daemon.stop() == 0
    heard.close()
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC"):
        daemon.environment.pop(name)
    daemon.start()


def test_credential(daemon):
    """The secret key may lie apart from the record."""
    user = daemon.coordinator()
    daemon.stop()
    apart = os.path.join(daemon.home, "credentials")
    os.mkdir(apart, 0o700)
    shutil.move(os.path.join(daemon.data, "server.secret"), apart)
    samverkd("run", "--data", daemon.data, status=1)
    daemon.environment["CREDENTIALS_DIRECTORY"] = apart
    daemon.start()
    with user.connect() as connection:
        assert connection.welcome["user"] == user.id


def test_stop_under_load(daemon):
    """SIGTERM: what was answered is there, what was not is not answered later."""
    daemon.region()
    user = daemon.coordinator()
    acknowledged = []

    def write():
        connection = user.connect()
        connection.timeout = 2.0 * PATIENCE
        try:
            while True:
                id = request_id()
                acknowledged.append(connection.request(
                    "put", {"kind": "inquiry", "fields": {"title": id.hex(),
                                                          "municipality": "mun-1880"}},
                    id=id)["id"])
        except (Silence, Refused):
            pass
        connection.close()

    writers = [threading.Thread(target=write, daemon=True) for _ in range(4)]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 100:
        pass
    assert daemon.stop() == 0
    for writer in writers:
        writer.join()
    assert daemon.check()[0] == 0
    daemon.start()
    with user.connect() as connection:
        there = {record["id"] for record in connection.all("inquiry")}
    assert set(acknowledged) <= there, "an answered write is gone"


run(globals())
