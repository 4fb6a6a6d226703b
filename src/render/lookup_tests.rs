//! What people read who look something up.

use super::history::{self, Dossier, text};
use super::json::pretty;
use super::runs;
use super::settled::{self, Settled};
use super::surroundings::Commands;
use crate::domain::callback::{CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::outcome::{Standing, Status};
use crate::domain::past::{Fate, NotedEntry, NotedRun, RunEnd};
use crate::domain::phone::E164;
use crate::domain::progress::Progress;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

const RUN: RunId = RunId(uuid::Uuid::from_u128(0x0193_5a2e_0000_7000_8000_0000_0000_0001));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_438_800 + seconds)
}

fn phone() -> E164 {
    E164::from_canonical("+12025550198").expect("a number")
}

fn id() -> CallbackId {
    CallbackId::of(phone(), Window::new(at(0), at(7200)).expect("a window"), "a1b2")
}

fn noted(number: i64, command: &str, end: RunEnd) -> NotedRun {
    let summary =
        matches!(end, RunEnd::Finished { .. }).then(|| r#"{"by_status":{"in_doubt":1,"confirmed":29}}"#.to_owned());
    let (command, version) = (command.to_owned(), "0.1.0".to_owned());
    NotedRun { number, id: RUN, command, version, started_at: at(0), end, summary, cut_off: None }
}

fn doubted() -> Standing {
    Standing {
        progress: Progress::TextDoubted,
        code: Some(Code::SmsNoAnswer),
        detail: "no answer: \u{1b}[2Jgone".into(),
        dispatch_at: Some(at(60)),
        contact_id: Some("c-1".into()),
        attempts: 2,
        contact_at: Some(at(-60)),
        ..Standing::untouched(RUN)
    }
}

fn history() -> Vec<NotedEntry> {
    let entry = |kind: &str, code: Option<Code>, value: Option<&str>| NotedEntry {
        at: at(-60),
        run: Some(3),
        kind: kind.into(),
        code,
        detail: code.map_or("", |_| "no answer").into(),
        value: value.map(Into::into),
    };
    vec![
        entry("enrolled", None, None),
        entry("placed", None, Some("2026-11-23T13:01:00Z")),
        entry("sms_doubted", Some(Code::SmsNoAnswer), None),
    ]
}

fn parsed(json: &str) -> serde_json::Value {
    serde_json::from_str(json).expect("JSON")
}

fn commands() -> Commands {
    Commands::naming(" --ledger l.db")
}

fn dossier<'a>(standing: &'a Standing, history: &'a [NotedEntry]) -> Dossier<'a> {
    let window = Window::new(at(0), at(7200)).expect("a window");
    let (campaign, language, offset_minutes) = ("a1b2", "en-US", -300);
    Dossier { id: id(), phone: phone(), window, campaign, language, offset_minutes, standing, history }
}

#[test]
fn a_callback_is_told_with_its_history_and_what_to_do() {
    insta::assert_snapshot!(text(&dossier(&doubted(), &history()), &commands()), @"
    callback 194c33ee-72c2-591b-92ab-b071e07b2a7f
      phone           +12025550198
      window start    2026-11-23T13:00:00Z (2026-11-23T08:00:00-05:00)
      window end      2026-11-23T15:00:00Z (2026-11-23T10:00:00-05:00)
      campaign        a1b2
      language        en-US
      status          sms_in_doubt
      code            sms.no_answer
      detail          no answer: �[2Jgone
      dispatch time   2026-11-23T13:01:00Z (2026-11-23T08:01:00-05:00)
      contact id      c-1
      contact at      2026-11-23T12:59:00Z (2026-11-23T07:59:00-05:00)
      attempts        2
      run             01935a2e-0000-7000-8000-000000000001
      next            look on the platform whether the text went out; then `ringback settle --ledger l.db ID --as sent`, `not-sent` or `retry`
    history
      2026-11-23T12:59:00Z  run 3      enrolled
      2026-11-23T12:59:00Z  run 3      placed  2026-11-23T13:01:00Z
      2026-11-23T12:59:00Z  run 3      sms_doubted  sms.no_answer  no answer
    ");
}

#[test]
fn a_machine_is_told_all_of_a_callback() {
    let (standing, history) = (doubted(), history());
    let told = parsed(&pretty(&history::sheet(&dossier(&standing, &history), &commands())));
    assert_eq!((&told["status"], &told["phone"]), (&"sms_in_doubt".into(), &"+12025550198".into()));
    assert_eq!(told["history"][1]["value"], "2026-11-23T13:01:00Z");
    assert_eq!((&told["sms_at"], &told["utc_offset_minutes"]), (&serde_json::Value::Null, &(-300).into()));
}

#[test]
fn what_to_do_next_names_the_command() {
    let check = |standing: Standing, words: &str| {
        let told = text(&dossier(&standing, &[]), &commands());
        let next = told.lines().find(|line| line.trim_start().starts_with("next ")).unwrap_or_default();
        assert!(next.contains(words), "{words:?} is not in {next:?}");
    };
    let at_progress = |progress, code| Standing { progress, code, ..doubted() };
    check(at_progress(Progress::Confirmed, None), "it is done");
    check(at_progress(Progress::TextWaiting, Some(Code::SmsQuietHours)), "`ringback resume --ledger l.db`");
    check(at_progress(Progress::ContactOwed, None), "`ringback resume --ledger l.db`");
    check(
        at_progress(Progress::ContactDoubted, Some(Code::ContactNoAnswer)),
        "`ringback settle --ledger l.db ID --as sent`",
    );
    check(at_progress(Progress::TextDoubted, Some(Code::ContactExisted)), "--as sent` or `not-sent`");
    check(at_progress(Progress::ContactFailed, Some(Code::PlatformRefused)), "--retry-failed");
    check(at_progress(Progress::ContactFailed, Some(Code::ForecastEmpty)), "afresh");
    check(at_progress(Progress::TextFailed, Some(Code::SettleNotSent)), "--retry-failed");
    let foreign = Standing { contact_at: None, ..at_progress(Progress::TextFailed, Some(Code::SettleNotSent)) };
    check(foreign, "nothing: the contact was on the platform before");
    check(at_progress(Progress::Expired, Some(Code::WindowPast)), "closed");
}

#[test]
fn runs_are_a_table() {
    let finished = RunEnd::Finished { at: at(61), exit_code: 5 };
    let all = [noted(12, "resume", RunEnd::Running), noted(3, "run", RunEnd::Cut), noted(2, "settle", finished)];
    insta::assert_snapshot!(runs::table(&all), @"
    number  run                                   command started               finished              exit  rows
        12  01935a2e-0000-7000-8000-000000000001  resume  2026-11-23T13:00:00Z  still runs            -
         3  01935a2e-0000-7000-8000-000000000001  run     2026-11-23T13:00:00Z  not finished          -
         2  01935a2e-0000-7000-8000-000000000001  settle  2026-11-23T13:00:00Z  2026-11-23T13:01:01Z  5     confirmed 29, in_doubt 1
    ");
    insta::assert_snapshot!(runs::table(&[]), @"no runs yet");
    insta::assert_snapshot!(runs::one(&all[2], &commands()), @"
    run 2, 01935a2e-0000-7000-8000-000000000001
      command         settle (ringback 0.1.0)
      started         2026-11-23T13:00:00Z
      finished        2026-11-23T13:01:01Z, exit code 5
      rows            confirmed 29, in_doubt 1
      callbacks       ringback report 2 --ledger l.db
    ");
    insta::assert_snapshot!(runs::one(&all[1], &commands()), @"
    run 3, 01935a2e-0000-7000-8000-000000000001
      command         run (ringback 0.1.0)
      started         2026-11-23T13:00:00Z
      finished        not finished: it was killed or could not go on
      rows            not counted
      callbacks       ringback report 3 --ledger l.db
    ");
    let told = parsed(&pretty(&runs::sheet(&all[2])));
    assert_eq!((&told["rows"], &told["exit_code"]), (&30.into(), &5.into()));
    assert_eq!(parsed(&pretty(&runs::sheet(&all[0])))["rows"], serde_json::Value::Null);
}

#[test]
fn a_run_that_died_before_its_input_was_taken_up_says_what_became_of_it() {
    let told = [
        (Fate::Missing, "died before its input was taken up", "missing"),
        (Fate::Dismissed, "dismissed", "dismissed"),
        (Fate::CameAgain, "its input came again", "came_again"),
    ];
    for (fate, words, word) in told {
        let run = NotedRun { cut_off: Some(fate), ..noted(3, "run", RunEnd::Cut) };
        assert!(runs::table(std::slice::from_ref(&run)).contains(&format!("not finished          -     {words}\n")));
        assert!(runs::one(&run, &commands()).contains(&format!("\n  input           {words}\n")));
        let told = parsed(&pretty(&runs::sheet(&run)));
        assert_eq!((&told["cut_off"], &told["state"]), (&word.into(), &"not_finished".into()));
    }
}

#[test]
fn what_was_settled_is_told_with_phones_masked() {
    let one = |was, is| Settled { id: id(), phone: phone(), was, is };
    let all = [one(Status::InDoubt, Status::Pending), one(Status::SmsInDoubt, Status::Confirmed)];
    insta::assert_snapshot!(settled::table(&all, &commands()), @"
    settled 2 callbacks
      194c33ee-72c2-591b-92ab-b071e07b2a7f  +1202•••0198      in_doubt -> pending
      194c33ee-72c2-591b-92ab-b071e07b2a7f  +1202•••0198      sms_in_doubt -> confirmed
    next: `ringback resume --ledger l.db` sends what is owed
    ");
    let found = settled::table(&[one(Status::InDoubt, Status::SmsInDoubt)], &commands());
    assert!(found.contains("settled 1 callback\n") && found.contains("settle them again"), "{found}");
    assert!(!pretty(&settled::sheets(&all)).contains("2025550198"));
}
