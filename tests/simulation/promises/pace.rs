//! How fast, how many at once, and when nothing at all.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::time::Duration;

use ringback::domain::answers::Answers;
use ringback::domain::reply::Step;
use ringback::domain::report::RequestCounts;

use super::{Judge, Promise};
use crate::record::{End, Record, Run, Said, Sent};

impl Judge<'_> {
    pub(super) fn pace(&mut self) {
        let dense = too_dense(&[self.record]);
        self.must(dense.is_none(), Promise::Pace, || dense.unwrap_or_default());
    }

    pub(super) fn flight(&mut self) {
        let (most, allowed) = (self.record.flight_max, self.record.scenario.settings.concurrency);
        self.must(most <= allowed, Promise::Flight, || format!("{most} in flight, {allowed} allowed"));
    }

    /// What has passed the gate already may still leave: its intent was being written.
    pub(super) fn under_way(&self) -> Duration {
        Duration::from_millis(3 * (self.record.scenario.habits.disk_millis_max + 1))
    }

    pub(super) fn holds(&mut self) {
        let early = within_a_hold(&[self.record]);
        self.must(early.is_none(), Promise::Holds, || early.unwrap_or_default());
    }

    /// Nothing is handed out after a stop or a deadline, and no more than a limit allows.
    pub(super) fn stopping(&mut self) {
        for (number, run) in self.record.runs.iter().enumerate() {
            let sent = || self.record.sent.iter().filter(move |sent| sent.run == number);
            let stops = [run.plan.stop_at, run.plan.duration_max].into_iter().flatten().min();
            if let Some(stop) = stops.map(|after| run.began + after + self.under_way()) {
                let late = sent().find(|sent| sent.at > stop).map(|sent| sent.at);
                self.must(late.is_none(), Promise::Stopping, || format!("run {number} stopped at {stop:?}, {late:?}"));
            }
            if let Some(limit) = run.plan.limit {
                let attempted: std::collections::BTreeSet<_> = sent().filter_map(|sent| sent.id).collect();
                let count = attempted.len();
                self.must(count <= limit, Promise::Stopping, || format!("run {number}: {count} of {limit} attempted"));
            }
        }
    }

    pub(super) fn counts(&mut self) {
        for (number, run) in self.record.runs.iter().enumerate() {
            let End::Reported { report, .. } = &run.end else { continue };
            let sent = || self.record.sent.iter().filter(|sent| sent.run == number);
            let (counted, refused) = (counted(sent(), run), refused(sent(), run));
            let told = RequestCounts { retries: 0, ..report.requests };
            self.must(told == counted, Promise::Counts, || format!("run {number}: {told:?} are {counted:?}"));
            let answers = &report.answers;
            let is_whole = answers.are_of(&report.requests) && told_refused(answers) == refused;
            self.must(is_whole, Promise::Counts, || format!("run {number}: {answers:?} are {refused:?}"));
        }
    }
}

/// Where more requests left in 60 s than the first record's rate allows, over all records.
pub(crate) fn too_dense<R: Borrow<Record>>(records: &[R]) -> Option<String> {
    let rate = records.first()?.borrow().scenario.settings.rate as usize;
    let mut at: Vec<Duration> = records.iter().flat_map(|record| &record.borrow().sent).map(|sent| sent.at).collect();
    at.sort_unstable();
    let dense = at.windows(rate + 1).find(|window| window[rate] < window[0] + Duration::from_mins(1))?;
    Some(format!("more than {rate} in a minute: {dense:?}"))
}

/// Where a request left although the platform had asked for a pause, over all records and runs. What leaves at the very
/// instant of the answer may have been first.
pub(crate) fn within_a_hold<R: Borrow<Record>>(records: &[R]) -> Option<String> {
    let sent = || records.iter().flat_map(|record| &record.borrow().sent);
    sent().find_map(|answer| {
        let (told, seconds) = (answer.answered?, answer.answer.hold?);
        let held = told + Duration::from_millis(1)..told + Duration::from_secs(seconds);
        let early = sent().find(|sent| held.contains(&sent.at))?.at;
        Some(format!("told at {told:?} to wait {seconds} s, {early:?}"))
    })
}

/// Answers that are not the ones hoped for, by step and label.
type Refused = BTreeMap<(Step, u16), u64>;

fn refused<'a>(sent: impl Iterator<Item = &'a Sent>, run: &Run) -> Refused {
    let mut refused = Refused::new();
    for sent in sent.filter(|sent| sent.answered.is_some_and(|at| at <= run.ended)) {
        if let Some(said) = sent.answer.said.map(|said| said as u16).filter(|said| is_bad(*said)) {
            *refused.entry((sent.step, said)).or_default() += 1;
        }
    }
    refused
}

fn told_refused(answers: &Answers) -> Refused {
    let told = answers.iter().filter_map(|(step, came, told)| Some(((step, came.status()?), told.total())));
    told.filter(|((_, said), _)| is_bad(*said)).collect()
}

fn is_bad(said: u16) -> bool {
    said >= Said::Unclear as u16
}

fn counted<'a>(sent: impl Iterator<Item = &'a Sent>, run: &Run) -> RequestCounts {
    let mut counts = RequestCounts::default();
    for sent in sent {
        match sent.step {
            Step::Token => counts.token += 1,
            Step::Forecast => counts.forecast += 1,
            Step::Contact => counts.contact += 1,
            Step::Text => counts.sms += 1,
        }
        if sent.answered.is_some_and(|at| at <= run.ended) {
            counts.status_429 += u64::from(sent.answer.said == Some(Said::Busy));
            counts.status_5xx += u64::from(sent.answer.said == Some(Said::Troubled));
        }
    }
    counts
}
