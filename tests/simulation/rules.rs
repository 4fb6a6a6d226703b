//! The settings of a seed as the pipeline takes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ringback::domain::abilities::Abilities;
use ringback::domain::callback::RunId;
use ringback::domain::language::LanguageTag;
use ringback::domain::limits::Limits;
use ringback::domain::time::Timestamp;
use ringback::domain::zone::Zone;
use ringback::io::platform::v2;
use ringback::io::read::ReadOptions;
use ringback::logic::hours::daily::DailyHours;
use ringback::logic::hours::week::{Hours, HoursSpec};
use ringback::logic::place;
use ringback::logic::text::template::Templates;
use ringback::logic::text::texter::Texter;
use ringback::logic::validate::rules::{Rules as FormRules, RulesSpec};
use ringback::pipeline::order::{Inputs, Order};
use ringback::pipeline::rules::{CampaignRules, Campaigns, ContactRules, Rules, SmsRules};

use crate::scenario::{Plan, Settings};

/// The shortest time between a contact's departure and its dispatch time.
pub(crate) const MARGIN_SECONDS: i64 = 30;

const CALLS_PER_AGENT_HOUR: f64 = 2.0;

/// The whole id, by which the platform tells whose text it is, then what customers read.
const TEMPLATE: &str = "{contact_id} {reference}: {date} {time}";

/// An order for one run.
pub(crate) fn order(settings: &Settings, plan: &Plan, out: Option<PathBuf>, begun: Begun) -> Order {
    Order {
        rules: rules(settings, plan),
        out,
        on_rejects: ringback::domain::report::OnRejects::Tell,
        run: begun.run,
        started_at: begun.at,
        around: ringback::render::surroundings::Surroundings::default(),
    }
}

/// The one input.
pub(crate) fn inputs(input: &Path) -> Inputs {
    Inputs {
        names: vec![input.to_str().expect("a plain path").to_owned()],
        read: ReadOptions { block_bytes: 4096, ..ReadOptions::default() },
        form: FormRules::new(&RulesSpec::default()).expect("the defaults"),
        threads: 1,
        rejected_percent_max: 100.0,
    }
}

/// Which run, and when it began.
#[derive(Clone, Copy)]
pub(crate) struct Begun {
    pub(crate) run: RunId,
    pub(crate) at: Timestamp,
}

fn rules(settings: &Settings, plan: &Plan) -> Rules {
    let abilities = Abilities { horizon: settings.horizon, ..v2::abilities(settings.ids) };
    let sms = settings.texting.map_or(SmsRules::Off, |hours| SmsRules::On {
        hours: texting_hours(hours),
        texter: texter(),
        on_no_answer: settings.on_no_answer,
    });
    Rules {
        campaigns: campaigns(),
        contact: ContactRules { retry_count: 3, retry_interval: "PT15M".into(), abilities },
        sms,
        limits: limits(settings, plan),
        strategy: settings.strategy,
        beside: None,
        lead_time: settings.lead_time,
        forecast_range_max: settings.forecast_range_max,
        refused: plan.refused,
    }
}

fn limits(settings: &Settings, plan: &Plan) -> Limits {
    let margin = MARGIN_SECONDS.min(settings.lead_time);
    Limits {
        requests_per_minute_max: settings.rate,
        concurrency_max: settings.concurrency,
        attempts_max: settings.attempts,
        trouble_wait: (Duration::from_secs(5), Duration::from_secs(30)),
        give_up_after: settings.give_up_after,
        hold_max: settings.give_up_after,
        dispatch_margin: Duration::from_secs(u64::try_from(margin).expect("not negative")),
        run_duration_max: plan.duration_max,
        attempted_max: plan.limit,
        late_max: None,
    }
}

/// `alpha` is always open; `beta` by day, and its customers are told times of New York; `gamma` opens twice a day.
pub(crate) fn campaigns() -> Campaigns {
    let open = |timezone: &str, spans: &[&str]| {
        let spans = spans.iter().map(|&span| span.to_owned()).collect();
        let spec = HoursSpec {
            timezone: timezone.into(),
            days: vec![("mon-sun".into(), spans)],
            holidays: vec!["2026-11-25".into()],
        };
        Some(Arc::new(Hours::new(&spec).expect("hours")))
    };
    let new_york = Zone::named("America/New_York").expect("a zone");
    let rules = |hours, zone| CampaignRules {
        placing: place::CampaignRules { hours, calls_per_agent_hour: CALLS_PER_AGENT_HOUR },
        zone,
        sms_from: "+18005551234".into(),
    };
    let beta = rules(open("America/New_York", &["08:00-20:00"]), Some(new_york));
    let gamma = rules(open("Europe/London", &["07:15-11:40", "13:05-24:00"]), None);
    let named = BTreeMap::from([("beta".to_owned(), beta), ("gamma".to_owned(), gamma)]);
    Campaigns { named, others: rules(None, None) }
}

pub(crate) fn texting_hours(text: &str) -> DailyHours {
    DailyHours::parse(text).expect("hours")
}

pub(crate) fn texter() -> Texter {
    let language = LanguageTag::parse("en-US").expect("a language");
    Texter::new(Templates::new(language, [("en", TEMPLATE)]).expect("a template"))
}
