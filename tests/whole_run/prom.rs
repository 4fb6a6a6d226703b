//! Prometheus' text format as `node_exporter`'s textfile collector takes it, read by somebody who forgives nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The series of a file: the name with its labels as they stand there, and the value.
pub(crate) struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// Reads a file.
    #[track_caller]
    pub(crate) fn read(path: &Path) -> Self {
        Self::parse(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// The value of a series, which is a whole number.
    #[track_caller]
    #[expect(clippy::cast_possible_truncation, reason = "counts and seconds")]
    pub(crate) fn at(&self, series: &str) -> i64 {
        let value = self.0.get(series).unwrap_or_else(|| panic!("{series} is not in {:?}", self.0.keys()));
        assert!(value.fract().abs() < f64::EPSILON, "{series} {value}");
        *value as i64
    }

    /// Whether there is such a series.
    pub(crate) fn has(&self, series: &str) -> bool {
        self.0.contains_key(series)
    }

    /// Reads a text; the error says which rule it breaks.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut figures = BTreeMap::new();
        let (mut family, mut families) = (None::<(String, bool)>, BTreeSet::new());
        if !text.ends_with('\n') {
            return Err("the last line has no end".into());
        }
        for line in text.lines() {
            let wrong = |why: &str| format!("{why}: {line}");
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').ok_or_else(|| wrong("no help"))?;
                if words.is_empty() || !families.insert(name.to_owned()) {
                    return Err(wrong("no help, or a name that comes twice"));
                }
                family = Some((name.to_owned(), false));
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').ok_or_else(|| wrong("no type"))?;
                let Some((of, typed @ false)) = family.as_mut() else { return Err(wrong("a type without help")) };
                if of != name
                    || !["gauge", "counter"].contains(&kind)
                    || (kind == "counter") != name.ends_with("_total")
                {
                    return Err(wrong("a type that is not this name's"));
                }
                *typed = true;
            } else if line.starts_with('#') || line.is_empty() {
                return Err(wrong("neither help, type nor a series"));
            } else {
                let (name, value) = sample(line).ok_or_else(|| wrong("no name, labels and one number"))?;
                let bare = name.split('{').next().unwrap_or_default();
                if family.as_ref().is_none_or(|(of, typed)| of != bare || !typed) {
                    return Err(wrong("a series without help and type before it"));
                }
                if figures.insert(name, value).is_some() {
                    return Err(wrong("a series that comes twice"));
                }
            }
        }
        Ok(Self(figures))
    }
}

/// A series and its value, and nothing behind it: a third word would be a timestamp.
fn sample(line: &str) -> Option<(String, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}')?),
        None => (series, ""),
    };
    let is_name = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
    };
    let mut seen = BTreeSet::new();
    let is_label = |label: &str| {
        let (name, value) = label.split_once('=').unwrap_or_default();
        let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        is_name(name) && seen.insert(name.to_owned()) && inner.is_some_and(|inner| !inner.contains(['"', '\\', '\n']))
    };
    let are_labels =
        labels.is_empty() != series.contains('{') && (labels.is_empty() || labels.split(',').all(is_label));
    (is_name(name) && are_labels).then_some(())?;
    Some((series.to_owned(), value.parse().ok().filter(|value: &f64| value.is_finite())?))
}

#[test]
fn whoever_breaks_a_rule_of_the_format_is_caught() {
    let head = "# HELP a_b What it is.\n# TYPE a_b gauge\n";
    let check = |rest: &str, is_good: bool| {
        let text = format!("{head}{rest}");
        assert_eq!(Figures::parse(&text).is_ok(), is_good, "{text}");
    };
    check("a_b 1\n", true);
    check("a_b{x=\"1\",y=\"2\"} 1.5\na_b{x=\"2\"} 0\n", true);
    check("a_b 1 1795438800000\n", false);
    check("a_b{x=\"1\"} 1 1795438800000\n", false);
    check("a_b 1\na_b 2\n", false);
    check("a_b{x=\"1\",x=\"2\"} 1\n", false);
    check("a_b{x=1} 1\n", false);
    check("a_c 1\n", false);
    check("a_b 1", false);
    check("a_b 1\n# EOF\n", false);
    check("a_b NaN\n", false);
    check("a_b 1\n# HELP a_b Again.\n# TYPE a_b gauge\n", false);
    check("# HELP a_c No type.\na_c 1\n", false);
    check("# HELP a_c Runs.\n# TYPE a_c counter\na_c 1\n", false);
    check("# HELP a_total Runs.\n# TYPE a_total counter\na_total 1\n", true);
}
