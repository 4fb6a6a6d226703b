//! The forecast of a campaign: a smooth curve over the day, the same for the same seed, campaign and hour.

use std::f64::consts::TAU;

use serde_json::{Value, json};

use super::{
    chance::{Luck, fingerprint, fraction},
    contract::ForecastAsked,
    settings::{ForecastOrder, SandboxSettings},
    time::{spell_millis, spell_seconds},
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Calls that one agent takes in an hour, for what is expected to come in.
const CALLS_PER_AGENT: f64 = 10.0;

/// The answer to a forecast request.
pub(super) fn answer(settings: &SandboxSettings, asked: &ForecastAsked, luck: Luck) -> Value {
    let curve = Curve::of(settings, &asked.campaign);
    let (first, end) = (asked.start.div_euclid(HOUR) * HOUR, (asked.end + HOUR - 1).div_euclid(HOUR) * HOUR);
    let mut entries: Vec<Value> = match (&curve, settings.forecast_order) {
        (None, _) => Vec::new(),
        (Some(curve), ForecastOrder::Orderly) => hours(first, end).map(|hour| curve.orderly(hour)).collect(),
        (Some(curve), ForecastOrder::Disorderly) => {
            let mut hours: Vec<i64> = hours(first - 3 * HOUR, end + 3 * HOUR).collect();
            hours.sort_by_key(|hour| luck.draw(&hour.to_string()).to_bits());
            hours.into_iter().map(|hour| curve.disorderly(hour, luck)).collect()
        }
    };
    if settings.forecast_damaged.contains(&asked.campaign) {
        damage(&mut entries);
    }
    json!({ "startTime": spell_seconds(asked.start), "endTime": spell_seconds(asked.end), "forecast": entries })
}

/// Puts numbers in quotes, takes the agents from the first hour and the zone from the second.
fn damage(entries: &mut [Value]) {
    for (place, entry) in entries.iter_mut().enumerate() {
        for figure in ["availableAgents", "expectedCalls"] {
            entry[figure] = entry[figure].to_string().into();
        }
        match place {
            0 => entry["availableAgents"] = Value::Null,
            1 => entry["hour"] = entry["hour"].as_str().and_then(|hour| hour.get(..19)).into(),
            _ => {}
        }
    }
}

fn hours(first: i64, end: i64) -> impl Iterator<Item = i64> {
    (first..end).step_by(3600)
}

/// A campaign's day: agents between a night watch and a peak.
struct Curve {
    seed: u64,
    peak_agents: f64,
    peak_hour: f64,
    load: f64,
}

impl Curve {
    /// The campaign's curve; none where it is to have no forecast.
    fn of(settings: &SandboxSettings, campaign: &str) -> Option<Self> {
        if settings.forecast_empty.contains(campaign) {
            return None;
        }
        let seed = fingerprint(settings.seed, &[b"forecast", campaign.as_bytes()]);
        let draw = |what: &str| fraction(fingerprint(seed, &[what.as_bytes()]));
        let agentless = settings.forecast_no_agents.contains(campaign);
        let peak_agents = if agentless { 0.0 } else { 12.0 + 36.0 * draw("peak") };
        // The peak lies between noon and 16:00 in New York, the hours of the day being those of UTC.
        Some(Self { seed, peak_agents, peak_hour: 17.0 + 4.0 * draw("hour"), load: 0.3 + 0.4 * draw("load") })
    }

    /// Agents in the hour that begins there: at least two in the night, unless there are none at all.
    fn agents(&self, hour: i64) -> f64 {
        let of_day = f64::from(i32::try_from(hour.rem_euclid(DAY)).unwrap_or_default()) / 3600.0;
        let day = fingerprint(self.seed, &[&hour.div_euclid(DAY).to_le_bytes()]);
        let swing = 0.5 + 0.5 * ((of_day - self.peak_hour) / 24.0 * TAU).cos();
        let agents = self.peak_agents * (0.85 + 0.3 * fraction(day)) * swing;
        if self.peak_agents > 0.0 { agents.max(2.0) } else { 0.0 }
    }

    fn calls(&self, hour: i64) -> f64 {
        (self.agents(hour).round() * CALLS_PER_AGENT * self.load).round()
    }

    fn orderly(&self, hour: i64) -> Value {
        let agents = self.agents(hour).round();
        json!({ "hour": spell_seconds(hour), "availableAgents": agents, "expectedCalls": self.calls(hour) })
    }

    fn disorderly(&self, hour: i64, luck: Luck) -> Value {
        let agents = (self.agents(hour) * 4.0).round() / 4.0;
        json!({ "hour": spelled_oddly(hour, luck), "availableAgents": agents, "expectedCalls": self.calls(hour) + 0.5 })
    }
}

/// The hour in another zone, with a fraction of a second, or plainly.
fn spelled_oddly(hour: i64, luck: Luck) -> String {
    let offsets = [(0, "Z"), (0, "+00:00"), (-5 * HOUR, "-05:00"), (-8 * HOUR, "-08:00"), (19_800, "+05:30")];
    let (shift, offset) = luck.pick(&format!("offset {hour}"), &offsets);
    let fraction = luck.pick(&format!("fraction {hour}"), &["", ".0", ".000", ".875"]);
    let local = spell_millis((hour + shift) * 1000);
    format!("{}{fraction}{offset}", &local[..19])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::time::parse_rfc3339;

    const START: i64 = 1_795_438_800;

    fn asked(settings: &SandboxSettings, start: i64, end: i64) -> Vec<Value> {
        let asked = ForecastAsked { campaign: "billing-east".to_owned(), start, end };
        answer(settings, &asked, Luck::of(1, 0))["forecast"].as_array().unwrap().clone()
    }

    fn hour_of(entry: &Value) -> i64 {
        parse_rfc3339(entry["hour"].as_str().unwrap()).unwrap().timestamp()
    }

    #[test]
    fn every_hour_that_overlaps_the_range_is_there_once() {
        let entries = asked(&SandboxSettings::default(), START + 1800, START + 2 * 3600 + 1);
        assert_eq!(entries.iter().map(hour_of).collect::<Vec<_>>(), [START, START + 3600, START + 7200]);
        assert!(entries.iter().all(|entry| entry["availableAgents"].as_f64().unwrap() >= 2.0));
    }

    #[test]
    fn disorder_keeps_every_hour_and_its_instant() {
        let settings = SandboxSettings { forecast_order: ForecastOrder::Disorderly, ..SandboxSettings::default() };
        let hours: Vec<i64> = asked(&settings, START, START + 6 * 3600).iter().map(hour_of).collect();
        assert!(!hours.is_sorted());
        let mut sorted = hours;
        sorted.sort_unstable();
        assert_eq!(sorted, (-3..9).map(|hour| START + hour * 3600).collect::<Vec<_>>());
    }

    #[test]
    fn named_campaigns_have_no_forecast_or_no_agents() {
        let named = || std::iter::once("billing-east".to_owned()).collect();
        let empty = SandboxSettings { forecast_empty: named(), ..SandboxSettings::default() };
        assert!(asked(&empty, START, START + 3600).is_empty());
        let agentless = SandboxSettings { forecast_no_agents: named(), ..SandboxSettings::default() };
        assert_eq!(asked(&agentless, START, START + 3600)[0]["availableAgents"], json!(0.0));
    }
}
