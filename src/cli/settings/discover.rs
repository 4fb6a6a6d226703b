//! Where settings and ledger are found.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::io::pipe;

use super::error::SettingsError;
use super::layer::position;

/// The settings file's name, here and in the user's config folder.
const FILE_NAME: &str = "ringback.toml";

/// A settings file is read up to this many bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// How long a pipe may take to give it.
const FILE_WAIT_MAX: Duration = Duration::from_secs(10);

/// What surrounds a process: settings depend on nothing else.
#[derive(Debug, Default, Clone)]
pub struct Surroundings {
    /// The folder in which relative paths begin; empty for the current one.
    pub folder: PathBuf,
    /// The environment.
    pub variables: BTreeMap<OsString, OsString>,
}

impl Surroundings {
    /// The current folder and the environment of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self { folder: PathBuf::new(), variables: std::env::vars_os().collect() }
    }

    /// An environment variable's value.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Where settings are looked for when none are named, first come first.
    fn candidates(&self) -> Vec<PathBuf> {
        let configured = self.variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = self.variable("HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let user = configured.or_else(|| home.map(|home| home.join(".config")));
        let user = user.map(|folder| folder.join("ringback").join(FILE_NAME));
        [self.folder.join(FILE_NAME)].into_iter().chain(user).collect()
    }
}

/// The settings file that was found, if any.
#[derive(Debug)]
pub(super) struct Found {
    /// The file and its text.
    pub(super) file: Option<(PathBuf, String)>,
    /// Where it was looked for.
    pub(super) looked: Vec<PathBuf>,
}

/// Reads the settings file that was named, or the first that is there.
pub(super) fn find(named: Option<&Path>, around: &Surroundings) -> Result<Found, SettingsError> {
    let looked = match named {
        Some(named) => vec![around.folder.join(named)],
        None => around.candidates(),
    };
    for path in &looked {
        if let Some(text) = read(path)? {
            return Ok(Found { file: Some((path.clone(), text)), looked });
        }
    }
    match named {
        Some(_) => Err(SettingsError::NotThere { path: looked.into_iter().next().unwrap_or_default() }),
        None => Ok(Found { file: None, looked }),
    }
}

fn read(path: &Path) -> Result<Option<String>, SettingsError> {
    let unreadable = |why| SettingsError::Unreadable { path: path.to_owned(), why };
    let bytes = match pipe::read(path, FILE_BYTES_MAX + 1, FILE_WAIT_MAX) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
    };
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(unreadable(io::Error::other(format!("it is larger than {FILE_BYTES_MAX} bytes"))));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let (line, column) = position(&String::from_utf8_lossy(&error.as_bytes()[..valid]), valid);
        SettingsError::Syntax { path: path.to_owned(), line, column, reason: "not UTF-8".to_owned() }
    })
}
