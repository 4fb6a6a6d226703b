//! Leaves each callback only the time at which it can be there: a contact that cannot be created by then is not
//! placed then.

use std::borrow::Cow;

use crate::domain::time::{Interval, Timestamp};
use crate::logic::deadlines::{Budget, Given, Prospect, Task, prospects};

use super::Wish;
use super::board::Board;

/// What the requests of a batch have to do with.
#[derive(Clone, Copy, Debug)]
pub struct Foresight<'a> {
    /// The time, the rate and the margin.
    pub budget: Budget,
    /// What was begun before, and is finished on the way.
    pub begun: &'a [Task],
    /// Requests of one callback.
    pub requests_each: u64,
}

/// A batch by what is known of its time.
#[derive(Debug)]
pub(super) struct Timely<'a> {
    /// What can be created in time, with the spans in which that is certain.
    pub(super) wishes: Cow<'a, [Wish]>,
    /// What cannot be, at the last second that it has.
    pub(super) late: Vec<(u32, Timestamp)>,
}

impl Foresight<'_> {
    /// How many callbacks cannot be created before these spans of theirs are over, in whatever order they are sent.
    #[must_use]
    pub fn late(&self, spans: impl Iterator<Item = Interval>) -> u64 {
        let tasks: Vec<Task> = self.tasks(spans.map(|span| span.end.plus(-1)));
        prospects(&tasks, &self.budget).into_iter().filter(|prospect| *prospect == Prospect::Late).count() as u64
    }

    /// Looks ahead at a batch. What has no hour with agents at all is left as it is.
    pub(super) fn look_ahead<'a>(&self, wishes: &'a [Wish], board: &Board) -> Timely<'a> {
        if self.is_ample(wishes) {
            return Timely { wishes: Cow::Borrowed(wishes), late: Vec::new() };
        }
        let latest: Vec<Option<Timestamp>> = wishes.iter().map(|wish| board.latest(wish)).collect();
        // Those without an hour go last in order of time, and take no request from anybody.
        let tasks = self.tasks(latest.iter().flatten().copied());
        let mut found = prospects(&tasks, &self.budget).into_iter();
        let (mut in_time, mut late) = (Vec::with_capacity(wishes.len()), Vec::new());
        for (wish, latest) in wishes.iter().zip(latest) {
            let Some(latest) = latest else {
                in_time.push(*wish);
                continue;
            };
            match found.next() {
                Some(Prospect::From(from)) => {
                    let span = Interval { start: wish.span.start.max(from), ..wish.span };
                    in_time.push(Wish { span, ..*wish });
                }
                Some(Prospect::Late) | None => late.push((wish.member, latest)),
            }
        }
        Timely { wishes: Cow::Owned(in_time), late }
    }

    /// What is to be created, and behind it what was begun.
    fn tasks(&self, latest: impl Iterator<Item = Timestamp>) -> Vec<Task> {
        let fresh = |latest| Task { latest, requests: self.requests_each, given: Given::Fresh };
        latest.map(fresh).chain(self.begun.iter().copied()).collect()
    }

    /// Whether everything will be there before the first of all may be dispatched.
    fn is_ample(&self, wishes: &[Wish]) -> bool {
        let begun: u64 = self.begun.iter().map(|task| task.requests).sum();
        let all = self.budget.after(begun + wishes.len() as u64 * self.requests_each).plus(self.budget.margin);
        wishes.iter().all(|wish| all <= wish.span.start)
    }
}
