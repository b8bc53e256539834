#!/usr/bin/env bash
# Every unit, scenario and system test under gcc's thread sanitizer, the long ones too, and
# histories of clients at once.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset tsan >/dev/null
cmake --build --preset tsan
ctest --preset tsan -j 1 -L 'unit|scenario|system'

# Eight clients that read and write at once: the system tests seldom have two threads at work.
SAMVERK_SANITIZE=thread SAMVERK_FAULT_HISTORIES=${SAMVERK_FAULT_HISTORIES:-50} \
    TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1 \
    SAMVERKD=$PWD/build/tsan/daemon/samverkd SAMVERK=$PWD/build/tsan/client/cli/samverk \
    /usr/bin/python3 -B tests/fault/test_histories.py
