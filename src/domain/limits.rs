//! How much of everything is allowed, in one place.

use std::time::Duration;

/// What bounds the requests of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests that may leave in any 60 s.
    pub requests_per_minute_max: u32,
    /// Requests that may be in flight.
    pub concurrency_max: usize,
    /// Attempts of one step of one callback in one run; of tokens and forecasts, renewals of a token that is refused.
    pub attempts_max: u32,
    /// The shortest and the longest wait after trouble on the platform's side.
    pub trouble_wait: (Duration, Duration),
    /// Trouble without one success for this long ends the run.
    pub give_up_after: Duration,
    /// The longest `Retry-After` that is waited for.
    pub hold_max: Duration,
    /// The shortest time between a contact's departure and its dispatch time.
    pub dispatch_margin: Duration,
    /// Handing out stops this long after the run began.
    pub run_duration_max: Option<Duration>,
    /// How many callbacks are attempted, by dispatch time.
    pub attempted_max: Option<usize>,
    /// Callbacks that may be too late for their windows from the start; more stop the run before it sends anything.
    pub late_max: Option<u64>,
}

/// Bytes of an answer that are read; the rest is not waited for.
pub const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Characters of the platform's words that are kept and shown.
pub const PLATFORM_WORDS_MAX: usize = 500;

/// Callbacks in one run: they are numbered in 32 bits.
pub const CALLBACKS_MAX: usize = (u32::MAX - 1) as usize;

/// Inputs in one batch.
pub const INPUTS_MAX: usize = 10_000;
