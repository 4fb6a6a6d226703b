//! The input of a seed: one CSV of 1 to 40 rows, some of which are no callbacks, come twice, or come too late.

use std::fmt::Write;

use ringback::domain::time::Timestamp;

use crate::random::Random;

/// What is read, and what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) csv: String,
    pub(crate) rows: u64,
}

/// The campaigns; `gone` has no forecast, ever.
pub(crate) const CAMPAIGNS: [&str; 4] = ["alpha", "beta", "gamma", "gone"];

pub(crate) fn of(now: Timestamp, random: &mut Random) -> Load {
    let rows = if random.percent(30) { random.between(1, 4) } else { random.between(5, 40) };
    let campaigns = &CAMPAIGNS[..usize::try_from(random.between(1, 4)).expect("a few")];
    let mut csv = String::from("phoneNumber,requestedStart,requestedEnd,campaignId,language,id\n");
    let mut before: Vec<String> = Vec::new();
    for number in 0..rows {
        let line = match random.below(20) {
            0 => broken(now, random),
            1 | 2 if !before.is_empty() => {
                let place = usize::try_from(random.below(before.len() as u64)).expect("a place");
                before[place].clone()
            }
            _ => good(now, campaigns, number, random),
        };
        writeln!(csv, "{line},r{number}").expect("memory");
        before.push(line);
    }
    Load { csv, rows }
}

fn good(now: Timestamp, campaigns: &[&str], number: u64, random: &mut Random) -> String {
    let minutes = |count: u64| i64::try_from(count * 60).expect("some hours");
    // Most windows are near, so that a slow run comes too late for some.
    let ahead = if random.percent(70) { random.below(300) } else { random.below(900) };
    let start = now.plus(minutes(ahead) - minutes(180));
    let start = Timestamp::from_unix(start.unix() / 60 * 60);
    let end = start.plus(minutes(random.between(60, 240)));
    let phone = format!("+1212{}{:04}", 230 + number, random.below(10_000));
    let campaign = random.pick(campaigns);
    let language = random.pick(&["en-US", "en", "es-MX", ""]);
    if random.percent(50) {
        return format!("{phone},{},{},{campaign},{language}", start.rfc3339(), end.rfc3339());
    }
    let local = |at: Timestamp| at.plus(-5 * 3600).rfc3339().replace('Z', "-05:00");
    format!("{phone},{},{},{campaign},{language}", local(start), local(end))
}

fn broken(now: Timestamp, random: &mut Random) -> String {
    let (start, end) = (now.plus(3600).rfc3339(), now.plus(7200).rfc3339());
    match random.below(4) {
        0 => format!("12,{start},{end},alpha,en"),
        1 => format!("+12122305555,{end},{start},alpha,en"),
        2 => format!("+12122305555,{start},{end},,en"),
        _ => format!("+12122305555,soon,{end},alpha,en"),
    }
}
