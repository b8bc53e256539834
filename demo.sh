#!/usr/bin/env bash
# Installs what is missing, builds, and shows the main job on the LC-KOMP region:
# an inquiry filed in Örebro is at once with the brokers in Motala.
#
#   ./demo.sh           runs through, leaves nothing behind
#   ./demo.sh --serve   leaves the daemon up and says how to go on
set -euo pipefail
cd "$(dirname "$0")"

case "${1:-}" in
'') serve= ;;
--serve) serve=yes ;;
*)
    echo "usage: $0 [--serve]" >&2
    exit 2
    ;;
esac

[ "$(locale charmap 2>/dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
else
    bold='' dim='' plain=''
fi

number=0
say() {
    number=$((number + 1))
    printf '\n%s%d. %s%s\n' "$bold" "$number" "$1" "$plain"
}
note() {
    printf '   %s\n' "$1"
}
indented() {
    sed 's/^/   /'
}
show() {
    printf '   %s$' "$dim"
    local word
    for word in "$@"; do
        case "$word" in
        *[![:alnum:]_./:=,@+-]* | '') printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '%s\n' "$plain"
}
# Show a command, run it, and show what it says.
run() {
    show "$@"
    "$@" 2>&1 | indented
}

printf '%sSamverk: the shared record of learning centres, on the LC-KOMP region.%s\n' "$bold" "$plain"

say "What it needs is installed and built."
tools/install-packages.sh
begun=$SECONDS
built=build/release
log=$(mktemp)
if ! { cmake --preset release -DBUILD_TESTING=OFF && cmake --build --preset release; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
note "Built in $((SECONDS - begun)) s: samverkd, the daemon, and samverk, the command line."
export PATH="$PWD/$built/daemon:$PWD/$built/client/cli:$PATH"
export SAMVERK_LOCALEDIR="$PWD/$built/po"

# Everything of the demonstration lies in one directory.
home=$(mktemp -d "${TMPDIR:-/tmp}/samverk-demo.XXXXXX")
export XDG_CONFIG_HOME=$home/config XDG_STATE_HOME=$home/state PAGER=cat
daemon='' watcher=''
stop() {
    local process=$1
    [ -z "$process" ] || ! kill "$process" 2>/dev/null || wait "$process" 2>/dev/null || true
}
clean_up() {
    local status=$?
    stop "$watcher"
    if [ $status -ne 0 ] && [ -s "$home/log" ]; then
        echo "The daemon said:" >&2
        tail -n 20 "$home/log" >&2
    fi
    if [ -z "$serve" ] || [ $status -ne 0 ]; then
        stop "$daemon"
        rm -rf "$home"
    fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

port=7761
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((port + 1))
done

say "An operator makes the region's record. The last line is the first invitation."
init=(samverkd init --data "$home/data" --region 'Östra Mellansverige'
    --listen "tcp://127.0.0.1:$port")
show "${init[@]}"
"${init[@]}" >"$home/init" 2>&1 || { cat "$home/init"; exit 1; }
invitation=$(tail -n 1 "$home/init")
note "${invitation:0:60}..."

say "The daemon starts."
show samverkd run --data "$home/data"
if [ -n "$serve" ]; then
    setsid samverkd run --data "$home/data" >"$home/log" 2>&1 </dev/null &
else
    samverkd run --data "$home/data" >"$home/log" 2>&1 &
fi
daemon=$!
for _ in $(seq 100); do
    [ -s "$home/log" ] && break
    sleep 0.05
done
head -n 1 "$home/log" | indented

say "The coordinator joins: the invitation's one-time key is exchanged for an own key."
show samverk join "${invitation:0:30}..." --profile coordinator
samverk join "$invitation" --profile coordinator 2>&1 | indented
coordinator=(samverk --profile coordinator)

say "The region's 5 counties, 22 municipalities and the competence areas are read in."
municipalities=$(awk -F, 'NR > 1 { print $NF }' data/lc-komp-organisations.csv)
pick() { # rows of a file whose first column is one of the codes
    awk -F, -v codes="$2" 'BEGIN { n = split(codes, all, " "); for (i = 1; i <= n; i++) want[all[i]] }
        NR == 1 || $1 in want' "$1"
}
pick data/counties.csv '03 04 05 18 19' >"$home/counties.csv"
pick data/municipalities.csv "$(echo $municipalities)" >"$home/municipalities.csv"
run "${coordinator[@]}" import county "$home/counties.csv"
run "${coordinator[@]}" import municipality "$home/municipalities.csv"
run "${coordinator[@]}" import area data/competence-areas.csv
run "${coordinator[@]}" import area data/everyday-areas.csv

say "So are the 17 organisations and 5 regional bodies, with the municipalities they serve."
run "${coordinator[@]}" import organisation data/lc-komp-organisations.csv
run "${coordinator[@]}" organisation list --types regional_body
run "${coordinator[@]}" status

say "The coordinator invites two brokers, each for the own municipality."
invite() {
    show "${coordinator[@]}" invite --role broker --scope "$1" --name "$2"
    "${coordinator[@]}" invite --role broker --scope "$1" --name "$2" \
        >"$home/invitation" 2>"$home/said"
    invitation=$(grep -m 1 -o 'samverk:[A-Za-z0-9_-]*' "$home/invitation")
    note "${invitation:0:60}..."
    indented <"$home/said"
    show samverk join "${invitation:0:30}..." --profile "$3"
    samverk join "$invitation" --profile "$3" 2>&1 | indented
    rm "$home/invitation"
}
invite 1880 'broker, Örebro' orebro
invite 0583 'broker, Motala' motala

say "Both have had a call from an employer. Each of the two is too small to buy a course for."
orebro=(samverk --profile orebro)
motala=(samverk --profile motala)
json_id() {
    grep -m 1 -oE '"id": *"[a-z]+-[0-9]+"' | grep -oE '[a-z]+-[0-9]+'
}
# Runs an `add` and keeps the id of what it made.
add() {
    local name=$1
    shift
    show "$@"
    printf -v "$name" '%s' "$("$@" --json 2>"$home/said" | json_id)"
    [ -n "${!name}" ] || { cat "$home/said"; exit 1; }
    note "${!name}"
}
run "${motala[@]}" organisation add --name 'Lagret AB' --types employer --municipality Motala
add theirs "${motala[@]}" inquiry add --title 'Truckkort' --municipality Motala \
    --employer 'Lagret AB' --areas 1041-lift-truck --participants 7 --travel-limit-km 100
run "${motala[@]}" inquiry acknowledge "$theirs"
run "${orebro[@]}" organisation add --name 'Transporten AB' --types employer --municipality Örebro
add ours "${orebro[@]}" inquiry add --title 'Truckförare till våren' --municipality Örebro \
    --employer 'Transporten AB' --areas 1041-lift-truck --participants 6 --travel-limit-km 100
run "${orebro[@]}" inquiry acknowledge "$ours"

say "They find each other, and make a pool: together they are enough for a course."
run "${orebro[@]}" inquiry matches "$ours"
add pool "${orebro[@]}" pool add --title 'Truckkort tillsammans' --municipality Örebro \
    --areas 1041-lift-truck
add first "${orebro[@]}" opt-in add --pool "$pool" --inquiry "$ours"
add second "${orebro[@]}" opt-in add --pool "$pool" --inquiry "$theirs"
today=$(date +%F)
run "${orebro[@]}" opt-in accept "$first" --said-on "$today" --said-how phone
run "${motala[@]}" opt-in accept "$second" --said-on "$today" --said-how phone
run "${orebro[@]}" pool show "$pool"

say "Who has been there: nobody runs to an employer without knowing of the others."
run "${motala[@]}" contact add --organisation 'Lagret AB' --day "$(date -d '+3 days' +%F)" \
    --aim 'Behovet av truckkort' --how visit
run "${orebro[@]}" contact add --organisation 'Lagret AB' --day "$(date -d '+5 days' +%F)" \
    --aim 'Gemensam kurs' --how phone
run "${orebro[@]}" today

say "The broker in Motala watches: from now on every change comes by itself."
show samverk --profile motala watch inquiry
samverk --profile motala watch inquiry >"$home/watch" 2>"$home/watch-errors" &
watcher=$!
sleep 1
if ! kill -0 "$watcher" 2>/dev/null; then
    cat "$home/watch" "$home/watch-errors"
    exit 1
fi
shown=0
# What has come to Motala since last, waited for at most five seconds.
motala_sees() {
    local now
    for _ in $(seq 100); do
        now=$(wc -l <"$home/watch")
        [ "$now" -gt "$shown" ] && break
        sleep 0.05
    done
    if [ "$now" -le "$shown" ]; then
        echo "Nothing came to Motala." >&2
        exit 1
    fi
    sleep 0.2
    tail -n +$((shown + 1)) "$home/watch" | sed "s/^/   ${bold}Motala sees:${plain} /"
    shown=$(wc -l <"$home/watch")
}
say "An employer rings the learning centre in Örebro, which files the inquiry."
run "${orebro[@]}" organisation add --name 'Verkstaden AB' --types employer --municipality Örebro
add=("${orebro[@]}" inquiry add --title 'Grundkurs i CAD' --municipality Örebro
    --employer 'Verkstaden AB' --areas 0715 --participants 8 --channel phone)
show "${add[@]}"
inquiry=$("${add[@]}" --json | json_id)
note "Filed as $inquiry."
motala_sees

say "Örebro acknowledges it; that is told too."
run "${orebro[@]}" inquiry acknowledge "$inquiry"
motala_sees

say "A discreet one: enough is shown to pool it, not enough to poach it."
add=("${orebro[@]}" inquiry add --title 'Omställning av hela nattskiftet' --municipality Örebro
    --areas 0715 --participants 5 --discreet yes)
show "${add[@]}"
discreet=$("${add[@]}" --json | json_id)
motala_sees
note "In Örebro:"
run "${orebro[@]}" inquiry show "$discreet"
note "In Motala:"
run samverk --profile motala inquiry show "$discreet"
if samverk --profile motala inquiry show "$discreet" --json | grep -q nattskiftet; then
    echo "Motala sees what it should not." >&2
    exit 1
fi

say "Who did what, when, is kept."
run "${orebro[@]}" inquiry history "$inquiry"

say "Somebody else's inquiry is not Motala's to change."
show samverk --profile motala inquiry edit "$inquiry" --participants 80
if samverk --profile motala inquiry edit "$inquiry" --participants 80 >"$home/refused" 2>&1; then
    echo "Motala changed what is Örebro's." >&2
    exit 1
fi
indented <"$home/refused"

stop "$watcher"
watcher=''
if [ -n "$serve" ]; then
    say "The daemon is still up. Go on like this:"
    cat <<END | indented
export PATH="$PWD/$built/daemon:$PWD/$built/client/cli:\$PATH"
export SAMVERK_LOCALEDIR="$SAMVERK_LOCALEDIR"
export XDG_CONFIG_HOME=$XDG_CONFIG_HOME XDG_STATE_HOME=$XDG_STATE_HOME
samverk --profile orebro inquiry list
samverk --profile motala watch inquiry
samverk --profile coordinator --help

And when you have seen enough:
kill $daemon && rm -r $home
END
    disown "$daemon"
    exit 0
fi

say "The daemon is stopped, and the store proved: replaying its journal gives the same record."
show kill -TERM "$daemon"
kill -TERM "$daemon"
wait "$daemon" || { echo "The daemon did not stop cleanly." >&2; exit 1; }
daemon=''
run samverkd check --data "$home/data"
printf '\nDone in %d s after the packages; nothing is left running.\n' $((SECONDS - begun))
