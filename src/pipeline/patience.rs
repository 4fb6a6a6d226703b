//! For how long nothing has succeeded, by which a run decides when to stop waiting for the platform.
//!
//! Tokens have a clock of their own: a token alone does nothing for a customer, and what is done for customers
//! needs no new token each time. So have texts: contacts go on while texts are held back.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::reply::Step;

/// For how long nothing has succeeded, and how long that is borne.
#[derive(Debug)]
pub struct Patience {
    give_up_after: Duration,
    tokens: Since,
    /// All but tokens.
    work: Since,
    texts: Since,
    /// Whether the run has something to go on with where no further forecast comes.
    has_other_work: Cell<bool>,
}

/// The first trouble since the last success.
#[derive(Debug, Default)]
struct Since(Cell<Option<Instant>>);

impl Since {
    fn begun(&self) -> Instant {
        let begun = self.0.get().unwrap_or_else(Instant::now);
        self.0.set(Some(begun));
        begun
    }

    fn lasted(&self) -> Duration {
        self.0.get().map_or(Duration::ZERO, |begun| begun.elapsed())
    }

    fn clear(&self) {
        self.0.set(None);
    }
}

impl Patience {
    /// Nothing was in trouble yet; nothing but trouble is borne for so long.
    #[must_use]
    pub fn new(give_up_after: Duration) -> Self {
        let (tokens, work, texts) = (Since::default(), Since::default(), Since::default());
        Self { give_up_after, tokens, work, texts, has_other_work: Cell::new(false) }
    }

    /// Notes a success: something was done, or refused for what it holds.
    pub fn succeeded(&self, step: Step) {
        self.tokens.clear();
        match step {
            Step::Token => return,
            Step::Forecast => self.has_other_work(),
            Step::Contact => {}
            Step::Text => self.texts.clear(),
        }
        self.work.clear();
    }

    /// Notes trouble, and gives for how long nothing has succeeded where that is too long for the run to go on.
    /// Forecasts alone do not end a run that has something else to do.
    pub fn is_over_after(&self, step: Step) -> Option<Duration> {
        let since = if step == Step::Token { &self.tokens } else { &self.work };
        if step == Step::Text {
            self.texts.begun();
        }
        let lasted = since.begun().elapsed();
        let is_spared = step == Step::Forecast && self.has_other_work.get();
        (lasted >= self.give_up_after && !is_spared).then_some(lasted)
    }

    /// Notes that the run has something to go on with where no further forecast comes: hours that were had, or
    /// callbacks that need none.
    pub fn has_other_work(&self) {
        self.has_other_work.set(true);
    }

    /// Whether the forecasts that are still missing are given up, for the sake of what else there is to do.
    pub fn gives_up_forecasts(&self) -> bool {
        self.has_other_work.get() && self.work.lasted() >= self.give_up_after
    }

    /// Whether trouble that began then is borne no longer.
    pub fn gives_up(&self, since: Instant) -> bool {
        since.elapsed() >= self.give_up_after
    }

    /// When texts that are held back are given up, where nothing else is left to do.
    pub fn texts_given_up_at(&self) -> Option<Instant> {
        self.texts.0.get().map(|since| since + self.give_up_after)
    }

    /// Begins anew: the forecasts that could not be had are given up, and say nothing of contacts and texts.
    pub fn forget_forecasts(&self) {
        self.work.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn time_is_counted_from_the_first_trouble_after_a_success() {
        let patience = Patience::new(MINUTE);
        assert_eq!(patience.is_over_after(Step::Contact), None);
        sleep(MINUTE).await;
        assert_eq!(patience.is_over_after(Step::Text), Some(MINUTE), "no success of any kind");
        patience.succeeded(Step::Contact);
        assert_eq!(patience.is_over_after(Step::Text), None);
        assert_eq!(patience.texts_given_up_at(), Some(Instant::now() + MINUTE), "a contact is no text");
        patience.succeeded(Step::Text);
        assert_eq!(patience.texts_given_up_at(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_no_success_of_what_is_done_with_it() {
        let patience = Patience::new(MINUTE);
        assert_eq!((patience.is_over_after(Step::Contact), patience.is_over_after(Step::Token)), (None, None));
        sleep(MINUTE).await;
        patience.succeeded(Step::Token);
        assert_eq!(patience.is_over_after(Step::Contact), Some(MINUTE));
        assert_eq!(patience.is_over_after(Step::Token), None);
        sleep(MINUTE).await;
        assert_eq!(patience.is_over_after(Step::Token), Some(MINUTE), "trouble with contacts is none with tokens");
    }

    #[tokio::test(start_paused = true)]
    async fn forecasts_end_no_run_that_has_something_else_to_do() {
        let patience = Patience::new(MINUTE);
        assert_eq!(patience.is_over_after(Step::Forecast), None);
        sleep(MINUTE).await;
        assert_eq!((patience.is_over_after(Step::Forecast), patience.gives_up_forecasts()), (Some(MINUTE), false));
        patience.succeeded(Step::Forecast);
        assert_eq!(patience.is_over_after(Step::Forecast), None);
        sleep(MINUTE).await;
        assert_eq!((patience.is_over_after(Step::Forecast), patience.gives_up_forecasts()), (None, true));
        patience.forget_forecasts();
        assert_eq!((patience.is_over_after(Step::Contact), patience.gives_up_forecasts()), (None, false));
    }
}
