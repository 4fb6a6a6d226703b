//! The conservation check: what the report says, against what the platform did.
//!
//! Nothing is lost: every row has one ending, and the one that it is bound to have. Nothing is done twice: no
//! contact, no text. Nobody is guessing: in doubt is what was in flight at a kill or lost its answer to a fault, and
//! nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::batch::{self, Kind};
use crate::draw::Draw;
use crate::platform::State;
use crate::report::{Report, Row};
use crate::story::Played;

/// Faults after which nobody knows whether a request was carried out.
const NO_ANSWER: [&str; 7] =
    ["cut_after", "cut_before", "error_after", "error_before", "broken_body", "unavailable_after", "timeout_after"];

/// What may be in doubt.
pub(crate) struct Doubts {
    /// Callbacks whose texts were in flight at a kill.
    pub(crate) texts: BTreeSet<String>,
    /// Callbacks whose contacts were in flight at a kill.
    pub(crate) contacts: BTreeSet<String>,
    /// Whether the platform keeps one contact an id.
    pub(crate) contact_ids: &'static str,
}

impl Doubts {
    /// Whether a kill has left nobody who knows what became of a callback: a text in flight is not sent again. A
    /// contact is, unless the ids are advisory; but where the second asking is refused, the first may have gone well.
    fn must_be(&self, row: &Row) -> bool {
        let id = row.at("callback_id");
        self.texts.contains(id) || self.contacts.contains(id) && self.contact_may_be(row)
    }

    fn contact_may_be(&self, row: &Row) -> bool {
        self.contact_ids == "advisory" || batch::kind(batch::number(row.at("record_id"))) == Kind::PhoneRefused
    }
}

/// What became of a callback, however often it is asked: its status, where done twice is done.
pub(crate) type Settled = BTreeMap<String, String>;

/// What the check found.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    pub(crate) rows: usize,
    pub(crate) in_doubt: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) twice: Vec<String>,
    pub(crate) wrong: Vec<String>,
    pub(crate) settled: Settled,
}

/// Holds a report against the platform.
pub(crate) fn audit(report: &Report, state: &State, doubts: &Doubts) -> Audit {
    let mut audit = Audit { rows: report.rows.len(), settled: settled(report), ..Audit::default() };
    audit.endings(report);
    audit.contacts_and_texts(report, state);
    audit.doubts(report, state, doubts);
    audit
}

/// The status of each callback.
pub(crate) fn settled(report: &Report) -> Settled {
    let status = |row: &Row| row.at("status").replace("already_done", "confirmed");
    callbacks(report).map(|row| (row.at("callback_id").to_owned(), status(row))).collect()
}

/// The rows that are callbacks of their own.
fn callbacks(report: &Report) -> impl Iterator<Item = &Row> {
    report.rows.iter().filter(|row| !["duplicate", "rejected"].contains(&row.at("status")))
}

/// How many of a callback the platform holds at least and at most.
struct Held {
    contacts: (usize, usize),
    texts: (usize, usize),
}

fn held(status: &str) -> Option<Held> {
    let (contacts, texts) = match status {
        "confirmed" | "already_done" => ((1, 1), (1, 1)),
        "sms_failed" => ((1, 1), (0, 0)),
        "sms_in_doubt" => ((1, 1), (0, 1)),
        "in_doubt" => ((0, 1), (0, 0)),
        "failed" | "expired" => ((0, 0), (0, 0)),
        _ => return None,
    };
    Some(Held { contacts, texts })
}

impl Audit {
    /// Every record has its row, and every callback one ending, of those that it is bound to have.
    fn endings(&mut self, report: &Report) {
        for number in batch::numbers() {
            let rows = report.rows.iter().filter(|row| batch::number(row.at("record_id")) == number);
            let (repeats, own): (Vec<&Row>, Vec<&Row>) = rows.partition(|row| row.at("status") == "duplicate");
            if own.len() != 1 || repeats.len() + 1 != batch::rows_of(number) {
                self.lost.push(format!("{number} has {} endings: {own:?} {repeats:?}", own.len()));
                continue;
            }
            let (status, code) = (own[0].at("status"), own[0].at("code"));
            let right = match (batch::kind(number), status) {
                (Kind::Plain, "confirmed" | "already_done") => code.is_empty(),
                (Kind::PhoneRefused, "failed") => code == "platform.refused",
                (Kind::TextRefused, "sms_failed") => code == "sms.refused",
                (Kind::Past, "expired") => code == "window.past",
                (Kind::Rejected, "rejected") => code.contains("phone.unparseable"),
                (Kind::Plain | Kind::TextRefused, "sms_in_doubt") => code == "sms.no_answer",
                (Kind::Plain | Kind::TextRefused | Kind::PhoneRefused, "in_doubt") => code == "contact.no_answer",
                _ => false,
            };
            if !right {
                self.lost.push(format!("{number} ended as {status} {code}: {:?}", own[0]));
            }
        }
    }

    /// The platform holds what the report says, once, and nothing else.
    fn contacts_and_texts(&mut self, report: &Report, state: &State) {
        let mut texts = 0;
        for row in callbacks(report) {
            let (id, phone) = (row.at("callback_id"), row.at("phone"));
            let contacts: Vec<&Value> = state.contacts().iter().filter(|contact| contact["contactId"] == id).collect();
            let sent = state.texts_for(phone, id).len();
            texts += sent;
            let Some(Held { contacts: there, texts: told }) = held(row.at("status")) else { continue };
            if contacts.len() > there.1 || sent > told.1 {
                self.twice.push(format!("{} contacts, {sent} texts: {row:?}", contacts.len()));
            }
            if contacts.len() < there.0 || sent < told.0 {
                self.lost.push(format!("{} contacts, {sent} texts: {row:?}", contacts.len()));
            }
            if let Some(wrong) = contacts.first().and_then(|contact| otherwise(row, contact, state)) {
                self.wrong.push(wrong);
            }
        }
        let known: BTreeSet<&str> = callbacks(report).map(|row| row.at("callback_id")).collect();
        let strange = state.contacts().iter().filter(|one| !known.contains(one["contactId"].as_str().unwrap())).count();
        if strange > 0 || texts != state.texts().len() {
            let all = state.texts().len();
            self.twice.push(format!("{strange} contacts and {} texts of no row", all - texts));
        }
    }

    /// In doubt is what must be, and nothing that need not be.
    fn doubts(&mut self, report: &Report, state: &State, doubts: &Doubts) {
        let doubted = |row: &&Row| ["in_doubt", "sms_in_doubt"].contains(&row.at("status"));
        let (in_doubt, sure): (Vec<&Row>, Vec<&Row>) = callbacks(report).partition(doubted);
        self.in_doubt = in_doubt.len();
        for row in sure {
            // A ledger that says of a text that it left, and never heard of it, cannot say more later.
            if doubts.must_be(row) {
                self.wrong.push(format!("in flight at a kill, and certain: {row:?}"));
            }
        }
        let (texts, contacts) = (unanswered(state, "/to"), unanswered(state, "/contact/phone"));
        for row in in_doubt {
            let by_fault =
                texts.contains(row.at("phone")) || contacts.contains(row.at("phone")) && doubts.contact_may_be(row);
            if !doubts.must_be(row) && !by_fault {
                self.wrong.push(format!("in doubt without a reason: {row:?}"));
            }
        }
    }

    fn broken(&self) -> impl Iterator<Item = String> {
        let say = |what: &'static str| move |words: &String| format!("    {what}: {words}");
        let (lost, twice) = (self.lost.iter().map(say("lost")), self.twice.iter().map(say("twice")));
        lost.chain(twice).chain(self.wrong.iter().map(say("wrong")))
    }
}

/// Where a row and its contact on the platform, or the text's id there, are not the same.
fn otherwise(row: &Row, contact: &Value, state: &State) -> Option<String> {
    let same_bytes = contact["askedOtherwise"] == 0;
    let same_phone = contact["phone"] == row.at("phone");
    let same_time = contact["scheduledStartDateTime"] == row.at("dispatch_at");
    let session = row.at("sms_session_id");
    let same_text = session.is_empty()
        || state.texts().iter().any(|text| text["sessionId"] == session && text["to"] == row.at("phone"));
    (!(same_bytes && same_phone && same_time && same_text)).then(|| format!("{contact} is not that of {row:?}"))
}

/// Phones, as they stand at this place of a body, of requests whose answer a fault took away.
fn unanswered(state: &State, place: &str) -> BTreeSet<String> {
    let lost = |request: &&Value| request["fault"].as_str().is_some_and(|fault| NO_ANSWER.contains(&fault));
    let phone = |request: &Value| {
        let body: Value = serde_json::from_str(request["body"].as_str()?).ok()?;
        body.pointer(place)?.as_str().map(str::to_owned)
    };
    state.requests().iter().filter(lost).filter_map(phone).collect()
}

/// The sums of many draws.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) kills: usize,
    rows: usize,
    lost: usize,
    twice: usize,
    in_doubt: usize,
    /// What was found, with the draws.
    pub(crate) broken: Vec<String>,
}

impl Sums {
    /// Adds a draw.
    pub(crate) fn add(&mut self, draw: &Draw, played: &Played) {
        let Played { kills, audit } = played;
        self.kills += kills;
        self.rows += audit.rows;
        self.lost += audit.lost.len();
        self.twice += audit.twice.len();
        self.in_doubt += audit.in_doubt;
        let mut broken = audit.broken().peekable();
        if broken.peek().is_some() {
            self.broken.push(format!("KILLS_SEED={}: {draw:?}", draw.seed));
            self.broken.extend(broken);
        }
    }

    /// With other sums.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            kills: self.kills + other.kills,
            rows: self.rows + other.rows,
            lost: self.lost + other.lost,
            twice: self.twice + other.twice,
            in_doubt: self.in_doubt + other.in_doubt,
            broken: [self.broken, other.broken].concat(),
        }
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, rows, lost, twice, in_doubt, .. } = self;
        write!(f, "{kills} kills, {rows} rows: lost {lost}, twice {twice}, in doubt {in_doubt}")
    }
}
