//! What a ledger tells between runs and beside them, and copies of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::export::{wish, wishes};
use crate::platform::{CONTACT, TEXT};
use crate::report::Report;
use crate::stage::{Ended, Stage};

/// Every way to ask a ledger, or to settle in it.
const WAYS: [&[&str]; 8] = [
    &["runs"],
    &["show", "194c33ee"],
    &["report", "last"],
    &["report", "last", "-o", "again"],
    &["report", "--format", "csv"],
    &["report", "--format", "parquet", "-o", "tables"],
    &["settle", "194c33ee", "--as", "sent"],
    &["backup", "copy.db"],
];

impl Stage {
    /// Asks for JSON and reads it.
    fn told(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ringback(&[args, &["--json"]].concat()).with(0).stdout).unwrap()
    }

    fn names(&self) -> BTreeSet<String> {
        let files = std::fs::read_dir(self.path("")).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// The rows of a CSV, without the columns that a ledger cannot give, in the order of their callbacks.
pub(crate) fn comparable(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows = reader.records().map(|row| row.unwrap().iter().skip(3).map(ToOwned::to_owned).collect());
    let mut rows: Vec<Vec<String>> = rows.collect();
    rows.sort();
    rows
}

#[test]
fn a_ledger_that_is_not_there_is_named_and_none_is_made() {
    let stage = Stage::calm();
    for way in WAYS {
        let before = stage.names();
        stage.ringback(way).with(66).says(&["ringback.db", "--ledger"]);
        stage.ringback(&[way, &["--ledger", "other.db"]].concat()).with(66).says(&["other.db"]);
        assert_eq!(stage.names(), before, "{way:?}");
    }
}

#[test]
fn a_newer_ledger_is_refused_by_whoever_asks() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv"]).with(0);
    let newer = rusqlite::Connection::open(stage.path("ringback.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let before = std::fs::read(stage.path("ringback.db")).unwrap();
    for way in WAYS {
        stage.ringback(way).with(78).says(&["schema 99"]);
    }
    assert_eq!(std::fs::read(stage.path("ringback.db")).unwrap(), before);
}

#[test]
fn what_was_done_can_be_looked_up_and_looking_leaves_no_trace() {
    let stage = Stage::new(json!({ "refused_texts": ["+12025550101"] }));
    stage.export("night.csv", &[wish(0), wish(1), wish(0).campaign("other")]);
    stage.run(&["night.csv"]).with(6);
    let (names, bytes) = (stage.names(), std::fs::read(stage.path("ringback.db")).unwrap());
    let report = stage.report();
    let (id, run) = (report.rows[0].at("callback_id"), report.rows[0].at("run_id"));

    let runs = stage.told(&["runs"]);
    assert_eq!(
        (&runs[0]["run_id"], &runs[0]["number"], &runs[0]["state"]),
        (&json!(run), &json!(1), &json!("finished"))
    );
    assert_eq!((&runs[0]["exit_code"], &runs[0]["rows"]), (&json!(6), &json!(3)));
    stage.ringback(&["runs"]).with(0).says(&[run, "run", "confirmed 2, sms_failed 1"]);

    for name in [id, &id[..8], &id[..8].to_uppercase()] {
        let told = stage.told(&["show", name]);
        let callback = &told["callbacks"][0];
        for column in [
            "callback_id",
            "phone",
            "campaign_id",
            "language",
            "window_start",
            "window_end",
            "dispatch_at",
            "contact_id",
            "sms_session_id",
            "contact_at",
            "sms_at",
            "run_id",
            "status",
        ] {
            assert_eq!(callback[column], report.rows[0].at(column), "{column}");
        }
        let entries = callback["history"].as_array().unwrap();
        let kinds: Vec<&str> = entries.iter().map(|entry| entry["entry"].as_str().unwrap()).collect();
        let all = ["enrolled", "placed", "contact_intended", "contact_created", "sms_intended", "sms_accepted"];
        assert_eq!(kinds, all);
        assert_eq!(entries[1]["value"], report.rows[0].at("dispatch_at"));
        assert_eq!(entries[5]["value"], report.rows[0].at("sms_session_id"));
    }
    let refused = stage.ringback(&["show", report.rows[1].at("callback_id")]).with(0);
    refused.says(&["+12025550101", "sms_failed", "sms.refused", "--retry-failed", "run 1"]);
    for phone in ["+12025550100", "12025550100", "(202) 555-0100", "+1 202-555-0100"] {
        let told = stage.told(&["show", phone]);
        assert_eq!(told["callbacks"].as_array().unwrap().len(), 2, "{phone}");
    }
    for name in [run, &run[..13]] {
        assert_eq!(stage.told(&["show", name])["runs"][0]["run_id"], run);
    }
    for name in ["99999999", "+12025559999", "nobody", &id[..7], ""] {
        stage.ringback(&["show", name]).with(2).says(&["nothing goes by", name, "ringback.db"]);
    }
    assert_eq!((stage.names(), std::fs::read(stage.path("ringback.db")).unwrap()), (names, bytes));
    assert_eq!(stage.ringback(&["plan", "night.csv", "-o", "plan"]).code, 6);
    assert!(!stage.path("ringback.db-wal").exists() && !stage.path("ringback.db-shm").exists());
}

#[test]
fn a_name_that_may_be_several_things_lists_them() {
    let stage = Stage::calm();
    for night in ["one.csv", "two.csv"] {
        stage.export(night, &wishes(2));
        stage.run(&[night]).with(0);
    }
    let runs = stage.told(&["runs"]);
    let ids: Vec<&str> = runs.as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap()).collect();
    let short = &ids[0][..4];
    assert_eq!(&ids[1][..4], short);
    stage.ringback(&["show", short]).with(2).says(&[ids[0], ids[1], "give more of it"]);
    stage.ringback(&["report", short]).with(2).says(&[ids[0], ids[1], "number 2"]);
    stage.ringback(&["report", "3"]).with(2).says(&["no run goes by", "ringback runs"]);
}

#[test]
fn a_run_is_reported_again_as_it_ended() {
    let stage = Stage::new(json!({ "refused_phones": ["+12025550101"] }));
    stage.put("night.csv", format!("{}x,unknown,,,,\n", crate::export::csv(&wishes(4))));
    stage.run(&["night.csv", "--limit", "3"]).with(4);
    let file = |name: &str| std::fs::read_to_string(stage.path(name)).unwrap();
    let (first, summary) = (file("out/results.csv"), file("out/summary.json"));
    stage.faults(&json!({ "refused_phones": [] }));
    stage.run(&["night.csv", "--retry-failed"]).with(3);
    let mut expected = comparable(&first);
    expected.retain(|row| row[0] != "rejected");
    assert_eq!(expected.len(), 4);
    let run = Report::read(&stage.path("out")).rows[4].at("run_id").to_owned();
    let again = stage.ringback(&["report", "1"]).with(0).stdout;
    assert_eq!(again.lines().next(), first.lines().next());
    assert_eq!(comparable(&again), expected);
    assert!(again.lines().skip(1).all(|line| line.starts_with(",,,")), "{again}");
    assert_eq!(stage.ringback(&["report", "1", "--json"]).with(0).stdout, summary);
    for name in ["last", "2", &run] {
        let last = comparable(&stage.ringback(&["report", name]).with(0).stdout);
        assert_eq!(last.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["confirmed"; 2], "{name}");
    }
    std::fs::create_dir(stage.path("again")).unwrap();
    stage.put("again/rejects.csv", "kept");
    stage.put("again/report.html", file("out/report.html"));
    stage.ringback(&["report", "1", "-o", "again"]).with(0).says(&["again/results.csv"]);
    assert_eq!((comparable(&file("again/results.csv")), file("again/summary.json")), (expected, summary));
    assert_eq!(file("again/rejects.csv"), "kept", "no ledger could give them again");
    assert!(!stage.path("again/report.html").exists(), "a page that tells of another run");
    stage.ringback(&["report", "2", "-o", "out"]).with(0);
    assert!(file("out/report.html").contains(&run), "its own stays");
}

#[test]
fn a_run_that_was_killed_is_summed_up_from_its_callbacks() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.export("night.csv", &wishes(40));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| state.texts().len() > 3);
    let beside = stage.told(&["runs"]);
    assert_eq!((&beside[0]["state"], &beside[0]["exit_code"]), (&json!("running"), &Value::Null));
    stage.ringback(&["runs"]).with(0).says(&["still runs"]);
    assert_eq!(comparable(&stage.ringback(&["report", "last"]).with(0).stdout).len(), 40);
    stage.ringback(&["show", "+12025550100"]).with(0).says(&["history", "enrolled"]);
    run.kill();
    stage.ringback(&["runs"]).with(0).says(&["not finished"]);
    let told = stage.told(&["report", "last"]);
    crate::contract::summary(&told);
    assert_eq!(told, stage.told(&["report", "last", "--format", "json"]));
    // No end is made up, and no exit code.
    for key in ["finished_at", "exit_code"] {
        assert_eq!(told.as_object().unwrap().get(key), Some(&Value::Null), "{key}");
    }
    stage.ringback(&["report", "last", "-o", "again"]).with(0);
    Report::read(&stage.path("again")).adds_up();
    assert_eq!((&told["rows"], &told["inputs"]), (&json!(40), &json!([])));
    assert!(told["by_status"]["confirmed"].as_u64().unwrap() > 0, "{told}");
    assert!(told["conditions"].as_array().unwrap().contains(&json!(4)), "{told}");
}

/// Of a run that ended, nothing is null; of one that goes on, neither end nor exit code is known.
#[test]
fn a_run_that_goes_on_has_no_end_yet() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.export("night.csv", &wishes(20));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| state.asked(CONTACT) > 0);
    let told = stage.told(&["report", "last"]);
    crate::contract::summary(&told);
    assert_eq!((&told["finished_at"], &told["exit_code"]), (&Value::Null, &Value::Null));
    stage.faults(&json!({ "latency_ms": 0 }));
    run.end().with(0);
    let told = stage.told(&["report", "last"]);
    assert!(told["finished_at"].is_string() && told["exit_code"] == 0, "{told}");
}

/// Settings tell those who look something up where the ledger is; where that is said, no file that lies somewhere
/// stands in their way. One that was named does.
#[test]
fn settings_that_nobody_named_keep_nobody_from_looking_into_a_ledger_that_is_named() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv"]).with(0);
    std::fs::rename(stage.path("ringback.toml"), stage.path("good.toml")).unwrap();
    std::fs::create_dir_all(stage.path(".config/ringback")).unwrap();
    stage.put(".config/ringback/ringback.toml", "[platform\n");
    let reference = stage.ringback(&["report", "last", "-c", "good.toml"]).with(0).stdout;
    let reference = &comparable(&reference)[0][9][..8];
    let looks: [&[&str]; 7] = [
        &["runs"],
        &["show", reference],
        &["show", "(202) 555-0100"],
        &["report", "last"],
        &["report", "last", "--format", "html"],
        &["report", "--format", "csv"],
        &["backup", "copy.db"],
    ];
    for look in looks {
        stage.ringback(look).with(78).says(&["ringback.toml"]);
        stage.ringback(&[look, &["--ledger", "ringback.db", "-c", ".config/ringback/ringback.toml"]].concat()).with(78);
        stage.ringback(&[look, &["--ledger", "ringback.db", "-c", "nowhere.toml"]].concat()).with(78);
        stage.ringback(&[look, &["--ledger", "ringback.db"]].concat()).with(0);
    }
    let told = stage.ringback(&["show", "2025550100", "--ledger", "ringback.db"]).with(0);
    told.says(&["ringback.toml", "with the defaults", "confirmed"]);
    // What settings decide is not done without them.
    for deed in [&["settle", reference, "--as", "sent"][..], &["run", "night.csv"], &["resume"]] {
        stage.ringback(&[deed, &["--ledger", "ringback.db"]].concat()).with(78);
    }
}

#[test]
fn the_schema_of_the_summary_needs_no_ledger() {
    let stage = Stage::calm();
    let schema: Value = serde_json::from_str(&stage.ringback(&["report", "--schema"]).with(0).stdout).unwrap();
    assert!(schema["properties"]["by_status"].is_object(), "{schema}");
    let ended = stage.ringback(&["report"]).with(2);
    ended.says(&["RUN"]);
}

#[test]
fn a_backup_is_taken_beside_a_run_and_opens() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.export("night.csv", &wishes(8));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| state.texts().len() > 1);
    stage.ringback(&["backup", "copy.db"]).with(0).says(&["copy.db", "8 callbacks", "1 runs"]);
    stage.faults(&json!({ "latency_ms": 0 }));
    run.end().with(0);
    for taken in ["copy.db", "ringback.db", "ringback.db-wal"] {
        stage.ringback(&["backup", taken]).with(2).says(&[taken]);
    }
    assert_eq!(stage.told(&["runs", "--ledger", "copy.db"])[0]["state"], "not_finished");
    let quiet: Ended = stage.ringback(&["backup", "second.db", "-q"]).with(0);
    assert_eq!(quiet.stdout, "");
    assert_eq!(stage.told(&["backup", "third.db"])["callbacks"], 8);
}

/// The whole story: a copy, more work, the copy put back over the ledger, and a run on it.
#[test]
fn a_backup_put_back_texts_nobody_twice() {
    for lock_is_there in [true, false] {
        let stage = Stage::new(json!({ "latency_ms": 100 }));
        stage.export("night.csv", &wishes(6));
        let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
        run.until(|state| state.texts().len() > 1);
        stage.ringback(&["backup", "copy.db"]).with(0);
        stage.faults(&json!({ "latency_ms": 0 }));
        run.end().with(0);
        assert_eq!((stage.state().asked(CONTACT), stage.state().asked(TEXT)), (6, 6));
        std::fs::rename(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
        if !lock_is_there {
            std::fs::remove_file(stage.path("ringback.db.lock")).unwrap();
        }
        stage.run(&["night.csv"]).with(78).says(&["was restored from a copy", "adopt --as copy"]);
        stage.ringback(&["ledger", "adopt", "--as", "copy"]).with(0);
        stage.run(&["night.csv"]).with(5);
        let report = stage.report();
        assert_eq!(report.count("already_done") + report.count("sms_in_doubt") + report.count("in_doubt"), 6);
        assert_eq!((stage.state().texts().len(), stage.state().asked(TEXT)), (6, 6));
        assert_eq!(stage.state().contacts().len(), 6);
        stage.ringback(&["settle", "--as", "sent", "--from", "out/results.csv"]).with(0);
        // A contact that was on its way when the copy was made may have its text by now.
        let doubted = report.count("in_doubt");
        stage.run(&["night.csv"]);
        assert_eq!(
            (stage.report().count("already_done"), stage.report().count("sms_in_doubt")),
            (6 - doubted, doubted)
        );
        assert_eq!(stage.state().asked(TEXT), 6);
    }
}
