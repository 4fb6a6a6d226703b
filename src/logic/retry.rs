//! What an answer means that is not the one hoped for. Two questions are answered, and neither depends on the other:
//! what is known of this request, and what follows for the run. Reads no clock and sleeps nowhere.

use crate::domain::progress::Earlier;
use crate::domain::provenance::Provenance;
use crate::domain::reply::{BodyKind, Refusal, Step, Trouble};

/// Whether the platform keeps one contact an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum ContactIds {
    /// It does: the same request again changes nothing.
    Unique,
    /// It may not: a request that may have been carried out is never repeated.
    Advisory,
}

/// What to do about a text that may have gone out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum OnNoAnswer {
    /// Leave it to a person.
    Hold,
    /// Send it again: a second text is better than none.
    Resend,
}

/// How the token of a request that got a 401 stands to the newest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAge {
    /// A newer one is there.
    Older,
    /// It is the newest, and another request has passed with it.
    NewestProven,
    /// It is the newest, and nothing has passed with it.
    NewestUnproven,
}

/// Whether the token of a request that got a 403 is known to allow this kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A request of the same step has succeeded with it: the 403 is about this campaign or row.
    Granted,
    /// None has, or too many 403 came in a row: the 403 is about the credentials.
    Unproven,
}

/// Whether the platform answers 201 to a contact that is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewContacts {
    /// It has done so: 200 is the answer to a contact that it had already.
    Answered201,
    /// It is not known: 200 may be the answer to either.
    Unknown,
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
    /// The platform's promise about contact ids.
    pub contact_ids: ContactIds,
    /// The settings' wish about texts.
    pub on_no_answer: OnNoAnswer,
    /// Whether the ledger is known to hold all that was done for its callbacks.
    pub provenance: Provenance,
    /// Whether the platform answers 201 to new contacts.
    pub new_contacts: NewContacts,
}

/// What follows an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The platform sends elsewhere, or does not know the address: the settings are wrong.
    Address,
    /// No request leaves: a certificate is not trusted, or a proxy refuses.
    Connection,
    /// The client id or secret is not accepted.
    Credentials,
    /// The platform gives this client no token, for another reason than its id or secret.
    NoToken,
    /// The credentials lack the scope of this step.
    Scope(Step),
}

/// Decides what follows an answer that is not the one hoped for.
#[must_use]
pub fn after(trouble: &Trouble, situation: Situation) -> Next {
    let alone = |request| Next { request, run: RunEffect::None };
    match trouble {
        Trouble::NotSent(_) => alone(RequestState::NotDone),
        Trouble::Blocked(_) => Next { request: RequestState::NotDone, run: RunEffect::Stop(Stop::Connection) },
        Trouble::Unreadable { body: BodyKind::Contradiction, .. } => alone(contradiction(situation)),
        Trouble::NoAnswer(_) | Trouble::Unreadable { body: BodyKind::Page | BodyKind::Other, .. } => {
            alone(maybe_done(situation))
        }
        Trouble::Status(refusal) => Next { request: request(refusal, situation), run: run(refusal, situation) },
    }
}

/// What is known of a contact request that was answered with this 2xx status and an id, or with no body.
#[must_use]
pub fn made(status: u16, situation: Situation) -> RequestState {
    match situation.new_contacts {
        NewContacts::Answered201 if status == 200 => existing(situation),
        NewContacts::Answered201 | NewContacts::Unknown => RequestState::Done,
    }
}

fn request(refusal: &Refusal, situation: Situation) -> RequestState {
    match refusal.status {
        401 | 429 => RequestState::NotDone,
        403 => match situation.access {
            Access::Granted => refused(situation),
            Access::Unproven => RequestState::NotDone,
        },
        // A gateway may send it after the deed.
        408 => maybe_done(situation),
        409 if situation.step == Step::Contact => existing(situation),
        409 if situation.step == Step::Forecast => RequestState::NotDone,
        200..=299 | 400..=499 => refused_for(refusal.status, situation),
        // 1xx, 3xx, 5xx and what HTTP does not know: none of them says that nothing was done.
        _ => maybe_done(situation),
    }
}

fn run(refusal: &Refusal, situation: Situation) -> RunEffect {
    match refusal.status {
        429 => RunEffect::Hold(refusal.retry_after),
        503 if refusal.retry_after.is_some() => RunEffect::Hold(refusal.retry_after),
        408 | 409 | 500..=599 => RunEffect::None,
        200..=299 | 400..=499 => match situation.step {
            Step::Token => RunEffect::Stop(no_token(refusal)),
            Step::Forecast | Step::Contact | Step::Text => turned_away(refusal.status, situation),
        },
        // The platform sends elsewhere, or something else than the platform answers.
        _ => RunEffect::Stop(Stop::Address),
    }
}

/// Why the platform gives no token.
fn no_token(refusal: &Refusal) -> Stop {
    match (refusal.status, refusal.error.as_deref()) {
        (401, _) | (200..=299 | 400, Some("invalid_client")) => Stop::Credentials,
        (200..=299 | 400 | 403, _) => Stop::NoToken,
        _ => Stop::Address,
    }
}

/// What a refusal means for other requests: nothing, unless it is about the token.
fn turned_away(status: u16, situation: Situation) -> RunEffect {
    match (status, situation.token, situation.access) {
        (401, TokenAge::Older | TokenAge::NewestProven, _) => RunEffect::Renew,
        (401, TokenAge::NewestUnproven, _) => RunEffect::Stop(Stop::Credentials),
        (403, _, Access::Unproven) => RunEffect::Stop(Stop::Scope(situation.step)),
        _ => RunEffect::None,
    }
}

/// After whatever leaves it open whether the request was carried out.
fn maybe_done(situation: Situation) -> RequestState {
    match situation.step {
        Step::Contact if situation.contact_ids == ContactIds::Advisory => RequestState::InDoubt,
        Step::Text if situation.on_no_answer == OnNoAnswer::Hold => RequestState::InDoubt,
        Step::Contact | Step::Text => RequestState::MaybeDone,
        Step::Token | Step::Forecast => RequestState::NotDone,
    }
}

/// An id and an error in one answer: a repeat would tell nothing new, and a 409 to it would look like a success.
fn contradiction(situation: Situation) -> RequestState {
    match situation.step {
        Step::Contact | Step::Text => RequestState::InDoubt,
        Step::Token | Step::Forecast => RequestState::NotDone,
    }
}

/// The platform has this contact already.
fn existing(situation: Situation) -> RequestState {
    match (situation.provenance, situation.earlier) {
        (Provenance::Proven, Earlier::Open) => RequestState::Done,
        (Provenance::Proven, Earlier::None) | (Provenance::Unproven, _) => RequestState::Existed,
    }
}

fn refused_for(status: u16, situation: Situation) -> RequestState {
    match (situation.step, status) {
        (Step::Contact | Step::Text, _) | (Step::Forecast, 400 | 404) => refused(situation),
        (Step::Token | Step::Forecast, _) => RequestState::NotDone,
    }
}

/// A refusal speaks of this request; an earlier one may have done it all the same.
fn refused(situation: Situation) -> RequestState {
    match situation.earlier {
        Earlier::None => RequestState::Refused,
        Earlier::Open => RequestState::InDoubt,
    }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
