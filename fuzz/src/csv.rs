//! Any bytes as CSV: header, blocks, records, verdicts, rejects.

use super::reading;

/// Reads the bytes as a file of that name, and as standard input, which says nothing of what it is.
pub fn check(bytes: &[u8]) {
    reading::check("calls.csv", bytes);
    reading::check("-", bytes);
}
