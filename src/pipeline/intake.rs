//! Reads the inputs and judges their rows: in parallel, joined in input order, memory only for callbacks.

use std::collections::BTreeMap;
use std::path::Path;

use hashbrown::HashMap;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::domain::callback::{Callback, RowNumber};
use crate::domain::fault::{codes, details};
use crate::domain::interned::{CampaignNo, LanguageNo, Names};
use crate::domain::language::LanguageTag;
use crate::domain::limits::{CALLBACKS_MAX, INPUTS_MAX};
use crate::domain::report::{InputFacts, Warning};
use crate::domain::row::RawRow;
use crate::io::read::ReadOptions;
use crate::io::read::block::Block;
use crate::io::read::layout::Layout;
use crate::io::read::rejects::RejectShape;
use crate::io::read::source::{self, Source};
use crate::io::spool::frame::Frame;
use crate::io::spool::{Reject, Spool};
use crate::io::write::WriteError;
use crate::logic::twins::Twins;
use crate::logic::validate::{self, Accepted, LanguageWarning, Rejected, Verdict};

use super::error::RunError;
use super::rules::Campaigns;

/// What is read, and how it is judged.
pub struct Reading<'a> {
    /// The inputs in order: paths, or `-`.
    pub inputs: &'a [String],
    /// How they are read.
    pub options: &'a ReadOptions,
    /// How a row's form is judged.
    pub form: &'a validate::rules::Rules,
    /// When campaigns are open.
    pub campaigns: &'a Campaigns,
    /// Threads that read and validate; 0 for all cores.
    pub threads: usize,
    /// Where the spool goes; `None` where nobody will ask for the rows again.
    pub spool_in: Option<&'a Path>,
}

/// All that was read, or taken up.
#[derive(Default)]
pub struct Intake {
    /// The rows that are callbacks in form, in input order, duplicates included.
    pub callbacks: Vec<Callback>,
    /// The places of duplicates, ascending, each with the place of the row that counts.
    pub duplicates: Vec<(u32, u32)>,
    /// The places of callbacks that no opening hour meets, ascending.
    pub outside_hours: Vec<u32>,
    /// The campaigns by number.
    pub campaigns: Names,
    /// The languages by number.
    pub languages: Vec<LanguageTag>,
    /// The inputs.
    pub inputs: Vec<InputFacts>,
    /// How each input's rejects are written.
    pub reject_shapes: Vec<RejectShape>,
    /// Records of all inputs.
    pub rows: u64,
    /// Rows that are no callbacks.
    pub rejected: u64,
    /// The same by code.
    pub rejected_codes: BTreeMap<&'static str, u64>,
    /// Warnings.
    pub warnings: BTreeMap<Warning, u64>,
    /// The rows, where somebody will ask for them.
    pub spool: Option<Spool>,
}

/// Reads all inputs to their ends. Nothing is sent before this has succeeded.
pub fn read_and_validate(reading: &Reading<'_>) -> Result<Intake, RunError> {
    if reading.inputs.len() > INPUTS_MAX {
        return Err(RunError::TooMany { what: "inputs", most: INPUTS_MAX });
    }
    let pool = ThreadPoolBuilder::new().num_threads(reading.threads).build();
    let pool = pool.map_err(|error| RunError::Fault(format!("no threads: {error}")))?;
    let mut joined = Joined::begin(reading)?;
    for (number, name) in (0..).zip(reading.inputs) {
        let source = source::open(name, reading.options)?;
        joined.intake.reject_shapes.push(source.layout().reject_shape());
        read_one(Input { number, reading }, source, &pool, &mut joined)?;
    }
    Ok(joined.end())
}

#[derive(Clone, Copy)]
struct Input<'a> {
    number: u16,
    reading: &'a Reading<'a>,
}

/// Blocks that are judged side by side, for each thread.
const BLOCKS_PER_THREAD: usize = 2;

fn read_one(input: Input<'_>, mut source: Source, pool: &ThreadPool, joined: &mut Joined) -> Result<(), RunError> {
    let layout = source.layout();
    let at_once = pool.current_num_threads() * BLOCKS_PER_THREAD;
    let before = joined.intake.rows;
    let mut blocks = next_blocks(&mut source, at_once)?;
    while !blocks.is_empty() {
        let judge = |block: &Block| judge(block, &layout, input);
        let (following, judged) = pool.install(|| {
            rayon::join(|| next_blocks(&mut source, at_once), || blocks.par_iter().map(judge).collect::<Vec<Judged>>())
        });
        for block in judged {
            joined.add(block)?;
        }
        blocks = following?;
    }
    let rows = joined.intake.rows - before;
    joined.intake.inputs.push(source.finish(rows)?);
    Ok(())
}

fn next_blocks(source: &mut Source, at_most: usize) -> Result<Vec<Block>, RunError> {
    let mut blocks = Vec::with_capacity(at_most);
    while blocks.len() < at_most {
        let Some(block) = source.next_block()? else { break };
        blocks.push(block);
    }
    Ok(blocks)
}

/// A block's rows, judged; campaigns and languages are numbered within the block.
#[derive(Default)]
struct Judged {
    callbacks: Vec<Callback>,
    outside_hours: Vec<u32>,
    campaigns: Names,
    languages: Languages,
    rows: u64,
    rejected: u64,
    rejected_codes: BTreeMap<&'static str, u64>,
    warnings: BTreeMap<Warning, u64>,
    /// The rows for the spool, where there is one.
    frame: Option<Frame>,
}

fn judge(block: &Block, layout: &Layout, input: Input<'_>) -> Judged {
    let frame = input.reading.spool_in.map(|_| Frame::new(input.number));
    let mut judged = Judged { frame, ..Judged::default() };
    block.rows(layout, |row| {
        judged.rows += 1;
        match validate::row(&row, input.reading.form) {
            Verdict::Accepted(accepted) => judged.accept(&row, &accepted, input),
            Verdict::Rejected(rejected) => judged.reject(&row, &rejected),
        }
    });
    judged
}

impl Judged {
    fn accept(&mut self, row: &RawRow<'_>, accepted: &Accepted<'_>, input: Input<'_>) {
        let mut callback = Callback::new(accepted.phone, accepted.window, RowNumber::new(input.number, row.line));
        callback.campaign = CampaignNo(self.campaigns.number(&accepted.campaign));
        callback.language = self.languages.number(&accepted.language);
        callback.offset_minutes = accepted.offset_minutes;
        if let Some(warning) = accepted.language_warning {
            *self.warnings.entry(language_warning(warning)).or_default() += 1;
        }
        let hours = input.reading.campaigns.of(&accepted.campaign).placing.hours.as_ref();
        let closed = hours.is_some_and(|hours| hours.judge(accepted.window).is_err());
        if closed {
            self.outside_hours.push(u32::try_from(self.callbacks.len()).unwrap_or(u32::MAX));
        }
        self.callbacks.push(callback);
        match &mut self.frame {
            Some(frame) if closed => frame.outside_hours(row.line, &accepted.record_id, row.raw),
            Some(frame) => frame.callback(row.line, &accepted.record_id),
            None => {}
        }
    }

    fn reject(&mut self, row: &RawRow<'_>, rejected: &Rejected<'_>) {
        self.rejected += 1;
        let mut counted = std::collections::BTreeSet::new();
        for finding in &rejected.findings {
            if counted.insert(finding.fault) {
                *self.rejected_codes.entry(finding.fault.code()).or_default() += 1;
            }
        }
        let Some(frame) = &mut self.frame else { return };
        let seen = &rejected.seen;
        let reject = Reject {
            codes: &codes(&rejected.findings),
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

/// Languages, numbered in the order in which they were first seen. They are kept as tags: were they words, each
/// would have to be read again, and one that failed would shift the numbers of all behind it.
#[derive(Default)]
pub(super) struct Languages {
    /// The tags by number.
    pub(super) tags: Vec<LanguageTag>,
    numbers: HashMap<LanguageTag, LanguageNo, foldhash::fast::RandomState>,
}

impl Languages {
    /// The number of a language, new or known.
    pub(super) fn number(&mut self, tag: &LanguageTag) -> LanguageNo {
        if let Some(&number) = self.numbers.get(tag) {
            return number;
        }
        let number = LanguageNo(u32::try_from(self.tags.len()).unwrap_or(u32::MAX));
        self.tags.push(tag.clone());
        self.numbers.insert(tag.clone(), number);
        number
    }
}

fn language_warning(warning: LanguageWarning) -> Warning {
    match warning {
        LanguageWarning::Missing => Warning::LanguageMissing,
        LanguageWarning::Malformed => Warning::LanguageMalformed,
    }
}

/// Blocks joined in order.
struct Joined {
    intake: Intake,
    languages: Languages,
    twins: Twins,
}

fn begin_spool(folder: &Path) -> Result<Spool, WriteError> {
    Spool::begin(folder).map_err(WriteError::at(folder))
}

impl Joined {
    fn begin(reading: &Reading<'_>) -> Result<Self, RunError> {
        let intake = Intake { spool: reading.spool_in.map(begin_spool).transpose()?, ..Intake::default() };
        Ok(Self { intake, languages: Languages::default(), twins: Twins::default() })
    }

    fn add(&mut self, block: Judged) -> Result<(), RunError> {
        let intake = &mut self.intake;
        let campaigns: Vec<u32> = block.campaigns.words().map(|word| intake.campaigns.number(word)).collect();
        let languages: Vec<LanguageNo> = block.languages.tags.iter().map(|tag| self.languages.number(tag)).collect();
        let base = intake.callbacks.len();
        if base + block.callbacks.len() > CALLBACKS_MAX {
            return Err(RunError::TooMany { what: "callbacks in one batch", most: CALLBACKS_MAX });
        }
        for mut callback in block.callbacks {
            callback.campaign = CampaignNo(campaigns[callback.campaign.0 as usize]);
            callback.language = languages[callback.language.0 as usize];
            let place = u32::try_from(intake.callbacks.len()).unwrap_or(u32::MAX);
            intake.callbacks.push(callback);
            if let Some(first) = self.twins.add(&intake.callbacks, place) {
                intake.duplicates.push((place, first));
            }
        }
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        intake.outside_hours.extend(block.outside_hours.iter().map(|place| base + place));
        intake.rows += block.rows;
        intake.rejected += block.rejected;
        add_all(&mut intake.rejected_codes, block.rejected_codes);
        add_all(&mut intake.warnings, block.warnings);
        if let (Some(spool), Some(frame)) = (&mut intake.spool, &block.frame) {
            spool.add(frame).map_err(RunError::Spool)?;
        }
        Ok(())
    }

    fn end(self) -> Intake {
        let mut intake = self.intake;
        let overlaps = self.twins.overlaps(&intake.callbacks);
        if overlaps > 0 {
            intake.warnings.insert(Warning::WindowOverlap, overlaps);
        }
        intake.languages = self.languages.tags;
        intake
    }
}

fn add_all<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(key).or_default() += count;
    }
}

impl Intake {
    /// The place of the row that counts, where the one at a place is a duplicate.
    #[must_use]
    pub fn duplicate_of(&self, place: u32) -> Option<u32> {
        let found = self.duplicates.binary_search_by_key(&place, |&(duplicate, _)| duplicate);
        found.ok().map(|index| self.duplicates[index].1)
    }

    /// Whether no opening hour meets the window at a place.
    #[must_use]
    pub fn is_outside_hours(&self, place: u32) -> bool {
        self.outside_hours.binary_search(&place).is_ok()
    }

    /// The name of a callback's campaign.
    #[must_use]
    pub fn campaign(&self, callback: &Callback) -> &str {
        self.campaigns.word(callback.campaign.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_keeps_its_number_and_its_tag() {
        let mut languages = Languages::default();
        for (text, number) in [("en-US", 0), ("es", 1), ("x-house", 2), ("ES", 1), ("en-us", 0), ("zh-Hant-TW", 3)] {
            let tag = LanguageTag::parse(text).expect("a tag");
            assert_eq!(languages.number(&tag), LanguageNo(number), "{text}");
            assert_eq!(languages.tags[number as usize], tag, "{text}");
        }
        assert_eq!(languages.tags.len(), 4);
    }
}
