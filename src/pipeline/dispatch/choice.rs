//! What the dispatch does next: a contact, a text, a probe, or nothing for a while. Decides by values alone.

use tokio::time::Instant;

use crate::domain::reply::Step;
use crate::pipeline::health::Door;

/// What the choice depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) now: Instant,
    /// What may be sent.
    pub(super) door: Door,
    /// What may be sent of texts, where that is open.
    pub(super) texts_door: Door,
    /// When the first contact, and the first text, can go on; `None` where there is none.
    pub(super) contacts_at: Option<Instant>,
    pub(super) texts_at: Option<Instant>,
    pub(super) under_way: UnderWay,
}

/// How many steps are under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct UnderWay {
    pub(super) all: usize,
    pub(super) texts: usize,
}

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The ready contact with the earliest dispatch time.
    Contact,
    /// The ready text with the earliest dispatch time.
    Text,
    /// Whichever of the two is earlier.
    Earliest,
    /// A probe of this step.
    Probe(Step),
    /// Nothing before this instant; `None` where what is under way decides, or nothing is left.
    Wait(Option<Instant>),
}

impl UnderWay {
    /// Notes that a step begins.
    pub(super) fn begins(&mut self, step: Step) {
        self.all += 1;
        self.texts += usize::from(step == Step::Text);
    }

    /// Notes that a step is over.
    pub(super) fn ends(&mut self, step: Step) {
        self.all -= 1;
        self.texts -= usize::from(step == Step::Text);
    }
}

impl View {
    /// What is done next.
    pub(super) fn choose(&self) -> Choice {
        let (contact, text) = (self.is_ready(self.contacts_at), self.is_ready(self.texts_at));
        match self.door {
            Door::Shut(_) | Door::ProbeDue | Door::Trial if self.under_way.all > 0 => Choice::Wait(None),
            Door::Shut(at) => Choice::Wait(self.first_at().zip(at).map(|(first, at)| first.max(at))),
            Door::ProbeDue if contact => Choice::Probe(Step::Contact),
            Door::ProbeDue if text => Choice::Probe(Step::Text),
            Door::ProbeDue => Choice::Wait(self.first_at()),
            // A contact on trial tells more than a probe for texts.
            Door::Trial if contact && self.texts_door == Door::ProbeDue => Choice::Contact,
            Door::Trial | Door::Open => self.choose_in_the_open(contact, text),
        }
    }

    /// What is done where the platform as a whole may be asked.
    fn choose_in_the_open(&self, contact: bool, text: bool) -> Choice {
        let none_under_way = self.under_way.texts == 0;
        let (may_text, texts_at) = match self.texts_door {
            Door::ProbeDue if none_under_way && text => return Choice::Probe(Step::Text),
            Door::Open => (true, self.texts_at),
            Door::Trial if none_under_way => (true, self.texts_at),
            Door::ProbeDue if none_under_way => (false, self.texts_at),
            Door::Shut(at) => (false, self.texts_at.zip(at).map(|(texts, at)| texts.max(at))),
            Door::Trial | Door::ProbeDue => (false, None),
        };
        match (contact, text && may_text) {
            (true, true) => Choice::Earliest,
            (true, false) => Choice::Contact,
            (false, true) => Choice::Text,
            (false, false) => Choice::Wait([self.contacts_at, texts_at].into_iter().flatten().min()),
        }
    }

    fn is_ready(&self, at: Option<Instant>) -> bool {
        at.is_some_and(|at| at <= self.now)
    }

    fn first_at(&self) -> Option<Instant> {
        [self.contacts_at, self.texts_at].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NONE: UnderWay = UnderWay { all: 0, texts: 0 };

    /// In a second, and in two.
    fn view() -> (View, Instant, Instant) {
        let now = Instant::now();
        let (door, texts_door) = (Door::Open, Door::Open);
        let view = View { now, door, texts_door, contacts_at: Some(now), texts_at: Some(now), under_way: NONE };
        (view, now + Duration::from_secs(1), now + Duration::from_secs(2))
    }

    #[track_caller]
    fn check(view: View, choice: Choice) {
        assert_eq!(view.choose(), choice, "{view:?}");
    }

    #[test]
    fn a_contact_goes_on_trial_before_texts_are_probed() {
        let (view, ..) = view();
        let on_trial = View { door: Door::Trial, texts_door: Door::ProbeDue, ..view };
        check(on_trial, Choice::Contact);
        check(View { contacts_at: None, ..on_trial }, Choice::Probe(Step::Text));
    }

    #[test]
    fn with_an_open_door_whatever_is_ready_goes_on() {
        let (view, soon, later) = view();
        check(view, Choice::Earliest);
        check(View { texts_at: None, ..view }, Choice::Contact);
        check(View { contacts_at: Some(soon), ..view }, Choice::Text);
        check(View { contacts_at: Some(later), texts_at: Some(soon), ..view }, Choice::Wait(Some(soon)));
        check(View { contacts_at: None, texts_at: None, ..view }, Choice::Wait(None));
    }

    #[test]
    fn with_a_shut_door_a_probe_alone_leaves_and_only_where_something_is_left_to_do() {
        let (view, soon, later) = view();
        let view = View { door: Door::ProbeDue, ..view };
        check(view, Choice::Probe(Step::Contact));
        check(View { contacts_at: Some(soon), ..view }, Choice::Probe(Step::Text));
        check(View { contacts_at: Some(soon), texts_at: Some(later), ..view }, Choice::Wait(Some(soon)));
        check(View { under_way: UnderWay { all: 1, texts: 0 }, ..view }, Choice::Wait(None));
        let view = View { door: Door::Shut(Some(soon)), ..view };
        check(view, Choice::Wait(Some(soon)));
        check(View { contacts_at: Some(later), texts_at: None, ..view }, Choice::Wait(Some(later)));
        check(View { contacts_at: None, texts_at: None, ..view }, Choice::Wait(None));
        let view = View { door: Door::Trial, ..view };
        check(view, Choice::Earliest);
        check(View { under_way: UnderWay { all: 1, texts: 0 }, ..view }, Choice::Wait(None));
    }

    #[test]
    fn while_texts_are_held_back_contacts_go_on_and_a_probe_goes_before_them() {
        let (view, soon, later) = view();
        let held = View { texts_door: Door::Shut(Some(later)), ..view };
        check(held, Choice::Contact);
        check(View { contacts_at: Some(soon), ..held }, Choice::Wait(Some(soon)));
        check(View { contacts_at: None, ..held }, Choice::Wait(Some(later)));
        let busy = UnderWay { all: 3, texts: 1 };
        for texts_door in [Door::ProbeDue, Door::Trial, Door::Shut(None)] {
            check(View { texts_door, under_way: busy, ..view }, Choice::Contact);
            check(View { texts_door, under_way: busy, contacts_at: None, ..view }, Choice::Wait(None));
        }
        check(View { texts_door: Door::ProbeDue, ..view }, Choice::Probe(Step::Text));
        check(View { texts_door: Door::ProbeDue, texts_at: Some(soon), ..view }, Choice::Contact);
        check(View { texts_door: Door::Trial, ..view }, Choice::Earliest);
        check(View { texts_door: Door::ProbeDue, texts_at: None, contacts_at: None, ..view }, Choice::Wait(None));
    }
}
