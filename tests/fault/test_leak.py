"""P6, P7: nobody is sent what they may not see (leak_run.c), and nothing that anybody is
sent tells it (leak_pairs.c). Each program alone: leak_run OPERATIONS SEED."""

import os

from faults import LONG, SEED, Tally, count, program, run

OPERATIONS = count("leaks", 20000, 500000)
PAIRED = count("pairs", 10000, 250000)

# In check the same life each time, in the long size another: what a new one finds is for
# whoever has the time to look into it.
INSIDE = SEED if LONG or "SAMVERK_FAULT_SEED" in os.environ else 52


def tell(tally, name, operations):
    status, said = run([program(name), str(operations), str(INSIDE)])
    lines = [line for line in said.splitlines() if "operations" in line or status]
    tally.add(f"{name}, {operations} operations, seed {INSIDE}", int(status == 0), int(status != 0), "\n".join(lines),
              always=True)


if __name__ == "__main__":
    tally = Tally()
    tell(tally, "leak_run", OPERATIONS)
    tell(tally, "leak_pairs", PAIRED)
    tally.finish()
