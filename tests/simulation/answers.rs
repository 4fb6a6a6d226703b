//! What the platform deals out for a request: every row of the answer table, as often as its mood has it.

use crate::random::Random;
use crate::scenario::Mood;

/// What a request meets. Whether it was carried out is decided where it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deal {
    /// An honest answer, soon.
    Fine,
    /// An honest answer, late.
    Slow,
    /// A 2xx with a body that means nothing, though all that was asked is done.
    BadJson,
    /// A 2xx with an id and an error.
    Contradiction,
    /// A 2xx whose body says that it was not done.
    Errors,
    /// A 2xx with a page in it.
    Html,
    /// 1xx, 3xx, or what HTTP does not know.
    Elsewhere(u16),
    /// A 4xx.
    Refused(u16),
    /// A 401, and no token is good any more.
    Revoked,
    Forbidden,
    /// A 429.
    TooMany(Option<u64>),
    /// A 503 that says when to come again.
    Unavailable(u64),
    /// A 5xx or 408 that says nothing.
    Trouble(u16),
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
        Mood::Throttled if random.percent(85) => too_many(random),
        Mood::Storm if random.percent(85) => lost(random),
        Mood::Calm | Mood::Usual | Mood::Rough | Mood::Storm | Mood::Throttled => any(random),
    }
}

fn too_many(random: &mut Random) -> Deal {
    match random.below(8) {
        0..3 => Deal::TooMany(None),
        3..6 => Deal::TooMany(Some(random.below(40))),
        6 => Deal::Unavailable(random.below(90)),
        _ => Deal::TooMany(Some(random.below(900))),
    }
}

fn lost(random: &mut Random) -> Deal {
    match random.below(4) {
        0 => Deal::NotSent,
        1 => Deal::Silence,
        _ => Deal::Trouble(random.pick(&[500, 502, 503, 504, 501, 520, 408])),
    }
}

fn any(random: &mut Random) -> Deal {
    match random.below(100) {
        0..35 => lost(random),
        35..55 => too_many(random),
        55..60 => Deal::BadJson,
        60..63 => Deal::Contradiction,
        63..67 => Deal::Errors,
        67..75 => Deal::Html,
        75..89 => Deal::Refused(random.pick(&[400, 400, 404, 409, 413, 422])),
        89..94 => Deal::Revoked,
        94..98 => Deal::Forbidden,
        98 => Deal::Elsewhere(random.pick(&[302, 302, 303, 307, 101, 600, 999])),
        _ => Deal::Slow,
    }
}
