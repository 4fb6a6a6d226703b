//! How a run ends that cannot do its work: the exit code, and words that a person can act on.

use std::path::Path;

use serde_json::{Value, json};

use crate::export::{HEADER, csv, lines, wish, wishes};
use crate::platform::{CONTACT, TEXT};
use crate::stage::{Ended, Stage};

/// A run of this input ends with a code and words, and the platform was not even asked for a token.
#[track_caller]
fn unread(name: &str, bytes: impl AsRef<[u8]>, code: i32, words: &[&str]) {
    let stage = Stage::calm();
    stage.put(name, bytes);
    stage.run(&[name]).with(code).says(words);
    assert_eq!(stage.state().asked_in_all(), 0);
}

#[test]
fn an_input_that_is_not_there_is_named() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv", "nihgt.csv"]).with(66).says(&["nihgt.csv"]);
    assert_eq!(stage.state().asked_in_all(), 0, "not even what could be read is sent");
}

#[test]
fn an_input_that_is_no_export_is_called_what_it_is() {
    unread("empty.csv", "", 65, &["empty.csv", "empty"]);
    unread("night.csv", b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0", 65, &["night.csv", "not text"]);
    unread("night.json", "[{\"phoneNumber\":\"+12025550100\"}]", 65, &["night.json", "array"]);
    unread("night.csv.gz", &crate::export::gzip(csv(&wishes(2)).as_bytes())[..60], 65, &["night.csv.gz", "damaged"]);
    let stage = Stage::calm();
    std::fs::create_dir(stage.path("exports")).unwrap();
    stage.run(&["exports"]).with(65).says(&["exports", "folder"]);
    assert_eq!(stage.state().asked_in_all(), 0);
}

#[test]
fn a_column_that_is_not_there_is_named_with_the_nearest() {
    let renamed = csv(&wishes(2)).replacen("phoneNumber", "phoneNumbr", 1);
    unread("night.csv", &renamed, 65, &["phoneNumber", "phoneNumbr", "requestedStart", "campaignId"]);
    let twice = csv(&wishes(2)).replacen("callId", "phone", 1);
    unread("night.csv", twice, 65, &["\"phone\"", "\"phoneNumber\""]);
    let stage = Stage::calm();
    stage.put("night.csv", renamed);
    stage.run(&["night.csv", "--map", "phoneNumber=phoneNumbr"]).with(0);
}

#[test]
fn a_batch_of_which_too_much_is_rejected_is_not_sent() {
    let stage = Stage::calm();
    let mut rows: Vec<String> = wishes(13).iter().map(crate::export::Wish::line).collect();
    rows.extend((0..7).map(|number| format!("bad-{number},unknown,,,,")));
    stage.put("night.csv", lines(&rows));
    stage.run(&["night.csv", "--max-rejected", "30"]).with(65).says(&["--max-rejected", "7 of 20"]);
    assert_eq!(stage.state().asked_in_all(), 0);
    assert_eq!((stage.report().count("pending"), stage.report().count("rejected")), (13, 7));
    stage.run(&["night.csv", "--max-rejected", "35"]).with(3);
    assert_eq!(stage.report().count("confirmed"), 13);
}

#[test]
fn a_wrong_command_line_is_2() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    let wrong: [&[&str]; 6] = [
        &["run"],
        &["run", "night.csv", "--rate", "0"],
        &["run", "night.csv", "--concurrency", "0"],
        &["run", "night.csv", "--now", "2026-11-23T20:00:00Z"],
        &["run", "night.csv", "--sandbox", "--fault", "cut_aftr=1"],
        &["run", "-", "-"],
    ];
    for args in wrong {
        stage.ringback(args).with(2);
    }
    assert_eq!(stage.state().asked_in_all(), 0);
}

#[test]
fn wrong_settings_name_the_file_the_key_and_what_is_allowed() {
    let wrong = |toml: &str, words: &[&str]| {
        let stage = Stage::calm();
        stage.put("ringback.toml", toml);
        stage.export("night.csv", &wishes(1));
        stage.run(&["night.csv"]).with(78).says(words);
        assert_eq!(stage.state().asked_in_all(), 0);
    };
    wrong(
        "[platform]\nconcurency = 3\n",
        &["ringback.toml:2", "platform.concurency", "nearest known is platform.concurrency"],
    );
    wrong("[retry]\nmax_attempts = 0\n", &["ringback.toml:2", "retry.max_attempts", "0"]);
    wrong("[platform]\nclient_secret = \"x\"\n", &["client_secret", "client_secret_file"]);
    wrong("[sms]\nfrom = \"+18005551234\"\n[sms.templates]\nen = \"{when}\"\n", &["sms.templates", "{when}"]);
    wrong("[platform\n", &["ringback.toml:1"]);
    wrong("", &["sms.from"]);
}

#[test]
fn secrets_go_over_no_open_line_to_another_machine() {
    let stage = Stage::calm().with("RINGBACK_PLATFORM_BASE_URL", "http://platform.example.com");
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv"]).with(78).says(&[
        "RINGBACK_PLATFORM_BASE_URL",
        "platform.base_url",
        "http:// only to this machine",
    ]);
}

/// The platform turns the run away: words, and a report all the same, in which nothing is lost.
#[track_caller]
fn turned_away(stage: &Stage, code: i32, words: &[&str]) {
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(code).says(words);
    let report = stage.report();
    report.all("pending", "run.stopped");
    assert_eq!(report.summary["exit_code"], code);
    assert_eq!(report.summary["conditions"], json!([code, 4]));
}

#[test]
fn a_wrong_secret_names_the_credential() {
    let stage = Stage::calm().with("CXONE_CLIENT_SECRET", "guessed");
    turned_away(&stage, 77, &["platform.client_id", "secret"]);
    assert_eq!(stage.state().asked_in_all(), 1, "it is not tried again");
    let stage = stage.with("CXONE_CLIENT_SECRET", crate::stage::SECRET);
    stage.run(&["night.csv"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_missing_scope_is_named_and_nothing_is_lost() {
    for scope in ["outbound:forecast:read", "outbound:contact:write", "messaging:session:write"] {
        let stage = Stage::new(json!({ "missing_scopes": [scope] }));
        turned_away(&stage, 77, &[scope]);
        stage.faults(&json!({ "missing_scopes": [] }));
        stage.run(&["night.csv"]).with(0);
        stage.report().all("confirmed", "");
        stage.report().is_what_the_platform_did(&stage.state());
    }
}

#[test]
fn a_redirect_is_not_followed_and_names_the_address() {
    for target in ["token", "forecast", "contact"] {
        let stage = Stage::new(json!({ "redirect": format!("1@{target}") }));
        turned_away(&stage, 78, &["base_url"]);
        assert_eq!(stage.state().asked("other"), 0, "nobody went where it pointed");
    }
}

#[test]
fn a_ledger_that_is_held_says_by_whom() {
    let stage = Stage::new(json!({ "latency_ms": 200 }));
    stage.export("night.csv", &wishes(40));
    let mut first = stage.start(&["night.csv", "--concurrency", "1"]);
    first.until(|state| state.asked(CONTACT) > 0);
    let second = stage.ringback(&["run", "night.csv", "-o", "second"]).with(75);
    second.says(&["ringback.db", &format!("process {}", first.pid()), "since"]);
    // A plan reads beside it; a text that is on its way right then is in doubt to whoever looks.
    let plan = stage.ringback(&["plan", "night.csv", "-o", "third", "--rate", "100000"]);
    assert!([0, 5].contains(&plan.code), "{plan:?}");
    first.kill();
    stage.run(&["night.csv", "--limit", "1"]).with(4);
}

#[test]
fn the_ledger_of_another_platform_or_client_is_refused() {
    let (stage, other) = (Stage::calm(), Stage::calm());
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv"]).with(0);
    let base_url = other.sandbox().base_url();
    for (name, value) in [("RINGBACK_PLATFORM_BASE_URL", base_url.as_str()), ("CXONE_CLIENT_ID", "another-shop")] {
        let mut command = stage.command(&["run", "night.csv", "-o", "second"]);
        Ended::of(command.env(name, value)).with(78).says(&["ringback.db", "belongs to", value, "--ledger"]);
    }
    // A rehearsal on the real ledger would mark real customers done.
    stage.run(&["night.csv", "--sandbox", "--ledger", "ringback.db"]).with(78);
    stage.run(&["night.csv", "--sandbox"]).with(0);
    assert_eq!((other.state().asked_in_all(), stage.state().asked(TEXT)), (0, 1));
}

#[test]
fn a_report_that_cannot_be_written_stops_the_run_before_it_begins() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    stage.put("out", "a file where the folder should be");
    stage.run(&["night.csv"]).with(74).says(&["out"]);
    assert_eq!(stage.state().asked_in_all(), 0);
}

#[test]
fn a_ledger_that_is_something_else_is_left_alone() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    let notes = "these are my notes, and no ledger at all: ".repeat(40);
    stage.put("notes.txt", &notes);
    stage.run(&["night.csv", "--ledger", "notes.txt"]).with(78).says(&["notes.txt", "not a ledger"]);
    assert_eq!(std::fs::read_to_string(stage.path("notes.txt")).unwrap(), notes);
    assert_eq!(stage.state().asked_in_all(), 0);
}

#[test]
fn a_header_without_rows_is_all_settled() {
    let stage = Stage::calm();
    stage.put("night.csv", format!("{HEADER}\n"));
    stage.run(&["night.csv"]).with(0);
    assert_eq!((stage.report().rows.len(), stage.state().asked_in_all()), (0, 0));
}

#[test]
fn the_worst_ending_wins_and_all_are_told() {
    let stage = Stage::new(json!({ "refused_phones": ["+12025550100"], "cut_after": "1@sms" }));
    stage.put("night.csv", format!("{}x,unknown,,,,\n", csv(&[wish(0), wish(1)])));
    stage.run(&["night.csv"]).with(5);
    let conditions: Value = stage.report().summary["conditions"].clone();
    assert_eq!(conditions, json!([5, 6, 3]));
    let rejects = csv(&[]) + "x,unknown,,,,\n";
    stage.put("rejects.csv", rejects);
    stage.run(&["rejects.csv"]).with(3);
    stage.run(&["rejects.csv", "--exit-zero-on-rejects"]).with(0);
    stage.run(&["night.csv", "--exit-zero-on-rejects"]).with(5);
    assert!(Path::new(&stage.path("out/rejects.csv")).exists());
}

#[test]
fn the_report_replaces_no_ledger_and_no_settings() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    for name in ["results.csv", "summary.json", "rejects.csv"] {
        stage.ringback(&["run", "night.csv", "-o", ".", "--ledger", name]).with(2).says(&[name, "ledger"]);
        assert!(!stage.path(name).exists());
    }
    std::fs::rename(stage.path("ringback.toml"), stage.path("summary.json")).unwrap();
    stage.ringback(&["run", "night.csv", "-o", ".", "-c", "summary.json"]).with(2).says(&["settings file"]);
    assert_eq!(stage.state().asked_in_all(), 0);
}

#[test]
fn a_lock_that_is_a_link_overwrites_nothing() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    let link: [fn(&std::path::Path, &std::path::Path); 2] =
        [|from, to| std::os::unix::fs::symlink(from, to).unwrap(), |from, to| std::fs::hard_link(from, to).unwrap()];
    for link in link {
        stage.put("victim", "precious");
        link(&stage.path("victim"), &stage.path("ringback.db.lock"));
        stage.run(&["night.csv"]).with(74).says(&["ringback.db.lock"]);
        assert_eq!(std::fs::read_to_string(stage.path("victim")).unwrap(), "precious");
        std::fs::remove_file(stage.path("ringback.db.lock")).unwrap();
    }
}

/// A run that was turned back has ended, and is told as what it was.
#[test]
fn a_run_that_could_not_do_its_work_has_ended_all_the_same() {
    let stage = Stage::calm();
    stage.put("night.csv", "one,two\n1,2\n");
    stage.run(&["night.csv"]).with(65);
    let runs = stage.ringback(&["runs", "--json"]).with(0).stdout;
    let runs: serde_json::Value = serde_json::from_str(&runs).unwrap();
    assert_eq!(runs[0]["exit_code"], 65, "{runs}");
}
