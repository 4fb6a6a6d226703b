//! The settings in force and where each comes from, for people and for scripts. Of a secret only its
//! source is shown.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::abilities::Repeat;
use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::io::platform::SecretSource;
use crate::logic::hours::week::{DAYS, days};

use super::duration::format_duration;
use super::hours::Hours;
use super::secret::shown;
use super::text::{clean_path, quote};
use super::{OnNoAnswer, Origin, ProxyChoice, Settings};

/// The column at which origins stand, where the value leaves room.
const ORIGIN_COLUMN: usize = 48;

/// A key with its value, if it is set, and where that comes from.
struct Line {
    table: Vec<String>,
    name: String,
    value: Option<Value>,
    origin: String,
}

/// The settings in force in the form of a settings file, each value with its origin behind it.
#[must_use]
pub fn render(settings: &Settings) -> String {
    let mut text = match &settings.file {
        Some(file) => format!("# settings file: {}\n", clean_path(file)),
        None => "# no settings file\n".to_owned(),
    };
    let mut table = Vec::new();
    for line in lines(settings) {
        if line.table != table {
            let _ = writeln!(text, "\n[{}]", line.table.iter().map(|name| bare(name)).collect::<Vec<_>>().join("."));
            table.clone_from(&line.table);
        }
        let shown = match &line.value {
            Some(value) => format!("{} = {}", bare(&line.name), toml_of(value)),
            None => format!("# {}", line.name),
        };
        let width = ORIGIN_COLUMN.saturating_sub(shown.chars().count());
        let _ = writeln!(text, "{shown}{:width$}  # {}", "", line.origin);
    }
    text
}

/// The settings in force: `file`, and under `settings` each key with `value` and `origin`.
#[must_use]
pub fn to_json(settings: &Settings) -> Value {
    let mut root = json!({});
    for line in lines(settings) {
        let table = line.table.iter().fold(&mut root, |table, name| &mut table[name]);
        table[line.name] = json!({ "value": line.value, "origin": line.origin });
    }
    let file = settings.file.as_ref().map(|file| file.to_string_lossy());
    json!({ "file": file, "settings": root })
}

/// Collects lines, table by table.
struct Lines<'a> {
    settings: &'a Settings,
    table: Vec<String>,
    done: Vec<Line>,
}

impl Lines<'_> {
    fn table(&mut self, names: &[&str]) {
        self.table = names.iter().map(|name| (*name).to_owned()).collect();
    }

    fn key(&mut self, name: &str, value: impl Into<Value>) {
        self.optional(name, Some(value));
    }

    fn optional(&mut self, name: &str, value: Option<impl Into<Value>>) {
        let key = self.table.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".");
        let origin = match (&value, self.settings.origin(&key)) {
            (Some(_), Some(origin)) => origin.to_string(),
            (Some(_), None) => Origin::Default.to_string(),
            (None, _) => "not set".to_owned(),
        };
        let (table, name) = (self.table.clone(), name.to_owned());
        self.done.push(Line { table, name, value: value.map(Into::into), origin });
    }

    /// Says of the last key where it comes from, where its name alone does not tell.
    fn comes_from(&mut self, origin: String) {
        if let Some(line) = self.done.last_mut() {
            line.origin = origin;
        }
    }
}

fn lines(settings: &Settings) -> Vec<Line> {
    let mut lines = Lines { settings, table: Vec::new(), done: Vec::new() };
    lines.key("ledger", settings.ledger.to_string_lossy().into_owned());
    platform(&mut lines);
    validation(&mut lines);
    for (name, hours) in &settings.hours {
        opening_hours(&mut lines, name, hours);
    }
    lines.table(&["placement"]);
    lines.key("calls_per_agent_hour", number(settings.placement.calls_per_agent_hour));
    lines.key("lead_time", time(settings.placement.lead_time));
    lines.table(&["contact"]);
    lines.key("retry_count", settings.contact.retry_count);
    lines.key("retry_interval", settings.contact.retry_interval.as_str());
    sms(&mut lines);
    retry(&mut lines);
    campaigns(&mut lines);
    lines.done
}

fn platform(lines: &mut Lines<'_>) {
    let platform = &lines.settings.platform;
    lines.table(&["platform"]);
    match platform.address.as_ref().map(|address| (address.region(), address.base_url())) {
        Some((Some(region), _)) => lines.key("region", region),
        Some((None, base_url)) => lines.key("base_url", base_url),
        None => lines.optional("region", None::<&str>),
    }
    lines.optional("client_id", platform.client_id.as_deref());
    client_secret(lines, platform.client_secret.as_ref());
    lines.key("requests_per_minute", platform.requests_per_minute);
    lines.key("concurrency", platform.concurrency);
    lines.key("timeout", time(platform.timeout));
    network(lines);
    lines.key(
        "contact_ids",
        match platform.contact_ids {
            Repeat::SameId => "unique",
            Repeat::Never | Repeat::WithinLife(_) | Repeat::LookUpFirst => "advisory",
        },
    );
}

/// Of a proxy neither user nor password is shown. Variables of the machine are named where a value's origin stands.
fn network(lines: &mut Lines<'_>) {
    let platform = &lines.settings.platform;
    lines.optional("proxy", platform.proxy.as_ref().map(ProxyChoice::shown));
    if let Some((proxy, address)) = platform.proxy.as_ref().zip(platform.address.as_ref())
        && let Some(why) = proxy.unused(address)
    {
        lines.comes_from(format!("{}, {why}", proxy.origin()));
    }
    lines.optional("ca_file", platform.ca_file.as_ref().map(|file| file.to_string_lossy().into_owned()));
    if let Some(authorities) = &platform.authorities {
        let origin = lines.settings.origin("platform.ca_file").map_or("not set".to_owned(), Origin::to_string);
        lines.comes_from(format!("{origin}; instead of the system's: {authorities}"));
    }
}

/// A file and a command have keys; other sources are named where a value's origin stands.
fn client_secret(lines: &mut Lines<'_>, source: Option<&SecretSource>) {
    match source {
        Some(SecretSource::File(_)) => lines.optional("client_secret_file", source.map(shown)),
        Some(SecretSource::Command(_)) => lines.optional("client_secret_command", source.map(shown)),
        Some(SecretSource::Env(_) | SecretSource::Fixed(_)) => {
            lines.optional("client_secret", None::<&str>);
            lines.comes_from(source.map(shown).unwrap_or_default());
        }
        None => lines.optional("client_secret_file", None::<&str>),
    }
}

fn validation(lines: &mut Lines<'_>) {
    let validation = &lines.settings.validation;
    lines.table(&["validation"]);
    lines.key("default_region", validation.default_region.as_str());
    lines.optional("timezone", validation.timezone.as_ref().and_then(Zone::name));
    lines.key("time_formats", validation.time_formats.clone());
    lines.key("min_window", time(validation.min_window));
    lines.key("max_window", time(validation.max_window));
    lines.key("spoken_digits", validation.spoken_digits);
}

fn opening_hours(lines: &mut Lines<'_>, name: &str, hours: &Hours) {
    lines.table(&["hours", name]);
    let own = lines.settings.origin(&format!("hours.{name}.timezone"));
    let origin = own.or_else(|| lines.settings.origin("validation.timezone"));
    lines.key("timezone", hours.typed.timezone.as_str());
    lines.comes_from(origin.map(Origin::to_string).unwrap_or_default());
    for (index, day) in DAYS.iter().enumerate() {
        let names_it = |key: &str| days(key).is_ok_and(|days| days.contains(&index));
        let named = hours.typed.days.iter().find(|(key, _)| names_it(key));
        lines.key(day, named.map(|(_, times)| times.clone()).unwrap_or_default());
        let origin = named.and_then(|(key, _)| lines.settings.origin(&format!("hours.{name}.{key}")));
        lines.comes_from(origin.map_or_else(|| "not set: closed".to_owned(), Origin::to_string));
    }
    lines.key("holidays", hours.typed.holidays.clone());
}

fn sms(lines: &mut Lines<'_>) {
    let sms = &lines.settings.sms;
    lines.table(&["sms"]);
    lines.key("enabled", sms.enabled);
    lines.optional("from", sms.from.map(E164::reveal));
    lines.key("hours", sms.hours.to_string());
    lines.key("default_language", sms.default_language.as_str());
    lines.key(
        "on_no_answer",
        match sms.on_no_answer {
            OnNoAnswer::Hold => "hold",
            OnNoAnswer::Resend => "resend",
        },
    );
    lines.table(&["sms", "templates"]);
    for (language, text) in &sms.templates {
        lines.key(language, text.as_str());
    }
}

fn retry(lines: &mut Lines<'_>) {
    let retry = &lines.settings.retry;
    lines.table(&["retry"]);
    lines.key("max_attempts", retry.max_attempts);
    lines.key("server_error_wait", vec![time(retry.server_error_wait.0), time(retry.server_error_wait.1)]);
    lines.key("give_up_after", time(retry.give_up_after));
    lines.table(&["forecast"]);
    lines.key("max_range", time(lines.settings.forecast.max_range));
}

fn campaigns(lines: &mut Lines<'_>) {
    for (id, campaign) in &lines.settings.campaigns {
        lines.table(&["campaigns", id]);
        lines.optional("hours", campaign.hours.as_deref());
        lines.optional("timezone", campaign.timezone.as_ref().and_then(Zone::name));
        lines.optional("sms_from", campaign.sms_from.map(E164::reveal));
        lines.optional("calls_per_agent_hour", campaign.calls_per_agent_hour.map(number));
    }
}

fn time(duration: Duration) -> Value {
    format_duration(duration).into()
}

/// A number without a fraction that says nothing.
fn number(value: f64) -> Value {
    format!("{value}").parse::<u64>().map_or_else(|_| json!(value), Value::from)
}

/// A value as TOML writes it on one line.
fn toml_of(value: &Value) -> String {
    match value {
        Value::String(text) => quote(text),
        Value::Array(values) => format!("[{}]", values.iter().map(toml_of).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A key as TOML writes it: quoted where it needs to be.
fn bare(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { quote(name) }
}
