#!/bin/bash
# Everything that people read has a Swedish translation, and the template is what the
# tables and programs say now.
set -u
source_dir=${SAMVERK_SOURCE_DIR:?} binary_dir=${SAMVERK_BINARY_DIR:?}
folder=$(mktemp -d "${TMPDIR:-/tmp}/samverk-XXXXXX")
trap 'rm -rf "$folder"' EXIT
export LC_ALL=C.UTF-8
unset LANGUAGE
passed=0 failed=0

verdict() { # name, status
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok      $1"
    else
        failed=$((failed + 1))
        echo "FAILED  $1"
    fi
}

"$source_dir/po/template.sh" "$binary_dir/client/cli/gen-strings" > "$folder/samverk.pot" &&
    diff -u "$source_dir/po/samverk.pot" "$folder/samverk.pot"
verdict "the template is fresh (ninja template makes it)" $?

for catalogue in "$source_dir"/po/*.po; do
    language=$(basename "$catalogue" .po)
    msgfmt --check-format --check-domain -o /dev/null "$catalogue"
    verdict "$language is well formed" $?
    # Merged with the fresh template, nothing may be missing, vague or left over.
    msgmerge --quiet --no-fuzzy-matching -o "$folder/merged.po" "$catalogue" "$folder/samverk.pot"
    said=$(msgfmt --statistics -o /dev/null "$folder/merged.po" 2>&1)
    [[ $said =~ ^[0-9]+\ translated\ messages?\.$ ]] || { echo "$said"; false; }
    verdict "$language is complete" $?
    ! grep -q '^#~' "$folder/merged.po"
    verdict "$language has nothing that is no longer said" $?
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
