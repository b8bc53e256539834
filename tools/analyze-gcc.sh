#!/usr/bin/env bash
# gcc's own analysis (-fanalyzer) of everything that is installed; a finding is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset analyzer >/dev/null
cmake --build --preset analyzer --target samverkd samverk-cli samverk-paper samverk-mail -- -k 0
