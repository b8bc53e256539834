#include "arena_fixture.h"
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int begin(void **state)
{
    setenv("TZ", "Europe/Stockholm", 1);
    tzset();
    message_start();
    return arena_begin(state);
}

#define MESSAGE_TEST(test) cmocka_unit_test_setup_teardown(test, begin, arena_end)

static message_status_t read_text(message_t *message, const char *mail)
{
    return message_read(message, mail, strlen(mail), arena);
}

static message_t message_of(const char *mail)
{
    message_t message;
    assert_int_equal(read_text(&message, mail), MESSAGE_READ);
    return message;
}

/* A mail with this body and what its header says of it. */
static const char *text_of(const char *header, const char *body)
{
    return message_of(arena_format(arena, "From: a@example.se\nSubject: x\n%s\n%s", header, body))
        .text;
}

static void a_plain_mail(void **state)
{
    (void)state;
    message_t message = message_of("From: Lärcentrum Kinda <kinda@example.se>\r\n"
                                   "To: b@example.se\r\n"
                                   "Subject: Kurs i svets\r\n"
                                   "Date: Fri, 20 Nov 2026 23:30:00 +0000\r\n"
                                   "Content-Type: text/plain; charset=utf-8\r\n"
                                   "\r\n"
                                   "Hej!  \r\n"
                                   "\r\n"
                                   "Vi är åtta.\r\n\r\n");
    assert_string_equal(message.subject, "Kurs i svets");
    assert_string_equal(message.name, "Lärcentrum Kinda");
    assert_string_equal(message.address, "kinda@example.se");
    assert_string_equal(message.day, "2026-11-21"); /* half past midnight here */
    assert_string_equal(message.text, "Hej!\n\nVi är åtta.");
    assert_int_equal(message.n_attachments, 0);
}

static void headers(void **state)
{
    (void)state;
    static const struct {
        const char *header, *subject, *name, *address;
    } rows[] = {
        {"From: =?iso-8859-1?Q?L=E4r?= <a@example.se>\nSubject: =?utf-8?B?w6XDpMO2?=", "åäö", "Lär",
         "a@example.se"},
        {"From: a@example.se\nSubject: =?utf-8?Q?l=C3=A5ng?=\n =?utf-8?Q?_rubrik?=", "lång rubrik",
         "", "a@example.se"},
        {"From: a@example.se\nSubject: R\xe4ksm\xf6rg\xe5s", "Räksmörgås", "", "a@example.se"},
        {"From: a@example.se\nSubject: SV: Re: VB:Fwd: kurs", "kurs", "", "a@example.se"},
        {"From: a@example.se\nSubject: Revision: kurs", "Revision: kurs", "", "a@example.se"},
        {"From: kursgruppen: Lär <a@example.se>;\nSubject: x", "x", "Lär", "a@example.se"},
        {"From: tom:;\nSender: b@example.se\nSubject: x", "x", "", "b@example.se"},
        {"Subject: utan", "utan", "", ""},
        {"From: a@example.se", "", "", "a@example.se"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        message_t message = message_of(arena_format(arena, "%s\n\nhej\n", rows[i].header));
        assert_string_equal(message.subject, rows[i].subject);
        assert_string_equal(message.name, rows[i].name);
        assert_string_equal(message.address, rows[i].address);
        assert_string_equal(message.day, "");
    }
}

static void charsets(void **state)
{
    (void)state;
    static const struct {
        const char *header, *body;
    } rows[] = {
        {"Content-Type: text/plain; charset=utf-8\n", "åäö"},
        {"Content-Type: text/plain; charset=iso-8859-1\n", "\xe5\xe4\xf6"},
        {"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: "
         "quoted-printable\n",
         "=E5=E4=\n=F6"},
        {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n",
         "w6XDpMO2"},
        {"Content-Type: text/plain; charset=x-none\n", "\xe5\xe4\xf6"},
        {"Content-Type: text/plain; charset=x-none\n", "åäö"},
        {"Content-Type: text/plain; charset=us-ascii\n", "åäö"},
        {"Content-Type: text/plain; charset=utf-8\n", "\xe5\xe4\xf6"},
        {"Content-Type: text/plain; charset=cp850\n", "\x86\x84\x94"},
        {"", "\xe5\xe4\xf6"},
        {"", "åäö"},
        {"", "a\xcc\x8a\x61\xcc\x88\x6f\xcc\x88"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_of(rows[i].header, rows[i].body), "åäö");
    /* Quotation marks that Latin-1 does not have, declared as it. */
    assert_string_equal(text_of("Content-Type: text/plain; charset=iso-8859-1\n", "\x93hej\x94"),
                        "“hej”");
}

static void flowed_lines(void **state)
{
    (void)state;
    static const char header[] = "Content-Type: text/plain; format=flowed\n";
    assert_string_equal(text_of(header, "En rad \nsom går vidare.\nNy.\n"),
                        "En rad som går vidare.\nNy.");
    assert_string_equal(text_of(header, "Hej\n-- \nLärcentrum\n"), "Hej\n--\nLärcentrum");
    assert_string_equal(text_of(header, "svar \n> citat\n"), "svar\n> citat");
    assert_string_equal(
        text_of("Content-Type: text/plain; format=flowed; delsp=yes\n", "sam \r\nman\r\n"),
        "samman");
    assert_string_equal(text_of("", "En rad \nfast.\n"), "En rad\nfast.");
}

/* What the daemon would refuse is not there, and lines stay lines. */
static void texts_are_clean(void **state)
{
    (void)state;
    message_t message = message_of("From: \"a\u202eb\" <a@example.se>\nSubject: x\033[2J\n\n"
                                   "a\007b\u202ec\u200b\u00a0d\te\r\nf\u2028g\n");
    assert_string_equal(message.name, "ab");
    assert_string_equal(message.subject, "x[2J");
    assert_string_equal(message.text, "abc d e\nf\ng");
    static const char nul[] = "From: a@example.se\nSubject: x\n\na\0b\n";
    assert_int_equal(message_read(&message, nul, sizeof nul - 1, arena), MESSAGE_READ);
    assert_string_equal(message.text, "ab");
}

static void parts(void **state)
{
    (void)state;
    static const char mixed[] = "Content-Type: multipart/mixed; boundary=m\n";
    static const char body[] =
        "--m\nContent-Type: multipart/alternative; boundary=a\n\n"
        "--a\nContent-Type: text/plain\n\n%s\n"
        "--a\nContent-Type: text/html\n\n<p>Hej <b>html</b></p>\n--a--\n"
        "--m\nContent-Type: application/pdf\n\nx\n"
        "--m\nContent-Type: text/plain\nContent-Disposition: attachment\n\n"
        "bilaga\n"
        "--m\nContent-Type: message/rfc822\n\nSubject: inre\n\ninre\n--m--\n";
    char *plain = arena_alloc(arena, sizeof body + 8);
    snprintf(plain, sizeof body + 8, body, "Hej");
    message_t message =
        message_of(arena_format(arena, "From: a@example.se\nSubject: x\n%s\n%s", mixed, plain));
    assert_string_equal(message.text, "Hej");
    assert_int_equal(message.n_attachments, 3);
    /* A plain text that is empty is none. */
    snprintf(plain, sizeof body + 8, body, "");
    assert_string_equal(text_of(mixed, plain), "Hej html");
    /* What is enclosed is not what the mail says. */
    assert_string_equal(text_of(mixed, "--m\nContent-Type: message/rfc822\n\nSubject: inre\n\n"
                                       "inre\n--m--\n"),
                        "");
    assert_string_equal(text_of("Content-Type: application/pkcs7-mime\n", "AAAA"), "");
    /* The end is missing. */
    assert_string_equal(text_of(mixed, "--m\nContent-Type: text/plain\n\nHej"), "Hej");
}

static void what_is_no_mail(void **state)
{
    (void)state;
    message_t message;
    static const char *const none[] = {"", "hej\n", "\n\nhej\n", "To: a@example.se\n\nhej\n"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(read_text(&message, none[i]), MESSAGE_NONE);
    assert_int_equal(read_text(&message, "From: a@example.se\n\n \n"), MESSAGE_EMPTY);
    assert_int_equal(read_text(&message, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."), MESSAGE_OUTLOOK);
    /* A mailbox file's line is not part of the mail. */
    assert_int_equal(read_text(&message, "From a@b Fri Nov 20 10:00:00 2026\nSubject: x\n\nhej\n"),
                     MESSAGE_READ);
    assert_string_equal(message.subject, "x");
    assert_string_equal(message.text, "hej");
}

/* However deep and many: it ends, and the mail is read as far as that goes. */
static void hostile_parts(void **state)
{
    (void)state;
    enum { DEEP = 5000, MANY = 5000 };
    char *mail = arena_alloc(arena, DEEP * 96), *at = mail;
    at += sprintf(at, "From: a@example.se\nSubject: x\n");
    for (int i = 0; i < DEEP; i++)
        at += sprintf(at, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    sprintf(at, "Content-Type: text/plain\n\nhej\n");
    assert_string_equal(message_of(mail).subject, "x");
    at = mail;
    at += sprintf(at, "From: a@example.se\nSubject: x\n"
                      "Content-Type: multipart/mixed; boundary=b\n\n");
    for (int i = 0; i < MANY; i++)
        at += sprintf(at, "--b\nContent-Type: image/png\n\nx\n");
    message_t message = message_of(mail);
    assert_int_equal(message.n_attachments, MANY);
    assert_string_equal(message.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MESSAGE_TEST(a_plain_mail),    MESSAGE_TEST(headers),         MESSAGE_TEST(charsets),
        MESSAGE_TEST(flowed_lines),    MESSAGE_TEST(texts_are_clean), MESSAGE_TEST(parts),
        MESSAGE_TEST(what_is_no_mail), MESSAGE_TEST(hostile_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
