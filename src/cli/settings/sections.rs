//! The tables of the settings as they will be used, each made of what was typed. Rules that tie several keys together
//! stand here; what one key may hold is in the table of settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SpanRelativeTo;

use crate::domain::language::LanguageTag;
use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::io::platform::SecretSource;
use crate::logic::hours::daily::DailyHours;
use crate::logic::retry::{ContactIds, OnNoAnswer};
use crate::logic::text::template::{BadTemplates, Templates};
use crate::logic::validate::rules::{BadRule, Rules as FormRules, RulesSpec, SpokenDigits};

use super::address::PlatformAddress;
use super::error::{Origin, SettingsError};
use super::given::{Given, Layers};
use super::layer::path;
use super::network::ProxyChoice;
use super::secret;
use super::text::{clean, quote};

const HOUR: u64 = 3600;

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
    pub contact_ids: ContactIds,
}

impl Platform {
    pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
        Ok(Self {
            address: address(layers)?,
            client_id: layers.optional("platform.client_id", |id| id.text(|id| !id.trim().is_empty()))?,
            client_secret: secret::source(layers)?,
            requests_per_minute: layers.required("platform.requests_per_minute", Given::whole)?,
            concurrency: layers.required("platform.concurrency", Given::whole)?,
            timeout: layers.required("platform.timeout", Given::time)?,
            proxy: ProxyChoice::of(layers)?,
            ca_file: layers.optional("platform.ca_file", Given::path)?,
            authorities: None,
            contact_ids: layers.required("platform.contact_ids", Given::word)?,
        })
    }
}

fn address(layers: &Layers) -> Result<Option<PlatformAddress>, SettingsError> {
    let Some(given) = layers.alternative(&["platform.region", "platform.base_url"])? else { return Ok(None) };
    let made = given.read(|text| match given.key().as_str() {
        "platform.region" => PlatformAddress::from_region(text),
        _ => PlatformAddress::from_base_url(text),
    })?;
    Ok(Some(made))
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

impl Validation {
    pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
        let validation = Self {
            default_region: layers.required("validation.default_region", |region| region.text(|_| true))?,
            timezone: layers.optional("validation.timezone", Given::zone)?,
            time_formats: layers.required("validation.time_formats", Given::list)?,
            min_window: layers.required("validation.min_window", Given::time)?,
            max_window: layers.required("validation.max_window", Given::time)?,
            spoken_digits: layers.required("validation.spoken_digits", Given::switch)?,
        };
        if validation.min_window > validation.max_window {
            let [min, max] = ["validation.min_window", "validation.max_window"].map(|key| layers.place(&path(key)));
            let narrower = format!("at most validation.max_window, which is {:?}", max.as_str());
            return Err(min.refused_for(&format!("{:?}", min.as_str()), narrower));
        }
        Ok(validation)
    }

    /// The rules of rows. What was left to them, region and shapes of times, is refused here.
    pub(super) fn form(&self, layers: &Layers, language: &LanguageTag) -> Result<FormRules, SettingsError> {
        let seconds = |duration: Duration| u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
        let spec = RulesSpec {
            default_region: &self.default_region,
            timezone: self.timezone.as_ref().and_then(Zone::name),
            time_formats: &self.time_formats,
            min_window: seconds(self.min_window),
            max_window: seconds(self.max_window),
            spoken_digits: if self.spoken_digits { SpokenDigits::Understood } else { SpokenDigits::Refused },
            default_language: language.as_str(),
        };
        FormRules::new(&spec).map_err(|error| {
            let given = layers.place(&path(error.key()));
            match error {
                BadRule::Format(text, why) => {
                    given.refused_for(&quote(&text), format!("{}; it {why}", given.allowed()))
                }
                BadRule::Region(_) | BadRule::Zone(_) | BadRule::Widths(..) | BadRule::Language(_) => given.refused(),
            }
        })
    }
}

/// `[placement]`.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Calls that one agent makes in an hour.
    pub calls_per_agent_hour: f64,
    /// From now to the earliest dispatch time.
    pub lead_time: Duration,
}

impl Placement {
    pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
        Ok(Self {
            calls_per_agent_hour: layers.required("placement.calls_per_agent_hour", Given::above0)?,
            lead_time: layers.required("placement.lead_time", Given::time)?,
        })
    }
}

/// `[contact]`.
#[derive(Debug, Clone)]
pub struct Contact {
    /// The platform's own dial retries.
    pub retry_count: u32,
    /// Between them, in ISO 8601, as it goes to the platform.
    pub retry_interval: String,
}

impl Contact {
    pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
        Ok(Self {
            retry_count: layers.required("contact.retry_count", Given::whole)?,
            retry_interval: layers.required("contact.retry_interval", |interval| interval.text(is_iso_duration))?,
        })
    }
}

/// Whether a text is a duration of ISO 8601 in capitals, from a second to 30 days.
fn is_iso_duration(text: &str) -> bool {
    let shaped = text.starts_with('P') && !text.bytes().any(|b| b.is_ascii_lowercase());
    let span = text.parse::<jiff::Span>().ok().filter(|_| shaped);
    let seconds = span.and_then(|span| span.total((jiff::Unit::Second, SpanRelativeTo::days_are_24_hours())).ok());
    seconds.is_some_and(|seconds| (1.0..=30.0 * 24.0 * 3600.0).contains(&seconds))
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

impl Sms {
    pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
        let default_language = layers.required("sms.default_language", |tag| tag.read(LanguageTag::parse))?;
        let templates = layers.in_table(&path("sms.templates")).into_iter();
        let templates = templates.map(|(tag, text)| (tag, text.as_str().to_owned())).collect();
        Ok(Self {
            texts: texts(layers, &default_language, &templates)?,
            enabled: layers.required("sms.enabled", Given::switch)?,
            from: layers.optional("sms.from", Given::phone)?,
            hours: layers.required("sms.hours", |hours| hours.read(|text| DailyHours::parse(text).ok()))?,
            default_language,
            on_no_answer: layers.required("sms.on_no_answer", Given::word)?,
            templates,
        })
    }
}

/// Reads the texts; where one of them or the default language is refused, by its key.
fn texts(
    layers: &Layers,
    language: &LanguageTag,
    typed: &BTreeMap<String, String>,
) -> Result<Templates, SettingsError> {
    let template = |tag: &str| layers.place(&["sms", "templates", tag].map(ToOwned::to_owned));
    let typed_as = typed.iter().map(|(tag, text)| (tag.as_str(), text.as_str()));
    Templates::new(language.clone(), typed_as).map_err(|error| match error {
        BadTemplates::Tag(tag) => {
            template(&tag).refused_for(&tag, "a language tag (BCP 47), as in en or pt-BR".to_owned())
        }
        BadTemplates::Twice { first, second } => {
            let own = template(&second).origin() != Origin::Default;
            let (refused, other) = if own { (&second, &first) } else { (&first, &second) };
            template(refused).refused_for(refused, format!("{other} is the same language, and may stand once"))
        }
        BadTemplates::Text { tag, .. } => template(&tag).refused(),
        BadTemplates::NoFallback(_) => {
            let known = typed.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let allowed = format!("a language with a text in sms.templates, which has {}", clean(&known));
            let language = layers.place(&path("sms.default_language"));
            language.refused_for(&quote(language.as_str()), allowed)
        }
    })
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

impl Retry {
    pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
        Ok(Self {
            max_attempts: layers.required("retry.max_attempts", Given::whole)?,
            server_error_wait: layers.required("retry.server_error_wait", Given::times)?,
            give_up_after: layers.required("retry.give_up_after", Given::time)?,
        })
    }
}

/// `[forecast]`.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// What one request may cover: whole hours.
    pub max_range: Duration,
}

impl Forecast {
    pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
        let whole_hours = |given: &Given| {
            let range = given.time()?;
            if range == Duration::from_secs(range.as_secs() / HOUR * HOUR) {
                return Ok(range);
            }
            Err(given.refused_for(&format!("{:?}", given.as_str()), "whole hours, as in \"24h\"".to_owned()))
        };
        Ok(Self { max_range: layers.required("forecast.max_range", whole_hours)? })
    }
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

impl Campaign {
    /// Every campaign with a table; `is_hours` says whether there is a table of hours of a name.
    pub(super) fn all(
        layers: &Layers,
        is_hours: &dyn Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, Self>, SettingsError> {
        let ids = layers.names("campaigns").into_iter();
        ids.map(|id| Ok((id.clone(), Self::of(layers, &id, is_hours)?))).collect()
    }

    fn of(layers: &Layers, id: &str, is_hours: &dyn Fn(&str) -> bool) -> Result<Self, SettingsError> {
        let table = ["campaigns", id].map(ToOwned::to_owned);
        if id.trim() != id || id.is_empty() {
            let bare = "an id that is not empty and has no spaces around it".to_owned();
            return Err(layers.place(&table).refused_for(&format!("{id:?}"), bare));
        }
        let own = layers.in_table(&table);
        Ok(Self {
            hours: own.get("hours").map(|name| name.text(is_hours)).transpose()?,
            timezone: own.get("timezone").map(Given::zone).transpose()?,
            sms_from: own.get("sms_from").map(Given::phone).transpose()?,
            calls_per_agent_hour: own.get("calls_per_agent_hour").map(Given::above0).transpose()?,
        })
    }
}
