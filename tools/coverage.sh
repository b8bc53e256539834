#!/usr/bin/env bash
# How much of proto/, storage/ and daemon/ the tests run: at least 90 lines of 100.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset coverage >/dev/null
cmake --build --preset coverage
find build/coverage -name '*.gcda' -delete
# Whether they pass is asked elsewhere: counting makes some slower than they put up with.
ctest --preset coverage -L 'unit|scenario|system' || true
gcovr --root . --object-directory build/coverage --filter '(proto|storage|daemon)/.*' \
    --exclude '.*/gen_[a-z]*\.c' --gcov-ignore-parse-errors --sort-percentage --fail-under-line 90
