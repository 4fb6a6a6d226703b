//! The settings: what was typed in a file, the environment and flags becomes what will be done.
//!
//! Flags beat environment beat file beat defaults, key by key, and each value knows where it comes from.
//! Nothing is left to be judged later but what only some commands need: the platform's address and
//! credentials ([`Settings::platform`]) and the texts' sender ([`Settings::require_senders`]). A secret is
//! never in here, only the place it is read from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::io::platform::kinds::Kinds;
use crate::logic::validate::rules::Rules as FormRules;

mod discover;
pub mod duration;
mod error;
mod given;
pub mod hours;
mod keys;
mod layer;
mod network;
mod render;
mod secret;
mod sections;
mod table;
mod text;
mod uses;

#[cfg(test)]
mod tests;

pub use crate::io::platform::v2::PlatformAddress;
pub use discover::Surroundings;
pub use error::{Origin, SettingsError};
pub use hours::Hours;
pub use network::ProxyChoice;
pub use sections::{Campaign, Contact, Forecast, Placement, Platform, Retry, Sms, Validation};
pub use table::default_file;

use discover::Found;
use given::{Given, Layers};
use layer::Layer;

/// What flags override.
#[derive(Debug, Default, Clone)]
pub struct Overrides {
    /// `--rate`: requests a minute.
    pub rate: Option<u32>,
    /// `--concurrency`: requests in flight at most.
    pub concurrency: Option<u32>,
    /// `--ledger`.
    pub ledger: Option<PathBuf>,
}

/// What will be done. Plain data; every value was judged.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The settings file, where there is one.
    pub file: Option<PathBuf>,
    /// The ledger's file, there or not.
    pub ledger: PathBuf,
    /// `[platform]`; for its requests, ask [`Settings::platform`].
    pub platform: Platform,
    /// `[validation]`.
    pub validation: Validation,
    /// The rules by which rows are judged, made of `[validation]` and the default language.
    pub form: FormRules,
    /// `[hours.NAME]`; `default` is for campaigns that name none.
    pub hours: BTreeMap<String, Hours>,
    /// `[placement]`.
    pub placement: Placement,
    /// `[contact]`.
    pub contact: Contact,
    /// `[sms]`.
    pub sms: Sms,
    /// `[retry]`.
    pub retry: Retry,
    /// `[forecast]`.
    pub forecast: Forecast,
    /// `[capacity]`, `[contacts]` and `[texts]`: who is asked in each role.
    pub kinds: Kinds,
    /// `[campaigns.ID]`.
    pub campaigns: BTreeMap<String, Campaign>,
    origins: BTreeMap<String, Origin>,
    looked: Vec<PathBuf>,
}

/// Finds the settings file (`named`, or here, or in the user's config folder), lays environment and
/// flags over it, and judges the whole.
pub fn load(named: Option<&Path>, overrides: &Overrides, around: &Surroundings) -> Result<Settings, SettingsError> {
    InForce::load(named, overrides, around).map(|in_force| in_force.settings)
}

/// The ledger that a flag or a variable names: all that is known of it where the settings are wrong.
#[must_use]
pub fn named_ledger(overrides: &Overrides, around: &Surroundings) -> Option<PathBuf> {
    let variable = || around.variable("RINGBACK_LEDGER").filter(|value| !value.is_empty()).map(PathBuf::from);
    overrides.ledger.clone().or_else(variable).map(|ledger| around.folder.join(ledger))
}

/// The settings with what was typed for them, as `config` shows them.
pub struct InForce {
    /// What will be done.
    pub settings: Settings,
    layers: Layers,
}

impl InForce {
    /// The same as [`load`].
    pub fn load(named: Option<&Path>, overrides: &Overrides, around: &Surroundings) -> Result<Self, SettingsError> {
        Self::judge(discover::find(named, around)?, overrides, around)
    }

    /// Judges a text as if it stood in a settings file, with nothing laid over it. No file is read.
    pub fn of_text(file: &Path, text: &str) -> Result<Self, SettingsError> {
        let found = Found { file: Some((file.to_owned(), text.to_owned())), looked: Vec::new() };
        Self::judge(found, &Overrides::default(), &Surroundings::default())
    }

    fn judge(found: Found, overrides: &Overrides, around: &Surroundings) -> Result<Self, SettingsError> {
        let layers = layers(&found, overrides, around)?;
        let mut settings = judged(&layers)?;
        if let Some(ledger) = &overrides.ledger {
            settings.ledger = around.folder.join(ledger);
            settings.origins.insert("ledger".to_owned(), Origin::Flag("--ledger"));
        }
        settings.file = found.file.map(|(path, _)| path);
        settings.looked = found.looked;
        settings.platform.authorities = network::authorities(around);
        Ok(Self { settings, layers })
    }
}

/// The layers in force, the one that counts most first.
fn layers(found: &Found, flags: &Overrides, around: &Surroundings) -> Result<Layers, SettingsError> {
    let mut layers = vec![Layer::flags(flags), Layer::environment(around)?];
    let mut base = around.folder.as_path();
    if let Some((path, text)) = &found.file {
        layers.push(Layer::file(path, text)?);
        base = path.parent().unwrap_or(Path::new(""));
    }
    layers.push(network::machine(around));
    layers.push(Layer::defaults(base)?);
    Ok(Layers(layers))
}

/// Judges the layers.
fn judged(layers: &Layers) -> Result<Settings, SettingsError> {
    let validation = Validation::of(layers)?;
    let hours = hours::judge(layers, validation.timezone.as_ref())?;
    let sms = Sms::of(layers)?;
    Ok(Settings {
        file: None,
        ledger: layers.required("ledger", Given::path)?,
        platform: Platform::of(layers)?,
        placement: Placement::of(layers)?,
        contact: Contact::of(layers)?,
        form: validation.form(layers, &sms.default_language)?,
        sms,
        retry: Retry::of(layers)?,
        forecast: Forecast::of(layers)?,
        kinds: sections::kinds(layers)?,
        campaigns: Campaign::all(layers, &|name| hours.contains_key(name))?,
        validation,
        hours,
        origins: layers.origins(),
        looked: Vec::new(),
    })
}
