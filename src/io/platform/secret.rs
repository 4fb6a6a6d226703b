//! Where the client's secret comes from. It is read again for each token, so that it can be changed while
//! a run goes on, and it is never part of a message.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use secrecy::SecretString;

/// Bytes of a secret that are read at most.
const SECRET_BYTES_MAX: usize = 64 << 10;

/// Where the client's secret comes from.
#[derive(Clone)]
pub enum SecretSource {
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a shell command prints.
    Command(String),
    /// The environment variable of this name.
    Env(String),
    /// A secret that needs no keeping: the sandbox's.
    Fixed(SecretString),
}

impl fmt::Debug for SecretSource {
    /// Names the kind alone: a command's arguments may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Command(_) => "Command",
            Self::Env(_) => "Env",
            Self::Fixed(_) => "Fixed",
        })
    }
}

/// Why there is no secret. None of these holds any part of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("the client secret cannot be read from {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The command did not work.
    #[error("platform.client_secret_command failed: {0}")]
    Command(String),
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    Environment(String),
    /// There is something, but it is empty or not text.
    #[error("the client secret from {0} is empty, or not one line of printable text")]
    Unusable(String),
}

impl SecretSource {
    /// Reads the secret.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let (bytes, source) = match self {
            Self::File(path) => {
                let read = std::fs::read(path).map_err(|source| SecretError::File { path: path.clone(), source });
                (read?, format!("the file {}", path.display()))
            }
            Self::Command(command) => (run(command)?, "platform.client_secret_command".to_owned()),
            Self::Env(name) => {
                let value = std::env::var_os(name).ok_or_else(|| SecretError::Environment(name.clone()))?;
                (value.into_encoded_bytes(), format!("the environment variable {name}"))
            }
            Self::Fixed(secret) => return Ok(secret.clone()),
        };
        let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let text = std::str::from_utf8(line).ok().map(str::trim);
        match text.filter(|text| !text.is_empty() && text.len() < SECRET_BYTES_MAX && !text.contains(char::is_control))
        {
            Some(text) => Ok(SecretString::from(text)),
            None => Err(SecretError::Unusable(source)),
        }
    }
}

fn run(command: &str) -> Result<Vec<u8>, SecretError> {
    let mut shell = Command::new("sh");
    let output = shell.arg("-c").arg(command).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| SecretError::Command(error.to_string()))?;
    if output.status.success() { Ok(output.stdout) } else { Err(SecretError::Command(output.status.to_string())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn the_first_line_of_whatever_source() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, " hush \r\nsecond line").expect("writes");
        let read = |source: SecretSource| source.read().map(|secret| secret.expose_secret().to_owned());
        assert_eq!(read(SecretSource::File(path)).expect("reads"), "hush");
        assert_eq!(read(SecretSource::Command("echo hush".into())).expect("reads"), "hush");
        for source in [
            SecretSource::File(folder.path().join("none")),
            SecretSource::Command("echo hush; exit 3".into()),
            SecretSource::Command("true".into()),
            SecretSource::Env("RINGBACK_NOT_SET".into()),
        ] {
            let error = source.read().expect_err("no secret").to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
