//! When a window begins and ends.

use crate::domain::fault::{Fault, Finding};
use crate::domain::row::Field;
use crate::domain::time::Timestamp;
use crate::domain::zone::Reading;

use super::field::excerpt;
use super::iso::{self, NotIso, Spelled};
use super::rules::Rules;

/// An instant, and how many minutes the clock that showed it was ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) offset_minutes: i16,
}

/// Judges a time: ISO 8601 first, then the shapes of the settings, in their order.
pub(super) fn judge(text: &str, field: Field, rules: &Rules) -> Result<Moment, Finding> {
    let found = |fault, words| Finding::new(fault, format!("{} {words}", excerpt(text))).of(field.name());
    let finding = |fault, words| Err(found(fault, words));
    let spelled = iso::parse(text).or_else(|not_iso| {
        let spelled = rules.formats.iter().find_map(|format| format.read(text));
        spelled.ok_or_else(|| found(Fault::TimeUnparseable, words(not_iso, rules)))
    })?;
    let local = match spelled {
        Spelled::Instant(at, offset_minutes) => return Ok(Moment { at, offset_minutes }),
        Spelled::Local(local) => local,
    };
    match rules.zone.as_ref().map(|zone| zone.read(local)) {
        None => finding(Fault::TimeNoOffset, "has no offset from UTC, and no validation.timezone is set"),
        Some(Reading::Skipped) => finding(Fault::TimeNonexistent, "does not exist: the clocks are set forward over it"),
        Some(Reading::Twice) => finding(Fault::TimeAmbiguous, "happens twice: the clocks are set back over it"),
        // The zone gives the nearest instant that there is: a bound would be taken for the time that was meant.
        Some(Reading::Once(at, ahead)) if at.unix() + i64::from(ahead) != local.and_utc().timestamp() => {
            finding(Fault::TimeUnparseable, "lies beyond the years 0000 to 9999 in UTC")
        }
        Some(Reading::Once(at, ahead)) => {
            Ok(Moment { at, offset_minutes: i16::try_from(ahead / 60).unwrap_or_default() })
        }
    }
}

/// Why a text is no time. The shape is only worth a word where the settings name no others.
fn words(not_iso: NotIso, rules: &Rules) -> &'static str {
    if not_iso == NotIso::Shape && !rules.formats.is_empty() {
        return "is neither ISO 8601 nor in a shape of validation.time_formats";
    }
    not_iso.into()
}
