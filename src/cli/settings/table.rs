//! The table of settings: of each its key, what it may hold, its default and its comment. The default file, the variables,
//! the form of what is typed, the words of refusals and what `config` shows all come from here. A setting that is added
//! stands here, in the struct that keeps it, and where it is used.

use std::fmt::Write;
use std::time::Duration;

use strum::VariantNames;

use crate::domain::language::LanguageTag;
use crate::domain::phone::E164;
use crate::io::client::PROXY_SHAPE;
use crate::logic::hours::daily::DailyHours;
use crate::logic::hours::week::days;
use crate::logic::retry::OnNoAnswer;

use super::duration::format_duration;
use super::text::{noted, quote};

/// All that is known of a setting but its use.
#[derive(Debug)]
pub(super) struct Setting {
    /// The key with its tables; `*` stands for a name of the user's.
    pub(super) key: &'static str,
    /// What it may hold.
    pub(super) kind: Kind,
    pub(super) preset: Preset,
    /// The comment behind it in the default file.
    pub(super) note: &'static str,
}

/// What stands in the default file, texts without their quotes.
#[derive(Debug)]
pub(super) enum Preset {
    /// The default.
    Is(&'static str),
    /// There is none: an example behind a `#`.
    Like(&'static str),
}

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
    /// The same, with a function that writes it in its usual form.
    Usual(&'static str, fn(&str) -> Option<String>),
    /// A text that may hold a secret, and is not shown.
    Hidden(&'static str),
    /// The path of a file.
    Path,
    /// A time zone.
    Zone,
    /// A list of texts of the shape described.
    List(&'static str),
}

use Kind::{Above0, Hidden, List, Path, Switch, Text, Time, Times, Usual, Whole, Word, Zone};
use Preset::{Is, Like};

const ZERO: Duration = Duration::ZERO;
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

const FILE: &str = "the path of a file, relative to the settings file";
const PHONE: Kind =
    Usual("a number in E.164 form, as in \"+18005551234\"", |text| E164::from_canonical(text).map(E164::reveal));
const CALLS: Kind = Above0(10_000.0);
const URL: &str = "https://HOST without user, query and fragment; http:// only to this machine";
const TIMES: Kind = List("times as in [\"08:00-20:00\"], from 00:00 to 24:00, not both the same");
const SMS_HOURS: Kind = Usual("HH:MM-HH:MM, as in \"08:00-21:00\", or \"always\"", |text| {
    DailyHours::parse(text).ok().map(|hours| hours.to_string())
});
const LANGUAGE: Kind =
    Usual("a language tag (BCP 47), as in \"en-US\"", |text| LanguageTag::parse(text).map(|tag| tag.to_string()));
const TEMPLATE: &str = "1 to 1600 characters, none of them control characters but line breaks; \
                        in braces only {date} {time} {reference} {contact_id}";

/// The settings in the order of the default file.
#[rustfmt::skip]
pub(super) const TABLE: &[Setting] = &[
    setting("ledger", Path, Is("ringback.db"), "relative to this file"),
    setting("platform.region", Text("lower-case letters, digits and -, as in \"us\""), Like("us"), "the platform's region …"),
    setting("platform.base_url", Hidden(URL), Like("https://…"), "… or its address; http:// only to this machine"),
    setting("platform.client_id", Text("a text that is not empty"), Like("…"), "or CXONE_CLIENT_ID in the environment"),
    setting("platform.client_secret_file", Hidden(FILE), Like("…"), "a file that holds the secret and nothing else, relative to this file …"),
    setting("platform.client_secret_command", Hidden("a command that prints the secret"), Like("…"), "… or a command that prints it, or CXONE_CLIENT_SECRET; read again at each token"),
    setting("platform.requests_per_minute", Whole(1, 1_000_000), Is("100"), "token requests included"),
    setting("platform.concurrency", Whole(1, 1024), Is("16"), "requests in flight at most"),
    setting("platform.timeout", Time(Duration::from_millis(100), Duration::from_mins(10)), Is("30s"), ""),
    setting("platform.proxy", Hidden(PROXY_SHAPE), Like("http://proxy.example:3128"), "https:// and socks5h:// too, with user:password@ where needed; unset: HTTPS_PROXY"),
    setting("platform.ca_file", Path, Like("…"), "authorities (PEM) that are trusted besides the system's, relative to this file"),
    setting("platform.contact_ids", Word(&["unique", "advisory"]), Is("unique"), "the platform keeps one contact an id; \"advisory\" where it does not"),
    setting("validation.default_region", Text("the code of a region with phone numbers (ISO 3166), as in \"US\""), Is("US"), "of phone numbers without a +"),
    setting("validation.timezone", Zone, Like("America/New_York"), "unset: times without an offset are rejected"),
    setting("validation.time_formats", List("date and time in chrono's % signs, as in \"%m/%d/%Y %I:%M %p\""), Is("[]"), "more shapes, as in \"%m/%d/%Y %I:%M %p\""),
    setting("validation.min_window", Time(SECOND, WEEK), Is("1h"), ""),
    setting("validation.max_window", Time(SECOND, WEEK), Is("4h"), ""),
    setting("validation.spoken_digits", Switch, Is("false"), "\"two zero two…\" from speech-to-text"),
    setting("hours.*.timezone", Zone, Like("America/New_York"), "unset: validation.timezone"),
    setting(A_DAY, TIMES, Like("[\"08:00-20:00\"]"), "22:00-06:00 belongs to the day on which it begins; 24:00 may end"),
    setting("hours.*.sat", TIMES, Like("[\"09:00-17:00\"]"), ""),
    setting("hours.*.holidays", List("dates in quotes, as in \"2026-12-25\""), Like("[\"2026-12-25\"]"), "closes openings that begin on that day"),
    setting("placement.calls_per_agent_hour", CALLS, Is("10"), ""),
    setting("placement.lead_time", Time(ZERO, DAY), Is("5m"), "the earliest dispatch time from now"),
    setting("contact.retry_count", Whole(0, 100), Is("3"), "the platform's own dial retries"),
    setting("contact.retry_interval", Text("a duration in ISO 8601 from PT1S to P30D, as in \"PT15M\""), Is("PT15M"), ""),
    setting("sms.enabled", Switch, Is("true"), ""),
    setting("sms.from", PHONE, Like("+18005551234"), ""),
    setting("sms.hours", SMS_HOURS, Is("08:00-21:00"), "in the campaign's zone; or \"always\""),
    setting("sms.default_language", LANGUAGE, Is("en-US"), ""),
    setting("sms.on_no_answer", Word(OnNoAnswer::VARIANTS), Is("hold"), "\"resend\" where a second text is better than none"),
    setting("sms.templates.*", Text(TEMPLATE), Is("Your callback is confirmed for {date} {time}. Reference: {reference}"), ""),
    setting("retry.max_attempts", Whole(1, 100), Is("5"), "a run and step, of contacts and texts; tokens and forecasts go by give_up_after"),
    setting("retry.server_error_wait", Times(ZERO, HOUR), Is("[\"5s\", \"30s\"]"), "a 5xx is tried again after a random wait between these"),
    setting("retry.give_up_after", Time(SECOND, DAY), Is("10m"), "of trouble without one success: stop, exit 4"),
    setting("forecast.max_range", Time(HOUR, WEEK), Is("24h"), "whole hours that one forecast request may cover"),
    setting("campaigns.*.hours", Text("the name of a table [hours.NAME]"), Like("default"), ""),
    setting("campaigns.*.timezone", Zone, Like("America/Chicago"), ""),
    setting("campaigns.*.sms_from", PHONE, Like("+18005551234"), ""),
    setting("campaigns.*.calls_per_agent_hour", CALLS, Like("8"), ""),
];

/// Tables with names of the user's: what `*` is in the default file, and the comment behind the table.
const NAMED: &[(&str, &str, &str)] = &[
    ("hours.*", "default", "unset: always open"),
    ("sms.templates", "en", "by language tag or its first part"),
    ("campaigns.*", "CAMPAIGN-ID", "any of these, for one campaign"),
];

/// The key that stands for the days of an hours table, whose names are ranges too.
const A_DAY: &str = "hours.*.mon-fri";

const HEADER: &str = "\
# ringback.toml: the settings, with their defaults. Lines behind a # have no default: they show the shape.
# Flags beat environment variables (RINGBACK_PLATFORM_CONCURRENCY=8) beat this file beat the defaults.

";

/// The column at which comments stand in the default file, where the value leaves room.
const NOTE_COLUMN: usize = 33;

const fn setting(key: &'static str, kind: Kind, preset: Preset, note: &'static str) -> Setting {
    Setting { key, kind, preset, note }
}

impl Setting {
    /// The key of its table, and its name in there.
    pub(super) fn split(&self) -> (&'static str, &'static str) {
        self.key.rsplit_once('.').unwrap_or(("", self.key))
    }

    /// Whether the key has a name of the user's in it.
    pub(super) fn is_named(&self) -> bool {
        self.key.contains('*')
    }

    /// Whether it is about a day of an hours table.
    pub(super) fn is_a_day(&self) -> bool {
        self.key.starts_with("hours.") && days(self.split().1).is_ok()
    }

    /// Its line in the default file.
    fn line(&self, star: &str) -> String {
        let (prefix, value) = match self.preset {
            Is(value) => ("", value),
            Like(value) => ("# ", value),
        };
        let value = if self.kind.is_text() { quote(value) } else { value.to_owned() };
        noted(&format!("{prefix}{} = {value}", self.split().1.replace('*', star)), NOTE_COLUMN, self.note)
    }
}

/// The defaults: a commented settings file.
#[must_use]
pub fn default_file() -> String {
    let (mut text, mut table, mut star) = (HEADER.to_owned(), "", "");
    for setting in TABLE {
        let above = setting.split().0;
        if above != table {
            let named = NAMED.iter().find(|(table, ..)| *table == above);
            let (name, note) = named.map_or(("", ""), |(_, name, note)| (*name, *note));
            let prefix = if above.contains('*') { "# " } else { "" };
            let head = noted(&format!("{prefix}[{}]", above.replace('*', name)), NOTE_COLUMN, note);
            let _ = writeln!(text, "\n{head}"); // a String takes everything
            (table, star) = (above, name);
        }
        let _ = writeln!(text, "{}", setting.line(star));
    }
    text
}

/// The setting that a path names: tables and the key.
pub(super) fn find(path: &[String]) -> Option<&'static Setting> {
    let exact = TABLE.iter().find(|setting| fits(setting.key, path));
    let day = |path: &[String]| matches!(path, [table, _, day] if table == "hours" && days(day).is_ok());
    exact.or_else(|| TABLE.iter().find(|setting| setting.key == A_DAY && day(path)))
}

/// Whether a path is a table's.
pub(super) fn is_table(path: &[String]) -> bool {
    TABLE.iter().any(|setting| {
        let ends = setting.key.match_indices('.').map(|(end, _)| &setting.key[..end]);
        ends.into_iter().any(|table| fits(table, path))
    })
}

/// Whether a path has this pattern. Names of the user's may hold dots.
pub(super) fn fits(pattern: &str, path: &[String]) -> bool {
    let mut segments = pattern.split('.').filter(|segment| !segment.is_empty());
    path.iter().all(|name| segments.next().is_some_and(|segment| segment == "*" || segment == name))
        && segments.next().is_none()
}

impl Kind {
    /// Whether TOML writes it as one text.
    pub(super) fn is_text(self) -> bool {
        match self {
            Whole(..) | Above0(_) | Switch | Times(..) | List(_) => false,
            Time(..) | Word(_) | Text(_) | Usual(..) | Hidden(_) | Path | Zone => true,
        }
    }

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
            Text(shape) | Usual(shape, _) | Hidden(shape) => shape.to_owned(),
            Path => FILE.to_owned(),
            Zone => "a time zone of the IANA database, as in \"America/New_York\"".to_owned(),
            List(shape) => format!("a list of {shape}"),
        }
    }
}
