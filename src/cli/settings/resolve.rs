//! From what was typed to what will be done: each table is judged, value by value.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDateTime};
use jiff::SpanRelativeTo;
use oxilangtag::LanguageTag;

use crate::io::platform::SecretSource;

use super::address::PlatformAddress;
use super::discover::{Found, Surroundings};
use super::error::SettingsError;
use super::given::{Given, Layers};
use super::hours::{self, ClockRange};
use super::layer::Layer;
use super::{
    Campaign, Contact, ContactIds, Forecast, OnNoAnswer, Overrides, Placement, Platform, Retry, Settings, Sms,
    TextingHours, Validation,
};

/// Characters of a text to a customer: ten segments.
const TEMPLATE_MAX: usize = 1600;

/// What braces may hold in a text to a customer.
const PLACEHOLDERS: [&str; 4] = ["date", "time", "reference", "contact_id"];

const HOUR: u64 = 3600;

/// The layers in force, the one that counts most first.
pub(super) fn layers(found: &Found, flags: &Overrides, around: &Surroundings) -> Result<Layers, SettingsError> {
    let mut layers = vec![Layer::flags(flags), Layer::environment(around)?];
    let mut base = around.folder.as_path();
    if let Some((path, text)) = &found.file {
        layers.push(Layer::file(path, text)?);
        base = path.parent().unwrap_or(Path::new(""));
    }
    layers.push(Layer::defaults(base)?);
    Ok(Layers(layers))
}

/// Judges the layers.
pub(super) fn settings(layers: &Layers) -> Result<Settings, SettingsError> {
    let validation = validation(layers)?;
    let hours = hours::judge(layers, validation.timezone.as_deref())?;
    let named = |name: &str| hours.contains_key(name);
    Ok(Settings {
        file: None,
        ledger: layers.need("ledger", |t| t.ledger.as_ref())?.path()?,
        platform: platform(layers)?,
        placement: placement(layers)?,
        contact: contact(layers)?,
        sms: sms(layers)?,
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
    Ok(Platform {
        address: address(layers)?,
        client_id: client_id.map(|id| id.text(|id| !id.trim().is_empty())).transpose()?,
        client_secret: client_secret(layers)?,
        requests_per_minute: rate.whole()?,
        concurrency: layers.need("platform.concurrency", |t| t.platform.concurrency.as_ref())?.whole()?,
        timeout: layers.need("platform.timeout", |t| t.platform.timeout.as_ref())?.time()?,
        contact_ids: contact_ids.read(|word| match word.as_str() {
            "unique" => Some(ContactIds::Unique),
            "advisory" => Some(ContactIds::Advisory),
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
        default_region: region.text(|text| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()))?,
        timezone: zone.map(|zone| zone.zone()).transpose()?,
        time_formats: formats.each(|text| reads_times(text).then(|| text.to_owned()))?,
        min_window,
        max_window,
        spoken_digits: layers.need("validation.spoken_digits", |t| t.validation.spoken_digits.as_ref())?.value,
    })
}

/// Whether a format is well formed and holds a whole date and time: it must read what it wrote.
fn reads_times(format: &str) -> bool {
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    if items.iter().any(|item| matches!(item, Item::Error)) {
        return false;
    }
    let written = DateTime::UNIX_EPOCH.fixed_offset().format_with_items(items.iter()).to_string();
    NaiveDateTime::parse_from_str(&written, format).is_ok()
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
    let templates = templates(layers)?;
    Ok(Sms {
        enabled: layers.need("sms.enabled", |t| t.sms.enabled.as_ref())?.value,
        from: from.map(|from| from.phone()).transpose()?,
        hours: hours.read(|text| match text.as_str() {
            "always" => Some(TextingHours::Always),
            range => ClockRange::parse(range).map(TextingHours::Within),
        })?,
        default_language: default_language(&language, &templates)?,
        on_no_answer: on_no_answer.read(|word| match word.as_str() {
            "hold" => Some(OnNoAnswer::Hold),
            "resend" => Some(OnNoAnswer::Resend),
            _ => None,
        })?,
        templates,
    })
}

fn default_language(given: &Given<String>, templates: &BTreeMap<String, String>) -> Result<String, SettingsError> {
    let language = given.text(|text| LanguageTag::parse(text).is_ok())?;
    let first = language.split('-').next().unwrap_or_default();
    let has = |tag: &str| templates.keys().any(|known| known.eq_ignore_ascii_case(tag));
    if has(&language) || has(first) {
        return Ok(language);
    }
    let known = templates.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let allowed = format!("a language with a text in sms.templates, which has {}", super::text::clean(&known));
    Err(given.refused_for(&super::text::quote(&language), allowed))
}

fn templates(layers: &Layers) -> Result<BTreeMap<String, String>, SettingsError> {
    let mut templates = BTreeMap::new();
    for (language, text) in layers.tables(|typed| &typed.sms.templates) {
        let given = layers.given(format!("sms.templates.{language}"), text.clone());
        if LanguageTag::parse(language.as_str()).is_err() {
            return Err(given.refused_for(&language, "a language tag (BCP 47), as in en or pt-BR".to_owned()));
        }
        templates.insert(language, given.text(is_template)?);
    }
    Ok(templates)
}

/// Whether a text to a customer has words, fits ten segments, and its braces hold what is known.
fn is_template(text: &str) -> bool {
    let fits = !text.trim().is_empty() && text.chars().count() <= TEMPLATE_MAX;
    let closed = |behind: &str| behind.split_once('}').is_some_and(|(name, _)| PLACEHOLDERS.contains(&name));
    let odd = |c: char| c.is_control() && c != '\n';
    fits && !text.contains(odd)
        && text.split('{').skip(1).all(closed)
        && text.matches('{').count() == text.matches('}').count()
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
