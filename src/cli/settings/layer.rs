//! One layer of settings: what was typed, where, and in which words. A file, the environment and the
//! flags all become a layer; nothing is judged here but the form.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_path_to_error::{Path as KeyPath, Segment};
use toml::de::{DeTable, DeValue};

use super::discover::Surroundings;
use super::error::{Origin, SettingsError};
use super::keys::{self, Kind};
use super::text::{clean, clean_line};
use super::typed::Typed;
use super::{DEFAULT_TOML, Overrides};

/// Variables in which the platform's own tools keep their credentials.
const CLIENT_ID_VARIABLE: &str = "CXONE_CLIENT_ID";
const CLIENT_SECRET_VARIABLE: &str = "CXONE_CLIENT_SECRET";

/// How variables begin that look like settings and are none: they stand for flags, or belong to others.
const FOREIGN: [&str; 5] =
    ["RINGBACK_LOG", "RINGBACK_CRASH_", "RINGBACK_METRICS_FILE", "RINGBACK_PING", crate::io::state::VARIABLE];

/// A value as it was typed.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) origin: Origin,
    /// The value in the words of its place, fit to be shown.
    pub(super) text: String,
}

/// All that was typed in one place.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) typed: Typed,
    /// Where its relative paths begin.
    pub(super) base: PathBuf,
    pub(super) written: BTreeMap<String, Written>,
}

impl Layer {
    /// The defaults that are built in; their paths begin where the settings file's do.
    pub(super) fn defaults(base: &Path) -> Result<Self, SettingsError> {
        Self::document(DEFAULT_TOML, Path::new("default.toml"), |_| Origin::Default)
            .map(|layer| Self { base: base.to_owned(), ..layer })
    }

    /// A settings file that was read.
    pub(super) fn file(path: &Path, text: &str) -> Result<Self, SettingsError> {
        Self::document(text, path, |line| Origin::File { path: path.to_owned(), line })
    }

    fn document(text: &str, path: &Path, place: impl Fn(usize) -> Origin) -> Result<Self, SettingsError> {
        let table = DeTable::parse(text).map_err(|error| syntax(path, text, &error))?;
        let mut written = BTreeMap::new();
        note(table.get_ref(), "", &mut |key, name, value| {
            let origin = place(position(text, name.start).0);
            let shown = shown(&key, text.get(value).unwrap_or_default());
            written.insert(key, Written { origin, text: shown });
        });
        let typed = serde_path_to_error::deserialize(toml::de::Deserializer::from(table))
            .map_err(|error| misfit(&written, error.path()))?;
        let base = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { typed, base, written })
    }

    /// The variables `RINGBACK_…` and the platform's own. An empty one counts as not set.
    pub(super) fn environment(around: &Surroundings) -> Result<Self, SettingsError> {
        let (mut table, mut written) = (toml::Table::new(), BTreeMap::new());
        for (name, value) in &around.variables {
            let name = name.to_string_lossy();
            if !name.starts_with("RINGBACK_") || FOREIGN.iter().any(|foreign| name.starts_with(foreign)) {
                continue;
            }
            let (key, kind) = known(&name)?;
            let Some(text) = value.to_str() else { return Err(not_utf8(key, &name)) };
            if !text.is_empty() {
                insert(&mut table, key, typed_value(kind, text));
                written.insert(key.to_owned(), variable(&name, &shown(key, text)));
            }
        }
        let typed = serde_path_to_error::deserialize(table).map_err(|error| misfit(&written, error.path()))?;
        let mut layer = Self { typed, base: around.folder.clone(), written };
        layer.take_credentials(around)?;
        Ok(layer)
    }

    /// The client id by value, the secret by the name of its variable only.
    fn take_credentials(&mut self, around: &Surroundings) -> Result<(), SettingsError> {
        let (id, secret) = ("platform.client_id", "platform.client_secret_variable");
        let there = |name: &str| around.variable(name).filter(|value| !value.is_empty());
        if let Some(value) = there(CLIENT_ID_VARIABLE).filter(|_| self.typed.platform.client_id.is_none()) {
            let value = value.to_str().ok_or_else(|| not_utf8(id, CLIENT_ID_VARIABLE))?;
            self.typed.platform.client_id = Some(value.to_owned());
            self.written.insert(id.to_owned(), variable(CLIENT_ID_VARIABLE, &shown(id, value)));
        }
        if there(CLIENT_SECRET_VARIABLE).is_some() {
            self.typed.platform.client_secret_variable = Some(CLIENT_SECRET_VARIABLE.to_owned());
            self.written.insert(secret.to_owned(), variable(CLIENT_SECRET_VARIABLE, ""));
        }
        Ok(())
    }

    /// A layer in which nothing is set yet.
    pub(super) fn empty() -> Self {
        Self { typed: Typed::default(), base: PathBuf::new(), written: BTreeMap::new() }
    }

    /// The flags that override a setting. The ledger's path need not be UTF-8 and stays with its finder.
    pub(super) fn flags(overrides: &Overrides) -> Self {
        let mut layer = Self::empty();
        let platform = &mut layer.typed.platform;
        platform.requests_per_minute = overrides.rate.map(i64::from);
        platform.concurrency = overrides.concurrency.map(i64::from);
        for (key, flag, value) in [
            ("platform.requests_per_minute", "--rate", overrides.rate),
            ("platform.concurrency", "--concurrency", overrides.concurrency),
        ] {
            if let Some(value) = value {
                let (origin, text) = (Origin::Flag(flag), value.to_string());
                layer.written.insert(key.to_owned(), Written { origin, text });
            }
        }
        layer
    }
}

/// Tells of every key of a table and of those below: its dotted name, its place, its value's place.
fn note(table: &DeTable<'_>, above: &str, tell: &mut impl FnMut(String, Range<usize>, Range<usize>)) {
    for (name, value) in table {
        let key = if above.is_empty() { name.get_ref().to_string() } else { format!("{above}.{}", name.get_ref()) };
        if let DeValue::Table(below) = value.get_ref() {
            note(below, &key, tell);
        }
        tell(key, name.span(), value.span());
    }
}

/// The words of a value, but not where they may hold a secret: a password in a URL, a token in a command.
fn shown(key: &str, text: &str) -> String {
    let secret = key.starts_with("platform.client_secret") || ["platform.base_url", "platform.proxy"].contains(&key);
    if secret || keys::is_table(key) { "the value".to_owned() } else { clean(text) }
}

fn variable(name: &str, text: &str) -> Written {
    Written { origin: Origin::Variable(name.to_owned()), text: text.to_owned() }
}

fn known(name: &str) -> Result<(&'static str, Kind), SettingsError> {
    if let Some((key, kind, _)) = keys::variables().find(|(.., known)| known == name) {
        return Ok((key, kind));
    }
    if is_secret(name) {
        let place = Origin::Variable(clean(name));
        return Err(SettingsError::InlineSecret { place, key: "platform.client_secret".to_owned() });
    }
    Err(SettingsError::UnknownVariable { name: clean(name), hint: keys::hint_at_variable(name) })
}

fn not_utf8(key: &str, name: &str) -> SettingsError {
    SettingsError::NotAllowed {
        place: Origin::Variable(name.to_owned()),
        key: key.to_owned(),
        given: "a text that is not UTF-8".to_owned(),
        allowed: keys::kind(key).map(Kind::allowed).unwrap_or_default(),
    }
}

/// A variable's text in the type of its key; what does not fit stays text, and is refused as such.
fn typed_value(kind: Kind, text: &str) -> toml::Value {
    let value = match kind {
        Kind::Text(_) | Kind::Time(..) | Kind::Word(_) => None,
        Kind::Whole(..) | Kind::Above0(_) | Kind::Switch | Kind::Times(..) | Kind::List(_) => text.parse().ok(),
    };
    value.unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

fn insert(table: &mut toml::Table, key: &str, value: toml::Value) {
    let Some((section, name)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return;
    };
    let section = table.entry(section).or_insert_with(|| toml::Table::new().into());
    if let Some(section) = section.as_table_mut() {
        section.insert(name.to_owned(), value);
    }
}

/// The error of a value that is not of its key's type, or of a key that does not exist.
fn misfit(written: &BTreeMap<String, Written>, path: &KeyPath) -> SettingsError {
    let names = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(key.as_str()),
        Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
    });
    let key = names.collect::<Vec<_>>().join(".");
    let there = written.get(&key);
    let place = there.map_or(Origin::Default, |there| there.origin.clone());
    let given = there.map_or_else(String::new, |there| there.text.clone());
    let allowed = match keys::kind(&key) {
        Some(kind) => kind.allowed(),
        None if keys::is_table(&key) => "a table".to_owned(),
        None => return unknown(place, &key),
    };
    SettingsError::NotAllowed { place, key: clean(&key), given, allowed }
}

/// The error of a key that does not exist; where it was to hold a secret, how that is done instead.
pub(super) fn unknown(place: Origin, key: &str) -> SettingsError {
    let shown = clean(key);
    if key.rsplit('.').next().is_some_and(is_secret) {
        return SettingsError::InlineSecret { place, key: shown };
    }
    SettingsError::UnknownKey { place, key: shown, hint: clean_line(&keys::hint_at_key(key)) }
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
