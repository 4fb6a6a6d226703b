//! Ledgers that come back from a backup, are copied, moved, lost or made a second time: what the binary says, and that
//! nobody is texted twice for it.

use serde_json::json;

use crate::export::wishes;
use crate::stage::{Ended, Stage};

/// How a platform answers a contact that it has: it says so, or it takes it as done.
const ANSWERS: [&str; 2] = ["409", "same-id"];

/// What goes wrong on the way.
const TROUBLE: [&str; 3] = ["", "error_before", "cut_before"];

/// Thirty callbacks, in each way in which a platform can answer and fail.
fn each_platform(story: impl Fn(&Stage)) {
    for answer in ANSWERS {
        for trouble in TROUBLE {
            let stage = Stage::calm();
            if answer == "same-id" {
                stage.faults(&json!({ "answers_conflict": answer }));
            }
            stage.export("night.csv", &wishes(30));
            stage.export("first.csv", &wishes(3));
            story(&stage);
            if !trouble.is_empty() {
                stage.faults(&json!({ trouble: "0.4@contact" }));
            }
            ends_without_a_second_text(&stage);
        }
    }
}

/// Runs until nothing is pending; nobody has two texts, and each was told the time that the contact has.
#[track_caller]
fn ends_without_a_second_text(stage: &Stage) {
    for _ in 0..20 {
        if stage.run(&["night.csv"]).code != 4 {
            break;
        }
    }
    let (report, state) = (stage.report(), stage.state());
    assert_eq!(report.rows.len(), 30);
    assert_eq!(report.count("pending"), 0);
    for row in &report.rows {
        let texts = state.texts_for(row.at("phone"), row.at("callback_id"));
        assert!(texts.len() <= 1, "{} texts: {row:?}", texts.len());
        let contacts = state.contacts().iter().filter(|one| one["contactId"] == row.at("callback_id"));
        let times: Vec<_> = contacts.map(|one| one["scheduledStartDateTime"].clone()).collect();
        assert!(times.len() <= 1, "{row:?}");
        if ["confirmed", "already_done"].contains(&row.at("status")) {
            assert_eq!(times, [row.at("dispatch_at")], "{row:?}");
        }
    }
}

/// A run is refused, says why, and asks the platform for nothing; so is `resume`, where there is a ledger at all.
#[track_caller]
fn refused(stage: &Stage, words: &[&str]) {
    let asked = stage.state().asked_in_all();
    let words = [words, &["Nothing was sent", "ledger adopt"]].concat();
    stage.ringback(&["run", "night.csv", "-o", "out"]).with(78).says(&words);
    if stage.path("ringback.db").exists() {
        stage.ringback(&["resume", "-o", "out"]).with(78).says(&words);
    }
    assert_eq!(stage.state().asked_in_all(), asked);
}

fn adopt(stage: &Stage, what: &str) {
    stage.ringback(&["ledger", "adopt", "--as", what]).with(0);
}

#[test]
fn a_backup_that_is_put_back_is_refused_and_then_texts_nobody_twice() {
    each_platform(|stage| {
        stage.run(&["night.csv", "--limit", "0"]).with(4);
        stage.ringback(&["backup", "copy.db"]).with(0);
        stage.ringback(&["resume", "-o", "out", "--rate", "100000"]).with(0);
        std::fs::copy(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
        refused(stage, &["ends with run 1", "was restored from a copy"]);
        adopt(stage, "copy");
    });
}

/// The machine is lost with its state directory: that the platform tells new contacts is known from the ledger.
#[test]
fn a_backup_on_a_new_machine_is_refused_and_then_texts_nobody_twice() {
    each_platform(|stage| {
        stage.run(&["first.csv"]).with(0);
        stage.ringback(&["backup", "copy.db"]).with(0);
        stage.run(&["night.csv"]).with(0);
        std::fs::copy(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
        std::fs::remove_file(stage.path("ringback.db.lock")).unwrap();
        stage.forget();
        refused(stage, &["no .lock lies beside it"]);
        adopt(stage, "copy");
    });
}

/// What lacks something for certain is nobody's original.
#[test]
fn a_restored_ledger_cannot_be_called_the_original() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv", "--limit", "1"]).with(4);
    std::fs::copy(stage.path("ringback.db"), stage.path("copy.db")).unwrap();
    stage.run(&["night.csv"]).with(0);
    std::fs::copy(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
    stage.ringback(&["ledger", "adopt", "--as", "original"]).with(78).says(&["was restored from a copy", "--as copy"]);
    refused(&stage, &["was restored from a copy"]);
}

#[test]
fn a_ledger_that_is_lost_is_missed_and_its_successor_texts_nobody_twice() {
    each_platform(|stage| {
        stage.run(&["night.csv"]).with(0);
        for name in ["ringback.db", "ringback.db.lock"] {
            std::fs::remove_file(stage.path(name)).unwrap();
        }
        refused(stage, &["is new, but this client has a ledger already"]);
        adopt(stage, "new");
    });
}

/// Part of the night was done with a ledger that somebody copied.
#[test]
fn a_copy_beside_its_original_is_refused_and_then_texts_nobody_twice() {
    each_platform(|stage| {
        stage.run(&["first.csv"]).with(0);
        stage.run(&["night.csv", "--limit", "5"]).with(4);
        std::fs::copy(stage.path("ringback.db"), stage.path("original.db")).unwrap();
        std::fs::rename(stage.path("ringback.db.lock"), stage.path("original.db.lock")).unwrap();
        stage.ringback(&["ledger", "adopt", "--as", "original", "--ledger", "original.db"]).with(0);
        stage.run(&["night.csv", "--ledger", "original.db"]).with(0);
        refused(stage, &["was replaced by", "original.db"]);
        adopt(stage, "copy");
    });
}

/// A second ledger for the same campaigns, which a person calls new.
#[test]
fn a_second_ledger_for_the_same_callbacks_texts_nobody_twice() {
    each_platform(|stage| {
        stage.run(&["night.csv", "--ledger", "first.db"]).with(0);
        refused(stage, &["is new", "first.db"]);
        adopt(stage, "new");
    });
}

/// `tar` and `cp -a` bring the lock back too.
#[test]
fn a_ledger_that_is_restored_with_its_lock_is_refused() {
    let stage = Stage::new(json!({ "missing_scopes": ["messaging:session:write"] }));
    stage.export("night.csv", &wishes(6));
    stage.run(&["night.csv"]).with(77);
    let save = |from: &str, to: &str| {
        for name in ["ringback.db", "ringback.db.lock"] {
            std::fs::copy(stage.path(from).join(name), stage.path(to).join(name)).unwrap();
        }
    };
    std::fs::create_dir(stage.path("saved")).unwrap();
    save("", "saved");
    stage.faults(&json!({ "missing_scopes": [] }));
    stage.run(&["night.csv"]).with(0);
    save("saved", "");
    refused(&stage, &["was restored from a copy"]);
    assert_eq!(stage.state().texts().len(), 6);
}

/// A person settles only in a ledger that is in no doubt.
#[test]
fn settle_is_refused_as_a_run_is() {
    let stage = Stage::new(json!({ "cut_before": "1@sms" }));
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(5);
    std::fs::copy(stage.path("ringback.db"), stage.path("copy.db")).unwrap();
    stage.run(&["night.csv"]).with(5);
    std::fs::copy(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
    let ids = stage.ids();
    stage
        .ringback(&["settle", "--as", "sent", &ids[0]])
        .with(78)
        .says(&["was restored from a copy", "adopt --as copy"]);
}

/// An upgrade, a new machine, a container without state: the lock and the log say that it is whole.
#[test]
fn a_ledger_that_this_machine_does_not_remember_goes_on_where_its_lock_says_that_it_is_whole() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv", "--limit", "1"]).with(4);
    stage.forget();
    let ended = stage.run(&["night.csv", "-q"]).with(0);
    assert_eq!(ended.stderr, "", "with -q nothing is said where all is well");
    stage.forget();
    stage.run(&["night.csv"]).with(0).says(&["was not on record on this machine"]);
    let ended = stage.run(&["night.csv"]).with(0);
    assert!(!ended.stderr.contains("on record"), "{}", ended.stderr);
}

/// Without a state directory the evidence beside the ledger is all there is, and that is said.
#[test]
fn a_state_directory_that_cannot_be_written_is_told_and_the_run_goes_on() {
    let stage = Stage::calm().with("RINGBACK_STATE_DIR", "/proc/ringback");
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv", "--limit", "1"]).with(4).says(&["/proc/ringback", "RINGBACK_STATE_DIR"]);
    let quiet = stage.run(&["night.csv", "-q"]).with(0);
    assert!(quiet.stderr.contains("/proc/ringback"), "that nothing is noticed is no matter to be quiet about");
    stage.ringback(&["doctor"]).says(&["state directory", "/proc/ringback"]);
    std::fs::remove_file(stage.path("ringback.db.lock")).unwrap();
    refused(&stage, &["no .lock"]);
}

/// Runs that could not write the state directory leave a record that is behind: without the lock it proves nothing.
#[test]
fn a_backup_that_is_newer_than_its_record_is_refused_without_its_lock() {
    let stage = Stage::calm();
    stage.export("first.csv", &wishes(1));
    stage.export("night.csv", &wishes(3));
    stage.run(&["first.csv"]).with(0);
    let elsewhere = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = stage.command(&[&["run", "night.csv", "-o", "out", "--rate", "100000"], args].concat());
        Ended::of(command.env("RINGBACK_STATE_DIR", elsewhere.path()))
    };
    run(&["--limit", "1"]).with(4);
    stage.ringback(&["backup", "copy.db"]).with(0);
    run(&[]).with(0);
    std::fs::copy(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
    std::fs::remove_file(stage.path("ringback.db.lock")).unwrap();
    refused(&stage, &["this machine does not remember, and no .lock lies beside it"]);
}

/// Rehearsals leave nothing in the state directory, and are stopped by nothing that stands there.
#[test]
fn a_rehearsal_has_no_witness() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    for _ in 0..2 {
        stage.run(&["night.csv", "--sandbox"]).with(0);
    }
    assert_eq!(stage.remembered(), 0);
    stage.run(&["night.csv"]).with(0);
    assert!(stage.remembered() > 0);
}

#[test]
fn an_answer_that_does_not_fit_is_refused() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    stage.ringback(&["ledger", "adopt", "--as", "copy"]).with(66).says(&["there is no ledger"]);
    assert!(!stage.path("ringback.db").exists());
    stage.run(&["night.csv"]).with(0);
    stage.ringback(&["ledger", "adopt", "--as", "new"]).with(2).says(&["has 1 runs", "--ledger"]);
    let told = stage.ringback(&["ledger", "adopt", "--as", "original", "--json"]).with(0).stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["as"], &told["in_doubt"]), (&json!("original"), &json!(0)));
}
