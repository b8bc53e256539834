"""P5: no undetected gap, no repeat, no wrong order, and a mirror is what a list says: in
one process with a fake clock (watch_run.c; alone: watch_run ENTRIES SEED), and
libsamverk's own mirror over sockets, its process stopped, its line cut, the daemon killed
and its rights changed."""

import os
import random
import signal
import subprocess

import msgpack

from faults import LONG, SEED, Tally, count, program, run

from harness import Daemon
from tcp_proxy import Proxy

ENTRIES = count("entries", 100000, 5000000)
ROUNDS = count("rounds", 10, 300)

# In check the same life each time, in the long size another.
INSIDE = SEED if LONG or "SAMVERK_FAULT_SEED" in os.environ else 52


def run_inside(tally):
    status, said = run([program("watch_run"), str(ENTRIES), str(INSIDE)])
    lines = [line for line in said.splitlines() if "entries" in line or status]
    tally.add(f"watch_run, {ENTRIES} entries, seed {INSIDE}", int(status == 0), int(status != 0), "\n".join(lines),
              always=True)


def change(boss, chance, ids):
    """Some dozens of changes, sent without waiting for each."""
    puts, others = [], []
    for _ in range(chance.randrange(20, 60)):
        fields = {"title": f"Change {chance.random()}", "participants": chance.randrange(1, 1000)}
        what = chance.random() if ids else 1
        if what < 0.6:
            fields["discreet"] = chance.random() < 0.3
            others.append(boss.ask("patch", {"id": chance.choice(ids), "fields": fields}))
        elif what < 0.7:
            others.append(boss.ask("delete", {"id": ids.pop(chance.randrange(len(ids)))}))
        else:
            place = chance.choice(["mun-1880", "mun-0583", "mun-0513"])
            puts.append(boss.ask("put", {"kind": "inquiry",
                                         "fields": dict(fields, municipality=place)}))
    for one in others:
        boss.answer(one)
    ids.extend(boss.answer(one)["id"] for one in puts)


def disturb(daemon, proxy, mirror, chance, boss, grants):
    """What happens to the mirror while the record changes; the coordinator's connection."""
    what = chance.choice(["stop", "cut", "kill", "rights", "nothing"])
    if what == "stop":
        os.kill(mirror.pid, signal.SIGSTOP)
    elif what == "cut":
        proxy.cut()
    elif what == "kill":
        daemon.stop(signal.SIGKILL)
        daemon.start()
        boss = daemon.connect()
    elif what == "rights" and grants:
        boss.request("delete", {"id": grants.pop()})
    elif what == "rights":
        grants.append(boss.put("grant", {"user": mirror.user, "role": "broker",
                                         "municipalities": ["mun-0583"]})["id"])
    return boss


def compare(boss, mirror, looker):
    """What the mirror has, against what a list of the same user's says."""
    revision = boss.put("inquiry", {"title": "The last", "municipality": "mun-1880"})["rev"]
    mirror.stdin.write(f"{revision}\n")
    mirror.stdin.flush()
    has = {}
    while (line := mirror.stdout.readline().strip()) != ".":
        assert line, "the mirror has ended"
        id, fields = line.split()
        has[id] = msgpack.unpackb(bytes.fromhex(fields))
    listed, after = {}, None
    while True:
        arguments = {"kind": "inquiry", "limit": 200, **({"after": after} if after else {})}
        page = looker.request("export", arguments)
        listed.update((view["id"], view["fields"]) for view in page["records"])
        after = page["next"]
        if not after:
            break
    assert has == listed, {id: (has.get(id), listed.get(id)) for id in has.keys() | listed.keys()
                           if has.get(id) != listed.get(id)}


def run_over_sockets(tally):
    chance = random.Random(SEED)
    with Daemon() as daemon:
        proxy = Proxy(daemon.address)
        boss = daemon.region()
        invitation, made = daemon.invite(boss, "viewer")
        daemon.samverk("join", invitation._replace(address=proxy.address).text, "--profile", "one")
        mirror = subprocess.Popen([program("watch_mirror"), "one"], env=daemon.environment,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        mirror.user = made["user"]
        looker = daemon.user("viewer", issuer=boss)
        ids, grants, done = [], [], 0
        try:
            for _ in range(ROUNDS):
                boss = disturb(daemon, proxy, mirror, chance, boss, grants)
                change(boss, chance, ids)
                os.kill(mirror.pid, signal.SIGCONT)
                if grants:
                    boss.request("delete", {"id": grants.pop()})
                compare(boss, mirror, looker.connect())
                done += 1
            mirror.stdin.close()
            assert mirror.wait(30) == 0
        except AssertionError as problem:
            tally.add("libsamverk's mirror over sockets", done, ROUNDS - done, str(problem))
        else:
            tally.add("libsamverk's mirror over sockets", done, 0)
        finally:
            mirror.kill()  # a stopped one too
            mirror.wait()
            proxy.close()
        daemon.stop()
        status, said = daemon.check()
        tally.add("samverkd check afterwards", int(status == 0), int(status != 0), said)


if __name__ == "__main__":
    tally = Tally()
    run_inside(tally)
    run_over_sockets(tally)
    tally.finish()
