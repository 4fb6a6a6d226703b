//! How a national number is written: as it is, behind a national prefix, or behind its calling code without a `+`.
//!
//! libphonenumber decides by trying what the digits would be without the prefix. All that it would try is read side by
//! side here, so that one walk over the digits knows the answer. Where its rules depend on more than that, the answer
//! is that there is none, and libphonenumber itself is asked.

use super::automaton::Place;
use super::plan::{Judged, Lengths, Meaning, Plan};
use super::table::{End, Figures, Table};

/// Digits of a prefix, at most.
const PREFIX_DIGITS_MAX: u8 = 4;

/// What the digits so far may be; nothing where they begin with the prefix of calls abroad.
type Reading = Option<Readings>;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Readings {
    /// How many digits were read, up to one more than a prefix has.
    depth: u8,
    whole: Place,
    begins_with_prefix: bool,
    prefix: Prefix,
    code: Code,
}

/// What stands in front as a national prefix.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Prefix {
    None,
    /// The region's prefix, and where the rest of the digits leads.
    Once(Place),
    /// Digits of which libphonenumber's rules say more than can be known by counting them.
    Unclear,
}

/// What stands in front as the calling code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Code {
    /// A beginning of it.
    Begun,
    /// All of it, and where the rest of the digits leads.
    Whole(Place),
    /// All of it, and behind it something like a national prefix.
    Unclear,
    /// Something else.
    None,
}

/// The ways in which the numbers of a plan are written.
struct Ways<'p> {
    plan: &'p Plan,
    /// The digits of the calling code, where it may stand in front without a `+`.
    code: &'p [u8],
}

/// The table of what digits behind a calling code are.
pub(super) fn behind_code(plan: &Plan) -> Option<Table> {
    Ways { plan, code: &[] }.table()
}

/// The table of what digits without a `+` are in a region with this calling code.
pub(super) fn at_home(plan: &Plan, code: &[u8]) -> Option<Table> {
    Ways { plan, code }.table()
}

impl Ways<'_> {
    fn table(&self) -> Option<Table> {
        let start = Readings {
            depth: 0,
            whole: self.plan.automaton.start,
            begins_with_prefix: true,
            prefix: Prefix::None,
            code: if self.code.is_empty() { Code::None } else { Code::Begun },
        };
        Table::draw_up(Some(start), |reading, digit| self.step(reading?, digit), |reading| self.end(reading))
    }

    fn step(&self, at: Readings, digit: u8) -> Reading {
        let whole = self.plan.automaton.step(at.whole, digit);
        if at.depth > 0 && self.plan.ended(whole, Meaning::Abroad) {
            return None;
        }
        Some(Readings {
            depth: at.depth.min(PREFIX_DIGITS_MAX) + 1,
            whole,
            begins_with_prefix: at.begins_with_prefix
                && self.plan.prefix.get(usize::from(at.depth)).is_none_or(|expected| *expected == digit),
            prefix: self.prefix(&at, whole, digit),
            code: self.code(&at, digit),
        })
    }

    /// The national prefix in front, one digit later.
    fn prefix(&self, at: &Readings, whole: Place, digit: u8) -> Prefix {
        let ends_here = at.depth > 0 && self.plan.ended(whole, Meaning::NationalPrefix);
        match at.prefix {
            Prefix::None if !ends_here => Prefix::None,
            Prefix::None if self.is_own_prefix(at) => {
                Prefix::Once(self.plan.automaton.step(self.plan.automaton.start, digit))
            }
            Prefix::Once(rest) if !ends_here => Prefix::Once(self.plan.automaton.step(rest, digit)),
            Prefix::None | Prefix::Once(_) | Prefix::Unclear => Prefix::Unclear,
        }
    }

    /// Whether the prefix that ends here is the region's own: it is taken off, and nothing put in its place.
    fn is_own_prefix(&self, at: &Readings) -> bool {
        at.begins_with_prefix && at.depth <= PREFIX_DIGITS_MAX && usize::from(at.depth) == self.plan.prefix.len()
    }

    /// The calling code in front, one digit later.
    fn code(&self, at: &Readings, digit: u8) -> Code {
        let depth = usize::from(at.depth);
        match at.code {
            Code::Begun if self.code.get(depth) != Some(&digit) => Code::None,
            Code::Begun if depth + 1 == self.code.len() => Code::Whole(self.plan.automaton.start),
            Code::Begun => Code::Begun,
            Code::Whole(rest) => {
                let rest = self.plan.automaton.step(rest, digit);
                let prefixed = |meaning| depth > self.code.len() && self.plan.ended(rest, meaning);
                let unclear = prefixed(Meaning::NationalPrefix) || prefixed(Meaning::MainPrefix);
                if unclear { Code::Unclear } else { Code::Whole(rest) }
            }
            Code::Unclear => Code::Unclear,
            Code::None => Code::None,
        }
    }

    /// What the digits are where none follows.
    fn end(&self, reading: Reading) -> End {
        let Some(at) = reading else { return End::default() };
        let whole = self.plan.judged(at.whole);
        let valid = End { valid: whole.valid, ..End::default() };
        let Some((behind_code, taken)) = self.behind_code(&at, &whole) else { return valid };
        if self.plan.has_changed || whole.abroad || (whole.prefixed && at.depth > 0) {
            return valid;
        }
        let (as_is, behind_prefix) = self.national(&at, &whole);
        End {
            as_is: as_is & !taken,
            behind_prefix: match behind_prefix {
                (prefix, lengths) if lengths & !taken != 0 => (prefix, lengths & !taken),
                _ => (Figures::default(), 0),
            },
            behind_code,
            ..valid
        }
    }

    /// The lengths for which the digits are a valid number behind the calling code, and those for which the calling code
    /// is taken for one; nothing where that is unclear.
    fn behind_code(&self, at: &Readings, whole: &Judged) -> Option<(Lengths, Lengths)> {
        let rest = match at.code {
            Code::Begun | Code::None => return Some((0, 0)),
            Code::Unclear => return None,
            Code::Whole(rest) => self.plan.judged(rest),
        };
        if rest.prefixed {
            return None;
        }
        let not_too_long = Lengths::MAX.checked_shr(self.plan.lengths.leading_zeros()).unwrap_or_default();
        let taken = if !whole.general && rest.general { Lengths::MAX } else { !not_too_long };
        Some(((rest.valid << self.code.len()) & taken, taken))
    }

    /// The lengths for which digits without a calling code are a valid number, as they are and behind a prefix.
    fn national(&self, at: &Readings, whole: &Judged) -> (Lengths, (Figures, Lengths)) {
        let none = (Figures::default(), 0);
        match at.prefix {
            Prefix::None => (whole.valid, none),
            Prefix::Unclear => (0, none),
            Prefix::Once(rest) => {
                let rest = self.plan.judged(rest);
                if whole.general && !rest.general {
                    return (whole.valid, none);
                }
                let prefix = Figures::of(&self.plan.prefix);
                (0, (prefix, (rest.valid & self.plan.lengths) << prefix.count))
            }
        }
    }
}
