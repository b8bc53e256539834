"""What the system tests stand on: a samverkd of their own, users, and the command line.

A test file has functions `test_*`; each takes a `Daemon` that is up and is run
with it (`harness.run (globals ())`). Everything lives in one temporary directory
that goes away with the daemon.
"""

import inspect
import json
import os
import pty
import queue
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from samverk_stranger import (Invitation, Refused, Silence, Stranger, Watch, new_keys, raw,
                              read_invitation)
from samverk_stranger import request_id  # noqa: F401 (for the tests)

SOURCE = os.environ.get("SAMVERK_SOURCE_DIR",
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SAMVERKD = os.environ.get("SAMVERKD", "samverkd")
SAMVERK = os.environ.get("SAMVERK", "samverk")
FAKETIME = next((path for path in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
                                   "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1")
                 if os.path.exists(path)), None)
# A sanitized daemon is slower and holds more memory.
SANITIZED = bool(os.environ.get("SAMVERK_SANITIZE"))
PATIENCE = 4 if SANITIZED else 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class User:
    """Someone who has joined: an own key and a user id."""

    def __init__(self, daemon, keys, id):
        self.daemon = daemon
        self.keys = keys
        self.id = id

    def connect(self, timeout=10.0 * PATIENCE, **options):
        return Stranger(self.daemon.address, self.daemon.server_key, self.keys,
                        timeout=timeout, **options)


class Daemon:
    """One samverkd on a free port with a store of its own."""

    def __init__(self, region="Testregion", program=None, environment=None):
        self.program = program or SAMVERKD
        self.home = tempfile.mkdtemp(prefix="samverk-", dir=os.environ.get("TMPDIR", "/tmp"))
        self.data = os.path.join(self.home, "data")
        self.process = None
        self.log = []
        self.connections = []
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.environment = dict(
            os.environ, HOME=self.home, LC_ALL="C.UTF-8", NO_COLOR="1",
            XDG_CONFIG_HOME=os.path.join(self.home, "config"),
            XDG_STATE_HOME=os.path.join(self.home, "state"), **(environment or {}))
        done = subprocess.run(
            [self.program, "init", "--data", self.data, "--region", region,
             "--listen", self.address],
            env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"init: {done.returncode} {done.stderr}")
        self.first_invitation = done.stdout.strip().splitlines()[-1]
        self.server_key = read_invitation(self.first_invitation).server

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def start(self, within=10.0):
        """Run it, and return when it says that it serves."""
        said = queue.Queue()
        self.process = subprocess.Popen(
            [self.program, "run", "--data", self.data], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

        def listen(stream):
            for line in stream:
                self.log.append(line)
                said.put(line)
            said.put(None)

        self.listener = threading.Thread(target=listen, args=(self.process.stderr,), daemon=True)
        self.listener.start()
        begun = time.monotonic()
        while True:
            try:
                line = said.get(timeout=within * PATIENCE)
            except queue.Empty:
                raise AssertionError("samverkd does not say that it serves:\n" + self.tail())
            if line is None:
                raise AssertionError(f"samverkd ended with {self.process.wait()}:\n" + self.tail())
            if "serves" in line or "serving" in line:
                self.ready_after = time.monotonic() - begun
                return self

    def tail(self, lines=40):
        """The end of what it said; from a sanitizer's report on when there is one."""
        for number, line in enumerate(self.log):
            if "Sanitizer" in line or "runtime error" in line:
                return "".join(self.log[number:number + lines])
        return "".join(self.log[-lines:])

    def stop(self, sign=signal.SIGTERM):
        """End it with a signal; what it ended with."""
        self.process.send_signal(sign)
        try:
            status = self.process.wait(timeout=20 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("samverkd does not stop:\n" + self.tail())
        self.listener.join(timeout=5)
        self.process.stderr.close()
        self.process = None
        return status

    def close(self):
        try:
            for connection in self.connections:
                connection.close()
            if self.process is not None:
                status = self.stop()
                assert status == 0, f"stopped with {status}:\n{self.tail()}"
        finally:
            if self.process is not None:
                self.process.kill()
                self.process.wait()
            shutil.rmtree(self.home, ignore_errors=True)

    def check(self):
        """samverkd check: its status and what it says."""
        done = subprocess.run([self.program, "check", "--data", self.data], env=self.environment,
                              capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def memory(self):
        """Bytes of its own memory that it holds now (the mapped store not counted)."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
        raise AssertionError("no RssAnon")

    # -- people

    def join(self, invitation, keys=None, timeout=10.0 * PATIENCE):
        """Take up an invitation with a new key of one's own."""
        invitation = read_invitation(invitation) if isinstance(invitation, str) else invitation
        keys = keys or new_keys()
        with Stranger(invitation.address, invitation.server, invitation.keys,
                      timeout=timeout) as newcomer:
            result = newcomer.request("join", {"public_key": raw(keys.public)})
        return User(self, keys, result["user"])

    def coordinator(self):
        """The user of the first invitation, joined once."""
        if not hasattr(self, "first"):
            self.first = self.join(self.first_invitation)
        return self.first

    def connect(self, user=None, **options):
        """A connection that is closed with the daemon; the coordinator's unless told."""
        connection = (user or self.coordinator()).connect(**options)
        self.connections.append(connection)
        return connection

    def invite(self, issuer, role, name=None, **scope):
        """A one-time key and the user that it may become."""
        keys = new_keys()
        result = issuer.request("invite", {"name": name or f"{role}, test", "role": role,
                                           "public_key": raw(keys.public), **scope})
        return Invitation(self.address, self.server_key, keys, result["expires"]), result

    def user(self, role, name=None, issuer=None, **scope):
        """A new user with this role and scope, joined."""
        issuer = issuer or self.connect()
        invitation, _ = self.invite(issuer, role, name, **scope)
        return self.join(invitation)

    def region(self):
        """Three municipalities in two counties and an organisation in each."""
        boss = self.connect()
        boss.request("batch", {"operations": [
            {"do": "put", "kind": "county", "id": "cty-18", "fields": {"name": "Örebro län"}},
            {"do": "put", "kind": "county", "id": "cty-05", "fields": {"name": "Östergötlands län"}},
            *[{"do": "put", "kind": "municipality", "id": f"mun-{code}",
               "fields": {"name": name, "county": county}}
              for code, name, county in (("1880", "Örebro", "cty-18"), ("0583", "Motala", "cty-05"),
                                         ("0513", "Kinda", "cty-05"))],
            {"do": "put", "kind": "area", "id": "are-07",
             "fields": {"name_en": "Engineering", "name_sv": "Teknik"}},
            {"do": "put", "kind": "area", "id": "are-071",
             "fields": {"name_en": "Engineering trades", "name_sv": "Teknisk industri",
                        "parent": "are-07"}},
        ]})
        self.organisations = {}
        for code, name in (("1880", "Örebro kommun, lärcentrum"),
                           ("0583", "Motala kommun, lärcentrum"),
                           ("0513", "Kinda kommun, lärcentrum")):
            self.organisations[code] = boss.put("organisation", {
                "name": name, "types": ["learning_centre"], "municipality": f"mun-{code}"})["id"]
        self.boss = boss
        return boss

    # -- the command line

    def samverk(self, *arguments, profile=None, status=0, input=None, environment=None):
        """Run samverk and return what it printed; its status must be as expected."""
        command = [SAMVERK]
        if profile:
            command += ["--profile", profile]
        done = subprocess.run(command + list(arguments),
                              env=dict(self.environment, **(environment or {})),
                              input=input if input is not None else "", capture_output=True,
                              text=True, timeout=60 * PATIENCE)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{' '.join(arguments)}: status {done.returncode}, not {status}\n"
                                 f"{done.stdout}{done.stderr}")
        self.said = done.stderr
        return done.stdout

    def samverk_json(self, *arguments, **options):
        return json.loads(self.samverk(*arguments, "--json", **options))


def on_terminal(daemon, *arguments, environment=None, width=80, answer=None):
    """Run samverk on a terminal; what it showed and its status. `answer`: what is waited for,
    and what is typed then."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(daemon.environment, TERM="xterm", COLUMNS=str(width),
                          **(environment or {}))
        os.execv(SAMVERK, [SAMVERK, *arguments])
    shown = b""
    deadline = time.monotonic() + 30 * PATIENCE
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        if answer and answer[0] in shown:
            os.write(terminal, answer[1])
            answer = None
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)


def refused(code, call, *arguments, field=None, **options):
    """The call must be answered with this error; the error."""
    try:
        result = call(*arguments, **options)
    except Refused as refusal:
        codes = (code,) if isinstance(code, str) else code
        assert refusal.code in codes, f"{refusal.error}, not {code}"
        if field is not None:
            assert refusal.field == field, f"{refusal.error}: not about {field}"
        return refusal
    raise AssertionError(f"not refused with {code}: {result}")


def silent(connection, seconds=0.5):
    """Nothing may come on this connection."""
    try:
        frame = connection.receive(seconds)
    except Silence:
        return
    raise AssertionError(f"answered: {frame}")


def run(names, **options):
    """Run the test functions of a file, each with a daemon of its own if it takes one."""
    passed = failed = 0
    begun = time.monotonic()
    wanted = sys.argv[1:]
    for name, function in list(names.items()):
        if not name.startswith("test_") or not callable(function):
            continue
        if wanted and name not in wanted:
            continue
        started = time.monotonic()
        daemon = None
        try:
            if inspect.signature(function).parameters:
                daemon = Daemon(**options).start()
                function(daemon)
            else:
                function()
            if daemon is not None:
                daemon.close()
            passed += 1
            print(f"ok      {name} ({time.monotonic() - started:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
            if daemon is not None:
                print("The daemon said:\n" + daemon.tail(), flush=True)
                try:
                    daemon.close()
                except Exception as problem:
                    print(problem)
    print(f"In {time.monotonic() - begun:.1f} s.")
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not passed else 0)


__all__ = ["Daemon", "FAKETIME", "Invitation", "PATIENCE", "Refused", "SAMVERK", "SAMVERKD", "SANITIZED",
           "SOURCE", "Silence", "Stranger", "User", "Watch", "new_keys", "on_terminal", "raw",
           "read_invitation", "refused", "request_id", "run", "silent"]
