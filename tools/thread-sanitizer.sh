#!/usr/bin/env bash
# Every unit, scenario and system test under gcc's thread sanitizer, the long ones too.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset tsan >/dev/null
cmake --build --preset tsan
ctest --preset tsan -j 1 -L 'unit|scenario|system'
