//! The jobs that wait: for their turn, earliest dispatch time first, or for a time. Contacts and texts wait apart, for
//! either may be held back without the other.

use std::collections::{BTreeMap, BinaryHeap};

use tokio::time::Instant;

use crate::domain::reply::Step;

use super::job::{ByDispatchTime, Job};

/// The jobs that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    contacts: Lane,
    texts: Lane,
    /// What needs no request, and so waits for nobody.
    free: Vec<Job>,
}

#[derive(Debug, Default)]
struct Lane {
    ready: BinaryHeap<ByDispatchTime>,
    later: BTreeMap<(Instant, u32), Job>,
}

impl Queue {
    /// Adds a job that can go on at once.
    pub(super) fn add(&mut self, job: Job) {
        self.lane(&job).ready.push(ByDispatchTime(job));
    }

    /// Adds a job that can go on at a time.
    pub(super) fn add_later(&mut self, job: Job, at: Instant) {
        self.lane(&job).later.insert((at, job.member), job);
    }

    fn lane(&mut self, job: &Job) -> &mut Lane {
        if job.step() == Some(Step::Contact) { &mut self.contacts } else { &mut self.texts }
    }

    /// Takes a job that needs no request.
    pub(super) fn take_free(&mut self) -> Option<Job> {
        self.free.pop()
    }

    /// Takes the ready contact with the earliest dispatch time.
    pub(super) fn take_contact(&mut self) -> Option<Job> {
        self.contacts.take()
    }

    /// Takes the ready text with the earliest dispatch time.
    pub(super) fn take_text(&mut self) -> Option<Job> {
        self.texts.take()
    }

    /// Takes the ready job with the earliest dispatch time.
    pub(super) fn take(&mut self) -> Option<Job> {
        if self.contacts.ready.peek() < self.texts.ready.peek() { self.texts.take() } else { self.contacts.take() }
    }

    /// Lets the texts go that need no request. Says whether there are any.
    pub(super) fn release(&mut self, needs_none: impl Fn(&Job) -> bool) -> bool {
        let ready = std::mem::take(&mut self.texts.ready).into_iter();
        let (free, held): (Vec<_>, Vec<_>) = ready.partition(|ByDispatchTime(job)| needs_none(job));
        self.texts.ready = held.into();
        self.free.extend(free.into_iter().map(|ByDispatchTime(job)| job));
        !self.free.is_empty()
    }

    /// When the first contact can go on: `now` where one is ready.
    pub(super) fn contacts_at(&mut self, now: Instant) -> Option<Instant> {
        self.contacts.at(now)
    }

    /// When the first text can go on: `now` where one is ready.
    pub(super) fn texts_at(&mut self, now: Instant) -> Option<Instant> {
        self.texts.at(now)
    }

    /// Takes all that is left.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Job> {
        let free = std::mem::take(&mut self.free).into_iter();
        free.chain(std::mem::take(&mut self.contacts).drain()).chain(std::mem::take(&mut self.texts).drain())
    }
}

impl Lane {
    fn take(&mut self) -> Option<Job> {
        self.ready.pop().map(|ByDispatchTime(job)| job)
    }

    /// When the first job can go on. Those whose time has come are ready from now on.
    fn at(&mut self, now: Instant) -> Option<Instant> {
        while let Some(due) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            self.ready.push(ByDispatchTime(due.remove()));
        }
        if self.ready.is_empty() { self.later.keys().next().map(|(at, _)| *at) } else { Some(now) }
    }

    fn drain(self) -> impl Iterator<Item = Job> {
        self.ready.into_iter().map(|ByDispatchTime(job)| job).chain(self.later.into_values())
    }
}
