//! The settings: what was typed in a file, the environment and flags becomes what will be done.
//!
//! Flags beat environment beat file beat defaults, key by key, and each value knows where it comes from.
//! Nothing is left to be judged later but what only some commands need: the platform's address and
//! credentials ([`Settings::platform`]) and the texts' sender ([`Settings::require_senders`]). A secret is
//! never in here, only the place it is read from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::abilities::Repeat;
use crate::domain::language::LanguageTag;
use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::io::client::Proxy;
use crate::io::platform::v2::{Credentials, V2};
use crate::io::platform::{HttpSettings, Platform as Backends, SecretSource};
use crate::logic::hours::daily::DailyHours;
use crate::logic::retry::OnNoAnswer;
use crate::logic::text::template::Templates;
use crate::logic::validate::rules::Rules as FormRules;

pub mod address;
mod discover;
pub mod duration;
mod error;
mod given;
pub mod hours;
mod keys;
mod layer;
mod network;
mod render;
mod resolve;
mod secret;
mod text;
mod typed;
mod uses;

#[cfg(test)]
mod tests;

pub use address::PlatformAddress;
pub use discover::Surroundings;
pub use error::{Origin, SettingsError};
pub use hours::Hours;
pub use network::ProxyChoice;
pub use render::{render, to_json};

/// The defaults: a commented settings file, built in.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

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
    /// `[campaigns.ID]`.
    pub campaigns: BTreeMap<String, Campaign>,
    origins: BTreeMap<String, Origin>,
    looked: Vec<PathBuf>,
}

/// `[platform]` as far as it is set.
#[derive(Debug, Clone)]
pub struct Platform {
    /// From `region` or `base_url`.
    pub address: Option<PlatformAddress>,
    /// The client id.
    pub client_id: Option<String>,
    /// Where the secret is read from.
    pub client_secret: Option<SecretSource>,
    /// Requests a minute, token requests included.
    pub requests_per_minute: u32,
    /// Requests in flight at most.
    pub concurrency: u32,
    /// For an answer.
    pub timeout: Duration,
    /// The proxy, and the hosts that are reached without it.
    pub proxy: Option<ProxyChoice>,
    /// A PEM file of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The variables that replace the system's authorities, with what they name.
    pub authorities: Option<String>,
    /// What the platform promises of contact ids.
    pub contact_ids: Repeat,
}

/// All that requests to the platform need.
#[derive(Debug, Clone)]
pub struct PlatformSettings {
    /// Where it is.
    pub address: PlatformAddress,
    /// The client id.
    pub client_id: String,
    /// Where the secret is read from, at each token.
    pub client_secret: SecretSource,
    /// Requests a minute, token requests included.
    pub requests_per_minute: u32,
    /// Requests in flight at most.
    pub concurrency: u32,
    /// For an answer.
    pub timeout: Duration,
    /// The proxy through which the address is reached.
    pub proxy: Option<Proxy>,
    /// A PEM file of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// What the platform promises of contact ids.
    pub contact_ids: Repeat,
}

impl PlatformSettings {
    /// The client of the platform, with so many connections at most. The error says what to do.
    pub fn connect(self, connections_max: u32) -> Result<Backends<'static>, String> {
        let credentials = Credentials { client_id: self.client_id, secret: self.client_secret };
        let (timeout, connections_max) = (self.timeout, connections_max as usize);
        let http = HttpSettings { timeout, connections_max, proxy: self.proxy, ca_file: self.ca_file };
        V2::new(self.address.base_url(), credentials, http).map(Backends::all)
    }
}

/// `[validation]`.
#[derive(Debug, Clone)]
pub struct Validation {
    /// The region of numbers without a `+`.
    pub default_region: String,
    /// The zone of times without an offset; unset: they are rejected.
    pub timezone: Option<Zone>,
    /// More shapes of times, in chrono's `%` signs.
    pub time_formats: Vec<String>,
    /// The narrowest window, allowed itself.
    pub min_window: Duration,
    /// The widest window, allowed itself.
    pub max_window: Duration,
    /// Whether digits may be spelled out.
    pub spoken_digits: bool,
}

/// `[placement]`.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Calls that one agent makes in an hour.
    pub calls_per_agent_hour: f64,
    /// From now to the earliest dispatch time.
    pub lead_time: Duration,
}

/// `[contact]`.
#[derive(Debug, Clone)]
pub struct Contact {
    /// The platform's own dial retries.
    pub retry_count: u32,
    /// Between them, in ISO 8601, as it goes to the platform.
    pub retry_interval: String,
}

/// `[sms]`.
#[derive(Debug, Clone)]
pub struct Sms {
    /// Whether customers are texted.
    pub enabled: bool,
    /// The sender of campaigns that name none.
    pub from: Option<E164>,
    /// When customers may be texted, by the clocks of the campaign's zone.
    pub hours: DailyHours,
    /// The language of rows without one; it has a template.
    pub default_language: LanguageTag,
    /// What becomes of a text without an answer.
    pub on_no_answer: OnNoAnswer,
    /// The texts by language tag or its first part, as they were typed.
    pub templates: BTreeMap<String, String>,
    /// The same, as they are written.
    pub texts: Templates,
}

/// `[retry]`.
#[derive(Debug, Clone)]
pub struct Retry {
    /// Attempts a run and step, of contacts and texts. Tokens and forecasts are asked for until `give_up_after`.
    pub max_attempts: u32,
    /// The shortest and the longest wait after a 5xx.
    pub server_error_wait: (Duration, Duration),
    /// Trouble without one success for this long stops the run.
    pub give_up_after: Duration,
}

/// `[forecast]`.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// What one request may cover: whole hours.
    pub max_range: Duration,
}

/// `[campaigns.ID]`: what is different for one campaign.
#[derive(Debug, Clone, Default)]
pub struct Campaign {
    /// The name of an hours table, which is there.
    pub hours: Option<String>,
    /// Its zone.
    pub timezone: Option<Zone>,
    /// Its texts' sender.
    pub sms_from: Option<E164>,
    /// Calls that one agent makes in an hour.
    pub calls_per_agent_hour: Option<f64>,
}

/// Finds the settings file (`named`, or here, or in the user's config folder), lays environment and
/// flags over it, and judges the whole.
pub fn load(named: Option<&Path>, overrides: &Overrides, around: &Surroundings) -> Result<Settings, SettingsError> {
    judge(discover::find(named, around)?, overrides, around)
}

/// The ledger that a flag or a variable names: all that is known of it where the settings are wrong.
#[must_use]
pub fn named_ledger(overrides: &Overrides, around: &Surroundings) -> Option<PathBuf> {
    let variable = || around.variable("RINGBACK_LEDGER").filter(|value| !value.is_empty()).map(PathBuf::from);
    overrides.ledger.clone().or_else(variable).map(|ledger| around.folder.join(ledger))
}

/// Judges a text as if it stood in a settings file, with nothing laid over it. No file is read.
pub fn of_text(file: &Path, text: &str) -> Result<Settings, SettingsError> {
    let found = discover::Found { file: Some((file.to_owned(), text.to_owned())), looked: Vec::new() };
    judge(found, &Overrides::default(), &Surroundings::default())
}

fn judge(found: discover::Found, overrides: &Overrides, around: &Surroundings) -> Result<Settings, SettingsError> {
    let layers = resolve::layers(&found, overrides, around)?;
    let mut settings = resolve::settings(&layers)?;
    if let Some(ledger) = &overrides.ledger {
        settings.ledger = around.folder.join(ledger);
        settings.origins.insert("ledger".to_owned(), Origin::Flag("--ledger"));
    }
    settings.file = found.file.map(|(path, _)| path);
    settings.looked = found.looked;
    settings.platform.authorities = network::authorities(around);
    Ok(settings)
}
