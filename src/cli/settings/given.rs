//! A value on its way from a layer to the settings: it knows its key and its place, so that a refusal
//! can name both.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZoneDatabase;

use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::logic::nearest::nearest;

use super::duration::parse_duration;
use super::error::{Origin, SettingsError};
use super::keys::{self, Kind};
use super::layer::{Layer, Written};
use super::text::clean;
use super::typed::Typed;

/// All layers, the one that counts most first.
#[derive(Debug)]
pub(super) struct Layers(pub(super) Vec<Layer>);

impl Layers {
    /// The value of a key in the first layer that has it.
    pub(super) fn pick<T: Clone>(&self, key: &str, get: impl Fn(&Typed) -> Option<&T>) -> Option<Given<T>> {
        self.0.iter().find_map(|layer| Given::of(layer, key, get(&layer.typed)?.clone()))
    }

    /// The value of a key that has a default.
    pub(super) fn need<T: Clone>(
        &self,
        key: &str,
        get: impl Fn(&Typed) -> Option<&T>,
    ) -> Result<Given<T>, SettingsError> {
        let missing = || SettingsError::Missing { place: "default".to_owned(), missing: key.to_owned() };
        self.pick(key, get).ok_or_else(missing)
    }

    /// The value of whichever of some keys the first layer has; two in one layer exclude each other.
    pub(super) fn alternative(&self, ways: &[Way]) -> Result<Option<Given<String>>, SettingsError> {
        for layer in &self.0 {
            let set = ways.iter().filter_map(|(key, get)| Given::of(layer, key, get(&layer.typed)?.clone()));
            let mut set: Vec<Given<String>> = set.collect();
            if set.len() > 1 {
                let keys = set.iter().map(|given| given.key.as_str()).collect::<Vec<_>>().join(", ");
                return Err(SettingsError::Conflict { place: set[0].origin(), keys });
            }
            if let Some(given) = set.pop() {
                return Ok(Some(given));
            }
        }
        Ok(None)
    }

    /// Tables with names of the user's, of all layers; those of the first layer count most.
    pub(super) fn tables<'a, T>(
        &'a self,
        get: impl Fn(&'a Typed) -> &'a BTreeMap<String, T>,
    ) -> BTreeMap<String, &'a T> {
        let lowest_first = self.0.iter().rev();
        lowest_first.flat_map(|layer| get(&layer.typed)).map(|(name, table)| (name.clone(), table)).collect()
    }

    /// A value that was taken out of a table, with the place of its key.
    pub(super) fn given<T>(&self, key: String, value: T) -> Given<T> {
        let layer = self.0.iter().find_map(|layer| Some((layer, layer.written.get(&key)?)));
        let nowhere = Written { origin: Origin::Default, text: String::new() };
        let (base, written) =
            layer.map_or((PathBuf::new(), nowhere), |(layer, written)| (layer.base.clone(), written.clone()));
        Given { key, value, base, written }
    }

    /// Where each key that is set comes from.
    pub(super) fn origins(&self) -> BTreeMap<String, Origin> {
        let lowest_first = self.0.iter().rev().flat_map(|layer| &layer.written);
        lowest_first.map(|(key, written)| (key.clone(), written.origin.clone())).collect()
    }
}

/// A key and where a layer keeps it.
pub(super) type Way = (&'static str, fn(&Typed) -> Option<&String>);

/// A value and where it was typed.
#[derive(Debug, Clone)]
pub(super) struct Given<T> {
    pub(super) key: String,
    pub(super) value: T,
    /// Where it begins, if it is a relative path.
    base: PathBuf,
    written: Written,
}

impl<T> Given<T> {
    fn of(layer: &Layer, key: &str, value: T) -> Option<Self> {
        let written = layer.written.get(key)?.clone();
        Some(Self { key: key.to_owned(), value, base: layer.base.clone(), written })
    }

    /// Where it was typed.
    pub(super) fn origin(&self) -> Origin {
        self.written.origin.clone()
    }

    /// Another value in the same place.
    pub(super) fn with<U>(&self, value: U) -> Given<U> {
        Given { key: self.key.clone(), value, base: self.base.clone(), written: self.written.clone() }
    }

    /// What the key may hold, for a person.
    pub(super) fn allowed(&self) -> String {
        keys::kind(&self.key).map(Kind::allowed).unwrap_or_default()
    }

    /// The refusal that says what the key may hold.
    pub(super) fn refused(&self) -> SettingsError {
        self.refused_for(&self.written.text, self.allowed())
    }

    /// A refusal of a part of the value, or for a reason of its own.
    pub(super) fn refused_for(&self, given: &str, allowed: String) -> SettingsError {
        let (place, key, given) = (self.origin(), clean(&self.key), clean(given));
        SettingsError::NotAllowed { place, key, given, allowed }
    }

    /// Makes of the value what it stands for, or refuses it.
    pub(super) fn read<U>(&self, make: impl FnOnce(&T) -> Option<U>) -> Result<U, SettingsError> {
        make(&self.value).ok_or_else(|| self.refused())
    }
}

impl Given<i64> {
    /// A whole number within the key's bounds.
    pub(super) fn whole(&self) -> Result<u32, SettingsError> {
        self.read(|value| match keys::kind(&self.key) {
            Some(Kind::Whole(min, max)) => u32::try_from(*value).ok().filter(|n| (min..=max).contains(n)),
            _ => None,
        })
    }
}

impl Given<f64> {
    /// A number above 0 within the key's bound.
    pub(super) fn above0(&self) -> Result<f64, SettingsError> {
        self.read(|&value| match keys::kind(&self.key) {
            Some(Kind::Above0(max)) => (value > 0.0 && value <= max).then_some(value),
            _ => None,
        })
    }
}

impl Given<String> {
    /// A duration within the key's bounds.
    pub(super) fn time(&self) -> Result<Duration, SettingsError> {
        self.read(|text| match keys::kind(&self.key) {
            Some(Kind::Time(min, max) | Kind::Times(min, max)) => {
                parse_duration(text).filter(|time| (min..=max).contains(time))
            }
            _ => None,
        })
    }

    /// The text itself, where it passes.
    pub(super) fn text(&self, passes: impl Fn(&str) -> bool) -> Result<String, SettingsError> {
        self.read(|text| passes(text).then(|| text.clone()))
    }

    /// A path, from where its layer's paths begin.
    pub(super) fn path(&self) -> Result<PathBuf, SettingsError> {
        self.read(|text| (!text.is_empty() && !text.contains('\0')).then(|| self.base.join(text)))
    }

    /// A phone number.
    pub(super) fn phone(&self) -> Result<E164, SettingsError> {
        self.read(|text| E164::from_canonical(text))
    }

    /// A time zone.
    pub(super) fn zone(&self) -> Result<Zone, SettingsError> {
        Zone::named(&self.value).map_err(|_| {
            let names: Vec<String> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
            let near = nearest(&[&self.value], names.iter().map(String::as_str));
            let near = near.map(|name| format!("; the nearest known is {name}")).unwrap_or_default();
            self.refused_for(&self.written.text, format!("{}{near}", self.allowed()))
        })
    }

    /// A time zone's name, in the letter case of the list.
    pub(super) fn zone_name(&self) -> Result<String, SettingsError> {
        Ok(self.zone()?.name().unwrap_or(&self.value).to_owned())
    }
}
