//! A rate that is too low for the batch: as many callbacks are created in time as in the best order there is.

use std::fmt::Write;
use std::time::Duration;

use ringback::domain::progress::Progress;

use crate::load::Load;
use crate::random::Random;
use crate::record::Record;
use crate::scenario::{Habits, Scenario, Settings};
use crate::story;
use crate::world::Plant;

/// Requests a minute.
const RATE: u32 = 30;

/// Seconds that a contact must leave ahead of its dispatch time.
const MARGIN: i64 = 30;

/// A calm night (the forecast of `even` has agents in every hour) with windows that end, one after the other, in the next two hours; when each row's window ends, in
/// seconds from the start.
fn night(seed: u64) -> (Scenario, Vec<i64>) {
    let mut random = Random::new(seed);
    let plain = Scenario::of(seed);
    let mut csv = String::from("phoneNumber,requestedStart,requestedEnd,campaignId\n");
    let rows = random.between(1_000, 2_600);
    let mut ends = Vec::new();
    for number in 0..rows {
        let ahead = i64::try_from(random.between(10, 110) * 60).expect("soon");
        let end = plain.start.plus(ahead);
        let start = end.plus(-i64::try_from(random.between(60, 240) * 60).expect("hours"));
        writeln!(csv, "+1212{},{},{},even", 3_000_000 + number, start.rfc3339(), end.rfc3339()).expect("memory");
        ends.push(ahead);
    }
    let settings = Settings {
        rate: RATE,
        concurrency: 4,
        attempts: 5,
        give_up_after: Duration::from_hours(1),
        lead_time: 60,
        texting: Some("always"),
        ..plain.settings.clone()
    };
    let habits = Habits::calm();
    let load = Load { csv, rows };
    (Scenario { load, settings, habits, plans: Vec::new(), files: false, ..plain }, ends)
}

/// How many are in time where they are sent in this order, two requests each, at the full rate; who would be late is
/// left out.
fn in_time(ends: impl Iterator<Item = i64>) -> usize {
    let mut requests = 0;
    let in_time = |end: &i64| {
        let leaves = (requests + 1) * 60 / i64::from(RATE);
        let is_in_time = leaves + MARGIN < *end;
        requests += if is_in_time { 2 } else { 0 };
        is_in_time
    };
    let mut in_time = in_time;
    ends.filter(|end| in_time(end)).count()
}

fn created(record: &Record) -> usize {
    let standings = record.book.standings.values();
    let created = standings.filter(|standing| matches!(standing.progress, Progress::Confirmed | Progress::Scheduled));
    created.count()
}

#[test]
fn no_order_would_have_missed_fewer() {
    let (mut best_all, mut created_all, mut queued_all) = (0, 0, 0);
    for seed in 0..6 {
        let (scenario, ends) = night(seed);
        let mut sorted = ends.clone();
        sorted.sort_unstable();
        let (best, queued) = (in_time(sorted.into_iter()), in_time(ends.iter().copied()));
        let record = story::play(scenario, Plant::Nothing);
        let created = created(&record);
        println!("seed {seed}: {} rows, {created} in time, {best} at best, {queued} first in, first out", ends.len());
        // A token, forecasts, and the 2 % of the rate that are not counted on.
        assert!(created + 2 + best / 40 >= best, "seed {seed}: {created} in time where {best} are possible");
        best_all += best;
        created_all += created;
        queued_all += queued;
    }
    println!("{created_all} in time, {best_all} at best, {queued_all} first in, first out");
    assert!(queued_all < created_all);
}

/// A disk so slow that nothing comes near the rate: what has fallen behind is placed again and leaves, rather than to
/// be placed again and again.
#[test]
fn a_run_that_falls_behind_goes_on_as_fast_as_it_can() {
    for seed in 0..3 {
        let (scenario, ends) = night(seed);
        let settings = Settings { rate: 1000, concurrency: 1, ..scenario.settings.clone() };
        let habits = Habits { disk_millis_max: 1_500, ..scenario.habits };
        let created = created(&story::play(Scenario { settings, habits, ..scenario }, Plant::Nothing));
        assert!(created > 1_000, "seed {seed}: {created} of {}", ends.len());
    }
}
