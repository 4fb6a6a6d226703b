//! What the platform deals out for a request: every verdict there is, as often as its mood has it.

use crate::random::Random;
use crate::scenario::Mood;

/// What a request meets. Whether it was carried out is decided where it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deal {
    /// An honest answer, soon.
    Fine,
    /// An honest answer, late.
    Slow,
    /// An answer that cannot be understood, though all that was asked is done.
    Unreadable,
    /// An id and an error.
    Contradiction,
    /// A good answer that says that it was not done.
    Errors,
    /// A web page.
    Page,
    /// Somebody else answers.
    Elsewhere,
    /// It will not be done.
    Refused,
    /// It was not done, and may be asked for again.
    NotDone,
    /// No token is good any more.
    Revoked,
    Forbidden,
    /// A pause is asked for, and nothing was done.
    Busy(Option<u64>),
    /// Trouble that says when to come again.
    Unavailable(u64),
    /// Trouble that says nothing.
    Trouble,
    /// Somebody waited in vain.
    TimedOut,
    /// No more is taken of this kind.
    QuotaUsedUp,
    NotSent,
    Silence,
}

/// What is dealt out next.
pub(crate) fn deal(mood: Mood, random: &mut Random) -> Deal {
    let good_percent = match mood {
        Mood::Calm => 100,
        Mood::Usual => 93,
        Mood::Rough => 75,
        Mood::Storm => 30,
        Mood::Throttled => 65,
    };
    if random.percent(good_percent) {
        return if random.percent(8) { Deal::Slow } else { Deal::Fine };
    }
    match mood {
        Mood::Throttled if random.percent(85) => busy(random),
        Mood::Storm if random.percent(85) => lost(random),
        Mood::Calm | Mood::Usual | Mood::Rough | Mood::Storm | Mood::Throttled => any(random),
    }
}

fn busy(random: &mut Random) -> Deal {
    match random.below(8) {
        0..3 => Deal::Busy(None),
        3..6 => Deal::Busy(Some(random.below(40))),
        6 => Deal::Unavailable(random.below(90)),
        _ => Deal::Busy(Some(random.below(900))),
    }
}

fn lost(random: &mut Random) -> Deal {
    match random.below(4) {
        0 => Deal::NotSent,
        1 => Deal::Silence,
        _ => random.pick(&[Deal::Trouble, Deal::Trouble, Deal::Trouble, Deal::Trouble, Deal::TimedOut]),
    }
}

fn any(random: &mut Random) -> Deal {
    match random.below(100) {
        0..35 => lost(random),
        35..55 => busy(random),
        55..60 => Deal::Unreadable,
        60..63 => Deal::Contradiction,
        63..67 => Deal::Errors,
        67..75 => Deal::Page,
        75..85 => Deal::Refused,
        85..89 => Deal::NotDone,
        89..94 => Deal::Revoked,
        94..98 => Deal::Forbidden,
        98 => random.pick(&[Deal::Elsewhere, Deal::Elsewhere, Deal::QuotaUsedUp]),
        _ => Deal::Slow,
    }
}
