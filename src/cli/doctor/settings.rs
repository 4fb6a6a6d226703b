//! The settings, and what follows from them alone.

use std::os::unix::fs::PermissionsExt;

use crate::domain::exit::ExitCode;
use crate::domain::language::LanguageTag;
use crate::domain::shown::marked;
use crate::domain::time::Timestamp;
use crate::domain::zone::Zone;
use crate::io::platform::SecretSource;
use crate::render::checkup::Check;
use crate::render::surroundings::Commands;

use super::Seen;
use crate::cli::settings::{Hours, Settings};

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
        Err(missing) => Check::failed("settings", missing.to_string(), (ExitCode::Settings, "")),
    }];
    checks.extend(secret_file(settings));
    checks.push(opening(settings));
    checks
}

/// Opening hours. Where those of some campaigns are closed on purpose, others have hours of their own.
fn opening(settings: &Settings) -> Check {
    let what = "opening hours";
    let is_never = |hours: &Hours| hours.opening.is_never_open();
    match settings.hours_for(ANY_CAMPAIGN) {
        None => Check::good(what, "always open: no [hours.default]"),
        Some(default) if !is_never(default) => Check::good(what, "by [hours.default]"),
        Some(_) if settings.hours.values().all(is_never) => {
            let found = "never open: no day has any, and every new row is rejected as window.outside_hours";
            let mend = "give the days of [hours.default] their hours, as in mon-fri = [\"08:00-20:00\"]";
            Check::warned(what, found, mend)
        }
        Some(_) => Check::good(what, "by tables that campaigns name; all others are always closed by [hours.default]"),
    }
}

/// A file with the secret that others may read, or that is no file.
fn secret_file(settings: &Settings) -> Option<Check> {
    let Some(SecretSource::File(path)) = &settings.platform.client_secret else { return None };
    let found = std::fs::metadata(path).ok()?;
    let path = path.display();
    let (found, mend) = if found.is_dir() {
        (format!("{path} is a folder"), "name a file, the first line of which is the secret".to_owned())
    } else if !found.is_file() {
        let mend = "name a regular file, or see that it gives the secret again for each token";
        (format!("{path} is no regular file but a pipe or a device"), mend.to_owned())
    } else if found.permissions().mode() & 0o077 != 0 {
        (format!("{path} can be read by others than its owner"), format!("chmod 600 {path}"))
    } else {
        return None;
    };
    Some(Check::warned("secret file", found, mend))
}

/// Whether texts can be sent, when, and in which languages.
pub(super) fn texts(seen: &Seen<'_>, commands: &Commands) -> Vec<Check> {
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
    checks.push(hours(seen, commands));
    checks.extend(languages(seen));
    checks
}

fn hours(seen: &Seen<'_>, commands: &Commands) -> Check {
    let (now, hours) = (seen.clock.now(), seen.settings.sms.hours);
    let Some(zone) = seen.settings.timezone_for(ANY_CAMPAIGN) else {
        return Check::good("texting hours", "by each campaign's own clocks, or the row's");
    };
    let name = zone.name().unwrap_or_default();
    let at = hours.next_open(now, zone);
    let found = if at <= now { format!("open now, in {name}") } else { opens(at, zone, commands) };
    Check::good("texting hours", found)
}

fn opens(at: Timestamp, zone: &Zone, commands: &Commands) -> String {
    let clock = zone.wall_clock(at).format("%H:%M");
    format!("closed now; `{}` after {clock} {} sends what waits", commands.resume(), zone.abbreviation(at))
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
