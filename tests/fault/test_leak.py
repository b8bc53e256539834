"""P6, P7: nobody is sent what they may not see (leak_run.c), and nothing that anybody is
sent tells it (leak_pairs.c). Each program alone: leak_run OPERATIONS SEED."""

from faults import SEED, Tally, count, program, run

OPERATIONS = count("leaks", 20000, 500000)
PAIRED = count("pairs", 10000, 250000)


def tell(tally, name, operations):
    status, said = run([program(name), str(operations), str(SEED)])
    lines = [line for line in said.splitlines() if "operations" in line or status]
    tally.add(f"{name}, {operations} operations", int(status == 0), int(status != 0), "\n".join(lines),
              always=True)


if __name__ == "__main__":
    tally = Tally()
    tell(tally, "leak_run", OPERATIONS)
    tell(tally, "leak_pairs", PAIRED)
    tally.finish()
