use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::plan_table::tell;
use super::tests::{at, report, summary};
use crate::domain::outlook::{CampaignOutlook, DayOutlook, Late, LateCallback, Needs, Outlook, SlotOutlook};
use crate::domain::report::Report;
use crate::domain::strategy::Strategy;
use crate::domain::time::{HOUR, Interval};
use crate::domain::zone::Zone;

/// An hour that is so many hours behind 13:00 UTC: agents of ten calls each, expected calls, before, added.
fn slot(hour: i64, (agents, expected_calls): (f64, f64), before: u64, added: u64) -> SlotOutlook {
    let capacity = agents * 10.0;
    let load = |added: u64| expected_calls + f64::from(u32::try_from(before + added).expect("few"));
    let above = (1..=added).filter(|added| load(*added) > capacity).count() as u64;
    SlotOutlook { start: at(hour * HOUR), agents, capacity, expected_calls, before, added, above }
}

fn campaign(name: &str, zone: Option<&str>, day: Vec<SlotOutlook>) -> CampaignOutlook {
    let zone = zone.map(|zone| Zone::named(zone).expect("a zone"));
    let (unplaced, beside) = (BTreeMap::new(), DayOutlook::default());
    CampaignOutlook { name: name.into(), zone, unplaced, day: DayOutlook(day), beside }
}

/// A campaign over two days in New York, and a small one that says no zone.
pub(super) fn campaigns() -> Vec<CampaignOutlook> {
    let east = vec![
        slot(0, (1.0, 9.0), 0, 0),
        slot(1, (12.5, 60.0), 4, 12),
        slot(2, (0.0, 0.0), 0, 0),
        slot(3, (6.0, 58.5), 0, 41),
        slot(4, (2.0, 1.0), 0, 0),
        slot(14, (2.0, 1.0), 0, 0),
        slot(24, (2.0, 18.0), 1, 0),
        slot(25, (2.0, 1.0), 0, 19),
    ];
    let mut west = campaign("sales\u{1b}[31m-west", None, vec![slot(0, (0.5, 0.0), 0, 1)]);
    west.unplaced = BTreeMap::from([("forecast.no_agents", 3), ("platform.unavailable", 1)]);
    vec![campaign("billing-east", Some("America/New_York"), east), west]
}

fn outlook(campaigns: Vec<CampaignOutlook>) -> Outlook {
    let needs = Needs { contacts: 74, texts: 73 };
    let (begins_at, finish_at, late) = (at(0), at(89), Late::default());
    Outlook { strategy: Strategy::Peak, beside: None, campaigns, needs, begins_at, finish_at, late }
}

fn with(outlook: Outlook) -> Report {
    Report { outlook: Some(outlook), ..report() }
}

fn told(outlook: Outlook) -> String {
    let mut text = String::new();
    tell(&mut text, &with(outlook));
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_eq!(line.trim_end(), line);
    }
    text.trim_start().to_owned()
}

/// With the same callbacks in two hours, by the other strategy.
fn compared() -> Outlook {
    let mut outlook = outlook(campaigns());
    (outlook.strategy, outlook.beside) = (Strategy::Balanced, Some(Strategy::Peak));
    for campaign in &mut outlook.campaigns {
        campaign.beside = campaign.day.clone();
    }
    let beside = &mut outlook.campaigns[0].beside.0;
    (beside[1], beside[3]) = (slot(1, (12.5, 60.0), 4, 53), slot(3, (6.0, 58.5), 0, 0));
    (beside[6], beside[7]) = (slot(24, (2.0, 18.0), 1, 19), slot(25, (2.0, 1.0), 0, 0));
    outlook
}

#[test]
fn the_hours_of_a_plan_are_told_to_a_planner() {
    insta::assert_snapshot!(told(outlook(campaigns())), @"
    peak placement: 73 callbacks in 2 campaigns, 40 above capacity
    bars: = there already, # added by this plan, | all that the agents can take

    billing-east, times in America/New_York
      72 placed, 40 above capacity, fullest hour 166 %
      hour             agents expected before  added   full             100 %
      Mon 23 Nov 09:00   12.5       60      4     12   61 % ========##      |
      Mon 23 Nov 10:00      0        0      0      0      -
      Mon 23 Nov 11:00      6     58.5      0     41  166 % ================|####>
      Tue 24 Nov 08:00      2       18      1      0   95 % =============== |
      Tue 24 Nov 09:00      2        1      0     19  100 % =###############|

    sales�[31m-west, times in UTC
      1 placed, none above capacity, fullest hour 20 %
      3 without an hour: forecast.no_agents
      1 without an hour: platform.unavailable
      hour             agents expected before  added   full             100 %
      Mon 23 Nov 13:00    0.5        0      0      1   20 % ###             |

    to send: 147 requests (74 contacts, 73 texts), at 100 a minute: 2 minutes
    done: Mon 23 Nov 13:01 UTC, if the run begins now
    ");
}

#[test]
fn both_strategies_stand_side_by_side() {
    insta::assert_snapshot!(told(compared()), @"
    balanced placement: 73 callbacks in 2 campaigns, 40 above capacity

                                                     balanced                 peak
      campaign                                 above  fullest       above  fullest
      billing-east                                40    166 %          18    190 %
      sales�[31m-west                              0     20 %           0     20 %
      all                                         40    166 %          18    190 %

    billing-east, times in America/New_York
      72 placed, 40 above capacity, fullest hour 166 %
                                            balanced                  peak
      hour             agents expected  added   full          added   full
      Mon 23 Nov 09:00   12.5       60     12   61 % ===  |       53   94 % ===##|
      Mon 23 Nov 10:00      0        0      0      -               0      -
      Mon 23 Nov 11:00      6     58.5     41  166 % =====|#>      0   98 % =====|
      Tue 24 Nov 08:00      2       18      0   95 % =====|       19  190 % =====|#>
      Tue 24 Nov 09:00      2        1     19  100 % #####|        0    5 %      |

    sales�[31m-west, times in UTC
      1 placed, none above capacity, fullest hour 20 %
      3 without an hour: forecast.no_agents
      1 without an hour: platform.unavailable
                                            balanced                  peak
      hour             agents expected  added   full          added   full
      Mon 23 Nov 13:00    0.5        0      1   20 % #    |        1   20 % #    |

    to send: 147 requests (74 contacts, 73 texts), at 100 a minute: 2 minutes
    done: Mon 23 Nov 13:01 UTC, if the run begins now
    ");
}

#[test]
fn what_misses_is_named_by_its_row_and_the_phone_is_masked() {
    let mut outlook = outlook(Vec::new());
    let late = |zone: Option<Zone>, row| LateCallback {
        phone: "+1202•••0198".into(),
        campaign: "billing-east".into(),
        zone,
        window: Interval { start: at(0), end: at(2 * HOUR) },
        row,
    };
    let row = |line| Some(("night.csv".to_owned(), line));
    let first = vec![late(Zone::named("America/New_York").ok(), row(3)), late(None, None)];
    outlook.late = Late { count: 5, first };
    insta::assert_snapshot!(told(outlook.clone()), @"
    to send: 147 requests (74 contacts, 73 texts), at 100 a minute: 2 minutes
    done: Mon 23 Nov 13:01 UTC, if the run begins now
    too late: 5 callbacks cannot be created in time at this rate; tried last
      +1202•••0198 billing-east, Mon 23 Nov 08:00 to 10:00 EST, night.csv line 3
      +1202•••0198 billing-east, Mon 23 Nov 13:00 to 15:00 UTC
      and 3 more
    ");
    let plan = &summary(&with(outlook))["plan"]["late"];
    assert_eq!((&plan["count"], plan["first"].as_array().map(Vec::len)), (&json!(5), Some(2)));
    assert_eq!(plan["first"][0]["line"], 3);
    assert_eq!(plan["first"][1]["input"], Value::Null);
}

#[test]
fn nothing_left_to_send_is_said() {
    let outlook = Outlook { needs: Needs::default(), ..outlook(Vec::new()) };
    insta::assert_snapshot!(told(outlook), @"nothing is left to send");
}

#[test]
fn many_campaigns_are_told_in_brief_and_those_with_most_above_first() {
    let one = |number: u64| {
        let name = format!("{number:02}-{}", "long".repeat(20));
        campaign(&name, Some("UTC"), vec![slot(0, (1.0, 0.0), 0, if number == 30 { 12 } else { number })])
    };
    let text = told(outlook((0..=30).map(one).collect()));
    let shown: Vec<&str> = text.lines().filter(|line| line.contains(", times in")).map(|line| &line[..2]).collect();
    assert_eq!(shown.len(), 20);
    assert_eq!(shown[..3], ["29", "28", "27"], "above capacity: 19, 18, 17");
    assert!(shown.contains(&"30"));
    let brief: Vec<&str> = text.lines().skip_while(|line| !line.contains("11 campaigns more")).collect();
    assert_eq!(brief[2].split_whitespace().skip(1).collect::<Vec<_>>(), ["10", "0", "100", "%", "0"]);
    assert_eq!(brief.iter().filter(|line| line.contains("longlong")).count(), 11);
    let plan = &summary(&with(outlook((0..=30).map(one).collect())))["plan"];
    assert_eq!(plan["campaigns"].as_array().map(Vec::len), Some(31), "JSON has all");
}

#[test]
fn the_json_of_a_plan_keeps_its_schema_and_says_what_the_table_says() {
    assert_eq!(summary(&report())["plan"], Value::Null);
    let plan = &summary(&with(outlook(campaigns())))["plan"];
    assert_eq!((&plan["strategy"], &plan["placed"], &plan["above_capacity"]), (&"peak".into(), &73.into(), &40.into()));
    assert_eq!(plan["unplaced"], json!({ "forecast.no_agents": 3, "platform.unavailable": 1 }));
    assert_eq!((&plan["requests_needed"], &plan["requests_made"]), (&147.into(), &66.into()));
    assert_eq!((&plan["seconds_needed"], &plan["finish_at"]), (&89.into(), &"2026-11-23T13:01:29Z".into()));
    let (east, west) = (&plan["campaigns"][0], &plan["campaigns"][1]);
    assert_eq!((&east["timezone"], &west["timezone"]), (&"America/New_York".into(), &Value::Null));
    assert_eq!((&east["highest_occupancy"], &east["above_capacity"]), (&json!(1.658), &40.into()));
    let slot = json!({
        "start": "2026-11-23T16:00:00Z", "agents": 6.0, "capacity": 60.0, "expected_calls": 58.5, "before": 0,
        "added": 41, "occupancy": 1.658, "above_capacity": 40,
    });
    assert_eq!(east["slots"][3], slot);
    assert_eq!(east["slots"][2]["occupancy"], Value::Null, "nobody is there to take anything");
    assert_eq!(plan["compare"], Value::Null);
}

#[test]
fn the_json_of_a_comparison_keeps_its_schema() {
    let compare = &summary(&with(compared()))["plan"]["compare"];
    let balanced = json!({ "above_capacity": 40, "highest_occupancy": 1.658 });
    assert_eq!((&compare["balanced"], &compare["campaigns"][0]["balanced"]), (&balanced, &balanced));
    let peak = json!({ "above_capacity": 18, "highest_occupancy": 1.9 });
    assert_eq!((&compare["peak"], &compare["campaigns"][0]["peak"]), (&peak, &peak));
    let slot = json!({
        "start": "2026-11-23T14:00:00Z",
        "balanced": { "added": 12, "occupancy": 0.608, "above_capacity": 0 },
        "peak": { "added": 53, "occupancy": 0.936, "above_capacity": 0 },
    });
    assert_eq!(compare["campaigns"][0]["slots"][1], slot);
}
