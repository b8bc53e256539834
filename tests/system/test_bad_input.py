"""Wrong input changes nothing and is answered by name, with the field and what was expected."""

from harness import Watch, refused, run


def unchanged(boss, call, *arguments, **options):
    """The call is refused and the record's revision stays."""
    before = boss.request("status")["rev"]
    refusal = refused(*arguments[:1], call, *arguments[1:], **options)
    assert boss.request("status")["rev"] == before, "a refused write made a revision"
    return refusal


def test_values(daemon):
    boss = daemon.region()
    good = {"title": "Grundkurs i CAD", "municipality": "mun-1880"}

    def wrong(code, field, **fields):
        refusal = unchanged(boss, boss.put, code, "inquiry", {**good, **fields}, field=field)
        assert refusal.expected, f"{field}: what was expected is not said"

    wrong("invalid", "title", title=7)
    wrong("invalid", "title", title="x" * 201)
    wrong("invalid", "title", title="")
    wrong("invalid", "title", title="two\nlines")
    wrong("invalid", "participants", participants="many")
    wrong("invalid", "participants", participants=0)
    wrong("invalid", "participants", participants=100001)
    wrong("invalid", "period_from", period_from="2026-02-30")
    wrong("invalid", "urgency", urgency="very")
    wrong("invalid", "discreet", discreet="yes")
    wrong("invalid", "form", form="distance")
    wrong("invalid", "areas", areas=["mun-1880"])
    wrong("invalid", "municipality", municipality="Örebro")
    unchanged(boss, boss.put, "required", "inquiry", {"title": "No place"}, field="municipality")
    unchanged(boss, boss.put, "required", "inquiry", {"municipality": "mun-1880"}, field="title")
    unchanged(boss, boss.put, "unknown-field", "inquiry", {**good, "titles": "x"}, field="titles")
    unchanged(boss, boss.put, "read-only", "inquiry", {**good, "state": "closed"}, field="state")
    unchanged(boss, boss.put, "unknown-kind", "inquery", good)
    unchanged(boss, boss.request, "unknown-command", "destroy", {})
    unchanged(boss, boss.get, "not-found", "inq-999")
    unchanged(boss, boss.patch, "not-found", "inq-999", {"title": "x"})


def test_references(daemon):
    boss = daemon.region()
    unchanged(boss, boss.put, "reference", "inquiry",
              {"title": "Svets", "municipality": "mun-9999"}, field="municipality")
    unchanged(boss, boss.put, "reference", "inquiry",
              {"title": "Svets", "municipality": "mun-1880", "employer": "org-999"},
              field="employer")
    refusal = unchanged(boss, boss.delete, "referenced", "mun-1880")
    assert daemon.organisations["1880"] in refusal.detail["by"], refusal.detail
    unchanged(boss, boss.delete, "referenced", "cty-18")


def test_organisation_numbers(daemon):
    boss = daemon.region()

    def organisation(number, **fields):
        return {"name": f"Employer {number}", "types": ["employer"], "municipality": "mun-0583",
                "number": number, **fields}

    unchanged(boss, boss.put, "invalid", "organisation", organisation("5560160681"), field="number")
    unchanged(boss, boss.put, "invalid", "organisation", organisation("55601"), field="number")
    first = boss.put("organisation", organisation("556016-0680"))
    assert first["fields"]["number"] == "5560160680", first
    refusal = unchanged(boss, boss.put, "duplicate", "organisation",
                        organisation("5560160680", name="Quite another"))
    assert first["id"] in [one["id"] for one in refusal.detail["candidates"]], refusal.detail
    unit = boss.put("organisation", organisation("5560160680", name="A unit of the first",
                                                 parent=first["id"]))
    assert unit["fields"]["parent"] == first["id"]
    unchanged(boss, boss.put, "required", "organisation",
              {"name": "Nowhere", "types": ["employer"]}, field="municipality")


def test_moves(daemon):
    boss = daemon.region()
    inquiry = boss.put("inquiry", {"title": "Truckkort", "municipality": "mun-1880"})
    refusal = unchanged(boss, boss.move, "impossible-move", inquiry["id"], "close")
    assert "acknowledge" in refusal.detail["moves"], refusal.detail
    assert "close" not in refusal.detail["moves"], refusal.detail
    unchanged(boss, boss.move, ("impossible-move", "invalid"), inquiry["id"], "fly")
    unchanged(boss, boss.move, "required", inquiry["id"], "decline", field="reason")
    moved = boss.move(inquiry["id"], "decline", {"reason": "Already running elsewhere"})
    assert moved["fields"]["state"] == "declined"
    unchanged(boss, boss.move, "impossible-move", inquiry["id"], "acknowledge")


def test_all_or_nothing(daemon):
    boss = daemon.region()
    watch = Watch(boss, kinds=["inquiry"])
    refusal = unchanged(boss, boss.request, "reference", "batch", {"operations": [
        {"do": "put", "kind": "inquiry", "fields": {"title": "One", "municipality": "mun-1880"}},
        {"do": "put", "kind": "inquiry", "fields": {"title": "Two", "municipality": "mun-7777"}},
    ]})
    assert refusal.detail["operation"] == 2, refusal.detail
    result = boss.request("import", {"kind": "inquiry", "rows": [
        {"fields": {"title": "One", "municipality": "mun-1880"}},
        {"fields": {"title": "Two", "municipality": "mun-7777"}},
        {"fields": {"title": "Three", "municipality": "mun-1880", "participants": -1}},
    ]})
    assert [(one["row"], one["field"]) for one in result["errors"]] == \
        [(2, "municipality"), (3, "participants")], result
    assert boss.list("inquiry") == []
    made = boss.put("inquiry", {"title": "After", "municipality": "mun-1880"})
    watch.until(made["rev"])
    assert [id for _, id in watch.seen()] == [made["id"]], watch.operations
    dry = boss.put("inquiry", {"title": "Only to see", "municipality": "mun-1880"}, dry_run=True)
    assert len(boss.list("inquiry")) == 1, dry


run(globals())
