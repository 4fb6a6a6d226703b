//! From what was typed to what will be done: each table is judged, value by value.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::SpanRelativeTo;

use crate::domain::abilities::Repeat;
use crate::domain::language::LanguageTag;
use crate::domain::zone::Zone;
use crate::io::platform::SecretSource;
use crate::logic::hours::daily::DailyHours;
use crate::logic::text::template::{BadTemplates, Templates};
use crate::logic::validate::rules::{BadRule, Rules as FormRules, RulesSpec, SpokenDigits};

use super::address::PlatformAddress;
use super::discover::{Found, Surroundings};
use super::error::{Origin, SettingsError};
use super::given::{Given, Layers};
use super::hours;
use super::layer::Layer;
use super::network::{self, ProxyChoice};
use super::text::{clean, quote};
use super::{
    Campaign, Contact, Forecast, OnNoAnswer, Overrides, Placement, Platform, Retry, Settings, Sms, Validation,
};

const HOUR: u64 = 3600;

/// The layers in force, the one that counts most first.
pub(super) fn layers(found: &Found, flags: &Overrides, around: &Surroundings) -> Result<Layers, SettingsError> {
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
pub(super) fn settings(layers: &Layers) -> Result<Settings, SettingsError> {
    let validation = validation(layers)?;
    let hours = hours::judge(layers, validation.timezone.as_ref().and_then(Zone::name))?;
    let sms = sms(layers)?;
    let named = |name: &str| hours.contains_key(name);
    Ok(Settings {
        file: None,
        ledger: layers.need("ledger", |t| t.ledger.as_ref())?.path()?,
        platform: platform(layers)?,
        placement: placement(layers)?,
        contact: contact(layers)?,
        form: form(layers, &validation, &sms.default_language)?,
        sms,
        retry: retry(layers)?,
        forecast: forecast(layers)?,
        campaigns: campaigns(layers, &named)?,
        validation,
        hours,
        origins: layers.origins(),
        looked: Vec::new(),
    })
}

fn platform(layers: &Layers) -> Result<Platform, SettingsError> {
    let client_id = layers.pick("platform.client_id", |t| t.platform.client_id.as_ref());
    let contact_ids = layers.need("platform.contact_ids", |t| t.platform.contact_ids.as_ref())?;
    let rate = layers.need("platform.requests_per_minute", |t| t.platform.requests_per_minute.as_ref())?;
    let ca_file = layers.pick("platform.ca_file", |t| t.platform.ca_file.as_ref());
    Ok(Platform {
        address: address(layers)?,
        client_id: client_id.map(|id| id.text(|id| !id.trim().is_empty())).transpose()?,
        client_secret: client_secret(layers)?,
        requests_per_minute: rate.whole()?,
        concurrency: layers.need("platform.concurrency", |t| t.platform.concurrency.as_ref())?.whole()?,
        timeout: layers.need("platform.timeout", |t| t.platform.timeout.as_ref())?.time()?,
        proxy: ProxyChoice::of(layers)?,
        ca_file: ca_file.map(|file| file.path()).transpose()?,
        authorities: None,
        contact_ids: contact_ids.read(|word| match word.as_str() {
            "unique" => Some(Repeat::SameId),
            "advisory" => Some(Repeat::Never),
            _ => None,
        })?,
    })
}

fn address(layers: &Layers) -> Result<Option<PlatformAddress>, SettingsError> {
    let ways = layers.alternative(&[
        ("platform.region", |t| t.platform.region.as_ref()),
        ("platform.base_url", |t| t.platform.base_url.as_ref()),
    ])?;
    let Some(given) = ways else { return Ok(None) };
    let made = given.read(|text| match given.key.as_str() {
        "platform.region" => PlatformAddress::from_region(text),
        _ => PlatformAddress::from_base_url(text),
    })?;
    Ok(Some(made))
}

fn client_secret(layers: &Layers) -> Result<Option<SecretSource>, SettingsError> {
    let ways = layers.alternative(&[
        ("platform.client_secret_file", |t| t.platform.client_secret_file.as_ref()),
        ("platform.client_secret_command", |t| t.platform.client_secret_command.as_ref()),
        ("platform.client_secret_variable", |t| t.platform.client_secret_variable.as_ref()),
    ])?;
    let Some(given) = ways else { return Ok(None) };
    let source = match given.key.as_str() {
        "platform.client_secret_file" => SecretSource::File(given.path()?),
        "platform.client_secret_command" => SecretSource::Command(given.text(|text| !text.trim().is_empty())?),
        _ => SecretSource::Env(given.value),
    };
    Ok(Some(source))
}

fn validation(layers: &Layers) -> Result<Validation, SettingsError> {
    let region = layers.need("validation.default_region", |t| t.validation.default_region.as_ref())?;
    let zone = layers.pick("validation.timezone", |t| t.validation.timezone.as_ref());
    let formats = layers.need("validation.time_formats", |t| t.validation.time_formats.as_ref())?;
    let min = layers.need("validation.min_window", |t| t.validation.min_window.as_ref())?;
    let max = layers.need("validation.max_window", |t| t.validation.max_window.as_ref())?;
    let (min_window, max_window) = (min.time()?, max.time()?);
    if min_window > max_window {
        let narrower = format!("at most validation.max_window, which is {:?}", max.value);
        return Err(min.refused_for(&format!("{:?}", min.value), narrower));
    }
    Ok(Validation {
        default_region: region.value,
        timezone: zone.map(|zone| zone.zone()).transpose()?,
        time_formats: formats.value,
        min_window,
        max_window,
        spoken_digits: layers.need("validation.spoken_digits", |t| t.validation.spoken_digits.as_ref())?.value,
    })
}

/// The rules of rows. What `validation` left to them, region and shapes of times, is refused here.
fn form(layers: &Layers, validation: &Validation, language: &LanguageTag) -> Result<FormRules, SettingsError> {
    let seconds = |duration: Duration| u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
    let spec = RulesSpec {
        default_region: &validation.default_region,
        timezone: validation.timezone.as_ref().and_then(Zone::name),
        time_formats: &validation.time_formats,
        min_window: seconds(validation.min_window),
        max_window: seconds(validation.max_window),
        spoken_digits: if validation.spoken_digits { SpokenDigits::Understood } else { SpokenDigits::Refused },
        default_language: language.as_str(),
    };
    FormRules::new(&spec).map_err(|error| {
        let given = layers.given(error.key().to_owned(), ());
        match error {
            BadRule::Format(text, why) => given.refused_for(&quote(&text), format!("{}; it {why}", given.allowed())),
            BadRule::Region(_) | BadRule::Zone(_) | BadRule::Widths(..) | BadRule::Language(_) => given.refused(),
        }
    })
}

fn placement(layers: &Layers) -> Result<Placement, SettingsError> {
    let calls = layers.need("placement.calls_per_agent_hour", |t| t.placement.calls_per_agent_hour.as_ref())?;
    let lead_time = layers.need("placement.lead_time", |t| t.placement.lead_time.as_ref())?;
    Ok(Placement { calls_per_agent_hour: calls.above0()?, lead_time: lead_time.time()? })
}

fn contact(layers: &Layers) -> Result<Contact, SettingsError> {
    let interval = layers.need("contact.retry_interval", |t| t.contact.retry_interval.as_ref())?;
    Ok(Contact {
        retry_count: layers.need("contact.retry_count", |t| t.contact.retry_count.as_ref())?.whole()?,
        retry_interval: interval.text(is_iso_duration)?,
    })
}

/// Whether a text is a duration of ISO 8601 in capitals, from a second to 30 days.
fn is_iso_duration(text: &str) -> bool {
    let shaped = text.starts_with('P') && !text.bytes().any(|b| b.is_ascii_lowercase());
    let span = text.parse::<jiff::Span>().ok().filter(|_| shaped);
    let seconds = span.and_then(|span| span.total((jiff::Unit::Second, SpanRelativeTo::days_are_24_hours())).ok());
    seconds.is_some_and(|seconds| (1.0..=30.0 * 24.0 * 3600.0).contains(&seconds))
}

fn sms(layers: &Layers) -> Result<Sms, SettingsError> {
    let from = layers.pick("sms.from", |t| t.sms.from.as_ref());
    let hours = layers.need("sms.hours", |t| t.sms.hours.as_ref())?;
    let language = layers.need("sms.default_language", |t| t.sms.default_language.as_ref())?;
    let on_no_answer = layers.need("sms.on_no_answer", |t| t.sms.on_no_answer.as_ref())?;
    let templates = layers.tables(|typed| &typed.sms.templates);
    let templates = templates.into_iter().map(|(tag, text)| (tag, text.clone())).collect();
    let texts = texts(layers, &language, &templates)?;
    Ok(Sms {
        enabled: layers.need("sms.enabled", |t| t.sms.enabled.as_ref())?.value,
        from: from.map(|from| from.phone()).transpose()?,
        hours: hours.read(|text| DailyHours::parse(text).ok())?,
        default_language: language.read(|text| LanguageTag::parse(text))?,
        on_no_answer: on_no_answer.read(|word| match word.as_str() {
            "hold" => Some(OnNoAnswer::Hold),
            "resend" => Some(OnNoAnswer::Resend),
            _ => None,
        })?,
        templates,
        texts,
    })
}

/// Reads the texts; where one of them or the default language is refused, by its key.
fn texts(
    layers: &Layers,
    language: &Given<String>,
    typed: &BTreeMap<String, String>,
) -> Result<Templates, SettingsError> {
    let tag = language.read(|text| LanguageTag::parse(text))?;
    let template = |tag: &str| layers.given(format!("sms.templates.{tag}"), ());
    Templates::new(tag, typed.iter().map(|(tag, text)| (tag.as_str(), text.as_str()))).map_err(|error| match error {
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
            language.refused_for(&quote(&language.value), allowed)
        }
    })
}

fn retry(layers: &Layers) -> Result<Retry, SettingsError> {
    let wait = layers.need("retry.server_error_wait", |t| t.retry.server_error_wait.as_ref())?;
    let [min, max] = wait.value.as_slice() else { return Err(wait.refused()) };
    let server_error_wait = (wait.with(min.clone()).time()?, wait.with(max.clone()).time()?);
    if server_error_wait.0 > server_error_wait.1 {
        return Err(wait.refused());
    }
    Ok(Retry {
        max_attempts: layers.need("retry.max_attempts", |t| t.retry.max_attempts.as_ref())?.whole()?,
        server_error_wait,
        give_up_after: layers.need("retry.give_up_after", |t| t.retry.give_up_after.as_ref())?.time()?,
    })
}

fn forecast(layers: &Layers) -> Result<Forecast, SettingsError> {
    let given = layers.need("forecast.max_range", |t| t.forecast.max_range.as_ref())?;
    let max_range = given.time()?;
    if max_range != Duration::from_secs(max_range.as_secs() / HOUR * HOUR) {
        return Err(given.refused_for(&format!("{:?}", given.value), "whole hours, as in \"24h\"".to_owned()));
    }
    Ok(Forecast { max_range })
}

fn campaigns(layers: &Layers, is_table: &dyn Fn(&str) -> bool) -> Result<BTreeMap<String, Campaign>, SettingsError> {
    let mut campaigns = BTreeMap::new();
    for (id, typed) in layers.tables(|typed| &typed.campaigns) {
        let key = |leaf: &str| format!("campaigns.{id}.{leaf}");
        if id.trim() != id || id.is_empty() {
            let bare = "an id that is not empty and has no spaces around it".to_owned();
            return Err(layers.given(format!("campaigns.{id}"), ()).refused_for(&format!("{id:?}"), bare));
        }
        let text = |leaf, value: &Option<String>| value.clone().map(|value| layers.given(key(leaf), value));
        let calls = typed.calls_per_agent_hour.map(|calls| layers.given(key("calls_per_agent_hour"), calls));
        let campaign = Campaign {
            hours: text("hours", &typed.hours).map(|name| name.text(is_table)).transpose()?,
            timezone: text("timezone", &typed.timezone).map(|zone| zone.zone()).transpose()?,
            sms_from: text("sms_from", &typed.sms_from).map(|from| from.phone()).transpose()?,
            calls_per_agent_hour: calls.map(|calls| calls.above0()).transpose()?,
        };
        campaigns.insert(id, campaign);
    }
    Ok(campaigns)
}
