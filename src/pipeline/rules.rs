//! What a run is allowed and told to do, by campaign: settings become these once, before anything is sent.

use crate::domain::abilities::Abilities;
use crate::domain::callback::Callback;
use crate::domain::interned::CampaignNo;
use crate::domain::limits::Limits;
use crate::domain::strategy::Strategy;
use crate::domain::time::{Interval, Timestamp};
use crate::domain::zone::Zone;
use crate::logic::hours::daily::DailyHours;
use crate::logic::place;
use crate::logic::recall::Refused;
use crate::logic::retry::OnNoAnswer;
use crate::logic::text::texter::Texter;

/// What is special about a campaign, or the same for all that are not.
#[derive(Clone, Debug)]
pub struct CampaignRules {
    /// When it is open, and what its agents can take.
    pub placing: place::CampaignRules,
    /// The zone in which its customers are told times; `None` where each row's own offset serves.
    pub zone: Option<Zone>,
    /// The number that its texts come from.
    pub sms_from: String,
}

/// What is sent along with every contact.
#[derive(Clone, Debug)]
pub struct ContactRules {
    /// The platform's own dial retries.
    pub retry_count: u32,
    /// The time between them, an ISO 8601 duration.
    pub retry_interval: String,
    /// What the back end can do that creates them.
    pub abilities: Abilities,
}

/// Whether and when texts are sent.
pub enum SmsRules {
    /// Never.
    Off,
    /// In these hours, in these words.
    On {
        /// The hours, in the zone in which the customer is told the time.
        hours: DailyHours,
        /// The words.
        texter: Texter,
        /// What to do about a text that got no answer.
        on_no_answer: OnNoAnswer,
    },
}

/// What a run is allowed and told to do.
pub struct Rules {
    /// The campaigns that have rules of their own, and the rules of all others.
    pub campaigns: Campaigns,
    /// What is sent along with every contact.
    pub contact: ContactRules,
    /// Whether and when texts are sent.
    pub sms: SmsRules,
    /// What bounds the requests.
    pub limits: Limits,
    /// How an hour is chosen.
    pub strategy: Strategy,
    /// The strategy that a plan shows beside it.
    pub beside: Option<Strategy>,
    /// The earliest dispatch time from now, in seconds.
    pub lead_time: i64,
    /// The longest stretch of one forecast request, in seconds.
    pub forecast_range_max: i64,
    /// What is done about refusals of earlier runs.
    pub refused: Refused,
}

/// Rules by campaign name.
#[derive(Clone, Debug)]
pub struct Campaigns {
    /// The campaigns that have rules of their own.
    pub named: std::collections::BTreeMap<String, CampaignRules>,
    /// The rules of all others.
    pub others: CampaignRules,
}

impl Campaigns {
    /// The rules of a campaign.
    #[must_use]
    pub fn of(&self, name: &str) -> &CampaignRules {
        self.named.get(name).unwrap_or(&self.others)
    }

    /// The rules of the campaigns of a batch, by their numbers.
    #[must_use]
    pub fn by_number<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<Campaign> {
        names.map(|name| Campaign { name: name.to_owned(), rules: self.of(name).clone() }).collect()
    }
}

/// A campaign of this batch.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its id on the platform.
    pub name: String,
    /// Its rules.
    pub rules: CampaignRules,
}

impl CampaignRules {
    /// The zone in which a customer is told times.
    #[must_use]
    pub fn zone_of(&self, callback: &Callback) -> Zone {
        self.zone.clone().unwrap_or_else(|| Zone::fixed(callback.offset_minutes))
    }
}

/// From the first to behind the last second at which a callback may be dispatched, from `earliest` on.
#[must_use]
pub fn usable(callback: &Callback, campaigns: &[Campaign], earliest: Timestamp) -> Option<Interval> {
    let window = callback.window().interval();
    let left = Interval { start: window.start.max(earliest), end: window.end };
    let campaign = campaign(campaigns, callback.campaign).filter(|_| !left.is_empty())?;
    if campaign.rules.placing.hours.is_none() {
        return Some(left);
    }
    let open = campaign.rules.placing.open_parts(left);
    Some(Interval { start: open.first()?.start, end: open.last()?.end })
}

/// A campaign by its number.
#[must_use]
pub fn campaign(campaigns: &[Campaign], number: CampaignNo) -> Option<&Campaign> {
    campaigns.get(number.0 as usize)
}

impl Rules {
    /// What to do about a text that got no answer.
    #[must_use]
    pub fn on_no_answer(&self) -> OnNoAnswer {
        match &self.sms {
            SmsRules::Off => OnNoAnswer::Hold,
            SmsRules::On { on_no_answer, .. } => *on_no_answer,
        }
    }
}
