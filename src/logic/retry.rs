//! What follows an answer that is not the one hoped for. Reads no clock and sleeps nowhere.

use crate::domain::progress::Earlier;
use crate::domain::reply::{BodyKind, Refusal, Step, Trouble};

/// Whether the platform keeps one contact an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactIds {
    /// It does: the same request again changes nothing.
    Unique,
    /// It may not: a request that got no answer is never repeated.
    Advisory,
}

/// What to do about a text that got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What the decision depends on besides the answer.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// The kind of request.
    pub step: Step,
    /// Whether an earlier request for the same contact or text may have been carried out.
    pub earlier: Earlier,
    /// How the token stands.
    pub token: TokenAge,
    /// The platform's promise about contact ids.
    pub contact_ids: ContactIds,
    /// The settings' wish about texts.
    pub on_no_answer: OnNoAnswer,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It was done, though the platform's words for it are not known.
    Done,
    /// It was there before this ledger.
    Existed,
    /// The same again after a wait; it counts as an attempt.
    Again(Trace),
    /// The whole client holds, for so many seconds where the platform says; no attempt is counted.
    Hold(Option<u64>),
    /// The same again with a newer token; no attempt is counted.
    Renew,
    /// The platform will not do it.
    Refused,
    /// It may have been done, and it must not be repeated.
    Doubted,
    /// Nothing more can be done in this run.
    Stop(Stop),
}

/// What a failed attempt leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// Nothing, for certain.
    None,
    /// Perhaps what was asked for.
    Open,
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
    /// The credentials lack the scope of this step.
    Scope(Step),
}

/// Decides what follows an answer that is not the one hoped for.
#[must_use]
pub fn after(trouble: &Trouble, situation: Situation) -> Next {
    match trouble {
        Trouble::Unreadable { body, .. } => unreadable(*body, situation),
        Trouble::Status(refusal) => status(refusal, situation),
        Trouble::NotSent(_) => Next::Again(Trace::None),
        Trouble::Blocked(_) => Next::Stop(Stop::Connection),
        Trouble::NoAnswer(_) => no_answer(situation),
    }
}

fn unreadable(body: BodyKind, situation: Situation) -> Next {
    match (situation.step, body) {
        (Step::Text, BodyKind::Json) => Next::Done,
        _ => no_answer(situation),
    }
}

/// Also for whatever leaves it open whether the request was carried out.
fn no_answer(situation: Situation) -> Next {
    match situation.step {
        Step::Contact if situation.contact_ids == ContactIds::Advisory => Next::Doubted,
        Step::Text if situation.on_no_answer == OnNoAnswer::Hold => Next::Doubted,
        Step::Contact | Step::Text => Next::Again(Trace::Open),
        Step::Token | Step::Forecast => Next::Again(Trace::None),
    }
}

fn status(refusal: &Refusal, situation: Situation) -> Next {
    match refusal.status {
        429 => Next::Hold(refusal.retry_after),
        503 if refusal.retry_after.is_some() => Next::Hold(refusal.retry_after),
        501 | 503 | 505..=599 if situation.step == Step::Contact => Next::Again(Trace::Open),
        500..=599 => no_answer(situation),
        401 => unauthorised(situation),
        403 => Next::Stop(Stop::Scope(situation.step)),
        409 => conflict(situation),
        400..=499 => refused(refusal.status, situation),
        // 3xx, and anything that HTTP does not know.
        _ => Next::Stop(Stop::Address),
    }
}

fn unauthorised(situation: Situation) -> Next {
    match (situation.step, situation.token) {
        (Step::Token, _) | (_, TokenAge::NewestUnproven) => Next::Stop(Stop::Credentials),
        (_, TokenAge::Older | TokenAge::NewestProven) => Next::Renew,
    }
}

fn conflict(situation: Situation) -> Next {
    match (situation.step, situation.earlier) {
        (Step::Contact, Earlier::Open) => Next::Done,
        (Step::Contact, Earlier::None) => Next::Existed,
        (Step::Text, Earlier::Open) => Next::Doubted,
        (Step::Text, Earlier::None) => Next::Refused,
        (Step::Token | Step::Forecast, _) => Next::Again(Trace::None),
    }
}

fn refused(status: u16, situation: Situation) -> Next {
    match (situation.step, status) {
        // The refusal speaks of this request; the earlier one may have done it all the same.
        (Step::Contact | Step::Text, _) if situation.earlier == Earlier::Open => Next::Doubted,
        (Step::Contact | Step::Text, _) | (Step::Forecast, 400 | 404) => Next::Refused,
        (Step::Forecast, _) => Next::Again(Trace::None),
        (Step::Token, 400) => Next::Stop(Stop::Credentials),
        (Step::Token, _) => Next::Stop(Stop::Address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Step::{Contact, Forecast, Text, Token};

    const PLAIN: Situation = Situation {
        step: Contact,
        earlier: Earlier::None,
        token: TokenAge::NewestProven,
        contact_ids: ContactIds::Unique,
        on_no_answer: OnNoAnswer::Hold,
    };
    const ADVISORY: Situation = Situation { contact_ids: ContactIds::Advisory, ..PLAIN };
    const RESEND: Situation = Situation { on_no_answer: OnNoAnswer::Resend, ..PLAIN };
    const AFTER_OPEN: Situation = Situation { earlier: Earlier::Open, ..PLAIN };

    fn http(status: u16, retry_after: Option<u64>) -> Trouble {
        Trouble::Status(Refusal { status, retry_after, words: String::new() })
    }

    fn check(trouble: &Trouble, situation: Situation, steps: &[(Step, Next)]) {
        for &(step, next) in steps {
            assert_eq!(after(trouble, Situation { step, ..situation }), next, "{trouble:?} {step:?} {situation:?}");
        }
    }

    const OPEN: Next = Next::Again(Trace::Open);
    const AGAIN: Next = Next::Again(Trace::None);

    #[test]
    fn the_answer_table() {
        let all = |next| [(Contact, next), (Text, next), (Forecast, next), (Token, next)];
        let json = Trouble::Unreadable { body: BodyKind::Json, words: String::new() };
        let html = Trouble::Unreadable { body: BodyKind::Other, words: String::new() };
        let (not_sent, silence) = (Trouble::NotSent(String::new()), Trouble::NoAnswer(String::new()));

        check(&json, PLAIN, &[(Contact, OPEN), (Text, Next::Done), (Forecast, AGAIN), (Token, AGAIN)]);
        check(&html, PLAIN, &[(Contact, OPEN), (Text, Next::Doubted), (Forecast, AGAIN), (Token, AGAIN)]);
        check(&json, ADVISORY, &[(Contact, Next::Doubted)]);
        check(&html, RESEND, &[(Text, OPEN)]);
        for status in [301, 302, 307, 308] {
            check(&http(status, None), PLAIN, &all(Next::Stop(Stop::Address)));
        }
        check(
            &http(409, None),
            PLAIN,
            &[(Contact, Next::Existed), (Text, Next::Refused), (Forecast, AGAIN), (Token, AGAIN)],
        );
        check(&http(409, None), AFTER_OPEN, &[(Contact, Next::Done), (Text, Next::Doubted)]);
        check(&http(400, None), AFTER_OPEN, &[(Contact, Next::Doubted), (Text, Next::Doubted)]);
        for status in [402, 405, 408, 410, 413, 422, 451] {
            check(&http(status, None), PLAIN, &[(Contact, Next::Refused), (Text, Next::Refused), (Forecast, AGAIN)]);
            check(&http(status, None), PLAIN, &[(Token, Next::Stop(Stop::Address))]);
        }
        check(&http(400, None), PLAIN, &[(Contact, Next::Refused), (Text, Next::Refused), (Forecast, Next::Refused)]);
        check(&http(404, None), PLAIN, &[(Contact, Next::Refused), (Text, Next::Refused), (Forecast, Next::Refused)]);
        check(&http(400, None), PLAIN, &[(Token, Next::Stop(Stop::Credentials))]);
        for step in [Contact, Text, Forecast, Token] {
            check(&http(403, None), PLAIN, &[(step, Next::Stop(Stop::Scope(step)))]);
        }
        for (status, after) in [(429, Some(7)), (429, None), (503, Some(0))] {
            check(&http(status, after), PLAIN, &all(Next::Hold(after)));
            check(&http(status, after), ADVISORY, &all(Next::Hold(after)));
        }
        check(&not_sent, PLAIN, &all(AGAIN));
        check(&not_sent, ADVISORY, &all(AGAIN));
        let blocked = Trouble::Blocked(String::new());
        check(&blocked, PLAIN, &all(Next::Stop(Stop::Connection)));
        check(&blocked, AFTER_OPEN, &all(Next::Stop(Stop::Connection)));
        for status in [500, 502, 503, 504, 599] {
            check(
                &http(status, None),
                PLAIN,
                &[(Contact, OPEN), (Text, Next::Doubted), (Forecast, AGAIN), (Token, AGAIN)],
            );
            check(&http(status, None), RESEND, &[(Text, OPEN)]);
        }
        check(&http(500, None), ADVISORY, &[(Contact, Next::Doubted)]);
        check(&http(502, None), ADVISORY, &[(Contact, Next::Doubted)]);
        check(&http(504, None), ADVISORY, &[(Contact, Next::Doubted)]);
        check(&http(503, None), ADVISORY, &[(Contact, OPEN)]);
        check(&silence, PLAIN, &[(Contact, OPEN), (Text, Next::Doubted), (Forecast, AGAIN), (Token, AGAIN)]);
        check(&silence, ADVISORY, &[(Contact, Next::Doubted)]);
        check(&silence, RESEND, &[(Text, OPEN)]);
    }

    #[test]
    fn a_401_renews_but_for_a_fresh_token() {
        let with = |token| Situation { token, ..PLAIN };
        let refused = http(401, None);
        check(&refused, with(TokenAge::Older), &[(Contact, Next::Renew), (Text, Next::Renew), (Forecast, Next::Renew)]);
        check(&refused, with(TokenAge::NewestProven), &[(Contact, Next::Renew), (Forecast, Next::Renew)]);
        check(&refused, with(TokenAge::NewestUnproven), &[(Contact, Next::Stop(Stop::Credentials))]);
        check(&refused, with(TokenAge::Older), &[(Token, Next::Stop(Stop::Credentials))]);
    }
}
