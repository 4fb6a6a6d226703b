//! Time since the machine was started: the same for all its processes, and no step of the wall clock changes it.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::Moment;

/// Since when the clock runs on; it goes on while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
const CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CLOCK: ClockId = ClockId::Monotonic;

/// Which start of the machine it is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Characters of a boot id.
pub(super) const BOOT_ID_LENGTH: usize = 36;

/// The time since the machine was started.
pub(super) fn now() -> Moment {
    let time = clock_gettime(CLOCK);
    let (seconds, nanos) = (u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0));
    Moment(Duration::new(seconds, nanos))
}

/// A name for this start of the machine; none where the system has none.
pub(super) fn id() -> Option<String> {
    let text = fs::read_to_string(BOOT_ID).ok()?;
    Some(text.trim().to_owned()).filter(|id| id.len() == BOOT_ID_LENGTH && id.is_ascii())
}
