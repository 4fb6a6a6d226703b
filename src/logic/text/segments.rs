//! How many segments a text takes on its way (3GPP TS 23.038, 6.2.1 and 23.040, 9.2.3.24.1).

/// The GSM 7-bit default alphabet without its escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Its extension: each of these takes an escape and itself.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// What fits into a text alone and into each part of one that is cut.
struct Room {
    alone: usize,
    part: usize,
}

const GSM_7: Room = Room { alone: 160, part: 153 };
const UCS_2: Room = Room { alone: 70, part: 67 };

/// The number of segments of a text: 160 or 153 septets each, or 70 or 67 units of UTF-16 where a character is
/// outside the GSM alphabet. A text of nothing is one.
#[must_use]
pub fn segments(text: &str) -> usize {
    let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
    match septets {
        Some(septets) => parts(&septets, &GSM_7),
        None => parts(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), &UCS_2),
    }
}

/// The septets that a character takes in the GSM alphabet.
fn septets(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        return Some(1);
    }
    EXTENSION.contains(c).then_some(2)
}

/// How many parts characters of these widths fill. No character is cut in two.
fn parts(widths: &[usize], room: &Room) -> usize {
    if widths.iter().sum::<usize>() <= room.alone {
        return 1;
    }
    let mut parts = 1;
    let mut filled = 0;
    for width in widths {
        if filled + width > room.part {
            parts += 1;
            filled = 0;
        }
        filled += width;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_where_the_network_cuts_them() {
        for (text, expected) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            // 76 pairs of septets fill 152 of 153: the escape stays with its character.
            ("€".repeat(152), 2),
            ("€".repeat(153), 3),
            ("é".repeat(160), 1),
            ("ê".repeat(70), 1),
            ("ê".repeat(71), 2),
            ("ê".repeat(134), 2),
            ("ê".repeat(135), 3),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
            ("😀".repeat(66), 2),
            ("😀".repeat(67), 3),
            (format!("{}\u{202f}", "a".repeat(70)), 2),
        ] {
            assert_eq!(segments(&text), expected, "{text}");
        }
        assert_eq!(BASIC.chars().count(), 127);
    }
}
