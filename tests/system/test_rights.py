"""What someone may not write is refused; what they may not see is in no byte sent to them.

Each secret is a word of its own, put where only some may read it. Whoever may not
asks for it in every way that there is; then all bytes that they were ever sent are
searched for it.
"""

from harness import Refused, Watch, refused, run

LOCAL = "Hemskt lokalt"
BUDGET = 98765432
PERSON = "Agnes Exempel"
EMAIL = "agnes@example.se"
DISCREET_TITLE = "Diskret truckkort"
DISCREET_CASE = "DNR-4711-77"
EMPLOYER = "Diskreta Verkstaden"
WORDS = ("hemskt", "hemskt lokalt", "agnes", "diskret truckkort", "diskret truc", "motala truck")


def fill(daemon):
    """A record with something of every class; what there is to ask for."""
    boss = daemon.region()
    employer = boss.put("organisation", {"name": EMPLOYER, "types": ["employer"],
                                         "municipality": "mun-0583"})
    contact = boss.put("person", {"name": PERSON, "email": EMAIL, "organisation": employer["id"]})
    open_one = boss.put("inquiry", {
        "title": "Truckkort", "municipality": "mun-0583", "description": LOCAL,
        "budget_hint": BUDGET, "notes": LOCAL, "contact_person": contact["id"], "participants": 5})
    discreet = boss.put("inquiry", {
        "title": DISCREET_TITLE, "municipality": "mun-0583", "discreet": True, "participants": 7,
        "case_number": DISCREET_CASE, "description": LOCAL, "areas": ["are-071"]})
    boss.patch(open_one["id"], {"description": LOCAL + " igen", "participants": 6})
    boss.patch(discreet["id"], {"title": DISCREET_TITLE + " igen", "participants": 8})
    task = boss.put("task", {"what": LOCAL, "about": discreet["id"]})
    return boss, contact, open_one, discreet, task


def attempt(call, *arguments, **options):
    """Whatever comes; a refusal is an answer too."""
    try:
        return call(*arguments, **options)
    except Refused as refusal:
        return refusal


def ask_everything(reader, contact, open_one, discreet, task):
    """Every question that could bring out what is hidden."""
    revision = reader.request("status")["rev"]
    for id in (contact["id"], open_one["id"], discreet["id"], task["id"]):
        for arguments in ({}, {"purpose": "curiosity"}, {"at": 1}, {"at": revision - 1},
                          {"at": revision - 3}, {"at_time": 1}):
            attempt(reader.get, id, **arguments)
        attempt(reader.request, "history", {"id": id})
    guesses = {
        "inquiry": ({"description": LOCAL}, {"budget_hint": BUDGET}, {"title": DISCREET_TITLE},
                    {"title": DISCREET_TITLE + " igen"}, {"case_number": DISCREET_CASE},
                    {"municipality": "mun-0583"}, {"contact_person": contact["id"]}, {}),
        "person": ({"name": PERSON}, {"email": EMAIL}, {}),
        "task": ({"what": LOCAL}, {}),
    }
    found = {}
    for kind, wheres in guesses.items():
        for where in wheres:
            for purpose in ({}, {"purpose": "curiosity"}):
                result = attempt(reader.request, "list", {"kind": kind, "where": where, **purpose})
                if not isinstance(result, Refused):
                    found[kind, str(where)] = [one["id"] for one in result["records"]]
                attempt(reader.request, "export", {"kind": kind, "where": where, **purpose})
            attempt(reader.request, "count", {"kind": kind, "where": where})
    for where in guesses["inquiry"]:
        result = attempt(reader.request, "list", {"kind": "municipality", "without": {
            "kind": "inquiry", "field": "municipality", "where": where}})
        if not isinstance(result, Refused):
            found["without", str(where)] = [one["id"] for one in result["records"]]
    for field in ("budget_hint", "participants", "created"):
        result = attempt(reader.request, "count", {"kind": "inquiry", "of": field})
        if not isinstance(result, Refused):
            found["of", field] = result["of"]
    for text in WORDS:
        for purpose in ({}, {"purpose": "curiosity"}):
            result = attempt(reader.request, "search", {"text": text, **purpose})
            if not isinstance(result, Refused):
                found["search", text] = [one["id"] for one in result["records"]]
    for field in ("description", "budget_hint", "title", "case_number", "municipality", "notes"):
        attempt(reader.request, "list", {"kind": "inquiry", "sort": field})
        attempt(reader.request, "list", {"kind": "inquiry", "sort": "-" + field})
        attempt(reader.request, "count", {"kind": "inquiry", "by": field})
    for field in ("name", "email"):
        attempt(reader.request, "list", {"kind": "person", "sort": field})
        attempt(reader.request, "count", {"kind": "person", "by": field})
    return found


def hidden(reader, *secrets):
    for secret in secrets:
        assert secret.encode() not in reader.received, f"{secret} was sent"


def test_reading(daemon):
    boss, contact, open_one, discreet, task = fill(daemon)
    there = daemon.connect(daemon.user("broker", municipalities=["mun-0583"]))
    elsewhere = {"municipalities": ["mun-1880"]}
    for role, scope in (("viewer", elsewhere), ("broker", elsewhere), ("participant", elsewhere),
                        ("provider", elsewhere), ("evaluator", elsewhere), ("admin", {})):
        reader = daemon.connect(daemon.user(role, **scope))
        watch = None
        try:
            watch = Watch(reader, kinds=["inquiry", "person", "task"], since=0,
                          epoch=reader.epoch)
            watch.until(boss.request("status")["rev"])
        except Refused:
            assert role not in ("viewer", "broker"), role
        found = ask_everything(reader, contact, open_one, discreet, task)
        hidden(reader, LOCAL, PERSON, EMAIL, DISCREET_TITLE, DISCREET_CASE)
        # A guess at a hidden value finds nothing, also when it is right.
        for where in ({"title": DISCREET_TITLE + " igen"}, {"case_number": DISCREET_CASE}):
            assert discreet["id"] not in found.get(("inquiry", str(where)), []), (role, where)
            assert "mun-0583" in found.get(("without", str(where)), ["mun-0583"]), (role, where)
        assert "mun-0583" in found.get(("without", str({"budget_hint": BUDGET})), ["mun-0583"])
        assert found.get(("of", "budget_hint")) is None, (role, found)
        assert open_one["id"] not in found.get(("inquiry", str({"budget_hint": BUDGET})), [])
        assert discreet["id"] not in \
            found.get(("inquiry", str({"municipality": "mun-0583"})), []), role
        assert contact["id"] not in found.get(("person", str({"name": PERSON})), []), role
        for text, ids in ((text, ids) for (kind, text), ids in found.items() if kind == "search"):
            assert not {discreet["id"], contact["id"], task["id"]} & set(ids), (role, text, ids)
            assert open_one["id"] not in ids or text == "motala truck", (role, text)
        if role in ("viewer", "broker"):
            view = reader.get(discreet["id"])["fields"]
            assert view["participants"] == 8 and view["areas"] == ["are-071"], view
            assert "title" not in view and "municipality" not in view, view
            assert reader.get(open_one["id"])["fields"]["title"] == "Truckkort"
            sums = reader.request("count", {"kind": "inquiry", "by": "municipality"})["counts"]
            assert {"value": "mun-0583", "count": 1} in sums, sums
    # Whoever may, does see it: the secrets are where they should be.
    found = ask_everything(there, contact, open_one, discreet, task)
    assert found["search", "hemskt"] == [task["id"], discreet["id"], open_one["id"]], found
    assert found["search", "agnes"] == [contact["id"]], found
    assert found["of", "budget_hint"]["median"] == BUDGET, found
    assert "mun-0583" not in found["without", str({"case_number": DISCREET_CASE})], found
    for secret in (LOCAL, DISCREET_TITLE, DISCREET_CASE, PERSON):
        assert secret.encode() in there.received, f"{secret} is kept from its own broker"


def test_personal_data_needs_a_purpose(daemon):
    boss, contact, *_ = fill(daemon)
    there = daemon.connect(daemon.user("broker", municipalities=["mun-0583"]))
    assert "name" not in there.get(contact["id"])["fields"]
    hidden(there, PERSON, EMAIL)
    assert there.get(contact["id"], purpose="to ring back")["fields"]["name"] == PERSON
    watch = Watch(daemon.connect(there_user := daemon.user("broker",
                                                           municipalities=["mun-0583"])),
                  kinds=["person"])
    changed = boss.patch(contact["id"], {"name": PERSON + " igen", "expertise": ["svets"]})
    watch.until(changed["rev"])
    hidden(watch.connection, PERSON)
    assert there_user.id != there.user


def test_on_disk_only_sealed(daemon):
    fill(daemon)
    daemon.stop()
    for secret in (PERSON, EMAIL):
        import os
        for folder, _, files in os.walk(daemon.data):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    assert secret.encode() not in file.read(), f"{secret} lies in {name}"
    daemon.start()


def test_log_names_nobody(daemon):
    fill(daemon)
    daemon.stop()
    assert PERSON not in "".join(daemon.log) and EMAIL not in "".join(daemon.log)
    daemon.start()


def test_writing(daemon):
    boss, contact, open_one, discreet, task = fill(daemon)
    viewer = daemon.connect(daemon.user("viewer", municipalities=["mun-0583"]))
    broker = daemon.connect(daemon.user("broker", municipalities=["mun-1880"]))
    admin = daemon.connect(daemon.user("admin"))
    privacy = daemon.connect(daemon.user("privacy"))
    head = boss.request("status")["rev"]
    new = {"title": "Ny", "municipality": "mun-0583"}
    for reader in (viewer, broker, admin, privacy):
        never = ("not-allowed", "not-found")
        refused(never, reader.put, "inquiry", new)
        refused(never, reader.put, "inquiry", new, dry_run=True)
        refused(never, reader.patch, open_one["id"], {"title": "Mine now"})
        refused(never, reader.patch, discreet["id"], {"discreet": False})
        refused(never, reader.move, open_one["id"], "decline", {"reason": "no"})
        refused(never, reader.delete, open_one["id"])
        refused(never, reader.put, "county", {"name": "Nytt län"}, id="cty-99")
        refused(never, reader.request, "batch", {"operations": [
            {"do": "put", "kind": "inquiry", "fields": new}]})
        attempt_import = attempt(reader.request, "import",
                                 {"kind": "inquiry", "rows": [{"fields": new}]})
        assert isinstance(attempt_import, Refused) or attempt_import["errors"], attempt_import
    # Nobody makes users, grants or keys by hand, or grants more than the own.
    for reader in (viewer, broker, privacy):
        refused(("not-allowed", "not-found"), reader.put, "grant",
                {"user": reader.user, "role": "coordinator", "whole": True})
        refused("not-allowed", daemon.invite, reader, "coordinator")
    refused("not-allowed", daemon.invite, broker, "broker", municipalities=["mun-0583"])
    refused("not-allowed", daemon.invite, broker, "broker")
    assert boss.request("status")["rev"] == head, "a refused write made a revision"
    # In the own municipality it goes; leaving it is only `forward`'s.
    mine = broker.put("inquiry", {"title": "Min", "municipality": "mun-1880"})
    refused(("not-allowed", "invalid", "read-only"), broker.patch, mine["id"],
            {"municipality": "mun-0583"})
    forwarded = broker.move(mine["id"], "forward", {"municipality": "mun-0583"})
    assert forwarded["id"] == mine["id"]
    refused(("not-allowed", "not-found"), broker.patch, mine["id"], {"title": "Still mine"})
    assert broker.get(mine["id"])["fields"]["title"] == "Min", "the sender keeps reading"


def test_unique_check_says_nothing(daemon):
    """A field that one may not see is no oracle: a sole trader's number is personal."""
    boss = daemon.region()
    number = "8112189876"
    boss.put("organisation", {"name": "Enskild firma", "types": ["employer"], "number": number,
                              "municipality": "mun-0583"})
    broker = daemon.connect(daemon.user("broker", municipalities=["mun-1880"]))
    for organisation in broker.all("organisation", purpose="looking"):
        assert organisation["fields"].get("number") != number
    answer = attempt(broker.request, "list",
                     {"kind": "organisation", "where": {"number": number}})
    assert isinstance(answer, Refused) or answer["records"] == [], answer
    made = attempt(broker.put, "organisation", {
        "name": "Något annat", "types": ["employer"], "number": number,
        "municipality": "mun-1880"})
    if isinstance(made, Refused):
        assert number not in str(made.error) and "Enskild" not in str(made.error), made.error


run(globals())
