"""Twenty times kill -9 under load: see kills.py."""

from harness import Daemon, run
from kills import kill_often


def test_twenty_kills():
    with Daemon() as daemon:
        print("        " + kill_often(daemon, 20, (0.05, 0.3), checked_each=4))


run(globals())
