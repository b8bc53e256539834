"""kill -9 at random moments under load (P1), each store small so that it is looked at
after every kill: nothing acknowledged is lost, the check is clean (P10), and it serves
again in two seconds.

That it can fail: when the writer hands its answers to the front before it commits, three
of five stores had lost what was acknowledged.
"""

import random

from faults import SEED, Tally, count

from harness import Daemon
from kills import kill_often

CYCLES = count("kills", 50, 2000)
CYCLES_A_STORE = 10


if __name__ == "__main__":
    tally = Tally()
    chance = random.Random(SEED)
    done = 0
    while done < CYCLES:
        cycles = min(CYCLES_A_STORE, CYCLES - done)
        try:
            with Daemon() as daemon:
                said = kill_often(daemon, cycles, (0.01, 0.12), checked_each=1, chance=chance)
            tally.add(said, cycles, 0)
        except AssertionError as problem:
            tally.add(f"kills {done + 1} to {done + cycles}", 0, cycles,
                      f"{problem}\n{daemon.tail()}")
        done += cycles
    tally.finish()
