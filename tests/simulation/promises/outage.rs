//! What a platform in trouble is asked, and for how long it is borne.

use std::time::Duration;

use ringback::domain::code::Code;
use ringback::domain::progress::Progress;
use ringback::domain::reply::Step;
use ringback::logic::retry::OnNoAnswer;

use super::work::{is_undone, was_given_back};
use super::{Judge, Promise};
use crate::outage::{Empties, Outage, Part};
use crate::record::{End, Means, Run, Said, Sent};

/// Troubles in a row after which nothing of a customer leaves, or no text.
const TROUBLES_MAX: usize = 20;
const TEXT_TROUBLES_MAX: usize = 3;

/// What an answer says of the platform's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    Trouble,
    SomethingElse,
}

fn says(sent: &Sent) -> Says {
    let answer = &sent.answer;
    let lost = answer.words.starts_with("no answer") || answer.words.starts_with("could not be sent");
    let is_trouble = lost || answer.said == Some(Said::Troubled);
    if is_trouble { Says::Trouble } else { Says::SomethingElse }
}

/// A test request asks for nothing.
fn is_probe(sent: &Sent) -> bool {
    matches!(sent.step, Step::Contact | Step::Text) && sent.id.is_none()
}

impl Judge<'_> {
    fn sent_in(&self, run: usize) -> impl Iterator<Item = &Sent> + Clone {
        self.record.sent.iter().filter(move |sent| sent.run == run)
    }

    pub(super) fn held_back(&mut self) {
        let under_way = self.under_way();
        for run in 0..self.record.runs.len() {
            let all = shut(self.sent_in(run), TROUBLES_MAX);
            let texts = shut(self.sent_in(run).filter(|sent| sent.step == Step::Text), TEXT_TROUBLES_MAX);
            let is_early = |sent: &&Sent| {
                let within = |(from, until): &(Duration, Duration)| *from + under_way < sent.at && sent.at < *until;
                sent.id.is_some() && (all.iter().any(within) || (sent.step == Step::Text && texts.iter().any(within)))
            };
            let early = self.sent_in(run).find(is_early).map(|sent| (sent.at, sent.step));
            self.must(early.is_none(), Promise::HeldBack, || format!("run {run}: {early:?} within {all:?} {texts:?}"));
        }
    }

    /// The runs in which nothing is wrong but that texts are lost for a time.
    fn without_texts(&self) -> Vec<(usize, Outage)> {
        let runs = self.record.runs.iter().enumerate();
        let mild = runs.filter(|(_, run)| run.plan.is_whole_but_for_an_outage());
        let outages = mild.filter_map(|(number, run)| Some((number, run.plan.outage?)));
        outages.filter(|(_, outage)| outage.part == Part::Step(Step::Text)).collect()
    }

    pub(super) fn few_doubts(&mut self) {
        if self.record.scenario.settings.on_no_answer == OnNoAnswer::Resend {
            return;
        }
        for (number, outage) in self.without_texts() {
            let open = self.sent_in(number).filter(|sent| sent.step == Step::Text && sent.id.is_some());
            let open = open.filter(|sent| sent.answer.means == Means::Open).count();
            // Where test requests are answered, every trial is one more; the waits between them double.
            let trials = if outage.empties == Empties::Refused { 12 } else { 0 };
            let allowed = TEXT_TROUBLES_MAX + self.record.scenario.settings.concurrency + trials;
            self.must(open <= allowed, Promise::FewDoubts, || format!("run {number}: {open} texts in doubt"));
        }
    }

    pub(super) fn contacts_go_on(&mut self) {
        for (number, _) in self.without_texts() {
            let run = &self.record.runs[number];
            // A pause that an earlier run was asked for may be too long for this one.
            if matches!(&run.end, End::Reported { halt: Some(halt), .. } if halt.contains("left alone")) {
                continue;
            }
            let undone = run.standings.iter().filter(|(id, standing)| {
                let came_late = standing.code == Some(Code::RunLate) && was_given_back(self.record, **id);
                let is_text = matches!(standing.progress, Progress::Contacted | Progress::TextOpen);
                is_undone(standing.progress) && !is_text && !came_late
            });
            let undone: Vec<_> = undone.map(|(id, standing)| (id, standing.progress, standing.code)).collect();
            self.must(undone.is_empty(), Promise::ContactsGoOn, || format!("run {number} left {undone:?}"));
        }
    }

    pub(super) fn patience(&mut self) {
        for (number, run) in self.record.runs.iter().enumerate() {
            let End::Reported { halt, .. } = &run.end else { continue };
            let halt = halt.as_deref().unwrap_or_default();
            if halt.contains("gave up") && !halt.contains("left alone") {
                self.run_was_borne(number, run, halt);
            }
            // A ledger that is lost comes before any other reason to halt, and hides it.
            if !halt.contains("gave up") && !halt.contains("must be written down") {
                self.forecasts_were_borne(number, run);
            }
        }
    }

    /// A run that gave up has had no success for as long as that is borne. What was in flight when it did may have
    /// succeeded later, and nothing left then.
    fn run_was_borne(&mut self, number: usize, run: &Run, halt: &str) {
        let step = halt.contains("no text was taken").then_some(Step::Text);
        let is_success = |sent: &&Sent| {
            let counts = step.map_or(sent.step != Step::Token, |step| sent.step == step);
            counts && !is_probe(sent) && sent.answer.words.starts_with("Fine")
        };
        let last_left = self.sent_in(number).map(|sent| sent.at).max();
        let answered = self.sent_in(number).filter(is_success).filter_map(|sent| sent.answered);
        let last = answered.filter(|at| Some(*at) <= last_left).max();
        let lasted = run.ended.saturating_sub(last.unwrap_or(run.began));
        let borne = self.record.scenario.settings.give_up_after;
        self.must(lasted >= borne, Promise::Patience, || format!("run {number} gave up after {lasted:?}: {halt}"));
    }

    /// What has no forecast was tried for as long as is borne, unless tokens were refused again and again.
    fn forecasts_were_borne(&mut self, number: usize, run: &Run) {
        let renewed = self
            .sent_in(number)
            .any(|sent| sent.step == Step::Forecast && sent.answer.said == Some(Said::Unauthorised));
        let lines = self.record.lines.iter().filter(|line| line.run == number && line.entry == "left");
        let unplaced = lines.filter(|line| {
            let asked = self.sent_in(number).any(|sent| sent.id == Some(line.id));
            line.code == Some(Code::PlatformUnavailable) && line.progress == Progress::Pending && !asked
        });
        let first = unplaced.map(|line| line.at.saturating_sub(run.began)).min();
        let borne = self.record.scenario.settings.give_up_after;
        let early = first.filter(|&after| after < borne && !renewed);
        self.must(early.is_none(), Promise::Patience, || format!("run {number} gave forecasts up after {early:?}"));
    }
}

/// The stretches of time in which requests must be held back: from so many troubles in a row to the next answer that
/// is none. Of answers at the same instant, the one that is none counts as the last.
fn shut<'a>(asked: impl Iterator<Item = &'a Sent>, troubles_max: usize) -> Vec<(Duration, Duration)> {
    let mut answers: Vec<_> = asked.filter_map(|sent| Some((sent.answered?, says(sent), is_probe(sent)))).collect();
    answers.sort_unstable();
    let (mut shut, mut troubles, mut since) = (Vec::new(), 0, None);
    for (at, says, is_probe) in answers {
        match says {
            Says::Trouble if is_probe => {}
            Says::Trouble => troubles += 1,
            Says::SomethingElse => {
                troubles = 0;
                shut.extend(since.take().map(|since| (since, at)));
            }
        }
        if troubles == troubles_max {
            since = since.or(Some(at));
        }
    }
    shut.extend(since.map(|since| (since, Duration::MAX)));
    shut
}
