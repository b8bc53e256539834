"""One organisation that was added twice becomes one, and two again."""

from harness import run


def test_two_records_become_one_and_two_again(daemon):
    daemon.samverk("join", daemon.first_invitation)
    daemon.environment.update({"LANGUAGE": "sv"})
    daemon.samverk("county", "add", "05", "--name", "Östergötlands län")
    daemon.samverk("municipality", "add", "0583", "--name", "Motala", "--county", "05")
    ids = [daemon.samverk_json("organisation", "add", "--name", name, "--types", "employer",
                               "--municipality", "Motala")["id"]
           for name in ("Kilens Mekaniska AB", "Mekaniska i Kilen")]
    for name in ids:
        daemon.samverk("inquiry", "add", "--title", "CAD", "--municipality", "Motala",
                       "--employer", name)
    daemon.samverk("organisation", "merge", ids[1], status=2)
    daemon.samverk("organisation", "merge", ids[1], "--into", ids[1], status=1)
    said = daemon.samverk("organisation", "merge", ids[1], "--into", "Kilens Mekaniska AB")
    assert "Kilens Mekaniska AB" in said, said
    for name in (*ids, "Mekaniska i Kilen"):
        listed = daemon.samverk_json("inquiry", "list", "--employer", name)
        assert len(listed["records"]) == 2, (name, listed)
    added = daemon.samverk_json("inquiry", "add", "--title", "Svets", "--municipality", "Motala",
                                "--employer", "Mekaniska i Kilen")
    assert added["fields"]["employer"] == ids[0], added
    daemon.samverk("organisation", "unmerge", ids[1])
    assert len(daemon.samverk_json("inquiry", "list", "--employer", ids[1])["records"]) == 1
    said = daemon.samverk("organisation", "unmerge", ids[1])
    assert "det är redan så" in said, said


if __name__ == "__main__":
    run(globals())
