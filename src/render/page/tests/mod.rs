mod colours;
mod sound;

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::plan_tests::campaigns;
use super::super::results::{Phone, ResultRow};
use super::super::tests::{at, report};
use super::*;
use crate::domain::code::Code;
use crate::domain::exit::ExitCode;
use crate::domain::fault::{Fault, Faults};
use crate::domain::outcome::Status;
use crate::domain::outlook::{Late, LateCallback, Needs, Outlook};
use crate::domain::presence::{PendingContacts, Presence};
use crate::domain::strategy::Strategy;
use crate::domain::time::{HOUR, Interval};

/// A night with a bit of everything.
struct Night {
    report: Report,
    around: Surroundings<'static>,
    uncalled: Uncalled,
    hours: Option<Vec<CampaignOutlook>>,
    traffic: Option<Traffic>,
}

impl Night {
    fn quiet() -> Self {
        let mut uncalled = Uncalled::default();
        let row = ResultRow {
            input: "night.csv",
            line: Some(7),
            record_id: "ivr-7",
            campaign: "a1b2",
            ..ResultRow::default()
        };
        for line in 1..=7 {
            let detail = "phoneNumber: 0198 555 0198 nobody can have".into();
            let (phone, faults) = (Phone::AsRead("0198 555 0198"), [Fault::PhoneInvalid].into_iter().collect());
            uncalled.note(Status::Rejected, &ResultRow { line: Some(line), phone, faults, detail, ..row.clone() });
        }
        for (presence, line) in [(Presence::Absent, 8), (Presence::There, 9)] {
            let pending = ResultRow { code: Some(Code::RunStopped), presence, line: Some(line), ..row.clone() };
            uncalled.note(Status::Pending, &pending);
        }
        let (code, detail) = (Some(Code::ContactNoAnswer), "no answer: the connection to +12025550198 was cut".into());
        let callback_id = Some(crate::domain::callback::CallbackId::from_bytes([0x19; 16]));
        let window = (Some(at(0).spelled()), Some(at(2 * HOUR).spelled()));
        let doubt = ResultRow { code, detail, callback_id, start: window.0, end: window.1, ..row };
        uncalled.note(Status::InDoubt, &doubt);
        let mut traffic = Traffic::default();
        for second in 0..66 {
            traffic.left(Duration::from_secs(second));
        }
        traffic.turned_away(Duration::from_secs(3));
        traffic.turned_away(Duration::from_secs(61));
        traffic.hold(Duration::from_secs(3), Duration::from_secs(5));
        let around = Surroundings {
            command: "run",
            is_kept: true,
            folder: Some("out".into()),
            halt: Some("the run was stopped by a signal".into()),
            source: Source::Run,
            ..Surroundings::default()
        };
        let traffic = Some(traffic.until(Duration::from_secs(70)));
        Self { report: report(), around, uncalled, hours: Some(campaigns()), traffic }
    }

    fn page(&self) -> String {
        let beside = ["results.csv".to_owned(), "summary.json".to_owned()];
        let html = to_html(&Page {
            report: &self.report,
            around: &self.around,
            uncalled: &self.uncalled,
            hours: self.hours.as_deref(),
            traffic: self.traffic.as_ref(),
            beside: &beside,
        });
        html.expect("a page")
    }
}

/// The words of a page as somebody hears them: a line for each thing that is said.
fn words(html: &str) -> String {
    let body = html.split_once("<body>").expect("a body").1;
    let mut text = String::new();
    for part in body.split('<').skip(1) {
        let (tag, said) = part.split_once('>').expect("a tag that ends");
        let is_cell = ["td", "th", "text", "/svg", "br", "dd"].iter().any(|cell| tag.split(' ').next() == Some(cell));
        text.push_str(if is_cell { " | " } else { "" });
        text.push_str(&said.replace('\n', " \n"));
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_files_that_hold_whole_numbers_are_told_to() {
    let html = Night::quiet().page();
    let footer = html.split("<footer>").nth(1).expect("a footer");
    let (whole, sums) = footer.split_once("without any number").expect("two kinds");
    assert!(
        whole.contains("results.csv") && !whole.contains("summary.json") && sums.contains("summary.json"),
        "{footer}"
    );
}

#[test]
fn a_night_is_told_to_people_who_were_not_there() {
    let html = Night::quiet().page();
    sound::is_sound(&html);
    let words = words(&html);
    let top = words.split("\nRows by status\nEvery row").next().expect("a top");
    insta::assert_snapshot!(top, @"
    ringback run 2026-11-23T13:00:00Z, 61 s
    Stopped early exit code 4
    29 of 39 rows have their callback, 7 will not be called, 1 may or may not be called and 2 are not done yet (1 of them has its contact, the text is owed).
    Why it stopped: the run was stopped by a signal
    What to do next
    ringback resume goes on with what is pending.
    Look up on the platform what is in doubt, by callback_id or phone; then ringback settle ID --as sent, not-sent or retry, or all with --from.
    Repair the records in out&#x2f;rejects*, move the file elsewhere, and give it to ringback.
    Not called
    Rows by status
    Campaigns and hours
    Rejections
    Requests
    The run
    Customers who will not be called
    rejected 7 not a callback; see the rejects file
    Rows that are rejected, by reason, with the first of each; each row counts once, under its first code
    | Phone | Why | Record | Campaign | Window, UTC
    | phone.invalid 7 rows a phone number that nobody can have
    | •••0198 | phoneNumber: •••0198 nobody can have | night.csv, line 1 | ivr-7 | a1b2 | –
    | •••0198 | phoneNumber: •••0198 nobody can have | night.csv, line 2 | ivr-7 | a1b2 | –
    | •••0198 | phoneNumber: •••0198 nobody can have | night.csv, line 3 | ivr-7 | a1b2 | –
    | and 4 more
    Customers of whom it is not known
    in_doubt 1 the contact may or may not exist
    Rows that are in_doubt, by reason, with the first of each; each row counts once, under its first code
    | Phone | Why | Record | Campaign | Window, UTC | Reference
    | contact.no_answer 1 row the contact&#x27;s request left, and no answer is known
    | – | no answer: the connection to +•••0198 was cut | night.csv, line 7 | ivr-7 | a1b2 | 23 Nov 13:00–15:00 | 19191919
    Customers with whom it is not done yet
    pending 2 not attempted or not finished
    1 of them has its contact on the platform and will be called: the text is owed. Whoever calls these by hand calls twice; ringback show ID says how each stands.
    Rows that are pending, by reason, with the first of each; each row counts once, under its first code
    | Phone | Why | Record | Campaign | Window, UTC
    | run.stopped 1 row the run was stopped first
    | – | – | night.csv, line 8 | ivr-7 | a1b2 | –
    | run.stopped 1 row the run was stopped first the contact is there and will be called; the text is owed
    | – | – | night.csv, line 9 | ivr-7 | a1b2 | –
    ");
}

#[test]
fn what_is_not_there_is_said_in_words_or_left_out() {
    let empty = Report {
        by_status: BTreeMap::new(),
        by_code: BTreeMap::new(),
        ..Report::of_nothing(report().run, at(0), Some(at(0)))
    };
    let around = Surroundings { command: "resume", folder: Some("out".into()), ..Surroundings::default() };
    let mut night = Night {
        report: empty,
        around,
        uncalled: Uncalled::default(),
        hours: Some(Vec::new()),
        traffic: Some(Traffic::default()),
    };
    let html = night.page();
    sound::is_sound(&html);
    for said in [
        "All is well",
        "Nothing was left to do.",
        "Nothing is left to be done.",
        "There were no rows.",
        "Nothing was to be placed",
        "No row is rejected.",
        "No request left",
        "no input was read",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("<svg"), "no picture of nothing");
    (night.hours, night.traffic, night.around.command) = (None, None, "validate");
    let html = night.page();
    sound::is_sound(&html);
    assert!(!html.contains("id=\"hours\"") && !html.contains("id=\"requests\""));
}

#[test]
fn a_plan_says_what_it_needs_and_who_is_too_late() {
    let mut night = Night::quiet();
    let window = Interval { start: at(0), end: at(HOUR) };
    let first = vec![LateCallback {
        phone: "+1202•••0198".into(),
        campaign: "a1b2".into(),
        zone: None,
        window,
        row: Some(("night.csv".into(), 7)),
    }];
    night.report.outlook = Some(Outlook {
        strategy: Strategy::Balanced,
        beside: None,
        campaigns: campaigns(),
        needs: Needs { contacts: 74, texts: 1073 },
        begins_at: at(0),
        finish_at: at(HOUR),
        late: Late { count: 12, first },
    });
    night.around.command = "plan";
    let told = words(&night.page());
    for said in [
        "1,147 requests to leave, 74 for contacts and 1,073 for texts: 60 minutes, until 23 Nov 2026 14:00 UTC",
        "Too late for their windows 12",
        "+1202•••0198 | a1b2 | 23 Nov 13:00 – 23 Nov 14:00 | night.csv, line 7",
    ] {
        assert!(told.contains(said), "{said} in\n{told}");
    }
}

/// The verdict, its colour and its words, by what the rows became.
#[test]
fn the_verdict_is_one_sentence() {
    use Status::{AlreadyDone, Confirmed, Duplicate, Expired, Failed, InDoubt, Pending, Planned, Rejected, Valid};
    let check = |by_status: &[(Status, u64)], conditions: &[u8], command: &'static str, expected: &str| {
        let rows = by_status.iter().map(|(_, count)| count).sum();
        let (by_status, conditions) = (
            by_status.iter().copied().collect(),
            conditions.iter().filter_map(|&code| ExitCode::from_number(code)).collect(),
        );
        let pending_contacts = PendingContacts { there: 4, perhaps: 2 };
        let report = Report { rows, by_status, pending_contacts, conditions, ..report() };
        let night = Night { report, ..Night::quiet() };
        let html = Night { around: Surroundings { command, ..night.around.clone() }, ..night }.page();
        let told = words(&html);
        let told: Vec<&str> = told.lines().skip(1).take(2).collect();
        assert_eq!(told.join(": "), expected);
    };
    check(&[(Confirmed, 1)], &[], "run", "All is well exit code 0: 1 of 1 row has its callback.");
    check(
        &[(Confirmed, 1200), (AlreadyDone, 34), (Duplicate, 1)],
        &[],
        "run",
        "All is well exit code 0: 1,234 of 1,235 rows have their callback and 1 repeats an earlier row.",
    );
    check(
        &[(Confirmed, 5), (Rejected, 2), (Failed, 1), (Expired, 1), (InDoubt, 1), (Pending, 7)],
        &[4, 5, 6, 3],
        "run",
        "Stopped early exit code 4: 5 of 17 rows have their callback, 4 will not be called, 1 may or may not be called \
         and 7 are not done yet (4 of them have their contact, the text is owed; 2 may have a contact).",
    );
    check(
        &[(Valid, 2), (Rejected, 1)],
        &[3],
        "validate",
        "Finished; some rows are rejected exit code 3: 2 of 3 rows are callbacks and 1 will not be called.",
    );
    check(&[(Planned, 2)], &[], "plan", "All is well exit code 0: 2 of 2 rows have a dispatch time.");
}
