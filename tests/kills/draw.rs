//! What a seed draws: when it kills, how the platform behaves, and in which form the input comes again.

use std::time::Duration;

use ringback::io::crash::Point;
use serde_json::{Value, json};

/// Requests in flight at most.
pub(crate) const CONCURRENCY: usize = 8;

/// One story.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    pub(crate) seed: u64,
    pub(crate) kills: Vec<Kill>,
    /// Whether the platform keeps one contact an id, as the settings say it.
    pub(crate) contact_ids: &'static str,
    /// The platform's faults.
    pub(crate) faults: Value,
    /// The inputs of the runs: in what form the night's export comes, or that none does; one for each run and then round
    /// again.
    pub(crate) inputs: [&'static str; 3],
}

/// The end of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kill {
    /// By itself, when it passes a point for the n-th time.
    At(Point, u32),
    /// From outside, so long after its start.
    After(Duration),
}

/// The export as it came first, in its other form, and no input: `resume`.
pub(crate) const CSV: &str = "night.csv";
pub(crate) const NDJSON: &str = "renamed.ndjson";
pub(crate) const RESUME: &str = "resume";

/// How the runs after the first one go on.
const ORDERS: [[&str; 3]; 5] =
    [[CSV; 3], [CSV, NDJSON, CSV], [NDJSON, CSV, CSV], [CSV, RESUME, CSV], [CSV, RESUME, NDJSON]];

impl Draw {
    /// One kill at a point, on a platform without faults.
    pub(crate) fn at(point: Point, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed ^ point as u64);
        let kills = vec![Kill::At(point, times(point, &mut random))];
        let inputs = *random.choice(&ORDERS).unwrap();
        // Long enough that the answer is not there when the bytes have left.
        let awaits_answers = matches!(point, Point::ContactBytesLeft | Point::TextBytesLeft);
        let latency = if awaits_answers { 400 } else { 5 };
        let faults = json!({ "seed": seed, "latency_ms": latency, "latency_jitter_ms": 15 });
        Self { seed, kills, contact_ids: "unique", faults, inputs }
    }

    /// Kills at random instants of a run that takes so long unkilled, several in a row, now and then with faults.
    pub(crate) fn of(seed: u64, length: Duration) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let kills = (0..random.u32(1..=4)).map(|_| kill(length, &mut random)).collect();
        let mut faults = json!({ "seed": seed, "latency_ms": random.u32(0..10), "latency_jitter_ms": 15 });
        if random.bool() {
            add_faults(&mut faults, &mut random);
        }
        let contact_ids = if random.u8(..4) == 0 { "advisory" } else { "unique" };
        if contact_ids == "advisory" {
            faults["answers_conflict"] = "same-id".into();
        }
        let inputs = *random.choice(&ORDERS).unwrap();
        Self { seed, kills, contact_ids, faults, inputs }
    }
}

fn kill(length: Duration, random: &mut fastrand::Rng) -> Kill {
    if random.u8(..5) == 0 {
        let point = *random.choice(Point::ALL.iter()).unwrap();
        return Kill::At(point, times(point, random));
    }
    Kill::After(length.mul_f64(random.f64()))
}

/// Any of the times that a first run passes a point. How many entries are written together hangs on the disk, so
/// that only the first few are sure.
fn times(point: Point, random: &mut fastrand::Rng) -> u32 {
    match point.name().split_once('.').unwrap() {
        ("contact", _) => random.u32(1..=32),
        ("sms", _) => random.u32(1..=30),
        ("entry", _) => random.u32(1..=12),
        ("report", "between") => random.u32(1..=3),
        _ => 1,
    }
}

fn add_faults(faults: &mut Value, random: &mut fastrand::Rng) {
    let kinds = [
        "cut_after",
        "cut_before",
        "error_after",
        "error_before",
        "broken_body",
        "empty_body",
        "unavailable_after",
        "timeout_after",
        "too_many",
        "token_revoked",
    ];
    for kind in random.choose_multiple(kinds, 2) {
        faults[kind] = "0.1@contact,sms".into();
    }
    faults["retry_after_secs"] = 0.into();
}
