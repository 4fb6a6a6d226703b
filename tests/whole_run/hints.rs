//! What a person is told to type next works as it is printed.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::export::wishes;
use crate::platform::{CONTACT, FORECAST};
use crate::stage::{Ended, Stage};
use crate::stress::limited;

/// A ledger that a shell would take for several words, and settings likewise.
pub(crate) const LEDGER: &str = "it's mine/two words.db";
const SETTINGS: &str = "my settings.toml";

/// The first command between backticks that begins so, in all that was printed.
#[track_caller]
pub(crate) fn hint(ended: &Ended, begins: &str) -> String {
    let told = format!("{}{}", ended.stdout, ended.stderr);
    let found = told.split('`').find(|words| words.starts_with(begins)).map(ToOwned::to_owned);
    found.unwrap_or_else(|| panic!("no {begins} in {told}"))
}

/// Types a line into a shell in the stage's folder.
pub(crate) fn typed(stage: &Stage, line: &str) -> Ended {
    let like = stage.command(&[]);
    let ringback = Path::new(like.get_program()).parent().unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", line]).current_dir(stage.path("")).env_clear();
    shell.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", ringback);
    Ended::of(&mut shell)
}

/// A stage with a folder for such a ledger.
fn stage() -> Stage {
    let stage = Stage::calm();
    std::fs::create_dir(stage.path("it's mine")).unwrap();
    stage.export("night.csv", &wishes(3));
    stage
}

#[test]
fn the_command_that_goes_on_names_ledger_and_settings_for_a_shell() {
    let stage = stage();
    std::fs::rename(stage.path("ringback.toml"), stage.path(SETTINGS)).unwrap();
    let ended = stage.run(&["night.csv", "--limit", "0", "--ledger", LEDGER, "-c", SETTINGS]).with(4);
    typed(&stage, &hint(&ended, "ringback resume")).with(0).says(&["confirmed"]);
    assert_eq!(stage.state().contacts().len(), 3);
    assert!(!stage.path("ringback.db").exists());
}

#[test]
fn a_ledger_from_the_environment_is_named_too_and_one_from_the_settings_need_not_be() {
    let stage = stage().with("RINGBACK_LEDGER", LEDGER);
    let ended = stage.run(&["night.csv", "--limit", "0"]).with(4);
    let stage = stage.with("RINGBACK_LEDGER", "");
    let line = hint(&ended, "ringback resume");
    typed(&stage, &format!("unset RINGBACK_LEDGER; {line}")).with(0).says(&["confirmed"]);

    let stage = self::stage();
    let settings = std::fs::read_to_string(stage.path("ringback.toml")).unwrap();
    stage.put("ringback.toml", format!("ledger = \"{LEDGER}\"\n{settings}"));
    let ended = stage.run(&["night.csv", "--limit", "0"]).with(4);
    assert_eq!(hint(&ended, "ringback resume"), "ringback resume");
    typed(&stage, "ringback resume").with(0).says(&["confirmed"]);
}

#[test]
fn a_rehearsal_goes_on_with_its_own_ledger() {
    let stage = stage();
    let ended = stage.ringback(&["run", "night.csv", "--sandbox", "-o", "my out", "--limit", "0"]).with(4);
    typed(&stage, &hint(&ended, "ringback resume")).with(0).says(&["confirmed"]);
}

#[test]
fn a_report_that_did_not_fit_can_be_had_by_the_command_that_is_told() {
    let stage = stage();
    let mut rows = wishes(2);
    rows.extend((0..8000).map(|_| crate::export::wish(0)));
    stage.export("night.csv", &rows);
    let ended = limited(&stage, 2000, &["night.csv", "--ledger", LEDGER]).with(74);
    typed(&stage, &hint(&ended, "ringback report").replace("DIR", "again")).with(0).says(&["again/results.csv"]);
    assert_eq!(crate::lookup::comparable(&std::fs::read_to_string(stage.path("again/results.csv")).unwrap()).len(), 2);
}

#[test]
fn a_run_that_leaves_at_once_and_doctor_name_the_ledger_too() {
    let stage = Stage::new(json!({ "latency_ms": 300 }));
    stage.export("night.csv", &wishes(4));
    let mut run = stage.start(&["night.csv", "--ledger", "two words.db"]);
    run.until(|state| state.asked(FORECAST) > 0);
    stage.faults(&json!({ "latency_ms": 600_000 }));
    run.until(|state| state.asked(CONTACT) == 4);
    let ended = run.signal_until_it_ends("TERM").with(4);
    assert_eq!(hint(&ended, "ringback resume"), "ringback resume --ledger 'two words.db'");
    stage.faults(&json!({ "latency_ms": 0 }));
    let found = stage.ringback(&["doctor", "--ledger", "two words.db"]).with(0);
    assert_eq!(hint(&found, "ringback resume"), "ringback resume --ledger 'two words.db'");
}

/// After a rehearsal and beside another ledger, a person's word must not fall into the one that is at hand.
#[test]
fn what_settles_names_the_ledger_that_is_in_doubt() {
    let stage = Stage::new(json!({ "cut_after": "1@sms" }));
    std::fs::create_dir(stage.path("it's mine")).unwrap();
    stage.export("night.csv", &wishes(2));
    let ended = stage.run(&["night.csv", "--ledger", LEDGER]).with(5);
    stage.faults(&json!({ "cut_after": 0.0 }));
    let ids = stage.ids();
    let shown = stage.ringback(&["show", &ids[0], "--ledger", LEDGER]).with(0);
    for (told, id) in [(&shown, &ids[0]), (&ended, &ids[1])] {
        let told = format!("{}{}", told.stdout, told.stderr);
        let settle = told.split('`').find(|words| words.starts_with("ringback settle") && words.contains(" ID "));
        let settle = settle.expect("a command").replace(" ID ", &format!(" {id} ")).replace("sent", "retry");
        let done = typed(&stage, &settle).with(0);
        assert_eq!(hint(&done, "ringback resume"), "ringback resume --ledger 'it'\\''s mine/two words.db'");
    }
    let page = std::fs::read_to_string(stage.path("out/report.html")).unwrap();
    assert!(page.contains("ringback settle --ledger"), "the page names it too");
    stage.put_contacts("contacts.csv");
    let files = ["--input", "night.csv", "--platform", "contacts.csv", "--ledger", LEDGER, "--settle"];
    stage.reconcile(&files).with(0);
    typed(&stage, &hint(&stage.ringback(&["show", &ids[0], "--ledger", LEDGER]), "ringback resume")).with(0);
    assert!(!stage.path("ringback.db").exists());
    let rehearsed = ["run", "night.csv", "--sandbox", "--fault", "cut_after=1@sms", "-o", "rehearsal"];
    let ended = stage.ringback(&rehearsed).with(5);
    assert!(hint(&ended, "ringback settle").contains("--ledger rehearsal/ringback.db"), "{ended:?}");
}
