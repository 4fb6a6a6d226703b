//! The defaults that are built in are the published ones.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::abilities::Repeat;
use crate::domain::zone::Zone;
use crate::logic::retry::OnNoAnswer;

use super::super::table::TABLE;
use super::super::{Origin, Settings, default_file};
use super::Case;

#[test]
fn the_default_file_is_the_published_one() {
    assert_eq!(default_file(), include_str!("default.toml"));
    let keys: BTreeSet<&str> = TABLE.iter().map(|setting| setting.key).collect();
    assert_eq!(keys.len(), TABLE.len(), "each setting stands in the table once");
}

#[test]
fn the_defaults_are_the_published_ones() {
    let case = Case::empty();
    let settings = case.settings();
    assert_eq!(settings.file, None);
    assert_eq!(settings.ledger, case.folder.path().join("ringback.db"));
    let platform = &settings.platform;
    assert!(platform.address.is_none() && platform.client_id.is_none() && platform.client_secret.is_none());
    assert_eq!((platform.requests_per_minute, platform.concurrency), (100, 16));
    assert_eq!((platform.timeout, platform.contact_ids), (Duration::from_secs(30), Repeat::SameId));
    let validation = &settings.validation;
    assert_eq!((validation.default_region.as_str(), &validation.timezone), ("US", &None));
    assert_eq!((validation.min_window, validation.max_window), (Duration::from_hours(1), Duration::from_hours(4)));
    assert!(validation.time_formats.is_empty() && !validation.spoken_digits);
    assert!(settings.hours.is_empty() && settings.campaigns.is_empty());
    assert!((settings.placement.calls_per_agent_hour - 10.0).abs() < f64::EPSILON);
    assert_eq!(settings.placement.lead_time, Duration::from_mins(5));
    assert_eq!((settings.contact.retry_count, settings.contact.retry_interval.as_str()), (3, "PT15M"));
    assert_eq!(settings.retry.max_attempts, 5);
    assert_eq!(settings.retry.server_error_wait, (Duration::from_secs(5), Duration::from_secs(30)));
    assert_eq!(settings.retry.give_up_after, Duration::from_mins(10));
    assert_eq!(settings.forecast.max_range, Duration::from_hours(24));
}

#[test]
fn the_defaults_of_texts_are_the_published_ones() {
    let sms = Case::empty().settings().sms;
    assert!(sms.enabled && sms.from.is_none());
    assert_eq!((sms.hours.to_string().as_str(), sms.default_language.as_str()), ("08:00-21:00", "en-US"));
    assert_eq!(sms.on_no_answer, OnNoAnswer::Hold);
    let text = "Your callback is confirmed for {date} {time}. Reference: {reference}";
    assert_eq!(sms.templates.into_iter().collect::<Vec<_>>(), [("en".to_owned(), text.to_owned())]);
}

#[test]
fn the_default_file_changes_nothing_and_every_value_is_its_own() {
    let case = Case::empty();
    let bare = case.settings();
    let written = case.with_file("ringback.toml", default_file()).settings();
    assert!(bare.origins.values().all(|origin| *origin == Origin::Default));
    assert!(written.origins.values().all(|origin| matches!(origin, Origin::File { .. })));
    assert_eq!(without_places(bare), without_places(written));
}

/// The settings but for where they were found.
fn without_places(mut settings: Settings) -> String {
    settings.origins.clear();
    settings.looked.clear();
    settings.file = None;
    format!("{settings:?}")
}

#[test]
fn every_line_that_shows_a_shape_is_valid_once_it_is_filled_in() {
    let whole = default_file();
    let filled = whole.lines().map(|line| {
        let shape = line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.contains(" = "));
        shape.unwrap_or(line).replace("\"…\"", "\"filled-in\"")
    });
    let excluded = ["base_url", "client_secret_command"]; // region and client_secret_file stand for them
    let text: Vec<String> = filled.filter(|line| !excluded.iter().any(|key| line.starts_with(key))).collect();
    let settings = Case::file(&text.join("\n")).settings();
    assert!(settings.platform().is_ok());
    assert_eq!(settings.hours["default"].typed.days[0].1.len(), 1);
    assert_eq!(settings.campaigns["CAMPAIGN-ID"].timezone.as_ref().and_then(Zone::name), Some("America/Chicago"));
}
