//! How the platform is reached: through which proxy, and whose certificates are trusted. What the environment of the
//! machine says of it (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and their kin) counts less than a setting.

use crate::io::client::{CA_VARIABLES, EXCEPTION_VARIABLES, Line, PROXY_VARIABLES, Proxy, first_set, is_excepted};
use crate::io::platform::v2::PlatformAddress;

use super::discover::Surroundings;
use super::error::{Origin, SettingsError};
use super::given::{Given, Layers};
use super::layer::{HIDDEN, Layer};
use super::text::clean_line;

/// Where a layer keeps the list of `NO_PROXY`, which no setting gives.
const EXCEPTIONS: &str = "platform.no_proxy";

/// The proxy that `platform.proxy` or a variable of the machine names, and the hosts that are reached without it.
#[derive(Debug, Clone)]
pub struct ProxyChoice {
    given: Given,
    exceptions: Option<Given>,
}

impl ProxyChoice {
    /// The choice, where there is one. What a setting says is judged; what a variable of the machine says is judged where
    /// it is used.
    pub(super) fn of(layers: &Layers) -> Result<Option<Self>, SettingsError> {
        let Some(given) = layers.pick("platform.proxy") else { return Ok(None) };
        let is_machines = matches!(given.origin(), Origin::Variable(name) if PROXY_VARIABLES.contains(&name.as_str()));
        let exceptions = layers.pick(EXCEPTIONS);
        let choice = Self { given, exceptions: exceptions.filter(|_| is_machines) };
        if !is_machines {
            choice.proxy()?;
        }
        Ok(Some(choice))
    }

    fn proxy(&self) -> Result<Proxy, SettingsError> {
        let named_by = match self.given.origin() {
            Origin::Variable(name) => name,
            Origin::Default | Origin::File { .. } | Origin::Flag(_) => self.given.key(),
        };
        self.given.read(|text| Proxy::parse(text, &named_by))
    }

    /// The proxy through which an address is reached; `None` where it is reached without.
    pub(super) fn for_address(&self, address: &PlatformAddress) -> Result<Option<Proxy>, SettingsError> {
        if self.unused(address).is_some() { Ok(None) } else { self.proxy().map(Some) }
    }

    /// Why an address is reached without this proxy.
    #[must_use]
    pub fn unused(&self, address: &PlatformAddress) -> Option<String> {
        if Line::of(address.base_url()) == Line::Local {
            return Some("not used: http:// to this machine".to_owned());
        }
        let exceptions = self.exceptions.as_ref().filter(|list| is_excepted(list.as_str(), &address.host()))?;
        Some(format!("not used: {} names the platform", exceptions.origin()))
    }

    /// The address without user and password.
    #[must_use]
    pub fn shown(&self) -> String {
        self.proxy().map_or_else(|_| HIDDEN.to_owned(), |proxy| proxy.shown())
    }

    /// Where the proxy is named.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.given.origin()
    }
}

/// What the machine's own variables say, as the layer that counts least but for the defaults.
pub(super) fn machine(around: &Surroundings) -> Layer {
    let mut layer = Layer::default();
    for (key, names) in [("platform.proxy", &PROXY_VARIABLES[..]), (EXCEPTIONS, &EXCEPTION_VARIABLES)] {
        if let Some((name, value)) = first_set(names, |name| around.variable(name).map(ToOwned::to_owned)) {
            let value = value.to_string_lossy().into_owned();
            layer.set(key, Origin::Variable(name.to_owned()), (HIDDEN, value.into()));
        }
    }
    layer
}

/// The variables that replace the system's authorities, with what they name; `None` where none is set.
pub(super) fn authorities(around: &Surroundings) -> Option<String> {
    let set = CA_VARIABLES.iter().filter_map(|name| Some((name, around.variable(name)?)));
    let told: Vec<String> =
        set.map(|(name, value)| format!("{name}={}", clean_line(&value.to_string_lossy()))).collect();
    (!told.is_empty()).then(|| told.join(" "))
}
