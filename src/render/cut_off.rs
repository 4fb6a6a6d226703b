//! What a person is told of runs that died before their input was taken up.

use crate::domain::discreet::masked_name;
use crate::domain::past::CutOff;
use crate::domain::shown::marked;

use super::advice::Advice;
use super::surroundings::Commands;

/// Runs that are named; the others are counted.
const RUNS_MAX: usize = 5;

/// Inputs of a run that are named; the others are counted.
const INPUTS_MAX: usize = 3;

/// Characters of a path that are shown.
const PATH_CHARACTERS_MAX: usize = 200;

/// Names the runs and says what to do, in one sentence; `None` where there are none.
#[must_use]
pub fn words(cut_off: &[CutOff], commands: &Commands) -> Option<String> {
    told(cut_off).map(|(found, advice)| format!("{found}; {}", advice.told(commands)))
}

/// Names the runs, and what to do.
pub(crate) fn told(cut_off: &[CutOff]) -> Option<(String, Advice)> {
    let is_known = cut_off.iter().all(is_known);
    match cut_off {
        [] => None,
        [one] => {
            let ended = if one.is_stopped { "was stopped" } else { "died" };
            let found = format!("{} {ended} before its input was in the ledger", named(one));
            Some((found, Advice::GiveInput(Some(one.number), is_known)))
        }
        many => {
            let (count, named) = (many.len(), listed(many.iter().map(named), RUNS_MAX));
            let found = format!("{count} runs died or were stopped before their input was in the ledger: {named}");
            Some((found, Advice::GiveInput(None, is_known)))
        }
    }
}

/// Whether the ledger would notice that the input came again.
fn is_known(cut_off: &CutOff) -> bool {
    cut_off.inputs.iter().all(Option::is_some)
}

/// A run with its number, its beginning and its inputs, where they are known.
fn named(cut_off: &CutOff) -> String {
    let CutOff { number, began, inputs, .. } = cut_off;
    let run = format!("run {number} of {}", began.rfc3339());
    if inputs.is_empty() {
        run
    } else {
        format!("{run} ({})", listed(inputs.iter().map(|path| input(path.as_deref())), INPUTS_MAX))
    }
}

fn input(path: Option<&str>) -> String {
    let masked = |path| masked_name(&marked(path, PATH_CHARACTERS_MAX));
    path.map_or_else(|| "standard input or a pipe".to_owned(), masked)
}

/// The first of them, and how many more there are.
fn listed(all: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = all.len().saturating_sub(most);
    let mut told: Vec<String> = all.take(most).collect();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::RunId;
    use crate::domain::time::Timestamp;

    fn cut_off(number: i64, inputs: &[Option<&str>]) -> CutOff {
        let inputs = inputs.iter().map(|path| path.map(str::to_owned)).collect();
        let began = Timestamp::from_unix(1_795_438_800);
        CutOff { number, run: RunId(uuid::Uuid::nil()), began, is_stopped: number == 8, inputs }
    }

    #[test]
    fn one_is_named_with_its_inputs_and_what_to_type() {
        let around = Commands::naming(" --ledger l.db");
        assert_eq!(words(&[], &around), None);
        let told = words(&[cut_off(7, &[Some("/x/+12025550198\u{1b}.csv"), None])], &around);
        assert_eq!(
            told.as_deref(),
            Some(
                "run 7 of 2026-11-23T13:00:00Z (/x/+•••0198\u{fffd}.csv, standard input or a pipe) died before its input \
                 was in the ledger; give that input to `ringback run --ledger l.db` again, and then say with `ringback runs \
                 --ledger l.db --dismiss 7` that it was given, or is not needed"
            )
        );
    }

    #[test]
    fn one_that_was_stopped_has_not_died() {
        let told = words(&[cut_off(8, &[])], &Commands::default()).expect("words");
        assert!(told.starts_with("run 8 of 2026-11-23T13:00:00Z was stopped before its input"), "{told}");
    }

    #[test]
    fn of_many_the_first_are_named_and_the_others_counted() {
        let many: Vec<CutOff> = (1..=7).map(|number| cut_off(number, &[Some("a"); 5])).collect();
        let told = words(&many, &Commands::default()).expect("words");
        assert!(told.starts_with("7 runs died or were stopped before"), "{told}");
        assert!(told.contains("run 5 of 2026-11-23T13:00:00Z (a, a, a, and 2 more), and 2 more; give"), "{told}");
        assert!(!told.contains("run 6") && told.contains("`ringback runs --dismiss RUN`"), "{told}");
    }
}
