//! What commands ask of the settings: what a campaign goes by, what only some commands need, and the
//! rehearsal's changes.

use secrecy::SecretString;

use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::io::ledger::Owner;
use crate::io::platform::kinds::Access;
use crate::io::platform::v2::{Credentials, PlatformAddress};
use crate::io::platform::{HttpSettings, SecretSource};
use crate::logic::hours::daily::DailyHours;

use super::Settings;
use super::error::{Origin, SettingsError};
use super::hours::Hours;
use super::keys;
use super::layer::{HIDDEN, path};
use super::secret;
use super::table::find;
use super::text::{clean, clean_path};

/// Requests a minute of a rehearsal, unless `--rate` says otherwise.
const SANDBOX_REQUESTS_PER_MINUTE: u32 = 6000;

/// The sender of a rehearsal's texts, unless one is set.
const SANDBOX_SENDER: &str = "+18005551234";

/// The client id and the secret of the sandbox.
const SANDBOX_CLIENT: &str = "sandbox";

/// Campaigns without a sender that an error names.
const NAMED_MAX: usize = 5;

/// The hours table of campaigns that name none.
const DEFAULT_HOURS: &str = "default";

impl Settings {
    /// Where a key's value comes from; `None` where it is not set.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.origins.get(key)
    }

    /// Whom a ledger of this platform belongs to and all that requests to it need, or what is missing and the ways to
    /// set it.
    pub fn platform(&self) -> Result<(Owner, Access), SettingsError> {
        let platform = &self.platform;
        let (Some(address), Some(client_id), Some(secret)) =
            (&platform.address, platform.client_id.clone(), platform.client_secret.clone())
        else {
            return Err(self.missing(&self.missing_of_platform()));
        };
        let proxy = platform.proxy.as_ref().map(|proxy| proxy.for_address(address)).transpose()?.flatten();
        let (timeout, connections_max) = (platform.timeout, platform.concurrency as usize);
        let http = HttpSettings { timeout, connections_max, proxy, ca_file: platform.ca_file.clone() };
        let owner = Owner { platform: address.identity().to_owned(), client_id: client_id.clone() };
        let credentials = Credentials { client_id, secret };
        Ok((owner, Access { base_url: address.base_url().to_owned(), credentials, http }))
    }

    fn missing_of_platform(&self) -> Vec<String> {
        let (region, url) = (keys::variable("platform.region"), "platform.base_url");
        let (client_id, secret) = secret::ways();
        let ways = [
            (self.platform.address.is_none(), format!("platform.region (or {url}, or {region})")),
            (self.platform.client_id.is_none(), client_id),
            (self.platform.client_secret.is_none(), secret),
        ];
        ways.into_iter().filter(|(missing, _)| *missing).map(|(_, way)| way).collect()
    }

    /// Checks that every campaign has a sender for its texts, where texts are sent at all.
    pub fn require_senders<'a>(&self, campaigns: impl IntoIterator<Item = &'a str>) -> Result<(), SettingsError> {
        if !self.sms.enabled || self.sms.from.is_some() {
            return Ok(());
        }
        let without = campaigns.into_iter().filter(|id| self.sender_for(id).is_none());
        let named: Vec<String> = without.take(NAMED_MAX).map(clean).collect();
        if named.is_empty() {
            return Ok(());
        }
        let ways = format!(
            "sms.from (or {}, or sms_from of each campaign, or sms.enabled = false), needed by campaign {}",
            keys::variable("sms.from"),
            named.join(", ")
        );
        Err(self.missing(&[ways]))
    }

    fn missing(&self, ways: &[String]) -> SettingsError {
        let looked: Vec<String> = self.looked.iter().map(|path| clean_path(path)).collect();
        let place = match &self.file {
            Some(file) => clean_path(file),
            None => format!("no settings file (looked for {})", looked.join(" and ")),
        };
        SettingsError::Missing { place, missing: ways.join("; ") }
    }

    /// The sender of a campaign's texts.
    #[must_use]
    pub fn sender_for(&self, campaign: &str) -> Option<E164> {
        self.campaigns.get(campaign).and_then(|own| own.sms_from).or(self.sms.from)
    }

    /// Calls that one agent makes in an hour of a campaign.
    #[must_use]
    pub fn calls_per_agent_hour_for(&self, campaign: &str) -> f64 {
        let own = self.campaigns.get(campaign).and_then(|own| own.calls_per_agent_hour);
        own.unwrap_or(self.placement.calls_per_agent_hour)
    }

    /// A campaign's opening hours: those it names, else `default`; `None`: always open.
    #[must_use]
    pub fn hours_for(&self, campaign: &str) -> Option<&Hours> {
        let named = self.campaigns.get(campaign).and_then(|own| own.hours.as_deref());
        self.hours.get(named.unwrap_or(DEFAULT_HOURS))
    }

    /// A campaign's zone: its own, else its hours', else `validation.timezone`; `None`: each row's offset.
    #[must_use]
    pub fn timezone_for(&self, campaign: &str) -> Option<&Zone> {
        let own = self.campaigns.get(campaign).and_then(|own| own.timezone.as_ref());
        let of_hours = || self.hours_for(campaign).map(|hours| hours.opening.zone());
        own.or_else(of_hours).or(self.validation.timezone.as_ref())
    }

    /// The settings of a rehearsal against the sandbox at this address: one platform whatever its port,
    /// its own client, a rate of 6000 unless a flag gave one, texts at any hour.
    pub fn for_sandbox(mut self, base_url: &str) -> Result<Self, SettingsError> {
        let flag = Origin::Flag("--sandbox");
        let address = PlatformAddress::of_sandbox(base_url).ok_or_else(|| SettingsError::NotAllowed {
            place: flag.clone(),
            key: "platform.base_url".to_owned(),
            given: HIDDEN.to_owned(),
            allowed: find(&path("platform.base_url")).map(|setting| setting.kind.allowed()).unwrap_or_default(),
        })?;
        self.platform.address = Some(address);
        self.platform.client_id = Some(SANDBOX_CLIENT.to_owned());
        self.platform.client_secret = Some(SecretSource::Fixed(SecretString::from(SANDBOX_CLIENT)));
        self.sms.hours = DailyHours::Always;
        let mut changed = vec!["platform.base_url", "platform.client_id", "platform.client_secret", "sms.hours"];
        if !matches!(self.origin("platform.requests_per_minute"), Some(Origin::Flag(_))) {
            self.platform.requests_per_minute = SANDBOX_REQUESTS_PER_MINUTE;
            changed.push("platform.requests_per_minute");
        }
        if self.sms.from.is_none() {
            self.sms.from = E164::from_canonical(SANDBOX_SENDER);
            changed.push("sms.from");
        }
        self.origins.extend(changed.into_iter().map(|key| (key.to_owned(), flag.clone())));
        Ok(self)
    }
}
