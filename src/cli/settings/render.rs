//! The settings in force and where each comes from, for people and for scripts. Of a secret only its
//! source is shown.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::io::platform::SecretSource;
use crate::logic::hours::week::{DAYS, days};

use super::duration::{format_duration, parse_duration};
use super::error::Origin;
use super::given::Given;
use super::hours::Hours;
use super::layer::path;
use super::network::ProxyChoice;
use super::secret::shown;
use super::table::{Kind, Setting, TABLE};
use super::text::{clean_path, noted, quote};
use super::{InForce, Settings};

/// The column at which origins stand, where the value leaves room.
const ORIGIN_COLUMN: usize = 48;

/// A key with its value, if it is set, and where that comes from.
struct Line {
    path: Vec<String>,
    value: Option<Value>,
    origin: String,
}

impl InForce {
    /// The settings in force in the form of a settings file, each value with its origin behind it.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = match &self.settings.file {
            Some(file) => format!("# settings file: {}\n", clean_path(file)),
            None => "# no settings file\n".to_owned(),
        };
        let mut above: &[String] = &[];
        let lines = self.lines();
        for line in &lines {
            let Some((name, table)) = line.path.split_last() else { continue };
            if table != above {
                let _ = writeln!(text, "\n[{}]", table.iter().map(|name| bare(name)).collect::<Vec<_>>().join("."));
                above = table;
            }
            let shown = match &line.value {
                Some(value) => format!("{} = {}", bare(name), toml_of(value)),
                None => format!("# {name}"),
            };
            let _ = writeln!(text, "{}", noted(&shown, ORIGIN_COLUMN, &line.origin));
        }
        text
    }

    /// The settings in force: `file`, and under `settings` each key with `value` and `origin`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut root = json!({});
        for line in self.lines() {
            let place = line.path.iter().fold(&mut root, |table, name| &mut table[name]);
            *place = json!({ "value": line.value, "origin": line.origin });
        }
        let file = self.settings.file.as_ref().map(|file| file.to_string_lossy());
        json!({ "file": file, "settings": root })
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for table in TABLE.chunk_by(|one, next| one.split().0 == next.split().0) {
            let above = table[0].split().0;
            let Some((above, _)) = above.split_once(".*") else {
                lines.extend(table.iter().flat_map(|setting| self.fixed(setting)));
                continue;
            };
            for name in self.layers.names(above) {
                match self.settings.hours.get(&name).filter(|_| above == "hours") {
                    Some(hours) => lines.extend(opening_hours(&self.settings, &name, hours)),
                    None => lines.extend(table.iter().map(|setting| self.line(path(setting.key), &name))),
                }
            }
        }
        lines
    }

    /// The lines of a setting of a table without a name of the user's.
    fn fixed(&self, setting: &Setting) -> Vec<Line> {
        let platform = &self.settings.platform;
        let address = platform.address.as_ref().map(|address| (address.region(), address.base_url()));
        vec![match (setting.key, address) {
            ("platform.region", Some((None, _))) | ("platform.base_url", None | Some((Some(_), _))) => {
                return Vec::new();
            }
            ("platform.base_url", Some((None, base_url))) => {
                Line { value: Some(base_url.into()), ..self.line(path(setting.key), "") }
            }
            ("platform.client_secret_command", _) => return Vec::new(),
            ("platform.client_secret_file", _) => {
                client_secret(platform.client_secret.as_ref(), |key| self.line(path(key), ""))
            }
            ("platform.proxy", _) => self.proxy(),
            ("platform.ca_file", _) => self.ca_file(),
            ("sms.templates.*", _) => {
                let tags = self.layers.names("sms.templates").into_iter();
                return tags.map(|tag| self.line(path(setting.key), &tag)).collect();
            }
            _ => self.line(path(setting.key), ""),
        }]
    }

    /// A key with what is set for it; `name` stands for its `*`.
    fn line(&self, path: Vec<String>, name: &str) -> Line {
        let path: Vec<String> =
            path.into_iter().map(|segment| if segment == "*" { name.to_owned() } else { segment }).collect();
        let given = self.layers.find(&path);
        let origin = given.as_ref().map_or("not set".to_owned(), |given| given.origin().to_string());
        Line { path, value: given.as_ref().and_then(value), origin }
    }

    /// Of a proxy neither user nor password is shown. Variables of the machine are named where a value's origin stands.
    fn proxy(&self) -> Line {
        let platform = &self.settings.platform;
        let mut line = self.line(path("platform.proxy"), "");
        line.value = platform.proxy.as_ref().map(|proxy| proxy.shown().into());
        let unused = |proxy: &ProxyChoice| proxy.unused(platform.address.as_ref()?);
        if let Some(why) = platform.proxy.as_ref().and_then(unused) {
            let _ = write!(line.origin, ", {why}"); // a String takes everything
        }
        line
    }

    fn ca_file(&self) -> Line {
        let mut line = self.line(path("platform.ca_file"), "");
        if let Some(authorities) = &self.settings.platform.authorities {
            let _ = write!(line.origin, "; instead of the system's: {authorities}"); // a String takes everything
        }
        line
    }
}

/// A file and a command have keys; other sources are named where a value's origin stands.
fn client_secret(source: Option<&SecretSource>, line: impl Fn(&str) -> Line) -> Line {
    let file = "platform.client_secret_file";
    match source {
        None => line(file),
        Some(SecretSource::File(_)) => Line { value: source.map(|source| shown(source).into()), ..line(file) },
        Some(SecretSource::Command(_)) => {
            Line { value: source.map(|source| shown(source).into()), ..line("platform.client_secret_command") }
        }
        Some(source @ (SecretSource::Env(_) | SecretSource::Fixed(_))) => {
            Line { path: path("platform.client_secret"), value: None, origin: shown(source) }
        }
    }
}

fn opening_hours(settings: &Settings, name: &str, hours: &Hours) -> Vec<Line> {
    let line = |key: &str, value: Value, origin: Option<&Origin>, otherwise: &str| Line {
        path: ["hours", name, key].map(ToOwned::to_owned).to_vec(),
        value: Some(value),
        origin: origin.map_or_else(|| otherwise.to_owned(), Origin::to_string),
    };
    let origin = |key: &str| settings.origin(&format!("hours.{name}.{key}"));
    let zone = origin("timezone").or_else(|| settings.origin("validation.timezone"));
    let mut lines = vec![line("timezone", hours.typed.timezone.as_str().into(), zone, "")];
    for (index, day) in DAYS.iter().enumerate() {
        let names_it = |key: &str| days(key).is_ok_and(|days| days.contains(&index));
        let named = hours.typed.days.iter().find(|(key, _)| names_it(key));
        let times = named.map(|(_, times)| times.clone()).unwrap_or_default();
        lines.push(line(day, times.into(), named.and_then(|(key, _)| origin(key)), "not set: closed"));
    }
    lines.push(line("holidays", hours.typed.holidays.clone().into(), origin("holidays"), "default"));
    lines
}

/// A value in its usual form.
fn value(given: &Given) -> Option<Value> {
    let text = given.as_str();
    let time = |text: &str| parse_duration(text).map(format_duration);
    match given.kind()? {
        Kind::Time(..) => time(text).map(Value::from),
        Kind::Times(..) => Some(given.list().ok()?.iter().filter_map(|text| time(text)).collect()),
        Kind::Path => given.path().ok().map(|path| path.to_string_lossy().into_owned().into()),
        Kind::Zone => given.zone().ok().map(|zone| zone.name().unwrap_or(text).into()),
        Kind::Usual(_, usual) => usual(text).map(Value::from),
        Kind::Above0(_) => given.above0().ok().map(number),
        Kind::Hidden(_) => None,
        Kind::Whole(..) | Kind::Switch | Kind::Word(_) | Kind::Text(_) | Kind::List(_) => {
            serde_json::to_value(given.value()?).ok()
        }
    }
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
