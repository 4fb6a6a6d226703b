//! Any text in a phone field: a number or a reason, what is known at once is what is known in the end, and a number is
//! itself when it is read again.

use std::sync::LazyLock;

use ringback::domain::phone::E164;
use ringback::domain::shown::steers;
use ringback::logic::validate::phone;
use ringback::logic::validate::rules::{Rules, RulesSpec, SpokenDigits};

/// Where numbers without a `+` belong, by turns, and whether digits may be spoken.
const DOORS: [(&str, SpokenDigits); 6] = [
    ("US", SpokenDigits::Refused),
    ("US", SpokenDigits::Understood),
    ("GB", SpokenDigits::Refused),
    ("IT", SpokenDigits::Understood),
    ("MX", SpokenDigits::Refused),
    ("DE", SpokenDigits::Refused),
];

static RULES: LazyLock<Vec<Rules>> = LazyLock::new(|| {
    let rules = |(default_region, spoken_digits)| {
        Rules::new(&RulesSpec { default_region, spoken_digits, ..RulesSpec::default() }).ok()
    };
    DOORS.into_iter().filter_map(rules).collect()
});

/// Judges a text at every door.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for rules in RULES.iter() {
        let judged = phone::judge(&text, rules);
        if let Some(number) = phone::quick(text.as_bytes(), rules) {
            assert_eq!(judged.as_ref().ok(), Some(&number), "{text:?}");
        }
        match judged {
            Ok(number) => is_itself(number, &text),
            Err(finding) => assert!(!finding.detail().chars().any(steers), "{:?}", finding.detail()),
        }
    }
}

fn is_itself(number: E164, text: &str) {
    let canonical = number.reveal();
    assert_eq!(E164::from_canonical(&canonical), Some(number), "{text:?}");
    for rules in RULES.iter() {
        let again = phone::judge(&canonical, rules).map_err(|finding| finding.detail());
        assert_eq!(again, Ok(number), "{text:?} gave {canonical}");
        let at_once = phone::quick(canonical.as_bytes(), rules);
        assert!(at_once.is_none_or(|at_once| at_once == number), "{text:?} gave {canonical}, and that {at_once:?}");
    }
}
