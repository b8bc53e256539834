#!/usr/bin/env bash
# The units are well formed, and the daemon's sandbox is as tight as promised:
# systemd-analyze rates its exposure 1.5 or better.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
unit=$directory/samverkd.service
# The program need not be installed for the unit to be judged.
sed 's#@CMAKE_INSTALL_FULL_BINDIR@/samverkd#/bin/true#' systemd/samverkd.service.in >"$unit"

said=$(systemd-analyze verify --man=no "$unit" 2>&1) || { echo "$said"; exit 1; }
[ -z "$said" ] || { echo "$said"; exit 1; }
systemd-sysusers --dry-run "$PWD/systemd/samverkd.sysusers"
systemd-analyze security --offline=true --threshold=15 --no-pager "$unit" | tail -n 1
