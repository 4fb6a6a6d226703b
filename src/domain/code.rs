//! Why a row has its status, where the status alone does not say it. Faults of the input have codes
//! of their own: [`super::fault::Fault`].

use strum::{EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// A reason behind a status.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumMessage, IntoStaticStr, VariantArray, EnumString,
)]
pub enum Code {
    /// The window has no dispatch time left.
    #[strum(serialize = "window.past", message = "no dispatch time was left in the window")]
    WindowPast,
    /// No forecast covers the window.
    #[strum(serialize = "forecast.empty", message = "no forecast covers the window")]
    ForecastEmpty,
    /// The forecast has no agents in the window.
    #[strum(serialize = "forecast.no_agents", message = "the forecast has no agents in the window")]
    ForecastNoAgents,
    /// The platform refused the contact, or the forecast of its campaign.
    #[strum(serialize = "platform.refused", message = "the platform refused it")]
    PlatformRefused,
    /// The platform could not do it within the attempts or the time allowed.
    #[strum(serialize = "platform.unavailable", message = "the platform could not do it in time")]
    PlatformUnavailable,
    /// The contact request left and no answer is known.
    #[strum(serialize = "contact.no_answer", message = "the contact's request left, and no answer is known")]
    ContactNoAnswer,
    /// The platform had the contact before this ledger did.
    #[strum(serialize = "contact.existed", message = "the contact was on the platform before")]
    ContactExisted,
    /// The platform refused the text.
    #[strum(serialize = "sms.refused", message = "the platform refused the text")]
    SmsRefused,
    /// Texts are switched off.
    #[strum(serialize = "sms.disabled", message = "texts are switched off")]
    SmsDisabled,
    /// The text request left and no answer is known.
    #[strum(serialize = "sms.no_answer", message = "the text's request left, and no answer is known")]
    SmsNoAnswer,
    /// The text would come after its dispatch time.
    #[strum(serialize = "sms.too_late", message = "the text would have come after the call")]
    SmsTooLate,
    /// The text waits for texting hours.
    #[strum(serialize = "sms.quiet_hours", message = "the text waits for texting hours")]
    SmsQuietHours,
    /// A person said that it did not happen.
    #[strum(serialize = "settle.not_sent", message = "a person found that it was not sent")]
    SettleNotSent,
    /// `--limit` was reached.
    #[strum(serialize = "run.limit", message = "beyond --limit")]
    RunLimit,
    /// `--max-duration` was reached.
    #[strum(serialize = "run.deadline", message = "--max-duration was over")]
    RunDeadline,
    /// The run was stopped.
    #[strum(serialize = "run.stopped", message = "the run was stopped first")]
    RunStopped,
    /// The run could not reach it before its window closed.
    #[strum(serialize = "run.late", message = "the run could not reach it in time")]
    RunLate,
}

impl Code {
    /// Every code, in the order in which they are listed.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The code as files and the ledger carry it: a promise to their readers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The code with this spelling.
    #[must_use]
    pub fn from_spelling(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
