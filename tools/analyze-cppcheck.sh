#!/usr/bin/env bash
# cppcheck over everything that is installed. What is suppressed is in the code, with why.
# Ends in "N findings".
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
cppcheck --project=build/dev/compile_commands.json --suppress="*:tests/*" \
    --suppress="*:build/*" --enable=warning,performance,portability --inline-suppr \
    --library=posix --library=tools/cppcheck.cfg --quiet -j 2 2>&1 |
    awk '/: (error|warning|performance|portability): / { found++ }
         { print }
         END { print found + 0, "findings"; exit found > 0 }'
