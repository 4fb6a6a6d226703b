//! Why a run hands out nothing more. The first reason counts; what is in flight still gets its answer.

use std::cell::RefCell;

use tokio::sync::Notify;

use crate::domain::code::Code;
use crate::domain::exit::ExitCode;
use crate::logic::retry::Stop;

/// Why a run hands out nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// A person or the system asked for it.
    Signal,
    /// Somebody has paused the ledger: by whom, since when and why.
    Paused(String),
    /// `--max-duration` is over.
    Deadline,
    /// More callbacks than allowed cannot be created in time.
    Late(String),
    /// The platform has been in trouble for too long, or asks for too long a pause.
    GaveUp(String),
    /// The platform said that nothing of this run can work.
    Barred(Stop, String),
    /// The client's secret cannot be had.
    NoSecret(String),
    /// The ledger cannot be written, so nothing may be sent.
    LedgerLost(String),
    /// A fault of ringback's own.
    Fault(String),
}

impl Halt {
    /// The exit code that it asks for.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Signal
            | Self::Paused(_)
            | Self::Deadline
            | Self::Late(_)
            | Self::GaveUp(_)
            | Self::Barred(Stop::Quota(_), _) => ExitCode::Pending,
            Self::Barred(Stop::Address | Stop::Connection, _) | Self::NoSecret(_) => ExitCode::Settings,
            Self::Barred(Stop::Credentials | Stop::NoToken | Stop::Forbidden(_), _) => ExitCode::Denied,
            Self::LedgerLost(_) => ExitCode::Io,
            Self::Fault(_) => ExitCode::Fault,
        }
    }

    /// The code of the rows that it leaves behind.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Deadline => Code::RunDeadline,
            Self::Late(_) => Code::RunLate,
            Self::GaveUp(_) => Code::PlatformUnavailable,
            Self::Signal
            | Self::Paused(_)
            | Self::Barred(..)
            | Self::NoSecret(_)
            | Self::LedgerLost(_)
            | Self::Fault(_) => Code::RunStopped,
        }
    }

    /// What a person is told, and what to do.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Signal => "the run was stopped by a signal".into(),
            Self::Paused(told) => format!("the ledger was paused {told}"),
            Self::Deadline => "the run reached --max-duration".into(),
            Self::GaveUp(why) => format!("the run gave up on the platform: {why}"),
            Self::Barred(Stop::Address, words) => {
                format!("the platform is not at this address; check platform.base_url or platform.region ({words})")
            }
            Self::Barred(Stop::Connection, words) => format!("the platform cannot be asked: {words}"),
            Self::Barred(Stop::Credentials, words) => format!(
                "the platform does not accept the credentials; check platform.client_id and the client secret ({words})"
            ),
            Self::Barred(Stop::NoToken, words) => format!(
                "the platform gives this client no token; what it says of it has to be mended on the platform ({words})"
            ),
            Self::Barred(Stop::Forbidden(right), words) => {
                format!("the credentials lack the {right}; have it granted ({words})")
            }
            Self::Barred(Stop::Quota(step), words) => {
                format!("the platform takes no more of this kind ({}): its quota is used up ({words})", step.as_str())
            }
            Self::Late(why) | Self::NoSecret(why) => why.clone(),
            Self::Fault(why) => format!("a fault of ringback's own: {why}"),
            Self::LedgerLost(why) => {
                format!("nothing more is sent, for what is sent must be written down first: {why}")
            }
        }
    }
}

/// The mark of something that was not done because the run halts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halted;

/// Whether a run halts, and why.
#[derive(Debug, Default)]
pub struct Halting {
    why: RefCell<Option<Halt>>,
    rung: Notify,
}

impl Halting {
    /// Ends the handing out. The first reason counts, but for a lost ledger and a fault of our own, which count always.
    /// All that is in flight meets a lost ledger, and it is told once.
    pub fn halt(&self, why: Halt) {
        let mut first = self.why.borrow_mut();
        if first.is_none() || matches!(why, Halt::LedgerLost(_) | Halt::Fault(_)) {
            if first.as_ref() != Some(&why) {
                tracing::warn!("{}", why.describe());
            }
            *first = Some(why);
        }
        self.rung.notify_waiters();
    }

    /// Why, where it halts.
    #[must_use]
    pub fn why(&self) -> Option<Halt> {
        self.why.borrow().clone()
    }

    /// An error where it halts.
    pub fn check(&self) -> Result<(), Halted> {
        if self.why.borrow().is_some() { Err(Halted) } else { Ok(()) }
    }

    /// Waits until it halts.
    pub async fn halted(&self) -> Halted {
        let rung = self.rung.notified();
        tokio::pin!(rung);
        rung.as_mut().enable();
        if self.check().is_ok() {
            rung.await;
        }
        Halted
    }

    /// Does something unless, or until, it halts.
    pub async fn unless<T>(&self, task: impl Future<Output = T>) -> Result<T, Halted> {
        tokio::select! {
            biased;
            halted = self.halted() => Err(halted),
            done = task => Ok(done),
        }
    }
}
