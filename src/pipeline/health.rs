//! How the platform does: the circuits over all requests and over texts, and for how long nothing has succeeded.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::reply::Step;
use crate::logic::circuit::{Circuit, Health as Answer, Tolerance};

use super::patience::Patience;

/// How the platform does.
#[derive(Debug)]
pub struct Health {
    all: Line,
    texts: Line,
    /// For how long nothing has succeeded.
    pub patience: Patience,
}

/// What may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Anything.
    Open,
    /// One probe.
    ProbeDue,
    /// One request, where no other is under way.
    Trial,
    /// Nothing before this instant; `None` while a probe is out.
    Shut(Option<Instant>),
}

/// On what errand a request leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// For its own sake.
    Ordinary(Step),
    /// To find out how the platform does.
    Probe(Step),
}

impl Errand {
    /// The kind of request.
    pub fn step(self) -> Step {
        let (Self::Ordinary(step) | Self::Probe(step)) = self;
        step
    }
}

impl Health {
    /// A platform in good health, which is borne with for so long where nothing succeeds.
    #[must_use]
    pub fn new(give_up_after: Duration) -> Self {
        let all = Words {
            opens: "the platform is in trouble: requests are held back until a test request is answered",
            closes: "the platform answers again",
        };
        let texts = Words {
            opens: "texts are in trouble: they are held back until a test request is answered; contacts go on",
            closes: "the platform answers for texts again",
        };
        let patience = Patience::new(give_up_after);
        Self { all: Line::new(Tolerance::ALL, all), texts: Line::new(Tolerance::TEXTS, texts), patience }
    }

    /// What may be sent now, by all that is known of all requests.
    pub fn door(&self) -> Door {
        self.all.door()
    }

    /// What may be sent of texts, where [`Health::door`] is open.
    pub fn texts_door(&self) -> Door {
        self.texts.door()
    }

    /// Whether a request may leave, now that its turn has come.
    pub fn lets_pass(&self, errand: Errand) -> bool {
        match errand {
            Errand::Probe(_) | Errand::Ordinary(Step::Token) => true,
            Errand::Ordinary(Step::Text) => !self.all.is_open() && !self.texts.is_open(),
            Errand::Ordinary(Step::Forecast | Step::Contact) => !self.all.is_open(),
        }
    }

    /// Notes that a probe sets out: what comes of it is told to each circuit that it was sent for.
    pub fn probe_sets_out(&self, step: Step) {
        let is_for_texts = step == Step::Text && !self.texts.is_closed();
        self.texts.probe_is_out.set(is_for_texts);
        self.all.probe_is_out.set(self.all.is_open() || !is_for_texts);
    }

    /// Notes that the probe is back, whether or not it had to send anything.
    pub fn probe_is_back(&self) {
        self.all.probe_is_out.set(false);
        self.texts.probe_is_out.set(false);
    }

    /// Notes an answer that shows that somebody is there.
    pub fn went_well(&self, errand: Errand) {
        let answer = match errand {
            Errand::Probe(_) | Errand::Ordinary(Step::Token) => Answer::Answered,
            Errand::Ordinary(step @ (Step::Forecast | Step::Contact | Step::Text)) => {
                self.patience.succeeded(step);
                Answer::Well
            }
        };
        if errand == Errand::Ordinary(Step::Token) {
            self.patience.succeeded(Step::Token);
        }
        self.all.heard(answer);
        if errand.step() == Step::Text {
            self.texts.heard(answer);
        }
    }

    /// Notes trouble. `first_wait` is how long the first probe waits if this is what opens a circuit.
    pub fn met_trouble(&self, errand: Errand, first_wait: Duration) {
        self.all.met_trouble(errand, first_wait);
        if errand.step() == Step::Text {
            self.texts.met_trouble(errand, first_wait);
        }
    }
}

/// A circuit, and when its next probe is due.
#[derive(Debug)]
struct Line {
    tolerance: Tolerance,
    words: Words,
    circuit: Cell<Circuit>,
    /// The wait before the first probe, drawn when the circuit opened.
    first_wait: Cell<Duration>,
    probe_at: Cell<Option<Instant>>,
    probe_is_out: Cell<bool>,
}

/// What a person is told.
#[derive(Debug)]
struct Words {
    opens: &'static str,
    closes: &'static str,
}

impl Line {
    fn new(tolerance: Tolerance, words: Words) -> Self {
        let (circuit, first_wait) = (Cell::default(), Cell::default());
        Self { tolerance, words, circuit, first_wait, probe_at: Cell::default(), probe_is_out: Cell::default() }
    }

    fn is_open(&self) -> bool {
        self.circuit.get().is_open()
    }

    fn is_closed(&self) -> bool {
        matches!(self.circuit.get(), Circuit::Closed { .. })
    }

    fn door(&self) -> Door {
        match (self.circuit.get(), self.probe_at.get()) {
            (Circuit::Closed { .. }, _) => Door::Open,
            _ if self.probe_is_out.get() => Door::Shut(None),
            (Circuit::Trial { .. }, _) => Door::Trial,
            (Circuit::Open { .. }, Some(at)) if Instant::now() < at => Door::Shut(Some(at)),
            (Circuit::Open { .. }, _) => Door::ProbeDue,
        }
    }

    fn heard(&self, answer: Answer) {
        if self.is_open() {
            tracing::warn!("{}", self.words.closes);
        }
        self.circuit.set(self.circuit.get().after(answer, self.tolerance));
    }

    fn met_trouble(&self, errand: Errand, first_wait: Duration) {
        let before = self.circuit.get();
        // A request that was in flight when the circuit opened tells nothing new, nor does a probe of another one.
        let tells = match before {
            Circuit::Open { .. } => self.probe_is_out.get(),
            Circuit::Closed { .. } | Circuit::Trial { .. } => matches!(errand, Errand::Ordinary(_)),
        };
        if !tells {
            return;
        }
        let now = before.after(Answer::Trouble, self.tolerance);
        if now.is_open() && !before.is_open() {
            tracing::warn!("{}", self.words.opens);
            if self.is_closed() {
                self.first_wait.set(first_wait);
            }
        }
        self.circuit.set(now);
        let wait = now.probe_wait(self.first_wait.get(), self.tolerance);
        self.probe_at.set(wait.map(|wait| Instant::now() + wait));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(7);
    const CONTACT: Errand = Errand::Ordinary(Step::Contact);
    const TEXT: Errand = Errand::Ordinary(Step::Text);

    /// So many troubles, one after the other.
    fn after_troubles(errand: Errand, troubles: usize) -> Health {
        let health = Health::new(Duration::from_mins(10));
        for _ in 0..troubles {
            health.met_trouble(errand, FIRST);
        }
        health
    }

    fn probe(health: &Health, step: Step, answers: bool) {
        health.probe_sets_out(step);
        let errand = Errand::Probe(step);
        if answers {
            health.went_well(errand);
        } else {
            health.met_trouble(errand, FIRST);
        }
        health.probe_is_back();
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_in_flight_when_it_opened_does_not_put_the_first_probe_off() {
        for troubles in [20, 35] {
            let health = after_troubles(CONTACT, troubles);
            assert_eq!(health.door(), Door::Shut(Some(Instant::now() + FIRST)), "{troubles}");
            tokio::time::sleep(FIRST).await;
            assert_eq!(health.door(), Door::ProbeDue);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_and_each_that_meets_trouble_doubles_the_wait() {
        let health = after_troubles(CONTACT, 20);
        assert!(health.lets_pass(Errand::Probe(Step::Contact)) && !health.lets_pass(CONTACT));
        health.probe_sets_out(Step::Contact);
        assert_eq!(health.door(), Door::Shut(None));
        health.probe_is_back();
        probe(&health, Step::Contact, false);
        assert_eq!(health.door(), Door::Shut(Some(Instant::now() + FIRST * 2)));
        probe(&health, Step::Contact, true);
        assert_eq!((health.door(), health.lets_pass(CONTACT)), (Door::Trial, true));
        health.went_well(CONTACT);
        assert_eq!(health.door(), Door::Open);
    }

    /// The platform comes back, and its texts do not: probes for texts are no reason to keep contacts waiting.
    #[tokio::test(start_paused = true)]
    async fn a_text_probe_that_fails_while_all_is_on_trial_puts_the_next_one_off() {
        let health = after_troubles(TEXT, 20);
        tokio::time::sleep(FIRST).await;
        probe(&health, Step::Contact, true);
        assert_eq!((health.door(), health.texts_door()), (Door::Trial, Door::ProbeDue));
        probe(&health, Step::Text, false);
        assert_eq!(health.door(), Door::Trial);
        assert!(matches!(health.texts_door(), Door::Shut(Some(_))), "{:?}", health.texts_door());
    }

    #[tokio::test(start_paused = true)]
    async fn three_texts_in_trouble_hold_texts_back_and_nothing_else() {
        assert_eq!(after_troubles(TEXT, 2).texts_door(), Door::Open);
        let health = after_troubles(TEXT, 3);
        assert_eq!((health.door(), health.texts_door()), (Door::Open, Door::Shut(Some(Instant::now() + FIRST))));
        assert!(!health.lets_pass(TEXT) && health.lets_pass(CONTACT));
        health.went_well(CONTACT);
        assert_eq!(health.texts_door(), Door::Shut(Some(Instant::now() + FIRST)), "contacts say nothing of texts");
        probe(&health, Step::Text, false);
        assert_eq!((health.door(), health.texts_door()), (Door::Open, Door::Shut(Some(Instant::now() + FIRST * 2))));
        probe(&health, Step::Text, true);
        assert_eq!(health.texts_door(), Door::Trial);
        health.went_well(TEXT);
        assert_eq!(health.texts_door(), Door::Open);
    }

    /// Where an empty request is refused at the door, and what holds something is lost behind it.
    #[tokio::test(start_paused = true)]
    async fn an_answered_probe_is_no_success_and_a_trial_that_fails_waits_longer_each_time() {
        let health = after_troubles(TEXT, 3);
        assert_eq!(health.patience.is_over_after(Step::Text), None);
        let given_up_at = health.patience.texts_given_up_at();
        tokio::time::sleep(FIRST).await;
        for times in [2, 4, 8, 16] {
            probe(&health, Step::Text, true);
            health.met_trouble(TEXT, FIRST);
            assert_eq!(health.texts_door(), Door::Shut(Some(Instant::now() + FIRST * times)));
        }
        assert_eq!(health.patience.texts_given_up_at(), given_up_at);
        assert!(given_up_at.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_lets_one_request_go_on_trial() {
        let health = after_troubles(CONTACT, 20);
        health.went_well(Errand::Ordinary(Step::Token));
        assert_eq!(health.door(), Door::Trial);
    }
}
