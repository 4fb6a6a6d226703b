//! One attempt to create a contact.

use secrecy::SecretString;

use crate::domain::code::Code;
use crate::domain::entry::{Bodies, Entry};
use crate::domain::progress::Progress;
use crate::domain::reply::{Answered, Step, Trouble};
use crate::domain::time::Interval;
use crate::io::crash::{self, Point};
use crate::io::ledger::Ledger;
use crate::io::platform::{ContactRequest, TextRequest};
use crate::logic::place::Unplaced;
use crate::logic::retry::RequestState;
use crate::logic::text::texter::Appointment;

use super::super::gate::Exit;
use super::super::halt::Halted;
use super::super::health::Errand;
use super::super::rules::{SmsRules, usable};
use super::super::session::Failure;
use super::super::session::attempt::{Attempt, Attempted, Intent};
use super::super::stages::unplaced_entry;
use super::Dispatch;
use super::flight::Flight;
use super::job::{After, Hours, Job};

/// A contact that is being created.
struct Creating<'t, 'd, L> {
    dispatch: &'t Dispatch<'d, L>,
    job: &'t mut Job,
    flight: &'t Flight<'t>,
    body: Vec<u8>,
}

impl<L: Ledger> Attempt for Creating<'_, '_, L> {
    type Answer = Option<String>;

    fn errand(&self) -> Errand {
        Errand::Ordinary(Step::Contact)
    }

    fn departures(&self) -> u32 {
        self.job.contact.left
    }

    async fn intend(&mut self) -> Result<Intent, Halted> {
        // The turn may have been long in coming.
        if !self.dispatch.in_time(self.job).await? {
            return Ok(Intent::Dropped);
        }
        crash::at(Point::ContactBeforeIntent);
        self.body = self.dispatch.intend_contact(self.job).await?;
        crash::at(Point::ContactAfterIntent);
        Ok(Intent::Stands(self.job.contact_history()))
    }

    fn is_due(&self) -> bool {
        let may_leave = !self.job.is_repeat() || self.dispatch.repeats(self.job);
        may_leave && self.job.dispatch_at() > self.dispatch.session.clock.now()
    }

    async fn departs(&mut self, exit: Exit) -> Result<(), Halted> {
        self.dispatch.departs(self.job, Step::Contact, exit).await
    }

    async fn ask(&mut self, credential: &SecretString) -> Result<Answered<Option<String>>, Halted> {
        let session = self.dispatch.session;
        let answer = session.platform.contacts.create(credential, &self.body);
        let answered = crash::awaiting(Point::ContactBytesLeft, answer).await;
        self.flight.land();
        crash::at(Point::ContactAfterAnswer);
        Ok(session.newly_made(answered))
    }
}

impl<L: Ledger> Dispatch<'_, L> {
    /// One attempt to create the contact of a job: in time, with a token, at its turn, written down before
    /// it leaves.
    pub(super) async fn contact(&self, job: &mut Job, flight: &Flight<'_>) -> Result<After, Halted> {
        if !self.in_time(job).await? {
            return Ok(After::Ended);
        }
        let mut creating = Creating { dispatch: self, job, flight, body: Vec::new() };
        let after = match self.session.attempt(&mut creating).await? {
            Attempted::Dropped => return Ok(After::Ended),
            Attempted::Held => return Ok(After::Ready),
            Attempted::Judged(Ok(id)) => self.contact_created(job, id).await.map(|()| After::Ready),
            Attempted::Judged(Err(failure)) => self.contact_failed(job, failure).await,
        };
        crash::at(Point::ContactAfterOutcome);
        after
    }

    /// Sees to it that the dispatch time is not too near: a callback that was never carried out is placed
    /// again, and goes on with its turn (to wait for another one would cost each of many that are behind a
    /// write, and none would ever leave); one that may have been keeps its time for ever. False where nothing is left
    /// to do.
    async fn in_time(&self, job: &mut Job) -> Result<bool, Halted> {
        let now = self.session.clock.now();
        let ahead = job.dispatch_at().since(now);
        let not_created = matches!(job.standing.progress, Progress::Pending | Progress::ContactOwed);
        if not_created && job.hours == Hours::Unasked {
            return if ahead > 0 { self.within_horizon(job, ahead).await } else { self.leave_late(job).await };
        }
        if !not_created {
            return self.may_repeat(job, ahead).await;
        }
        if ahead >= self.margin() {
            return self.within_horizon(job, ahead).await;
        }
        let earliest = now.plus(self.rules.lead_time);
        // Nothing is left of it where it ends before it begins.
        let left = usable(&job.callback, self.campaigns, earliest).unwrap_or(Interval { start: now, end: now });
        let placed = self.board.borrow_mut().place_again(job.callback.campaign, left, job.member);
        match placed {
            Ok(at) => {
                job.bodies = None;
                self.write(job, Entry::Placed(at)).await.map(|()| true)
            }
            Err(why) => self.write(job, too_late(&why)).await.map(|()| false),
        }
    }

    /// Seconds that a contact must leave before its dispatch time, where it can be placed again.
    fn margin(&self) -> i64 {
        i64::try_from(self.rules.limits.dispatch_margin.as_secs()).unwrap_or(i64::MAX)
    }

    /// Whether a contact may be asked for again that may have been created. Where it may not, a person decides.
    async fn may_repeat(&self, job: &mut Job, ahead: i64) -> Result<bool, Halted> {
        let words = if ahead <= 0 {
            "its dispatch time came before an answer did; nothing is sent again"
        } else if !self.repeats(job) {
            "no answer came while the platform still told a repeat from a new contact; nothing is sent again"
        } else {
            return Ok(true);
        };
        self.write(job, Entry::ContactDoubted(Code::ContactNoAnswer, words.into())).await.map(|()| false)
    }

    /// Whether the back end takes a repeat of this job's contact for what it is.
    fn repeats(&self, job: &Job) -> bool {
        self.rules.contact.abilities.repeat.allows(job.contact.lasted())
    }

    /// Leaves a contact that lies further ahead than the platform takes it. False where it was left.
    async fn within_horizon(&self, job: &mut Job, ahead: i64) -> Result<bool, Halted> {
        let horizon = self.rules.contact.abilities.horizon;
        let Some(days) = horizon.filter(|horizon| u64::try_from(ahead).is_ok_and(|ahead| ahead > horizon.as_secs()))
        else {
            return Ok(true);
        };
        let words = format!(
            "the platform takes contacts {} h ahead at most; a later run creates this one",
            days.as_secs() / 3600
        );
        self.write(job, Entry::Left(Code::PlatformUnavailable, words)).await.map(|()| false)
    }

    /// A callback that was to be created for its old time, which has come: the next run asks for other hours.
    async fn leave_late(&self, job: &mut Job) -> Result<bool, Halted> {
        let words = "its dispatch time came first; the next run places it anew";
        self.write(job, Entry::Left(Code::RunLate, words.into())).await.map(|()| false)
    }

    /// Writes down that the request leaves next, and gives its bytes: those of the first time, where that may have been
    /// carried out. A contact that is owed does not exist, so that it gets bytes for the ledger's dispatch time.
    async fn intend_contact(&self, job: &mut Job) -> Result<Vec<u8>, Halted> {
        let sent_before = !matches!(job.standing.progress, Progress::Pending | Progress::ContactOwed);
        if sent_before && job.bodies.is_none() {
            job.bodies = self.session.ledger.bodies(job.id).await.map_err(|error| self.session.lost(&error))?;
        }
        // A text may have been made where the contact's bytes are not known.
        let known = job.bodies.take().filter(|bodies| !bodies.contact.is_empty());
        let new = known.is_none();
        let bodies = known.unwrap_or_else(|| self.bodies(job));
        let body = bodies.contact.clone();
        let kept = new.then(|| Box::new(bodies.clone()));
        job.bodies = Some(bodies);
        self.write(job, Entry::ContactIntended(kept)).await?;
        Ok(body)
    }

    /// The contact is there, and this ledger created it.
    async fn contact_created(&self, job: &mut Job, id: Option<String>) -> Result<(), Halted> {
        let id = id.unwrap_or_else(|| job.id.to_string());
        self.write(job, Entry::ContactCreated(id)).await
    }

    async fn contact_failed(&self, job: &mut Job, failure: Failure) -> Result<After, Halted> {
        let words = failure.trouble.describe();
        match failure.next.request {
            RequestState::Done => {
                let id = if let Trouble::Existed { id, .. } = failure.trouble { id } else { None };
                self.contact_created(job, id).await.map(|()| After::Ready)
            }
            RequestState::Existed => self.end(job, Entry::ContactExisted(words)).await,
            RequestState::Refused => self.end(job, Entry::ContactFailed(Code::PlatformRefused, words)).await,
            RequestState::InDoubt => self.end(job, Entry::ContactDoubted(Code::ContactNoAnswer, words)).await,
            RequestState::NotDone => {
                self.write(job, Entry::ContactTurnedAway).await?;
                self.again(job, Step::Contact, failure.next.run, words).await
            }
            RequestState::MaybeDone => {
                self.write(job, Entry::ContactUnanswered).await?;
                self.again(job, Step::Contact, failure.next.run, words).await
            }
        }
    }

    /// The bytes of both requests of a job.
    pub(super) fn bodies(&self, job: &Job) -> Bodies {
        let (id, callback, dispatch_at) = (job.id, &job.callback, job.dispatch_at());
        let campaign = self.campaign(callback);
        let language = self.language(callback);
        let request = ContactRequest {
            id,
            campaign: &campaign.name,
            phone: callback.phone,
            dispatch_at,
            window: callback.window(),
            language: language.as_str(),
            retry_count: self.rules.contact.retry_count,
            retry_interval: &self.rules.contact.retry_interval,
        };
        let contact = self.session.platform.contacts.body(&request);
        let text = match &self.rules.sms {
            SmsRules::Off => None,
            SmsRules::On { texter, .. } => {
                let zone = self.zone(callback);
                let message = texter.write(&language, &Appointment { id, at: dispatch_at, zone: &zone });
                let request = TextRequest { to: callback.phone, from: &campaign.rules.sms_from, message: &message };
                Some(self.session.platform.texts.body(&request))
            }
        };
        Bodies { contact, text }
    }
}

/// What is written down of a callback that missed its time and has no other. Hours that could not be read are
/// not hours that are over.
fn too_late(why: &Unplaced) -> Entry {
    let is_over = matches!(why.code, Code::ForecastEmpty | Code::ForecastNoAgents);
    if is_over { Entry::Expired(Code::RunLate, String::new()) } else { unplaced_entry(why) }
}
