//! Sends what was planned: for each callback a contact, then a text, earliest dispatch time first.
//!
//! Everything runs in one task: a queue of jobs, and at most so many steps in flight. A step takes one
//! request through token, gate, intent, answer and entry; the queue decides what is next. When the run halts,
//! what is in flight gets its answer and the rest is left, with the reason written down.

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
use crate::io::platform::Platform;
use crate::logic::place::Board;
use crate::logic::retry::RunEffect;

use super::halt::{Halt, Halted};
use super::health::{Door, Errand};
use super::rules::{Campaign, Rules};
use super::session::Session;
use flight::{Flight, Flights};
use job::{After, Job};
use queue::Queue;

/// Entries that are written in one commit when a run is left.
const WRITTEN_AT_ONCE: usize = 4096;

/// What the steps share.
pub struct Dispatch<'a, P, L> {
    /// How requests are made.
    pub session: &'a Session<'a, P, L>,
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
pub async fn carry_out<P: Platform, L: Ledger>(
    jobs: Vec<Job>,
    dispatch: &Dispatch<'_, P, L>,
    progress: &dyn Fn(&Job),
) -> Vec<Job> {
    let mut queue = Queue::default();
    let mut ended = Vec::with_capacity(jobs.len());
    let beyond = take_within_limit(jobs, dispatch.rules.limits.attempted_max, &mut queue);
    let mut in_flight = FuturesUnordered::new();
    loop {
        while let Some(job) = dispatch.next(&mut queue, in_flight.len()) {
            // What is logged meanwhile is about this callback.
            let span = tracing::error_span!("callback", callback_id = %job.id);
            in_flight.push(dispatch.step(job, dispatch.flights.begin()).instrument(span));
        }
        let due = dispatch.next_due(&queue, in_flight.len());
        let halting = dispatch.session.halting.check().is_err();
        if in_flight.is_empty() && (halting || due.is_none()) {
            break;
        }
        tokio::select! {
            Some((job, after)) = in_flight.next(), if !in_flight.is_empty() => match after {
                After::Ready => queue.add(job),
                After::Wait(wait) => queue.add_later(job, Instant::now() + wait),
                After::Ended => {
                    progress(&job);
                    ended.push(job);
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

/// Queues the first so many by dispatch time, and gives back the others.
fn take_within_limit(mut jobs: Vec<Job>, attempted_max: Option<usize>, queue: &mut Queue) -> Vec<Job> {
    jobs.sort_by_key(|job| (job.dispatch_at(), job.member));
    let beyond = jobs.split_off(attempted_max.unwrap_or(jobs.len()).min(jobs.len()));
    for job in jobs {
        queue.add(job);
    }
    beyond
}

impl<P: Platform, L: Ledger> Dispatch<'_, P, L> {
    /// The job that goes on now, where one may: any within the limit, or while the platform is in trouble a
    /// probe alone.
    fn next(&self, queue: &mut Queue, in_flight: usize) -> Option<Job> {
        self.session.halting.check().ok()?;
        let now = Instant::now();
        match self.session.health.door() {
            Door::Open if self.has_place(in_flight) => queue.take(now),
            Door::ProbeDue if in_flight == 0 => {
                let mut job = queue.take_probe(now)?;
                job.errand = Errand::Probe;
                self.session.health.probe_sets_out();
                Some(job)
            }
            Door::Open | Door::ProbeDue | Door::Shut(_) => None,
        }
    }

    fn has_place(&self, steps: usize) -> bool {
        self.flights.has_place(steps, self.rules.limits.concurrency_max)
    }

    /// When to look again, where nothing in flight will wake us earlier.
    fn next_due(&self, queue: &Queue, in_flight: usize) -> Option<Instant> {
        match self.session.health.door() {
            Door::Open => queue.next_due().filter(|_| self.has_place(in_flight)),
            Door::ProbeDue => queue.next_due().filter(|_| in_flight == 0),
            Door::Shut(probe_at) if in_flight == 0 => {
                let job_at = if queue.is_ready() { Some(Instant::now()) } else { queue.next_due() };
                job_at.max(probe_at.filter(|_| job_at.is_some()))
            }
            Door::Shut(_) => None,
        }
    }

    /// Takes the next step of a job. Where the run halts first, the job waits: it is left at the end.
    async fn step(&self, mut job: Job, flight: Flight<'_>) -> (Job, After) {
        let taken = match job.step() {
            Some(Step::Contact) => self.contact(&mut job, &flight).await,
            Some(Step::Text) => self.text(&mut job, &flight).await,
            Some(Step::Token | Step::Forecast) | None => Ok(After::Ended),
        };
        if std::mem::take(&mut job.errand) == Errand::Probe {
            self.session.health.probe_is_back();
        }
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

    /// Lets the request of a job leave whose intent is written. Where the run halts first, it is known that it
    /// did not.
    async fn leaves(&self, job: &mut Job, step: Step) -> Result<(), Halted> {
        let (tries, unsent) = match step {
            Step::Contact => (&mut job.contact, Entry::ContactTurnedAway),
            Step::Text | Step::Token | Step::Forecast => (&mut job.text, Entry::TextTurnedAway),
        };
        let before = tries.left;
        tries.left += 1;
        if let Err(halted) = self.session.leaves(step, before).await {
            self.write(job, unsent).await?;
            return Err(halted);
        }
        Ok(())
    }

    /// Writes the last entry of a job in this run.
    async fn end(&self, job: &mut Job, entry: Entry) -> Result<After, Halted> {
        self.write(job, entry).await.map(|()| After::Ended)
    }

    /// After an attempt that failed: again after a wait, or left for another run where it was the last. A probe
    /// was nobody's attempt, and the circuit does the waiting.
    async fn later(&self, job: &mut Job, step: Step, words: String) -> Result<After, Halted> {
        self.session.halting.check()?;
        if job.errand == Errand::Probe {
            return Ok(After::Ready);
        }
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
