//! What those use who install ringback and watch over it.

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
