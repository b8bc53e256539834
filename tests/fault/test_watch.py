"""P5: no undetected gap, no repeat, no wrong order, and a mirror is what a list says
(watch_run.c). Alone: watch_run ENTRIES SEED."""

from faults import SEED, Tally, count, program, run

ENTRIES = count("entries", 100000, 5000000)


if __name__ == "__main__":
    tally = Tally()
    status, said = run([program("watch_run"), str(ENTRIES), str(SEED)])
    lines = [line for line in said.splitlines() if "entries" in line or status]
    tally.add(f"watch_run, {ENTRIES} entries", status == 0, status != 0, "\n".join(lines),
              always=True)
    tally.finish()
