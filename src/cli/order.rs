//! What was typed and set becomes what will be done.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::callback::RunId;
use crate::domain::limits::Limits;
use crate::domain::phone::E164;
use crate::domain::report::OnRejects;
use crate::domain::row::Field;
use crate::domain::strategy::Strategy;
use crate::domain::time::Timestamp;
use crate::io::read::ReadOptions;
use crate::logic::place;
use crate::logic::recall::Refused;
use crate::logic::text::texter::Texter;
use crate::pipeline::order::{Inputs, Order};
use crate::pipeline::rules::{CampaignRules, Campaigns, ContactRules, Rules, SmsRules};
use crate::render::surroundings::Surroundings;

use super::args::{BatchArgs, HandOutArgs, PictureArgs, PlatformArgs, VerdictArgs};
use super::exit::Ending;
use super::settings::Settings;

/// The shortest time between a contact's departure and its dispatch time, unless the lead time is shorter still.
const DISPATCH_MARGIN_SECONDS: u64 = 30;

/// What a command adds to the settings.
#[derive(Debug)]
pub(super) struct Choices {
    pub(super) strategy: Strategy,
    pub(super) beside: Option<Strategy>,
    pub(super) refused: Refused,
    pub(super) on_rejects: OnRejects,
    pub(super) attempted_max: Option<usize>,
    pub(super) late_max: Option<u64>,
    pub(super) run_duration_max: Option<std::time::Duration>,
}

impl Choices {
    /// Those of `validate`: nothing is sent.
    pub(super) fn none() -> Self {
        let (strategy, refused, on_rejects) = (Strategy::Balanced, Refused::Stand, OnRejects::Tell);
        let (attempted_max, late_max, run_duration_max) = (None, None, None);
        Self { strategy, beside: None, refused, on_rejects, attempted_max, late_max, run_duration_max }
    }

    /// Those of every command that asks the platform.
    pub(super) fn of(args: &PlatformArgs) -> Self {
        Self { strategy: args.strategy, ..Self::none() }
    }

    /// With those that concern rejected and refused rows.
    pub(super) fn judging(self, batch: &BatchArgs, verdicts: &VerdictArgs) -> Self {
        let refused = if verdicts.retry_failed { Refused::TryAgain } else { Refused::Stand };
        Self { refused, ..self.telling(batch) }
    }

    /// With those that concern the exit code.
    pub(super) fn telling(self, batch: &BatchArgs) -> Self {
        let on_rejects = if batch.exit_zero_on_rejects { OnRejects::Ignore } else { OnRejects::Tell };
        Self { on_rejects, ..self }
    }

    /// With those that concern what a plan shows.
    pub(super) fn showing(self, args: &PictureArgs) -> Self {
        Self { beside: args.compare.then(|| self.strategy.other()), ..self }
    }

    /// With those that concern the handing out.
    pub(super) fn handing_out(self, args: &HandOutArgs) -> Self {
        let (attempted_max, late_max, run_duration_max) = (args.limit, args.max_late, args.max_duration);
        Self { attempted_max, late_max, run_duration_max, ..self.showing(&args.show) }
    }
}

/// When a run begins, under which id, and where its report goes.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) run: RunId,
    pub(super) started_at: Timestamp,
    pub(super) out: Option<PathBuf>,
    pub(super) around: Surroundings<'static>,
}

/// Makes the order. The settings were judged whole.
pub(super) fn order(settings: &Settings, choices: &Choices, beginning: Beginning) -> Order {
    let Beginning { run, started_at, out, around } = beginning;
    let folder = out.as_ref().map(|folder| folder.display().to_string());
    let around = Surroundings { folder, ..around };
    Order { rules: rules(settings, choices), out, on_rejects: choices.on_rejects, run, started_at, around }
}

/// What is read, and how it is judged. Only the command line can still be wrong (2).
pub(super) fn inputs(batch: &BatchArgs, settings: &Settings, rejected_percent_max: f64) -> Result<Inputs, Ending> {
    if batch.inputs.iter().filter(|input| *input == "-").count() > 1 {
        return Err(Ending::usage("- is given twice, but standard input can be read only once"));
    }
    let columns = columns(batch)?;
    let read = ReadOptions { columns, encoding: batch.encoding, ..ReadOptions::default() };
    let (names, form) = (batch.inputs.clone(), settings.form.clone());
    Ok(Inputs { names, read, form, threads: batch.threads.map_or(0, usize::from), rejected_percent_max })
}

/// Where fields are that go by no name of their own.
fn columns(batch: &BatchArgs) -> Result<BTreeMap<Field, String>, Ending> {
    let mut columns = BTreeMap::new();
    for (field, column) in &batch.map {
        if let Some(other) = columns.insert(*field, column.clone()) {
            let name = field.name();
            return Err(Ending::usage(&format!("--map {name} is given twice: {other} and {column}")));
        }
    }
    Ok(columns)
}

fn rules(settings: &Settings, choices: &Choices) -> Rules {
    let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Rules {
        campaigns: campaigns(settings),
        contact: ContactRules {
            retry_count: settings.contact.retry_count,
            retry_interval: settings.contact.retry_interval.clone(),
            abilities: settings.kinds.contacts.abilities(settings.platform.contact_ids),
        },
        sms: sms(settings),
        limits: limits(settings, choices),
        strategy: choices.strategy,
        beside: choices.beside,
        lead_time: seconds(settings.placement.lead_time),
        forecast_range_max: seconds(settings.forecast.max_range),
        refused: choices.refused,
    }
}

fn limits(settings: &Settings, choices: &Choices) -> Limits {
    let (platform, retry) = (&settings.platform, &settings.retry);
    Limits {
        requests_per_minute_max: platform.requests_per_minute,
        concurrency_max: platform.concurrency as usize,
        attempts_max: retry.max_attempts,
        trouble_wait: retry.server_error_wait,
        give_up_after: retry.give_up_after,
        hold_max: retry.give_up_after,
        // A dispatch time is in the future, whatever the lead time.
        dispatch_margin: std::time::Duration::from_secs(DISPATCH_MARGIN_SECONDS)
            .min(settings.placement.lead_time)
            .max(std::time::Duration::from_secs(1)),
        run_duration_max: choices.run_duration_max,
        attempted_max: choices.attempted_max,
        late_max: choices.late_max,
    }
}

/// A name that no campaign has: the rules of all that have none of their own.
const NO_CAMPAIGN: &str = "";

/// The rules of campaigns.
pub(super) fn campaigns(settings: &Settings) -> Campaigns {
    let named = settings.campaigns.keys().map(|name| (name.clone(), campaign(settings, name))).collect();
    Campaigns { named, others: campaign(settings, NO_CAMPAIGN) }
}

fn campaign(settings: &Settings, name: &str) -> CampaignRules {
    CampaignRules {
        placing: place::CampaignRules {
            hours: settings.hours_for(name).map(|hours| Arc::clone(&hours.opening)),
            calls_per_agent_hour: settings.calls_per_agent_hour_for(name),
        },
        zone: settings.timezone_for(name).cloned(),
        sms_from: settings.sender_for(name).map_or_else(String::new, E164::reveal),
    }
}

fn sms(settings: &Settings) -> SmsRules {
    let sms = &settings.sms;
    if !sms.enabled {
        return SmsRules::Off;
    }
    SmsRules::On { hours: sms.hours, texter: Texter::new(sms.texts.clone()), on_no_answer: sms.on_no_answer }
}
