#!/usr/bin/env bash
# The long draw: simulated runs and real kills, in numbers that `cargo test` has no time for, with their figures.
#
#   SIM_SEEDS=20000  seeds of the simulation, from SIM_FIRST=0
#   KILLS=200        random kills of the built binary, from KILLS_SEED=1; the named points in proportion
#   RECONCILE_ROWS=100000  rows of the batch in which drift is planted
#   PHONES=1000000   mutations of phone numbers beside libphonenumber
#   PROFILE=dev      or release: the profile of what is played
set -euo pipefail
cd "$(dirname "$0")/.."

export SIM_SEEDS="${SIM_SEEDS:-20000}" SIM_FIRST="${SIM_FIRST:-0}"
export RECONCILE_ROWS="${RECONCILE_ROWS:-100000}"
export KILLS="${KILLS:-200}" KILLS_SEED="${KILLS_SEED:-1}"
export PHONES="${PHONES:-1000000}"
profile="${PROFILE:-dev}"

step() {
    printf '\n== %s\n' "$1"
    local begun=$SECONDS
    "${@:2}"
    printf '%s: %s s\n' "$1" "$((SECONDS - begun))"
}

cargo test --locked --profile "$profile" --test simulation --test kills --test whole_run --test phone --no-run
step "simulation, $SIM_SEEDS seeds from $SIM_FIRST: every promise of every seed" \
    cargo test --locked --quiet --profile "$profile" --test simulation every_seed_keeps_every_promise
step "kills, $KILLS random draws from $KILLS_SEED" \
    cargo test --locked --quiet --profile "$profile" --test kills killed
step "drift planted in a batch of $RECONCILE_ROWS rows" \
    cargo test --locked --quiet --profile "$profile" --test whole_run reconcile::drift
step "phones, $PHONES mutations: the verdict and the number are libphonenumber's" \
    cargo test --locked --quiet --profile "$profile" --test phone mutations
