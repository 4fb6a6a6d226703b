use super::*;
use RequestState::{Done, Existed, InDoubt, MaybeDone, NotDone, Refused};
use RunEffect::{Hold, Renew};
use Step::{Contact, Forecast, Text, Token};

const STEPS: [Step; 4] = [Contact, Text, Forecast, Token];

const PLAIN: Situation = Situation {
    step: Contact,
    earlier: Earlier::None,
    token: TokenAge::NewestProven,
    access: Access::Granted,
    contact_ids: ContactIds::Unique,
    on_no_answer: OnNoAnswer::Hold,
    provenance: Provenance::Proven,
    new_contacts: NewContacts::Unknown,
};
const ADVISORY: Situation = Situation { contact_ids: ContactIds::Advisory, ..PLAIN };
const RESEND: Situation = Situation { on_no_answer: OnNoAnswer::Resend, ..PLAIN };
const AFTER_OPEN: Situation = Situation { earlier: Earlier::Open, ..PLAIN };
const UNPROVEN: Situation = Situation { provenance: Provenance::Unproven, ..PLAIN };

const ON: RunEffect = RunEffect::None;
const ELSEWHERE: RunEffect = RunEffect::Stop(Stop::Address);

fn http(status: u16, retry_after: Option<u64>) -> Trouble {
    Trouble::Status(Refusal { status, retry_after, words: String::new(), error: None })
}

fn no_token(status: u16, error: &str) -> Trouble {
    Trouble::Status(Refusal { status, retry_after: None, words: String::new(), error: Some(error.into()) })
}

fn unreadable(body: BodyKind) -> Trouble {
    Trouble::Unreadable { body, words: String::new() }
}

fn next(trouble: &Trouble, situation: Situation, step: Step) -> Next {
    after(trouble, Situation { step, ..situation })
}

/// What is known of a contact, a text, a forecast and a token after this answer.
#[track_caller]
fn check(trouble: &Trouble, situation: Situation, request: [RequestState; 4], run: RunEffect) {
    for (step, request) in STEPS.into_iter().zip(request) {
        let found = next(trouble, situation, step);
        assert_eq!(found, Next { request, run }, "{trouble:?} {step:?} {situation:?}");
    }
}

/// The same of a contact and a text.
#[track_caller]
fn check_two(trouble: &Trouble, situation: Situation, request: [RequestState; 2], run: RunEffect) {
    for (step, request) in STEPS.into_iter().zip(request) {
        let found = next(trouble, situation, step);
        assert_eq!(found, Next { request, run }, "{trouble:?} {step:?} {situation:?}");
    }
}

/// Each answer that leaves it open whether something was done, with what it means for the run.
fn open_answers() -> Vec<(Trouble, RunEffect)> {
    let mut all = vec![
        (Trouble::NoAnswer(String::new()), ON),
        (unreadable(BodyKind::Other), ON),
        (unreadable(BodyKind::Page), ON),
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
        check(&trouble, PLAIN, [MaybeDone, InDoubt, NotDone, NotDone], run);
        check_two(&trouble, ADVISORY, [InDoubt, InDoubt], run);
        check_two(&trouble, RESEND, [MaybeDone, MaybeDone], run);
        check_two(&trouble, AFTER_OPEN, [MaybeDone, InDoubt], run);
    }
}

#[test]
fn only_an_answer_that_says_so_says_that_nothing_was_done() {
    for situation in [PLAIN, ADVISORY, RESEND, AFTER_OPEN, UNPROVEN] {
        check(&Trouble::NotSent(String::new()), situation, [NotDone; 4], ON);
        for seconds in [Some(7), Some(0), None] {
            check(&http(429, seconds), situation, [NotDone; 4], Hold(seconds));
        }
    }
}

#[test]
fn a_refusal_ends_a_contact_or_text_unless_an_earlier_request_may_have_done_it() {
    for status in [400, 402, 404, 405, 410, 413, 422, 425, 451, 499, 200, 201] {
        check_two(&http(status, None), PLAIN, [Refused, Refused], ON);
        check_two(&http(status, None), ADVISORY, [Refused, Refused], ON);
        check_two(&http(status, None), AFTER_OPEN, [InDoubt, InDoubt], ON);
        let campaign = if [400, 404].contains(&status) { Refused } else { NotDone };
        assert_eq!(next(&http(status, None), PLAIN, Forecast), Next { request: campaign, run: ON }, "{status}");
    }
}

#[test]
fn an_id_with_an_error_is_for_a_person_in_any_case() {
    for situation in [PLAIN, ADVISORY, RESEND, AFTER_OPEN] {
        check(&unreadable(BodyKind::Contradiction), situation, [InDoubt, InDoubt, NotDone, NotDone], ON);
    }
}

#[test]
fn a_contact_that_exists_is_ours_only_if_a_proven_ledger_sent_it() {
    let conflict = http(409, None);
    check(&conflict, PLAIN, [Existed, Refused, NotDone, NotDone], ON);
    check_two(&conflict, AFTER_OPEN, [Done, InDoubt], ON);
    check_two(&conflict, UNPROVEN, [Existed, Refused], ON);
    check_two(&conflict, Situation { earlier: Earlier::Open, ..UNPROVEN }, [Existed, InDoubt], ON);
}

#[test]
fn ok_is_an_existing_contact_where_a_new_one_is_created() {
    let known = |situation| Situation { new_contacts: NewContacts::Answered201, ..situation };
    for situation in [PLAIN, AFTER_OPEN, UNPROVEN] {
        for status in [200, 201, 202, 204] {
            assert_eq!(made(status, situation), Done, "{status} {situation:?}");
        }
        for status in [201, 202, 204] {
            assert_eq!(made(status, known(situation)), Done, "{status} {situation:?}");
        }
    }
    assert_eq!(made(200, known(PLAIN)), Existed);
    assert_eq!(made(200, known(AFTER_OPEN)), Done);
    assert_eq!(made(200, known(UNPROVEN)), Existed);
    assert_eq!(made(200, known(Situation { earlier: Earlier::Open, ..UNPROVEN })), Existed);
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
        let stop = RunEffect::Stop(if step == Token { Stop::NoToken } else { Stop::Scope(step) });
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
        assert_eq!(next(&refused, with(TokenAge::NewestUnproven), step), Next { request: NotDone, run: stop });
    }
    assert_eq!(next(&refused, with(TokenAge::Older), Token).run, stop);
}

#[test]
fn a_refused_token_accuses_the_credentials_only_where_the_platform_does() {
    let run = |trouble: &Trouble| next(trouble, PLAIN, Token).run;
    for status in [200, 400] {
        assert_eq!(run(&no_token(status, "invalid_client")), RunEffect::Stop(Stop::Credentials), "{status}");
        for error in ["invalid_scope", "unauthorized_client", "invalid_grant", ""] {
            assert_eq!(run(&no_token(status, error)), RunEffect::Stop(Stop::NoToken), "{status} {error}");
        }
    }
    assert_eq!(run(&http(400, None)), RunEffect::Stop(Stop::NoToken));
    assert_eq!(run(&no_token(401, "invalid_scope")), RunEffect::Stop(Stop::Credentials));
    for status in [402, 404, 405, 410, 413, 422, 451] {
        assert_eq!(run(&http(status, None)), ELSEWHERE, "{status}");
    }
}
