//! Each promise bites: a record that is spoilt in one place, or a fault planted in the ledger or the order,
//! makes it fail.

use std::time::Duration;

use ringback::domain::answers::Verdicts;
use ringback::domain::callback::CallbackId;
use ringback::domain::code::Code;
use ringback::domain::exit::ExitCode;
use ringback::domain::outcome::Status;
use ringback::domain::progress::Progress;
use ringback::domain::provenance::Provenance;
use ringback::domain::reply::Step;
use ringback::domain::report::{InputFacts, Report};
use ringback::logic::retry::OnNoAnswer;
use serde_json::Value;

use crate::outage::{self, Part};
use crate::promises::{Promise, broken};
use crate::record::{End, Line, Means, Record, ResultLine, Run, Said, Sent};
use crate::scenario::{Command, Scenario};
use crate::story;
use crate::world::Plant;

/// Seeds among which there is always one that can be spoilt.
const SEEDS: u64 = 2000;

/// Seeds among which there is always one that a planted fault harms: some harm needs a rare moment.
const PLANTED_SEEDS: u64 = 4000;

/// Spoils the first record that has what it takes, and sees the promise fail that held before.
fn check(promise: Promise, spoil: impl Fn(&mut Record) -> Option<()>) {
    for seed in 0..SEEDS {
        let mut record = crate::play(seed);
        assert!(broken(&record).is_empty(), "seed {seed}");
        if spoil(&mut record).is_some() {
            let found = broken(&record);
            let bites = found.iter().any(|found| found.promise == promise);
            assert!(bites, "seed {seed}: {promise:?} does not bite, only {found:?}");
            return;
        }
    }
    panic!("no seed can be spoilt for {promise:?}");
}

/// Plants a fault, and sees the promise fail in some seed.
fn check_planted(plant: Plant, promise: Promise) {
    let bites = |seed: u64| {
        let record = story::play(Scenario::of(seed), plant);
        broken(&record).iter().any(|found| found.promise == promise)
    };
    assert!((0..PLANTED_SEEDS).any(bites), "{promise:?} never meets {plant:?}");
}

fn report(run: &mut Run) -> Option<&mut Report> {
    match &mut run.end {
        End::Reported { report, .. } => Some(report),
        End::Crashed | End::Failed(..) => None,
    }
}

fn table(record: &mut Record) -> Option<&mut Vec<ResultLine>> {
    record.runs.iter_mut().find_map(|run| match &mut run.end {
        End::Reported { table: Some(table), .. } if table.len() > 1 => Some(table),
        End::Reported { .. } | End::Crashed | End::Failed(..) => None,
    })
}

fn any(record: &mut Record, wanted: impl Fn(&Sent) -> bool) -> Option<&mut Sent> {
    record.sent.iter_mut().find(|sent| wanted(sent))
}

fn done(step: Step) -> impl Fn(&Sent) -> bool {
    move |sent| sent.step == step && sent.done && sent.answer.means == Means::Done
}

/// Changes a word of a body.
fn rewrite(sent: &mut Sent, key: &str, value: impl Into<Value>) {
    let mut body: Value = serde_json::from_slice(&sent.body).expect("a body");
    body[key] = value.into();
    sent.body = body.to_string().into_bytes();
}

#[test]
fn endings() {
    check(Promise::Endings, |record| report(record.runs.last_mut()?)?.by_status.pop_last().map(drop));
    check(Promise::Endings, |record| {
        let report = report(record.runs.first_mut()?)?;
        let rejected = report.by_status.get_mut(&Status::Rejected)?;
        *rejected += 1;
        Some(())
    });
    check(Promise::Endings, |record| {
        report(record.runs.last_mut()?).map(|report| report.conditions.push(ExitCode::Fault))
    });
    check(Promise::Endings, |record| {
        let report = report(record.runs.first_mut()?)?;
        report
            .conditions
            .contains(&ExitCode::Rejected)
            .then(|| report.conditions.retain(|code| *code != ExitCode::Rejected))
    });
    check(Promise::Endings, |record| table(record)?.pop().map(drop));
    check(Promise::Endings, |record| {
        let rows = table(record)?;
        rows.swap(0, 1);
        Some(())
    });
    check(Promise::Endings, |record| {
        table(record)?.iter_mut().find(|row| row.status == "confirmed").map(|row| row.status = "scheduled".into())
    });
    check(Promise::Endings, |record| {
        let mut confirmed = table(record)?.iter_mut().filter(|row| row.status == "confirmed");
        let (one, other) = (confirmed.next()?, confirmed.next()?);
        other.id.clone_from(&one.id);
        Some(())
    });
    check(Promise::Endings, |record| {
        record.runs.last_mut()?.end = End::Failed(ExitCode::Io, "the disk was good".into());
        Some(())
    });
}

#[test]
fn truth_and_doubt() {
    for step in [Step::Contact, Step::Text] {
        check(Promise::Truth, |record| {
            let told = table(record)?.iter().find(|row| row.status == "confirmed")?.id.clone();
            let is_told = |sent: &Sent| sent.id.is_some_and(|id| id.to_string() == told);
            any(record, |sent| done(step)(sent) && is_told(sent)).map(|sent| sent.done = false)
        });
    }
    let becomes = |record: &mut Record, from: Progress, to: Progress| {
        let mut standings = record.runs.last_mut()?.standings.values_mut();
        standings.find(|standing| standing.progress == from).map(|standing| standing.progress = to)
    };
    for told in [Progress::Expired, Progress::ContactFailed, Progress::Scheduled, Progress::TextFailed] {
        check(Promise::Truth, |record| becomes(record, Progress::Confirmed, told));
    }
    check(Promise::Truth, |record| becomes(record, Progress::ContactFailed, Progress::Confirmed));
    check(Promise::Truth, |record| {
        let mut standings = record.runs.last_mut()?.standings.values_mut();
        let standing = standings.find(|standing| standing.progress == Progress::Confirmed)?;
        (standing.progress, standing.code) = (Progress::TextDoubted, Some(Code::ContactExisted));
        Some(())
    });
    check(Promise::Truth, |record| {
        table(record)?.iter_mut().find(|row| row.status == "confirmed").map(|row| row.status = "expired".into())
    });
    check(Promise::Truth, |record| {
        let nobody = CallbackId::from_bytes([0; 16]);
        any(record, |sent| sent.step == Step::Token).map(|sent| sent.id = Some(nobody))
    });
    for told in [Progress::ContactDoubted, Progress::TextDoubted] {
        check(Promise::Doubt, |record| {
            // Where something went wrong before, an answer may be missing indeed.
            record.scenario.plans.is_empty().then_some(())?;
            becomes(record, Progress::Confirmed, told)
        });
    }
}

#[test]
fn existing_and_forbidden() {
    check(Promise::Existing, |record| {
        let standing = record.runs.last_mut()?.standings.values_mut();
        let mut standing = standing.filter(|standing| standing.progress == Progress::Confirmed);
        standing.next().map(|standing| standing.contact_at = None)
    });
    check(Promise::Existing, |record| {
        record.scenario.habits.provenance = Provenance::Unproven;
        let of_text = any(record, done(Step::Text))?.id;
        any(record, |sent| sent.step == Step::Contact && sent.id == of_text)
            .map(|sent| sent.answer.said = Some(Said::Existed))
    });
    check_planted(Plant::ClaimsProvenance, Promise::Existing);
    check_planted(Plant::ForgetsCreated, Promise::Existing);
    check(Promise::Forbidden, |record| {
        let line = record.lines.iter().find(|line| line.entry == "contact_failed")?.clone();
        let sent = record.of(line.id, Step::Contact).filter(|sent| sent.number < line.number).last()?.number;
        any(record, |other| other.number == sent).map(|sent| {
            (sent.answer.said, sent.token) = (Some(Said::Forbidden), None);
        })
    });
}

#[test]
fn once() {
    for (step, promise) in [(Step::Contact, Promise::OneContact), (Step::Text, Promise::OneText)] {
        check(promise, |record| {
            let mut again = any(record, done(step))?.clone();
            again.number = u64::MAX - 1;
            record.sent.push(again);
            Some(())
        });
    }
    check(Promise::SameBytes, |record| {
        let open = |sent: &Sent| sent.step == Step::Contact && sent.id.is_some() && sent.answer.means == Means::Open;
        let first = any(record, open)?.clone();
        (!record.was_found_unsent(&first)).then_some(())?;
        any(record, |sent| sent.step == Step::Contact && sent.id == first.id && sent.number > first.number)
            .map(|sent| sent.body.push(b' '))
    });
    check_planted(Plant::ForgetsIntents, Promise::SameBytes);
    check_planted(Plant::ForgetsIntents, Promise::OneText);
    check_planted(Plant::ChangesBodies, Promise::SameBytes);
    check_planted(Plant::DeniesContacts, Promise::Truth);
    check_planted(Plant::DeniesTexts, Promise::OneText);
    check_planted(Plant::SettlesBlindly, Promise::OneText);
}

#[test]
fn pace_and_flight() {
    check(Promise::Pace, |record| {
        let rate = record.scenario.settings.rate as usize;
        let first = record.sent.first()?.at;
        record.sent.get_mut(rate).map(|sent| sent.at = first + Duration::from_millis(59_999))
    });
    check_planted(Plant::ForgetsHolds, Promise::Holds);
    check(Promise::Holds, |record| {
        let held =
            any(record, |sent| sent.answer.hold.is_some_and(|hold| hold > 7) && sent.answered.is_some())?.clone();
        let at = held.answered? + Duration::from_secs(held.answer.hold? - 1);
        any(record, |sent| sent.run == held.run && sent.number > held.number).map(|sent| sent.at = at)
    });
    check(Promise::Flight, |record| {
        record.flight_max = record.scenario.settings.concurrency + 1;
        Some(())
    });
    check_planted(Plant::Doubles, Promise::Flight);
}

#[test]
fn times_and_texts() {
    check(Promise::TextAfterContact, |record| any(record, done(Step::Text)).map(|sent| sent.number = 0));
    check(Promise::TextAfterContact, |record| {
        any(record, done(Step::Text)).map(|sent| rewrite(sent, "to", "+12025550198"))
    });
    check(Promise::TextAfterContact, |record| {
        let text = any(record, done(Step::Text))?;
        let message = serde_json::from_slice::<Value>(&text.body).ok()?["message"].as_str()?.replace(':', ".");
        rewrite(text, "message", message);
        Some(())
    });
    check(Promise::TextHours, |record| {
        record.scenario.settings.texting =
            (record.scenario.settings.texting == Some("always")).then_some("03:00-03:01");
        any(record, done(Step::Text)).map(drop)
    });
    check(Promise::TextHours, |record| any(record, done(Step::Text)).map(|sent| sent.at += Duration::from_hours(48)));
    check(Promise::DispatchTime, |record| {
        let start = |sent: &Sent| serde_json::from_slice::<Value>(&sent.body).ok()?["start"].as_i64();
        let sent = any(record, done(Step::Contact))?;
        let before = start(sent)? - 1;
        rewrite(sent, "at", before);
        Some(())
    });
    check(Promise::DispatchTime, |record| {
        any(record, done(Step::Contact)).map(|sent| sent.at += Duration::from_hours(48))
    });
}

#[test]
fn work() {
    check(Promise::Order, |record| {
        record.refused_entries.push("one that did not follow".into());
        Some(())
    });
    check(Promise::NothingLeft, |record| {
        let standing = record.runs.last_mut()?.standings.values_mut().next()?;
        standing.progress = Progress::Contacted;
        Some(())
    });
    check(Promise::NothingLeft, |record| {
        let standing = record.book.standings.values_mut().next()?;
        standing.progress = Progress::TextWaiting;
        Some(())
    });
    check(Promise::NothingLeft, |record| {
        let whole: Vec<bool> = record.runs.iter().map(|run| run.plan.is_whole()).collect();
        let line = record.lines.iter_mut().find(|line| line.entry == "placed" && whole[line.run])?;
        (line.entry, line.code) = ("expired", Some(Code::RunLate));
        Some(())
    });
    check(Promise::Quiet, |record| {
        let (last, rows) = (record.runs.len().checked_sub(1)?, &record.book.standings);
        let settled = rows.values().all(|standing| standing.progress == Progress::Confirmed);
        (settled && last > 0).then(|| record.sent.last_mut())?.map(|sent| sent.run = last)
    });
    for code in [ExitCode::Denied, ExitCode::Settings] {
        check(Promise::Accusation, |record| report(record.runs.last_mut()?).map(|report| report.add_condition(code)));
    }
    check(Promise::Counts, |record| report(record.runs.last_mut()?).map(|report| report.requests.contact += 1));
    check(Promise::Counts, |record| {
        let answers = &mut report(record.runs.last_mut()?)?.answers;
        let (step, came, _) = answers.iter().next()?;
        answers.add(step, came, Verdicts { not_done: 1, ..Verdicts::default() });
        Some(())
    });
}

/// The runs that resume, the last first: what happened before them is the most.
fn resumes(record: &Record) -> Vec<usize> {
    let resumes = |number: &usize| record.runs[*number].plan.command == Command::Resume;
    (0..record.runs.len()).rev().filter(resumes).collect()
}

#[test]
fn taking_up() {
    check(Promise::TakesUp, |record| {
        let run = *resumes(record).first()?;
        let facts = InputFacts { name: "input.csv".into(), bytes: 1, sha256: None, rows: 0 };
        report(&mut record.runs[run]).map(|report| report.inputs.push(facts))
    });
    for spoil in [|rows: &mut Vec<ResultLine>| rows.swap(0, 1), |rows: &mut Vec<ResultLine>| drop(rows.pop())] {
        check(Promise::TakesUp, |record| {
            let mut resumes = resumes(record).into_iter();
            let run = resumes.find(
                |run| matches!(&record.runs[*run].end, End::Reported { table: Some(rows), .. } if rows.len() > 1),
            )?;
            let End::Reported { table: Some(rows), .. } = &mut record.runs[run].end else { return None };
            spoil(rows);
            Some(())
        });
    }
    check(Promise::TakesUp, |record| {
        let run = *resumes(record).first()?;
        any(record, |sent| sent.step == Step::Contact && sent.done && sent.run + 1 < run).map(|sent| sent.run = run)
    });
    check(Promise::TakesUp, |record| {
        let run = *resumes(record).first()?;
        record
            .lines
            .iter_mut()
            .find(|line| line.entry == "contact_failed" && line.run + 1 < run)
            .map(|line| line.run = run)
    });
    check(Promise::TakesUp, |record| {
        let nothing = |run: &usize| {
            !record.sent.iter().any(|sent| sent.run == *run) && report_rows(&record.runs[*run]) == Some(0)
        };
        let run = resumes(record).into_iter().find(nothing)?;
        any(record, |sent| sent.step == Step::Token).map(|sent| sent.run = run)
    });
    check(Promise::Endings, |record| {
        let run = *resumes(record).first()?;
        report(&mut record.runs[run]).map(|report| report.rows += 1)
    });
    check_planted(Plant::HidesWaiting, Promise::TakesUp);
    check_planted(Plant::TellsOfDone, Promise::TakesUp);
}

fn report_rows(run: &Run) -> Option<u64> {
    match &run.end {
        End::Reported { report, .. } => Some(report.rows),
        End::Crashed | End::Failed(..) => None,
    }
}

#[test]
fn stopping() {
    let first_with_contacts = |record: &Record| record.sent.iter().find(|sent| sent.id.is_some()).map(|sent| sent.run);
    check(Promise::Stopping, |record| {
        let run = first_with_contacts(record)?;
        record.runs[run].plan.limit = Some(0);
        Some(())
    });
    check(Promise::Stopping, |record| {
        let run = first_with_contacts(record)?;
        record.runs[run].plan.stop_at = Some(Duration::ZERO);
        Some(())
    });
    check(Promise::Stopping, |record| {
        let run = first_with_contacts(record)?;
        record.runs[run].plan.duration_max = Some(Duration::from_millis(1));
        Some(())
    });
}

/// The runs in which nothing goes wrong but that texts are lost for a time.
fn without_texts(record: &Record) -> Vec<usize> {
    let is_lost = |run: &Run| run.plan.outage.is_some_and(|outage| outage.part == Part::Step(Step::Text));
    let runs = record.runs.iter().enumerate().filter(|(_, run)| run.plan.is_whole_but_for_an_outage() && is_lost(run));
    runs.map(|(number, _)| number).collect()
}

#[test]
fn outages() {
    check(Promise::FewDoubts, |record| {
        (record.scenario.settings.on_no_answer == OnNoAnswer::Hold).then_some(())?;
        let run = *without_texts(record).first()?;
        let open = any(record, |sent| sent.run == run && sent.step == Step::Text && sent.id.is_some())?;
        open.answer.means = Means::Open;
        let open = open.clone();
        record.sent.extend(std::iter::repeat_n(open, 40));
        Some(())
    });
    check(Promise::ContactsGoOn, |record| {
        let run = *without_texts(record).first()?;
        let standing = record.runs[run].standings.values_mut().next()?;
        standing.progress = Progress::Pending;
        Some(())
    });
    check(Promise::Patience, |record| {
        let run =
            record.sent.iter().rfind(|sent| sent.step == Step::Text && sent.answer.words.starts_with("Fine"))?.run;
        let End::Reported { halt, .. } = &mut record.runs[run].end else { return None };
        *halt = Some("the run gave up on the platform: no success for 600 s".into());
        Some(())
    });
    check(Promise::Patience, |record| {
        let asked = |id: CallbackId, run: usize| record.sent.iter().any(|sent| sent.id == Some(id) && sent.run == run);
        let unplaced = |line: &Line| line.entry == "contact_failed" && !asked(line.id, line.run);
        let place = record.lines.iter().position(unplaced)?;
        let line = &mut record.lines[place];
        (line.entry, line.code, line.progress) = ("left", Some(Code::PlatformUnavailable), Progress::Pending);
        let renewed = record.sent.iter().any(|sent| sent.answer.said == Some(Said::Unauthorised));
        let reported = matches!(record.runs[line.run].end, End::Reported { halt: None, .. });
        (reported && !renewed).then_some(())
    });
}

/// A text that leaves between two test requests that failed.
#[test]
fn held_back() {
    let mut record = outage::without_texts();
    assert!(broken(&record).is_empty());
    let probes = |sent: &&Sent| sent.run == 0 && sent.step == Step::Text && sent.id.is_none();
    let probe = record.sent.iter().filter(probes).nth(5).expect("test requests");
    let at = probe.at.saturating_sub(Duration::from_millis(1));
    let text = any(&mut record, |sent| sent.run > 0 && sent.step == Step::Text).expect("a text of a later run");
    (text.run, text.at, text.answered) = (0, at, None);
    assert!(broken(&record).iter().any(|found| found.promise == Promise::HeldBack));
}
