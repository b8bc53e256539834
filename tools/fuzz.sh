#!/usr/bin/env bash
# Each fuzz target for some seconds, beginning with what tests/fuzz/corpus holds; what it
# finds on the way is left in build/fuzz/corpus. SAMVERK_FUZZ_JOBS at a time (2).
#
#   tools/fuzz.sh SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz >/dev/null

fuzz() {
    local path=$1 name corpora
    name=$(basename "$path")
    mkdir -p "build/fuzz/corpus/$name"
    corpora=("build/fuzz/corpus/$name")
    [ ! -d "tests/fuzz/corpus/$name" ] || corpora+=("tests/fuzz/corpus/$name")
    if "$path" -max_total_time="$seconds" -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$name-" "${corpora[@]}" >"build/fuzz/$name.log" 2>&1; then
        echo "ok      $name: $(sed -n 's/^stat::number_of_executed_units: *//p' \
            "build/fuzz/$name.log") executions"
    else
        echo "FAILED  $name"
        tail -n 40 "build/fuzz/$name.log"
        return 1
    fi
}

passed=0
failed=0
running=0
count_one() {
    if wait -n; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
    running=$((running - 1))
}
for path in build/fuzz/tests/fuzz/fuzz_*; do
    [ -x "$path" ] && [ -f "$path" ] || continue
    [ $# -eq 0 ] || [[ " $* " == *" $(basename "$path") "* ]] || continue
    [ "$running" -lt "${SAMVERK_FUZZ_JOBS:-2}" ] || count_one
    fuzz "$path" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    count_one
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
