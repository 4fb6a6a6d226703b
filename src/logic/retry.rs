//! What an answer means that is not the one hoped for. Two questions are answered, and neither depends on the other:
//! what is known of this request, and what follows for the run. Reads no clock and sleeps nowhere.

use std::time::Duration;

use crate::domain::abilities::Repeat;
use crate::domain::progress::Earlier;
use crate::domain::provenance::Provenance;
use crate::domain::reply::{Step, Trouble, Unclear};

/// What to do about a text that may have gone out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum OnNoAnswer {
    /// Leave it to a person.
    Hold,
    /// Send it again: a second text is better than none.
    Resend,
}

/// How the token of a request that was unauthorised stands to the newest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAge {
    /// A newer one is there.
    Older,
    /// It is the newest, and another request has passed with it.
    NewestProven,
    /// It is the newest, and nothing has passed with it.
    NewestUnproven,
}

/// Whether the token of a request that was forbidden is known to allow this kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A request of the same step has succeeded with it: this campaign or row is forbidden.
    Granted,
    /// None has, or too many were forbidden in a row: it is about the credentials.
    Unproven,
}

/// What the decision depends on besides the answer.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// The kind of request.
    pub step: Step,
    /// Whether an earlier request for the same contact or text may have been carried out.
    pub earlier: Earlier,
    /// How the token stands.
    pub token: TokenAge,
    /// Whether the token allows this kind of request.
    pub access: Access,
    /// How a contact may be treated whose outcome is unknown.
    pub repeat: Repeat,
    /// For how long requests for the same have been leaving; `None` where the first left in an earlier run.
    pub trying_for: Option<Duration>,
    /// The settings' wish about texts.
    pub on_no_answer: OnNoAnswer,
    /// Whether the ledger is known to hold all that was done for its callbacks.
    pub provenance: Provenance,
}

/// What follows an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// What is known of this request.
    pub request: RequestState,
    /// What follows for the run.
    pub run: RunEffect,
}

/// What is known of a request after its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// It was done, by this request or an earlier one of this ledger.
    Done,
    /// The contact was there, and this ledger did not create it, or cannot tell.
    Existed,
    /// The platform will not do it.
    Refused,
    /// It was not done, for certain, and may be asked for again.
    NotDone,
    /// It may have been done, and may be asked for again.
    MaybeDone,
    /// It may have been done, and a person decides: it is never asked for again.
    InDoubt,
}

/// What an answer means for the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEffect {
    /// Nothing.
    None,
    /// The whole client holds, for so many seconds where the platform says.
    Hold(Option<u64>),
    /// The token is renewed.
    Renew,
    /// Nothing more can be done in this run.
    Stop(Stop),
}

/// Why a run must stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The platform sends elsewhere, or does not know the address: the settings are wrong.
    Address,
    /// No request leaves: a certificate is not trusted, or a proxy refuses.
    Connection,
    /// The client id or secret is not accepted.
    Credentials,
    /// The platform gives this client no token, for another reason than its id or secret.
    NoToken,
    /// The credentials lack this right.
    Forbidden(String),
    /// The quota of this step is used up.
    Quota(Step),
}

/// Decides what follows an answer that is not the one hoped for.
#[must_use]
pub fn after(trouble: &Trouble, situation: Situation) -> Next {
    Next { request: request(trouble, situation), run: run(trouble, situation) }
}

fn request(trouble: &Trouble, situation: Situation) -> RequestState {
    match trouble {
        Trouble::NotSent(_)
        | Trouble::Blocked(_)
        | Trouble::NotDone(_)
        | Trouble::Busy { .. }
        | Trouble::Unauthorised(_)
        | Trouble::QuotaUsedUp(_) => RequestState::NotDone,
        // An id and an error: a repeat would tell nothing new, and "it exists" to it would look like a success.
        Trouble::Unknown { why: Unclear::Contradiction, .. } if maybe_done(situation) == RequestState::MaybeDone => {
            RequestState::InDoubt
        }
        Trouble::NoAnswer(_) | Trouble::Unknown { .. } | Trouble::WrongAddress(_) => maybe_done(situation),
        Trouble::Existed { .. } => existing(situation),
        Trouble::Refused(_) if situation.step == Step::Token => RequestState::NotDone,
        Trouble::Refused(_) => refused(situation),
        Trouble::Forbidden { .. } => match situation.access {
            Access::Granted => refused(situation),
            Access::Unproven => RequestState::NotDone,
        },
    }
}

fn run(trouble: &Trouble, situation: Situation) -> RunEffect {
    let is_token = situation.step == Step::Token;
    match trouble {
        Trouble::Blocked(_) => RunEffect::Stop(Stop::Connection),
        Trouble::Busy { hold, .. } => RunEffect::Hold(*hold),
        Trouble::Unknown { hold: Some(seconds), .. } => RunEffect::Hold(Some(*seconds)),
        Trouble::Unauthorised(_) => match situation.token {
            _ if is_token => RunEffect::Stop(Stop::Credentials),
            TokenAge::Older | TokenAge::NewestProven => RunEffect::Renew,
            TokenAge::NewestUnproven => RunEffect::Stop(Stop::Credentials),
        },
        Trouble::Refused(_) | Trouble::Forbidden { .. } if is_token => RunEffect::Stop(Stop::NoToken),
        Trouble::Forbidden { what, .. } if situation.access == Access::Unproven => {
            RunEffect::Stop(Stop::Forbidden(what.clone()))
        }
        Trouble::QuotaUsedUp(_) => RunEffect::Stop(Stop::Quota(situation.step)),
        Trouble::WrongAddress(_) => RunEffect::Stop(Stop::Address),
        Trouble::NotSent(_)
        | Trouble::NoAnswer(_)
        | Trouble::Unknown { hold: None, .. }
        | Trouble::Existed { .. }
        | Trouble::Refused(_)
        | Trouble::NotDone(_)
        | Trouble::Forbidden { .. } => RunEffect::None,
    }
}

/// After whatever leaves it open whether the request was carried out.
fn maybe_done(situation: Situation) -> RequestState {
    let may_repeat = match situation.step {
        Step::Contact => situation.repeat.allows(situation.trying_for),
        Step::Text => situation.on_no_answer == OnNoAnswer::Resend,
        Step::Token | Step::Forecast => return RequestState::NotDone,
    };
    if may_repeat { RequestState::MaybeDone } else { RequestState::InDoubt }
}

/// The platform has this contact already.
fn existing(situation: Situation) -> RequestState {
    let is_ours = (situation.provenance, situation.earlier) == (Provenance::Proven, Earlier::Open);
    if is_ours { RequestState::Done } else { RequestState::Existed }
}

/// A refusal speaks of this request; an earlier one may have done it all the same.
fn refused(situation: Situation) -> RequestState {
    if situation.earlier == Earlier::None { RequestState::Refused } else { RequestState::InDoubt }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
