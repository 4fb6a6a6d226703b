//! One attempt to create a contact.

use crate::domain::code::Code;
use crate::domain::entry::{Bodies, Entry};
use crate::domain::progress::{Earlier, Progress};
use crate::domain::reply::{Made, Step};
use crate::domain::time::Interval;
use crate::io::crash::{self, Point};
use crate::io::ledger::Ledger;
use crate::io::platform::{ContactRequest, Platform, TextRequest};
use crate::logic::place::Unplaced;
use crate::logic::retry::RequestState;
use crate::logic::text::texter::Appointment;

use super::super::gate::Exit;
use super::super::halt::Halted;
use super::super::health::Errand;
use super::super::rules::{SmsRules, usable};
use super::super::session::Failure;
use super::super::stages::unplaced_entry;
use super::Dispatch;
use super::flight::Flight;
use super::job::{After, Hours, Job};

impl<P: Platform, L: Ledger> Dispatch<'_, P, L> {
    /// One attempt to create the contact of a job: in time, with a token, at its turn, written down before
    /// it leaves.
    pub(super) async fn contact(&self, job: &mut Job, flight: &Flight<'_>) -> Result<After, Halted> {
        if !self.in_time(job).await? {
            return Ok(After::Ended);
        }
        let Some(pass) = self.session.admitted(Errand::Ordinary(Step::Contact)).await? else { return Ok(After::Ready) };
        // The turn may have been long in coming.
        if !self.in_time(job).await? {
            return Ok(After::Ended);
        }
        crash::at(Point::ContactBeforeIntent);
        let body = self.intend_contact(job).await?;
        crash::at(Point::ContactAfterIntent);
        let again = job.standing.progress == Progress::ContactInFlightAgain;
        let earlier = if again { Earlier::Open } else { Earlier::None };
        if self.leaves(job, Step::Contact).await? == Exit::Held {
            return Ok(After::Ready);
        }
        let in_flight = self.session.in_flight(Step::Contact);
        let answer = self.session.platform.create_contact(&pass.token, &body);
        let reply = crash::awaiting(Point::ContactBytesLeft, answer).await;
        in_flight.land();
        flight.land();
        crash::at(Point::ContactAfterAnswer);
        let after = match self.session.judge(reply, &pass, Step::Contact, earlier).await {
            Ok(made) => self.contact_made(job, made, earlier).await,
            Err(failure) => self.contact_failed(job, failure).await,
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
            return if ahead > 0 { Ok(true) } else { self.leave_late(job).await };
        }
        if !not_created {
            if ahead > 0 {
                return Ok(true);
            }
            let words = "its dispatch time came before an answer did; nothing is sent again";
            self.write(job, Entry::ContactDoubted(Code::ContactNoAnswer, words.into())).await?;
            return Ok(false);
        }
        if ahead >= i64::try_from(self.rules.limits.dispatch_margin.as_secs()).unwrap_or(i64::MAX) {
            return Ok(true);
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

    /// The platform says that the contact is there: created now, or before this ledger.
    async fn contact_made(&self, job: &mut Job, made: Made, earlier: Earlier) -> Result<After, Halted> {
        if self.session.judge_made(made.status, earlier) == RequestState::Existed {
            let words = format!("HTTP {}, where a contact that is new is answered 201", made.status);
            return self.end(job, Entry::ContactExisted(words)).await;
        }
        let contact_id = made.id.unwrap_or_else(|| job.id.to_string());
        self.write(job, Entry::ContactCreated(contact_id)).await.map(|()| After::Ready)
    }

    async fn contact_failed(&self, job: &mut Job, failure: Failure) -> Result<After, Halted> {
        let words = failure.trouble.describe();
        match failure.next.request {
            RequestState::Done => {
                self.write(job, Entry::ContactCreated(job.id.to_string())).await?;
                Ok(After::Ready)
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
        let contact = self.session.platform.contact_body(&request);
        let text = match &self.rules.sms {
            SmsRules::Off => None,
            SmsRules::On { texter, .. } => {
                let zone = self.zone(callback);
                let message = texter.write(&language, &Appointment { id, at: dispatch_at, zone: &zone });
                let request = TextRequest { to: callback.phone, from: &campaign.rules.sms_from, message: &message };
                Some(self.session.platform.text_body(&request))
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
