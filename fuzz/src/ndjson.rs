//! Any bytes as NDJSON: lines, objects, pointers, verdicts, rejects.

use super::reading;

/// Reads the bytes as a file of that name.
pub fn check(bytes: &[u8]) {
    reading::check("calls.ndjson", bytes);
}
