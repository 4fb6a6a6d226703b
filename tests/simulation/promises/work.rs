//! All that can be done is done, nothing is done for nothing, and nobody is blamed for nothing.

use ringback::domain::callback::CallbackId;
use ringback::domain::code::Code;
use ringback::domain::exit::ExitCode;
use ringback::domain::outcome::Standing;
use ringback::domain::progress::Progress;
use ringback::domain::reply::Step;
use ringback::domain::time::{Interval, Timestamp};

use super::{Judge, Promise};
use crate::platform::hour;
use crate::record::{End, Record, Said, Sent};
use crate::rules;

impl Judge<'_> {
    pub(super) fn order(&mut self) {
        let refused = &self.record.refused_entries;
        self.must(refused.is_empty(), Promise::Order, || format!("{refused:?}"));
    }

    pub(super) fn nothing_left(&mut self) {
        let record = self.record;
        for (number, run) in record.runs.iter().enumerate().filter(|(_, run)| run.plan.is_whole()) {
            let undone = run.standings.iter().filter(|(id, standing)| {
                // One that a person gave back keeps its time; where that comes during a run, the next places it anew.
                let came_late = standing.code == Some(Code::RunLate) && was_given_back(record, **id);
                is_undone(standing.progress) && !came_late
            });
            let undone: Vec<_> = undone.map(|(id, standing)| (id, standing.progress, standing.code)).collect();
            let halt = if let End::Reported { halt, .. } = &run.end { halt.as_deref() } else { None };
            self.must(undone.is_empty(), Promise::NothingLeft, || format!("run {number} {halt:?} left {undone:?}"));
        }
        for line in &record.lines {
            // A forecast that could not be had says nothing, in whatever run.
            let given_up = line.entry == "expired" || line.code.is_some_and(is_of_forecast);
            let possible = given_up.then(|| first_possible(record, line.id, record.wall(line.at))).flatten();
            self.must(possible.is_none(), Promise::NothingLeft, || {
                format!("{}: {:?} at {:?}, though {possible:?} was possible", line.id, line.code, line.at)
            });
        }
        self.waiting_texts();
    }

    /// What waits for texting hours at the very end still can go out.
    fn waiting_texts(&mut self) {
        let waiting = |(_, standing): &(&CallbackId, &Standing)| standing.progress == Progress::TextWaiting;
        let waiting: Vec<_> = self.record.book.standings.iter().filter(waiting).map(|(id, _)| id).collect();
        self.must(waiting.is_empty(), Promise::NothingLeft, || format!("texts of {waiting:?} wait for ever"));
    }

    pub(super) fn quiet(&mut self) {
        let Some((last, before)) = self.record.runs.split_last() else { return };
        let Some(before) = before.last() else { return };
        let may_ask = |standing: &Standing| {
            standing.code.is_some_and(is_of_forecast) || matches!(standing.progress, Progress::TextWaiting)
        };
        let (now, lead) = (self.record.wall(last.began), self.record.scenario.settings.lead_time);
        let has_time = |(id, standing): (&CallbackId, &Standing)| {
            standing.progress == Progress::Expired && !usable(self.record, *id, now.plus(lead)).is_empty()
        };
        if before.standings.values().any(may_ask) || before.standings.iter().any(has_time) {
            return;
        }
        let number = self.record.runs.len() - 1;
        let sent = self.record.sent.iter().filter(|sent| sent.run == number).count();
        self.must(sent == 0, Promise::Quiet, || format!("{sent} requests for a finished input"));
    }

    pub(super) fn accusation(&mut self) {
        for (number, run) in self.record.runs.iter().enumerate() {
            let End::Reported { report, .. } = &run.end else { continue };
            let said = |wanted: &dyn Fn(&Sent, Said) -> bool| {
                let answers = self.record.sent.iter().filter(|sent| sent.run == number && sent.answered.is_some());
                answers.filter_map(|sent| Some((sent, sent.answer.said?))).any(|(sent, said)| wanted(sent, said))
            };
            let credentials = said(&|sent, said| {
                (said == Said::Forbidden && self.accuses(sent))
                    || (said == Said::Unauthorised && !sent.answer.stale_token)
                    || (said == Said::Refused && sent.step == Step::Token)
            });
            let address = said(&|_, said| said == Said::WrongAddress);
            for (code, grounds) in [(ExitCode::Denied, credentials), (ExitCode::Settings, address)] {
                let accused = report.conditions.contains(&code);
                self.must(!accused || grounds, Promise::Accusation, || format!("run {number}: {code} for nothing"));
            }
        }
    }
}

pub(super) fn is_undone(progress: Progress) -> bool {
    match progress {
        Progress::Pending
        | Progress::ContactInFlight
        | Progress::ContactInFlightAgain
        | Progress::ContactOpen
        | Progress::ContactOwed
        | Progress::Contacted
        | Progress::TextInFlight
        | Progress::TextInFlightAgain
        | Progress::TextOpen => true,
        Progress::ContactDoubted
        | Progress::ContactFailed
        | Progress::TextWaiting
        | Progress::TextDoubted
        | Progress::TextFailed
        | Progress::Confirmed
        | Progress::Scheduled
        | Progress::Expired => false,
    }
}

pub(super) fn was_given_back(record: &Record, id: CallbackId) -> bool {
    record.lines.iter().any(|line| line.id == id && line.entry == "settled_retry")
}

fn is_of_forecast(code: Code) -> bool {
    matches!(code, Code::ForecastEmpty | Code::ForecastNoAgents)
}

fn usable(record: &Record, id: CallbackId, from: Timestamp) -> Vec<Interval> {
    let callback = &record.book.callbacks[&id];
    let window = callback.window.interval();
    let left = Interval { start: window.start.max(from), end: window.end };
    if left.is_empty() { Vec::new() } else { rules::campaigns().of(&callback.campaign).placing.open_parts(left) }
}

/// The first hour with agents in which a callback could still have been placed.
fn first_possible(record: &Record, id: CallbackId, now: Timestamp) -> Option<Timestamp> {
    let usable = usable(record, id, now.plus(record.scenario.settings.lead_time));
    let campaign = &record.book.callbacks[&id].campaign;
    let hours = usable.into_iter().flat_map(|part| {
        let count = part.end.hour_ceil().since(part.start.hour_floor()) / 3600;
        (0..count).map(move |number| part.start.hour_floor().plus(number * 3600))
    });
    let staffed =
        |start: &Timestamp| hour(record.scenario.seed, campaign, *start).is_some_and(|slot| slot.agents > 0.0);
    let mut hours = hours.filter(staffed);
    hours.next()
}
