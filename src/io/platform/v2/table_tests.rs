//! The table of answers: what each status, or none, comes to for each kind of request.

use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use RequestState::{Done, Existed, InDoubt, MaybeDone, NotDone, Refused};
use RunEffect::{Hold, Renew};
use Step::{Contact, Forecast, Text, Token};

use super::answer::Reading;
use super::verdict::Refusal;
use crate::domain::abilities::Repeat;
use crate::domain::progress::Earlier;
use crate::domain::provenance::Provenance;
use crate::domain::reply::{Made, Newness, Reply, Step, Trouble, Unclear};
use crate::io::platform::{Answer, Secrets};
use crate::logic::retry::{Access, Next, OnNoAnswer, RequestState, RunEffect, Situation, Stop, TokenAge, after};

const STEPS: [Step; 4] = [Contact, Text, Forecast, Token];

const PLAIN: Situation = Situation {
    step: Contact,
    earlier: Earlier::None,
    token: TokenAge::NewestProven,
    access: Access::Granted,
    repeat: Repeat::SameId,
    trying_for: None,
    on_no_answer: OnNoAnswer::Hold,
    provenance: Provenance::Proven,
};
const ADVISORY: Situation = Situation { repeat: Repeat::Never, ..PLAIN };
const RESEND: Situation = Situation { on_no_answer: OnNoAnswer::Resend, ..PLAIN };
const AFTER_OPEN: Situation = Situation { earlier: Earlier::Open, ..PLAIN };
const UNPROVEN: Situation = Situation { provenance: Provenance::Unproven, ..PLAIN };

const ON: RunEffect = RunEffect::None;
const ELSEWHERE: RunEffect = RunEffect::Stop(Stop::Address);

/// What came back.
#[derive(Clone, Debug)]
enum Came {
    /// A status that is not 2xx, or 2xx with a body that says no.
    Status(Refusal),
    /// The same, whatever was asked for.
    Trouble(Trouble),
}

fn http(status: u16, retry_after: Option<u64>) -> Came {
    Came::Status(Refusal { status, retry_after, words: String::new(), is_invalid_client: false })
}

fn invalid_client(status: u16) -> Came {
    Came::Status(Refusal { status, retry_after: None, words: String::new(), is_invalid_client: true })
}

fn unreadable(why: Unclear) -> Came {
    Came::Trouble(Trouble::Unknown { why, hold: None, words: String::new() })
}

fn no_answer() -> Came {
    Came::Trouble(Trouble::NoAnswer(String::new()))
}

fn next(came: &Came, situation: Situation, step: Step) -> Next {
    let trouble = match came {
        Came::Status(refusal) => refusal.verdict(step),
        Came::Trouble(trouble) => trouble.clone(),
    };
    after(&trouble, Situation { step, ..situation })
}

/// What is known of a contact, a text, a forecast and a token after this answer.
#[track_caller]
fn check(trouble: &Came, situation: Situation, request: [RequestState; 4], run: &RunEffect) {
    for (step, request) in STEPS.into_iter().zip(request) {
        let found = next(trouble, situation, step);
        assert_eq!(found, Next { request, run: run.clone() }, "{trouble:?} {step:?} {situation:?}");
    }
}

/// The same of a contact and a text.
#[track_caller]
fn check_two(trouble: &Came, situation: Situation, request: [RequestState; 2], run: &RunEffect) {
    for (step, request) in STEPS.into_iter().zip(request) {
        let found = next(trouble, situation, step);
        assert_eq!(found, Next { request, run: run.clone() }, "{trouble:?} {step:?} {situation:?}");
    }
}

/// Each answer that leaves it open whether something was done, with what it means for the run.
fn open_answers() -> Vec<(Came, RunEffect)> {
    let mut all = vec![
        (no_answer(), ON),
        (unreadable(Unclear::Unreadable), ON),
        (unreadable(Unclear::Page), ON),
        (http(503, Some(0)), Hold(Some(0))),
        (http(503, Some(7)), Hold(Some(7))),
    ];
    let troubles = [408, 500, 501, 502, 503, 504, 505, 520, 522, 524, 598, 599];
    all.extend(troubles.map(|status| (http(status, None), ON)));
    all.extend([100, 101, 300, 301, 302, 303, 304, 307, 308, 600, 999].map(|status| (http(status, None), ELSEWHERE)));
    all
}

#[test]
fn what_may_have_been_done_is_repeated_only_where_that_changes_nothing() {
    for (trouble, run) in open_answers() {
        check(&trouble, PLAIN, [MaybeDone, InDoubt, NotDone, NotDone], &run);
        check_two(&trouble, ADVISORY, [InDoubt, InDoubt], &run);
        check_two(&trouble, RESEND, [MaybeDone, MaybeDone], &run);
        check_two(&trouble, AFTER_OPEN, [MaybeDone, InDoubt], &run);
    }
}

#[test]
fn only_an_answer_that_says_so_says_that_nothing_was_done() {
    for situation in [PLAIN, ADVISORY, RESEND, AFTER_OPEN, UNPROVEN] {
        check(&Came::Trouble(Trouble::NotSent(String::new())), situation, [NotDone; 4], &ON);
        for seconds in [Some(7), Some(0), None] {
            check(&http(429, seconds), situation, [NotDone; 4], &Hold(seconds));
        }
    }
}

#[test]
fn a_refusal_ends_a_contact_or_text_unless_an_earlier_request_may_have_done_it() {
    for status in [400, 402, 404, 405, 410, 413, 422, 425, 451, 499, 200, 201] {
        check_two(&http(status, None), PLAIN, [Refused, Refused], &ON);
        check_two(&http(status, None), ADVISORY, [Refused, Refused], &ON);
        check_two(&http(status, None), AFTER_OPEN, [InDoubt, InDoubt], &ON);
        let campaign = if [400, 404].contains(&status) { Refused } else { NotDone };
        assert_eq!(next(&http(status, None), PLAIN, Forecast), Next { request: campaign, run: ON }, "{status}");
    }
}

#[test]
fn an_id_with_an_error_is_for_a_person_in_any_case() {
    for situation in [PLAIN, ADVISORY, RESEND, AFTER_OPEN] {
        check(&unreadable(Unclear::Contradiction), situation, [InDoubt, InDoubt, NotDone, NotDone], &ON);
    }
}

#[test]
fn a_contact_that_exists_is_ours_only_if_a_proven_ledger_sent_it() {
    let conflict = http(409, None);
    check(&conflict, PLAIN, [Existed, Refused, NotDone, NotDone], &ON);
    check_two(&conflict, AFTER_OPEN, [Done, InDoubt], &ON);
    check_two(&conflict, UNPROVEN, [Existed, Refused], &ON);
    check_two(&conflict, Situation { earlier: Earlier::Open, ..UNPROVEN }, [Existed, InDoubt], &ON);
}

#[test]
fn an_answer_to_a_contact_says_whether_it_is_new() {
    for (status, newness) in
        [(201, Some(Newness::Created)), (200, None), (202, Some(Newness::Untold)), (204, Some(Newness::Untold))]
    {
        let (status, body) = (StatusCode::from_u16(status).expect("a status"), Ok(br#"{"contactId": "c"}"#.to_vec()));
        let answer = Answer { status, headers: HeaderMap::new(), body, came_at: SystemTime::UNIX_EPOCH };
        let made = Reading { answer: &answer, secrets: &Secrets::default() }.made();
        let Reply::Done(Made { newness: found, .. }) = made else { panic!("{made:?}") };
        assert_eq!(newness.is_none(), matches!(found, Newness::Present(_)), "{status}");
        assert!(newness.is_none_or(|newness| newness == found), "{status}");
    }
}

#[test]
fn a_403_is_about_the_row_only_where_the_step_is_allowed() {
    let forbidden = http(403, None);
    assert_eq!(next(&forbidden, PLAIN, Forecast), Next { request: Refused, run: ON });
    for step in [Contact, Text] {
        assert_eq!(next(&forbidden, PLAIN, step), Next { request: Refused, run: ON }, "{step:?}");
        let after_open = next(&forbidden, AFTER_OPEN, step);
        assert_eq!(after_open, Next { request: InDoubt, run: ON }, "{step:?}: an earlier one may have done it");
    }
    let unproven = Situation { access: Access::Unproven, ..PLAIN };
    for step in STEPS {
        let stop = RunEffect::Stop(if step == Token {
            Stop::NoToken
        } else {
            Stop::Forbidden(format!("scope {}", super::verdict::scope(step)))
        });
        assert_eq!(next(&forbidden, unproven, step), Next { request: NotDone, run: stop }, "{step:?}");
    }
}

#[test]
fn a_401_renews_but_for_a_fresh_token() {
    let refused = http(401, None);
    let with = |token| Situation { token, ..PLAIN };
    let stop = RunEffect::Stop(Stop::Credentials);
    for step in [Contact, Text, Forecast] {
        for token in [TokenAge::Older, TokenAge::NewestProven] {
            assert_eq!(next(&refused, with(token), step), Next { request: NotDone, run: Renew });
        }
        let fresh = next(&refused, with(TokenAge::NewestUnproven), step);
        assert_eq!(fresh, Next { request: NotDone, run: stop.clone() });
    }
    assert_eq!(next(&refused, with(TokenAge::Older), Token).run, stop);
}

#[test]
fn a_refused_token_accuses_the_credentials_only_where_the_platform_does() {
    let run = |trouble: &Came| next(trouble, PLAIN, Token).run;
    for status in [200, 400] {
        assert_eq!(run(&invalid_client(status)), RunEffect::Stop(Stop::Credentials), "{status}");
        assert_eq!(run(&http(status, None)), RunEffect::Stop(Stop::NoToken), "{status}");
    }
    assert_eq!(run(&http(401, None)), RunEffect::Stop(Stop::Credentials));
    for status in [402, 404, 405, 410, 413, 422, 451] {
        assert_eq!(run(&http(status, None)), ELSEWHERE, "{status}");
    }
}
