//! What became of a row. Every row has one status; counts are folded from it and kept nowhere else.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::callback::{RowNumber, RunId};
use super::code::Code;
use super::entry::{Entry, Verdict};
use super::exit::ExitCode;
use super::fault::Finding;
use super::progress::{OutOfOrder, Progress};
use super::time::Timestamp;

/// The fate of one input record, as files carry it: the words are a promise to their readers.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Contact created, SMS accepted.
    Confirmed,
    /// Contact created, no SMS on purpose.
    Scheduled,
    /// Contact created, the SMS waits for texting hours.
    SmsWaiting,
    /// An earlier run made it `confirmed` or `scheduled`.
    AlreadyDone,
    /// The same callback id stands on an earlier row.
    Duplicate,
    /// Judged good by `validate`.
    Valid,
    /// Given a dispatch time by `plan`.
    Planned,
    /// The input row is not a callback.
    Rejected,
    /// The platform refused it, or no forecast covers it.
    Failed,
    /// Contact created, SMS refused.
    SmsFailed,
    /// Its window closed before it could be created.
    Expired,
    /// Not attempted or not finished.
    Pending,
    /// The contact may or may not exist.
    InDoubt,
    /// Contact there, the SMS may or may not have gone out.
    SmsInDoubt,
}

impl Status {
    /// Every status, in the order in which people read them.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().expect("as many as were counted");

    /// The word that files carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The status of a callback that has come so far.
    #[must_use]
    pub fn of(progress: Progress) -> Self {
        match progress {
            Progress::Confirmed => Self::Confirmed,
            Progress::Scheduled => Self::Scheduled,
            Progress::TextWaiting => Self::SmsWaiting,
            Progress::ContactFailed => Self::Failed,
            Progress::TextFailed => Self::SmsFailed,
            Progress::Expired => Self::Expired,
            Progress::ContactDoubted => Self::InDoubt,
            Progress::TextDoubted => Self::SmsInDoubt,
            Progress::Pending
            | Progress::ContactInFlight
            | Progress::ContactInFlightAgain
            | Progress::ContactOpen
            | Progress::ContactOwed
            | Progress::Contacted
            | Progress::TextInFlight
            | Progress::TextInFlightAgain
            | Progress::TextOpen => Self::Pending,
        }
    }

    /// The exit code that a row of this status asks for.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Confirmed
            | Self::Scheduled
            | Self::SmsWaiting
            | Self::AlreadyDone
            | Self::Duplicate
            | Self::Valid
            | Self::Planned => ExitCode::Done,
            Self::Rejected => ExitCode::Rejected,
            Self::Failed | Self::SmsFailed | Self::Expired => ExitCode::Failed,
            Self::Pending => ExitCode::Pending,
            Self::InDoubt | Self::SmsInDoubt => ExitCode::InDoubt,
        }
    }
}

/// What the ledger holds of a callback's fate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub progress: Progress,
    /// Why it stands there, where the progress does not say it.
    pub code: Option<Code>,
    /// The same for a person.
    pub detail: String,
    /// When the platform is to dial.
    pub dispatch_at: Option<Timestamp>,
    /// The contact on the platform.
    pub contact_id: Option<String>,
    /// The text on the platform.
    pub session_id: Option<String>,
    /// Requests made for it, contacts and texts together, in all runs.
    pub attempts: u32,
    /// When the contact was created.
    pub contact_at: Option<Timestamp>,
    /// When the text was accepted.
    pub sms_at: Option<Timestamp>,
    /// The run that brought it to where it stands.
    pub run: RunId,
    /// Entries that were written to it. Who writes says the version that is known, and is refused where it is another.
    pub version: u32,
}

impl Standing {
    /// A callback that a run has just taken up.
    #[must_use]
    pub fn untouched(run: RunId) -> Self {
        Self { run, ..Self::default() }
    }

    /// Goes on by one entry. Live writing and recovery share this; what does not follow is an error.
    pub fn apply(&mut self, entry: &Entry, run: RunId, at: Timestamp) -> Result<(), OutOfOrder> {
        let before = self.progress;
        self.progress = before.next(entry)?;
        (self.run, self.version) = (run, self.version.saturating_add(1));
        let (_, carried) = entry.written();
        (self.code, self.detail) = (carried.code, carried.detail.to_owned());
        match entry {
            Entry::Enrolled | Entry::Reopened if self.progress == Progress::Pending => self.dispatch_at = None,
            Entry::Placed(dispatch_at) => self.dispatch_at = Some(*dispatch_at),
            // Of a copy: if a run created it that this ledger does not know of, its time is not known here.
            Entry::ContactDoubted(..) if matches!(before, Progress::Pending | Progress::ContactOwed) => {
                self.dispatch_at = None;
            }
            // The contact has the time that it was created with, and nobody here knows it.
            Entry::ContactExisted(_) | Entry::TextDoubted(Code::ContactExisted, _) => self.dispatch_at = None,
            Entry::ContactIntended(_) | Entry::TextIntended => self.attempts = self.attempts.saturating_add(1),
            Entry::ContactCreated(id) => (self.contact_id, self.contact_at) = (Some(id.clone()), Some(at)),
            Entry::TextAccepted(id) => (self.session_id, self.sms_at) = (id.clone(), Some(at)),
            Entry::Settled(Verdict::Sent, id) => self.found(&id.to_string(), at),
            Entry::Enrolled
            | Entry::Reopened
            | Entry::Settled(Verdict::NotSent | Verdict::Retry, _)
            | Entry::Left(..)
            | Entry::Expired(..)
            | Entry::ContactTurnedAway
            | Entry::ContactUnanswered
            | Entry::ContactDoubted(..)
            | Entry::ContactFailed(..)
            | Entry::TextDeferred
            | Entry::TextDropped(_)
            | Entry::TextRemade(_)
            | Entry::TextTurnedAway
            | Entry::TextUnanswered
            | Entry::TextDoubted(..)
            | Entry::TextFailed(_) => {}
        }
        Ok(())
    }

    /// A callback that another run has written to, for the report of this one: it is the other's, and where that has not
    /// finished it, its reason says so.
    #[must_use]
    pub fn of_another_run(self) -> Self {
        if Status::of(self.progress) != Status::Pending {
            return self;
        }
        Self { code: Some(Code::RunStopped), detail: "another run goes on with it".into(), ..self }
    }

    /// Takes over what a person has found to be there: the contact, or its text.
    fn found(&mut self, contact_id: &str, at: Timestamp) {
        self.contact_id.get_or_insert_with(|| contact_id.to_owned());
        let found = if self.progress == Progress::Contacted { &mut self.contact_at } else { &mut self.sms_at };
        *found = Some(at);
    }

    /// The status that this run reports for it.
    #[must_use]
    pub fn status(&self, this_run: RunId) -> Status {
        let status = Status::of(self.progress);
        let is_done = matches!(status, Status::Confirmed | Status::Scheduled);
        if is_done && self.run != this_run { Status::AlreadyDone } else { status }
    }
}

/// What became of a row that is a callback in form. Rows that are not stand in the spool.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Judged good, and nothing more was asked.
    Valid,
    /// Given a dispatch time, and nothing more was asked.
    Planned(Timestamp),
    /// The same callback stands on an earlier row.
    Duplicate {
        /// Which.
        of: RowNumber,
    },
    /// Good in form, but never open when the customer asks.
    OutsideHours(Finding),
    /// Its window has closed, and the ledger was not asked to keep it.
    Past(Code),
    /// It could not be planned; nothing was written.
    Unplanned {
        /// `failed` or `pending`.
        status: Status,
        /// Why.
        code: Code,
        /// The same for a person.
        detail: String,
    },
    /// What the ledger holds.
    Stands(Box<Standing>),
}

impl Outcome {
    /// The status that this run reports for it.
    #[must_use]
    pub fn status(&self, this_run: RunId) -> Status {
        match self {
            Self::Valid => Status::Valid,
            Self::Planned(_) => Status::Planned,
            Self::Duplicate { .. } => Status::Duplicate,
            Self::OutsideHours(_) => Status::Rejected,
            Self::Past(_) => Status::Expired,
            Self::Unplanned { status, .. } => *status,
            Self::Stands(standing) => standing.status(this_run),
        }
    }
}
