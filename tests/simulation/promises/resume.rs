//! What a resume takes up: all that is unfinished, and nothing else.

use std::collections::BTreeSet;

use ringback::domain::callback::CallbackId;
use ringback::domain::outcome::Standing;
use ringback::domain::progress::Progress;

use super::work::is_undone;
use super::{Judge, Promise};
use crate::record::{End, Run};
use crate::scenario::Command;

impl Judge<'_> {
    pub(super) fn takes_up(&mut self) {
        let resumes = |(_, run): &(usize, &Run)| run.plan.command == Command::Resume;
        for (number, run) in self.record.runs.iter().enumerate().filter(resumes) {
            let unfinished = self.unfinished_before(number);
            self.nothing_else(number, &unfinished);
            let End::Reported { report, table, .. } = &run.end else { continue };
            let inputs = report.inputs.len();
            self.must(inputs == 0, Promise::TakesUp, || format!("run {number} resumes and read {inputs} inputs"));
            let Some(table) = table else { continue };
            let told: Vec<&str> = table.iter().map(|row| row.id.as_str()).collect();
            let expected: Vec<String> = unfinished.iter().map(ToString::to_string).collect();
            self.must(told == expected, Promise::TakesUp, || {
                format!("run {number} resumes and tells of {told:?} instead of {expected:?}")
            });
        }
    }

    /// No request and no entry for any other callback; where there is none, no request at all.
    fn nothing_else(&mut self, number: usize, unfinished: &[CallbackId]) {
        let unfinished: BTreeSet<_> = unfinished.iter().collect();
        let sent = self.record.sent.iter().filter(|sent| sent.run == number);
        let strangers = |id: &CallbackId| !unfinished.contains(id);
        let others = sent.clone().filter_map(|sent| sent.id).filter(strangers).count();
        self.must(others == 0, Promise::TakesUp, || format!("run {number} resumes and sends {others} for others"));
        let lines = self.record.lines.iter().filter(|line| line.run == number && strangers(&line.id)).count();
        self.must(lines == 0, Promise::TakesUp, || format!("run {number} resumes and writes {lines} for others"));
        let count = sent.count();
        let quiet = count == 0 || !unfinished.is_empty();
        self.must(quiet, Promise::TakesUp, || format!("run {number} resumes nothing with {count} requests"));
    }

    /// What a run found unfinished, by dispatch time.
    pub(super) fn unfinished_before(&self, number: usize) -> Vec<CallbackId> {
        let waits = |standing: &Standing| standing.progress == Progress::TextWaiting;
        let open = self.record.runs[number]
            .found
            .iter()
            .filter(|(_, standing)| is_undone(standing.progress) || waits(standing));
        let mut open: Vec<_> = open.map(|(id, standing)| (standing.dispatch_at, *id)).collect();
        open.sort_unstable();
        open.into_iter().map(|(_, id)| id).collect()
    }
}
