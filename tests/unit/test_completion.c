#include "admin.h"
#include "cli_fixture.h"
#include "completion.h"
#include "temporary_home.h"
#include "verb.h"
#include "verbs.h"

static int begin(void **state)
{
    return cli_begin(state) == 0 ? home_make(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

/* What is offered after `line`, whose last word is unfinished ("" after a space). */
static const char *offered(const char *line)
{
    const char *words[16];
    size_t n = 0, size;
    char *text = NULL, *rest = arena_text(cli.arena, line), *word;
    while ((word = strsep(&rest, " ")))
        words[n++] = word;
    FILE *file = open_memstream(&text, &size);
    completion_answer(words, n, cli.arena, file);
    fclose(file);
    const char *copy = arena_format(cli.arena, "\n%s", text);
    free(text);
    return copy;
}

static bool has(const char *text, const char *word, const char *meaning)
{
    return strstr(text, arena_format(cli.arena, "\n%s\t%s\n", word, meaning));
}

static void offers(const char *line, const char *word, const char *meaning)
{
    if (!has(offered(line), word, meaning))
        fail_msg("after \"%s\" no %s, %s, but:%s", line, word, meaning, offered(line));
}

static size_t n_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n - 1;
}

static const char *const languages[] = {"en", "sv"};

/* -- words ------------------------------------------------------------------------------------- */

static void first_the_kinds_and_commands(void **state)
{
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        size_t n = schema_n_kinds();
        for (size_t k = 0; k < schema_n_kinds(); k++)
            offers("", schema_kind_at(k)->name, label_of_kinds(schema_kind_at(k)));
        for (const verb_t *verb = verb_general; verb->name; verb++, n++)
            offers("", verb->name, _(verb->summary));
        assert_int_equal(n_lines(offered("")), n);
    }
    assert_string_equal(offered("inq"), "\ninquiry\tförfrågningar\n");
    assert_string_equal(offered("nothing"), "\n");
    assert_string_equal(offered("--jso"), "\n--json\tett JSON-dokument i stället för text\n");
    assert_int_equal(n_lines(offered("--")), n_lines(offered("-")));
    /* No word at all is none begun. */
    hear();
    completion_answer(NULL, 0, cli.arena, stdout);
    assert_string_equal(heard().out, offered("") + 1);
}

static void then_the_verbs_and_moves(void **state)
{
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        for (size_t k = 0; k < schema_n_kinds(); k++) {
            const kind_t *kind = schema_kind_at(k);
            const char *line = arena_format(cli.arena, "%s ", kind->name);
            size_t n = 0;
            for (const verb_t *verb; (verb = verb_of_kind_at(kind, n)); n++)
                offers(line, verb->name, _(verb->summary));
            for (size_t i = 0; i < kind->n_moves; i++) {
                bool again = false;
                for (size_t j = 0; j < i; j++)
                    again = again || strcmp(kind->moves[j].verb, kind->moves[i].verb) == 0;
                n += !again;
                offers(line, arguments_option_name(kind->moves[i].verb, cli.arena),
                       label_of_move(kind, &kind->moves[i]));
            }
            assert_int_equal(n_lines(offered(line)), n); /* each once */
        }
    }
    assert_string_equal(offered("inquiry start"), "\nstart-dialogue\tinled dialog\n");
    assert_string_equal(offered("inquiry show "), "\n"); /* an id: not known here */
}

static void options_of(const char *line, const kind_t *kind, const option_t *options,
                       fields_t which)
{
    const char *text = offered(line);
    size_t n = 0;
    for (const option_t *option = options; option->name; option++, n++)
        assert_true(has(text, arena_format(cli.arena, "--%s", option->name), _(option->label)));
    for (const option_t *option = arguments_global; option->name; option++, n++)
        assert_true(has(text, arena_format(cli.arena, "--%s", option->name), _(option->label)));
    for (size_t i = 0; kind && i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!arguments_field_ok(field, which))
            continue;
        n++;
        offers(line, arena_format(cli.arena, "--%s", arguments_option_name(field->name, cli.arena)),
               label_of_field(kind, field));
    }
    assert_int_equal(n_lines(text), n);
}

static void every_verb_has_its_options(void **state)
{
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        for (size_t k = 0; k < schema_n_kinds(); k++) {
            const kind_t *kind = schema_kind_at(k);
            const verb_t *own;
            for (size_t i = 0; (own = verb_of_kind_at(kind, i)); i++)
                options_of(arena_format(cli.arena, "%s %s --", kind->name, own->name), kind,
                           own->options, own->fields);
            for (const verb_t *verb = verb_general; verb->name; verb++)
                if (verb->takes_kind)
                    options_of(arena_format(cli.arena, "%s %s --", verb->name, kind->name), kind,
                               verb->options, verb->fields);
            for (size_t i = 0; i < kind->n_moves; i++)
                options_of(arena_format(cli.arena, "%s %s 12 --", kind->name,
                                        arguments_option_name(kind->moves[i].verb, cli.arena)),
                           kind, verb_of_moves.options, verb_of_moves.fields);
        }
        for (const verb_t *verb = verb_general; verb->name; verb++)
            if (!verb->takes_kind && verb->run)
                options_of(arena_format(cli.arena, "%s -", verb->name), NULL, verb->options,
                           FIELDS_NONE);
    }
}

static void commands_that_take_a_kind(void **state)
{
    (void)state;
    for (const verb_t *verb = verb_general; verb->name; verb++) {
        const char *line = arena_format(cli.arena, "%s inq", verb->name);
        assert_int_equal(!strstr(offered(line), "\ninquiry\t"), !strstr(verb->usage, "KIND"));
    }
    /* As many as there is room for. */
    assert_string_equal(offered("schema inquiry inq"), "\n");
    assert_string_equal(offered("import inquiry inq"), "\n");
    offers("watch inquiry task inq", "inquiry", "inquiries");
    offers("help ", "watch", "every change as it happens");
    offers("help inquiry acknow", "acknowledge", "acknowledge");
    assert_string_equal(offered("help watch inq"), "\n");
    assert_string_equal(offered("completion "), "\nbash\t\nzsh\t\nfish\t\n");
    assert_string_equal(offered("completion z"), "\nzsh\t\n");
}

static void every_row_of_admin(void **state)
{
    (void)state;
    for (const verb_t *verb = verb_of_admin; verb->name; verb++) {
        const char *noun = admin_noun(verb, cli.arena), *rest = admin_rest(verb);
        const char *first = arena_format(cli.arena, "\n%s\t", noun);
        const char *once = strstr(offered("admin "), first);
        assert_non_null(once);
        assert_null(strstr(once + 1, first));
        if (rest[0])
            offers(arena_format(cli.arena, "admin %s ", noun), rest, _(verb->summary));
        if (verb->run)
            options_of(arena_format(cli.arena, "admin %s --", verb->name), NULL, verb->options,
                       FIELDS_NONE);
    }
    /* From there on it is the kind's own verb. */
    assert_string_equal(offered("admin user list --na"), "\n--name\tname\n");
}

/* -- values ------------------------------------------------------------------------------------ */

static void every_word_of_every_field(void **state)
{
    (void)state;
    speak("sv");
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            const char *line = arena_format(cli.arena, "%s list --%s ", kind->name,
                                            arguments_option_name(field->name, cli.arena));
            size_t n = field->vocabulary ? field->vocabulary->n_words : 0;
            for (size_t w = 0; w < n; w++)
                offers(line, field->vocabulary->words[w].name,
                       label_of_word(kind, field, field->vocabulary->words[w].name));
            if (field->type == TYPE_BOOLEAN) {
                offers(line, "yes", "ja");
                offers(line, "no", "nej");
                n = 2;
            }
            assert_int_equal(n_lines(offered(line)), n);
        }
    }
}

static void what_options_take(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("inquiry");
    offers("invite --role ", "broker", "broker");
    offers("search svets --kind inq", "inquiry", "inquiries");
    assert_int_equal(n_lines(offered("invite --role ")), ROLES);
    assert_string_equal(offered("export inquiry --format "), "\ncsv\t\njson\t\n");
    assert_string_equal(offered("inquiry list --sort crea"),
                        "\ncreated\tcreated\ncreated_by\tcreated by\n");
    assert_string_equal(offered("inquiry list --sort -crea"),
                        "\n-created\tcreated\n-created_by\tcreated by\n");
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        bool readable = !(field->attributes & FIELD_INTERNAL);
        bool writable = readable && !(field->attributes & FIELD_DAEMON);
        const char *label = label_of_field(kind, field);
        assert_int_equal(has(offered("inquiry list --sort "), field->name, label), readable);
        assert_int_equal(has(offered("count inquiry --by "), field->name, label), readable);
        assert_int_equal(has(offered("inquiry edit inq-12 --clear "), field->name, label),
                         writable);
    }
    /* One that takes none does not wait for it; one that has it already neither. */
    offers("inquiry add --confirm --tit", "--title", "title");
    offers("inquiry list --sort=created --lim", "--limit", "at most so many (50)");
    /* What is an option's value is no kind or verb. */
    offers("--json inquiry li", "list", "the records there are, newest first");
    offers("--profile inquiry task li", "list", "the records there are, newest first");
}

static void profiles_that_there_are(void **state)
{
    (void)state;
    samverk_profile_t profile = {.name = "orebro", .endpoint = "tcp://127.0.0.1:7761"};
    samverk_key_pair(profile.public_key, profile.secret_key);
    memcpy(profile.server_key, profile.public_key, sizeof profile.server_key);
    assert_int_equal(samverk_profile_save(&profile), SAMVERK_PROFILE_OK);
    assert_string_equal(offered("--profile "), "\norebro\t\n");
    assert_string_equal(offered("inquiry list --profile ore"), "\norebro\t\n");
    assert_string_equal(offered("--profile mot"), "\n");
}

/* -- the shells -------------------------------------------------------------------------------- */

/* What a shell offers after `line`, a word a line. Its samverk is this test itself. */
static const char *in_shell(const char *shell, const char *line)
{
    static const char *const around[][2] = {
        {"bash", "bash --norc -c '. \"$0\"; read -ra COMP_WORDS <<<\"$1 \"; "
                 "[ \"${1%%[[:space:]]}\" = \"$1\" ] || COMP_WORDS+=(\"\"); "
                 "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _samverk 2>/dev/null; "
                 "printf \"%s\\n\" \"${COMPREPLY[@]}\"'"},
        {"zsh", "zsh -f -c 'compdef() { :; }; _files() { print files; }; "
                "_describe() { print -rl -- ${(P)2}; }; . \"$0\"; "
                "words=(\"${(@s: :)1}\"); CURRENT=$#words; _samverk'"},
        {"fish", "fish --no-config -c 'source $argv[1]; complete -C \"$argv[2]\"'"},
    };
    const char *command = NULL;
    for (size_t i = 0; i < 3; i++)
        if (strcmp(around[i][0], shell) == 0)
            command = around[i][1];
    const char *script = arena_format(cli.arena, "%s/script.%s", home, shell);
    const char *out = arena_format(cli.arena, "%s/out", home);
    arguments_t arguments = {.words = &shell, .n_words = 1};
    hear();
    bool good = completion_run(&cli, &arguments);
    heard_t said = heard();
    assert_true(good);
    FILE *file = fopen(script, "w");
    fputs(said.out, file);
    fclose(file);
    char self[4096];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self);
    assert_in_range(size, 1, sizeof self - 1);
    const char *program = arena_format(cli.arena, "%s/samverk", home);
    remove(program);
    assert_int_equal(symlink(arena_text_of(cli.arena, self, (size_t)size), program), 0);
    setenv("HOME", home, 1);
    const char *whole = arena_format(cli.arena, "PATH=%s:$PATH; export PATH; %s '%s' '%s' >%s 2>&1",
                                     home, command, script, line, out);
    int status = system(whole);
    file = fopen(out, "r");
    char *text = arena_alloc(cli.arena, 65536);
    text[0] = '\n';
    text[1 + fread(text + 1, 1, 65534, file)] = 0;
    fclose(file);
    if (status != 0)
        fail_msg("%s ends with %d: %s", shell, status, text);
    return text;
}

static const char *const shells[] = {"bash", "zsh", "fish"};

/* "inquiry" is what bash offers; zsh adds ":inquiries", fish a tab and the same. */
static void shell_offers(const char *text, size_t shell, const char *word, const char *meaning)
{
    const char *line = shell == 0   ? arena_format(cli.arena, "\n%s\n", word)
                       : shell == 1 ? arena_format(cli.arena, "\n%s:%s\n", word, meaning)
                                    : arena_format(cli.arena, "\n%s\t%s\n", word, meaning);
    if (!strstr(text, line))
        fail_msg("%s does not offer %s, but:%s", shells[shell], word, text);
}

static void every_kind_and_verb_in_every_shell(void **state)
{
    (void)state;
    for (size_t s = 0; s < 3; s++) {
        const char *text = in_shell(shells[s], "samverk ");
        for (size_t k = 0; k < schema_n_kinds(); k++)
            shell_offers(text, s, schema_kind_at(k)->name, label_of_kinds(schema_kind_at(k)));
        for (const verb_t *verb = verb_general; verb->name; verb++)
            shell_offers(text, s, verb->name, verb->summary);
        text = in_shell(shells[s], "samverk inquiry ");
        const kind_t *inquiry = schema_kind("inquiry");
        const verb_t *own;
        for (size_t i = 0; (own = verb_of_kind_at(inquiry, i)); i++)
            shell_offers(text, s, own->name, own->summary);
        for (size_t i = 0; i < inquiry->n_moves; i++)
            shell_offers(text, s, arguments_option_name(inquiry->moves[i].verb, cli.arena),
                         inquiry->moves[i].label);
        text = in_shell(shells[s], "samverk inquiry start-d");
        shell_offers(text, s, "start-dialogue", "start dialogue");
        assert_null(strstr(text, "acknowledge"));
        shell_offers(in_shell(shells[s], "samverk inquiry add --travel"), s, "--travel-limit-km",
                     "travel limit, km");
    }
}

static void files_where_nothing_is_known(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s/people.csv", home);
    fclose(fopen(path, "w"));
    assert_string_equal(in_shell("zsh", "samverk import organisation pe"), "\nfiles\n");
    assert_non_null(strstr(in_shell("bash", "samverk completion bash"), "bash"));
    assert_int_equal(chdir(home), 0);
    assert_non_null(strstr(in_shell("fish", "samverk import organisation pe"), "\npeople.csv"));
    assert_int_equal(chdir("/"), 0);
    hear();
    const char *shell = "bash";
    arguments_t arguments = {.words = &shell, .n_words = 1};
    completion_run(&cli, &arguments);
    assert_non_null(strstr(heard().out, "compopt -o default"));
}

static void no_other_shell(void **state)
{
    (void)state;
    const char *shell = "csh";
    arguments_t arguments = {.words = &shell, .n_words = 1};
    hear();
    assert_false(completion_run(&cli, &arguments));
    heard_t said = heard();
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_string_equal(said.out, "");
    assert_string_equal(said.err,
                        "samverk: Completion is there for bash, zsh and fish, not for csh.\n");
}

#define COMPLETION_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(int argc, char **argv)
{
    /* As the samverk of the shells. */
    if (argc > 1 && strcmp(argv[1], "complete") == 0) {
        void *none = NULL;
        cli_begin(&none);
        completion_answer((const char *const *)argv + 2, (size_t)argc - 2, cli.arena, stdout);
        return cli_end(&none);
    }
    const struct CMUnitTest tests[] = {
        COMPLETION_TEST(first_the_kinds_and_commands),
        COMPLETION_TEST(then_the_verbs_and_moves),
        COMPLETION_TEST(every_verb_has_its_options),
        COMPLETION_TEST(commands_that_take_a_kind),
        COMPLETION_TEST(every_row_of_admin),
        COMPLETION_TEST(every_word_of_every_field),
        COMPLETION_TEST(what_options_take),
        COMPLETION_TEST(profiles_that_there_are),
        COMPLETION_TEST(every_kind_and_verb_in_every_shell),
        COMPLETION_TEST(files_where_nothing_is_known),
        COMPLETION_TEST(no_other_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
