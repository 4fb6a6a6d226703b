//! The jobs that wait: for their turn, earliest dispatch time first, or for a time.

use std::collections::{BTreeMap, BinaryHeap};

use tokio::time::Instant;

use crate::domain::reply::Step;

use super::job::{ByDispatchTime, Job};

/// The jobs that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    ready: BinaryHeap<ByDispatchTime>,
    later: BTreeMap<(Instant, u32), Job>,
}

impl Queue {
    /// Adds a job that can go on at once.
    pub(super) fn add(&mut self, job: Job) {
        self.ready.push(ByDispatchTime(job));
    }

    /// Adds a job that can go on at a time.
    pub(super) fn add_later(&mut self, job: Job, at: Instant) {
        self.later.insert((at, job.member), job);
    }

    /// Takes the ready job with the earliest dispatch time.
    pub(super) fn take(&mut self, now: Instant) -> Option<Job> {
        while let Some(due) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            self.ready.push(ByDispatchTime(due.remove()));
        }
        self.ready.pop().map(|ByDispatchTime(job)| job)
    }

    /// Takes the job that finds out how the platform does: a contact, or a text where nothing else is left.
    pub(super) fn take_probe(&mut self, now: Instant) -> Option<Job> {
        let mut texts = Vec::new();
        let mut probe = None;
        while let Some(job) = self.take(now) {
            if job.step() == Some(Step::Contact) {
                probe = Some(job);
                break;
            }
            texts.push(job);
        }
        let mut texts = texts.into_iter();
        let probe = probe.or_else(|| texts.next());
        self.ready.extend(texts.map(ByDispatchTime));
        probe
    }

    /// Whether a job can go on at once.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// When the next job that waits for a time can go on.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    /// Takes all that is left.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Job> {
        let ready = std::mem::take(&mut self.ready).into_iter().map(|ByDispatchTime(job)| job);
        ready.chain(std::mem::take(&mut self.later).into_values())
    }
}
