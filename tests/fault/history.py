"""A history of requests and answers, and the proof that one record explains it (P2, P4).

What was asked and answered is noted by the clients, with the time before it was sent and
the time after its answer came; `entries` is what the journal says happened. The checker
applies the requests, in the order of the journal, to a model of its own, and asks:

- is every entry one request's, every request's at most one entry, and no revision missing;
- does each entry hold what the model holds, and each answer say so;
- is a read what the model held at the revision that it was served at;
- do revisions follow real time: what had ended before this began comes before it;
- is a refusal right, at the revision that it was made at;
- are all answers to one request the same.
"""

import bisect

SHOWN = ("title", "municipality", "participants", "notes")


class Attempt:
    """Once sent. `answer` is None, ("ok", revision, result) or ("refused", revision, error)."""

    def __init__(self, began, ended=None, answer=None):
        self.began, self.ended, self.answer = began, ended, answer


class Write:
    """A request that changes the record. Each put and patch sets a title that no other
    has: by these its entry is known. A delete comes alone."""

    def __init__(self, operations, attempts=()):
        self.operations = operations
        self.attempts = list(attempts)

    def answered(self, how):
        return [attempt for attempt in self.attempts if attempt.answer and attempt.answer[0] == how]

    def began(self):
        return self.attempts[0].began

    def effects(self, state):
        """What it makes of the records in `state` (id -> fields or None): target -> fields,
        None where there is nothing any more. "$n" is what the n-th operation puts."""
        after = {}
        for number, operation in enumerate(self.operations, 1):
            target = operation.get("id", f"${number}")
            if operation["do"] == "put":
                after[target] = dict(operation["fields"])
            elif operation["do"] == "delete":
                after[target] = None
            else:
                fields = dict(after.get(target) or state(target) or {})
                fields.update(operation["fields"])
                after[target] = {name: value for name, value in fields.items()
                                 if value is not None}
        return after

    def __str__(self):
        return ", ".join(" ".join(filter(None, (
            operation["do"], operation.get("id"), operation.get("fields", {}).get("title"))))
            for operation in self.operations)


class Read:
    """An answered get (`at` a revision or now) of one id, or a list of all there is."""

    def __init__(self, began, ended, revision, records, id=None, at=None):
        self.began, self.ended, self.revision = began, ended, revision
        self.records = records  # views; none when the id was not found
        self.id, self.at = id, at

    def __str__(self):
        return f"read of {self.id or 'all'}{f' at {self.at}' if self.at else ''}"


def shown(view):
    return {name: view["fields"][name] for name in SHOWN if name in view["fields"]}


class Checker:
    """`first` is the revision that all of it began after; `entries` a list of (revision,
    {id: view, or None when gone}); `findings` what is wrong, none when all is well."""

    def __init__(self, first, entries, writes, reads):
        self.first, self.entries, self.writes, self.reads = first, entries, writes, reads
        self.versions = {}  # id -> [(revision, fields or None)]
        self.applied = {}   # write -> revision
        self.findings = []
        self.replay()
        self.check_answers()
        self.check_reads()
        self.check_time()

    def find(self, what):
        self.findings.append(what)

    # -- the model

    def version(self, id, revision):
        """Revision and fields of a record as of a revision; (0, None) before it was there."""
        versions = self.versions.get(id, [])
        which = bisect.bisect_right(versions, revision, key=lambda version: version[0])
        return versions[which - 1] if which else (0, None)

    def all_at(self, revision):
        there = {id: self.version(id, revision) for id in self.versions}
        return {id: version for id, version in there.items() if version[1] is not None}

    def replay(self):
        by_title = {operation["fields"]["title"]: write for write in self.writes
                    for operation in write.operations if operation["do"] != "delete"}
        revision = self.first
        for number, records in self.entries:
            if number != revision + 1:
                self.find(f"revision {number} follows {revision}")
            revision = number
            titles = [view["fields"].get("title") for view in records.values() if view]
            write = by_title.get(titles[0]) if titles else self.deletion(number, records)
            if write is None:
                self.find(f"revision {number} is nobody's: {records}")
            elif write in self.applied:
                self.find(f"double apply: {write}, at {self.applied[write]} and {number}")
            else:
                self.applied[write] = number
                self.apply(write, number, records)
                continue
            for id, view in records.items():  # whatever it was, it is there
                self.note(id, number, shown(view) if view else None)

    def deletion(self, revision, records):
        """Whose it is that a record has gone: who was told so, or may have done it."""
        possible = [write for write in self.writes if write not in self.applied and
                    [operation["do"] for operation in write.operations] == ["delete"] and
                    write.operations[0]["id"] in records]
        told = [write for write in possible if any(
            attempt.answer[1] == revision for attempt in write.answered("ok"))]
        unknown = [write for write in possible
                   if not write.answered("ok") and not write.answered("refused")]
        return (told + unknown + [None])[0]

    def note(self, id, revision, fields):
        self.versions.setdefault(id, []).append((revision, fields))

    def apply(self, write, revision, records):
        before = revision - 1
        for operation in write.operations:
            target = operation.get("id", "$")
            if target.startswith("$"):
                continue
            held, fields = self.version(target, before)
            if fields is None:
                self.find(f"{write}: applied at {revision} to what was not there")
            if operation.get("if_rev", held) != held:
                self.find(f"lost update: {write} at {revision} if {operation['if_rev']}, "
                          f"but the record was of {held}")
        left = dict(records)
        for target, fields in write.effects(lambda id: self.version(id, before)[1]).items():
            id = target
            if target.startswith("$"):
                id = next((id for id, view in left.items()
                           if view and view["fields"].get("title") == fields["title"]), target)
            view = left.pop(id, "nothing")
            if view == "nothing" or (view is None) != (fields is None) or (
                    view and (shown(view) != fields or view["rev"] != revision)):
                self.find(f"lost update: {write} at {revision} left {view}, not {fields}")
            self.note(id, revision, fields)
        if left:
            self.find(f"{write} at {revision} changed {left} too")

    # -- answers

    def check_answers(self):
        for write in self.writes:
            told = write.answered("ok")
            if told and any(attempt.answer != told[0].answer for attempt in told):
                self.find(f"answered in two ways: {write}: "
                          f"{[attempt.answer for attempt in told]}")
            if told and write.answered("refused"):
                self.find(f"done and refused: {write}: {write.answered('refused')[0].answer}")
            if told and self.applied.get(write) != told[0].answer[1]:
                self.find(f"acknowledged at {told[0].answer[1]}, but applied at "
                          f"{self.applied.get(write)}: {write}")
            if told:
                self.check_result(write, *told[0].answer[1:])
            if not told and write.answered("refused") and write in self.applied:
                self.find(f"refused, and applied at {self.applied[write]}: {write}")
            for attempt in write.answered("refused"):
                self.check_refusal(write, *attempt.answer[1:])

    def check_result(self, write, revision, result):
        """The views in the answer are those of the model at that revision."""
        for view in result.get("results", [result]):
            if "fields" in view and self.version(view["id"], revision) != (revision, shown(view)):
                self.find(f"answered {view} and made {self.version(view['id'], revision)}: {write}")

    def check_refusal(self, write, revision, error):
        operation = write.operations[error.get("detail", {}).get("operation", 1) - 1]
        held, fields = self.version(operation.get("id"), revision)
        right = (error["code"] == "not-found" and fields is None or
                 error["code"] == "conflict" and fields is not None and
                 operation.get("if_rev", held) != held)
        if not right:
            self.find(f"refused without reason at {revision}: {write}: {error}; "
                      f"the record was of {held}")

    def check_reads(self):
        for read in self.reads:
            there = self.all_at(read.at or read.revision)
            if read.id is not None:
                there = {id: version for id, version in there.items() if id == read.id}
            found = {view["id"]: (view["rev"], shown(view)) for view in read.records}
            if found != there:
                wrong = {id for id in found.keys() | there.keys()
                         if found.get(id) != there.get(id)}
                self.find(f"stale read: {read} served at {read.revision}: " + "; ".join(
                    f"{id} is {found.get(id)}, not {there.get(id)}" for id in sorted(wrong)[:3]))

    # -- time

    def check_time(self):
        """What had ended before this began has a lower revision than what this wrote, and
        none higher than what this read."""
        events = [(read.began, read.ended, read.revision, False, read) for read in self.reads]
        for write in self.writes:
            ends = [attempt.ended for attempt in write.answered("ok")]
            if write in self.applied:
                events.append((write.began(), min(ends, default=None), self.applied[write], True,
                               write))
            events += [(attempt.began, attempt.ended, attempt.answer[1], False, write)
                       for attempt in write.answered("refused")]
        ended = sorted((end, revision) for _, end, revision, _, _ in events if end is not None)
        times, highest = [], []
        for end, revision in ended:
            times.append(end)
            highest.append(max(revision, highest[-1] if highest else 0))
        for began, _, revision, wrote, what in events:
            before = bisect.bisect_left(times, began)
            floor = highest[before - 1] if before else self.first
            if revision < floor + wrote:
                self.find(f"{'order' if wrote else 'stale read'}: {what} "
                          f"{'got' if wrote else 'was served at'} revision {revision}, and "
                          f"{floor} had been answered before it began")
