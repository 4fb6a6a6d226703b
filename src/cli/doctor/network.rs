//! How the platform is reached: the proxy, and the certificates by which it is known.

use crate::cli::settings::{PlatformAddress, Settings};
use crate::domain::exit::ExitCode;
use crate::io::client::{Line, check_variables, own_certificates};
use crate::render::checkup::Check;

/// Looks at what settings and environment say; nothing is sent. Plain HTTP to this machine needs neither.
pub(super) fn look_over(settings: &Settings) -> Vec<Check> {
    match &settings.platform.address {
        Some(address) if Line::of(address.base_url()) == Line::Secure => {
            vec![proxy(settings, address), authorities(settings)]
        }
        Some(_) | None => Vec::new(),
    }
}

/// A proxy that cannot be one has been told with the settings.
fn proxy(settings: &Settings, address: &PlatformAddress) -> Check {
    let found = match &settings.platform.proxy {
        None => "none".to_owned(),
        Some(proxy) => {
            let unused = proxy.unused(address).map(|why| format!(", {why}")).unwrap_or_default();
            format!("{} ({}{unused})", proxy.shown(), proxy.origin())
        }
    };
    Check::good("proxy", found)
}

fn authorities(settings: &Settings) -> Check {
    let what = "certificates";
    let own = settings.platform.ca_file.as_deref();
    let looked = check_variables(|name| std::env::var_os(name)).and_then(|()| own.map(own_certificates).transpose());
    let trusted = settings.platform.authorities.as_deref().unwrap_or("the system's");
    match (looked, own) {
        (Err(why), _) => Check::failed(what, why, (ExitCode::Settings, "")),
        (Ok(found), Some(path)) => {
            let count = found.map_or(0, |found| found.len());
            Check::good(what, format!("by {trusted}, and {count} of platform.ca_file {}", path.display()))
        }
        (Ok(_), None) => Check::good(what, format!("by {trusted}")),
    }
}
