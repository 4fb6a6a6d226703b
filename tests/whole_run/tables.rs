//! `ringback report --format`: tables for analysts, of one run and across runs.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::export::{wish, wishes};
use crate::stage::Stage;

type Row = BTreeMap<String, String>;

/// The rows of a CSV, by column.
fn rows(csv: &str) -> Vec<Row> {
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

impl Stage {
    /// The rows of a table that are asked for.
    fn table(&self, args: &[&str]) -> Vec<Row> {
        rows(&self.ringback(&[&["report", "--format", "csv"], args].concat()).with(0).stdout)
    }

    /// The rows of each table that are asked for, in numbers.
    fn counts(&self, args: &[&str]) -> [usize; 3] {
        ["runs", "callbacks", "entries"].map(|table| self.table(&[args, &["--table", table]].concat()).len())
    }
}

/// A stage on which three callbacks of two campaigns were met by two runs: one is confirmed, one was refused, one
/// left pending by the first run and refused its text in the second.
fn two_runs() -> Stage {
    let stage = Stage::new(json!({ "refused_phones": ["+12025550101"], "refused_texts": ["+12025550102"] }));
    let last = wish(2).hours(20.0, 22.0).campaign("other");
    stage.export("night.csv", &[wish(0), wish(1), last, wish(0)]);
    stage.run(&["night.csv", "--limit", "2"]).with(4);
    stage.run(&["night.csv"]).with(6);
    stage
}

#[test]
fn callbacks_are_told_as_they_stand_now_in_the_words_of_results() {
    let stage = two_runs();
    let report = stage.report();
    let told = stage.table(&[]);
    assert_eq!(told.iter().map(|row| row["status"].as_str()).filter(|status| *status == "confirmed").count(), 1);
    for row in report.rows.iter().filter(|row| row.at("status") != "duplicate") {
        let callback = told.iter().find(|told| told["callback_id"] == row.at("callback_id")).unwrap();
        for (column, cell) in callback {
            let of_results = !["status", "progress", "utc_offset_minutes", "updated_at"].contains(&column.as_str());
            assert!(!of_results || cell == row.at(column), "{column}: {cell:?} {row:?}");
        }
        let status = row.at("status").replace("already_done", "confirmed");
        assert_eq!(callback["status"], status);
    }
    let runs = stage.table(&["--table", "runs"]);
    let counts: Vec<_> =
        runs.iter().map(|run| [&run["number"], &run["exit_code"], &run["rows"], &run["failed"]]).collect();
    assert_eq!(counts, [["1", "4", "4", "1"], ["2", "6", "4", "1"]]);
    let entries = stage.table(&["--table", "entries"]);
    let of_last: Vec<_> =
        entries.iter().filter(|entry| entry["callback_id"] == report.rows[2].at("callback_id")).collect();
    let ends: Vec<_> = of_last.iter().map(|entry| (entry["entry"].as_str(), entry["status"].as_str())).collect();
    assert_eq!(ends.first(), Some(&("enrolled", "pending")));
    assert_eq!(ends.last(), Some(&("sms_failed", "sms_failed")));
    assert!(of_last.is_sorted_by_key(|entry| &entry["written_at"]), "{of_last:?}");
    assert_eq!(
        told.iter().find(|row| row["status"] == "sms_failed").unwrap()["updated_at"],
        of_last.last().unwrap()["written_at"]
    );
}

#[test]
fn rows_are_those_that_are_asked_for() {
    let stage = two_runs();
    let [runs, callbacks, entries] = stage.counts(&[]);
    assert_eq!((runs, callbacks), (2, 3));
    let [first, second] = ["1", "last"].map(|run| stage.counts(&[run]));
    assert_eq!(([first[0], first[1]], [second[0], second[1]]), ([1, 3], [1, 1]));
    assert_eq!(first[2] + second[2], entries);
    assert_eq!(stage.counts(&["--campaign", "other"])[..2], [2, 1]);
    assert_eq!(stage.counts(&["--campaign", " other ", "--campaign", "billing-east"])[1..], [3, entries]);
    assert_eq!(stage.counts(&["--status", "failed", "--status", "sms_failed"])[1], 2);
    assert_eq!(stage.counts(&["last", "--status", "failed"]), [1, 0, 0]);
    assert_eq!(stage.counts(&["--since", "2026-01-01", "--until", "9999-12-31T00:00:00+01:00"]), [2, 3, entries]);
    assert_eq!(stage.counts(&["--until", "2026-01-01"]), [0; 3]);
    let header = stage.ringback(&["report", "--format", "csv", "--status", "in_doubt"]).with(0).stdout;
    assert_eq!(header.lines().count(), 1, "{header}");
    assert!(header.starts_with("callback_id,phone,campaign_id,"), "{header}");
}

#[test]
fn what_cannot_be_asked_is_refused_and_says_what_can() {
    let stage = two_runs();
    let refused = |args: &[&str], words: &[&str]| stage.ringback(&[&["report"], args].concat()).with(2).says(words);
    let choices =
        ["confirmed", "scheduled", "sms_waiting", "failed", "sms_failed", "expired", "pending", "sms_in_doubt"];
    refused(&["--format", "csv", "--status", "rejected"], &choices);
    refused(&["--status", "failed"], &["--format"]);
    refused(&["last", "--table", "runs"], &["--format"]);
    refused(&["--format", "csv", "--since", "yesterday"], &["2026-11-23", "RFC 3339"]);
    refused(&["--format", "csv", "--since", "2026-11-24", "--until", "2026-11-24"], &["--until is not behind --since"]);
    refused(&["--format", "json"], &["name a RUN", "`last`"]);
    refused(&["last", "--format", "json", "--status", "failed"], &["whole run"]);
    refused(&["last", "--format", "json", "--table", "runs"], &["whole run"]);
    refused(&["--format", "csv", "--json"], &["--json"]);
    refused(&["--format", "csv", "9"], &["no run goes by"]);
    refused(&["--schema", "--format", "csv"], &["--schema"]);
}

#[test]
#[ignore = "needs `script` of util-linux"]
fn a_terminal_is_shown_no_parquet() {
    let stage = two_runs();
    let args = ["-qec", &format!("{} report --format parquet", env!("CARGO_BIN_EXE_ringback")), "/dev/null"];
    let on_a_terminal = Command::new("script").args(args).current_dir(stage.path("")).stdin(Stdio::null()).output();
    let told = String::from_utf8(on_a_terminal.unwrap().stdout).unwrap();
    assert!(told.contains("a terminal cannot show Parquet"), "{told}");
}

#[test]
fn files_are_whole_private_and_replaced() {
    let stage = two_runs();
    stage.ringback(&["report", "--format", "csv", "-o", "tables", "-q"]).with(0);
    for format in ["csv", "ndjson", "parquet"] {
        let names = ["runs", "callbacks", "entries"].map(|table| format!("tables/{table}.{format}"));
        stage.put(&names[1], "old");
        let args = ["report", "--format", format, "-o", "tables"];
        stage.ringback(&args).with(0).says(&[&names[0], &names[1], &names[2], "(3 rows)"]);
        for name in &names {
            let found = std::fs::metadata(stage.path(name)).unwrap();
            assert!(found.len() > 10 && found.permissions().mode() & 0o777 == 0o600, "{name}: {found:?}");
        }
        assert_eq!(stage.ringback(&[&args[..], &["-q"]].concat()).with(0).stdout, "");
        let told: Value =
            serde_json::from_str(&stage.ringback(&[&args[..], &["--json"]].concat()).with(0).stdout).unwrap();
        assert_eq!(told["callbacks"], json!({ "path": names[1], "rows": 3 }));
    }
    let folder = stage.path("tables");
    assert_eq!(crate::stage::files(&folder).len(), 9, "nothing else is left there");
    let csv = std::fs::read_to_string(folder.join("callbacks.csv")).unwrap();
    assert_eq!(rows(&csv), stage.table(&[]));
    let lines = stage.ringback(&["report", "--format", "ndjson"]).with(0).stdout;
    assert_eq!(lines, std::fs::read_to_string(folder.join("callbacks.ndjson")).unwrap());
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&first["contact_id"].is_null(), first["attempts"].is_u64()), (&(first["status"] == "failed"), true));
    stage.ringback(&["report", "last", "--format", "csv", "--table", "runs", "-o", "one"]).with(0);
    assert_eq!(crate::stage::files(&stage.path("one")), [stage.path("one/runs.csv")]);
}

#[test]
fn the_format_json_is_the_summary() {
    let stage = two_runs();
    for run in ["1", "last"] {
        let [format, json] = [["--format", "json"].as_slice(), &["--json"]]
            .map(|asked| stage.ringback(&[&["report", run], asked].concat()).with(0).stdout);
        assert_eq!(format, json);
    }
    stage.ringback(&["report", "1", "--format", "json", "-o", "again"]).with(0);
    assert!(stage.path("again/results.csv").exists());
}

#[test]
fn tables_are_given_beside_a_run_and_to_who_stops_reading() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.export("night.csv", &wishes(300));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| state.texts().len() > 1);
    assert_eq!(stage.table(&["--table", "runs"])[0]["state"], "running");
    assert_eq!(stage.counts(&["last", "--status", "pending", "--status", "confirmed"])[1], 300);
    for args in
        [&["--format", "csv", "--table", "entries"][..], &["--format", "ndjson", "--table", "entries"], &["last"]]
    {
        let mut command = stage.command(&[&["report"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]), "{args:?}");
    }
    run.kill();
    assert_eq!(stage.table(&["--table", "runs"])[0]["state"], "not_finished");
}

#[test]
fn the_three_tables_are_of_one_moment() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2000));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.texts().len() > 1);
    for _ in 0..4 {
        stage.ringback(&["report", "--format", "csv", "-o", "tables"]).with(0);
        let read = |table: &str| rows(&std::fs::read_to_string(stage.path(&format!("tables/{table}.csv"))).unwrap());
        let last: BTreeMap<String, Row> =
            read("entries").into_iter().map(|entry| (entry["callback_id"].clone(), entry)).collect();
        for callback in read("callbacks") {
            let last = &last[&callback["callback_id"]];
            assert_eq!((&callback["updated_at"], &callback["status"]), (&last["written_at"], &last["status"]));
        }
    }
    run.kill();
}
