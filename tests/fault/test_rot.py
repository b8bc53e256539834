"""One bit turns in a file at rest: it is noticed in reading or by samverkd check, or
nothing lies there; what is served is right in any case (disk_rot does the work)."""

from faults import SEED, Tally, count, numbers, program, run, temporary

COPIES = count("copies", 500, 10000)
COMMITS = 40


if __name__ == "__main__":
    tally = Tally()
    with temporary() as home:
        status, said = run([program("store_load"), f"{home}/data", f"{home}/ledger", str(SEED),
                            str(COMMITS)])
        assert status == 0, said
        status, said = run([program("disk_rot"), f"{home}/data", f"{home}/ledger", str(COPIES),
                            str(SEED)])
        copies, broken = numbers(said, r"(\d+) copies, (\d+) broken")
        tally.add("one bit of a store turned", copies - broken, broken, said, always=True)
    tally.finish()
