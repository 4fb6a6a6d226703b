//! What a key or a variable that does not exist was probably meant for.

use crate::logic::hours::week::DAYS;
use crate::logic::nearest::nearest;

use super::table::{Setting, TABLE, fits};

/// How the variables of settings begin.
const PREFIX: &str = "RINGBACK_";

/// What an unknown key was probably meant for: a key of the same table, else of another. Where nothing is
/// near, what its table may hold.
pub(super) fn hint_at_key(path: &[String]) -> String {
    let Some((own, above)) = path.split_last() else { return String::new() };
    let names: Vec<String> = names().collect();
    let beside: Vec<&str> = names.iter().filter(|name| fits(parent(name), above)).map(|name| leaf(name)).collect();
    if let Some(near) = nearest(&[own], beside.iter().copied()) {
        let whole: Vec<&str> = above.iter().map(String::as_str).chain([near]).collect();
        return format!("the nearest known is {}", whole.join("."));
    }
    if let Some(near) = nearest(&[own], names.iter().map(|name| leaf(name))) {
        let whole = names.iter().find(|name| leaf(name) == near).map(|name| name.replace('*', "NAME"));
        return format!("the nearest known is {}", whole.unwrap_or_default());
    }
    format!("known here are {}", beside.join(", "))
}

/// What an unknown variable was probably meant for; where nothing is near, how variables are named.
pub(super) fn hint_at_variable(name: &str) -> String {
    let bare = |variable: &str| variable.strip_prefix(PREFIX).unwrap_or(variable).to_owned();
    let name = bare(name);
    let known = variables().map(|(_, known)| bare(&known));
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
    let keys = TABLE.iter().filter(|setting| !setting.is_a_day()).map(|setting| setting.key.to_owned());
    let tables = TABLE.iter().filter_map(|setting| setting.key.split_once('.'));
    let mut tables: Vec<String> = tables.map(|(table, _)| table.to_owned()).collect();
    tables.dedup();
    let days = DAYS.iter().chain(&["mon-fri"]).map(|day| format!("hours.*.{day}"));
    keys.chain(tables).chain(["sms.templates".to_owned()]).chain(days)
}

/// The settings that an environment variable can set, each with the variable's name.
pub(super) fn variables() -> impl Iterator<Item = (&'static Setting, String)> {
    TABLE.iter().filter(|setting| !setting.is_named()).map(|setting| (setting, variable(setting.key)))
}

/// `RINGBACK_PLATFORM_CONCURRENCY` for `platform.concurrency`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

fn leaf(key: &str) -> &str {
    key.rsplit_once('.').map_or(key, |(_, leaf)| leaf)
}

fn parent(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::super::table::{find, is_table};
    use super::*;

    fn path(segments: &[&str]) -> Vec<String> {
        segments.iter().map(|segment| (*segment).to_owned()).collect()
    }

    #[test]
    fn an_unknown_key_has_a_nearest_one() {
        for (key, near) in [
            (&["platform", "request_per_minute"][..], "platform.requests_per_minute"),
            (&["requests_per_minute"], "platform.requests_per_minute"),
            (&["platform", "concurency"], "platform.concurrency"),
            (&["platfrom"], "platform"),
            (&["legder"], "ledger"),
            (&["campaigns", "a.b", "hour"], "campaigns.a.b.hours"),
            (&["hours", "default", "time_zone"], "hours.default.timezone"),
            (&["hours", "default", "monday"], "hours.default.mon"),
            (&["sms", "template"], "sms.templates"),
            (&["sms", "timezone"], "validation.timezone"),
            (&["sms", "calls_per_agent"], "placement.calls_per_agent_hour"),
        ] {
            assert_eq!(hint_at_key(&path(key)), format!("the nearest known is {near}"), "{key:?}");
        }
    }

    #[test]
    fn where_nothing_is_near_the_known_ones_are_named() {
        for (key, known) in [
            (
                &["foo"][..],
                "ledger, platform, capacity, contacts, texts, validation, hours, placement, contact, sms, retry, forecast, campaigns",
            ),
            (&["retry", "foo"], "max_attempts, server_error_wait, give_up_after"),
            (&["campaigns", "a", "foo"], "hours, timezone, sms_from, calls_per_agent_hour"),
        ] {
            assert_eq!(hint_at_key(&path(key)), format!("known here are {known}"), "{key:?}");
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
            (&["campaigns", "a.b", "hours"][..], true),
            (&["campaigns", "x", "hour"], false),
            (&["hours", "default", "mon-fri"], true),
            (&["hours", "default", "tue"], true),
            (&["hours", "default", "holidays"], true),
            (&["hours", "default", "monday"], false),
            (&["sms", "templates", "pt-BR"], true),
            (&["platform"], false),
        ] {
            assert_eq!(find(&path(key)).is_some(), known, "{key:?}");
        }
        for (key, table) in
            [(&["platform"][..], true), (&["hours"], true), (&["hours", "x"], true), (&["ledger"], false)]
        {
            assert_eq!(is_table(&path(key)), table, "{key:?}");
        }
    }
}
