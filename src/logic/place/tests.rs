use super::*;
use crate::domain::forecast::{Forecast, Slot, Unread};
use crate::domain::time::HOUR;

const NINE: i64 = 9 * HOUR;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn part(start: i64, end: i64) -> Interval {
    Interval { start: at(start), end: at(end) }
}

/// A book of one campaign whose hours begin at nine.
fn book(hours: &[(f64, f64)]) -> ForecastBook {
    let slots = (0..).zip(hours).map(|(hour, &(agents, expected_calls))| Slot {
        start: at(NINE + hour * HOUR),
        agents,
        expected_calls,
    });
    let told = CampaignForecast { forecast: Forecast::of(slots.collect()), unread: Vec::new() };
    [(CampaignNo(0), told)].into()
}

fn class(usable: Vec<Interval>, members: std::ops::Range<u32>) -> Class {
    Class { campaign: CampaignNo(0), usable, members: members.collect() }
}

fn place(classes: &[Class], book: ForecastBook, strategy: Strategy) -> Plan {
    let rules = PlaceRules { strategy, calls_per_agent_hour: vec![10.0] };
    draw_up(classes, &mut open_board(book, &Standing::new(), rules))
}

fn by_hour(plan: &Plan) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for (_, at) in &plan.placed {
        *counts.entry(at.hour_floor().unix() / HOUR).or_default() += 1;
    }
    counts
}

#[test]
fn balanced_fills_what_is_left_of_each_hour() {
    let window = class(vec![part(NINE, NINE + 3 * HOUR)], 0..60);
    let hours = [(2.0, 10.0), (4.0, 0.0), (4.0, 20.0)];
    let plan = place(std::slice::from_ref(&window), book(&hours), Strategy::Balanced);
    assert_eq!(by_hour(&plan), [(9, 8), (10, 36), (11, 16)].into());
    let peak = place(&[window], book(&hours), Strategy::Peak);
    assert_eq!(by_hour(&peak), [(10, 60)].into(), "most agents, the first on ties");
}

#[test]
fn callbacks_that_stand_already_count_as_load() {
    let rules = PlaceRules { strategy: Strategy::Balanced, calls_per_agent_hour: vec![10.0] };
    let before: Standing = [(CampaignNo(0), vec![(at(NINE + 5), 6), (at(NINE + HOUR), 2)])].into();
    let mut board = open_board(book(&[(1.0, 0.0), (1.0, 0.0)]), &before, rules);
    let plan = draw_up(&[class(vec![part(NINE, NINE + 2 * HOUR)], 0..4)], &mut board);
    assert_eq!(by_hour(&plan), [(10, 4)].into());
}

#[test]
fn times_are_spread_inside_the_part_that_may_be_used() {
    let parts = vec![part(NINE + 2400, NINE + 3000), part(NINE + 3300, NINE + HOUR)];
    let plan = place(&[class(parts.clone(), 0..9)], book(&[(1.0, 0.0)]), Strategy::Balanced);
    let seen: Vec<i64> = plan.placed.iter().map(|(_, at)| at.unix() - NINE).collect();
    assert_eq!(seen, [2450, 2550, 2650, 2750, 2850, 2950, 3350, 3450, 3550]);
    assert!(plan.placed.iter().all(|(_, at)| parts.iter().any(|part| part.contains(*at))));
    let alone = place(&[class(vec![part(NINE, NINE + 1)], 0..3)], book(&[(1.0, 0.0)]), Strategy::Balanced);
    assert!(alone.placed.iter().all(|(_, at)| at.unix() == NINE), "one second holds them all");
}

#[test]
fn windows_of_one_callback_each_do_not_meet_in_the_middle_of_the_hour() {
    let classes: Vec<Class> =
        (0..10u32).map(|n| class(vec![part(NINE, NINE + HOUR + i64::from(n))], n..n + 1)).collect();
    let plan = place(&classes, book(&[(5.0, 0.0)]), Strategy::Balanced);
    let mut seconds: Vec<i64> = plan.placed.iter().map(|(_, at)| at.unix()).collect();
    seconds.dedup();
    assert_eq!(seconds.len(), 10);
}

#[test]
fn an_hour_without_agents_takes_none_while_another_has_some() {
    let window = class(vec![part(NINE, NINE + 2 * HOUR)], 0..50);
    let plan = place(&[window], book(&[(0.0, 0.0), (1.0, 90.0)]), Strategy::Balanced);
    assert_eq!(by_hour(&plan), [(10, 50)].into(), "overload is taken, not dropped");
}

#[test]
fn what_has_no_hour_says_why() {
    let check = |book: ForecastBook, start: i64, code: Code| {
        let plan = place(&[class(vec![part(start, start + HOUR)], 7..8)], book, Strategy::Balanced);
        let codes: Vec<_> = plan.unplaced.iter().map(|(member, why)| (*member, why.code)).collect();
        assert_eq!(codes, [(7, code)]);
        assert!(plan.placed.is_empty());
    };
    check(book(&[(0.0, 0.0)]), NINE, Code::ForecastNoAgents);
    check(book(&[(1.0, 0.0)]), NINE + 5 * HOUR, Code::ForecastEmpty);
    check(ForecastBook::new(), NINE, Code::ForecastEmpty);
    let unread = |code| Unread { range: part(0, 24 * HOUR), code, detail: String::new() };
    let (forecast, rest) = (book(&[(0.0, 0.0)]), unread(Code::PlatformUnavailable));
    let half = forecast
        .into_iter()
        .map(|(campaign, told)| (campaign, CampaignForecast { unread: vec![rest.clone()], ..told }));
    check(half.collect(), NINE, Code::PlatformUnavailable);
    for code in [Code::PlatformRefused, Code::PlatformUnavailable] {
        let told = CampaignForecast { forecast: Forecast::default(), unread: vec![unread(code)] };
        check([(CampaignNo(0), told)].into(), NINE, code);
    }
}

#[test]
fn a_late_one_is_placed_again_in_what_is_left() {
    let rules = PlaceRules { strategy: Strategy::Balanced, calls_per_agent_hour: vec![10.0] };
    let mut board = open_board(book(&[(1.0, 0.0), (1.0, 0.0)]), &Standing::new(), rules);
    let left = [part(NINE + 3000, NINE + HOUR + 60)];
    for spread in 0..40 {
        let placed = board.place_again(CampaignNo(0), &left, spread).expect("a time");
        assert!(left[0].contains(placed), "{placed:?}");
    }
    let why = board.place_again(CampaignNo(0), &[], 1).expect_err("no time");
    assert_eq!(why.code, Code::ForecastEmpty);
}
