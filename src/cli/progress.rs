//! How far a run has come, for whoever looks: a bar on a terminal, elsewhere a line a minute.

use std::cell::RefCell;
use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::domain::code::Code;
use crate::pipeline::event::Event;
use crate::render::pace::Pace;

use super::args::{Color, Common};
use super::log;

/// Where nobody sees a bar, a line is told so often.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// How often the bar is drawn while nothing happens: a pause counts down.
const DRAWN_EVERY: Duration = Duration::from_millis(500);

/// The seconds over which requests are counted.
const COUNTED_SECONDS: usize = 60;

/// How far a run has come.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) bar: ProgressBar,
    seen: Shared,
    /// Tells a line a minute, for as long as it is there.
    teller: RefCell<Option<Sender<()>>>,
}

/// What was seen of a run, shared with who tells of it.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Seen>>);

impl Progress {
    /// A bar where somebody looks.
    pub(super) fn begin(common: &Common) -> Self {
        let is_seen = io::stderr().is_terminal() && !common.quiet && common.color != Color::Never;
        let target = if is_seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        Self { bar, seen: Shared::default(), teller: RefCell::default() }
    }

    /// Takes the bar away, and tells no more.
    pub(super) fn finish(&self) {
        self.teller.borrow_mut().take();
        self.bar.finish_and_clear();
    }

    /// Shows what happened.
    pub(super) fn show(&self, event: Event<'_>) {
        self.seen.now().notice(event, Instant::now());
        match event {
            Event::Read(rows) => {
                tracing::info!("{rows} rows read");
                self.begin_to_tell();
            }
            Event::TakenUp(callbacks) => {
                tracing::info!("{callbacks} unfinished callbacks taken up from the ledger");
                self.begin_to_tell();
            }
            Event::Planned(jobs) => {
                tracing::info!("{jobs} callbacks to be sent or finished");
                self.bar.set_style(self.style("{bar:30} {pos} of {len} callbacks, {pace}"));
                self.bar.set_length(jobs as u64);
            }
            Event::Left | Event::Held(_) => {}
            Event::Ended(job) => {
                self.bar.inc(1);
                let (callback_id, phone, progress) = (job.id, job.callback.phone, job.standing.progress.name());
                let code = job.standing.code.map_or("", Code::as_str);
                tracing::debug!(%callback_id, ?phone, progress, code, "nothing more in this run");
            }
        }
    }

    fn begin_to_tell(&self) {
        if self.bar.is_hidden() {
            let tell = |line: String| tracing::info!(target: log::PROGRESS, "{line}");
            *self.teller.borrow_mut() = tell_every(TOLD_EVERY, self.seen.clone(), tell);
            return;
        }
        self.bar.set_style(self.style("no callback is sent yet, {pace}"));
        self.bar.enable_steady_tick(DRAWN_EVERY);
    }

    fn style(&self, template: &str) -> ProgressStyle {
        let seen = self.seen.clone();
        let pace = move |_: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _ = text.write_str(&seen.now().pace(Instant::now()).brief());
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        style.with_key("pace", pace)
    }
}

/// Tells a line again and again, on a thread of its own, until what this gives is dropped: a run that waits must be told
/// of too.
fn tell_every(every: Duration, seen: Shared, tell: impl Fn(String) + Send + 'static) -> Option<Sender<()>> {
    let (still, over) = channel();
    let work = move || {
        while let Err(RecvTimeoutError::Timeout) = over.recv_timeout(every) {
            let line = seen.now().pace(Instant::now()).line();
            tell(line);
        }
    };
    std::thread::Builder::new().name("progress".into()).spawn(work).ok().map(|_| still)
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was seen of a run.
#[derive(Debug, Default)]
struct Seen {
    planned: Option<u64>,
    ended: u64,
    /// When the first could be sent.
    since: Option<Instant>,
    held_until: Option<Instant>,
    requests: Recent,
}

impl Seen {
    fn notice(&mut self, event: Event<'_>, now: Instant) {
        match event {
            Event::Read(_) | Event::TakenUp(_) => {}
            Event::Planned(jobs) => {
                self.planned = Some(jobs as u64);
                self.since = Some(now);
            }
            Event::Left => self.requests.add(now),
            // A century is as good as for ever, and can be added to an instant.
            Event::Held(hold) => {
                self.held_until = self.held_until.max(Some(now + hold.min(Duration::from_hours(876_000))));
            }
            Event::Ended(_) => self.ended += 1,
        }
    }

    fn pace(&mut self, now: Instant) -> Pace {
        let held = self.held_until.and_then(|until| until.checked_duration_since(now)).filter(|held| !held.is_zero());
        Pace {
            ended: self.ended,
            planned: self.planned,
            requests_per_minute: self.requests.per_minute(now),
            elapsed: self.since.map_or(Duration::ZERO, |since| now - since),
            held,
        }
    }
}

/// Requests of the last minute, by the second in which they left.
#[derive(Debug)]
struct Recent {
    begun: Option<Instant>,
    by_second: [(u64, u32); COUNTED_SECONDS],
}

impl Default for Recent {
    fn default() -> Self {
        Self { begun: None, by_second: [(0, 0); COUNTED_SECONDS] }
    }
}

impl Recent {
    /// The second in which an instant lies, 0 for the first.
    fn second(&mut self, at: Instant) -> u64 {
        at.saturating_duration_since(*self.begun.get_or_insert(at)).as_secs()
    }

    fn add(&mut self, at: Instant) {
        let second = self.second(at);
        let place = &mut self.by_second[usize::try_from(second).unwrap_or(0) % COUNTED_SECONDS];
        *place = if place.0 == second { (second, place.1 + 1) } else { (second, 1) };
    }

    fn per_minute(&mut self, now: Instant) -> f64 {
        let Some(begun) = self.begun else { return 0.0 };
        let second = self.second(now);
        let recent = self.by_second.iter().filter(|(of, _)| of + COUNTED_SECONDS as u64 > second);
        let count: u32 = recent.map(|(_, count)| count).sum();
        let over = now.saturating_duration_since(begun).as_secs_f64().clamp(1.0, 60.0);
        f64::from(count) * 60.0 / over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_over_the_last_minute() {
        let (begun, mut recent) = (Instant::now(), Recent::default());
        let check = |recent: &mut Recent, at, expected| assert_eq!(format!("{:.0}", recent.per_minute(at)), expected);
        check(&mut recent, begun, "0");
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        for second in 0..30 {
            (0..2).for_each(|_| recent.add(at(second)));
        }
        check(&mut recent, at(30), "120");
        for second in 30..120 {
            recent.add(at(second));
        }
        check(&mut recent, at(119), "60");
        check(&mut recent, at(149), "30");
        check(&mut recent, at(500), "0");
    }

    #[test]
    fn a_hold_is_told_until_it_is_over_and_never_shortened() {
        let (begun, mut seen) = (Instant::now(), Seen::default());
        seen.notice(Event::Planned(10), begun);
        seen.notice(Event::Held(Duration::from_secs(30)), begun);
        seen.notice(Event::Held(Duration::from_secs(2)), begun);
        let held = |seen: &mut Seen, seconds| seen.pace(begun + Duration::from_secs(seconds)).held;
        assert_eq!(held(&mut seen, 10), Some(Duration::from_secs(20)));
        assert_eq!(held(&mut seen, 30), None);
        seen.notice(Event::Held(Duration::MAX), begun);
        assert!(held(&mut seen, 30).is_some());
    }

    #[test]
    fn lines_are_told_though_nothing_happens_and_no_more_when_it_is_over() {
        let seen = Shared::default();
        seen.now().notice(Event::Planned(7), Instant::now());
        let (told, lines) = channel();
        let teller = tell_every(Duration::from_millis(1), seen, move |line| drop(told.send(line)));
        for _ in 0..3 {
            let line = lines.recv().expect("a line");
            assert!(line.starts_with("0 of 7 callbacks, 0 requests a minute"), "{line}");
        }
        drop(teller);
        // The thread ends, and with it the last sender.
        while lines.recv().is_ok() {}
    }
}
