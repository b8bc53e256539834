"""The one-pager on paper: from a real record to Markdown, HTML and PDF, read back by programs
that are not ours."""

import json
import os
import subprocess
from html.parser import HTMLParser

import harness

TITLE = "Grundkurs i CAD för Åmåls verkstäder"
HOSTILE = "<script>alert(1)</script> *fet* [x](javascript:y) <span size='999'>&amp;"


def offer_of_pool(daemon):
    """An offer for a pool of four employers: one is open, one named, two anonymous."""
    boss = daemon.region()
    daemon.samverk("join", daemon.invite(boss, "coordinator")[0].text, "--profile", "boss")
    provider = boss.put("organisation", {
        "name": "Högskolan, uppdragsutbildning", "types": ["university"],
        "web": "https://example.se", "email": "uppdrag@example.se"})["id"]
    course = boss.put("course", {
        "title": "CAD 1", "provider": provider, "unit": daemon.organisations["0583"],
        "web": "https://example.se/kurs?a=1&b=2", "credits": 75})["id"]
    pool = boss.put("pool", {"title": "CAD i tre kommuner", "municipality": "mun-0583",
                             "minimum": 4})["id"]
    for number, steps in enumerate((3, 2, 1, 1), 1):
        employer = boss.put("organisation", {
            "name": f"Verkstad {number} AB", "types": ["employer"],
            "municipality": "mun-0583"})["id"]
        inquiry = boss.put("inquiry", {"title": f"CAD {number}", "municipality": "mun-0583",
                                       "employer": employer, "participants": 3})["id"]
        boss.request("move", {"id": inquiry, "verb": "acknowledge"})
        opt_in = boss.put("opt_in", {"pool": pool, "inquiry": inquiry})["id"]
        for verb in ("accept", "name", "disclose")[:steps]:
            boss.request("move", {"id": opt_in, "verb": verb, "fields": {
                "participants": 3, "said_on": "2026-11-20", "said_how": "phone"}})
    return boss.put("offer", {
        "title": TITLE, "pool": pool, "provider": provider, "course": course,
        "unit": daemon.organisations["0583"], "goals": "Kunna rita.\n" + HOSTILE,
        "content": "- Ritteknik\n- Modeller", "arrangement": "Åtta träffar.",
        "price": 14800000, "price_model": "group", "vat": "excluded",
        "general_requirements": "Intyg\nSvenskt material", "minimum": 8, "maximum": 16,
        "period_from": "2027-02-08", "period_to": "2027-05-28",
        "valid_until": "2099-12-31", "procurement": "private_buyer"})["id"]


def on_paper(daemon, offer, *options, **more):
    daemon.samverk("offer", "print", offer, "--profile", "boss", *options, **more)


def read_back(path, program="pdftotext", *options):
    after = ["-"] if program == "pdftotext" else []
    return subprocess.run([program, *options, path, *after], check=True, capture_output=True,
                          text=True).stdout


class Page(HTMLParser):
    """The text of a page, and what it is made of."""

    def __init__(self, source):
        super().__init__()
        self.texts, self.tags, self.links = [], [], []
        self.feed(source)
        self.text = " ".join(self.texts)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data):
        self.texts.append(" ".join(data.split()))


def assert_said(text):
    flat = " ".join(text.split())
    for part in (TITLE, "Kursbeskrivning", "Kunna rita.", "Ritteknik", "Åtta träffar.", "Intyg",
                 "148 000 kr per grupp, exklusive moms", "8–16", "2027-02-08 – 2027-05-28",
                 "2099-12-31", "privat köpare", "Högskolan, uppdragsutbildning",
                 "Motala kommun, lärcentrum", "CAD i tre kommuner",
                 "Verkstad 1 AB och ytterligare 3 arbetsgivare"):
        assert part in flat, f"{part} is not in\n{text}"
    for number in (2, 3, 4):
        assert f"Verkstad {number}" not in flat, "an employer is named that did not say so"


def test_all_three(daemon):
    offer = offer_of_pool(daemon)
    swedish = {"LC_ALL": "sv_SE.UTF-8"}
    path = os.path.join(daemon.home, "offert")
    for ending in ("pdf", "html", "md"):
        on_paper(daemon, offer, "--output", f"{path}.{ending}", environment=swedish)
        assert f"{path}.{ending}" in daemon.said, daemon.said
    text = read_back(f"{path}.pdf")
    assert_said(text)
    assert HOSTILE in " ".join(text.split()), text
    assert "https://example.se/kurs?a=1&b=2" in read_back(f"{path}.pdf", "pdfinfo", "-url")
    about = read_back(f"{path}.pdf", "pdfinfo")
    assert "Pages:           1\n" in about and "(A4)" in about, about
    fonts = read_back(f"{path}.pdf", "pdffonts").splitlines()[2:]
    assert fonts and all("OpenSans" in line and " yes yes yes " in line for line in fonts), fonts
    with open(f"{path}.html", encoding="utf-8") as file:
        page = Page(file.read())
    assert_said(page.text)
    assert " ".join(HOSTILE.split()) in page.text and "script" not in page.tags
    assert page.links == ["https://example.se/kurs?a=1&b=2"] and "svg" in page.tags, page.links
    with open(f"{path}.md", encoding="utf-8") as file:
        markdown = file.read()
    assert_said(markdown)
    assert "\\<script\\>" in markdown and "<https://example.se/kurs?a=1&b=2>" in markdown


def test_language_and_document(daemon):
    """--language turns the words around the texts, --json shows what is set."""
    offer = offer_of_pool(daemon)
    english = daemon.samverk_json("offer", "print", offer, "--profile", "boss")
    swedish = daemon.samverk_json("offer", "print", offer, "--profile", "boss",
                                  "--language", "sv")
    assert (english["kind"], swedish["kind"]) == ("Course description", "Kursbeskrivning")
    assert english["sections"][0] == {"heading": "Goals", "text": "Kunna rita.\n" + HOSTILE,
                                      "checklist": False}, english
    assert swedish["sections"][0]["heading"] == "Mål", swedish
    prices = [fact["value"] for fact in (english["facts"][0], swedish["facts"][0])]
    assert prices == ["148000 SEK a group, VAT not included",
                      "148\u202f000 kr per grupp, exklusive moms"], prices


def test_never_overwritten_in_silence(daemon):
    offer = offer_of_pool(daemon)
    path = os.path.join(daemon.home, "one.md")
    with open(path, "w") as file:
        file.write("mine")
    on_paper(daemon, offer, "--output", path, status=2)
    assert "--yes" in daemon.said, daemon.said
    with open(path) as file:
        assert file.read() == "mine"
    on_paper(daemon, offer, "--output", path, "--yes")
    with open(path) as file:
        assert file.read().startswith("# " + TITLE)
    out = daemon.samverk("offer", "print", offer, "--profile", "boss", "--format", "md",
                         "--output", "-")
    with open(path) as file:
        assert out == file.read()


def test_what_does_not_fit(daemon):
    """It is said by how much; more pages are allowed by a word."""
    offer = offer_of_pool(daemon)
    path = os.path.join(daemon.home, "long.pdf")
    daemon.boss.request("patch", {"id": offer, "fields": {
        "content": "Ritteknik och modeller. " * 300}})
    on_paper(daemon, offer, "--output", path, status=1, environment={"LC_ALL": "sv_SE.UTF-8"})
    assert "rader för lång" in daemon.said and "2 sidor" in daemon.said, daemon.said
    assert not os.path.exists(path) and not os.path.exists(path + ".part")
    on_paper(daemon, offer, "--output", path, "--pages", "2")
    assert "Pages:           2\n" in read_back(path, "pdfinfo")


def test_from_canvas_without_course_and_price(daemon):
    """A first draft comes of the dialogue; what is the employer's own stays off it when the
    inquiry is discreet."""
    boss = daemon.region()
    daemon.samverk("join", daemon.invite(boss, "coordinator")[0].text, "--profile", "boss")
    employer = boss.put("organisation", {"name": "Hemliga Verkstaden AB", "types": ["employer"],
                                         "municipality": "mun-0583"})["id"]
    inquiry = boss.put("inquiry", {"title": "Svets", "municipality": "mun-0583",
                                   "employer": employer})["id"]
    boss.put("canvas", {"inquiry": inquiry, "background": "Vi behöver fler som kan svetsa."})
    offer = boss.put("offer", {
        "title": "Svets i höst", "inquiry": inquiry, "unit": daemon.organisations["0583"],
        "provider": daemon.organisations["0513"]})["id"]
    document = daemon.samverk_json("offer", "print", offer, "--profile", "boss")
    assert document["lead"] == "For Hemliga Verkstaden AB", document
    assert document["sections"] == [{
        "heading": "Background, need and goals", "text": "Vi behöver fler som kan svetsa.",
        "checklist": False}], document
    assert document["facts"][0] == {"label": "Price", "value": "not stated yet"}, document
    assert "link" not in document, document
    on_paper(daemon, offer, "--output", os.path.join(daemon.home, "x.pdf"))
    assert "canvas" in daemon.said, daemon.said
    boss.request("patch", {"id": inquiry, "fields": {"discreet": True}})
    assert "Hemliga" not in daemon.samverk("offer", "print", offer, "--profile", "boss", "--json")


def test_what_a_provider_prints(daemon):
    """The same offer, of what a provider sees: no employer and nothing of the dialogue."""
    boss = daemon.region()
    provider = boss.put("organisation", {"name": "Högskolan", "types": ["university"],
                                         "municipality": "mun-1880"})["id"]
    employer = boss.put("organisation", {"name": "Hemliga Verkstaden AB", "types": ["employer"],
                                         "municipality": "mun-0583"})["id"]
    inquiry = boss.put("inquiry", {"title": "Svets", "municipality": "mun-0583", "discreet": True,
                                   "employer": employer, "target_group": "Hemliga svetsare"})["id"]
    boss.put("canvas", {"inquiry": inquiry, "background": "Hemliga planer."})
    offer = boss.put("offer", {"title": "Svets i höst", "inquiry": inquiry, "provider": provider,
                               "unit": daemon.organisations["0583"], "request": "En kurs."})["id"]
    invitation, _ = daemon.invite(boss, "provider", organisations=[provider])
    daemon.samverk("join", invitation.text, "--profile", "provider")
    document = daemon.samverk_json("offer", "print", offer, "--profile", "provider")
    assert document["title"] == "Svets i höst" and document["sections"] == [], document
    assert "Hemliga" not in json.dumps(document, ensure_ascii=False), document


def test_without_the_helper(daemon):
    offer = offer_of_pool(daemon)
    lonely = os.path.join(daemon.home, "bin")
    os.mkdir(lonely)
    program = os.path.join(lonely, "samverk")
    os.link(harness.SAMVERK, program) if os.stat(harness.SAMVERK).st_dev == os.stat(
        lonely).st_dev else subprocess.run(["cp", harness.SAMVERK, program], check=True)
    kept, harness.SAMVERK = harness.SAMVERK, program
    try:
        on_paper(daemon, offer, "--output", os.path.join(daemon.home, "x.pdf"), status=1)
        assert "samverk-paper" in daemon.said, daemon.said
        on_paper(daemon, offer, "--json", status=0)
    finally:
        harness.SAMVERK = kept


def test_bad_usage(daemon):
    offer = offer_of_pool(daemon)
    for options in (("--format", "docx"), ("--language", "fi"), ("--pages", "0"),
                    ("--pages", "51"), ("--pages", "x"), ("--pages", "")):
        on_paper(daemon, offer, *options, status=2)
    daemon.samverk("offer", "print", "off-99", "--profile", "boss", status=6)
    daemon.samverk("offer", "print", "--profile", "boss", status=2)
    daemon.samverk("inquiry", "print", "inq-1", "--profile", "boss", status=2)
    assert not json.loads(daemon.samverk("offer", "print", offer, "--profile", "boss",
                                         "--json"))["sections"][0]["checklist"]


harness.run(globals())
