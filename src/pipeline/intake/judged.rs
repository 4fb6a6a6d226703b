//! The rows of one block, judged.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::domain::callback::{Callback, RowNumber};
use crate::domain::fault::{Faults, details};
use crate::domain::interned::{CampaignNo, LanguageNo, Names};
use crate::domain::language::LanguageTag;
use crate::domain::report::Warning;
use crate::domain::row::{Field, PlainRow, RawRow};
use crate::domain::window::Window;
use crate::io::read::block::{Block, Look, Visitor};
use crate::io::read::layout::Layout;
use crate::io::spool::Reject;
use crate::io::spool::frame::Frame;
use crate::logic::hours::week::Hours;
use crate::logic::validate::passing::{self, Passed};
use crate::logic::validate::{self, Accepted, Rejected, Verdict};

use super::Reading;
use super::languages::Languages;

/// One of the inputs.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    /// Counted from 0.
    pub(super) number: u16,
    /// What is read, and how it is judged.
    pub(super) reading: &'a Reading<'a>,
}

/// A block's rows, judged; campaigns and languages are numbered within the block.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) callbacks: Vec<Callback>,
    pub(super) outside_hours: Vec<u32>,
    pub(super) campaigns: Names,
    pub(super) languages: Languages,
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) rejected_codes: BTreeMap<&'static str, u64>,
    languages_missing: u64,
    languages_malformed: u64,
    /// The rows for the spool, where there is one.
    pub(super) frame: Option<Frame>,
}

impl Judged {
    /// Judges the rows of a block.
    pub(super) fn of<'a>(block: &Block, layout: &Layout, input: Input<'a>, memory: &mut Memory<'a>) -> Self {
        let (campaigns, languages) = (HashMap::default(), HashMap::default());
        let frame = input.reading.spool_in.map(|_| Frame::new(input.number));
        let mut judge = Judge { judged: Self { frame, ..Self::default() }, input, campaigns, languages, memory };
        block.visit(layout, &mut judge);
        judge.judged
    }
}

/// What is known by the bytes of a field. Seeded: the keys come from files.
type Known<V> = HashMap<Vec<u8>, V, foldhash::fast::RandomState>;

/// Judges rows one by one. What rows repeat, their campaigns and languages, is judged once.
struct Judge<'m, 'a> {
    judged: Judged,
    input: Input<'a>,
    memory: &'m mut Memory<'a>,
    campaigns: Known<KnownCampaign<'a>>,
    languages: Known<KnownLanguage>,
}

#[derive(Clone, Copy)]
struct KnownCampaign<'a> {
    number: CampaignNo,
    /// When it is open; always where there is none.
    hours: Option<&'a Hours>,
}

#[derive(Clone, Copy)]
struct KnownLanguage {
    number: LanguageNo,
    warning: Option<Warning>,
}

/// Windows that are remembered; they are mostly on the quarter of an hour, and so not many.
const WINDOWS_MAX: usize = 1 << 16;

/// What a thread remembers of the blocks before: which windows no opening hour meets. To ask is many times slower.
#[derive(Default)]
pub(super) struct Memory<'a> {
    closed: HashMap<(*const Hours, Window), bool, foldhash::fast::RandomState>,
    /// The hours that are asked live as long as the memory of them.
    hours: std::marker::PhantomData<&'a Hours>,
}

impl<'a> Memory<'a> {
    fn is_closed(&mut self, hours: &'a Hours, window: Window) -> bool {
        if self.closed.len() >= WINDOWS_MAX {
            self.closed.clear();
        }
        *self.closed.entry((std::ptr::from_ref(hours), window)).or_insert_with(|| hours.judge(window).is_err())
    }
}

/// Where a row stands, and what the report needs of it.
#[derive(Clone, Copy)]
struct Record<'r> {
    line: u64,
    raw: &'r [u8],
    id: &'r str,
}

impl Visitor for Judge<'_, '_> {
    fn pass(&mut self, record: &PlainRow<'_>) -> Look {
        let Some(passed) = passing::judge(record, self.input.reading.form) else { return Look::Closer };
        let Some(campaign) = self.campaign(record.at(Field::Campaign).unwrap_or_default()) else { return Look::Closer };
        let language = self.language(record.at(Field::Language));
        let PlainRow { line, raw, .. } = *record;
        // Nobody asks for ids where no report is written.
        let id = self.input.reading.spool_in.map(|_| passing::record_id(record)).unwrap_or_default();
        self.accept(Record { line, raw, id: &id }, passed, (campaign, language));
        Look::Enough
    }

    fn row(&mut self, row: RawRow<'_>) {
        match validate::row(&row, self.input.reading.form) {
            Verdict::Accepted(accepted) => self.accept_row(&row, &accepted),
            Verdict::Rejected(rejected) => self.reject(&row, &rejected),
        }
    }
}

impl<'a> Judge<'_, 'a> {
    fn campaign(&mut self, bytes: &[u8]) -> Option<KnownCampaign<'a>> {
        if let Some(known) = self.campaigns.get(bytes) {
            return Some(*known);
        }
        let known = self.numbered(&passing::campaign(bytes)?);
        self.campaigns.insert(bytes.to_vec(), known);
        Some(known)
    }

    fn numbered(&mut self, campaign: &str) -> KnownCampaign<'a> {
        let hours = self.input.reading.campaigns.of(campaign).placing.hours.as_deref();
        KnownCampaign { number: CampaignNo(self.judged.campaigns.number(campaign)), hours }
    }

    fn language(&mut self, bytes: Option<&[u8]>) -> KnownLanguage {
        // A field that is missing says no more than an empty one.
        let key = bytes.unwrap_or_default();
        if let Some(known) = self.languages.get(key) {
            return *known;
        }
        let tag = passing::language(bytes);
        let warning = tag.as_ref().err().copied();
        let number = self.judged.languages.number(tag.as_ref().unwrap_or(&self.input.reading.form.default_language));
        let known = KnownLanguage { number, warning };
        self.languages.insert(key.to_vec(), known);
        known
    }

    fn accept_row(&mut self, row: &RawRow<'_>, accepted: &Accepted<'_>) {
        let &Accepted { phone, window, offset_minutes, language_warning: warning, .. } = accepted;
        let campaign = self.numbered(&accepted.campaign);
        let language = KnownLanguage { number: self.judged.languages.number(&accepted.language), warning };
        let record = Record { line: row.line, raw: row.raw, id: &accepted.record_id };
        self.accept(record, Passed { phone, window, offset_minutes }, (campaign, language));
    }

    fn accept(&mut self, record: Record<'_>, passed: Passed, of: (KnownCampaign<'a>, KnownLanguage)) {
        let (campaign, language) = of;
        let row = RowNumber::new(self.input.number, record.line);
        let mut callback = Callback::new(passed.phone, passed.window, row);
        (callback.campaign, callback.language) = (campaign.number, language.number);
        callback.offset_minutes = passed.offset_minutes;
        self.judged.rows += 1;
        self.judged.warn(language.warning);
        let closed = campaign.hours.is_some_and(|hours| self.memory.is_closed(hours, passed.window));
        if closed {
            self.judged.outside_hours.push(u32::try_from(self.judged.callbacks.len()).unwrap_or(u32::MAX));
        }
        self.judged.callbacks.push(callback);
        match &mut self.judged.frame {
            Some(frame) if closed => frame.outside_hours(record.line, record.id, record.raw),
            Some(frame) => frame.callback(record.line, record.id),
            None => {}
        }
    }

    fn reject(&mut self, row: &RawRow<'_>, rejected: &Rejected<'_>) {
        self.judged.rows += 1;
        self.judged.rejected += 1;
        let faults = Faults::of(&rejected.findings);
        for fault in faults.iter() {
            *self.judged.rejected_codes.entry(fault.code()).or_default() += 1;
        }
        let Some(frame) = &mut self.judged.frame else { return };
        let seen = &rejected.seen;
        let reject = Reject {
            faults,
            detail: &details(&rejected.findings),
            phone: &seen.phone,
            campaign: &seen.campaign,
            language: seen.language.as_ref().map_or("", LanguageTag::as_str),
            start: seen.window_start,
            end: seen.window_end,
            raw: row.raw,
            shape: row.shape(),
        };
        frame.rejected(row.line, &seen.record_id, &reject);
    }
}

impl Judged {
    fn warn(&mut self, warning: Option<Warning>) {
        match warning {
            None | Some(Warning::WindowOverlap) => {}
            Some(Warning::LanguageMissing) => self.languages_missing += 1,
            Some(Warning::LanguageMalformed) => self.languages_malformed += 1,
        }
    }

    /// What is to be told of its rows, and how often.
    pub(super) fn warnings(&self) -> BTreeMap<Warning, u64> {
        let warnings = [
            (Warning::LanguageMissing, self.languages_missing),
            (Warning::LanguageMalformed, self.languages_malformed),
        ];
        warnings.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::io::read::ReadOptions;
    use crate::logic::hours::week::HoursSpec;
    use crate::logic::place;
    use crate::logic::validate::rules::{Rules, RulesSpec};
    use crate::pipeline::intake::read_and_validate;
    use crate::pipeline::rules::{CampaignRules, Campaigns};

    #[test]
    fn windows_that_no_opening_hour_meets_are_known_by_their_places() {
        let days = vec![("mon-fri".to_owned(), vec!["08:00-20:00".to_owned()])].into_iter().collect();
        let spec = HoursSpec { timezone: "UTC".into(), days, holidays: Vec::new() };
        let hours = Some(Arc::new(Hours::new(&spec).expect("hours")));
        let placing = place::CampaignRules { hours, calls_per_agent_hour: 10.0 };
        let others = CampaignRules { placing, zone: None, sms_from: String::new() };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("calls.csv");
        let at =
            |hour: u8| format!("+12025550198,2026-11-23T{hour:02}:00:00Z,2026-11-23T{:02}:00:00Z,a1b2\n", hour + 2);
        let rows = [9, 4, 19, 20, 4].map(at).concat();
        std::fs::write(&path, format!("phone,window_start,window_end,campaign\n{rows}")).expect("written");
        let intake = read_and_validate(&Reading {
            inputs: &[path.to_string_lossy().into_owned()],
            options: &ReadOptions::default(),
            form: &Rules::new(&RulesSpec::default()).expect("rules"),
            campaigns: &Campaigns { named: BTreeMap::new(), others },
            threads: 2,
            spool_in: None,
        });
        let intake = intake.expect("an input");
        assert_eq!((intake.outside_hours, intake.callbacks.len()), (vec![1, 3, 4], 5));
    }
}
