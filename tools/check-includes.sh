#!/usr/bin/env bash
# The arrows between the rooms: proto <- storage <- daemon, proto <- client.
# Prints each include that goes against them.
set -euo pipefail
cd "$(dirname "$0")/.."

found=0
complain() {
    echo "$1"
    found=1
}

# No room includes a header of a room that it may not use.
forbid() {
    local room=$1 other header name
    shift
    for other in "$@"; do
        while read -r header; do
            name=$(basename "$header")
            # A name that the room has too is its own.
            [ -z "$(find "$room" -name "$name" -print -quit)" ] || continue
            while read -r line; do
                complain "$line: $room may not use $other"
            done < <(grep -rnE "#include *[\"<]([^\">]*/)?$name[\">]" "$room" \
                --include='*.[ch]' || true)
        done < <(find "$other" -name '*.h')
        while read -r line; do
            complain "$line: $room may not use $other"
        done < <(grep -rnE "#include *\"[^\"]*\\b$other/" "$room" --include='*.[ch]' || true)
    done
}
forbid proto storage daemon client
forbid storage daemon client
forbid daemon client
forbid client storage daemon
forbid client/mail client/lib client/cli client/paper
forbid client/paper client/lib client/cli client/mail
forbid client/cli client/mail client/paper
forbid client/lib client/cli client/mail client/paper

# No room but one includes what these stand for.
only_in() {
    local header=$1 line
    shift
    while read -r line; do
        for allowed in "$@"; do
            case "$line" in "$allowed":* | "$allowed"/*) continue 2 ;; esac
        done
        complain "$line: $header belongs in $*"
    done < <(grep -rnE "#include *[<\"]$header[>\"]" proto storage daemon client tests \
        --include='*.[ch]' || true)
}
only_in 'lmdb\.h' storage/db.c storage/db.h tests
only_in 'c?zmq\.h' daemon client tests
only_in '(gmime|libxml)/.*' client/mail tests
only_in '(pango/.*|cairo.*)' client/paper tests
only_in 'libstemmer\.h' storage/words.c
only_in 'systemd/.*' daemon client/notify tests

exit $found
