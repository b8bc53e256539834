"""Mail into the record: what an e-mail says becomes an inquiry or a contact, and what is broken
or means ill changes nothing."""

import email.message
import os
import pty
import select
import subprocess
import time

import harness

MAIL = """From: =?iso-8859-1?Q?L=E4rcentrum_Kinda?= <kinda@example.se>
To: motala@example.se
Subject: SV: =?utf-8?Q?F=C3=B6rfr=C3=A5gan_om?= svets
Date: Fri, 20 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Hej!

Vi beh=F6ver svetsare.
--m
Content-Type: application/pdf
Content-Transfer-Encoding: base64

AAAA
--m--
"""


def joined(daemon):
    boss = daemon.region()
    daemon.samverk("join", daemon.invite(boss, "coordinator")[0].text, "--profile", "boss")
    return boss


def saved(daemon, mail, name="mail.eml"):
    path = os.path.join(daemon.home, name)
    with open(path, "wb") as file:
        file.write(mail if isinstance(mail, bytes) else mail.encode())
    return path


def add(daemon, kind, *options, **more):
    return daemon.samverk_json(kind, "add", "--profile", "boss", *options, **more)["fields"]


def test_an_inquiry(daemon):
    joined(daemon)
    path = saved(daemon, MAIL)
    fields = add(daemon, "inquiry", "--municipality", "0583", "--mail", path)
    assert fields["title"] == "Förfrågan om svets", fields
    assert fields["caller"] == "Lärcentrum Kinda <kinda@example.se>", fields
    assert fields["description"] == "Hej!\n\nVi behöver svetsare.", fields
    assert fields["channel"] == "mail", fields
    # What is said on the line goes before the mail; standard input is as good as a file.
    fields = add(daemon, "inquiry", "--municipality", "0583", "--mail", "-", "--title", "Svets",
                 "--participants", "8", input=MAIL)
    assert (fields["title"], fields["participants"]) == ("Svets", 8), fields
    daemon.samverk("inquiry", "add", "--municipality", "0583", "--mail", path, "--dry-run",
                   "--profile", "boss")
    assert "1 attachment" in daemon.said, daemon.said
    assert len(daemon.boss.list("inquiry")) == 2, "a dry run made one"


def test_a_contact(daemon):
    boss = joined(daemon)
    employer = boss.put("organisation", {"name": "Verkstaden AB", "types": ["employer"],
                                         "municipality": "mun-0583"})["id"]
    fields = add(daemon, "contact", "--organisation", employer, "--unit",
                 daemon.organisations["0583"], "--mail", saved(daemon, MAIL),
                 environment={"LC_ALL": "sv_SE.UTF-8", "TZ": "Europe/Stockholm"})
    assert fields["aim"] == "Förfrågan om svets" and fields["how"] == "mail", fields
    assert fields["day"] == "2026-11-20" and fields["state"] == "done", fields
    assert fields["summary"].startswith("Från Lärcentrum Kinda <kinda@example.se>\n\nHej!"), fields


def test_html_and_length(daemon):
    joined(daemon)
    mail = email.message.EmailMessage()
    mail["From"] = "kinda@example.se"
    mail["Subject"] = "ord " * 100
    mail.set_content("<p>Vi <b>vill</b></p><ul><li>ett</li></ul><script>x</script>"
                     + "<p>" + "å" * 9000 + "</p>", subtype="html")
    daemon.samverk("inquiry", "add", "--municipality", "0583", "--profile", "boss", "--mail",
                   saved(daemon, mail.as_bytes()))
    assert daemon.said.count("and cut") == 2, daemon.said
    fields = daemon.boss.list("inquiry")[0]["fields"]
    assert len(fields["title"]) <= 200 and fields["title"].endswith("ord…"), fields["title"]
    assert fields["description"].startswith("Vi vill\n\n- ett\n\nåå"), fields["description"][:40]
    assert len(fields["description"]) == 8000, len(fields["description"])


def test_broken_and_hostile(daemon):
    joined(daemon)
    for mail, reason in ((b"", "no e-mail"), (b"\x00\xff" * 500, "no e-mail"),
                         (b"hej", "no e-mail"), (b"From: a@example.se\n\n", "neither"),
                         (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 512, ".msg"),
                         (b"Subject: x\n\n" + b"x" * (33 << 20), "larger than 32 MiB")):
        daemon.samverk("inquiry", "add", "--municipality", "0583", "--profile", "boss", "--mail",
                       saved(daemon, mail), status=1)
        assert reason in daemon.said, (reason, daemon.said)
    daemon.samverk("inquiry", "add", "--municipality", "0583", "--profile", "boss", "--mail",
                   os.path.join(daemon.home, "none.eml"), status=1)
    daemon.samverk("inquiry", "add", "--municipality", "0583", "--profile", "boss", "--mail",
                   daemon.home, status=1)
    daemon.samverk("task", "add", "--profile", "boss", "--mail", saved(daemon, MAIL), status=2)
    assert daemon.boss.list("inquiry") == []
    # What would steer a terminal or a reader is left out; what remains is taken.
    fields = add(daemon, "inquiry", "--municipality", "0583", "--mail", saved(
        daemon, "From: a@example.se\nSubject: =?utf-8?Q?a=1B[2Jb=E2=80=AEc?=\n\nx\x07y\u202ez\n"))
    assert (fields["title"], fields["description"]) == ("a[2Jbc", "xyz"), fields
    deep = "From: a@example.se\nSubject: deep\n" + "".join(
        f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(5000))
    assert add(daemon, "inquiry", "--municipality", "0583", "--mail",
               saved(daemon, deep))["title"] == "deep"


def answered(daemon, answer, *arguments):
    """What samverk shows on a terminal where someone answers so."""
    master, slave = pty.openpty()
    process = subprocess.Popen([harness.SAMVERK, *arguments], env=daemon.environment, stdin=slave,
                               stdout=slave, stderr=slave, close_fds=True)
    os.close(slave)
    shown, end = b"", time.monotonic() + 30
    while time.monotonic() < end and select.select([master], [], [], 30)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        shown += part
        if b"[y/N]" in shown and answer:
            os.write(master, answer.encode())
            answer = ""
    process.wait(timeout=30)
    os.close(master)
    return shown.decode()


def test_asked_on_a_terminal(daemon):
    joined(daemon)
    path = saved(daemon, MAIL)
    line = ("inquiry", "add", "--municipality", "0583", "--mail", path, "--profile", "boss")
    shown = answered(daemon, "n\n", *line)
    assert "Förfrågan om svets" in shown and "Motala (0583)" in shown, shown
    assert "Nothing was changed" in shown and daemon.boss.list("inquiry") == [], shown
    shown = answered(daemon, "y\n", *line)
    assert "Added: inq-1" in shown and len(daemon.boss.list("inquiry")) == 1, shown


harness.run(globals())
