//! Every key there is, and what it may hold. The bounds of the settings stand here and nowhere else.

use std::time::Duration;

use crate::logic::hours::week::{DAYS as DAY_NAMES, days};
use crate::logic::nearest::nearest;

use super::duration::format_duration;

/// How the variables of settings begin.
const PREFIX: &str = "RINGBACK_";

/// What a key may hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A whole number, both ends allowed.
    Whole(u32, u32),
    /// A number above 0, up to this one.
    Above0(f64),
    /// `true` or `false`.
    Switch,
    /// A duration, both ends allowed.
    Time(Duration, Duration),
    /// Two durations in this order, both ends allowed.
    Times(Duration, Duration),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text of the shape described.
    Text(&'static str),
    /// A list of texts of the shape described.
    List(&'static str),
}

use Kind::{Above0, List, Switch, Text, Time, Times, Whole, Word};

const ZERO: Duration = Duration::ZERO;
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

const ZONE: Kind = Text("a time zone of the IANA database, as in \"America/New_York\"");
const PHONE: Kind = Text("a number in E.164 form, as in \"+18005551234\"");
const CALLS: Kind = Above0(10_000.0);

/// The keys in the order of the default file. `*` stands for a name of the user's.
pub(super) const KEYS: &[(&str, Kind)] = &[
    ("ledger", Text("the path of a file, relative to the settings file")),
    ("platform.region", Text("lower-case letters, digits and -, as in \"us\"")),
    ("platform.base_url", Text("https://HOST without user, query and fragment; http:// only to this machine")),
    ("platform.client_id", Text("a text that is not empty")),
    ("platform.client_secret_file", Text("the path of a file, relative to the settings file")),
    ("platform.client_secret_command", Text("a command that prints the secret")),
    ("platform.requests_per_minute", Whole(1, 1_000_000)),
    ("platform.concurrency", Whole(1, 1024)),
    ("platform.timeout", Time(Duration::from_millis(100), Duration::from_mins(10))),
    ("platform.proxy", Text(crate::io::client::PROXY_SHAPE)),
    ("platform.ca_file", Text("the path of a file, relative to the settings file")),
    ("platform.contact_ids", Word(&["unique", "advisory"])),
    ("validation.default_region", Text("the code of a region with phone numbers (ISO 3166), as in \"US\"")),
    ("validation.timezone", ZONE),
    ("validation.time_formats", List("date and time in chrono's % signs, as in \"%m/%d/%Y %I:%M %p\"")),
    ("validation.min_window", Time(SECOND, WEEK)),
    ("validation.max_window", Time(SECOND, WEEK)),
    ("validation.spoken_digits", Switch),
    ("hours.*.timezone", ZONE),
    ("hours.*.holidays", List("dates in quotes, as in \"2026-12-25\"")),
    ("placement.calls_per_agent_hour", CALLS),
    ("placement.lead_time", Time(ZERO, DAY)),
    ("contact.retry_count", Whole(0, 100)),
    ("contact.retry_interval", Text("a duration in ISO 8601 from PT1S to P30D, as in \"PT15M\"")),
    ("sms.enabled", Switch),
    ("sms.from", PHONE),
    ("sms.hours", Text("HH:MM-HH:MM, as in \"08:00-21:00\", or \"always\"")),
    ("sms.default_language", Text("a language tag (BCP 47), as in \"en-US\"")),
    ("sms.on_no_answer", Word(&["hold", "resend"])),
    (
        "sms.templates.*",
        Text(
            "1 to 1600 characters, none of them control characters but line breaks; in braces only {date} {time} {reference} {contact_id}",
        ),
    ),
    ("retry.max_attempts", Whole(1, 100)),
    ("retry.server_error_wait", Times(ZERO, HOUR)),
    ("retry.give_up_after", Time(SECOND, DAY)),
    ("forecast.max_range", Time(HOUR, WEEK)),
    ("campaigns.*.hours", Text("the name of a table [hours.NAME]")),
    ("campaigns.*.timezone", ZONE),
    ("campaigns.*.sms_from", PHONE),
    ("campaigns.*.calls_per_agent_hour", CALLS),
];

/// The day keys of an hours table: not in [`KEYS`], for their names are ranges too.
pub(super) const DAYS: Kind = List("times as in [\"08:00-20:00\"], from 00:00 to 24:00, not both the same");

impl Kind {
    /// What may stand there, for a person.
    pub(super) fn allowed(self) -> String {
        match self {
            Whole(min, max) => format!("{min} to {max}"),
            Above0(max) => format!("a number above 0, up to {max}"),
            Switch => "true or false".to_owned(),
            Time(min, max) => {
                format!("{} to {}, as in \"1h30m\"", format_duration(min), format_duration(max))
            }
            Times(min, max) => format!(
                "two durations from {} to {}, the lower first, as in [\"5s\", \"30s\"]",
                format_duration(min),
                format_duration(max)
            ),
            Word(words) => words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" or "),
            Text(shape) => shape.to_owned(),
            List(shape) => format!("a list of {shape}"),
        }
    }
}

/// What a key may hold; `None` where there is no such key.
pub(super) fn kind(key: &str) -> Option<Kind> {
    let pattern = pattern(key);
    if pattern.starts_with("hours.*.") && !KEYS.iter().any(|(known, _)| *known == pattern) {
        return Some(DAYS).filter(|_| days(leaf(key)).is_ok());
    }
    KEYS.iter().find(|(known, _)| *known == pattern).map(|(_, kind)| *kind)
}

/// Whether the key is a table's.
pub(super) fn is_table(key: &str) -> bool {
    let below = format!("{}.", pattern(key));
    KEYS.iter().any(|(known, _)| known.starts_with(&below))
}

/// What an unknown key was probably meant for: a key of the same table, else of another. Where nothing is
/// near, what its table may hold.
pub(super) fn hint_at_key(key: &str) -> String {
    let (above, pattern) = (parent(key), pattern(key));
    let table = parent(&pattern);
    let names: Vec<String> = names().collect();
    let beside: Vec<&str> = names.iter().filter(|name| parent(name) == table).map(|name| leaf(name)).collect();
    if let Some(near) = nearest(&[leaf(key)], beside.iter().copied()) {
        let dot = if above.is_empty() { "" } else { "." };
        return format!("the nearest known is {above}{dot}{near}");
    }
    if let Some(near) = nearest(&[leaf(key)], names.iter().map(|name| leaf(name))) {
        let whole = names.iter().find(|name| leaf(name) == near).map(|name| name.replace('*', "NAME"));
        return format!("the nearest known is {}", whole.unwrap_or_default());
    }
    format!("known here are {}", beside.join(", "))
}

/// What an unknown variable was probably meant for; where nothing is near, how variables are named.
pub(super) fn hint_at_variable(name: &str) -> String {
    let bare = |variable: &str| variable.strip_prefix(PREFIX).unwrap_or(variable).to_owned();
    let name = bare(name);
    let known = variables().map(|(.., known)| bare(&known));
    // Two names of one table are not alike because they begin with its name.
    let known: Vec<String> = known
        .filter(|known| {
            let table = known.find('_').map_or("", |end| &known[..=end]);
            let rests = name.strip_prefix(table).zip(known.strip_prefix(table));
            rests.is_none_or(|(name, known)| nearest(&[name], std::iter::once(known)).is_some())
        })
        .collect();
    match nearest(&[&name], known.iter().map(String::as_str)) {
        Some(near) => format!("the nearest known is {PREFIX}{near}"),
        None => format!("they are named as {} for platform.concurrency", variable("platform.concurrency")),
    }
}

/// Every name that a key may have been meant for: keys, tables, days.
fn names() -> impl Iterator<Item = String> {
    let keys = KEYS.iter().map(|(key, _)| (*key).to_owned());
    let mut tables: Vec<String> = KEYS.iter().filter_map(|(key, _)| Some(key.split_once('.')?.0.to_owned())).collect();
    tables.dedup();
    let days = DAY_NAMES.iter().chain(&["mon-fri"]).map(|day| format!("hours.*.{day}"));
    keys.chain(tables).chain(["sms.templates".to_owned()]).chain(days)
}

/// The keys that an environment variable can set, each with the variable's name.
pub(super) fn variables() -> impl Iterator<Item = (&'static str, Kind, String)> {
    let fixed = KEYS.iter().filter(|(key, _)| !key.contains('*'));
    fixed.map(|(key, kind)| (*key, *kind, variable(key)))
}

/// `RINGBACK_PLATFORM_CONCURRENCY` for `platform.concurrency`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// The key with `*` for the name that a user gave: ids may hold dots, key names do not.
fn pattern(key: &str) -> String {
    let segments: Vec<&str> = key.split('.').collect();
    match segments.as_slice() {
        [table @ ("hours" | "campaigns"), _] => format!("{table}.*"),
        [table @ ("hours" | "campaigns"), .., leaf] => format!("{table}.*.{leaf}"),
        ["sms", "templates", _, ..] => "sms.templates.*".to_owned(),
        _ => key.to_owned(),
    }
}

fn leaf(key: &str) -> &str {
    key.rsplit_once('.').map_or(key, |(_, leaf)| leaf)
}

fn parent(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_has_a_nearest_one() {
        for (key, near) in [
            ("platform.request_per_minute", "platform.requests_per_minute"),
            ("requests_per_minute", "platform.requests_per_minute"),
            ("platform.concurency", "platform.concurrency"),
            ("platfrom", "platform"),
            ("legder", "ledger"),
            ("campaigns.a.b.hour", "campaigns.a.b.hours"),
            ("hours.default.time_zone", "hours.default.timezone"),
            ("hours.default.monday", "hours.default.mon"),
            ("sms.template", "sms.templates"),
            ("sms.timezone", "validation.timezone"),
            ("sms.calls_per_agent", "placement.calls_per_agent_hour"),
        ] {
            assert_eq!(hint_at_key(key), format!("the nearest known is {near}"), "{key}");
        }
    }

    #[test]
    fn where_nothing_is_near_the_known_ones_are_named() {
        for (key, known) in [
            ("foo", "ledger, platform, validation, hours, placement, contact, sms, retry, forecast, campaigns"),
            ("retry.foo", "max_attempts, server_error_wait, give_up_after"),
            ("campaigns.a.foo", "hours, timezone, sms_from, calls_per_agent_hour"),
        ] {
            assert_eq!(hint_at_key(key), format!("known here are {known}"), "{key}");
        }
        assert_eq!(hint_at_variable("RINGBACK_TIMEOUT"), "the nearest known is RINGBACK_PLATFORM_TIMEOUT");
        assert_eq!(
            hint_at_variable("RINGBACK_X"),
            "they are named as RINGBACK_PLATFORM_CONCURRENCY for platform.concurrency"
        );
    }

    #[test]
    fn names_of_the_users_own_are_seen_through() {
        for (key, known) in [
            ("campaigns.a.b.hours", true),
            ("campaigns.x.hour", false),
            ("hours.default.mon-fri", true),
            ("hours.default.holidays", true),
            ("hours.default.monday", false),
            ("sms.templates.pt-BR", true),
            ("platform", false),
        ] {
            assert_eq!(kind(key).is_some(), known, "{key}");
        }
        assert!(is_table("platform") && is_table("hours") && is_table("hours.x") && !is_table("ledger"));
    }
}
