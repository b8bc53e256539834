#!/usr/bin/env bash
# What takes long and is run by hand before a release: each fault test at its long size,
# the thread sanitizer, analysis, coverage, fuzzing. Two at a time, but for those that time
# what they do. Prints a table for tests/fault/RESULTS.md; what each said is in build/long.
#
#   tools/long.sh [NAME...]      these alone; without a name, all
#
# Sizes are taken from the environment: SAMVERK_FAULT_KILLS=100, SAMVERK_FUZZ_SECONDS=20.
# Wants build/dev; `check.sh --long` makes it first.
set -uo pipefail
cd "$(dirname "$0")/.."

declare -A commands=(
    [fuzz]="env SAMVERK_FUZZ_JOBS=1 tools/fuzz.sh ${SAMVERK_FUZZ_SECONDS:-300}"
    [tsan]=tools/thread-sanitizer.sh
    [coverage]=tools/coverage.sh
    [analyze-gcc]=tools/analyze-gcc.sh
    [analyze-clang]=tools/analyze-clang.sh
    [analyze-cppcheck]=tools/analyze-cppcheck.sh
)
alone=" flood backup "
names=(flood backup watch fuzz) # those that take longest begin first
for test in tests/fault/test_*.py; do
    name=${test#tests/fault/test_}
    name=${name%.py}
    commands[$name]="/usr/bin/python3 -B $test"
    [[ " ${names[*]} " == *" $name "* ]] || names+=("$name")
done
names+=(coverage tsan analyze-clang analyze-gcc analyze-cppcheck)
if [ $# -gt 0 ]; then
    names=("$@")
fi
for name in "${names[@]}"; do
    if [ -z "${commands[$name]:-}" ]; then
        echo "There is no $name; there are: ${!commands[*]}" >&2
        exit 2
    fi
done

export SAMVERK_FAULT_LONG=1 SAMVERK_SOURCE_DIR=$PWD SAMVERK_BINARY_DIR=$PWD/build/dev \
    SAMVERK_FAULT_PROGRAMS=$PWD/build/dev/tests/fault \
    SAMVERKD=$PWD/build/dev/daemon/samverkd SAMVERK=$PWD/build/dev/client/cli/samverk \
    SAMVERK_LOCALEDIR=$PWD/build/dev/po LOCPATH=$PWD/build/dev/tests/locale
logs=build/long
mkdir -p "$logs"

run_step() {
    local name=$1 begun=$SECONDS status
    rm -f "$logs/$name.status"
    # shellcheck disable=SC2086 # a command and its arguments
    timeout 80m ${commands[$name]} >"$logs/$name.log" 2>&1 </dev/null
    status=$?
    echo "$status $((SECONDS - begun))" >"$logs/$name.status"
    printf '%5d s  %-18s %s\n' "$SECONDS" "$name" \
        "$([ $status -eq 0 ] && echo ok || echo "FAILED, see $logs/$name.log")"
}

for name in "${names[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ] ||
        { [[ $alone == *" $name "* ]] && [ "$(jobs -rp | wc -l)" -gt 0 ]; }; do
        wait -n
    done
    printf '%5d s  %-18s begins\n' "$SECONDS" "$name"
    if [[ $alone == *" $name "* ]]; then
        run_step "$name"
    else
        run_step "$name" &
    fi
done
wait

passed=0
failed=0
printf '\n| what | it says | seconds | |\n|---|---|---|---|\n'
for name in "${names[@]}"; do
    read -r status seconds <"$logs/$name.status"
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        verdict=passed
    else
        failed=$((failed + 1))
        verdict="**failed**"
    fi
    printf '| %s | %s | %d | %s |\n' "$name" \
        "$(grep -E '[0-9] (passed|failed|findings|tests passed)|^TOTAL|^lines:' "$logs/$name.log" |
            tail -n 1)" "$seconds" "$verdict"
done
printf '\nIn %d seconds.\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
