use super::*;

const PLAIN: Situation = Situation {
    step: Step::Contact,
    earlier: Earlier::None,
    token: TokenAge::NewestProven,
    access: Access::Granted,
    repeat: Repeat::SameId,
    trying_for: None,
    on_no_answer: OnNoAnswer::Hold,
    provenance: Provenance::Proven,
};

const LOST: fn() -> Trouble = || Trouble::NoAnswer(String::new());

#[track_caller]
fn check(trouble: &Trouble, situation: Situation, request: RequestState, run: RunEffect) {
    assert_eq!(after(trouble, situation), Next { request, run }, "{trouble:?} {situation:?}");
}

#[test]
fn a_contact_whose_outcome_is_unknown_is_repeated_as_its_back_end_allows() {
    let life = Repeat::WithinLife(Duration::from_mins(5));
    let (young, old) = (Some(Duration::from_secs(299)), Some(Duration::from_mins(5)));
    for (repeat, trying_for, expected) in [
        (Repeat::SameId, None, RequestState::MaybeDone),
        (life, young, RequestState::MaybeDone),
        (life, old, RequestState::InDoubt),
        (life, None, RequestState::InDoubt),
        (Repeat::Never, young, RequestState::InDoubt),
        (Repeat::LookUpFirst, young, RequestState::InDoubt),
    ] {
        check(&LOST(), Situation { repeat, trying_for, ..PLAIN }, expected, RunEffect::None);
    }
}

#[test]
fn a_text_is_repeated_as_the_settings_allow_whatever_the_back_end_can_do() {
    for repeat in [Repeat::SameId, Repeat::Never] {
        let text = Situation { step: Step::Text, repeat, ..PLAIN };
        check(&LOST(), text, RequestState::InDoubt, RunEffect::None);
        let resend = Situation { on_no_answer: OnNoAnswer::Resend, ..text };
        check(&LOST(), resend, RequestState::MaybeDone, RunEffect::None);
    }
}

#[test]
fn a_quota_that_is_used_up_stops_the_run_and_nothing_was_done() {
    for step in Step::ALL {
        let stop = RunEffect::Stop(Stop::Quota(step));
        check(&Trouble::QuotaUsedUp(String::new()), Situation { step, ..PLAIN }, RequestState::NotDone, stop);
    }
}

#[test]
fn a_pause_is_kept_whether_or_not_the_request_was_done() {
    let words = String::new();
    let busy = Trouble::Busy { hold: Some(7), words: words.clone() };
    check(&busy, PLAIN, RequestState::NotDone, RunEffect::Hold(Some(7)));
    let troubled = Trouble::Unknown { why: Unclear::Troubled, hold: Some(7), words };
    check(&troubled, PLAIN, RequestState::MaybeDone, RunEffect::Hold(Some(7)));
}

#[test]
fn what_cannot_leave_stops_the_run() {
    let stop = RunEffect::Stop(Stop::Connection);
    check(&Trouble::Blocked(String::new()), PLAIN, RequestState::NotDone, stop);
}
