//! An hour's occupancy as a bar, in signs that every terminal and every mail shows.

/// How wide a bar is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    /// Signs up to 100 %.
    pub(super) full: usize,
    /// Signs beyond; what does not fit there ends with `>`.
    pub(super) over: usize,
}

/// `=` for the share that is there before, `#` for what comes, `|` at 100 %: nothing stands right of it unless the
/// occupancy is higher. Shares are of the capacity.
pub(super) fn bar(before: f64, after: f64, width: Width) -> String {
    let Width { full, over } = width;
    let (there, all) = (signs(before, full), signs(after, full));
    let mut bar: String = (0..full + over).map(|place| sign(place, there, all)).collect();
    bar.insert(full, '|');
    if all > full + over {
        bar.pop();
        bar.push('>');
    }
    bar.trim_end().to_owned()
}

fn sign(place: usize, there: usize, all: usize) -> char {
    match place {
        place if place < there => '=',
        place if place < all => '#',
        _ => ' ',
    }
}

/// What a sum of figures from a forecast may be off by.
const ROUNDING: f64 = 1e-9;

/// How many signs a share takes.
#[expect(clippy::cast_precision_loss, reason = "a width in signs")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0, and saturating above")]
fn signs(share: f64, full: usize) -> usize {
    let signs = (share * full as f64).round() as usize;
    if share > 1.0 + ROUNDING { signs.max(full + 1) } else { signs.min(full) }
}

/// A share in percent. Nothing is called 100 % that is above it.
pub(super) fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    let told = if share > 1.0 + ROUNDING { rounded.max(101.0) } else { rounded };
    format!("{told:.0} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_above_stands_right_of_the_mark() {
        let check = |before: f64, after: f64, expected: &str| {
            assert_eq!(bar(before, after, Width { full: 4, over: 3 }), expected, "{before} {after}");
        };
        check(0.0, 0.0, "    |");
        check(0.5, 0.75, "==# |");
        check(0.5, 0.999, "==##|");
        check(0.5, 1.0, "==##|");
        check(0.5, 1.001, "==##|#");
        check(1.25, 1.5, "====|=#");
        check(0.0, 1.75, "####|###");
        check(0.0, 1.9, "####|##>");
        check(9.0, 1e300, "====|==>");
    }

    #[test]
    fn a_share_above_the_capacity_is_never_told_as_100_percent() {
        for (share, expected) in
            [(0.0, "0 %"), (0.583, "58 %"), (1.0, "100 %"), (1.0 + 1e-12, "100 %"), (1.002, "101 %"), (5.333, "533 %")]
        {
            assert_eq!(percent(share), expected);
        }
    }
}
