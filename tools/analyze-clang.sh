#!/usr/bin/env bash
# clang-tidy over everything that is installed, with the checks of .clang-tidy. Ends in
# "N findings".
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
run-clang-tidy -quiet -j 2 -p build/dev "$PWD/(proto|storage|daemon|client)/.*\.c$" 2>/dev/null |
    sed 's/\x1b\[[0-9;]*m//g' |
    awk '/: (warning|error): / { found++ }
         /^\/.*: (warning|error|note): / { telling = 1 }
         /^clang-tidy/ { telling = 0 }
         telling { print }
         END { print found + 0, "findings"; exit found > 0 }'
