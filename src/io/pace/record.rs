//! What the shared file says: one line of fixed width, with a sum by which a damaged one is known.

use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Moment, Schedule, boot};
use crate::domain::hold::{HOLD_KEPT_MAX, Hold};

/// The name of the form, and its version.
const FORM: &str = "ringback-pace-1";

/// Digits of a number.
const DIGITS: usize = 20;

/// Digits of the sum.
const SUM_DIGITS: usize = 16;

/// Bytes of the line.
const LENGTH: usize = FORM.len() + 1 + boot::BOOT_ID_LENGTH + 5 * (1 + DIGITS) + 1 + SUM_DIGITS + 1;

/// What the shared file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// The start of the machine since which its moments count.
    pub(super) boot: String,
    /// Departures and hold.
    pub(super) schedule: Schedule,
    /// The hold by the wall clock: all that outlives a restart of the machine.
    pub(super) hold: Option<Hold>,
    /// Changes with every rate that a process notes or takes away.
    pub(super) generation: u64,
}

impl Record {
    /// Reads the file. What is empty, damaged or of another form is as good as new.
    pub(super) fn read(file: &File) -> io::Result<Option<Self>> {
        let mut bytes = [0; LENGTH];
        let mut length = 0;
        while length < LENGTH {
            match file.read_at(&mut bytes[length..], length as u64)? {
                0 => break,
                more => length += more,
            }
        }
        Ok(Self::parse(&bytes[..length]))
    }

    /// Writes it over what was there.
    pub(super) fn write(&self, file: &File) -> io::Result<()> {
        file.write_all_at(self.line().as_bytes(), 0)
    }

    fn line(&self) -> String {
        let nanos = |moment: Moment| u64::try_from(moment.0.as_nanos()).unwrap_or(u64::MAX);
        let millis = |millis: i64| u64::try_from(millis).unwrap_or(0);
        let (set, until) = self.hold.map_or((0, 0), |hold| (millis(hold.set_ms), millis(hold.until_ms)));
        let numbers = [nanos(self.schedule.next), nanos(self.schedule.held_until), set, until, self.generation];
        let mut line = format!("{FORM} {:<1$}", self.boot, boot::BOOT_ID_LENGTH);
        for number in numbers {
            // Memory takes it.
            let _ = write!(line, " {number:0DIGITS$}");
        }
        let sum = sum(&line);
        line + " " + &sum + "\n"
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(bytes).ok().filter(|line| line.len() == LENGTH && line.is_ascii())?;
        let (said, rest) = line.split_at(LENGTH - SUM_DIGITS - 2);
        let is_whole = rest.strip_prefix(' ').and_then(|rest| rest.strip_suffix('\n')) == Some(sum(said).as_str());
        let rest = said.strip_prefix(FORM).filter(|_| is_whole)?.strip_prefix(' ')?;
        let (boot, rest) = rest.split_at(boot::BOOT_ID_LENGTH);
        let numbers: Option<Vec<u64>> = rest.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
        let &[next, held, set, until, generation] = numbers?.as_slice() else { return None };
        let moment = |nanos| Moment(Duration::from_nanos(nanos));
        let millis = |millis| i64::try_from(millis).unwrap_or(i64::MAX);
        let schedule = Schedule { next: moment(next), held_until: moment(held) };
        let hold_by_wall = (until > 0).then(|| Hold { set_ms: millis(set), until_ms: millis(until) });
        Some(Self { boot: boot.trim().to_owned(), schedule, hold: hold_by_wall, generation })
    }

    /// What is believed of it now, at this start of the machine: no departure too far ahead, no hold that is too long.
    pub(super) fn believed(self, now: &Now, ahead_max: Duration) -> Self {
        let Self { mut schedule, hold, generation, boot } = self;
        if boot != now.boot {
            let left = hold.map_or(Duration::ZERO, |hold| hold.left(now.wall_ms));
            schedule = Schedule { next: Moment::default(), held_until: now.moment.plus(left) };
        }
        if schedule.held_until.since(now.moment) > HOLD_KEPT_MAX {
            schedule.held_until = Moment::default();
        }
        // What is reserved in a hold lies behind its end.
        if schedule.next.since(now.moment.max(schedule.held_until)) > ahead_max {
            schedule.next = Moment::default();
        }
        Self { boot: now.boot.clone(), schedule, hold, generation }
    }
}

/// What time it is by all clocks.
#[derive(Clone, Debug)]
pub(super) struct Now {
    /// Which start of the machine it is.
    pub(super) boot: String,
    /// Since that start.
    pub(super) moment: Moment,
    /// By the wall clock.
    pub(super) wall_ms: i64,
}

fn sum(said: &str) -> String {
    let digest = Sha256::digest(said.as_bytes());
    let sum = digest.iter().take(SUM_DIGITS / 2).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{sum:0SUM_DIGITS$x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn record() -> Record {
        let schedule = Schedule { next: Moment(MINUTE), held_until: Moment(MINUTE * 2) };
        let hold = Some(Hold::from_now(1_795_392_000_000, MINUTE));
        Record { boot: "0f5e2ab0-0000-4000-8000-000000000001".into(), schedule, hold, generation: 7 }
    }

    fn now(boot: &str, moment: Duration, wall_ms: i64) -> Now {
        Now { boot: boot.to_owned(), moment: Moment(moment), wall_ms }
    }

    #[test]
    fn what_was_written_is_read_and_what_is_damaged_is_not() {
        let file = tempfile::tempfile().expect("a file");
        assert_eq!(Record::read(&file).expect("reads"), None);
        record().write(&file).expect("writes");
        assert_eq!(file.metadata().expect("there").len(), LENGTH as u64);
        assert_eq!(Record::read(&file).expect("reads"), Some(record()));
        let line = record().line().into_bytes();
        for place in 0..line.len() {
            let mut other = line.clone();
            other[place] ^= 1;
            assert_eq!(Record::parse(&other), None, "byte {place}");
            assert_eq!(Record::parse(&line[..place]), None, "cut at {place}");
        }
    }

    #[test]
    fn a_restart_of_the_machine_forgets_all_but_the_hold_by_the_wall_clock() {
        let set = 1_795_392_000_000;
        let check = |wall_ms: i64, left: Duration| {
            let believed = record().believed(&now("other", Duration::from_secs(9), wall_ms), MINUTE);
            let held_until = Moment(Duration::from_secs(9) + left);
            assert_eq!(believed.schedule, Schedule { next: Moment::default(), held_until }, "{wall_ms}");
        };
        check(set + 40_000, Duration::from_secs(20));
        check(set - 40_000, MINUTE);
        check(set + 60_000, Duration::ZERO);
    }

    #[test]
    fn what_is_absurdly_far_ahead_is_not_believed() {
        let same = record().boot;
        let believed = record().believed(&now(&same, Duration::ZERO, 0), MINUTE);
        assert_eq!(believed, record());
        let far = |next: Duration| {
            let mut far = record();
            far.schedule.next = Moment(next);
            far.believed(&now(&same, Duration::ZERO, 0), MINUTE).schedule.next
        };
        // The hold ends after two minutes, and departures are reserved behind it.
        assert_eq!(far(MINUTE * 3), Moment(MINUTE * 3));
        assert_eq!(far(MINUTE * 3 + Duration::from_millis(1)), Moment::default());
        let mut held = record();
        held.schedule.held_until = Moment(HOLD_KEPT_MAX * 2);
        assert_eq!(held.believed(&now(&same, Duration::ZERO, 0), MINUTE).schedule.held_until, Moment::default());
    }
}
