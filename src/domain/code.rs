//! Why a row has its status, where the status alone does not say it. Faults of the input have codes
//! of their own: [`super::fault::Fault`].

use strum::{EnumString, IntoStaticStr, VariantArray};

/// A reason behind a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray, EnumString)]
pub enum Code {
    /// The window has no dispatch time left.
    #[strum(serialize = "window.past")]
    WindowPast,
    /// No forecast covers the window.
    #[strum(serialize = "forecast.empty")]
    ForecastEmpty,
    /// The forecast has no agents in the window.
    #[strum(serialize = "forecast.no_agents")]
    ForecastNoAgents,
    /// The platform refused the contact, or the forecast of its campaign.
    #[strum(serialize = "platform.refused")]
    PlatformRefused,
    /// The platform could not do it within the attempts or the time allowed.
    #[strum(serialize = "platform.unavailable")]
    PlatformUnavailable,
    /// The contact request left and no answer is known.
    #[strum(serialize = "contact.no_answer")]
    ContactNoAnswer,
    /// The platform had the contact before this ledger did.
    #[strum(serialize = "contact.existed")]
    ContactExisted,
    /// The platform refused the text.
    #[strum(serialize = "sms.refused")]
    SmsRefused,
    /// Texts are switched off.
    #[strum(serialize = "sms.disabled")]
    SmsDisabled,
    /// The text request left and no answer is known.
    #[strum(serialize = "sms.no_answer")]
    SmsNoAnswer,
    /// The text would come after its dispatch time.
    #[strum(serialize = "sms.too_late")]
    SmsTooLate,
    /// The text waits for texting hours.
    #[strum(serialize = "sms.quiet_hours")]
    SmsQuietHours,
    /// A person said that it did not happen.
    #[strum(serialize = "settle.not_sent")]
    SettleNotSent,
    /// `--limit` was reached.
    #[strum(serialize = "run.limit")]
    RunLimit,
    /// `--max-duration` was reached.
    #[strum(serialize = "run.deadline")]
    RunDeadline,
    /// The run was stopped.
    #[strum(serialize = "run.stopped")]
    RunStopped,
    /// The run could not reach it before its window closed.
    #[strum(serialize = "run.late")]
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
