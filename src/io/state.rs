//! The state directory of this machine: what is kept of a platform's client beside its ledgers, shared by all processes
//! that use the same client. Losing it costs evidence and pace, never a callback: nothing in it is synced to disk, and
//! where it cannot be written a run goes on with what its ledger knows.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The variable that names the state directory.
pub const VARIABLE: &str = "RINGBACK_STATE_DIR";

/// Hexadecimal digits of a client's folder name.
const NAME_DIGITS: usize = 32;

/// Permission bits of a group that may write.
const GROUP_WRITES: u32 = 0o020;

/// The state directory by the environment: `RINGBACK_STATE_DIR`, else `$XDG_STATE_HOME/ringback`, else
/// `~/.local/state/ringback`; `None` where none of these is set to an absolute path.
pub fn directory<'a>(variable: impl Fn(&str) -> Option<&'a OsStr>) -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state_home = || absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    absolute(VARIABLE).or_else(|| state_home().map(|home| home.join("ringback")))
}

/// The folder of a platform's client in the state directory, made where it is not there. Its name is a digest of both,
/// so that any address makes a file name; the file `client` in it says whose it is.
pub fn client_folder(directory: &Path, platform: &str, client_id: &str) -> io::Result<PathBuf> {
    let whose = format!("{platform}\n{client_id}\n");
    let digest = Sha256::digest(whose.as_bytes());
    let number = digest.iter().take(NAME_DIGITS / 2).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let folder = directory.join(format!("{number:0NAME_DIGITS$x}"));
    if !folder.is_dir() {
        make_folder(&folder)?;
        let mode = directory.metadata()?.permissions().mode() & 0o7777;
        if mode & GROUP_WRITES != 0 {
            fs::set_permissions(&folder, Permissions::from_mode(mode))?;
        }
    }
    let note = folder.join("client");
    if !note.exists() {
        // Two processes write the same words.
        fs::write(&note, whose)?;
        let _ = share(&note, &folder);
    }
    Ok(folder)
}

/// Opens a file of the state directory for reading and writing, made where it is not there: for its owner alone, or for
/// the folder's group too where the group may write to the folder. Links are not followed.
pub fn open(path: &Path) -> io::Result<File> {
    let is_new = path.symlink_metadata().is_err();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.custom_flags(no_follow()).open(path)?;
    if is_new {
        // Another user's file has its mode already.
        let _ = share(path, path.parent().unwrap_or(Path::new(".")));
    }
    Ok(file)
}

/// Makes a folder, and those above it, for their owner alone.
fn make_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Gives a file to the group too, where the group may write to its folder.
fn share(path: &Path, folder: &Path) -> io::Result<()> {
    let mode = folder.metadata()?.permissions().mode();
    if mode & GROUP_WRITES != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o660))?;
    }
    Ok(())
}

fn no_follow() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_first_variable_that_is_absolute_names_the_directory() {
        let check = |set: &[(&str, &str)], expected: Option<&str>| {
            let set: BTreeMap<&str, &str> = set.iter().copied().collect();
            let found = directory(|name| set.get(name).map(OsStr::new));
            assert_eq!(found.as_deref(), expected.map(Path::new), "{set:?}");
        };
        check(&[], None);
        check(&[("HOME", "/home/a")], Some("/home/a/.local/state/ringback"));
        check(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "/s")], Some("/s/ringback"));
        check(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "relative")], Some("/home/a/.local/state/ringback"));
        check(&[("RINGBACK_STATE_DIR", "/r"), ("XDG_STATE_HOME", "/s")], Some("/r"));
        check(&[("RINGBACK_STATE_DIR", "")], None);
    }

    #[test]
    fn each_client_of_each_platform_has_a_folder_of_its_own() {
        let state = tempfile::tempdir().expect("a folder");
        let folder = |platform, client| client_folder(state.path(), platform, client).expect("is made");
        let one = folder("https://a.example", "c");
        assert_eq!(folder("https://a.example", "c"), one);
        assert_ne!(folder("https://a.example", "d"), one);
        assert_ne!(folder("https://b.example", "c"), one);
        assert_eq!(fs::read_to_string(one.join("client")).expect("reads"), "https://a.example\nc\n");
        assert_eq!(one.metadata().expect("there").permissions().mode() & 0o077, 0);
    }

    #[test]
    fn what_stands_in_a_folder_of_a_group_belongs_to_the_group() {
        let state = tempfile::tempdir().expect("a folder");
        fs::set_permissions(state.path(), Permissions::from_mode(0o770)).expect("is set");
        let folder = client_folder(state.path(), "p", "c").expect("is made");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o770);
        open(&folder.join("pace")).expect("is made");
        assert_eq!(mode(&folder.join("pace")), 0o660);
        let link = folder.join("link");
        std::os::unix::fs::symlink(folder.join("pace"), &link).expect("is made");
        open(&link).expect_err("a link is not followed");
    }
}
