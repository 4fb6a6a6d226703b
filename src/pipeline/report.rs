//! Sums up and writes the files: the spool's rows in input order, each with its outcome.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::domain::callback::RunId;
use crate::domain::code::Code;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::presence::PendingContacts;
use crate::domain::report::Report;
use crate::io::crash::{self, Point};
use crate::io::spool::Spool;
use crate::io::write::{Draft, WriteError, clear_report, folder};
use crate::render::results::COLUMNS;
use crate::render::summary;
use crate::render::uncalled::Uncalled;

use super::error::RunError;
use super::intake::Intake;
use super::lanes::{self, locked};
use super::spelling::{Lot, Sheet, Waiting, unread};

/// Where the report of a batch goes, and what it tells.
pub struct Telling<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// What was read.
    pub intake: &'a Intake,
    /// The run.
    pub run: RunId,
    /// The outcome of the callback at a place.
    pub outcome: &'a (dyn Fn(u32) -> Cow<'a, Outcome> + Sync),
}

impl<'a> Telling<'a> {
    /// The name of an input.
    pub(super) fn input_name(&self, input: u16) -> &'a str {
        self.intake.inputs.get(usize::from(input)).map_or("", |facts| &facts.name)
    }
}

/// The rows of a report, in its order.
pub enum Rows {
    /// The records of the inputs, as they wait in the spool.
    Spooled(Spool),
    /// The callbacks alone: they come from the ledger, and have no records.
    Callbacks,
}

/// Adds rows by status and code to a report: those that are no callbacks, then every callback.
pub fn tally<'a>(intake: &Intake, outcome: &(dyn Fn(u32) -> Cow<'a, Outcome> + Sync), report: &mut Report) {
    add(&mut report.by_status, Status::Rejected, intake.rejected);
    for (code, count) in &intake.rejected_codes {
        add(&mut report.by_code, (*code).to_owned(), *count);
    }
    let callbacks = 0..u32::try_from(intake.callbacks.len()).unwrap_or(u32::MAX);
    let run = report.run;
    let counts = callbacks.into_par_iter().with_min_len(COUNTED_AT_ONCE).fold(Counts::default, |mut counts, place| {
        counts.add(&outcome(place), run);
        counts
    });
    let counts = counts.reduce(Counts::default, Counts::and);
    for (status, count) in counts.by_status.0 {
        add(&mut report.by_status, status, count);
    }
    for (code, count) in counts.by_code.0 {
        add(&mut report.by_code, code.to_owned(), count);
    }
    report.pending_contacts = counts.pending_contacts;
    let conditions: Vec<ExitCode> = report.by_status.keys().map(|status| status.exit_code()).collect();
    for condition in conditions {
        report.add_condition(condition);
    }
}

/// Callbacks that a thread counts in one go, at least.
const COUNTED_AT_ONCE: usize = 4096;

/// How many callbacks there are of each status and code.
#[derive(Default)]
struct Counts {
    by_status: Few<Status>,
    by_code: Few<&'static str>,
    pending_contacts: PendingContacts,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome, run: RunId) {
        self.by_status.add(outcome.status(run), 1);
        if let Some(code) = code(outcome) {
            self.by_code.add(code, 1);
        }
        if let Outcome::Stands(standing) = outcome {
            self.pending_contacts.count(standing);
        }
    }

    fn and(mut self, other: Self) -> Self {
        for (status, count) in other.by_status.0 {
            self.by_status.add(status, count);
        }
        for (code, count) in other.by_code.0 {
            self.by_code.add(code, count);
        }
        self.pending_contacts = self.pending_contacts.and(other.pending_contacts);
        self
    }
}

/// Counts of keys, few of which ever occur: they are found by looking at each.
struct Few<K>(Vec<(K, u64)>);

impl<K> Default for Few<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq> Few<K> {
    fn add(&mut self, key: K, more: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => *count += more,
            None => self.0.push((key, more)),
        }
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, count: u64) {
    if count > 0 {
        *counts.entry(key).or_default() += count;
    }
}

fn code(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Valid | Outcome::Planned(_) | Outcome::Duplicate { .. } => None,
        Outcome::OutsideHours(finding) => Some(finding.fault.code()),
        Outcome::Past(code) | Outcome::Unplanned { code, .. } => Some(code.as_str()),
        Outcome::Stands(standing) => standing.code.map(Code::as_str),
    }
}

/// The files of a report that are written but not yet in their place.
pub struct Drafts {
    results: Draft,
    rejects: Vec<Draft>,
    page: Option<Draft>,
    /// Who is not called.
    pub uncalled: Uncalled,
    folder: PathBuf,
    rows: u64,
}

/// Writes `results.csv` and the rejects beside their places. Nothing is seen before [`Drafts::publish`]. Rows are
/// spelled on all threads, and written by whichever has the next ones in order.
pub fn draft(telling: &Telling<'_>, rows: Rows) -> Result<Drafts, RunError> {
    let mut drafts = Drafts::begin(telling)?;
    let mut waiting = Waiting::of(rows, telling).map_err(RunError::Spool)?;
    // Sheets that are written, to be used again.
    let written = Mutex::new(Vec::new());
    let take = |done| waiting.next(done).map_err(RunError::Spool);
    let spell = |lot: &mut Lot, (): &mut ()| {
        let mut sheet: Sheet = locked(&written).pop().unwrap_or_default();
        sheet.spell(lot, telling).map_err(RunError::Spool)?;
        Ok(sheet)
    };
    let write = |sheet| {
        drafts.write(&sheet)?;
        locked(&written).push(sheet);
        Ok(())
    };
    lanes::through(take, spell, write)?;
    Ok(drafts)
}

fn unwritten(folder: &Path, error: std::io::Error) -> RunError {
    WriteError::at(folder)(error).into()
}

fn begin_rejects(telling: &Telling<'_>) -> Result<Vec<Draft>, RunError> {
    let mut rejects = Vec::new();
    for (number, shape) in (1..).zip(&telling.intake.reject_shapes) {
        let extension = shape.extension();
        let alone = telling.intake.reject_shapes.len() == 1;
        let name = if alone { format!("rejects.{extension}") } else { format!("rejects-{number}.{extension}") };
        let path = telling.folder.join(name);
        let mut draft = Draft::begin(&path)?;
        draft.write_all(&shape.header()).map_err(WriteError::at(&path))?;
        rejects.push(draft);
    }
    Ok(rejects)
}

impl Drafts {
    fn begin(telling: &Telling<'_>) -> Result<Self, RunError> {
        folder(telling.folder)?;
        let mut results = Draft::begin(&telling.folder.join("results.csv"))?;
        let rejects = begin_rejects(telling)?;
        let head = COLUMNS.join(",") + "\n";
        results.write_all(head.as_bytes()).map_err(|error| unwritten(telling.folder, error))?;
        let (folder, uncalled) = (telling.folder.to_owned(), Uncalled::default());
        Ok(Self { results, rejects, page: None, uncalled, folder, rows: 0 })
    }

    fn write(&mut self, sheet: &Sheet) -> Result<(), RunError> {
        self.put(sheet).map_err(|error| unwritten(&self.folder, error))?;
        self.rows += sheet.rows;
        self.uncalled.append(&sheet.uncalled);
        Ok(())
    }

    fn put(&mut self, sheet: &Sheet) -> std::io::Result<()> {
        self.results.write_all(&sheet.results)?;
        if sheet.rejects.is_empty() {
            return Ok(());
        }
        self.rejects.get_mut(usize::from(sheet.input)).ok_or_else(unread)?.write_all(&sheet.rejects)
    }

    /// The names of the files that will stand beside the page.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let drafts = std::iter::once(&self.results).chain(&self.rejects);
        let names = drafts.filter_map(|draft| draft.path().file_name()).map(|name| name.to_string_lossy().into_owned());
        names.chain(["summary.json".to_owned()]).collect()
    }

    /// Adds the page.
    pub fn with_page(mut self, html: &str) -> Result<Self, RunError> {
        let mut page = Draft::begin(&self.folder.join("report.html"))?;
        page.write_all(html.as_bytes()).map_err(|error| unwritten(&self.folder, error))?;
        self.page = Some(page);
        Ok(self)
    }

    /// Puts the files in their places, over those of an earlier report, with the sums beside them.
    pub fn publish(self, report: &Report) -> Result<(), RunError> {
        let mut sums = Draft::begin(&self.folder.join("summary.json"))?;
        sums.write_all(summary::to_json(report).as_bytes()).map_err(|error| unwritten(&self.folder, error))?;
        clear_report(&self.folder)?;
        crash::at(Point::ReportBetween);
        for draft in self.rejects {
            draft.publish()?;
            crash::at(Point::ReportBetween);
        }
        for draft in [Some(self.results), self.page].into_iter().flatten() {
            draft.publish()?;
            crash::at(Point::ReportBetween);
        }
        sums.publish()?;
        Ok(())
    }

    /// Rows of `results.csv`.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::io::read::ReadOptions;
    use crate::logic::place;
    use crate::logic::validate::rules::{Rules, RulesSpec};
    use crate::pipeline::intake::{Reading, read_and_validate};
    use crate::pipeline::rules::{CampaignRules, Campaigns};

    const RUN: RunId = RunId(uuid::Uuid::nil());

    /// Rows of an input; every seventh is no callback. Enough for more sheets than are at work at once.
    const ROWS: usize = 30_000;

    fn taken_in(folder: &Path) -> Intake {
        let mut export = b"id,phone,window_start,window_end,campaign\n".to_vec();
        for row in 0..ROWS {
            let phone = if row % 7 == 0 { String::new() } else { format!("+1212{}", 2_000_000 + row) };
            writeln!(export, "call-{row},{phone},2026-11-24T13:00:00Z,2026-11-24T15:00:00Z,a1b2").expect("memory");
        }
        let names = ["one.csv", "two.csv"].map(|name| folder.join(name).to_string_lossy().into_owned());
        for name in &names {
            std::fs::write(name, &export).expect("writes");
        }
        let others = CampaignRules { placing: place::CampaignRules::default(), zone: None, sms_from: String::new() };
        let read = read_and_validate(&Reading {
            inputs: &names,
            options: &ReadOptions::default(),
            form: &Rules::new(&RulesSpec::default()).expect("the defaults are good"),
            campaigns: &Campaigns { named: BTreeMap::new(), others },
            threads: 2,
            spool_in: Some(folder),
        });
        read.expect("an export")
    }

    /// What callbacks are told to be here: each the duplicate of its own row, which its words name.
    fn of_itself(intake: &Intake, place: u32) -> Outcome {
        Outcome::Duplicate { of: intake.callbacks[place as usize].row }
    }

    fn told(folder: &Path, intake: &Intake, rows: Rows) -> (u64, Vec<csv::StringRecord>) {
        let outcome = |place| Cow::Owned(of_itself(intake, place));
        let telling = Telling { folder, intake, run: RUN, outcome: &outcome };
        let drafts = draft(&telling, rows).expect("drafts");
        let count = drafts.rows();
        drafts.publish(&sums(intake)).expect("publishes");
        let mut results = csv::Reader::from_path(folder.join("results.csv")).expect("opens");
        (count, results.records().collect::<Result<_, _>>().expect("CSV"))
    }

    fn sums(intake: &Intake) -> Report {
        let mut report = Report::of_nothing(RUN, Timestamp::EPOCH, Some(Timestamp::EPOCH));
        report.rows = intake.rows;
        tally(intake, &|place| Cow::Owned(of_itself(intake, place)), &mut report);
        report
    }

    #[test]
    fn every_row_comes_in_its_order_with_the_outcome_of_its_own_callback() {
        let place = tempfile::tempdir().expect("a folder");
        let mut intake = taken_in(place.path());
        let spool = intake.spool.take().expect("a spool");
        let (count, rows) = told(place.path(), &intake, Rows::Spooled(spool));
        assert_eq!((count, rows.len()), (2 * ROWS as u64, 2 * ROWS));
        for (at, row) in rows.iter().enumerate() {
            let (name, number) = (&intake.inputs[at / ROWS].name, at % ROWS);
            let line = (number + 2).to_string();
            assert_eq!((&row[0], &row[1], &row[2]), (name.as_str(), line.as_str(), format!("call-{number}").as_str()));
            if number % 7 == 0 {
                assert_eq!((&row[3], &row[4], &row[6]), ("rejected", "phone.missing", ""));
            } else {
                let (detail, phone) = (format!("{name} line {line}"), format!("+1212{}", 2_000_000 + number));
                assert_eq!((&row[3], &row[6]), ("duplicate", phone.as_str()));
                assert!(row[5].ends_with(&detail), "{row:?}");
            }
        }
        for name in ["rejects-1.csv", "rejects-2.csv"] {
            let mut rejects = csv::Reader::from_path(place.path().join(name)).expect("opens");
            let ids: Vec<String> = rejects.records().map(|row| row.expect("CSV")[0].to_owned()).collect();
            let expected: Vec<String> = (0..ROWS).step_by(7).map(|row| format!("call-{row}")).collect();
            assert_eq!(ids, expected, "{name}");
        }
    }

    #[test]
    fn callbacks_without_records_are_told_in_the_order_of_their_places() {
        let place = tempfile::tempdir().expect("a folder");
        let mut intake = taken_in(place.path());
        intake.reject_shapes.clear();
        let (count, rows) = told(place.path(), &intake, Rows::Callbacks);
        assert_eq!((count, rows.len()), (intake.callbacks.len() as u64, intake.callbacks.len()));
        for (callback, row) in intake.callbacks.iter().zip(&rows) {
            assert_eq!((&row[0], &row[1], &row[6]), ("", "", callback.phone.reveal().as_str()));
            assert!(row[5].ends_with(&format!("line {}", callback.row.line())), "{row:?}");
        }
    }

    #[test]
    fn the_sums_are_those_of_the_rows() {
        let place = tempfile::tempdir().expect("a folder");
        let intake = taken_in(place.path());
        let outcome = |place: u32| match place % 10 {
            0 => Cow::Owned(Outcome::Past(Code::WindowPast)),
            1 => Cow::Owned(Outcome::Past(Code::RunLate)),
            2..5 => Cow::Owned(Outcome::Planned(Timestamp::EPOCH)),
            _ => Cow::Owned(Outcome::Valid),
        };
        let mut report =
            Report { rows: intake.rows, ..Report::of_nothing(RUN, Timestamp::EPOCH, Some(Timestamp::EPOCH)) };
        tally(&intake, &outcome, &mut report);
        let callbacks = intake.callbacks.len();
        let of = |tenths: std::ops::Range<usize>| (0..callbacks).filter(|place| tenths.contains(&(place % 10))).count();
        let by_status = [(Status::Expired, 0..2), (Status::Planned, 2..5), (Status::Valid, 5..10)];
        let mut by_status: BTreeMap<_, _> = by_status.into_iter().map(|(key, some)| (key, of(some) as u64)).collect();
        by_status.insert(Status::Rejected, intake.rejected);
        let by_code =
            [("window.past", of(0..1) as u64), ("run.late", of(1..2) as u64), ("phone.missing", intake.rejected)];
        assert_eq!(report.by_status, by_status);
        assert_eq!(report.by_code, by_code.map(|(code, count)| (code.to_owned(), count)).into());
        assert_eq!((report.adds_up(), report.conditions), (true, vec![ExitCode::Failed, ExitCode::Rejected]));
    }
}
