//! What a person decides of callbacks in doubt, and what the next run makes of it.

use serde_json::{Value, json};

use crate::export::{wish, wishes};
use crate::platform::{CONTACT, TEXT};
use crate::stage::{Ended, Stage};

/// A run whose contacts or texts all got no answer: carried out, or lost on the way.
fn doubted(fault: &str, ids: &str, count: usize) -> Stage {
    let stage = Stage::new(json!({ fault: if ids == "advisory" { "1@contact" } else { "1@sms" } }));
    let stage = stage.with("RINGBACK_PLATFORM_CONTACT_IDS", ids);
    stage.export("night.csv", &wishes(count));
    stage.run(&["night.csv"]).with(5);
    stage.faults(&json!({ fault: 0.0 }));
    stage
}

impl Stage {
    /// The callback ids of the report, row by row.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.report().column("callback_id").into_iter().map(ToOwned::to_owned).collect()
    }

    /// Settles without a word about the platform: no credentials, no address.
    fn settle(&self, args: &[&str]) -> Ended {
        let mut command = self.command(&[&["settle"], args].concat());
        for variable in ["CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET", "RINGBACK_PLATFORM_BASE_URL"] {
            command.env_remove(variable);
        }
        Ended::of(&mut command)
    }

    /// The runs, the newest first.
    fn runs(&self) -> Vec<Value> {
        serde_json::from_str(&self.ringback(&["runs", "--json"]).with(0).stdout).unwrap()
    }
}

#[test]
fn contacts_that_were_created_get_their_texts() {
    let stage = doubted("cut_after", "advisory", 3);
    stage.report().all("in_doubt", "contact.no_answer");
    let ids = stage.ids();
    stage.settle(&["--as", "sent", &ids[0][..8], &ids[1], &ids[2]]).with(0).says(&["settled 3", "in_doubt -> pending"]);
    stage.run(&["night.csv"]).with(0);
    stage.report().all("confirmed", "");
    stage.report().is_what_the_platform_did(&stage.state());
    assert_eq!(stage.state().asked(CONTACT), 3);
}

#[test]
fn contacts_that_were_never_created_are_sent_for_their_time() {
    let stage = doubted("cut_before", "advisory", 3);
    let before: Vec<String> = stage.report().column("dispatch_at").into_iter().map(ToOwned::to_owned).collect();
    stage.settle(&["--as", "retry", "--from", "out/results.csv"]).with(0).says(&["settled 3"]);
    stage.run(&["night.csv"]).with(0);
    stage.report().all("confirmed", "");
    assert_eq!(stage.report().column("dispatch_at"), before);
    stage.report().is_what_the_platform_did(&stage.state());
}

/// The clock of the third run stands a day after the customers' windows began, within those of the others.
#[test]
fn a_contact_whose_time_has_passed_is_placed_anew() {
    let stage = Stage::calm();
    stage.put(
        "wide.toml",
        "[validation]\nmax_window = \"4h\"\n[platform]\ncontact_ids = \"advisory\"\n[retry]\nserver_error_wait = [\"1ms\", \"2ms\"]\n",
    );
    stage.put("night.csv", "phone,start,end,campaign\n+12025550101,2026-11-24T10:00:00Z,2026-11-24T14:00:00Z,a\n");
    let rehearse = |now: &str, more: &[&str]| {
        let args = ["run", "-c", "wide.toml", "--sandbox", "--ledger", "l.db", "-o", "out", "--now", now];
        let map = ["--map", "requestedStart=start", "--map", "requestedEnd=end", "night.csv"];
        stage.ringback(&[&args[..], &map, more].concat())
    };
    rehearse("2026-11-24T09:00:00Z", &["--fault", "cut_before=1@contact"]).with(5);
    let (id, old) = (stage.ids().remove(0), stage.report().rows[0].at("dispatch_at").to_owned());
    stage.settle(&["--as", "retry", &id, "--ledger", "l.db"]).with(0);
    rehearse("2026-11-24T13:40:00Z", &[]).with(0);
    let report = stage.report();
    report.all("confirmed", "");
    let new = report.rows[0].at("dispatch_at");
    assert!(old.as_str() < "2026-11-24T13:40:00Z" && new > "2026-11-24T13:40:00Z", "{old} {new}");
}

#[test]
fn what_was_not_sent_and_is_not_to_be_stands_until_somebody_asks_again() {
    let stage = doubted("cut_before", "advisory", 2);
    let ids = stage.ids();
    stage.settle(&["--as", "not-sent", &ids[0], &ids[1]]).with(0).says(&["in_doubt -> failed"]);
    stage.run(&["night.csv"]).with(6);
    stage.report().all("failed", "settle.not_sent");
    stage.report().asked_nothing();
    stage.run(&["night.csv", "--retry-failed"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn texts_are_settled_each_way() {
    let stage = doubted("cut_after", "unique", 1);
    stage.settle(&["--as", "sent", &stage.ids()[0]]).with(0).says(&["sms_in_doubt -> confirmed"]);
    stage.run(&["night.csv"]).with(0);
    stage.report().all("already_done", "");
    assert_ne!(stage.report().rows[0].at("sms_at"), "");
    stage.report().is_what_the_platform_did(&stage.state());

    let stage = doubted("cut_before", "unique", 1);
    stage.settle(&["--as", "retry", &stage.ids()[0]]).with(0).says(&["sms_in_doubt -> pending"]);
    stage.run(&["night.csv"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());

    let stage = doubted("cut_before", "unique", 1);
    stage.settle(&["--as", "not-sent", &stage.ids()[0]]).with(0).says(&["sms_in_doubt -> sms_failed"]);
    stage.run(&["night.csv"]).with(6);
    stage.report().all("sms_failed", "settle.not_sent");
    stage.report().asked_nothing();
    stage.run(&["night.csv", "--retry-failed"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}

/// The platform had the contact before this ledger: for what time, nobody here knows.
#[test]
fn a_contact_that_existed_gets_no_text_by_any_word() {
    let stage = Stage::calm();
    stage.export("night.csv", &[wish(0)]);
    stage.run(&["night.csv", "--ledger", "lost.db"]).with(0);
    let texts = stage.state().asked(TEXT);
    stage.ringback(&["ledger", "adopt", "--as", "new"]).with(0);
    stage.run(&["night.csv"]).with(5);
    stage.report().all("sms_in_doubt", "contact.existed");
    let id = stage.ids().remove(0);
    stage.settle(&["--as", "retry", &id]).with(2).says(&[&id, "before this ledger", "not-sent"]);
    stage.settle(&["--as", "not-sent", &id]).with(0);
    for more in [&["night.csv"][..], &["night.csv", "--retry-failed"]] {
        stage.run(more).with(6);
        stage.report().all("sms_failed", "settle.not_sent");
        stage.report().asked_nothing();
    }
    assert_eq!(stage.state().asked(TEXT), texts);
}

#[test]
fn all_that_is_named_or_nothing() {
    let stage = doubted("cut_before", "unique", 2);
    let ids = stage.ids();
    stage.put("ids.txt", format!("{}\n\n{}\n{}\n", ids[0], &ids[0][..8], ids[1]));
    stage.put("wrong.txt", format!("{}\n99999999\n1234\n", ids[0]));
    let why = &["nothing was settled", "99999999: no callback", "1234: no callback"];
    stage.settle(&["--as", "sent", "--from", "wrong.txt"]).with(2).says(why);
    assert_eq!(stage.runs().len(), 1, "what is refused leaves no run behind");
    stage.run(&["night.csv"]).with(5);
    stage.report().all("sms_in_doubt", "sms.no_answer");
    let settled = stage.settle(&["--as", "sent", "--from", "ids.txt", "--json"]).with(0);
    let settled: Value = serde_json::from_str(&settled.stdout).unwrap();
    assert_eq!(settled.as_array().unwrap().len(), 2, "{settled}");
    assert_eq!((&settled[0]["was"], &settled[0]["status"]), (&json!("sms_in_doubt"), &json!("confirmed")));
    assert_eq!(settled[0]["phone"], "+1202•••0100");
    stage.settle(&["--as", "sent", &ids[1]]).with(2).says(&[&ids[1], "it is confirmed, not in doubt"]);
    let runs = stage.runs();
    assert_eq!(runs.iter().map(|run| &run["command"]).collect::<Vec<_>>(), ["settle", "run", "run"]);
    assert_eq!((&runs[0]["exit_code"], &runs[0]["by_status"]), (&json!(0), &json!({ "confirmed": 2 })));
    let told: Value = serde_json::from_str(&stage.ringback(&["report", "last", "--json"]).with(0).stdout).unwrap();
    crate::contract::summary(&told);
}

#[test]
fn settling_says_what_is_wrong_with_the_command() {
    let stage = doubted("cut_before", "unique", 1);
    let id = stage.ids().remove(0);
    stage.settle(&[&id]).with(2).says(&["--as"]);
    stage.settle(&["--as", "sent"]).with(2).says(&["--from"]);
    stage.settle(&["--as", "perhaps", &id]).with(2).says(&["sent", "not-sent", "retry"]);
    stage.settle(&["--as", "sent", "--from", "none.txt"]).with(66).says(&["none.txt"]);
    stage.settle(&["--as", "sent", "--from", "night.csv"]).with(65).says(&["night.csv", "callback_id"]);
    stage.settle(&["--as", "sent", &id, "--ledger", "none.db"]).with(66).says(&["none.db", "--ledger"]);
    assert!(!stage.path("none.db").exists() && !stage.path("none.db.lock").exists());
    let quiet = stage.settle(&["--as", "sent", &id, "-q"]).with(0);
    assert_eq!((quiet.stdout, quiet.stderr), (String::new(), String::new()));
}

#[test]
fn settling_waits_for_the_ledger_if_it_is_told_to() {
    let stage = doubted("cut_before", "unique", 1);
    let id = stage.ids().remove(0);
    stage.faults(&json!({ "latency_ms": 300 }));
    stage.export("more.csv", &wishes(6)[1..]);
    let mut run = stage.start(&["more.csv", "--concurrency", "1"]);
    run.until(|state| state.contacts().len() > 1);
    stage.settle(&["--as", "sent", &id]).with(75).says(&["holds the ledger"]);
    stage.faults(&json!({ "latency_ms": 0 }));
    stage.settle(&["--as", "sent", &id, "--wait", "60s"]).with(0);
    run.end().with(0);
}

/// A contact that a run created which the ledger does not know of: a person says that it is there. For which time it is
/// there nobody here knows, so that no text can tell it.
#[test]
fn a_contact_that_a_copy_does_not_know_of_gets_no_text_with_a_guessed_time() {
    let stage = Stage::calm().with("RINGBACK_PLATFORM_CONTACT_IDS", "advisory");
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv", "--limit", "0"]).with(4);
    stage.ringback(&["backup", "copy.db"]).with(0);
    stage.faults(&json!({ "missing_scopes": ["messaging:session:write"] }));
    stage.run(&["night.csv"]).with(77);
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (3, 0));
    stage.faults(&json!({ "missing_scopes": [] }));
    std::fs::copy(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
    stage.run(&["night.csv"]).with(78);
    stage.ringback(&["ledger", "adopt", "--as", "copy"]).with(0).says(&["callbacks in doubt: 3"]);
    stage.run(&["night.csv"]).with(5);
    stage.report().all("in_doubt", "contact.no_answer");
    let ids = stage.ids();
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    stage.settle(&[&["--as", "sent"], &all[..]].concat()).with(0);
    stage.settle(&[&["--as", "retry"], &all[..]].concat()).with(2).says(&["for a time that is not known here"]);
    stage.settle(&[&["--as", "not-sent"], &all[..]].concat()).with(0);
    stage.run(&["night.csv"]).with(6);
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (3, 0));
}
