//! Sends what was planned: for each callback a contact, then a text, earliest dispatch time first.
//!
//! Everything runs in one task: a queue of jobs, and at most so many steps in flight. A step takes one
//! request through token, gate, intent, answer and entry; the queue decides what is next. While the platform is in
//! trouble, requests that hold nothing find out whether it answers again, and no customer's. When the run halts,
//! what is in flight gets its answer and the rest is left, with the reason written down.

mod choice;
mod contact;
pub mod flight;
pub mod job;
mod queue;
mod text;

use std::cell::RefCell;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use crate::domain::callback::Callback;
use crate::domain::code::Code;
use crate::domain::entry::Entry;
use crate::domain::language::LanguageTag;
use crate::domain::progress::Progress;
use crate::domain::reply::Step;
use crate::domain::zone::Zone;
use crate::io::ledger::Ledger;
use crate::logic::place::Board;
use crate::logic::retry::RunEffect;

use super::gate::Exit;
use super::halt::{Halt, Halted};
use super::health::Door;
use super::rules::{Campaign, Rules};
use super::session::Session;
use choice::{Choice, UnderWay, View};
use flight::{Flight, Flights};
use job::{After, Job};
use queue::Queue;

/// Entries that are written in one commit when a run is left.
const WRITTEN_AT_ONCE: usize = 4096;

/// What the steps share.
pub struct Dispatch<'a, L> {
    /// How requests are made.
    pub session: &'a Session<'a, L>,
    /// What is allowed.
    pub rules: &'a Rules,
    /// The campaigns of the batch, by number.
    pub campaigns: &'a [Campaign],
    /// The languages of the batch, by number.
    pub languages: &'a [LanguageTag],
    /// The hours, with what was placed in them.
    pub board: RefCell<Board>,
    /// The requests that may be under way.
    pub flights: Flights,
}

/// Carries out the jobs and gives them back with what became of each. Progress is told as it is made.
pub async fn carry_out<L: Ledger>(jobs: Vec<Job>, dispatch: &Dispatch<'_, L>, progress: &dyn Fn(&Job)) -> Vec<Job> {
    let mut queue = Queue::default();
    let mut ended = Vec::with_capacity(jobs.len());
    let beyond = take_within_limit(jobs, dispatch.rules.limits.attempted_max, &mut queue);
    let mut in_flight = FuturesUnordered::new();
    let mut under_way = UnderWay::default();
    loop {
        while let Some(work) = dispatch.next(&mut queue, under_way) {
            under_way.begins(work.step());
            let span = work.span();
            in_flight.push(dispatch.work(work, dispatch.flights.begin()).instrument(span));
        }
        let due = dispatch.next_due(&mut queue, under_way);
        let halting = dispatch.session.halting.check().is_err();
        if in_flight.is_empty() && (halting || due.is_none()) {
            break;
        }
        tokio::select! {
            Some((step, done)) = in_flight.next(), if !in_flight.is_empty() => {
                under_way.ends(step);
                match done {
                    Some((job, After::Ready)) => queue.add(job),
                    Some((job, After::Wait(wait))) => queue.add_later(job, Instant::now() + wait),
                    Some((job, After::Ended)) => {
                        progress(&job);
                        ended.push(job);
                    }
                    None => {}
                }
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() && !halting => {}
            () = dispatch.flights.freed() => {}
            _ = dispatch.session.halting.halted(), if !halting => {}
        }
    }
    let left = queue.drain().collect();
    ended.extend(dispatch.leave(left).await);
    ended.extend(dispatch.leave_as(beyond, Code::RunLimit, "beyond --limit").await);
    ended
}

/// What is begun.
enum Work {
    /// The next step of a job, and which that is.
    Step(Step, Box<Job>),
    /// A request that holds nothing, to where this step is made.
    Probe(Step),
}

impl Work {
    fn of(job: Job) -> Self {
        // Where nothing is owed, the step ends without a request.
        Self::Step(job.step().unwrap_or(Step::Contact), Box::new(job))
    }

    fn step(&self) -> Step {
        let (Self::Step(step, _) | Self::Probe(step)) = self;
        *step
    }

    /// What is logged meanwhile is about this callback, or about none.
    fn span(&self) -> tracing::Span {
        match self {
            Self::Step(_, job) => tracing::error_span!("callback", callback_id = %job.id),
            Self::Probe(_) => tracing::Span::none(),
        }
    }
}

/// Queues the first so many by dispatch time, and gives back the others.
fn take_within_limit(mut jobs: Vec<Job>, attempted_max: Option<usize>, queue: &mut Queue) -> Vec<Job> {
    jobs.sort_by_key(|job| (job.dispatch_at(), job.member));
    let beyond = jobs.split_off(attempted_max.unwrap_or(jobs.len()).min(jobs.len()));
    for job in jobs {
        queue.add(job);
    }
    beyond
}

impl<L: Ledger> Dispatch<'_, L> {
    /// What is begun now, where anything may be.
    fn next(&self, queue: &mut Queue, under_way: UnderWay) -> Option<Work> {
        self.session.halting.check().ok()?;
        if !self.has_place(under_way) {
            return None;
        }
        let choice = match queue.take_free() {
            Some(job) => return Some(Work::of(job)),
            None => self.view(queue, under_way).choose(),
        };
        match choice {
            Choice::Contact => queue.take_contact().map(Work::of),
            Choice::Text => queue.take_text().map(Work::of),
            Choice::Earliest => queue.take().map(Work::of),
            // What needs no request does not wait for an answer, nor is there a probe for its sake.
            Choice::Probe(_) if queue.release(|job| self.needs_no_request(job)) => queue.take_free().map(Work::of),
            Choice::Probe(step) => {
                self.session.health.probe_sets_out(step);
                Some(Work::Probe(step))
            }
            Choice::Wait(_) => {
                self.give_up_texts(queue, under_way);
                None
            }
        }
    }

    fn view(&self, queue: &mut Queue, under_way: UnderWay) -> View {
        let (now, health) = (Instant::now(), &self.session.health);
        let (contacts_at, texts_at) = (queue.contacts_at(now), queue.texts_at(now));
        View { now, door: health.door(), texts_door: health.texts_door(), contacts_at, texts_at, under_way }
    }

    fn has_place(&self, under_way: UnderWay) -> bool {
        self.flights.has_place(under_way.all, self.rules.limits.concurrency_max)
    }

    /// When to look again, where nothing in flight will wake us earlier.
    fn next_due(&self, queue: &mut Queue, under_way: UnderWay) -> Option<Instant> {
        let view = self.view(queue, under_way);
        match view.choose() {
            Choice::Wait(due) => due.min(self.texts_given_up_at(&view).or(due)),
            // There is no place for it now, or the run halts.
            Choice::Contact | Choice::Text | Choice::Earliest | Choice::Probe(_) => None,
        }
    }

    /// When the run gives up waiting for texts that are held back; `None` where it has something else to do.
    fn texts_given_up_at(&self, view: &View) -> Option<Instant> {
        let alone = view.under_way.all == 0 && view.contacts_at.is_none() && view.texts_at.is_some();
        let held = alone && view.texts_door != Door::Open;
        held.then(|| self.session.health.patience.texts_given_up_at()).flatten()
    }

    /// Halts where only texts are left, and none was taken for too long.
    fn give_up_texts(&self, queue: &mut Queue, under_way: UnderWay) {
        let given_up_at = self.texts_given_up_at(&self.view(queue, under_way));
        if given_up_at.is_some_and(|at| at <= Instant::now()) {
            let seconds = self.rules.limits.give_up_after.as_secs();
            let why =
                format!("no text was taken for {seconds} s or longer; the contacts are there, the texts are owed");
            self.session.halting.halt(Halt::GaveUp(why));
        }
    }

    /// Takes a step of a job, or finds out how the platform does.
    async fn work(&self, work: Work, flight: Flight<'_>) -> (Step, Option<(Job, After)>) {
        match work {
            Work::Step(step, job) => (step, Some(self.step(*job, flight).await)),
            Work::Probe(step) => {
                // Where the run halts first, nobody waits for what it finds.
                let _ = self.session.probe(step).await;
                self.session.health.probe_is_back();
                (step, None)
            }
        }
    }

    /// Takes the next step of a job. Where the run halts first, the job waits: it is left at the end.
    async fn step(&self, mut job: Job, flight: Flight<'_>) -> (Job, After) {
        let taken = match job.step() {
            Some(Step::Contact) => self.contact(&mut job, &flight).await,
            Some(Step::Text) => self.text(&mut job, &flight).await,
            Some(Step::Token | Step::Forecast) | None => Ok(After::Ended),
        };
        match taken {
            Ok(After::Ready) if job.step().is_none() => (job, After::Ended),
            Ok(after) => (job, after),
            Err(Halted) => (job, After::Ready),
        }
    }

    /// Writes an entry of a job down, and takes over where it stands now.
    async fn write(&self, job: &mut Job, entry: Entry) -> Result<(), Halted> {
        let written = self.session.ledger.append(job.id, entry, self.session.stamp()).await;
        job.standing = written.map_err(|error| self.session.lost(&error))?;
        Ok(())
    }

    /// Notes whether the request of a job leaves whose intent is written.
    async fn departs(&self, job: &mut Job, step: Step, exit: Exit) -> Result<(), Halted> {
        let (tries, turned_away) = if step == Step::Contact {
            (&mut job.contact, Entry::ContactTurnedAway)
        } else {
            (&mut job.text, Entry::TextTurnedAway)
        };
        if exit == Exit::Held {
            return self.write(job, turned_away).await;
        }
        tries.left += 1;
        Ok(())
    }

    /// Writes the last entry of a job in this run.
    async fn end(&self, job: &mut Job, entry: Entry) -> Result<After, Halted> {
        self.write(job, entry).await.map(|()| After::Ended)
    }

    /// After an attempt that failed: again after a wait, or left for another run where it was the last.
    async fn later(&self, job: &mut Job, step: Step, words: String) -> Result<After, Halted> {
        self.session.halting.check()?;
        let tries = if step == Step::Contact { &mut job.contact } else { &mut job.text };
        tries.failed += 1;
        if tries.failed < self.rules.limits.attempts_max {
            return Ok(After::Wait(self.session.trouble_wait()));
        }
        self.end(job, Entry::Left(Code::PlatformUnavailable, words)).await
    }

    /// After a request that may be repeated: an attempt that failed, unless the answer holds, renews or stops.
    async fn again(&self, job: &mut Job, step: Step, run: RunEffect, words: String) -> Result<After, Halted> {
        match run {
            RunEffect::None => self.later(job, step, words).await,
            RunEffect::Hold(_) | RunEffect::Renew | RunEffect::Stop(_) => self.soon(job, run, words).await,
        }
    }

    /// After something that counts as no attempt: again at once, for gate and tokens do the waiting. A
    /// platform that refuses every new token is not asked for ever.
    async fn soon(&self, job: &mut Job, run: RunEffect, words: String) -> Result<After, Halted> {
        self.session.halting.check()?;
        if run == RunEffect::Renew {
            job.renewals += 1;
            if job.renewals >= self.rules.limits.attempts_max {
                return self.end(job, Entry::Left(Code::PlatformUnavailable, words)).await;
            }
        }
        Ok(After::Ready)
    }

    /// Leaves jobs that the halted run did not finish.
    async fn leave(&self, jobs: Vec<Job>) -> Vec<Job> {
        match self.session.halting.why() {
            Some(Halt::LedgerLost(_) | Halt::Fault(_)) => jobs.into_iter().map(lost).collect(),
            Some(why) => self.leave_as(jobs, why.code(), &why.describe()).await,
            None => jobs,
        }
    }

    async fn leave_as(&self, mut jobs: Vec<Job>, code: Code, words: &str) -> Vec<Job> {
        let (stamp, run) = (self.session.stamp(), self.session.ledger.run());
        for some in jobs.chunks_mut(WRITTEN_AT_ONCE) {
            let entry = Entry::Left(code, words.to_owned());
            let entries = some.iter().map(|job| (job.id, entry.clone())).collect();
            if let Err(error) = self.session.ledger.append_all(entries, stamp).await {
                self.session.lost(&error);
                break;
            }
            for job in some {
                // What the ledger has accepted follows.
                let _ = job.standing.apply(&entry, run, stamp.timestamp());
            }
        }
        jobs
    }

    fn campaign(&self, callback: &Callback) -> &Campaign {
        &self.campaigns[callback.campaign.0 as usize]
    }

    fn language(&self, callback: &Callback) -> LanguageTag {
        self.languages[callback.language.0 as usize].clone()
    }

    /// The zone in which a customer is told times.
    fn zone(&self, callback: &Callback) -> Zone {
        self.campaign(callback).rules.zone_of(callback)
    }
}

/// How a job stands whose answer could not be written down: in doubt, rather than done.
fn lost(mut job: Job) -> Job {
    let (progress, code) = if let Progress::ContactInFlight { .. } = job.standing.progress {
        (Progress::ContactDoubted, Code::ContactNoAnswer)
    } else if let Progress::TextInFlight { .. } = job.standing.progress {
        (Progress::TextDoubted, Code::SmsNoAnswer)
    } else {
        return job;
    };
    job.standing.progress = progress;
    job.standing.code = Some(code);
    "the ledger could not be written when the answer came".clone_into(&mut job.standing.detail);
    job
}
