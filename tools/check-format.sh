#!/usr/bin/env bash
# Every C file is as clang-format would have it.
set -euo pipefail
cd "$(dirname "$0")/.."
find proto storage daemon client tests -name '*.[ch]' -print0 |
    xargs -0 -r clang-format --dry-run -Werror
