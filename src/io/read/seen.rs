//! What an input can be known by without reading it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, absolute};

use crate::domain::past::InputSeen;

const NANOSECONDS: i64 = 1_000_000_000;

/// How an input is found now. Nothing is known of standard input, of what is no file, and of a path that is no UTF-8.
#[must_use]
pub fn look(name: &str) -> InputSeen {
    if name == "-" {
        return InputSeen::default();
    }
    found(Path::new(name)).unwrap_or_default()
}

fn found(name: &Path) -> Option<InputSeen> {
    let metadata = fs::metadata(name).ok().filter(fs::Metadata::is_file)?;
    let path = fs::canonicalize(name).or_else(|_| absolute(name)).ok()?;
    let modified_ns = metadata.mtime().checked_mul(NANOSECONDS)?.checked_add(metadata.mtime_nsec())?;
    Some(InputSeen {
        path: Some(path.to_str()?.to_owned()),
        bytes: i64::try_from(metadata.len()).ok(),
        modified_ns: Some(modified_ns),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_any_name_and_a_changed_one_is_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("a.csv"), folder.path().join("link.csv"));
        fs::write(&path, "a").expect("writes");
        std::os::unix::fs::symlink(&path, &link).expect("links");
        let name = |path: &Path| path.to_str().expect("text").to_owned();
        let seen = look(&name(&path));
        assert_eq!((seen.bytes, &look(&name(&link))), (Some(1), &seen));
        let later = fs::File::options().write(true).open(&path).expect("opens");
        later.set_modified(std::time::SystemTime::now() + std::time::Duration::from_nanos(1500)).expect("sets");
        assert_ne!(look(&name(&path)), seen);
        for unknown in ["-", "/dev/null", &name(&folder.path().join("nobody.csv")), &name(folder.path())] {
            assert_eq!(look(unknown), InputSeen::default(), "{unknown}");
        }
    }
}
