//! The tables of the settings as they will be used, each made of what was typed. Rules that tie several keys together
//! stand here; what one key may hold is in the table of settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SpanRelativeTo;

use crate::domain::abilities::Repeat;
use crate::domain::language::LanguageTag;
use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::io::platform::SecretSource;
use crate::io::platform::kinds::Kinds;
use crate::io::platform::v2::{self, PlatformAddress};
use crate::logic::hours::daily::DailyHours;
use crate::logic::retry::OnNoAnswer;
use crate::logic::text::template::{BadTemplates, Templates};
use crate::logic::validate::rules::{BadRule, Rules as FormRules, RulesSpec, SpokenDigits};

use super::error::{Origin, SettingsError};
use super::given::{Given, Layers};
use super::layer::path;
use super::network::ProxyChoice;
use super::secret;
use super::text::{clean, quote};

const HOUR: u64 = 3600;

/// Declares a table: its struct, and how each field is made of the key of its name.
macro_rules! section {
    (
        $(#[$doc:meta])* $name:ident of $table:literal {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $how:ident($read:expr),)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $name {
            pub(super) fn of(layers: &Layers) -> Result<Self, SettingsError> {
                Ok(Self { $($field: layers.$how(concat!($table, ".", stringify!($field)), $read)?,)+ })
            }
        }
    };
}

section! {
    /// `[platform]` as far as it is set.
    Platform of "platform" {
        /// From `region` or `base_url`.
        address: Option<PlatformAddress> = made(address),
        /// The client id.
        client_id: Option<String> = optional(|id| id.text(|id| !id.trim().is_empty())),
        /// Where the secret is read from.
        client_secret: Option<SecretSource> = made(secret::source),
        /// Requests a minute, token requests included.
        requests_per_minute: u32 = required(Given::whole),
        /// Requests in flight at most.
        concurrency: u32 = required(Given::whole),
        /// For an answer.
        timeout: Duration = required(Given::time),
        /// The proxy, and the hosts that are reached without it.
        proxy: Option<ProxyChoice> = made(ProxyChoice::of),
        /// A PEM file of authorities that are trusted besides the system's.
        ca_file: Option<PathBuf> = optional(Given::path),
        /// The variables that replace the system's authorities, with what they name.
        authorities: Option<String> = made(|_| Ok(None)),
        /// What the platform promises of contact ids.
        contact_ids: Repeat = required(|given| given.read(v2::repeat)),
    }
}

/// Who is asked in each role.
pub(super) fn kinds(layers: &Layers) -> Result<Kinds, SettingsError> {
    Ok(Kinds {
        capacity: layers.required("capacity.kind", Given::word)?,
        contacts: layers.required("contacts.kind", Given::word)?,
        texts: layers.required("texts.kind", Given::word)?,
    })
}

fn address(layers: &Layers) -> Result<Option<PlatformAddress>, SettingsError> {
    let Some(given) = layers.alternative(&["platform.region", "platform.base_url"])? else { return Ok(None) };
    let made = given.read(|text| match given.key().as_str() {
        "platform.region" => PlatformAddress::from_region(text),
        _ => PlatformAddress::from_base_url(text),
    })?;
    Ok(Some(made))
}

section! {
    /// `[validation]`.
    Validation of "validation" {
        /// The region of numbers without a `+`.
        default_region: String = required(|region| region.text(|_| true)),
        /// The zone of times without an offset; unset: they are rejected.
        timezone: Option<Zone> = optional(Given::zone),
        /// More shapes of times, in chrono's `%` signs.
        time_formats: Vec<String> = required(Given::list),
        /// The narrowest window, allowed itself.
        min_window: Duration = required(Given::time),
        /// The widest window, allowed itself.
        max_window: Duration = required(Given::time),
        /// Whether digits may be spelled out.
        spoken_digits: bool = required(Given::switch),
    }
}

impl Validation {
    /// The rules of rows. What was left to them, region and shapes of times, is refused here.
    pub(super) fn form(&self, layers: &Layers, language: &LanguageTag) -> Result<FormRules, SettingsError> {
        if self.min_window > self.max_window {
            let [min, max] = ["validation.min_window", "validation.max_window"].map(|key| layers.place(&path(key)));
            let narrower = format!("at most validation.max_window, which is {:?}", max.as_str());
            return Err(min.refused_for(&format!("{:?}", min.as_str()), narrower));
        }
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

section! {
    /// `[placement]`.
    Placement of "placement" {
        /// Calls that one agent makes in an hour.
        calls_per_agent_hour: f64 = required(Given::above0),
        /// From now to the earliest dispatch time.
        lead_time: Duration = required(Given::time),
    }
}

section! {
    /// `[contact]`.
    Contact of "contact" {
        /// The platform's own dial retries.
        retry_count: u32 = required(Given::whole),
        /// Between them, in ISO 8601, as it goes to the platform.
        retry_interval: String = required(|interval| interval.text(is_iso_duration)),
    }
}

/// Whether a text is a duration of ISO 8601 in capitals, from a second to 30 days.
fn is_iso_duration(text: &str) -> bool {
    let shaped = text.starts_with('P') && !text.bytes().any(|b| b.is_ascii_lowercase());
    let span = text.parse::<jiff::Span>().ok().filter(|_| shaped);
    let seconds = span.and_then(|span| span.total((jiff::Unit::Second, SpanRelativeTo::days_are_24_hours())).ok());
    seconds.is_some_and(|seconds| (1.0..=30.0 * 24.0 * 3600.0).contains(&seconds))
}

section! {
    /// `[sms]`.
    Sms of "sms" {
        /// Whether customers are texted.
        enabled: bool = required(Given::switch),
        /// The sender of campaigns that name none.
        from: Option<E164> = optional(Given::phone),
        /// When customers may be texted, by the clocks of the campaign's zone.
        hours: DailyHours = required(|hours| hours.read(|text| DailyHours::parse(text).ok())),
        /// The language of rows without one; it has a template.
        default_language: LanguageTag = required(language),
        /// What becomes of a text without an answer.
        on_no_answer: OnNoAnswer = required(Given::word),
        /// The texts by language tag or its first part, as they were typed.
        templates: BTreeMap<String, String> = made(templates),
        /// The same, as they are written.
        texts: Templates = made(texts),
    }
}

fn language(tag: &Given) -> Result<LanguageTag, SettingsError> {
    tag.read(LanguageTag::parse)
}

fn templates(layers: &Layers) -> Result<BTreeMap<String, String>, SettingsError> {
    layers.in_table(&path("sms.templates")).into_iter().map(|(tag, text)| Ok((tag, text.text(|_| true)?))).collect()
}

/// Reads the texts; where one of them or the default language is refused, by its key.
fn texts(layers: &Layers) -> Result<Templates, SettingsError> {
    let language = layers.required("sms.default_language", language)?;
    let typed = templates(layers)?;
    let template = |tag: &str| layers.place(&["sms", "templates", tag].map(ToOwned::to_owned));
    let typed_as = typed.iter().map(|(tag, text)| (tag.as_str(), text.as_str()));
    Templates::new(language, typed_as).map_err(|error| match error {
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

section! {
    /// `[retry]`.
    Retry of "retry" {
        /// Attempts a run and step, of contacts and texts. Tokens and forecasts are asked for until `give_up_after`.
        max_attempts: u32 = required(Given::whole),
        /// The shortest and the longest wait after a 5xx.
        server_error_wait: (Duration, Duration) = required(Given::times),
        /// Trouble without one success for this long stops the run.
        give_up_after: Duration = required(Given::time),
    }
}

section! {
    /// `[forecast]`.
    Forecast of "forecast" {
        /// What one request may cover: whole hours.
        max_range: Duration = required(whole_hours),
    }
}

fn whole_hours(given: &Given) -> Result<Duration, SettingsError> {
    let range = given.time()?;
    if range == Duration::from_secs(range.as_secs() / HOUR * HOUR) {
        return Ok(range);
    }
    Err(given.refused_for(&format!("{:?}", given.as_str()), "whole hours, as in \"24h\"".to_owned()))
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
