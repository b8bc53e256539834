#include "document_fixture.h"
#include "layout.h"

static layout_t layout;

static int begin(void **state)
{
    memset(&layout, 0, sizeof layout);
    return arena_begin(state);
}

static int end(void **state)
{
    layout_clear(&layout);
    return arena_end(state);
}

#define LAYOUT_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

/* So many sections of so many words each, `first` of them in the first, and a panel. */
static document_t document_of_words(size_t sections, size_t words, size_t first)
{
    const char *list = "";
    for (size_t i = 0; i < sections; i++)
        list = arena_format(arena, "%s%s{'heading':'Rubrik %zu','text':'%s'}", list, i ? "," : "",
                            i, repeated("ord och ", (i ? words : first) / 2));
    return document_of(arena_format(arena,
                                    "'sections':[%s],'facts':[{'label':'Pris','value':'0 SEK'}],"
                                    "'link':{'url':'https://example.se/','text':'Sidan'}",
                                    list));
}

static document_t document_long(size_t sections, size_t words)
{
    return document_of_words(sections, words, words);
}

static void make(const document_t *document, unsigned pages_max)
{
    layout_clear(&layout);
    layout_make(&layout, document, pages_max, arena);
}

/* Nothing lies outside of its margins or upon another line of its column. */
static void assert_well_placed(void)
{
    const placed_t *before = NULL;
    assert_true(layout.n_placed > 0);
    for (size_t i = 0; i < layout.n_placed; i++) {
        const placed_t *at = &layout.placed[i];
        double right = LAYOUT_PAGE_WIDTH - LAYOUT_MARGIN, width = at->height;
        if (at->line) {
            PangoRectangle logical;
            pango_layout_line_get_extents(at->line, NULL, &logical);
            width = (double)logical.width / PANGO_SCALE;
        }
        if (!at->side && at->page >= layout.columns_page && at->y >= layout.columns_y)
            right = LAYOUT_PANEL_X - 1;
        assert_true(at->x >= LAYOUT_MARGIN - 0.01);
        assert_true(at->x + width <= right + 0.5);
        assert_true(at->y >= LAYOUT_MARGIN - 0.01);
        assert_true(at->y + at->height <= LAYOUT_PAGE_HEIGHT - LAYOUT_FOOT);
        assert_true(at->page < layout.n_pages);
        if (before && before->side == at->side && before->page == at->page)
            assert_true(at->y >= before->y + before->height - 0.01);
        before = at;
    }
}

static void little_is_set_large(void **state)
{
    (void)state;
    document_t document = document_long(3, 40);
    make(&document, 1);
    assert_true(layout.font_found);
    assert_int_equal(layout.n_pages, 1);
    assert_int_equal(layout.n_over, 0);
    assert_true(layout.size == LAYOUT_SIZE_MOST);
    assert_well_placed();
    document = document_of("");
    make(&document, 1);
    assert_int_equal(layout.n_pages, 1);
    assert_well_placed();
}

static void more_is_set_smaller(void **state)
{
    (void)state;
    double size = LAYOUT_SIZE_MOST;
    bool between = false;
    for (size_t words = 200; words < 2000; words += 20) {
        document_t document = document_long(2, words / 2);
        make(&document, 1);
        if (layout.n_over)
            break;
        assert_int_equal(layout.n_pages, 1);
        assert_true(layout.size <= size && layout.size >= LAYOUT_SIZE_LEAST);
        size = layout.size;
        between = between || (size < LAYOUT_SIZE_MOST - 0.3 && size > LAYOUT_SIZE_LEAST + 0.3);
        assert_well_placed();
    }
    /* Too much in the end, and by little. */
    assert_true(between);
    assert_true(layout.n_over > 0 && layout.n_over < 12);
    assert_true(layout.size == LAYOUT_SIZE_LEAST);
    assert_int_equal(layout.n_pages, 2);
    assert_well_placed();
}

static void as_many_pages_as_allowed(void **state)
{
    (void)state;
    document_t document = document_long(12, 120);
    make(&document, 1);
    size_t over = layout.n_over;
    assert_true(over > 20);
    assert_true(layout.n_pages > 1);
    make(&document, layout.n_pages);
    assert_int_equal(layout.n_over, 0);
    assert_true(layout.n_pages > 1);
    assert_well_placed();
}

/* A heading stands with its text, and no line of a paragraph alone. */
static void nothing_is_left_alone(void **state)
{
    (void)state;
    for (size_t words = 10; words < 150; words += 4) {
        /* Of three lines each, or of more. */
        document_t document = document_of_words(30, words % 16 < 8 ? 36 : 70, words);
        make(&document, 9);
        assert_well_placed();
        for (size_t i = 0; i + 1 < layout.n_placed; i++) {
            const placed_t *at = &layout.placed[i], *next = at + 1;
            if (at->side || next->side || at->page == next->page)
                continue;
            assert_int_not_equal(at->style, STYLE_HEADING);
            if (next->begins)
                continue;
            assert_false(at->begins);
            assert_true(i + 2 < layout.n_placed && !next[1].begins);
        }
    }
}

/* Who stands behind it is named on the panel, or below the sections when the panel is full. */
static void parties_stand_where_there_is_room(void **state)
{
    (void)state;
    const char *facts = "";
    for (int i = 0; i < 18; i++)
        facts = arena_format(arena, "%s%s{'label':'Uppgift','value':'ja'}", facts, i ? "," : "");
    for (int full = 0; full <= 1; full++) {
        document_t document = document_of(arena_format(
            arena,
            "'facts':[%s],'parties':[{'heading':'Anordnare','text':'A\\nB\\nC\\nD\\nE\\nF'}],"
            "'link':{'url':'https://example.se/','text':'Sidan'}",
            full ? facts : "{'label':'Pris','value':'0 SEK'}"));
        bool beside = false;
        make(&document, 1);
        assert_int_equal(layout.n_over, 0);
        assert_well_placed();
        for (size_t i = 0; i < layout.n_placed; i++)
            beside = beside || (layout.placed[i].side && layout.placed[i].style == STYLE_HEADING);
        assert_int_equal(beside, !full);
    }
    /* Where nothing helps, the sections are not made longer. */
    const char *text = repeated("ord och ", 900);
    document_t alone =
        document_of(arena_format(arena, "'sections':[{'heading':'Mål','text':'%s'}]", text));
    make(&alone, 1);
    size_t over = layout.n_over;
    assert_true(over > 0);
    document_t document =
        document_of(arena_format(arena,
                                 "'sections':[{'heading':'Mål','text':'%s'}],"
                                 "'parties':[{'heading':'Anordnare','text':'A\\nB'}]",
                                 text));
    make(&document, 1);
    assert_int_equal(layout.n_over, over);
}

static void hostile_texts(void **state)
{
    (void)state;
    const char *word = repeated("x", 16000);
    document_t document =
        document_of(arena_format(arena,
                                 "'sections':[{'heading':'%s','text':'%s\\n- %s'}],"
                                 "'facts':[{'label':'%s','value':'%s'}]",
                                 word, word, word, word, word));
    make(&document, 50);
    assert_int_equal(layout.n_over, 0);
    assert_well_placed();
    /* A head that leaves no room for the rest. */
    document = document_of("");
    document.title = repeated("Å ", 550);
    document.facts = &(fact_t){"Pris", "0 SEK"};
    document.n_facts = 1;
    make(&document, 50);
    assert_well_placed();
    /* Never as markup, and with no hyphen that was not there. */
    document = document_of(
        "'sections':[{'heading':'Mål','text':'<span size=\\u0022999999\\u0022>&amp;</span>'}]");
    make(&document, 1);
    assert_int_equal(layout.n_placed, 4);
    PangoLayout *text = layout_text(&layout, STYLE_BODY, "<b>fet</b>");
    assert_string_equal(pango_layout_get_text(text), "<b>fet</b>");
    g_object_unref(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LAYOUT_TEST(little_is_set_large),
        LAYOUT_TEST(more_is_set_smaller),
        LAYOUT_TEST(as_many_pages_as_allowed),
        LAYOUT_TEST(nothing_is_left_alone),
        LAYOUT_TEST(parties_stand_where_there_is_room),
        LAYOUT_TEST(hostile_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
