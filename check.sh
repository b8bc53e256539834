#!/usr/bin/env bash
# Builds Samverk and runs every test there is. The last line says "N passed, N failed".
#
#   ./check.sh                  everything, also under the sanitizers
#   ./check.sh --quick          unit and scenario tests of the development build
#   ./check.sh --long [NAME...] what takes too long for every day: see tools/long.sh
set -uo pipefail
cd "$(dirname "$0")" || exit 1

size=${1:-}
case "$size" in
'' | --quick) ;;
--long) shift ;;
*)
    echo "usage: $0 [--quick | --long [NAME...]]" >&2
    exit 2
    ;;
esac

passed=0
failed=0
begun=$SECONDS
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

step() {
    printf '\n== %s (at %d s)\n' "$1" $((SECONDS - begun))
}

# One check, one to count: quiet when it holds, all it said when it does not.
check() {
    local name=$1
    shift
    if "$@" >"$log/check" 2>&1; then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
        tail -n 60 "$log/check"
        return 1
    fi
}

build() {
    local preset=$1
    configure_and_build() {
        cmake --preset "$preset" && cmake --build --preset "$preset"
    }
    check "builds without a warning: $preset" configure_and_build
}

# The tests of a preset with one of these labels; more arguments go to ctest.
run_tests() {
    local preset=$1 labels=$2 counts
    shift 2
    rm -f "build/$preset/Testing/Temporary/LastTest.log"
    ctest --preset "$preset" -L "$labels" "$@"
    local status=$?
    read -r -a counts < <(awk -f tools/count-tests.awk \
        "build/$preset/Testing/Temporary/LastTest.log" || echo 0 0)
    passed=$((passed + counts[0]))
    failed=$((failed + counts[1]))
    if [ $status -ne 0 ] && [ "${counts[1]}" -eq 0 ]; then
        failed=$((failed + 1))
    fi
}

finish() {
    printf '\nIn %d seconds.\n' $((SECONDS - begun))
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

tools/install-packages.sh || exit 1

if [ "$size" = --long ]; then
    step "Build"
    build dev || finish
    exec tools/long.sh "$@"
fi

if [ "$size" = --quick ]; then
    step "Build"
    build dev || finish
    step "Unit and scenario tests"
    run_tests dev 'unit|scenario'
    finish
fi

step "The tree"
check "format" tools/check-format.sh
check "who may include whom" tools/check-includes.sh
check "systemd units" tools/check-units.sh

step "Build, gcc"
if build dev; then
    step "All tests"
    run_tests dev 'unit|scenario|system|fault'
fi

step "Build, gcc with address and undefined-behaviour sanitizers"
if build asan; then
    step "All tests under the sanitizers"
    run_tests asan 'unit|scenario|system'
fi

step "Build, gcc with thread sanitizer"
if build tsan; then
    step "Tests under the thread sanitizer, but the two long ones"
    run_tests tsan 'unit|scenario|system' -E 'test_slow_watcher|test_kill'
fi

step "The demonstration"
check "demo.sh runs through" ./demo.sh

step "Build, clang"
if build fuzz; then
    step "Fuzzing, 20 seconds each"
    tools/fuzz.sh 20 | tee "$log/fuzz"
    # Without its last line it has not run through: that is one failure.
    read -r right wrong < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log/fuzz"
        echo 0 1)
    passed=$((passed + right))
    failed=$((failed + wrong))
fi

finish
