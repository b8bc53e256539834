#!/bin/sh
# The translation template, on standard output: what the tables say (by gen-strings,
# the first argument) and what the programs say. Without dates and line numbers, so
# that it changes only when a text does.
set -eu
export LC_ALL=C.UTF-8 LANGUAGE=en
strings=$1
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$strings" > "$folder/tables.pot"
find client -name '*.c' ! -name 'gen_strings.c' | sort |
    xgettext --files-from=- --from-code=UTF-8 --language=C --no-location --add-comments=Translators \
        --keyword --keyword=_ --keyword=N_ --keyword=ngettext:1,2 \
        --package-name=samverk --output="$folder/programs.pot"
sed -i -e '/^"POT-Creation-Date/d' -e 's/charset=CHARSET/charset=UTF-8/' "$folder/programs.pot"
msgcat --use-first --no-wrap "$folder/programs.pot" "$folder/tables.pot" |
    sed -e '1,/^$/{/^#/d;/^"\(Report-Msgid\|PO-Revision\|Last-Trans\|Language-Team\)/d}'
