//! A batch with each kind of drift planted: all of it is found, and nothing else.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::Utc;
use ringback::domain::callback::{CallbackId, RunId};
use ringback::domain::code::Code;
use ringback::domain::entry::Entry;
use ringback::domain::phone::E164;
use ringback::domain::time::Timestamp;
use ringback::domain::window::Window;
use ringback::io::ledger::{Append, Ending, Enrolment, Ledger, Opening, SqliteLedger, Stamp};
use ringback::sample::{self, SampleFormat, SampleSettings};
use serde_json::json;

use super::{Contact, Found, csv};
use crate::export::gzip;
use crate::report::{Report, Row};
use crate::stage::Stage;

/// How many rows the batch has, unless `RECONCILE_ROWS` says otherwise.
const ROWS: u64 = 20_000;

/// How often each kind of drift is planted.
const PLANTED: usize = 7;

/// What becomes of a callback, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Confirmed,
    /// Under an id that the platform gave, its text waiting or in doubt.
    Named,
    Doubted,
    /// Failed, expired, pending.
    NeverCreated,
    /// In the input, and in no run.
    NeverRun,
}

impl Way {
    fn of(number: usize) -> Self {
        match number % 100 {
            80..=82 => Self::NeverCreated,
            83..=84 => Self::Doubted,
            85..=86 => Self::Named,
            87 if number < 700 => Self::NeverRun,
            _ => Self::Confirmed,
        }
    }

    fn entries(self, number: usize, (id, at): (&str, Timestamp)) -> Vec<Entry> {
        let created = [Entry::Placed(at), Entry::ContactIntended(None), Entry::ContactCreated(id.to_owned())];
        let doubt = || Entry::ContactDoubted(Code::ContactNoAnswer, String::new());
        let text_doubt = || Entry::TextDoubted(Code::SmsNoAnswer, String::new());
        match (self, number % 2, number % 3) {
            (Self::Confirmed, ..) => [&created[..], &[Entry::TextIntended, Entry::TextAccepted(None)]].concat(),
            (Self::Named, 0, _) => [&created[..], &[Entry::TextIntended, text_doubt()]].concat(),
            (Self::Named, ..) => [&created[..], &[Entry::TextDeferred]].concat(),
            (Self::Doubted, ..) => vec![Entry::Placed(at), Entry::ContactIntended(None), doubt()],
            (Self::NeverCreated, _, 0) => vec![Entry::ContactFailed(Code::PlatformRefused, "refused".into())],
            (Self::NeverCreated, _, 1) => vec![Entry::Placed(at), Entry::Expired(Code::WindowPast, String::new())],
            (Self::NeverCreated, ..) => vec![Entry::Placed(at), Entry::Left(Code::RunLimit, String::new())],
            (Self::NeverRun, ..) => Vec::new(),
        }
    }
}

/// A callback of the batch, and the contact that the platform has of it, or would have.
#[derive(Clone, Debug)]
struct Planted {
    way: Way,
    id: String,
    line: usize,
    contact: Contact,
}

/// A sample with a ledger that was built without a platform.
fn batch(stage: &Stage) -> Vec<Planted> {
    let rows = std::env::var("RECONCILE_ROWS").map_or(ROWS, |rows| rows.parse().expect("a number"));
    let now = Utc::now().timestamp();
    let settings = SampleSettings { rows, seed: 11, broken_percent: 5.0, format: SampleFormat::Csv, now };
    let mut export = Vec::new();
    sample::write(&settings, &mut export).unwrap();
    stage.put("night.csv", export);
    stage.ringback(&["validate", "night.csv", "-o", "valid"]).with(3);
    let report = Report::read(&stage.path("valid"));
    let valid = report.rows.iter().filter(|row| row.at("status") == "valid");
    let (mut planted, mut enrolments, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for (number, row) in valid.enumerate() {
        let (enrolment, one) = plant(number, row);
        if one.way != Way::NeverRun {
            let at = Timestamp::from_rfc3339(&one.contact.at).unwrap();
            let steps = one.way.entries(number, (&one.contact.id, at));
            entries.extend(steps.into_iter().map(|entry| (enrolment.id, entry)));
            enrolments.push(enrolment);
        }
        planted.push(one);
    }
    write_ledger(stage, enrolments, entries);
    planted
}

fn plant(number: usize, row: &Row) -> (Enrolment, Planted) {
    let time = |column: &str| Timestamp::from_rfc3339(row.at(column)).unwrap();
    let phone = E164::from_canonical(row.at("phone")).unwrap();
    let window = Window::new(time("window_start"), time("window_end")).unwrap();
    let (campaign, language) = (row.at("campaign_id").to_owned(), row.at("language").to_owned());
    let id = CallbackId::of(phone, window, &campaign);
    let way = Way::of(number);
    let at = window.start().plus(60 * i64::try_from(number % 50).unwrap()).rfc3339();
    let name = if way == Way::Named { format!("given-{number}") } else { id.to_string() };
    let contact = Contact { id: name, campaign: campaign.clone(), phone: phone.reveal(), at };
    let planted = Planted { way, id: id.to_string(), line: row.at("line").parse().unwrap(), contact };
    (Enrolment { id, phone, window, campaign, language, offset_minutes: 0 }, planted)
}

fn write_ledger(stage: &Stage, enrolments: Vec<Enrolment>, entries: Vec<(CallbackId, Entry)>) {
    let opening = Opening {
        path: stage.path("ringback.db"),
        owner: None,
        run: RunId(uuid::Uuid::now_v7()),
        command: "run",
        started_at: Timestamp::from_unix(Utc::now().timestamp()),
        witness: None,
        adoption: None,
        wait: Duration::ZERO,
        inputs: Vec::new(),
    };
    let ledger = SqliteLedger::open(&opening).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        ledger.enrol(enrolments.into_iter().map(|new| (new, 0)).collect(), Stamp(0)).await.unwrap();
        let mut versions: HashMap<CallbackId, u32> = HashMap::new();
        let appended = entries.into_iter().map(|(id, entry)| {
            let version = versions.entry(id).and_modify(|version| *version += 1).or_insert(1);
            Append { id, version: *version, entry }
        });
        let written = ledger.append_all(appended.collect(), Stamp(1)).await.unwrap();
        assert!(written.iter().all(Result::is_ok));
        ledger.finish(Ending { exit_code: 5, summary: None }, Stamp(2)).await.unwrap();
    });
}

/// What is planted, and what must be found of it.
#[derive(Default)]
struct Drift {
    contacts: Vec<Contact>,
    expected: BTreeSet<(String, String)>,
    /// Lines that are taken out of the input.
    lines: BTreeSet<usize>,
}

impl Drift {
    fn expect(&mut self, kind: &str, about: &str) {
        self.expected.insert((kind.to_owned(), about.to_owned()));
    }

    /// Every fiftieth of a way is changed, one kind after the other, some seven times each; the others are as the
    /// ledger has them.
    fn of(batch: &[Planted]) -> Self {
        let mut drift = Self::default();
        for way in [Way::Confirmed, Way::Named, Way::Doubted, Way::NeverCreated, Way::NeverRun] {
            for (number, one) in batch.iter().filter(|one| one.way == way).enumerate() {
                match way {
                    Way::Confirmed | Way::Named => drift.created(number, one),
                    Way::Doubted => drift.doubted(number, one),
                    Way::NeverCreated | Way::NeverRun => drift.absent(number, one),
                }
            }
        }
        drift.swap(batch);
        for number in 0..PLANTED {
            let id = format!("stranger-{number}");
            drift.expect("missing_in_ledger", &id);
            let (campaign, phone) = ("billing-east".to_owned(), format!("+1202555{:04}", 100 + number));
            drift.contacts.push(Contact { id, campaign, phone, at: "2026-01-05T15:00:00Z".to_owned() });
        }
        // The platform gives them in an order of its own.
        drift.contacts.sort_by(|one, other| one.phone.cmp(&other.phone).then(other.id.cmp(&one.id)));
        drift
    }

    fn created(&mut self, number: usize, one: &Planted) {
        let Planted { id, line, contact, .. } = one;
        let mut contact = contact.clone();
        let kind = if number / 10 < PLANTED { number % 10 } else { 9 };
        match kind {
            0 => return self.expect("missing_on_platform", id),
            1 => {
                self.expect("time_differs", id);
                contact = contact.later(1);
            }
            2 => {
                self.expect("phone_differs", id);
                contact.phone = "+12025550199".to_owned();
            }
            3 => {
                self.expect("campaign_differs", id);
                contact.campaign = "nobody's".to_owned();
            }
            4 => {
                self.expect("twice_on_platform", id);
                self.contacts.push(Contact { id: format!("again-{id}"), ..contact.clone() });
            }
            5 => {
                self.expect("twice_on_platform", id);
                self.contacts.push(contact.clone().later(0));
            }
            6 => {
                self.expect("not_in_input", id);
                self.lines.insert(*line);
            }
            // In another spelling of its id, number and time it is the same.
            7 => {
                contact = contact.later(0);
                let is_given = contact.id.starts_with("given");
                contact.id = if is_given { contact.id } else { contact.id.to_uppercase() };
            }
            // Under an id that nobody knows it is found by phone and window.
            8 => contact.id = format!("other-{id}"),
            _ => {}
        }
        self.contacts.push(contact);
    }

    /// The numbers of two callbacks, each in the other's contact. What has them under the right ids is not alike.
    fn swap(&mut self, batch: &[Planted]) {
        let untouched: Vec<&Planted> =
            batch.iter().filter(|one| one.way == Way::Confirmed).rev().take(2 * PLANTED).collect();
        for pair in untouched.chunks(2) {
            for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                let own = self.contacts.iter_mut().find(|contact| contact.id == one.id).unwrap();
                own.phone.clone_from(&other.contact.phone);
                self.expect("phone_differs", &one.id);
            }
        }
    }

    fn doubted(&mut self, number: usize, one: &Planted) {
        if number.is_multiple_of(2) {
            return self.expect("in_doubt_absent", &one.id);
        }
        self.expect("in_doubt_found", &one.id);
        let mut contact = one.contact.clone();
        if number.is_multiple_of(3) {
            contact.id = format!("server-{number}");
        }
        self.contacts.push(contact);
    }

    fn absent(&mut self, number: usize, one: &Planted) {
        if one.way == Way::NeverRun {
            self.expect("missing_in_ledger", &one.id);
        }
        if number < PLANTED {
            self.expect("missing_in_ledger", &one.id);
            self.contacts.push(one.contact.clone());
        }
    }

    /// Writes one half as packed CSV, the other as NDJSON, and the input without the lines that are taken out.
    fn write(&self, stage: &Stage) {
        let (half, rest) = self.contacts.split_at(self.contacts.len() / 2);
        stage.put("contacts.csv.gz", gzip(csv(half).as_bytes()));
        let line = |Contact { id, campaign, phone, at }: &Contact| {
            let number = phone.strip_prefix("+1").filter(|number| number.len() == 10);
            let phone = number.map_or_else(|| phone.clone(), |n| format!("({}) {}-{}", &n[..3], &n[3..6], &n[6..]));
            json!({ "contactId": id, "phone": phone, "campaignId": campaign, "scheduledStartDateTime": at }).to_string()
        };
        stage.put("contacts.ndjson", rest.iter().map(line).collect::<Vec<_>>().join("\n"));
        let night = std::fs::read(stage.path("night.csv")).unwrap();
        let lines = (1..).zip(night.split_inclusive(|byte| *byte == b'\n'));
        let kept = lines.filter(|(line, _)| !self.lines.contains(line)).map(|(_, bytes)| bytes);
        stage.put("night.csv", kept.collect::<Vec<_>>().concat());
    }
}

#[test]
fn each_kind_of_planted_drift_is_found_and_nothing_else() {
    let stage = Stage::calm();
    let batch = batch(&stage);
    let drift = Drift::of(&batch);
    for kind in [
        "missing_on_platform",
        "missing_in_ledger",
        "not_in_input",
        "time_differs",
        "phone_differs",
        "campaign_differs",
        "twice_on_platform",
        "in_doubt_found",
        "in_doubt_absent",
    ] {
        let planted = drift.expected.iter().filter(|(planted, _)| planted == kind).count();
        assert!(planted >= PLANTED, "{kind}: {planted}");
    }
    drift.write(&stage);
    stage.reconcile(&["--input", "night.csv", "--platform", "contacts.csv.gz", "contacts.ndjson"]).with(3).says(&[
        "there are differences",
        "rec/reconciliation.csv",
        "--settle",
    ]);
    let found = Found::read(&stage);
    let differences = found.differences();
    let lost: Vec<_> = drift.expected.difference(&differences).take(5).collect();
    let invented: Vec<_> = differences.difference(&drift.expected).take(5).collect();
    assert!(lost.is_empty() && invented.is_empty(), "lost: {lost:#?}\ninvented: {invented:#?}");
    let (ledger, platform) = (&found.sums["ledger"], &found.sums["platform"]);
    let never_run = batch.iter().filter(|one| one.way == Way::NeverRun).count();
    assert_eq!(ledger["callbacks"], batch.len() - never_run);
    assert_eq!(
        (&platform["rows"], &platform["matched"]),
        (&json!(drift.contacts.len()), &json!(found.count("matched")))
    );
    assert_eq!(ledger["matched"], platform["matched"]);
}
