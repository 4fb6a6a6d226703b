//! Whether a window is one, and as wide as it may be.

use crate::domain::fault::{Fault, Finding};
use crate::domain::row::Field;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

use super::rules::Rules;

/// Judges the window between two instants; both limits of its width are allowed.
pub(super) fn judge(start: Timestamp, end: Timestamp, rules: &Rules) -> Result<Window, Finding> {
    let finding = |fault, words: String| Finding::new(fault, words).of(Field::End.name());
    let width = end.since(start);
    let (least, greatest) = (i64::from(*rules.widths.start()), i64::from(*rules.widths.end()));
    if width <= 0 {
        let detail = format!("{} is not after requestedStart {}", end.rfc3339(), start.rfc3339());
        return Err(finding(Fault::WindowReversed, detail));
    }
    if width < least {
        let detail = format!("the window is {}, {} at least", duration(width), duration(least));
        return Err(finding(Fault::WindowTooShort, detail));
    }
    Window::new(start, end).filter(|_| width <= greatest).ok_or_else(|| {
        let detail = format!("the window is {}, {} at most", duration(width), duration(greatest));
        finding(Fault::WindowTooLong, detail)
    })
}

/// A stretch of time for people: `4h`, `59m 59s`.
fn duration(seconds: i64) -> String {
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    parts.join(" ")
}
