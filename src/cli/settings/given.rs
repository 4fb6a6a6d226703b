//! A value on its way from a layer to the settings: it knows its key and its place, so that a refusal
//! can name both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZoneDatabase;
use toml::Value;

use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::logic::nearest::nearest;

use super::duration::parse_duration;
use super::error::{Origin, SettingsError};
use super::layer::{Layer, Written, path};
use super::table::{self, Kind};

/// All layers, the one that counts most first.
#[derive(Debug)]
pub(super) struct Layers(pub(super) Vec<Layer>);

impl Layers {
    /// The value of a key in the first layer that has it.
    pub(super) fn find(&self, path: &[String]) -> Option<Given> {
        self.0.iter().find_map(|layer| Given::of(layer, path)).filter(|given| given.written.value.is_some())
    }

    /// The same by a key without a name of the user's.
    pub(super) fn pick(&self, key: &str) -> Option<Given> {
        self.find(&path(key))
    }

    /// A key that has a default, as it is read.
    pub(super) fn required<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Given) -> Result<T, SettingsError>,
    ) -> Result<T, SettingsError> {
        let missing = || SettingsError::Missing { place: "default".to_owned(), missing: key.to_owned() };
        read(&self.pick(key).ok_or_else(missing)?)
    }

    /// A key that may be set, as it is read.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Given) -> Result<T, SettingsError>,
    ) -> Result<Option<T>, SettingsError> {
        self.pick(key).as_ref().map(read).transpose()
    }

    /// What is made of several keys.
    pub(super) fn made<T>(
        &self,
        _key: &str,
        make: impl FnOnce(&Self) -> Result<T, SettingsError>,
    ) -> Result<T, SettingsError> {
        make(self)
    }

    /// The value of whichever of some keys the first layer has; two in one layer exclude each other.
    pub(super) fn alternative(&self, keys: &[&str]) -> Result<Option<Given>, SettingsError> {
        for layer in &self.0 {
            let mut set: Vec<Given> = keys.iter().filter_map(|key| Given::of(layer, &path(key))).collect();
            if set.len() > 1 {
                let keys = set.iter().map(Given::key).collect::<Vec<_>>().join(", ");
                return Err(SettingsError::Conflict { place: set[0].origin(), keys });
            }
            if let Some(given) = set.pop() {
                return Ok(Some(given));
            }
        }
        Ok(None)
    }

    /// The names that the user gave below a table.
    pub(super) fn names(&self, table: &str) -> BTreeSet<String> {
        let (table, paths) = (path(table), self.0.iter().flat_map(|layer| layer.written.keys()));
        let names = paths.filter_map(|path| path.strip_prefix(table.as_slice())?.first());
        names.cloned().collect()
    }

    /// What is set in a table, by its keys.
    pub(super) fn in_table(&self, table: &[String]) -> BTreeMap<String, Given> {
        let paths = self.0.iter().flat_map(|layer| layer.written.keys());
        let keys = paths.filter_map(|path| match path.strip_prefix(table)? {
            [key] => Some((key.clone(), self.find(path)?)),
            _ => None,
        });
        keys.collect()
    }

    /// The place of a key or a table; of what is set nowhere, the defaults.
    pub(super) fn place(&self, path: &[String]) -> Given {
        let nowhere = || {
            let written = Written { origin: Origin::Default, text: String::new(), value: None };
            Given { path: path.to_vec(), base: PathBuf::new(), written }
        };
        self.0.iter().find_map(|layer| Given::of(layer, path)).unwrap_or_else(nowhere)
    }

    /// Where each key that is set comes from.
    pub(super) fn origins(&self) -> BTreeMap<String, Origin> {
        let lowest_first = self.0.iter().rev().flat_map(|layer| &layer.written);
        lowest_first.map(|(path, written)| (path.join("."), written.origin.clone())).collect()
    }
}

/// A value and where it was typed.
#[derive(Debug, Clone)]
pub(super) struct Given {
    path: Vec<String>,
    /// Where it begins, if it is a relative path.
    base: PathBuf,
    written: Written,
}

impl Given {
    fn of(layer: &Layer, path: &[String]) -> Option<Self> {
        let written = layer.written.get(path)?.clone();
        Some(Self { path: path.to_vec(), base: layer.base.clone(), written })
    }

    /// Its key with the tables.
    pub(super) fn key(&self) -> String {
        self.path.join(".")
    }

    /// Where it was typed.
    pub(super) fn origin(&self) -> Origin {
        self.written.origin.clone()
    }

    /// What its key may hold.
    pub(super) fn kind(&self) -> Option<Kind> {
        table::find(&self.path).map(|setting| setting.kind)
    }

    /// What its key may hold, for a person.
    pub(super) fn allowed(&self) -> String {
        self.kind().map(Kind::allowed).unwrap_or_default()
    }

    /// The refusal that says what the key may hold.
    pub(super) fn refused(&self) -> SettingsError {
        self.refused_for(&self.written.text, self.allowed())
    }

    /// A refusal of a part of the value, or for a reason of its own.
    pub(super) fn refused_for(&self, given: &str, allowed: String) -> SettingsError {
        self.written.refused(&self.path, given, allowed)
    }

    /// The value in the type of its key.
    pub(super) fn value(&self) -> Option<&Value> {
        self.written.value.as_ref()
    }

    /// The text of it, empty where it is none.
    pub(super) fn as_str(&self) -> &str {
        self.value().and_then(Value::as_str).unwrap_or_default()
    }

    /// Makes of the text what it stands for, or refuses it.
    pub(super) fn read<T>(&self, make: impl FnOnce(&str) -> Option<T>) -> Result<T, SettingsError> {
        make(self.as_str()).ok_or_else(|| self.refused())
    }

    /// A whole number within the key's bounds.
    pub(super) fn whole(&self) -> Result<u32, SettingsError> {
        let number = self.value().and_then(Value::as_integer).and_then(|number| u32::try_from(number).ok());
        let fits = |number: &u32| matches!(self.kind(), Some(Kind::Whole(min, max)) if (min..=max).contains(number));
        number.filter(fits).ok_or_else(|| self.refused())
    }

    /// A number above 0 within the key's bound.
    pub(super) fn above0(&self) -> Result<f64, SettingsError> {
        let fits = |number: &f64| matches!(self.kind(), Some(Kind::Above0(max)) if *number > 0.0 && *number <= max);
        self.value().and_then(Value::as_float).filter(fits).ok_or_else(|| self.refused())
    }

    /// `true` or `false`.
    pub(super) fn switch(&self) -> Result<bool, SettingsError> {
        self.value().and_then(Value::as_bool).ok_or_else(|| self.refused())
    }

    /// A duration within the key's bounds.
    pub(super) fn time(&self) -> Result<Duration, SettingsError> {
        self.read(|text| self.within(text))
    }

    /// Two durations within the key's bounds, the lower first.
    pub(super) fn times(&self) -> Result<(Duration, Duration), SettingsError> {
        let times = self.list()?.iter().map(|text| self.within(text)).collect::<Option<Vec<_>>>();
        match times.as_deref() {
            Some([min, max]) if min <= max => Ok((*min, *max)),
            _ => Err(self.refused()),
        }
    }

    fn within(&self, text: &str) -> Option<Duration> {
        let Some(Kind::Time(min, max) | Kind::Times(min, max)) = self.kind() else { return None };
        parse_duration(text).filter(|time| (min..=max).contains(time))
    }

    /// One of the key's words.
    pub(super) fn word<T: FromStr>(&self) -> Result<T, SettingsError> {
        self.read(|word| word.parse().ok())
    }

    /// The text itself, where it passes.
    pub(super) fn text(&self, passes: impl Fn(&str) -> bool) -> Result<String, SettingsError> {
        self.read(|text| passes(text).then(|| text.to_owned()))
    }

    /// A list of texts.
    pub(super) fn list(&self) -> Result<Vec<String>, SettingsError> {
        let texts = self.value().and_then(Value::as_array);
        let texts = texts.map(|texts| texts.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect());
        texts.ok_or_else(|| self.refused())
    }

    /// A path, from where its layer's paths begin.
    pub(super) fn path(&self) -> Result<PathBuf, SettingsError> {
        self.read(|text| (!text.is_empty() && !text.contains('\0')).then(|| self.base.join(text)))
    }

    /// A phone number.
    pub(super) fn phone(&self) -> Result<E164, SettingsError> {
        self.read(E164::from_canonical)
    }

    /// A time zone.
    pub(super) fn zone(&self) -> Result<Zone, SettingsError> {
        Zone::named(self.as_str()).map_err(|_| {
            let names: Vec<String> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
            let near = nearest(&[self.as_str()], names.iter().map(String::as_str));
            let near = near.map(|name| format!("; the nearest known is {name}")).unwrap_or_default();
            self.refused_for(&self.written.text, format!("{}{near}", self.allowed()))
        })
    }
}
