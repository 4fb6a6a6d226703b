//! Dying on purpose: `RINGBACK_CRASH_AT=contact.after_intent:3` kills the process with SIGKILL when it passes that
//! point for the third time. Nothing is flushed, closed or said: that is what a power cut leaves.
//!
//! It is part of every build, for what is to be shown safe is the binary that people run. Nobody sets the
//! variable by mistake, and without it a point costs one load.
//!
//! | point | where |
//! |---|---|
//! | `open.between` | the run is in the ledger, and its lock has not heard of it |
//! | `entry.between` | entries are in the ledger, and its lock has not heard of them |
//! | `enrol.between` | a part of the batch is in the ledger |
//! | `plan.before`, `plan.after` | the dispatch times are about to be, or are, in the ledger |
//! | `contact.before_intent`, `sms.before_intent` | a request has its token and its turn |
//! | `contact.after_intent`, `sms.after_intent` | it is in the ledger that the request leaves |
//! | `contact.bytes_left`, `sms.bytes_left` | the request is on its way, and its answer has not been read |
//! | `contact.after_answer`, `sms.after_answer` | the answer is here, and nowhere written |
//! | `contact.after_outcome`, `sms.after_outcome` | what the answer means is in the ledger |
//! | `report.before` | everything has ended, and no file is in its place |
//! | `report.between` | an earlier report is gone, or a file of the new one is there; its sums are not |
//! | `report.after` | the report is there, and the run's end is not in the ledger |

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use strum::{EnumString, IntoStaticStr, VariantArray};

/// The variable that names the point.
pub const VARIABLE: &str = "RINGBACK_CRASH_AT";

/// How long a request is given to leave before the process dies while it waits for the answer.
const UNTIL_BYTES_LEFT: Duration = Duration::from_millis(200);

static ARMED: OnceLock<Armed> = OnceLock::new();

/// A place in the code where a process can be made to die; the table above says where each lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray, EnumString)]
#[expect(missing_docs, reason = "the header says it of all of them in one table")]
pub enum Point {
    #[strum(serialize = "open.between")]
    OpenBetween,
    #[strum(serialize = "entry.between")]
    EntryBetween,
    #[strum(serialize = "enrol.between")]
    EnrolBetween,
    #[strum(serialize = "plan.before")]
    PlanBefore,
    #[strum(serialize = "plan.after")]
    PlanAfter,
    #[strum(serialize = "contact.before_intent")]
    ContactBeforeIntent,
    #[strum(serialize = "contact.after_intent")]
    ContactAfterIntent,
    #[strum(serialize = "contact.bytes_left")]
    ContactBytesLeft,
    #[strum(serialize = "contact.after_answer")]
    ContactAfterAnswer,
    #[strum(serialize = "contact.after_outcome")]
    ContactAfterOutcome,
    #[strum(serialize = "sms.before_intent")]
    TextBeforeIntent,
    #[strum(serialize = "sms.after_intent")]
    TextAfterIntent,
    #[strum(serialize = "sms.bytes_left")]
    TextBytesLeft,
    #[strum(serialize = "sms.after_answer")]
    TextAfterAnswer,
    #[strum(serialize = "sms.after_outcome")]
    TextAfterOutcome,
    #[strum(serialize = "report.before")]
    ReportBefore,
    #[strum(serialize = "report.between")]
    ReportBetween,
    #[strum(serialize = "report.after")]
    ReportAfter,
}

impl Point {
    /// All of them, in the order in which a run passes them first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name in the variable.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A point, and how often it is still to be passed.
#[derive(Debug)]
struct Armed {
    point: Point,
    left: AtomicU32,
}

/// A value of the variable that means nothing.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownPoint(String);

impl fmt::Display for UnknownPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
        let (given, names) = (&self.0, names.join(", "));
        write!(
            f,
            "{VARIABLE}: {given:?} is not allowed: POINT or POINT:TIMES from 1, as in contact.bytes_left:3; points are {names}"
        )
    }
}

/// Makes the process die at a point, `POINT` or `POINT:TIMES`. Only the first call of a process counts.
pub fn arm(text: &str) -> Result<(), UnknownPoint> {
    let (point, times) = parse(text).ok_or_else(|| UnknownPoint(text.chars().take(80).collect()))?;
    ARMED.get_or_init(|| Armed { point, left: AtomicU32::new(times) });
    Ok(())
}

fn parse(text: &str) -> Option<(Point, u32)> {
    let (name, times) = text.split_once(':').unwrap_or((text, "1"));
    let point = name.parse().ok()?;
    let times = times.parse().ok().filter(|times| *times > 0)?;
    Some((point, times))
}

/// Dies here, where this is the pass to die at.
pub fn at(point: Point) {
    if is_last_pass(point) {
        die();
    }
}

/// Awaits an answer. Where this is the pass to die at, dies with the request on its way: after a while, or before
/// anybody has seen an answer that was quicker.
pub async fn awaiting<T>(point: Point, answer: impl Future<Output = T>) -> T {
    if !is_last_pass(point) {
        return answer.await;
    }
    let _unseen = tokio::time::timeout(UNTIL_BYTES_LEFT, answer).await;
    die()
}

fn is_last_pass(point: Point) -> bool {
    ARMED.get().is_some_and(|armed| armed.point == point && armed.left.fetch_sub(1, Ordering::Relaxed) == 1)
}

fn die() -> ! {
    let _never_returns = signal_hook::low_level::raise(signal_hook::consts::SIGKILL);
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_named_with_how_often_it_is_passed() {
        for &point in Point::ALL {
            assert_eq!(parse(point.name()), Some((point, 1)));
            assert_eq!(parse(&format!("{}:17", point.name())), Some((point, 17)));
            assert!(include_str!("crash.rs").contains(&format!("`{}`", point.name())), "{point:?} is described");
        }
        for wrong in ["", "contact", "contact.after_intent:0", "contact.after_intent:", "sms.after_intent:x"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
