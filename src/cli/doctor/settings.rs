//! The settings, and what follows from them alone.

use std::os::unix::fs::PermissionsExt;

use crate::domain::language::LanguageTag;
use crate::domain::shown::marked;
use crate::domain::zone::Zone;
use crate::io::platform::SecretSource;
use crate::logic::render::checkup::Check;

use super::Seen;
use crate::cli::settings::Settings;

/// Signs of a language that are shown.
const LANGUAGE_MAX: usize = 20;

/// A campaign without a table of its own.
const ANY_CAMPAIGN: &str = "";

/// What stands in them.
pub(super) fn look_over(settings: &Settings) -> Vec<Check> {
    let file = settings
        .file
        .as_ref()
        .map_or("no file: defaults and environment".to_owned(), |file| marked(&file.display().to_string(), 200));
    let mut checks = vec![match settings.platform() {
        Ok(_) => Check::good("settings", file),
        Err(missing) => Check::failed("settings", missing.to_string(), (78, "")),
    }];
    checks.extend(secret_file(settings));
    let hours = settings.hours_for(ANY_CAMPAIGN).map_or("always open: no [hours.default]", |_| "by [hours.default]");
    checks.push(Check::good("opening hours", hours));
    checks
}

/// A file with the secret that others may read.
fn secret_file(settings: &Settings) -> Option<Check> {
    let Some(SecretSource::File(path)) = &settings.platform.client_secret else { return None };
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let path = path.display();
    (mode & 0o077 != 0).then(|| {
        let found = format!("{path} can be read by others than its owner");
        Check::warned("secret file", found, format!("chmod 600 {path}"))
    })
}

/// Whether texts can be sent, when, and in which languages.
pub(super) fn texts(seen: &Seen<'_>) -> Vec<Check> {
    let settings = seen.settings;
    if !settings.sms.enabled {
        return vec![Check::good("texts", "off: sms.enabled = false")];
    }
    let named = settings.campaigns.keys().map(String::as_str);
    let have_senders = settings.require_senders(named.chain([ANY_CAMPAIGN])).is_ok();
    let mut checks = vec![if have_senders {
        Check::good("texts", "every campaign has a sender")
    } else {
        let found = "sms.from is not set: a run with a campaign that has no sms_from ends before it begins";
        Check::warned("texts", found, "set sms.from, or sms_from of every campaign")
    }];
    checks.push(hours(seen));
    checks.extend(languages(seen));
    checks
}

fn hours(seen: &Seen<'_>) -> Check {
    let (now, hours) = (seen.clock.now(), seen.settings.sms.hours);
    let Some(zone) = seen.settings.timezone_for(ANY_CAMPAIGN) else {
        return Check::good("texting hours", "by each campaign's own clocks, or the row's");
    };
    let name = zone.name().unwrap_or_default();
    let at = hours.next_open(now, zone);
    let found = if at <= now { format!("open now, in {name}") } else { opens(at, zone) };
    Check::good("texting hours", found)
}

fn opens(at: crate::domain::time::Timestamp, zone: &Zone) -> String {
    let clock = zone.wall_clock(at).format("%H:%M");
    format!("closed now; `ringback resume` after {clock} {} sends what waits", zone.abbreviation(at))
}

/// Languages of customers that have no template: they are texted in the default language.
fn languages(seen: &Seen<'_>) -> Option<Check> {
    let told = seen.reader?.languages().ok()?;
    let has = |tag: &str| LanguageTag::parse(tag).is_some_and(|tag| seen.settings.sms.texts.has(&tag));
    let without: Vec<String> = told
        .iter()
        .filter(|(tag, _)| !has(tag))
        .map(|(tag, count)| format!("{} ({count})", marked(tag, LANGUAGE_MAX)))
        .collect();
    Some(if without.is_empty() {
        Check::good("templates", "for every language in the ledger")
    } else {
        let default = seen.settings.sms.default_language.as_str();
        let found = format!("none for {}, callbacks in brackets: they are texted in {default}", without.join(", "));
        Check::warned("templates", found, "add them to [sms.templates]")
    })
}
