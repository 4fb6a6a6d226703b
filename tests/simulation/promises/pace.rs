//! How fast, how many at once, and when nothing at all.

use std::time::Duration;

use ringback::domain::reply::Step;
use ringback::domain::report::RequestCounts;

use super::{Judge, Promise};
use crate::record::{End, Run, Sent};

impl Judge<'_> {
    pub(super) fn pace(&mut self) {
        let rate = self.record.scenario.settings.rate as usize;
        let at: Vec<Duration> = self.record.sent.iter().map(|sent| sent.at).collect();
        let dense = at.windows(rate + 1).find(|window| window[rate] < window[0] + Duration::from_mins(1));
        self.must(dense.is_none(), Promise::Pace, || format!("more than {rate} in a minute: {dense:?}"));
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
        let under_way = self.under_way();
        for answer in &self.record.sent {
            let (Some(told), Some(seconds)) = (answer.answered, answer.answer.hold) else { continue };
            let held = told + under_way..told + Duration::from_secs(seconds);
            let early = self.record.sent.iter().find(|sent| sent.run == answer.run && held.contains(&sent.at));
            let early = early.map(|sent| sent.at);
            self.must(early.is_none(), Promise::Holds, || format!("told at {told:?} to wait {seconds} s, {early:?}"));
        }
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
            let counted = counted(self.record.sent.iter().filter(|sent| sent.run == number), run);
            let told = RequestCounts { retries: 0, ..report.requests };
            self.must(told == counted, Promise::Counts, || format!("run {number}: {told:?} are {counted:?}"));
        }
    }
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
            counts.status_429 += u64::from(sent.answer.status == Some(429));
            counts.status_5xx += u64::from(sent.answer.status.is_some_and(|status| status >= 500));
        }
    }
    counts
}
