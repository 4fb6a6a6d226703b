//! What is printed, what is left behind, and who may read it.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::export::{csv, wishes};
use crate::stage::{SECRET, SECRET_CODED, Stage, files};

#[test]
fn files_are_for_their_owner_alone() {
    let stage = Stage::calm();
    stage.put("night.csv", csv(&wishes(2)) + "bad,unknown,,,,\n");
    stage.run(&["night.csv"]).with(3);
    stage.ringback(&["run", "night.csv", "--sandbox", "-o", "rehearsal"]).with(3);
    let mut seen = 0;
    for path in files(&stage.path("")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !["night.csv", "ringback.toml"].contains(&name.as_str()) {
            seen += 1;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        }
    }
    assert!(seen >= 11, "results, page, summary and rejects twice, two ledgers, the sandbox's state: {seen}");
    assert!(stage.path("out/report.html").exists() && stage.path("rehearsal/report.html").exists());
}

#[test]
fn quiet_prints_nothing_when_all_is_well() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    let ended = stage.run(&["night.csv", "-q"]).with(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    let ended = stage.ringback(&["validate", "night.csv", "-q"]).with(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    stage.put("night.csv", csv(&wishes(2)) + "bad,unknown,,,,\n");
    let ended = stage.run(&["night.csv", "-q"]).with(3);
    assert_ne!(ended.stdout, "", "trouble is told all the same");
}

#[test]
fn the_summary_as_json_is_all_that_goes_to_standard_output() {
    let stage = Stage::new(json!({ "too_many": "0.3@forecast", "retry_after_secs": 0 }));
    stage.export("night.csv", &wishes(2));
    let ended = stage.run(&["night.csv", "--json", "-vv"]).with(0);
    let printed: Value = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
    assert_eq!(printed, stage.report().summary);
    assert_ne!(ended.stderr, "", "what is told beside it goes to standard error");
    let table = stage.run(&["night.csv"]).with(0);
    table.says(&["already_done", "2", "results.csv"]);
    assert_eq!(table.stderr, "");
}

#[test]
fn the_secret_is_seen_nowhere() {
    let stage = Stage::new(json!({ "token_revoked": "0.1@sms", "error_before": "0.2" }));
    stage.export("night.csv", &wishes(10));
    let mut told = String::new();
    for args in [
        &["run", "night.csv", "-o", "out", "--rate", "100000", "-vv"][..],
        &["run", "night.csv", "-o", "out2", "--rate", "100000", "-vv", "--log-format", "json"],
        &["plan", "night.csv", "-o", "out3", "--rate", "100000", "-vv"],
        &["config"],
        &["config", "--json"],
    ] {
        let ended = stage.ringback(args);
        told += &(ended.stdout + &ended.stderr);
    }
    let mut seen = vec![("what was printed".to_owned(), told.into_bytes())];
    for path in files(&stage.path("")) {
        seen.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    assert!(seen.len() > 6);
    // The secret, as it stands in the header of HTTP Basic too, and the sandbox's tokens.
    for (place, bytes) in &seen {
        for secret in [SECRET, SECRET_CODED, "sandbox-", "Bearer "] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} in {place}");
        }
    }
}

#[test]
fn phones_are_masked_in_what_is_logged() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    let ended = stage.run(&["night.csv", "-vv"]).with(0);
    assert!(!ended.stderr.contains("+1202555010") && !ended.stderr.is_empty(), "{}", ended.stderr);
}

#[test]
fn the_report_has_a_folder_of_its_own_unless_one_is_named() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    stage.ringback(&["run", "night.csv", "--rate", "100000"]).with(0);
    let folders: Vec<_> = std::fs::read_dir(stage.path("ringback-runs")).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(folders.len(), 1);
    let report = crate::report::Report::read(&folders[0].path());
    assert_eq!(report.summary["run_id"], folders[0].file_name().to_str().unwrap());
}

#[test]
fn the_nightly_story_can_be_rehearsed_as_it_stands() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/nightly");
    let stage = Stage::calm();
    let (config, export, late) =
        (format!("{fixtures}/ringback.toml"), format!("{fixtures}/export.csv"), format!("{fixtures}/late.ndjson"));
    let args = ["-c", &config, &export, &late, "--sandbox", "--now", "2026-11-23T22:00:00Z"];
    stage.run(&args).with(3);
    let report = stage.report();
    assert_eq!(report.rows.len(), 31 + 8);
    assert!(report.rows.iter().all(|row| ["confirmed", "rejected", "duplicate"].contains(&row.at("status"))));
    let before = std::fs::read_to_string(stage.path("out/results.csv")).unwrap();
    stage.run(&args).with(3);
    assert_eq!(stage.report().column("dispatch_at"), crate::report::Report::column(&report, "dispatch_at"));
    assert!(!before.is_empty());
}
