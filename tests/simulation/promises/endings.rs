//! Rows and their sums.

use std::collections::BTreeMap;

use ringback::domain::exit::ExitCode;
use ringback::domain::outcome::Status;
use ringback::domain::report::Report;

use super::{Judge, Promise};
use crate::record::{End, ResultLine, Run};
use crate::scenario::Command;

impl Judge<'_> {
    pub(super) fn endings(&mut self) {
        for (number, run) in self.record.runs.iter().enumerate() {
            match &run.end {
                End::Crashed => {}
                End::Failed(code, why) => {
                    let excused = *code == ExitCode::Io && run.plan.disk.is_some();
                    self.must(excused, Promise::Endings, || format!("run {number} ended with {code}: {why}"));
                }
                End::Reported { report, table, .. } => {
                    self.sums(number, run, report);
                    if let Some(table) = table {
                        self.table(number, report, table);
                        self.lines(number, run, table);
                    }
                }
            }
        }
    }

    fn sums(&mut self, number: usize, run: &Run, report: &Report) {
        let rows = match run.plan.command {
            Command::Run => self.record.scenario.load.rows,
            Command::Resume => self.unfinished_before(number).len() as u64,
        };
        let sum: u64 = report.by_status.values().sum();
        self.must(report.rows == rows && sum == rows, Promise::Endings, || {
            format!("run {number}: {rows} rows, {} read, {sum} with a status", report.rows)
        });
        self.must(!report.conditions.contains(&ExitCode::Fault), Promise::Endings, || {
            format!("run {number}: a fault of ours")
        });
        for status in report.by_status.keys() {
            let code = status.exit_code();
            let told = code == ExitCode::Done || report.conditions.contains(&code);
            self.must(told, Promise::Endings, || format!("run {number}: {status:?} without its condition {code}"));
        }
        let disk = report.conditions.contains(&ExitCode::Io);
        self.must(!disk || run.plan.disk.is_some(), Promise::Endings, || format!("run {number}: 74 on a good disk"));
    }

    /// One row for each record, in input order; for what has no record, [`Judge::takes_up`] asks.
    fn lines(&mut self, number: usize, run: &Run, table: &[ResultLine]) {
        let lines: Vec<Option<u64>> = table.iter().map(|row| row.line).collect();
        let expected = match run.plan.command {
            Command::Run => (2..self.record.scenario.load.rows + 2).map(Some).collect(),
            Command::Resume => vec![None; table.len()],
        };
        self.must(lines == expected, Promise::Endings, || format!("run {number}: the rows are {lines:?}"));
    }

    /// Rows with the statuses of the sums, and no callback twice.
    fn table(&mut self, number: usize, report: &Report, table: &[ResultLine]) {
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for row in table {
            *counted.entry(&row.status).or_default() += 1;
        }
        let summed: BTreeMap<&str, u64> =
            report.by_status.iter().map(|(status, sum)| (status.as_str(), *sum)).collect();
        self.must(counted == summed, Promise::Endings, || format!("run {number}: {counted:?} are not {summed:?}"));
        let mut ids: Vec<&str> =
            table.iter().filter(|row| row.status != Status::Duplicate.as_str()).map(|row| row.id.as_str()).collect();
        ids.retain(|id| !id.is_empty());
        let distinct = ids.iter().collect::<std::collections::BTreeSet<_>>().len();
        self.must(distinct == ids.len(), Promise::Endings, || format!("run {number}: a callback has two endings"));
    }
}
