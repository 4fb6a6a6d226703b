//! What those use who install ringback and watch over it.

use std::process::Stdio;

use crate::stage::Stage;

/// Commands, and an option that only the definitions know.
const WORDS: [&str; 4] = ["reconcile", "settle", "max-rejected", "exit-zero-on-rejects"];

#[test]
fn every_shell_is_told_what_can_be_typed() {
    let stage = Stage::calm();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stage.ringback(&["completions", shell]).with(0).stdout;
        for word in WORDS {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    stage.ringback(&["completions", "tcsh"]).with(2).says(&["tcsh", "bash", "zsh"]);
}

#[test]
fn the_manual_is_printed_or_written_a_page_a_command() {
    let stage = Stage::calm();
    let first = stage.ringback(&["man"]).with(0).stdout;
    assert!(first.starts_with(".ie") && first.contains(".TH ringback 1"), "{first}");
    assert!(first.contains("ringback\\-settle(1)") && first.contains("another run holds the ledger"), "{first}");
    stage.ringback(&["man", "-o", "share/man1"]).with(0);
    assert_eq!(std::fs::read_to_string(stage.path("share/man1/ringback.1")).unwrap(), first);
    let run = std::fs::read_to_string(stage.path("share/man1/ringback-run.1")).unwrap();
    assert!(run.contains("\\-\\-max\\-rejected"), "{run}");
    stage.put("taken", "");
    stage.ringback(&["man", "-o", "taken"]).with(74).says(&["taken"]);
}

/// Everything that goes to standard output and is no run's.
const PRINTED: [&[&str]; 10] = [
    &["--help"],
    &["-h"],
    &["--version"],
    &["run", "--help"],
    &["help", "settle"],
    &["report", "--schema"],
    &["completions", "bash"],
    &["man"],
    &["config", "--default"],
    &["sample", "--rows", "3"],
];

#[test]
fn what_cannot_be_printed_is_told() {
    let stage = Stage::calm();
    for args in PRINTED {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output =
            stage.command(args).stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(74), "{args:?}: {told}");
        assert!(told.starts_with("ringback: standard output: "), "{args:?}: {told}");
    }
}

#[test]
fn somebody_who_stops_reading_has_seen_enough() {
    let stage = Stage::calm();
    for args in PRINTED {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            stage.command(args).stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{args:?}");
    }
}

#[test]
fn a_fault_that_is_none_is_told_wherever_faults_are_taken() {
    let stage = Stage::calm();
    stage.export("night.csv", &crate::export::wishes(1));
    let ways: [&[&str]; 4] = [
        &["sandbox"],
        &["run", "night.csv", "--sandbox"],
        &["plan", "night.csv", "--sandbox"],
        &["doctor", "--sandbox"],
    ];
    for way in ways {
        let told = stage.ringback(&[way, &["--fault", "cut_aftr=0.05"]].concat()).with(2);
        told.says(&["did you mean --fault cut_after=0.05@sms", "forecast_no_agents"]);
    }
    let help = stage.ringback(&["sandbox", "--help"]).with(0);
    help.says(&["cut_after=SHARE", "cut_after=0.05@sms", "missing_scopes='[\"outbound:contact:write\"]'"]);
}
