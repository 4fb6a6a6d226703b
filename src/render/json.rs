//! What all JSON for machines has in common. Keys may be added to it; readers go by name.

use serde::{Deserialize, Serialize};

use crate::domain::report::{InputFacts, RequestCounts};

/// A value over several lines, its keys in the order of the alphabet, with a line end.
#[must_use]
pub fn pretty(value: &impl Serialize) -> String {
    // Numbers, text, lists and keys that are text: there is nothing that serde_json refuses to write.
    format!("{:#}\n", serde_json::to_value(value).unwrap_or_default())
}

/// How many requests left of each kind.
pub(super) fn kinds(counts: RequestCounts) -> [(&'static str, u64); 4] {
    [("token", counts.token), ("forecast", counts.forecast), ("contact", counts.contact), ("sms", counts.sms)]
}

/// A file that was read.
#[derive(Serialize, Deserialize)]
pub(super) struct InputFile {
    path: String,
    bytes: u64,
    sha256: Option<String>,
    rows: u64,
}

impl InputFile {
    pub(super) fn all(facts: &[InputFacts]) -> Vec<Self> {
        let one = |InputFacts { name, bytes, sha256, rows }: InputFacts| Self { path: name, bytes, sha256, rows };
        facts.iter().cloned().map(one).collect()
    }

    pub(super) fn facts(self) -> InputFacts {
        InputFacts { name: self.path, bytes: self.bytes, sha256: self.sha256, rows: self.rows }
    }
}
