//! Kills, and then a ledger that is not the one that holds all that was done: put back from a backup or a full copy,
//! lost, or begun a second time. The next run is refused and asks nothing; after a person's answer the night comes to
//! its end, and nobody has two texts or was told another time than the contact has.

use std::path::PathBuf;

use ringback::io::crash::VARIABLE;
use serde_json::{Value, json};

use crate::batch;
use crate::draw::{CSV, Kill};
use crate::ledger::Left;
use crate::report::Row;
use crate::stage::{Ended, Stage};
use crate::story::{begin_with, command, dies, length_of_a_run};

/// Seeds that every `cargo test` plays, in each of the stories.
const SEEDS: u64 = 4;

/// Runs that a story may take to its end.
const RUNS_MAX: u32 = 20;

/// What happens to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// A backup made by `ringback backup` takes its place; the lock stays.
    Backup,
    /// The same, and the lock is gone.
    BackupWithoutLock,
    /// All its files come back, the lock among them.
    Files,
    /// It is lost with its lock.
    Lost,
    /// The settings name another one.
    Second,
}

const FATES: [Fate; 5] = [Fate::Backup, Fate::BackupWithoutLock, Fate::Files, Fate::Lost, Fate::Second];

/// Files of a ledger.
const FILES: [&str; 4] = ["ringback.db", "ringback.db-wal", "ringback.db-shm", "ringback.db.lock"];

#[test]
fn a_ledger_that_is_not_the_newest_is_refused_and_then_nobody_is_texted_twice() {
    let seeds = crate::asked("KILLS").map_or(SEEDS, |kills| (kills / 10).max(SEEDS));
    let (mut stories, mut refused) = (0, 0);
    for seed in crate::first_seed()..crate::first_seed() + seeds {
        for fate in FATES {
            stories += 1;
            refused += u32::from(play(fate, seed));
        }
    }
    assert!(refused * 2 > stories, "{refused} of {stories} were refused");
}

/// Plays a story; whether the ledger was refused.
fn play(fate: Fate, seed: u64) -> bool {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut faults = json!({ "seed": seed, "latency_ms": random.u32(0..10), "latency_jitter_ms": 15 });
    if random.bool() {
        faults["answers_conflict"] = "same-id".into();
    }
    let stage = begin_with(faults, "unique");
    let length = length_of_a_run();
    // Before the copy, and between the copy and its return.
    dies(&stage, CSV, Kill::After(length.mul_f64(random.f64())));
    let kept = keep(&stage, fate);
    let before = Left::read(&stage.path(""));
    if random.bool() {
        dies(&stage, CSV, Kill::After(length.mul_f64(0.5 + random.f64())));
    } else {
        Ended::of(&mut command(&stage, CSV));
    }
    let has_gone_on = Left::read(&stage.path("")).entries != before.entries;
    let ledger = put_back(&stage, fate, &kept);
    let asked = stage.state().asked_in_all();
    let run = || Ended::of(command(&stage, CSV).env_remove(VARIABLE).env("RINGBACK_LEDGER", &ledger));
    let first = run();
    let is_refused = first.code == 78;
    assert!(is_refused || !has_gone_on, "{fate:?} {seed}: {first:?}");
    if is_refused {
        assert_eq!(stage.state().asked_in_all(), asked, "{fate:?} {seed}: a refused run asks nothing");
        let what = if matches!(fate, Fate::Lost | Fate::Second) { "new" } else { "copy" };
        let adopt = ["ledger", "adopt", "--as", what, "--ledger", ledger.to_str().unwrap()];
        stage.ringback(&adopt).with(0);
    }
    hostile(&stage, &mut random);
    let ended = (0..RUNS_MAX).map(|_| run()).find(|ended| ended.code != 4).expect("it comes to an end");
    assert!([5, 6].contains(&ended.code), "{fate:?} {seed}: {ended:?}");
    nobody_twice(&stage, &format!("{fate:?} {seed}"));
    is_refused
}

/// Keeps what will come back: a backup, or the files as they are.
fn keep(stage: &Stage, fate: Fate) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    match fate {
        Fate::Backup | Fate::BackupWithoutLock => {
            // A run that died before it had made the ledger leaves nothing to copy.
            let made = stage.ringback(&["backup", "copy.db"]).code == 0;
            let copy = made.then(|| std::fs::read(stage.path("copy.db")).unwrap());
            vec![(stage.path("ringback.db"), copy)]
        }
        Fate::Files => FILES.map(|name| (stage.path(name), std::fs::read(stage.path(name)).ok())).to_vec(),
        Fate::Lost | Fate::Second => Vec::new(),
    }
}

/// Puts back what was kept, and gives the ledger that the next run uses.
fn put_back(stage: &Stage, fate: Fate, kept: &[(PathBuf, Option<Vec<u8>>)]) -> PathBuf {
    let gone: &[&str] = match fate {
        Fate::Backup => &FILES[..3],
        Fate::BackupWithoutLock | Fate::Files | Fate::Lost => &FILES,
        Fate::Second => &[],
    };
    for name in gone {
        let _ = std::fs::remove_file(stage.path(name));
    }
    for (path, bytes) in kept {
        if let Some(bytes) = bytes {
            std::fs::write(path, bytes).unwrap();
        }
    }
    stage.path(if fate == Fate::Second { "second.db" } else { "ringback.db" })
}

/// From now on the platform fails on contacts now and then, before or after the deed.
fn hostile(stage: &Stage, random: &mut fastrand::Rng) {
    let fault = *random.choice(&["error_before", "error_after", "cut_before", "cut_after"]).unwrap();
    stage.faults(&json!({ fault: "0.3@contact", "latency_ms": 0 }));
}

/// No callback has two texts, and whoever was told a time was told the contact's.
fn nobody_twice(stage: &Stage, story: &str) {
    let (report, state) = (stage.report(), stage.state());
    assert_eq!(report.rows.len(), batch::ROWS, "{story}");
    let callbacks = report.rows.iter().filter(|row| !["duplicate", "rejected"].contains(&row.at("status")));
    for row in callbacks {
        let texts = state.texts_for(row.at("phone"), row.at("callback_id")).len();
        assert!(texts <= 1, "{story}: {texts} texts: {row:?}");
        let is = |contact: &&Value| contact["contactId"] == row.at("callback_id");
        let contacts: Vec<&Value> = state.contacts().iter().filter(is).collect();
        assert!(contacts.len() <= 1, "{story}: {contacts:?}");
        told_the_time(row, contacts.first().copied(), story);
    }
}

fn told_the_time(row: &Row, contact: Option<&Value>, story: &str) {
    if ["confirmed", "already_done", "scheduled"].contains(&row.at("status")) {
        let time = contact.map(|contact| contact["scheduledStartDateTime"].as_str().unwrap());
        assert_eq!(time, Some(row.at("dispatch_at")), "{story}: {row:?}");
    }
}
