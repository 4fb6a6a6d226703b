//! Reads the platform's export with the reader of inputs, and judges its phones and times by the same rules.
//!
//! The reader knows the fields of an input. Of these, four stand for those of a contact; what else it asks for is
//! pointed at the same columns.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use strum::{IntoStaticStr, VariantArray};

use crate::domain::callback::RowNumber;
use crate::domain::fault::{Fault, Finding, details};
use crate::domain::interned::{CampaignNo, Names};
use crate::domain::limits::INPUTS_MAX;
use crate::domain::phone::E164;
use crate::domain::report::InputFacts;
use crate::domain::row::{Field, RawRow, same_name};
use crate::io::read::block::Block;
use crate::io::read::error::{Problem, ReadError};
use crate::io::read::layout::Layout;
use crate::io::read::source::{self, Source};
use crate::io::read::{Mapped, ReadOptions};
use crate::logic::reconcile::contact::{Contact, ContactKey, Contacts};
use crate::logic::validate::rules::Rules;
use crate::logic::validate::{self, Verdict};
use crate::pipeline::error::RunError;

/// Blocks that are judged side by side, for each thread.
const BLOCKS_PER_THREAD: usize = 2;

/// A field of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub enum ContactField {
    /// Its id.
    #[strum(serialize = "contactId")]
    Id,
    /// Its campaign.
    #[strum(serialize = "campaignId")]
    Campaign,
    /// Whom it calls.
    #[strum(serialize = "phone")]
    Phone,
    /// When.
    #[strum(serialize = "scheduledStartDateTime")]
    At,
}

impl ContactField {
    /// Every field, in the order in which they are listed.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The column under which an export carries it, unless it is said otherwise.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The field that goes by this name, whatever its case, spaces, `-` and `_`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| same_name(field.name().as_bytes(), name.as_bytes()))
    }

    /// What the reader of inputs calls it.
    fn of_input(self) -> Field {
        match self {
            Self::Id => Field::Id,
            Self::Campaign => Field::Campaign,
            Self::Phone => Field::Phone,
            Self::At => Field::Start,
        }
    }
}

/// What is read, and how it is judged.
pub struct Exporting<'a> {
    /// The files in order: paths, or `-`.
    pub names: &'a [String],
    /// Where fields are that do not go by their names.
    pub map: &'a BTreeMap<ContactField, String>,
    /// How they are read; its columns are not looked at.
    pub options: &'a ReadOptions,
    /// How phones and times are judged.
    pub form: &'a Rules,
    /// Threads that read and judge; 0 for all cores.
    pub threads: usize,
}

/// The platform's export.
#[derive(Debug, Default)]
pub struct Export {
    /// The contacts.
    pub contacts: Contacts,
    /// Rows of all files.
    pub rows: u64,
    /// Rows that cannot be read as a contact: where they stand, and why.
    pub unreadable: Vec<(RowNumber, Box<str>)>,
    /// The files.
    pub files: Vec<InputFacts>,
}

/// Reads the platform's export to its end.
pub fn read(exporting: &Exporting<'_>) -> Result<Export, RunError> {
    if exporting.names.len() > INPUTS_MAX {
        return Err(RunError::TooMany { what: "files of an export", most: INPUTS_MAX });
    }
    let pool = ThreadPoolBuilder::new().num_threads(exporting.threads).build();
    let pool = pool.map_err(|error| RunError::Fault(format!("no threads: {error}")))?;
    let (columns, mapped) = (columns(exporting.map), Mapped::Needed);
    let options = ReadOptions { columns, mapped, ..exporting.options.clone() };
    let mut joined = Joined::default();
    for (number, name) in (0..).zip(exporting.names) {
        let source = source::open(name, &options).map_err(|error| in_its_words(error, exporting.map))?;
        read_one((number, source), exporting.form, &pool, &mut joined)?;
    }
    Ok(joined.end())
}

/// Where the reader of inputs finds what stands for its fields.
fn columns(map: &BTreeMap<ContactField, String>) -> BTreeMap<Field, String> {
    let column = |field: ContactField| map.get(&field).map_or_else(|| field.name().to_owned(), Clone::clone);
    let of_contacts = ContactField::ALL.iter().map(|&field| (field.of_input(), column(field)));
    of_contacts.chain(BESIDES.map(|(field, like)| (field, column(like)))).collect()
}

/// What the reader asks for besides, and at whose column it is pointed.
const BESIDES: [(Field, ContactField); 2] = [(Field::End, ContactField::At), (Field::Language, ContactField::Id)];

/// The field of a contact that one of an input stands for, by its name.
fn contact_field(name: &str) -> Option<ContactField> {
    let of_contacts = ContactField::ALL.iter().map(|&field| (field.of_input(), field));
    of_contacts.chain(BESIDES).find(|(field, _)| field.name() == name).map(|(_, field)| field)
}

/// An error with the names that an export's fields have. A column that nobody asked for by name is just not there.
fn in_its_words(mut error: ReadError, map: &BTreeMap<ContactField, String>) -> ReadError {
    if let Problem::NoSuchColumn { field, .. } | Problem::SeveralColumns { field, .. } = &mut error.problem {
        *field = contact_field(field).map_or(*field, ContactField::name);
    }
    if let Problem::NoSuchColumn { field, found, nearest, .. } = &error.problem
        && map.keys().all(|mapped| mapped.name() != *field)
    {
        let is_there = |name: &str| found.iter().any(|found| same_name(found.as_bytes(), name.as_bytes()));
        let unmapped = ContactField::ALL.iter().copied().filter(|field| !map.contains_key(field));
        let missing: Vec<&str> = unmapped.map(ContactField::name).filter(|name| !is_there(name)).collect();
        let (missing, found, nearest) = (missing.join(", "), found.clone(), nearest.clone());
        let is_of_callbacks = is_window(&found) && !is_there(ContactField::Id.name());
        error.problem =
            if is_of_callbacks { Problem::Callbacks } else { Problem::MissingColumns { missing, found, nearest } };
    }
    error
}

/// Whether columns hold the beginning and the end of a window, as only an export of callbacks does.
fn is_window(names: &[String]) -> bool {
    let is_there = |field| names.iter().any(|name| Field::of_name(name.as_bytes()) == Some(field));
    is_there(Field::Start) && is_there(Field::End)
}

fn read_one(
    (number, mut source): (u16, Source),
    form: &Rules,
    pool: &ThreadPool,
    joined: &mut Joined,
) -> Result<(), RunError> {
    let layout = source.layout();
    let before = joined.export.rows;
    loop {
        let mut blocks = Vec::new();
        while blocks.len() < pool.current_num_threads() * BLOCKS_PER_THREAD {
            let Some(block) = source.next_block()? else { break };
            blocks.push(block);
        }
        if blocks.is_empty() {
            let rows = joined.export.rows - before;
            joined.export.files.push(source.finish(rows)?);
            return Ok(());
        }
        let judge = |block: &Block| judge((number, block), &layout, form);
        pool.install(|| blocks.par_iter().map(judge).collect::<Vec<Judged>>()).into_iter().for_each(|b| joined.add(b));
    }
}

/// A block's rows, judged; campaigns are numbered within the block.
#[derive(Default)]
struct Judged {
    contacts: Vec<Contact>,
    campaigns: Names,
    faults: Vec<(RowNumber, String)>,
    unreadable: Vec<(RowNumber, String)>,
}

/// A row that is a contact.
struct Read {
    key: ContactKey,
    phone: Option<E164>,
    at: Option<crate::domain::time::Timestamp>,
    campaign: String,
    /// What could not be read of it; empty where all could.
    fault: String,
}

fn judge((number, block): (u16, &Block), layout: &Layout, form: &Rules) -> Judged {
    let mut judged = Judged::default();
    block.rows(layout, |raw| {
        let row = RowNumber::new(number, raw.line);
        match contact(&raw, form) {
            Ok(Read { key, phone, at, campaign, fault }) => {
                let campaign = CampaignNo(judged.campaigns.number(&campaign));
                judged.contacts.push(Contact { key, phone, campaign, at, row });
                judged.faults.extend((!fault.is_empty()).then_some((row, fault)));
            }
            Err(why) => judged.unreadable.push((row, why)),
        }
    });
    judged
}

/// The contact of a row, or why it is none. Where a window should be there is one instant, so that no row is a
/// callback; what its fields say was judged all the same.
fn contact(raw: &RawRow<'_>, form: &Rules) -> Result<Read, String> {
    match validate::row(raw, form) {
        Verdict::Accepted(accepted) => Ok(Read {
            key: ContactKey::of(&accepted.record_id),
            phone: Some(accepted.phone),
            at: Some(accepted.window.start()),
            campaign: accepted.campaign.into_owned(),
            fault: String::new(),
        }),
        Verdict::Rejected(rejected) => {
            let seen = &rejected.seen;
            let fault = fault(&rejected.findings);
            let is_phone = !rejected.findings.iter().any(|finding| is_of_phone(finding.fault));
            let is_campaign = !rejected.findings.iter().any(is_of_campaign);
            let phone = E164::from_canonical(&seen.phone).filter(|_| is_phone);
            let (key, at) = (ContactKey::of(&seen.record_id), seen.window_start);
            if raw.fields.is_err() || (key.is_empty() && phone.is_none()) {
                return Err(fault);
            }
            let campaign = if is_campaign { seen.campaign.to_string() } else { String::new() };
            Ok(Read { key, phone, at, campaign, fault })
        }
    }
}

/// What is shown of a campaign that cannot be read may look like one that can.
fn is_of_campaign(finding: &Finding) -> bool {
    finding.field == Field::Campaign.name()
}

fn is_of_phone(fault: Fault) -> bool {
    matches!(fault, Fault::PhoneMissing | Fault::PhoneUnparseable | Fault::PhoneInvalid)
}

/// What is wrong with the fields of a contact, under their own names.
fn fault(findings: &[Finding]) -> String {
    let is_told = |finding: &&Finding| {
        let is_of_window = matches!(
            finding.fault,
            Fault::WindowReversed | Fault::WindowTooShort | Fault::WindowTooLong | Fault::WindowOutsideHours
        );
        !is_of_window && finding.field != Field::End.name()
    };
    let own =
        |finding: &Finding| finding.clone().of(contact_field(finding.field).map_or(finding.field, ContactField::name));
    let told: Vec<Finding> = findings.iter().filter(is_told).map(own).collect();
    details(&told)
}

/// Blocks joined in order.
#[derive(Default)]
struct Joined {
    export: Export,
    contacts: Vec<Contact>,
    campaigns: Names,
    faults: HashMap<RowNumber, Box<str>>,
}

impl Joined {
    fn add(&mut self, block: Judged) {
        let campaigns: Vec<u32> = block.campaigns.words().map(|word| self.campaigns.number(word)).collect();
        self.export.rows += (block.contacts.len() + block.unreadable.len()) as u64;
        self.contacts.extend(block.contacts.into_iter().map(|contact| {
            let campaign = CampaignNo(campaigns[contact.campaign.0 as usize]);
            Contact { campaign, ..contact }
        }));
        self.faults.extend(block.faults.into_iter().map(|(row, words)| (row, words.into())));
        self.export.unreadable.extend(block.unreadable.into_iter().map(|(row, why)| (row, why.into())));
    }

    fn end(self) -> Export {
        let contacts = Contacts::new(self.contacts, self.campaigns, self.faults);
        Export { contacts, ..self.export }
    }
}
