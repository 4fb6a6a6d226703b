//! Reads the inputs and judges their rows: in parallel, joined in input order, memory only for callbacks.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::domain::callback::Callback;
use crate::domain::interned::{CampaignNo, LanguageNo, Names};
use crate::domain::language::LanguageTag;
use crate::domain::limits::{CALLBACKS_MAX, INPUTS_MAX};
use crate::domain::report::{InputFacts, Warning};
use crate::io::read::ReadOptions;
use crate::io::read::block::Block;
use crate::io::read::rejects::RejectShape;
use crate::io::read::source::{self, Source};
use crate::io::spool::Spool;
use crate::io::write::WriteError;
use crate::logic::validate::{self, phone};

use super::error::RunError;
use super::lanes;
use super::rules::Campaigns;

mod judged;
mod languages;
mod twins;

use judged::{Input, Judged, Memory};
pub(super) use languages::Languages;

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
    if pool.current_num_threads() > 1 {
        pool.spawn(phone::make_ready);
    }
    let mut joined = Joined::begin(reading)?;
    for (number, name) in (0..).zip(reading.inputs) {
        let source = source::open(name, reading.options)?;
        joined.intake.reject_shapes.push(source.layout().reject_shape());
        read_one(Input { number, reading }, source, &pool, &mut joined)?;
    }
    Ok(joined.end(&pool))
}

fn read_one<'a>(input: Input<'a>, mut source: Source, pool: &ThreadPool, joined: &mut Joined) -> Result<(), RunError> {
    let layout = source.layout();
    let before = joined.intake.rows;
    let take = |read: Option<Block>| {
        if let Some(block) = read {
            source.give_back(block);
        }
        Ok(source.next_block()?)
    };
    let judge = |block: &mut Block, memory: &mut Memory<'a>| Ok(Judged::of(block, &layout, input, memory));
    pool.install(|| lanes::through(take, judge, |judged| joined.add(judged)))?;
    let rows = joined.intake.rows - before;
    joined.intake.inputs.push(source.finish(rows)?);
    Ok(())
}

/// Blocks joined in order.
struct Joined {
    intake: Intake,
    languages: Languages,
}

fn begin_spool(folder: &Path) -> Result<Spool, WriteError> {
    Spool::begin(folder).map_err(WriteError::at(folder))
}

impl Joined {
    fn begin(reading: &Reading<'_>) -> Result<Self, RunError> {
        let intake = Intake { spool: reading.spool_in.map(begin_spool).transpose()?, ..Intake::default() };
        Ok(Self { intake, languages: Languages::default() })
    }

    fn add(&mut self, block: Judged) -> Result<(), RunError> {
        let intake = &mut self.intake;
        add_all(&mut intake.warnings, block.warnings());
        let campaigns: Vec<u32> = block.campaigns.words().map(|word| intake.campaigns.number(word)).collect();
        let languages: Vec<LanguageNo> = block.languages.tags.iter().map(|tag| self.languages.number(tag)).collect();
        let base = intake.callbacks.len();
        if base + block.callbacks.len() > CALLBACKS_MAX {
            return Err(RunError::TooMany { what: "callbacks in one batch", most: CALLBACKS_MAX });
        }
        intake.callbacks.extend(block.callbacks.into_iter().map(|mut callback| {
            callback.campaign = CampaignNo(campaigns[callback.campaign.0 as usize]);
            callback.language = languages[callback.language.0 as usize];
            callback
        }));
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        intake.outside_hours.extend(block.outside_hours.iter().map(|place| base + place));
        intake.rows += block.rows;
        intake.rejected += block.rejected;
        add_all(&mut intake.rejected_codes, block.rejected_codes);
        if let (Some(spool), Some(frame)) = (&mut intake.spool, &block.frame) {
            spool.add(frame).map_err(RunError::Spool)?;
        }
        Ok(())
    }

    fn end(self, pool: &ThreadPool) -> Intake {
        let mut intake = self.intake;
        let twins = pool.install(|| twins::find(&intake.callbacks));
        intake.duplicates = twins.duplicates;
        if twins.overlaps > 0 {
            intake.warnings.insert(Warning::WindowOverlap, twins.overlaps);
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
