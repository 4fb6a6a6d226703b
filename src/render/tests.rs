use std::collections::BTreeMap;

use super::results::{COLUMNS, ResultRow};
use super::summary::{SCHEMA, from_json, to_json};
use super::surroundings::Surroundings;
use super::table::table;
use crate::domain::answers::{Answers, Came, Verdicts};
use crate::domain::callback::{Callback, RowNumber, RunId};
use crate::domain::code::Code;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::{Outcome, Standing, Status};
use crate::domain::phone::E164;
use crate::domain::presence::PendingContacts;
use crate::domain::progress::Progress;
use crate::domain::reply::{Label, Step};
use crate::domain::report::{InputFacts, OnRejects, Report, RequestCounts, StageMillis, Warning};
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

const RUN: RunId = RunId(uuid::Uuid::from_u128(0x0193_5a2e_0000_7000_8000_0000_0000_0001));

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_438_800 + seconds)
}

/// The answers to 66 requests.
fn answers() -> Answers {
    let mut answers = Answers::default();
    let mut add = |step, came, told: [u64; 4]| {
        let [accepted, refused, in_doubt, not_done] = told;
        answers.add(step, came, Verdicts { accepted, refused, in_doubt, not_done });
    };
    add(Step::Token, Came::Answer(Label(200)), [1, 0, 0, 0]);
    add(Step::Forecast, Came::Answer(Label(200)), [5, 0, 0, 0]);
    add(Step::Contact, Came::Answer(Label(201)), [29, 0, 0, 0]);
    add(Step::Contact, Came::Answer(Label(429)), [0, 0, 0, 1]);
    add(Step::Contact, Came::NoAnswer, [0, 0, 1, 0]);
    add(Step::Text, Came::Answer(Label(202)), [28, 0, 0, 0]);
    add(Step::Text, Came::Answer(Label(429)), [0, 0, 0, 1]);
    answers
}

pub(super) fn report() -> Report {
    let mut report = Report {
        run: RUN,
        started_at: at(0),
        finished_at: Some(at(61)),
        inputs: vec![InputFacts { name: "export.csv".into(), bytes: 3423, sha256: Some("0c".repeat(32)), rows: 39 }],
        rows: 39,
        by_status: BTreeMap::from([
            (Status::Confirmed, 29),
            (Status::Rejected, 7),
            (Status::Pending, 2),
            (Status::InDoubt, 1),
        ]),
        pending_contacts: PendingContacts { there: 1, perhaps: 0 },
        by_code: BTreeMap::from([
            ("phone.invalid".into(), 7),
            ("run.stopped".into(), 2),
            ("contact.no_answer".into(), 1),
        ]),
        warnings: BTreeMap::from([(Warning::LanguageMissing, 3)]),
        groups: 12,
        forecast_fetches: 5,
        requests: RequestCounts {
            token: 1,
            forecast: 5,
            contact: 31,
            sms: 29,
            retries: 1,
            status_429: 2,
            status_5xx: 0,
        },
        answers: answers(),
        limit_per_minute: 100,
        achieved_per_minute: 98.76,
        stages: StageMillis::default(),
        conditions: Vec::new(),
        on_rejects: OnRejects::Tell,
        outlook: None,
    };
    for code in [ExitCode::Rejected, ExitCode::InDoubt, ExitCode::Pending] {
        report.add_condition(code);
    }
    report
}

#[test]
fn the_table_says_what_happened_and_what_to_do() {
    let around = Surroundings {
        command: "run",
        is_kept: true,
        folder: Some("out".into()),
        halt: Some("a signal".into()),
        ..Surroundings::default()
    };
    insta::assert_snapshot!(table(&report(), &around), @"
    ringback run: it stopped early, 2 callbacks are pending: `ringback resume` goes on; also 1 in doubt, 7 rejected.
    run 01935a2e-0000-7000-8000-000000000001: 39 rows from 1 input
      confirmed             29  contact created, text accepted
      rejected               7  not a callback; see the rejects file
      pending                2  not attempted or not finished; 1 of them has a contact, the text is owed
      in_doubt               1  the contact may or may not exist
    codes: contact.no_answer 1, phone.invalid 7, run.stopped 2
    warnings: language.missing 3
    requests: 66 (1 token, 5 forecast, 31 contact, 29 sms), 1 retries, 2 429s, 99 a minute of 100
    stopped: a signal
    results: out/results.csv
    next: `ringback resume` goes on with what is pending
    next: look up on the platform what is in doubt, by callback_id or phone; then `ringback settle ID --as sent`, `not-sent` or `retry`, or all with `--from`
    next: repair the records in out/rejects*, move the file elsewhere, and give it to ringback
    ");
}

/// Exit codes by their numbers.
fn codes(numbers: &[u8]) -> Vec<ExitCode> {
    numbers.iter().map(|&number| ExitCode::from_number(number).expect("a code")).collect()
}

#[test]
fn what_goes_on_is_named_where_something_is_in_the_ledger() {
    let next = |is_kept: bool, conditions: &[u8], status: Status| {
        let by_status = BTreeMap::from([(status, 39)]);
        let report = Report { inputs: Vec::new(), by_status, conditions: codes(conditions), ..report() };
        let around = Surroundings { command: "resume", is_kept, folder: Some("out".into()), ..Surroundings::default() };
        let told = table(&report, &around);
        assert!(told.contains(&format!("\nresume {RUN}: 39 rows from the ledger\n")), "{told}");
        told.lines().filter_map(|line| line.strip_prefix("next: ")).map(str::to_owned).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(next(true, &[4], Status::Pending), "`ringback resume` goes on with what is pending");
    assert_eq!(next(false, &[4], Status::Pending), "the same command again goes on with what is pending");
    assert_eq!(next(true, &[], Status::SmsWaiting), "`ringback resume`, in texting hours, sends the texts that wait");
    assert_eq!(
        next(true, &[77, 4], Status::Pending),
        "mend what stopped the run; then `ringback resume` does the rest"
    );
    let turned_back = "mend what stopped the run; then the same command again does the rest";
    assert_eq!(next(true, &[65, 4], Status::Pending), turned_back);
}

#[test]
fn the_first_line_says_how_it_ended_and_what_to_do() {
    use Status::{Confirmed, Expired, InDoubt, Pending, Rejected, SmsFailed, SmsInDoubt, SmsWaiting, Valid};
    let check = |command: &str, conditions: &[u8], by_status: &[(Status, u64)], expected: &str| {
        let by_status: BTreeMap<_, _> = by_status.iter().copied().collect();
        let rows = by_status.values().sum();
        let report = Report { by_status, rows, conditions: codes(conditions), ..report() };
        let halt = Some("why".to_owned()).filter(|_| conditions.iter().any(|code| *code > 6));
        let around =
            Surroundings { command, is_kept: true, folder: Some("out".into()), halt, ..Surroundings::default() };
        assert_eq!(table(&report, &around).lines().next(), Some(expected));
    };
    check("run", &[], &[(Confirmed, 9)], "ringback run: all is settled, nothing to do.");
    check("run", &[], &[], "ringback run: there was nothing to do.");
    check("resume", &[], &[(Confirmed, 9)], "ringback resume: all that was owed is done.");
    // Of a plan of what is owed, too, the reason says what goes on.
    for command in ["plan", "resume"] {
        let halt = Some("give that input to `ringback run` again".to_owned());
        let around = Surroundings { command, is_kept: true, halt, ..Surroundings::default() };
        let report = Report { by_status: BTreeMap::new(), rows: 0, conditions: codes(&[4]), ..report() };
        let first = table(&report, &around).lines().next().map(str::to_owned);
        assert_eq!(first, Some(format!("ringback {command}: give that input to `ringback run` again.")));
    }
    check("validate", &[], &[(Valid, 9)], "ringback validate: every row is a callback.");
    check(
        "resume",
        &[],
        &[(SmsWaiting, 1), (Confirmed, 2)],
        "ringback resume: all is settled but 1 text waits for texting hours: then `ringback resume`.",
    );
    check(
        "run",
        &[3],
        &[(Confirmed, 9), (Rejected, 1)],
        "ringback run: 1 row is rejected, all else is well: repair what stands in the rejects file.",
    );
    check(
        "run",
        &[5, 6, 3],
        &[(InDoubt, 1), (SmsInDoubt, 1), (Expired, 2), (SmsFailed, 1), (Rejected, 4)],
        "ringback run: 2 callbacks are in doubt: look on the platform, then `ringback settle`; also 3 failed or expired, 4 rejected.",
    );
    check("run", &[65], &[(Rejected, 20)], "ringback run: nothing was sent: why.");
    check("run", &[77, 4], &[(Pending, 3)], "ringback run: it stopped and needs mending: why; also 3 pending.");
    check("plan", &[4], &[(Pending, 3)], "ringback plan: 3 callbacks are without a time: `ringback resume` goes on.");
}

#[test]
fn a_mail_with_everything_in_it_has_25_lines_at_most() {
    let by_status: BTreeMap<_, _> = Status::ALL.into_iter().map(|status| (status, 1)).collect();
    let codes = (0..30).map(|code| (format!("code.{code:02}"), 100 - code)).collect();
    let mut report = Report { by_status, rows: 14, by_code: codes, ..report() };
    report.by_status.retain(|status, _| !matches!(status, Status::Valid | Status::Planned));
    let around = Surroundings {
        command: "run",
        is_kept: true,
        folder: Some("out".into()),
        halt: Some("a signal".into()),
        ..Surroundings::default()
    };
    let told = table(&report, &around);
    assert!(told.lines().count() <= 25, "{told}");
    assert!(told.contains("code.07 93, and 22 more in summary.json\n"), "{told}");
}

/// `summary.json`, held against its schema.
pub(super) fn summary(report: &Report) -> serde_json::Value {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema that can be used");
    let summary: serde_json::Value = serde_json::from_str(&to_json(report)).expect("JSON");
    let faults: Vec<String> = validator.iter_errors(&summary).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, [""; 0]);
    summary
}

#[test]
fn the_summary_keeps_its_schema_and_the_worst_condition_wins() {
    let summary = summary(&report());
    assert_eq!((&summary["exit_code"], &summary["conditions"]), (&4.into(), &serde_json::json!([4, 5, 3])));
    assert_eq!(summary["rate"], serde_json::json!({ "limit_per_minute": 100, "achieved_per_minute": 98.8 }));
    assert!(report().adds_up());
    assert!(!Report { rows: 40, ..report() }.adds_up());
    assert!(!Report { answers: Answers::default(), ..report() }.adds_up());
}

#[test]
fn a_row_of_results_has_its_columns_and_runs_in_no_spreadsheet() {
    let window = Window::new(at(0), at(7200)).expect("a window");
    let phone = E164::from_canonical("+12025550198").expect("a number");
    let callback = Callback::new(phone, window, RowNumber::new(0, 2));
    let standing = Standing {
        progress: Progress::TextWaiting,
        code: Some(Code::SmsQuietHours),
        dispatch_at: Some(at(60)),
        contact_id: Some("=1+1".into()),
        attempts: 1,
        contact_at: Some(at(-60)),
        ..Standing::untouched(RUN)
    };
    let outcome = Outcome::Stands(Box::new(standing));
    let mut row = ResultRow { input: "-", line: Some(2), record_id: "-cmd", ..ResultRow::default() };
    row.tell_callback(&callback, "a1b2", "en-US");
    row.tell_outcome(&outcome, RUN, String::new);
    let told: Vec<String> =
        COLUMNS.iter().zip(super::results::tests::cells(&row)).map(|(name, cell)| format!("{name}: {cell}")).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    input: -
    line: 2
    record_id: '-cmd
    status: sms_waiting
    code: sms.quiet_hours
    detail: 
    phone: +12025550198
    campaign_id: a1b2
    language: en-US
    window_start: 2026-11-23T13:00:00Z
    window_end: 2026-11-23T15:00:00Z
    dispatch_at: 2026-11-23T13:01:00Z
    callback_id: 194c33ee-72c2-591b-92ab-b071e07b2a7f
    contact_id: '=1+1
    sms_session_id: 
    attempts: 1
    contact_at: 2026-11-23T12:59:00Z
    sms_at: 
    run_id: 01935a2e-0000-7000-8000-000000000001
    ");
}

#[test]
fn sums_are_read_back_as_they_were_written() {
    let full = Report {
        requests: RequestCounts { token: 1, forecast: 2, contact: 3, sms: 4, retries: 5, status_429: 6, status_5xx: 7 },
        stages: StageMillis { read_validate: 1, group: 2, forecast: 3, place: 4, dispatch: 5, report: 6 },
        by_status: Status::ALL.into_iter().zip(1..).collect(),
        warnings: [Warning::LanguageMissing, Warning::LanguageMalformed, Warning::WindowOverlap].map(|w| (w, 2)).into(),
        inputs: vec![InputFacts { name: "-".into(), bytes: 0, sha256: None, rows: 1 }],
        ..report()
    };
    let waved = Report { conditions: codes(&[3]), on_rejects: OnRejects::Ignore, ..report() };
    let nothing = Report::of_nothing(RUN, at(0), Some(at(0)));
    for report in [report(), full, waved, nothing] {
        let told = to_json(&report);
        assert_eq!(to_json(&from_json(&told).expect(&told)), told);
    }
}

#[test]
fn sums_of_which_something_is_missing_are_none_and_what_was_added_is_passed_over() {
    let told: serde_json::Value = serde_json::from_str(&to_json(&report())).expect("JSON");
    let mut more = told.clone();
    more["weather"] = "fine".into();
    more["warnings"]["weather.bad"] = 1.into();
    assert_eq!(to_json(&from_json(&more.to_string()).expect("sums")), to_json(&report()));
    for key in ["run_id", "rows", "by_status", "conditions", "requests", "finished_at"] {
        let mut less = told.clone();
        less.as_object_mut().expect("an object").remove(key);
        assert!(from_json(&less.to_string()).is_none(), "{key}");
    }
    let mut strange = told;
    strange["by_status"]["weathered"] = 1.into();
    assert!(from_json(&strange.to_string()).is_none(), "rows would be missing");
    assert!(from_json("{").is_none());
}
