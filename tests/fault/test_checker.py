"""The checker of histories finds what is wrong in histories made wrong by hand, and
nothing in a good one."""

from faults import Tally

from history import Attempt, Checker, Read, Write


def view(id, revision, title, **fields):
    return {"id": id, "rev": revision, "fields": {"title": title, "municipality": "m", **fields}}


def put(title, began, ended, revision, id="inq-1"):
    return Write([{"do": "put", "fields": {"title": title, "municipality": "m"}}],
                 [Attempt(began, ended, ("ok", revision, view(id, revision, title)))])


def patch(title, began, ended=None, answer=None, id="inq-1", **more):
    return Write([{"do": "patch", "id": id, "fields": {"title": title}, **more}],
                 [Attempt(began, ended, answer)])


def ok(revision, title):
    return ("ok", revision, view("inq-1", revision, title))


class Story:
    """A put of a record at revision 11, answered, and read; each case adds to it."""

    def __init__(self):
        self.entries = [(11, {"inq-1": view("inq-1", 11, "a")})]
        self.writes = [put("a", 0, 1, 11)]
        self.reads = [Read(2, 3, 11, [view("inq-1", 11, "a")])]

    def entry(self, title, revision=None, **fields):
        revision = revision or self.entries[-1][0] + 1
        self.entries.append((revision, {"inq-1": view("inq-1", revision, title, **fields)}))
        return self

    def write(self, write):
        self.writes.append(write)
        return self

    def read(self, began, ended, revision, *records, **options):
        self.reads.append(Read(began, ended, revision, list(records), **options))
        return self

    def findings(self):
        return Checker(10, self.entries, self.writes, self.reads).findings


def good():
    story = Story().write(patch("b", 4, 6, ok(12, "b"), if_rev=11)).entry("b")
    story.read(4, 5, 11, view("inq-1", 11, "a"))
    story.read(5, 7, 12, view("inq-1", 12, "b"))
    story.read(8, 9, 12, view("inq-1", 11, "a"), id="inq-1", at=11)
    story.write(patch("c", 8, 9, ("refused", 12, {"code": "conflict"}), if_rev=11))
    story.write(patch("d", 8))  # never answered, and done
    story.entry("d")
    story.write(patch("e", 8))  # never answered, and not done
    both = patch("f", 10, 12, ok(14, "f"))  # sent twice, answered twice
    both.attempts.append(Attempt(11, 13, ok(14, "f")))
    story.write(both).entry("f")
    gone = Write([{"do": "delete", "id": "inq-1"}], [Attempt(14, 15, ("ok", 15, {"id": "inq-1"}))])
    story.write(gone).entries.append((15, {"inq-1": None}))
    story.read(16, 17, 15).read(16, 17, 15, id="inq-1")
    story.write(patch("g", 16, 17, ("refused", 15, {"code": "not-found"})))
    return story


BAD = {
    # Both were told that they changed revision 11.
    "lost update": lambda: Story().write(patch("b", 4, 5, ok(12, "b"), if_rev=11)).entry("b")
    .write(patch("c", 4, 5, ok(13, "c"), if_rev=11)).entry("c"),
    # What another field was set to is away.
    "lost update: patch": lambda: Story().write(Write(
        [{"do": "patch", "id": "inq-1", "fields": {"title": "b", "participants": 5}}],
        [Attempt(4, 5)])).entry("b", participants=5).write(patch("c", 6, 7, ok(13, "c"))).entry("c"),
    "acknowledged at 12, but applied at None":
        lambda: Story().write(patch("b", 4, 5, ok(12, "b"))),
    # Served at a revision below what had been answered, and one that shows another state.
    "stale read: read of all was served at":
        lambda: Story().write(patch("b", 4, 5, ok(12, "b"))).entry("b")
        .read(6, 7, 11, view("inq-1", 11, "a")),
    "stale read: read of all served at 12":
        lambda: Story().write(patch("b", 4, 5, ok(12, "b"))).entry("b")
        .read(6, 7, 12, view("inq-1", 11, "a")),
    "stale read: read of inq-1 at 11": lambda: Story().write(patch("b", 4, 5, ok(12, "b")))
    .entry("b").read(6, 7, 12, view("inq-1", 12, "b"), id="inq-1", at=11),
    # A reader went back in time.
    "stale read: read of inq-1 was served at":
        lambda: Story().write(patch("b", 4)).entry("b")
        .read(5, 6, 12, view("inq-1", 12, "b"), id="inq-1")
        .read(7, 8, 11, view("inq-1", 11, "a"), id="inq-1"),
    "double apply": lambda: Story().write(patch("b", 4)).entry("b")
    .write(patch("c", 5, 6, ok(13, "c"))).entry("c").entry("b"),
    "order": lambda: Story().write(patch("b", 4, 5, ok(13, "b"))).write(patch("c", 6, 7, ok(12, "c")))
    .entry("c").entry("b"),
    "revision 13 follows 11":
        lambda: Story().write(patch("b", 4, 5, ok(13, "b"))).entry("b", revision=13),
    "revision 12 is nobody's": lambda: Story().entry("x"),
    "refused, and applied at 12": lambda: Story().write(
        patch("b", 4, 5, ("refused", 11, {"code": "conflict"}), if_rev=9)).entry("b"),
    "refused without reason": lambda: Story().write(
        patch("b", 4, 5, ("refused", 11, {"code": "conflict"}), if_rev=11)),
    "answered in two ways": lambda: Story().entry("b").write(Write(
        [{"do": "patch", "id": "inq-1", "fields": {"title": "b"}}],
        [Attempt(4, 5, ok(12, "b")), Attempt(6, 7, ok(12, "a"))])),
    "done and refused": lambda: Story().entry("b").write(Write(
        [{"do": "patch", "id": "inq-1", "fields": {"title": "b"}, "if_rev": 11}],
        [Attempt(4, 5, ok(12, "b")), Attempt(6, 7, ("refused", 12, {"code": "conflict"}))])),
}


if __name__ == "__main__":
    tally = Tally()
    found = good().findings()
    tally.add("a good history", int(not found), int(bool(found)), "\n".join(found))
    for what, story in BAD.items():
        found = story().findings()
        right = any(finding.startswith(what) for finding in found)
        tally.add(what, int(right), int(not right), "\n".join(found) or "nothing is found")
    tally.finish()
