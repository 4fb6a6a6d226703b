//! What is found of planted differences, a line a case.

mod model;
mod settling;
mod worlds;

use hashbrown::HashMap;

use super::contact::{Contact, ContactKey, Contacts, Wish};
use super::finding::{About, Conclusion, Kind};
use super::known::Known;
use super::reconciler::Reconciler;
use super::sums::{InputSums, PlatformSums, Sums};
use super::survey::Survey;
use super::wanted::Wanted;
use crate::domain::callback::{Callback, CallbackId, RowNumber, RunId};
use crate::domain::interned::{CampaignNo, Names};
use crate::domain::outcome::Standing;
use crate::domain::phone::E164;
use crate::domain::progress::Progress;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

const CONFIRMED: Progress = Progress::Confirmed;
const DOUBTED: Progress = Progress::ContactDoubted;

/// Stands for a number that cannot be read.
const NOBODY: u64 = 8;

/// The phone of a callback is its last digit; its window two hours from 10:00, four hours later for each ten, one
/// hour later for each hundred. A thousand more is another run's.
fn phone(number: u64) -> E164 {
    E164::from_digits(12_025_550_100 + number % 10).expect("a number")
}

fn window(number: u64) -> Window {
    let hours = 10 + number % 100 / 10 * 4 + number % 1000 / 100;
    let start = Timestamp::from_unix(1_795_392_000 + i64::try_from(hours).expect("small") * 3600);
    Window::with_width(start, 7200)
}

fn id(number: u64) -> CallbackId {
    CallbackId::of(phone(number), window(number), "a")
}

fn known(number: u64, progress: Progress) -> Known {
    let run = RunId(uuid::Uuid::from_u128(u128::from(number / 1000)));
    let dispatch_at = Some(window(number).start().plus(1800));
    of_standing(number, &Standing { progress, dispatch_at, contact_at: dispatch_at, ..Standing::untouched(run) })
}

fn of_standing(number: u64, standing: &Standing) -> Known {
    let wish = Wish { phone: phone(number), window: window(number), campaign: "a", dispatch_at: None };
    Known::new(id(number), &wish, standing)
}

/// One whose contact the platform calls by a name of its own.
fn called(number: u64, name: &str) -> Known {
    let standing = Standing::untouched(RunId(uuid::Uuid::nil()));
    let (progress, dispatch_at) = (CONFIRMED, Some(window(number).start().plus(1800)));
    let contact_id = Some(name.into());
    of_standing(number, &Standing { progress, dispatch_at, contact_id, contact_at: dispatch_at, ..standing })
}

/// All that is said at the end.
fn ended(reconciler: &mut Reconciler<'_>) -> Vec<Conclusion> {
    let mut told = Vec::new();
    let ended = reconciler.end(|_, conclusion| {
        told.push(conclusion.clone());
        Ok::<_, ()>(())
    });
    assert_eq!(ended, Ok(()));
    told
}

/// A contact by id (`#1` is that of callback 1), the callback that it is like, its campaign, and how many minutes
/// after the callback's dispatch time it is.
type Planted<'a> = (&'a str, u64, &'a str, i64);

struct Case<'a> {
    inputs: &'a [u64],
    ledger: &'a [(u64, Progress)],
    contacts: &'a [Planted<'a>],
}

fn contacts(planted: &[Planted<'_>]) -> Contacts {
    let mut names = Names::default();
    let contact = |(line, (text, like, campaign, minutes)): (u64, &Planted<'_>)| {
        let number = text.strip_prefix('#').and_then(|number| number.parse().ok());
        let key = number.map_or_else(|| ContactKey::of(text), |number| ContactKey::Uuid(id(number)));
        let at = Some(window(*like).start().plus(1800 + minutes * 60));
        let campaign = CampaignNo(names.number(campaign));
        let phone = (*like != NOBODY).then(|| phone(*like));
        Contact { key, phone, campaign, at, row: RowNumber::new(0, line) }
    };
    let list = (2..).zip(planted).map(contact).collect();
    Contacts::new(list, names, HashMap::new())
}

/// All conclusions, and what of them a person reads.
fn reconcile(case: &Case<'_>) -> (Vec<Conclusion>, Vec<String>) {
    let mut names = Names::default();
    names.number("a");
    let callback =
        |(line, number): (u64, &u64)| Callback::new(phone(*number), window(*number), RowNumber::new(0, line));
    let callbacks: Vec<Callback> = (2..).zip(case.inputs).map(callback).collect();
    let ids = case.inputs.iter().map(|number| id(*number)).zip(0..).collect();
    let mut survey = Survey::new(contacts(case.contacts), Wanted::new(&callbacks, &names, ids));
    let ledger = || case.ledger.iter().map(|(number, progress)| known(*number, *progress));
    ledger().for_each(|known| survey.note(&known));
    let mut reconciler = survey.end();
    let mut told: Vec<Conclusion> = ledger().filter_map(|known| reconciler.judge(known)).collect();
    told.extend(ended(&mut reconciler));
    let name = |about: &About| match about {
        About::Callback(known, _) => {
            let number = case.ledger.iter().find(|(number, _)| id(*number) == known.id).expect("of the ledger").0;
            number.to_string()
        }
        About::Row(place) => format!("row{}", case.inputs[*place as usize]),
        About::Contact | About::Unread(..) => "-".to_owned(),
    };
    let mut words = Vec::new();
    for conclusion in &told {
        for finding in &conclusion.findings {
            let contact = finding.contact.map(|(place, _)| &reconciler.contacts().all()[place].key);
            let number = |key: &ContactKey| (0..2000).find(|number| *key == ContactKey::Uuid(id(*number)));
            let key = contact.map_or_else(String::new, |key| {
                number(key).map_or_else(|| format!(" {}", key.text()), |number| format!(" #{number}"))
            });
            words.push(format!("{} {}{key}", finding.kind.as_str(), name(&conclusion.about)));
        }
    }
    words.sort();
    adds_up(case, &told);
    (told, words)
}

fn adds_up(case: &Case<'_>, told: &[Conclusion]) {
    let input = InputSums { rows: case.inputs.len() as u64, ..InputSums::default() };
    let platform = PlatformSums { rows: case.contacts.len() as u64, ..PlatformSums::default() };
    let mut sums = Sums { input, platform, ..Sums::default() };
    for conclusion in told {
        sums.add(conclusion);
    }
    assert!(sums.add_up(case.ledger.len() as u64), "{sums:?}");
}

/// Whatever the order of ledger and platform, these are found and nothing else.
#[track_caller]
fn check(case: &Case<'_>, expected: &[&str]) {
    let (mut ledger, mut contacts) = (case.ledger.to_vec(), case.contacts.to_vec());
    for _ in 0..2 {
        for _ in 0..2 {
            let turned = Case { inputs: case.inputs, ledger: &ledger, contacts: &contacts };
            assert_eq!(reconcile(&turned).1, expected, "{ledger:?} {contacts:?}");
            contacts.reverse();
        }
        ledger.reverse();
    }
}

#[test]
fn what_agrees_is_matched_and_what_was_not_created_is_not_expected() {
    let one = [("#1", 1, "a", 0)];
    check(&Case { inputs: &[1], ledger: &[(1, CONFIRMED)], contacts: &one }, &["matched 1 #1"]);
    for progress in Progress::ALL {
        let (there, gone): (&[&str], &[&str]) = match progress {
            Progress::Contacted
            | Progress::TextWaiting
            | Progress::TextInFlight
            | Progress::TextInFlightAgain
            | Progress::TextOpen
            | Progress::TextDoubted
            | Progress::TextFailed
            | Progress::Confirmed
            | Progress::Scheduled => (&["matched 1 #1"], &["missing_on_platform 1"]),
            Progress::ContactInFlight | Progress::ContactInFlightAgain | Progress::ContactOpen => {
                (&["matched 1 #1"], &[])
            }
            Progress::ContactDoubted => (&["in_doubt_found 1 #1"], &["in_doubt_absent 1"]),
            Progress::Pending | Progress::ContactOwed | Progress::ContactFailed | Progress::Expired => {
                (&["missing_in_ledger 1 #1"], &[])
            }
        };
        check(&Case { inputs: &[1], ledger: &[(1, progress)], contacts: &one }, there);
        check(&Case { inputs: &[1], ledger: &[(1, progress)], contacts: &[] }, gone);
    }
}

#[test]
fn each_column_that_differs_is_a_finding_of_its_own() {
    let of = |contact: Planted<'_>, expected: &[&str]| {
        check(&Case { inputs: &[1], ledger: &[(1, CONFIRMED)], contacts: &[contact] }, expected);
    };
    of(("#1", 1, "a", 1), &["time_differs 1 #1"]);
    of(("#1", 2, "a", 0), &["phone_differs 1 #1"]);
    of(("#1", 1, "b", 0), &["campaign_differs 1 #1"]);
    of(("#1", 2, "b", 5), &["campaign_differs 1 #1", "phone_differs 1 #1", "time_differs 1 #1"]);
    of(("#1", NOBODY, "a", 0), &["phone_differs 1 #1"]);
    let doubted = Case { inputs: &[1], ledger: &[(1, DOUBTED)], contacts: &[("#1", 1, "a", 1)] };
    check(&doubted, &["in_doubt_found 1 #1", "time_differs 1 #1"]);
}

#[test]
fn a_time_that_cannot_be_read_differs_even_from_none() {
    let standing = Standing { progress: CONFIRMED, ..Standing::untouched(RunId(uuid::Uuid::nil())) };
    let (known, contacts) = (of_standing(1, &standing), contacts(&[("#1", 1, "a", 0)]));
    let contact = &contacts.all()[0];
    assert_eq!(known.differences(contact, &contacts), []);
    let unread = Contact { at: None, ..contact.clone() };
    assert_eq!(known.differences(&unread, &contacts), [Kind::TimeDiffers]);
}

#[test]
fn one_contact_too_many_is_told_and_the_best_is_its_own() {
    let of = |contacts: &[Planted<'_>], expected: &[&str]| {
        check(&Case { inputs: &[1], ledger: &[(1, CONFIRMED)], contacts }, expected);
    };
    of(&[("#1", 1, "a", 0), ("x", 1, "a", 0)], &["matched 1 #1", "twice_on_platform 1 x"]);
    of(&[("#1", 1, "a", 0), ("", 1, "a", 7)], &["matched 1 #1", "twice_on_platform 1 "]);
    of(&[("#1", 1, "a", 0), ("#1", 1, "a", 0)], &["matched 1 #1", "twice_on_platform 1 #1"]);
    of(&[("#1", 1, "a", 9), ("#1", 1, "a", 0)], &["matched 1 #1", "twice_on_platform 1 #1"]);
    of(&[("#1", 1, "a", 9), ("x", 1, "a", 0)], &["time_differs 1 #1", "twice_on_platform 1 x"]);
    // Another phone, another campaign, or a time outside the window: that is nobody's.
    of(&[("#1", 1, "a", 0), ("x", 2, "a", 0)], &["matched 1 #1", "missing_in_ledger - x"]);
    of(&[("#1", 1, "a", 0), ("x", 1, "b", 0)], &["matched 1 #1", "missing_in_ledger - x"]);
    of(&[("#1", 1, "a", 0), ("x", 1, "a", 90)], &["matched 1 #1", "missing_in_ledger - x"]);
    of(&[("#1", 1, "a", 0), ("x", 1, "a", -31)], &["matched 1 #1", "missing_in_ledger - x"]);
}

#[test]
fn a_contact_under_an_id_of_the_platforms_own_is_found_by_phone_and_window() {
    let of = |progress, contacts: &[Planted<'_>], expected: &[&str]| {
        check(&Case { inputs: &[1], ledger: &[(1, progress)], contacts }, expected);
    };
    of(CONFIRMED, &[("x", 1, "a", 0)], &["matched 1 x"]);
    of(CONFIRMED, &[("x", 1, "a", 8)], &["time_differs 1 x"]);
    of(DOUBTED, &[("x", 1, "a", 0)], &["in_doubt_found 1 x"]);
    of(DOUBTED, &[("x", 1, "a", 90)], &["in_doubt_absent 1", "missing_in_ledger - x"]);
    of(CONFIRMED, &[("x", 1, "a", 0), ("y", 1, "a", 8)], &["matched 1 x", "twice_on_platform 1 y"]);
    of(Progress::ContactFailed, &[("x", 1, "a", 0)], &["missing_in_ledger - x"]);
    // Windows of one phone that overlap: each contact goes to the callback of its time.
    let ledger = [(1, CONFIRMED), (101, CONFIRMED)];
    let two = |contacts: &[Planted<'_>], expected: &[&str]| {
        check(&Case { inputs: &[1, 101], ledger: &ledger, contacts }, expected);
    };
    two(&[("x", 1, "a", 0), ("y", 101, "a", 0)], &["matched 1 x", "matched 101 y"]);
    two(&[("x", 101, "a", 0), ("#1", 1, "a", 0)], &["matched 1 #1", "matched 101 x"]);
    two(&[("x", 101, "a", -5)], &["missing_on_platform 1", "time_differs 101 x"]);
    two(&[("x", 101, "a", -5), ("y", 1, "a", 0)], &["matched 1 y", "time_differs 101 x"]);
    // What is for the very time of one leaves the other to what is only near.
    two(&[("x", 101, "a", -5), ("y", 101, "a", 0)], &["matched 101 y", "time_differs 1 x"]);
    two(
        &[("#1", 1, "a", 0), ("#101", 101, "a", 0), ("x", 101, "a", 0)],
        &["matched 1 #1", "matched 101 #101", "twice_on_platform 101 x"],
    );
}

#[test]
fn what_the_platform_named_itself_is_found_by_that_name() {
    let its_own = called(1, "c-77");
    let names = Names::default();
    let planted = contacts(&[("c-77", 1, "a", 0), ("#1", 1, "a", 0)]);
    let mut survey = Survey::new(planted, Wanted::new(&[], &names, Vec::new()));
    survey.note(&its_own);
    let found = survey.end().judge(its_own).expect("no stranger has its phone").findings;
    let kinds: Vec<Kind> = found.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [Kind::NotInInput, Kind::TwiceOnPlatform]);
}

#[test]
fn rows_that_no_run_has_taken_up_are_missing_in_the_ledger() {
    let of = |inputs: &[u64], contacts: &[Planted<'_>], expected: &[&str]| {
        check(&Case { inputs, ledger: &[(9, CONFIRMED)], contacts }, expected);
    };
    let nine = ("#9", 9, "a", 0);
    of(&[9, 1], &[nine], &["matched 9 #9", "missing_in_ledger row1"]);
    of(&[9, 1], &[nine, ("#1", 1, "a", 0)], &["matched 9 #9", "missing_in_ledger row1 #1"]);
    of(&[9, 1], &[nine, ("x", 1, "a", 0)], &["matched 9 #9", "missing_in_ledger row1 x"]);
    of(&[9, 1], &[nine, ("x", 1, "b", 0)], &["matched 9 #9", "missing_in_ledger - x", "missing_in_ledger row1"]);
    // Its window overlaps with one that the ledger has: it is that row's all the same.
    of(&[9, 109], &[nine, ("#109", 109, "a", 0)], &["matched 9 #9", "missing_in_ledger row109 #109"]);
}

#[test]
fn other_nights_count_only_where_platform_or_run_bring_them_in() {
    let of = |inputs: &[u64], ledger: &[(u64, Progress)], contacts: &[Planted<'_>], expected: &[&str]| {
        check(&Case { inputs, ledger, contacts }, expected);
    };
    let (one, two) = (("#1", 1, "a", 0), ("#2", 2, "a", 0));
    let ledger = [(1, CONFIRMED), (2, CONFIRMED)];
    of(&[1], &ledger, &[one, two], &["matched 1 #1", "not_in_input 2 #2"]);
    // Half of the run's callbacks are in the inputs: the other half should be.
    of(&[1], &ledger, &[one], &["matched 1 #1", "missing_on_platform 2", "not_in_input 2"]);
    of(&[1], &[(1, CONFIRMED), (2, Progress::Expired)], &[one], &["matched 1 #1", "not_in_input 2"]);
    of(&[1], &[(1, CONFIRMED), (2, CONFIRMED), (3, DOUBTED)], &[one], &["matched 1 #1"]);
    of(&[1], &[(1, CONFIRMED), (1002, CONFIRMED), (1003, DOUBTED)], &[one], &["matched 1 #1"]);
    of(&[], &ledger, &[], &[]);
    let moved = ("#2", 2, "a", 3);
    of(
        &[1],
        &[(1, CONFIRMED), (1002, CONFIRMED)],
        &[one, ("#1002", 1002, "a", 0)],
        &["matched 1 #1", "not_in_input 1002 #2"],
    );
    of(&[1], &ledger, &[one, moved], &["matched 1 #1", "not_in_input 2 #2", "time_differs 2 #2"]);
}

#[test]
fn a_row_that_is_never_open_is_no_finding_but_where_the_ledger_has_it() {
    let (mut names, callbacks) =
        (Names::default(), [1, 2].map(|n| Callback::new(phone(n), window(n), RowNumber::new(0, n))));
    names.number("a");
    let ids = vec![(id(1), 0), (id(2), 1)];
    let wanted = Wanted::new(&callbacks, &names, ids).closed_at(&[0, 1]);
    let mut survey = Survey::new(Contacts::default(), wanted);
    survey.note(&known(2, CONFIRMED));
    let mut reconciler = survey.end();
    let found = reconciler.judge(known(2, CONFIRMED)).expect("nobody else's phone").findings;
    assert_eq!(found[0].kind, Kind::MissingOnPlatform);
    assert_eq!((reconciler.closed_rows(), ended(&mut reconciler).len()), (1, 0));
}

#[test]
fn one_contact_that_two_callbacks_name_is_told_of_once() {
    let ledger = [called(1, "c-1"), called(2, "c-1")];
    let names = Names::default();
    let mut survey = Survey::new(contacts(&[("c-1", 1, "a", 0)]), Wanted::new(&[], &names, Vec::new()));
    for known in &ledger {
        survey.note(known);
    }
    let mut reconciler = survey.end();
    let told: Vec<Conclusion> = ledger.into_iter().filter_map(|known| reconciler.judge(known)).collect();
    adds_up(&Case { inputs: &[], ledger: &[(1, CONFIRMED), (2, CONFIRMED)], contacts: &[("c-1", 1, "a", 0)] }, &told);
}
