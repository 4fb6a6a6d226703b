//! Why a row has its status, where the status alone does not say it. Faults of the input have codes
//! of their own: [`super::fault::Fault`].

/// A reason behind a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The window has no dispatch time left.
    WindowPast,
    /// No forecast covers the window.
    ForecastEmpty,
    /// The forecast has no agents in the window.
    ForecastNoAgents,
    /// The platform refused the contact, or the forecast of its campaign.
    PlatformRefused,
    /// The platform could not do it within the attempts or the time allowed.
    PlatformUnavailable,
    /// The contact request left and no answer is known.
    ContactNoAnswer,
    /// The platform had the contact before this ledger did.
    ContactExisted,
    /// The platform refused the text.
    SmsRefused,
    /// Texts are switched off.
    SmsDisabled,
    /// The text request left and no answer is known.
    SmsNoAnswer,
    /// The text would come after its dispatch time.
    SmsTooLate,
    /// The text waits for texting hours.
    SmsQuietHours,
    /// A person said that it did not happen.
    SettleNotSent,
    /// `--limit` was reached.
    RunLimit,
    /// `--max-duration` was reached.
    RunDeadline,
    /// The run was stopped.
    RunStopped,
    /// The run could not reach it before its window closed.
    RunLate,
}

impl Code {
    /// Every code, in the order in which they are listed.
    pub const ALL: [Self; 17] = [
        Self::WindowPast,
        Self::ForecastEmpty,
        Self::ForecastNoAgents,
        Self::PlatformRefused,
        Self::PlatformUnavailable,
        Self::ContactNoAnswer,
        Self::ContactExisted,
        Self::SmsRefused,
        Self::SmsDisabled,
        Self::SmsNoAnswer,
        Self::SmsTooLate,
        Self::SmsQuietHours,
        Self::SettleNotSent,
        Self::RunLimit,
        Self::RunDeadline,
        Self::RunStopped,
        Self::RunLate,
    ];

    /// The code as files and the ledger carry it: a promise to their readers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WindowPast => "window.past",
            Self::ForecastEmpty => "forecast.empty",
            Self::ForecastNoAgents => "forecast.no_agents",
            Self::PlatformRefused => "platform.refused",
            Self::PlatformUnavailable => "platform.unavailable",
            Self::ContactNoAnswer => "contact.no_answer",
            Self::ContactExisted => "contact.existed",
            Self::SmsRefused => "sms.refused",
            Self::SmsDisabled => "sms.disabled",
            Self::SmsNoAnswer => "sms.no_answer",
            Self::SmsTooLate => "sms.too_late",
            Self::SmsQuietHours => "sms.quiet_hours",
            Self::SettleNotSent => "settle.not_sent",
            Self::RunLimit => "run.limit",
            Self::RunDeadline => "run.deadline",
            Self::RunStopped => "run.stopped",
            Self::RunLate => "run.late",
        }
    }

    /// The code with this spelling.
    #[must_use]
    pub fn from_spelling(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}
