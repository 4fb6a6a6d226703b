use super::*;
use crate::domain::forecast::{CampaignForecast, Forecast, ForecastBook, Slot, Unread};
use crate::domain::outlook::{DayOutlook, SlotOutlook};
use crate::domain::time::HOUR;
use crate::logic::deadlines::Budget;
use crate::logic::hours::week::HoursSpec;

const NINE: i64 = 9 * HOUR;

/// Long before, at a rate that hinders nobody.
const AMPLE: Foresight<'_> = foresight(600_000.0);

const fn foresight(requests_per_minute: f64) -> Foresight<'static> {
    let budget = Budget { now: Timestamp::EPOCH, requests_per_minute, in_flight: 0, margin: 30 };
    Foresight { budget, begun: &[], requests_each: 2 }
}

const PLAIN: Strategy = Strategy::Balanced;

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

fn wishes(span: Interval, members: std::ops::Range<u32>) -> Vec<Wish> {
    members.map(|member| Wish { member, campaign: CampaignNo(0), span }).collect()
}

/// Ten calls an agent and hour, open at these times of every day.
fn rules(open: &[&str]) -> CampaignRules {
    let days = vec![("mon-sun".to_owned(), open.iter().map(|&span| span.to_owned()).collect())];
    let spec = HoursSpec { timezone: "UTC".into(), days, holidays: Vec::new() };
    CampaignRules { hours: Some(Arc::new(Hours::new(&spec).expect("hours"))), calls_per_agent_hour: 10.0 }
}

fn board(book: ForecastBook, before: &Standing, strategy: Strategy) -> Board {
    Board::open(book, before, &[CampaignRules { hours: None, calls_per_agent_hour: 10.0 }], strategy)
}

fn place(wishes: &[Wish], book: ForecastBook, strategy: Strategy) -> Plan {
    draw_up(wishes, &mut board(book, &Standing::new(), strategy), &AMPLE)
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
    let wishes = wishes(part(NINE, NINE + 3 * HOUR), 0..60);
    let hours = [(2.0, 10.0), (4.0, 0.0), (4.0, 20.0)];
    let plan = place(&wishes, book(&hours), Strategy::Balanced);
    assert_eq!(by_hour(&plan), [(9, 8), (10, 36), (11, 16)].into());
    let peak = place(&wishes, book(&hours), Strategy::Peak);
    assert_eq!(by_hour(&peak), [(10, 60)].into(), "most agents, the first on ties");
}

#[test]
fn callbacks_that_stand_already_count_as_load() {
    let before: Standing = [(CampaignNo(0), vec![(at(NINE + 5), 6), (at(NINE + HOUR), 2)])].into();
    let mut board = board(book(&[(1.0, 0.0), (1.0, 0.0)]), &before, PLAIN);
    let plan = draw_up(&wishes(part(NINE, NINE + 2 * HOUR), 0..4), &mut board, &AMPLE);
    assert_eq!(by_hour(&plan), [(10, 4)].into());
}

#[test]
fn times_are_spread_inside_the_part_that_may_be_used() {
    let rules = [rules(&["09:40-09:50", "09:55-12:00"])];
    let mut board = Board::open(book(&[(1.0, 0.0)]), &Standing::new(), &rules, PLAIN);
    let plan = draw_up(&wishes(part(NINE + 2400, NINE + 5000), 0..9), &mut board, &AMPLE);
    let seen: Vec<i64> = plan.placed.iter().map(|(_, at)| at.unix() - NINE).collect();
    assert_eq!(seen, [2450, 2550, 2650, 2750, 2850, 2950, 3350, 3450, 3550]);
    let alone = place(&wishes(part(NINE, NINE + 1), 0..3), book(&[(1.0, 0.0)]), PLAIN);
    assert!(alone.placed.iter().all(|(_, at)| at.unix() == NINE), "one second holds them all");
}

/// A window from 10:40 to 12:10 has three hours to go to, and stays inside itself in each.
#[test]
fn parts_of_hours_at_both_ends_are_used_as_they_are() {
    let span = part(NINE + 6000, NINE + 3 * HOUR + 600);
    let plan = place(&wishes(span, 0..30), book(&[(9.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 0.0)]), PLAIN);
    assert_eq!(by_hour(&plan), [(10, 10), (11, 10), (12, 10)].into());
    assert!(plan.placed.iter().all(|(_, at)| span.contains(*at)));
}

#[test]
fn hours_that_are_closed_take_none() {
    let rules = [rules(&["09:00-10:00", "12:00-12:30"])];
    let mut board = Board::open(book(&[(1.0, 0.0); 5]), &Standing::new(), &rules, PLAIN);
    let plan = draw_up(&wishes(part(NINE, NINE + 5 * HOUR), 0..20), &mut board, &AMPLE);
    assert_eq!(by_hour(&plan), [(9, 10), (12, 10)].into(), "the capacity is that of the whole hour");
    assert!(plan.placed.iter().all(|(_, at)| at.unix() < NINE + HOUR || at.unix() < NINE + 3 * HOUR + 1800));
}

/// The tight ones cannot give way, so that the others do: no order of going one by one finds this.
#[test]
fn those_with_more_choice_make_room_for_those_with_less() {
    let mut all = wishes(part(NINE, NINE + 2 * HOUR), 0..10);
    all.extend(wishes(part(NINE, NINE + HOUR), 10..20));
    all.extend(wishes(part(NINE + HOUR, NINE + 3 * HOUR), 20..30));
    let plan = place(&all, book(&[(1.0, 0.0), (1.0, 0.0), (1.0, 0.0)]), PLAIN);
    assert_eq!(by_hour(&plan), [(9, 10), (10, 10), (11, 10)].into());
}

#[test]
fn windows_of_one_callback_each_do_not_meet_in_the_middle_of_the_hour() {
    let of = |n: u32| wishes(part(NINE, NINE + HOUR + i64::from(n)), n..n + 1);
    let plan = place(&(0..10).flat_map(of).collect::<Vec<_>>(), book(&[(5.0, 0.0)]), PLAIN);
    let mut seconds: Vec<i64> = plan.placed.iter().map(|(_, at)| at.unix()).collect();
    seconds.dedup();
    assert_eq!(seconds.len(), 10);
}

#[test]
fn an_hour_without_agents_takes_none_while_another_has_some() {
    let plan = place(&wishes(part(NINE, NINE + 2 * HOUR), 0..50), book(&[(0.0, 0.0), (1.0, 90.0)]), PLAIN);
    assert_eq!(by_hour(&plan), [(10, 50)].into(), "overload is taken, not dropped");
}

#[test]
fn a_campaign_with_calls_of_its_own_fills_its_hours_by_them() {
    let told = book(&[(1.0, 0.0), (1.0, 3.0)]).remove(&CampaignNo(0)).expect("told");
    let rules = [2.0, 6.0].map(|calls_per_agent_hour| CampaignRules { hours: None, calls_per_agent_hour });
    let book = [(CampaignNo(0), told.clone()), (CampaignNo(1), told)].into();
    let mut board = Board::open(book, &Standing::new(), &rules, PLAIN);
    let mut all = wishes(part(NINE, NINE + 2 * HOUR), 0..5);
    all.extend(wishes(part(NINE, NINE + 2 * HOUR), 5..10).iter().map(|wish| Wish { campaign: CampaignNo(1), ..*wish }));
    let plan = draw_up(&all, &mut board, &AMPLE);
    let of = |members: std::ops::Range<u32>| {
        let placed = plan.placed.iter().filter(|(member, _)| members.contains(member)).copied().collect();
        by_hour(&Plan { placed, ..Plan::default() })
    };
    assert_eq!(of(0..5), [(9, 4), (10, 1)].into());
    assert_eq!(of(5..10), [(9, 4), (10, 1)].into());
}

#[test]
fn what_has_no_hour_says_why() {
    let check = |book: ForecastBook, start: i64, code: Code| {
        let plan = place(&wishes(part(start, start + HOUR), 7..8), book, PLAIN);
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

/// What was there, what came, and what of that is too much; hours without agents are seen, closed ones are not.
#[test]
fn the_outlook_tells_what_was_there_from_what_came() {
    let before: Standing = [(CampaignNo(0), vec![(at(NINE + 5), 3), (at(NINE + 2 * HOUR), 2)])].into();
    let rules = [rules(&["09:00-12:30"])];
    let hours = [(1.0, 4.5), (0.0, 2.0), (0.5, 9.0), (0.0, 0.0), (7.0, 0.0)];
    let open = |strategy| Board::open(book(&hours), &before, &rules, strategy);
    let mut board = open(Strategy::Balanced);
    let wishes = wishes(part(NINE, NINE + 5 * HOUR), 0..20);
    let mut beside = board.by(Strategy::Peak);
    let plan = draw_up(&wishes, &mut board, &AMPLE);
    let seen = |board: &Board| {
        let days: Vec<_> = board.outlook().collect();
        let slots = |(number, day): &(CampaignNo, DayOutlook)| {
            assert_eq!(*number, CampaignNo(0));
            let seen =
                |slot: &SlotOutlook| (slot.start.unix() / HOUR, slot.capacity, slot.before, slot.added, slot.above);
            day.0.iter().map(seen).collect::<Vec<_>>()
        };
        days.iter().flat_map(slots).collect::<Vec<_>>()
    };
    let balanced = [(9, 10.0, 3, 18, 16), (10, 0.0, 0, 0, 0), (11, 5.0, 2, 2, 2), (12, 0.0, 0, 0, 0)];
    assert_eq!(seen(&board), balanced, "of 9 o'clock 2.5 are free, and so 2");
    assert_eq!(by_hour(&plan), [(9, 18), (11, 2)].into());
    let _ = draw_up(&wishes, &mut beside, &AMPLE);
    let peak = [(9, 10.0, 3, 20, 18), (10, 0.0, 0, 0, 0), (11, 5.0, 2, 0, 0), (12, 0.0, 0, 0, 0)];
    assert_eq!(seen(&beside), peak, "nothing of the one plan is in the other");
    let (_, day) = board.outlook().next().expect("a day");
    assert_eq!((day.added(), day.above()), (20, 18));
    assert_eq!(day.highest_occupancy(), Some(2.6), "11 o'clock: 9 expected, 2 there, 2 added, of 5");
    assert_eq!((day.0[0].occupancy_before(), day.0[1].occupancy()), (Some(0.75), None));
}

#[test]
fn an_hour_that_is_full_already_is_the_fullest_only_where_somebody_goes_to_it() {
    let mut board = board(book(&[(1.0, 90.0), (1.0, 0.0)]), &Standing::new(), PLAIN);
    let _ = draw_up(&wishes(part(NINE, NINE + 2 * HOUR), 0..5), &mut board, &AMPLE);
    let (_, day) = board.outlook().next().expect("a day");
    assert_eq!((day.highest_occupancy(), day.above()), (Some(0.5), 0));
}

#[test]
fn a_late_one_is_placed_again_in_what_is_left() {
    let mut board = board(book(&[(1.0, 0.0), (1.0, 0.0)]), &Standing::new(), PLAIN);
    let left = part(NINE + 3000, NINE + HOUR + 60);
    for spread in 0..40 {
        let placed = board.place_again(CampaignNo(0), left, spread).expect("a time");
        assert!(left.contains(placed), "{placed:?}");
    }
    let why = board.place_again(CampaignNo(0), part(NINE, NINE), 1).expect_err("no time");
    assert_eq!(why.code, Code::ForecastEmpty);
}

/// Sixty an hour, from midnight on: by ten 600 are there, by eleven 60 more. The tight ones come first.
#[test]
fn what_cannot_be_created_in_time_is_placed_later_or_known_to_be_late() {
    let (tight, wide) = (part(NINE, NINE + HOUR), part(NINE, NINE + 2 * HOUR));
    let mut all = wishes(wide, 0..50);
    all.extend(wishes(tight, 50..640));
    let mut board = board(book(&[(90.0, 0.0), (90.0, 0.0)]), &Standing::new(), PLAIN);
    let plan = draw_up(&all, &mut board, &foresight(2.0));
    assert_eq!(plan.placed.len(), 640, "each has a time");
    assert_eq!(plan.late, [] as [u32; 0]);
    let created = |place: usize| Timestamp::EPOCH.plus(i64::try_from(place).expect("few") * 60 + 60);
    assert!(plan.placed.iter().enumerate().all(|(place, (_, at))| created(place) <= *at), "each is there by then");
    assert!(plan.placed.iter().all(|(member, at)| if *member < 50 { wide } else { tight }.contains(*at)));
    let mut all = wishes(wide, 0..70);
    all.extend(wishes(tight, 70..680));
    let plan = draw_up(&all, &mut board.clone(), &foresight(2.0));
    assert_eq!(plan.late, (60..70).chain(669..680).collect::<Vec<_>>().as_slice(), "the last of each");
}

/// Whatever is asked: each has one time, in its span, in an open second of an hour with agents; and always the same.
#[test]
fn every_time_is_one_that_was_asked_for_and_the_plan_is_the_same_twice() {
    let rules = [rules(&["09:15-12:40", "13:05-17:50"])];
    for seed in 0..300_u64 {
        let mut state = seed;
        let mut below = |end: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(state >> 33).expect("31 bits") % end
        };
        let pick = |number: i64| usize::try_from(number).expect("few");
        let hours = [(); 10].map(|()| [(0.0, 0.0), (1.5, 3.0), (4.0, 70.0)][pick(below(3))]);
        let rate = [1.0, 4.0, 600_000.0][pick(below(3))];
        let wish = |member: u32| {
            let start = NINE + below(9 * HOUR);
            let span = part(start, start + 1 + below(4 * HOUR));
            Wish { member, campaign: CampaignNo(0), span }
        };
        let wishes: Vec<Wish> = (0..120).map(wish).collect();
        let board = Board::open(book(&hours), &Standing::new(), &rules, PLAIN);
        let plan = draw_up(&wishes, &mut board.clone(), &foresight(rate));
        assert_eq!(plan, draw_up(&wishes, &mut board.clone(), &foresight(rate)), "seed {seed}");
        let mut members: Vec<u32> = plan.placed.iter().map(|(member, _)| *member).collect();
        members.extend(plan.unplaced.iter().map(|(member, _)| *member));
        members.sort_unstable();
        assert!(members.into_iter().eq(0..120), "seed {seed}: each once");
        for (member, at) in plan.placed {
            let hour = usize::try_from((at.unix() - NINE) / HOUR).expect("in the day");
            assert!(wishes[member as usize].span.contains(at), "seed {seed}: {member} in its span");
            assert!(!rules[0].open_parts(part(at.unix(), at.unix() + 1)).is_empty(), "seed {seed}: {member} is open");
            assert!(hours[hour].0 > 0.0, "seed {seed}: {member} has agents");
        }
    }
}

/// Figures that no contact centre has must not make a callback vanish, or the placing last for ever.
#[test]
fn absurd_figures_of_a_forecast_lose_nobody() {
    let absurd = [f64::MIN_POSITIVE, 1e-300, 1e-7, 1e9, 1e16, 1e300, f64::MAX, f64::INFINITY, f64::NAN, -1.0];
    for agents in absurd {
        for calls in absurd {
            let plan =
                place(&wishes(part(NINE, NINE + 2 * HOUR), 0..500), book(&[(agents, calls), (agents, calls)]), PLAIN);
            assert_eq!(plan.placed.len() + plan.unplaced.len(), 500, "{agents} agents, {calls} calls");
        }
        let rules = [CampaignRules { hours: None, calls_per_agent_hour: agents.abs() }];
        let mut board = Board::open(book(&[(1.0, 1e9), (3.0, 0.0)]), &Standing::new(), &rules, PLAIN);
        let plan = draw_up(&wishes(part(NINE, NINE + 2 * HOUR), 0..500), &mut board, &AMPLE);
        assert_eq!(plan.placed.len() + plan.unplaced.len(), 500, "{agents} calls an agent");
    }
}
