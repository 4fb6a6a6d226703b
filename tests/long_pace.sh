#!/usr/bin/env bash
# The pace over real minutes: one run at 100 requests a minute that is killed again and again, `plan` and `doctor` beside
# it, and a clock that is stepped forward and back, against one sandbox. Checked where requests arrive:
#
#   at most RATE requests in any 60 s, of all processes together;
#   at least 98 % of the rate is used while a run lives: of each life of the run, the time from the first request that
#   arrives in it, of any process, to the last counts, and all requests between them.
#
#   tests/long_pace.sh [MINUTES]   20 by default
#   RATE=100 KILLS=10              KILLS is in proportion to the minutes where it is not given
#   RINGBACK_EXE=PATH              the program; by default it is built (PROFILE=release or dev)
#
# What is later than its instant by more than 100 ms loses it: on a machine that is busy with other things, less is used.
#
# The clock is stepped by libfaketime (Debian: faketime); without it the script says so and does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes="${1:-20}"
rate="${RATE:-100}"
kills="${KILLS:-$(((minutes + 1) / 2))}"
profile="${PROFILE:-release}"

faketime="$(find /usr/lib /usr/local/lib -name 'libfaketime.so.1' 2>/dev/null | head -n 1)"
if [ -z "$faketime" ]; then
    echo "skipped: libfaketime is not installed (apt-get install faketime)"
    exit 0
fi
if [ -z "${RINGBACK_EXE:-}" ]; then
    cargo build --locked --profile "$profile"
    RINGBACK_EXE="$PWD/target/${profile/#dev/debug}/ringback"
fi
ringback="$(realpath "$RINGBACK_EXE")"

folder="$(mktemp -d)"
# Each background job has a process group of its own, and ends with all that it began.
set -m
pids=()
finish() {
    for pid in "${pids[@]}"; do kill -9 -- "-$pid" 2>/dev/null || true; done
    [ -n "${KEEP:-}" ] && echo "kept: $folder" || rm -rf "$folder"
}
trap finish EXIT
cd "$folder"
unset "${!RINGBACK_@}"
export RINGBACK_STATE_DIR="$folder/state" CXONE_CLIENT_SECRET=sandbox NO_COLOR=1

"$ringback" sandbox --port 0 --fault latency_ms=30 --fault latency_jitter_ms=60 >sandbox.out 2>sandbox.err &
pids+=($!)
for _ in $(seq 100); do grep -q listening sandbox.out && break || sleep 0.1; done
base="$(sed -n 's/^listening on //p' sandbox.out)"

mkdir ledgers
cat >ringback.toml <<TOML
ledger = "ledgers/ringback.db"
[platform]
base_url = "$base"
client_id = "sandbox"
requests_per_minute = $rate
[sms]
from = "+18005551234"
hours = "always"
[sms.templates]
en = "Callback {date} {time}. Ref {reference}"
TOML
"$ringback" sample --rows $((rate * minutes)) --broken 0 >night.csv
"$ringback" sample --rows 20 --broken 0 --seed 7 >other.csv

# Every process reads its wall clock from this file, again at each look.
echo "+0" >step
faked() {
    LD_PRELOAD="$faketime" FAKETIME_TIMESTAMP_FILE="$folder/step" FAKETIME_NO_CACHE=1 \
        FAKETIME_DONT_FAKE_MONOTONIC=1 exec "$ringback" "$@"
}
now() { date +%s%3N; }

ends=$(($(now) + minutes * 60000))
beside() {
    local turn=0
    while [ "$(now)" -lt "$ends" ]; do
        sleep 7
        turn=$((turn + 1))
        (faked doctor) >"doctor.$turn" 2>&1 || true
        sleep 6
        (faked plan other.csv -o "plan.$turn") >"plan.$turn.out" 2>&1 || true
    done
}
beside &
pids+=($!)

steps=("+3600" "-3600" "+59" "-59" "+0" "+86000" "-600")
life=0
while [ "$(now)" -lt "$ends" ]; do
    began="$(now)"
    (faked run night.csv -o "run.$life") >"run.$life.out" 2>"run.$life.err" &
    run=$!
    left=$((ends - began))
    length=$left
    # Lives are of different lengths, about as many as there are kills; the shortest has some requests.
    if [ "$life" -lt "$kills" ]; then
        mean=$((left / (kills - life + 1)))
        length=$((mean / 2 + RANDOM * mean / 32768))
    fi
    middle=$((length / 2))
    sleep "$((middle / 1000)).$(printf %03d $((middle % 1000)))"
    echo "${steps[$((RANDOM % ${#steps[@]}))]}" >step
    sleep "$((middle / 1000)).$(printf %03d $((middle % 1000)))"
    kill -0 "$run" 2>/dev/null || { echo "life $life ended by itself:"; tail -n 3 "run.$life.err" "run.$life.out"; }
    if [ "$life" -lt "$kills" ]; then kill -9 "$run" 2>/dev/null || true; else kill -TERM "$run" 2>/dev/null || true; fi
    stopped="$(now)"
    wait "$run" || true
    echo "$began $stopped" >>lives
    echo "${steps[$((RANDOM % ${#steps[@]}))]}" >step
    life=$((life + 1))
done
curl -s "$base/sandbox/state" >state.json

python3 - "$rate" "$kills" <<'PY'
import datetime
import json
import sys

rate, kills = int(sys.argv[1]), int(sys.argv[2])
state = json.load(open("state.json"))
zero = datetime.datetime.fromisoformat(state["started_at"].replace("Z", "+00:00")).timestamp() * 1000
requests = sorted(state["requests"], key=lambda request: request["at"])
arrived = [request["at"] for request in requests]
forgotten = state["requests_forgotten"]
count, possible = 0, 0.0
for line in open("lives"):
    began, stopped = (int(word) - zero for word in line.split())
    mine = [at for at in arrived if began <= at <= stopped]
    if len(mine) > 1:
        count += len(mine) - 1
        possible += (mine[-1] - mine[0]) * rate / 60000
share = count / possible if possible else 0.0
kinds = {}
for request in requests:
    kinds[request["path"].rsplit("/", 1)[-1]] = kinds.get(request["path"].rsplit("/", 1)[-1], 0) + 1
texts = [(text["to"], text["message"]) for text in state["texts"]]
twice = len(texts) - len(set(texts))
most = state["most_in_60s"]
print(f"requests: {len(requests)} {kinds}, runs: {sum(1 for _ in open('lives'))}, killed: {kills}")
print(f"most in 60 s: {most} of {rate}")
print(f"used while a run lived: {share:.2%} ({count} of {possible:.1f})")
print(f"texts sent twice: {twice}")
faults = [
    what
    for what, found in [
        ("more than allowed in 60 s", most > rate),
        ("less than 98 % used", share < 0.98),
        ("a text was sent twice", twice > 0),
        ("the sandbox has forgotten requests", forgotten > 0),
    ]
    if found
]
sys.exit(f"FAILED: {', '.join(faults)}" if faults else 0)
PY
