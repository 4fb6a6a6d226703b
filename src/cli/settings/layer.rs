//! One layer of settings: what was typed, where, and in which words. A file, the environment and the
//! flags all become a layer; nothing is judged here but the form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use toml::Value;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::Overrides;
use super::discover::Surroundings;
use super::error::{Origin, SettingsError};
use super::keys;
use super::secret;
use super::table::{self, Kind, Setting};
use super::text::{clean, clean_line};

/// How variables begin that look like settings and are none: they stand for flags, or belong to others.
const FOREIGN: [&str; 5] =
    ["RINGBACK_LOG", "RINGBACK_CRASH_", "RINGBACK_METRICS_FILE", "RINGBACK_PING", crate::io::state::VARIABLE];

/// The words for a value that is not shown.
pub(super) const HIDDEN: &str = "the value";

/// A value as it was typed.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) origin: Origin,
    /// The value in the words of its place, fit to be shown.
    pub(super) text: String,
    /// The value in the type of its key; `None` of a table.
    pub(super) value: Option<Value>,
}

impl Written {
    /// A refusal of what was typed, or of a part of it.
    pub(super) fn refused(&self, path: &[String], given: &str, allowed: String) -> SettingsError {
        let (place, key, given) = (self.origin.clone(), clean(&path.join(".")), clean(given));
        SettingsError::NotAllowed { place, key, given, allowed }
    }

    /// The same with a value for a setting, where it is of its type.
    fn holding(self, setting: &Setting, path: &[String], value: Option<Value>) -> Result<Self, SettingsError> {
        match value {
            Some(value) => Ok(Self { value: Some(value), ..self }),
            None => Err(self.refused(path, &self.text, setting.kind.allowed())),
        }
    }
}

/// All that was typed in one place, by its tables and its key.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// Where its relative paths begin.
    pub(super) base: PathBuf,
    pub(super) written: BTreeMap<Vec<String>, Written>,
}

impl Layer {
    /// The defaults that are built in; their paths begin where the settings file's do.
    pub(super) fn defaults(base: &Path) -> Result<Self, SettingsError> {
        Self::document(&table::default_file(), Path::new("default.toml"), &|_| Origin::Default)
            .map(|layer| Self { base: base.to_owned(), ..layer })
    }

    /// A settings file that was read.
    pub(super) fn file(path: &Path, text: &str) -> Result<Self, SettingsError> {
        Self::document(text, path, &|line| Origin::File { path: path.to_owned(), line })
    }

    fn document(text: &str, path: &Path, place: &dyn Fn(usize) -> Origin) -> Result<Self, SettingsError> {
        let table = DeTable::parse(text).map_err(|error| syntax(path, text, &error))?;
        let base = path.parent().map(Path::to_owned).unwrap_or_default();
        let mut layer = Self { base, written: BTreeMap::new() };
        layer.take(table.into_inner(), &[], &|byte| place(position(text, byte).0), text)?;
        Ok(layer)
    }

    /// Takes a table and those in it, each key with its place.
    fn take(
        &mut self,
        table: DeTable<'_>,
        above: &[String],
        place: &dyn Fn(usize) -> Origin,
        text: &str,
    ) -> Result<(), SettingsError> {
        for (name, value) in table {
            let path: Vec<String> = above.iter().cloned().chain([name.get_ref().to_string()]).collect();
            let origin = place(name.span().start);
            let text_of = |setting: &Setting| shown(setting, text.get(value.span()).unwrap_or_default());
            let written = if let Some(setting) = table::find(&path) {
                let written = Written { origin, text: text_of(setting), value: None };
                written.holding(setting, &path, fit(setting.kind, ValueDeserializer::from(value)))?
            } else if table::is_table(&path) {
                let written = Written { origin, text: HIDDEN.to_owned(), value: None };
                let DeValue::Table(below) = value.into_inner() else {
                    return Err(written.refused(&path, &written.text, "a table".to_owned()));
                };
                self.take(below, &path, place, text)?;
                written
            } else {
                return Err(unknown(origin, &path));
            };
            self.written.insert(path, written);
        }
        Ok(())
    }

    /// The variables `RINGBACK_…` and the platform's own. An empty one counts as not set.
    pub(super) fn environment(around: &Surroundings) -> Result<Self, SettingsError> {
        let mut layer = Self { base: around.folder.clone(), written: BTreeMap::new() };
        for (name, value) in &around.variables {
            let name = name.to_string_lossy();
            if !name.starts_with("RINGBACK_") || FOREIGN.iter().any(|foreign| name.starts_with(foreign)) {
                continue;
            }
            let setting = known(&name)?;
            let Some(text) = value.to_str() else { return Err(not_utf8(setting, &name)) };
            if !text.is_empty() {
                let (path, origin) = (path(setting.key), Origin::Variable(name.into_owned()));
                let written = Written { origin, text: shown(setting, text), value: None };
                let written = written.holding(setting, &path, of_variable(setting.kind, text))?;
                layer.written.insert(path, written);
            }
        }
        secret::take_credentials(&mut layer, around)?;
        Ok(layer)
    }

    /// The flags that override a setting. The ledger's path need not be UTF-8 and stays with its finder.
    pub(super) fn flags(overrides: &Overrides) -> Self {
        let mut layer = Self::default();
        for (key, flag, value) in [
            ("platform.requests_per_minute", "--rate", overrides.rate),
            ("platform.concurrency", "--concurrency", overrides.concurrency),
        ] {
            if let Some(value) = value {
                layer.set(key, Origin::Flag(flag), (&value.to_string(), i64::from(value).into()));
            }
        }
        layer
    }

    /// Sets a key to a value with its words.
    pub(super) fn set(&mut self, key: &str, origin: Origin, (text, value): (&str, Value)) {
        self.written.insert(path(key), Written { origin, text: text.to_owned(), value: Some(value) });
    }
}

/// The tables and the key in a key without a name of the user's.
pub(super) fn path(key: &str) -> Vec<String> {
    key.split('.').map(ToOwned::to_owned).collect()
}

/// A value in the type of its key; `None` where it is of another.
fn fit<'de>(kind: Kind, value: impl Deserializer<'de>) -> Option<Value> {
    match kind {
        Kind::Whole(..) => i64::deserialize(value).ok().map(Value::from),
        Kind::Above0(_) => f64::deserialize(value).ok().map(Value::from),
        Kind::Switch => bool::deserialize(value).ok().map(Value::from),
        Kind::Times(..) | Kind::List(_) => Vec::<String>::deserialize(value).ok().map(Value::from),
        Kind::Time(..)
        | Kind::Word(_)
        | Kind::Text(_)
        | Kind::Usual(..)
        | Kind::Hidden(_)
        | Kind::Path
        | Kind::Zone => String::deserialize(value).ok().map(Value::from),
    }
}

/// A variable's text in the type of its key.
fn of_variable(kind: Kind, text: &str) -> Option<Value> {
    if kind.is_text() { Some(text.into()) } else { text.parse().ok().and_then(|value: Value| fit(kind, value)) }
}

/// The words of a value, but not where they may hold a secret: a password in a URL, a token in a command.
pub(super) fn shown(setting: &Setting, text: &str) -> String {
    if matches!(setting.kind, Kind::Hidden(_)) { HIDDEN.to_owned() } else { clean(text) }
}

fn known(name: &str) -> Result<&'static Setting, SettingsError> {
    if let Some((setting, _)) = keys::variables().find(|(_, known)| known == name) {
        return Ok(setting);
    }
    if is_secret(name) {
        let place = Origin::Variable(clean(name));
        return Err(SettingsError::InlineSecret { place, key: "platform.client_secret".to_owned() });
    }
    Err(SettingsError::UnknownVariable { name: clean(name), hint: keys::hint_at_variable(name) })
}

/// The error of a variable that holds no text.
pub(super) fn not_utf8(setting: &Setting, name: &str) -> SettingsError {
    let written = Written { origin: Origin::Variable(name.to_owned()), text: String::new(), value: None };
    written.refused(&path(setting.key), "a text that is not UTF-8", setting.kind.allowed())
}

/// The error of a key that does not exist; where it was to hold a secret, how that is done instead.
pub(super) fn unknown(place: Origin, path: &[String]) -> SettingsError {
    let shown = clean(&path.join("."));
    if path.last().is_some_and(|name| is_secret(name)) {
        return SettingsError::InlineSecret { place, key: shown };
    }
    SettingsError::UnknownKey { place, key: shown, hint: clean_line(&keys::hint_at_key(path)) }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("secret") || name.contains("password")
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    SettingsError::Syntax { path: path.to_owned(), line, column, reason: clean_line(error.message()) }
}

/// Line and character of a byte of the text, both from 1.
pub(super) fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
