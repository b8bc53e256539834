#include "arena_fixture.h"
#include "html_text.h"

#include <string.h>

static void text_of_html(void **state)
{
    (void)state;
    static const struct {
        const char *html, *text;
    } rows[] = {
        {"", ""},
        {"hej", "hej"},
        {"<p>Hej  p&aring;\n dig</p>", "Hej på dig"},
        {"<p>ett</p>\n<p>två</p>", "ett\n\ntvå"},
        {"<div>ett</div><div>två</div>", "ett\ntvå"},
        {"<div><div>ett</div></div><div>två</div>", "ett\ntvå"},
        {"ett<br>två<br><br>tre", "ett\ntvå\n\ntre"},
        {"kurs i <b>CAD</b>, <i>nu</i>.", "kurs i CAD, nu."},
        {"<h1>Hej</h1>text", "Hej\n\ntext"},
        {"Vi vill:<ul><li>ett</li><li>två</li></ul>mer", "Vi vill:\n\n- ett\n- två\n\nmer"},
        {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
        {"<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
        {"<html><head><title>x</title><style>p{}</style></head><body>hej"
         "<script>alert(1)</script><template>y</template></body></html>",
         "hej"},
        {"<p>a<style>p{}</style>b<script>alert(1)</script>c</p>", "abc"},
        {"<a href=\"https://example.se\">länken</a>", "länken"},
        {"<p>öppen <b>fet <p>ny", "öppen fet\n\nny"},
        {"a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"},
        {"<!-- remark -->hej", "hej"},
        {"<meta charset=\"iso-8859-1\">åäö", "åäö"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = html_text(rows[i].html, strlen(rows[i].html), arena);
        if (strcmp(text, rows[i].text) != 0)
            fail_msg("%s\nis\n%s\nnot\n%s", rows[i].html, text, rows[i].text);
    }
}

static void hostile_html(void **state)
{
    (void)state;
    enum { DEEP = 50000 };
    char *html = arena_alloc(arena, 6 * DEEP + 4);
    for (int i = 0; i < DEEP; i++)
        memcpy(html + 5 * i, "<div>", 5);
    strcpy(html + 5 * DEEP, "x");
    html_text(html, strlen(html), arena);
    memset(html, '<', 6 * DEEP);
    html_text(html, 6 * DEEP, arena);
    assert_non_null(strchr(html_text("<p>a\0b</p>", 10, arena), 'a'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(text_of_html),
        ARENA_TEST(hostile_html),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
