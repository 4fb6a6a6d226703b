//! What a comparison may write back, a line a case.

use super::*;
use crate::domain::entry::Verdict;
use crate::logic::reconcile::settlement::{AbsentAs, Doubted, Settlement, Verdicts};

/// Callbacks 1 (found), 2 (absent) and 3 (found for another time), and what else the export has.
struct Doubts<'a> {
    /// In the ledger besides.
    sure: &'a [(u64, Progress)],
    /// In the export besides.
    others: &'a [Planted<'a>],
    /// A row of the export that cannot be read.
    unread: Option<&'a str>,
}

const PLAIN: Doubts<'static> = Doubts { sure: &[], others: &[], unread: None };

fn doubted(number: u64) -> Doubted {
    Doubted { id: id(number), run: known(number, DOUBTED).run }
}

/// What is written back of them, and how many are left.
#[track_caller]
fn check(doubts: &Doubts<'_>, absent_as: AbsentAs, expected: (&[(u64, Verdict)], u64)) {
    let ledger = [&[(1, DOUBTED), (2, DOUBTED), (3, DOUBTED)], doubts.sure].concat();
    let planted = [&[("#1", 1, "a", 0), ("#3", 3, "a", 4)], doubts.others].concat();
    let (told, _) = reconcile(&Case { inputs: &[1, 2, 3, 4], ledger: &ledger, contacts: &planted });
    let (mut settlement, contacts) = (Settlement::default(), contacts(&planted));
    let unread = doubts.unread.map(|why| Conclusion::of_unread(RowNumber::new(0, 9), why));
    for conclusion in told.iter().chain(&unread) {
        settlement.add(conclusion, &contacts);
    }
    let settled = expected.0.iter().map(|(number, verdict)| (doubted(*number), *verdict)).collect();
    let verdicts = settlement.verdicts(absent_as, planted.len() as u64);
    assert_eq!(verdicts, Verdicts { settled, left: expected.1 }, "{absent_as:?}");
}

#[test]
fn only_what_the_export_shows_is_written_back() {
    let sent = (1, Verdict::Sent);
    check(&PLAIN, AbsentAs::NotSent, (&[sent, (2, Verdict::NotSent)], 1));
    check(&PLAIN, AbsentAs::Retry, (&[sent, (2, Verdict::Retry)], 1));
    check(&PLAIN, AbsentAs::InDoubt, (&[sent], 2));
    // An unreadable row may be it.
    check(&Doubts { unread: Some("phone: missing"), ..PLAIN }, AbsentAs::NotSent, (&[sent], 2));
    // An export that lacks a contact that was created proves too little, for a second request and for giving up alike.
    let lacking = Doubts { sure: &[(4, CONFIRMED)], ..PLAIN };
    check(&lacking, AbsentAs::Retry, (&[sent], 2));
    check(&lacking, AbsentAs::NotSent, (&[sent], 2));
}

/// Moved to another time or campaign under an id of the platform's own, it is there all the same.
#[test]
fn a_contact_that_nobody_knows_may_be_the_one_in_doubt() {
    let with = |other, expected: &[(u64, Verdict)]| {
        let doubts = Doubts { others: &[other], ..PLAIN };
        check(&doubts, AbsentAs::Retry, (expected, 3 - expected.len() as u64));
    };
    let (sent, retry) = ((1, Verdict::Sent), (2, Verdict::Retry));
    with(("x", 2, "a", 500), &[sent]);
    with(("x", 2, "b", 0), &[sent]);
    with(("x", 7, "a", 0), &[sent, retry]);
    with(("x", NOBODY, "a", 0), &[sent]);
}

#[test]
fn what_another_run_has_touched_since_is_not_written_over() {
    let run = |number| RunId(uuid::Uuid::from_u128(number));
    let standing = |progress, number| Standing { progress, ..Standing::untouched(run(number)) };
    let doubted = Doubted { id: id(1), run: run(1) };
    assert!(doubted.still_stands(&standing(DOUBTED, 1)));
    // In doubt again, by a request that left after the export was made; or its text is.
    assert!(!doubted.still_stands(&standing(DOUBTED, 2)));
    assert!(!doubted.still_stands(&standing(Progress::TextDoubted, 1)));
    assert!(!doubted.still_stands(&standing(CONFIRMED, 2)));
}

#[test]
fn an_export_without_contacts_proves_nothing() {
    let (told, words) = reconcile(&Case { inputs: &[1], ledger: &[(1, DOUBTED)], contacts: &[] });
    let mut settlement = Settlement::default();
    for conclusion in &told {
        settlement.add(conclusion, &Contacts::default());
    }
    assert_eq!(words, ["in_doubt_absent 1"]);
    assert_eq!(settlement.verdicts(AbsentAs::NotSent, 0), Verdicts { settled: Vec::new(), left: 1 });
}
