//! What SQL says of progress and status, made from the enums of the domain.

use crate::domain::entry::Entry;
use crate::domain::outcome::Status;
use crate::domain::progress::Progress;

/// Callbacks that are not closed. The index `callbacks_unfinished` has the same condition: SQLite uses it for no other.
pub(super) fn is_open() -> String {
    none_of(Progress::is_closed)
}

/// Callbacks that count among those of their dispatch time.
pub(super) fn takes_a_slot() -> String {
    none_of(|progress| !progress.takes_a_slot())
}

fn none_of(excluded: impl Fn(Progress) -> bool) -> String {
    let names = Progress::ALL.into_iter().filter(|progress| excluded(*progress));
    let names: Vec<String> = names.map(|progress| format!("'{}'", progress.name())).collect();
    format!("progress NOT IN ({})", names.join(", "))
}

/// A step of the schema, with the statuses that its views tell.
pub(super) fn fill_in(step: &str) -> String {
    step.replace("{status of progress}", &status_of_progress()).replace("{status of entry}", &status_of_entry())
}

fn status_of_progress() -> String {
    branches(Progress::ALL.into_iter().map(|progress| (progress.name(), Status::of(progress))))
}

/// The entries that lead to one status, wherever they come from.
fn status_of_entry() -> String {
    branches(Entry::of_each_kind().filter_map(|entry| {
        let mut led = Progress::ALL.into_iter().filter_map(|from| from.next(&entry).ok().map(Status::of));
        let first = led.next()?;
        led.all(|status| status == first).then(|| (entry.name(), first))
    }))
}

/// The branches of a `CASE` whose `ELSE` is pending.
fn branches(pairs: impl Iterator<Item = (&'static str, Status)>) -> String {
    let told = pairs.filter(|(_, status)| *status != Status::Pending);
    told.map(|(name, status)| format!("WHEN '{name}' THEN '{}'", status.as_str()))
        .collect::<Vec<_>>()
        .join("\n        ")
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::SqliteLedger;
    use super::super::tests::opening;
    use super::*;

    /// What ledgers hold since the schemas of 0.1: an index and views that no later ringback makes anew.
    #[test]
    fn the_words_are_those_that_older_ledgers_hold() {
        assert_eq!(is_open(), "progress NOT IN ('confirmed', 'scheduled', 'failed', 'expired')");
        assert!(include_str!("schema_1.sql").contains(&is_open()));
        assert_eq!(takes_a_slot(), "progress NOT IN ('failed', 'expired')");
        let own_words = ["confirmed", "scheduled", "sms_waiting", "failed", "sms_failed", "expired"];
        for progress in Progress::ALL {
            let name = progress.name();
            let is_told = own_words.contains(&name) || ["in_doubt", "sms_in_doubt"].contains(&name);
            assert_eq!(Status::of(progress).as_str(), if is_told { name } else { "pending" });
            assert_eq!(status_of_progress().contains(&format!("WHEN '{name}' THEN '{name}'")), is_told);
        }
        let entries = "WHEN 'expired' THEN 'expired'
        WHEN 'contact_doubted' THEN 'in_doubt'
        WHEN 'contact_existed' THEN 'sms_in_doubt'
        WHEN 'contact_failed' THEN 'failed'
        WHEN 'sms_deferred' THEN 'sms_waiting'
        WHEN 'sms_dropped' THEN 'scheduled'
        WHEN 'sms_accepted' THEN 'confirmed'
        WHEN 'sms_doubted' THEN 'sms_in_doubt'
        WHEN 'sms_failed' THEN 'sms_failed'";
        assert_eq!(status_of_entry(), entries);
    }

    #[test]
    fn what_is_open_is_found_by_its_index() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("l.db");
        drop(SqliteLedger::open(&opening(&path)).expect("opens"));
        let connection = Connection::open(&path).expect("opens");
        let query = format!("EXPLAIN QUERY PLAN SELECT progress FROM callbacks WHERE {}", is_open());
        let plan: String = connection.query_row(&query, [], |row| row.get(3)).expect("explains");
        assert!(plan.contains("callbacks_unfinished"), "{plan}");
    }

    #[test]
    fn a_run_owes_something_to_no_callback_that_is_closed() {
        for progress in Progress::ALL {
            assert!(!(progress.is_closed() && progress.is_unfinished()), "{progress:?}");
        }
    }
}
