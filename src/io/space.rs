//! How much room there is where a file lies.

use std::io;
use std::path::Path;

/// Bytes that this user may still write to the file system of a folder or a file.
pub fn free(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}
