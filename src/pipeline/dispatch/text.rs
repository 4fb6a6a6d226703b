//! One attempt to send a confirmation.

use secrecy::SecretString;

use crate::domain::code::Code;
use crate::domain::entry::{Bodies, Entry};
use crate::domain::progress::Progress;
use crate::domain::reply::{Answered, Step};
use crate::io::crash::{self, Point};
use crate::io::ledger::Ledger;
use crate::logic::retry::{RequestState, RunEffect};

use super::super::gate::Exit;
use super::super::halt::Halted;
use super::super::health::Errand;
use super::super::rules::SmsRules;
use super::super::session::Failure;
use super::super::session::attempt::{Attempt, Attempted, Intent};
use super::Dispatch;
use super::flight::Flight;
use super::job::{After, Job, Wording};

/// A text that is being sent.
struct Sending<'t, 'd, L> {
    dispatch: &'t Dispatch<'d, L>,
    job: &'t mut Job,
    flight: &'t Flight<'t>,
    body: Vec<u8>,
}

impl<L: Ledger> Attempt for Sending<'_, '_, L> {
    type Answer = Option<String>;

    fn errand(&self) -> Errand {
        Errand::Ordinary(Step::Text)
    }

    fn departures(&self) -> u32 {
        self.job.text.left
    }

    async fn intend(&mut self) -> Result<Intent, Halted> {
        if let Leave::No = self.dispatch.may_text(self.job).await? {
            return Ok(Intent::Dropped);
        }
        crash::at(Point::TextBeforeIntent);
        self.dispatch.write(self.job, Entry::TextIntended).await?;
        crash::at(Point::TextAfterIntent);
        Ok(Intent::Stands(self.job.text_history()))
    }

    fn is_due(&self) -> bool {
        !self.dispatch.needs_no_request(self.job)
    }

    async fn departs(&mut self, exit: Exit) -> Result<(), Halted> {
        self.dispatch.departs(self.job, Step::Text, exit).await
    }

    async fn ask(&mut self, credential: &SecretString) -> Result<Answered<Option<String>>, Halted> {
        let answer = self.dispatch.session.platform.texts.send(credential, &self.body);
        let answered = crash::awaiting(Point::TextBytesLeft, answer).await;
        self.flight.land();
        crash::at(Point::TextAfterAnswer);
        Ok(answered)
    }
}

/// Whether a text may leave now.
enum Leave {
    Now,
    /// It has been written down why not.
    No,
}

/// What becomes of a text that may not leave now.
enum Instead {
    /// It is not sent at all, for this reason.
    Dropped(Code),
    /// It waits for texting hours.
    Deferred,
}

impl<L: Ledger> Dispatch<'_, L> {
    /// One attempt to send the text of a job whose contact is there.
    pub(super) async fn text(&self, job: &mut Job, flight: &Flight<'_>) -> Result<After, Halted> {
        if let Leave::No = self.may_text(job).await? {
            return Ok(After::Ended);
        }
        let Some(body) = self.text_body(job).await? else {
            return self.end(job, Entry::TextDropped(Code::SmsDisabled)).await;
        };
        let mut sending = Sending { dispatch: self, job, flight, body };
        let after = match self.session.attempt(&mut sending).await? {
            Attempted::Dropped => return Ok(After::Ended),
            Attempted::Held => return Ok(After::Ready),
            Attempted::Judged(Ok(session_id)) => self.end(job, Entry::TextAccepted(session_id)).await,
            Attempted::Judged(Err(failure)) => self.text_failed(job, failure).await,
        };
        crash::at(Point::TextAfterOutcome);
        after
    }

    /// The bytes of the text, as they were fixed with the contact's, or made anew where those were refused or the
    /// contact was sent by a ledger that is lost; `None` where texts were off then.
    async fn text_body(&self, job: &mut Job) -> Result<Option<Vec<u8>>, Halted> {
        if job.bodies.is_none() {
            job.bodies = self.session.ledger.bodies(job.id).map_err(|error| self.session.lost(&error))?;
        }
        if let (Some(stored), Wording::Stored) = (&job.bodies, job.wording) {
            return Ok(stored.text.clone());
        }
        job.wording = Wording::Stored;
        let remade = self.bodies(job).text;
        if let Some(text) = &remade {
            let contact = job.bodies.take().map_or_else(Vec::new, |bodies| bodies.contact);
            job.bodies = Some(Bodies { contact, text: remade.clone() });
            self.write(job, Entry::TextRemade(text.clone().into())).await?;
        }
        Ok(remade)
    }

    /// Whether a text needs no request now: it is dropped, or waits for its hours.
    pub(super) fn needs_no_request(&self, job: &Job) -> bool {
        self.instead(job).is_some()
    }

    /// What becomes of a text by the settings, the dispatch time and the texting hours; `None` where it may leave.
    fn instead(&self, job: &Job) -> Option<Instead> {
        let SmsRules::On { hours, .. } = &self.rules.sms else { return Some(Instead::Dropped(Code::SmsDisabled)) };
        let (now, dispatch_at) = (self.session.clock.now(), job.dispatch_at());
        let zone = self.zone(&job.callback);
        if dispatch_at <= now {
            return Some(Instead::Dropped(Code::SmsTooLate));
        }
        if hours.is_open(now, &zone) {
            return None;
        }
        let comes_too_late = dispatch_at <= hours.next_open(now, &zone);
        Some(if comes_too_late { Instead::Dropped(Code::SmsTooLate) } else { Instead::Deferred })
    }

    /// Looks at the settings, the dispatch time and the texting hours.
    async fn may_text(&self, job: &mut Job) -> Result<Leave, Halted> {
        match self.instead(job) {
            None => Ok(Leave::Now),
            Some(Instead::Dropped(why)) => self.no_text(job, why).await,
            Some(Instead::Deferred) => {
                // What waits already is not told again, and a second text waits for its hours like a first one.
                if job.standing.progress == Progress::Contacted {
                    self.write(job, Entry::TextDeferred).await?;
                }
                Ok(Leave::No)
            }
        }
    }

    /// Ends a job without a text. One that may have gone out stays in doubt.
    async fn no_text(&self, job: &mut Job, why: Code) -> Result<Leave, Halted> {
        let may_be_out = matches!(job.standing.progress, Progress::TextOpen | Progress::TextInFlight { .. });
        let entry = if may_be_out {
            Entry::TextDoubted(Code::SmsNoAnswer, "a text left, and no answer came".into())
        } else {
            Entry::TextDropped(why)
        };
        self.write(job, entry).await.map(|()| Leave::No)
    }

    async fn text_failed(&self, job: &mut Job, failure: Failure) -> Result<After, Halted> {
        let words = failure.trouble.describe();
        match failure.next.request {
            RequestState::Done => self.end(job, Entry::TextAccepted(None)).await,
            RequestState::Refused => self.end(job, Entry::TextFailed(words)).await,
            RequestState::InDoubt | RequestState::Existed => {
                self.end(job, Entry::TextDoubted(Code::SmsNoAnswer, words)).await
            }
            RequestState::NotDone => {
                self.write(job, Entry::TextTurnedAway).await?;
                self.again(job, Step::Text, failure.next.run, words).await
            }
            RequestState::MaybeDone => {
                self.write(job, Entry::TextUnanswered).await?;
                // A customer may have been texted: that is an attempt, whatever else the answer asks for.
                self.again(job, Step::Text, RunEffect::None, words).await
            }
        }
    }
}
