//! Where the client's secret comes from. It is read again for each token, so that it can be changed while
//! a run goes on, and it is never part of a message.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::command::{self, aside};

/// Bytes of a secret that are read at most.
const SECRET_BYTES_MAX: usize = 64 << 10;

/// How long a file or a command may take to give it.
const SECRET_WAIT_MAX: Duration = Duration::from_secs(30);

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
    #[error("the client secret cannot be read from {}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
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
    /// Reads the secret. The run's thread serves others meanwhile; dropped, it ends the command.
    pub async fn read(&self) -> Result<SecretString, SecretError> {
        self.read_within(SECRET_WAIT_MAX).await
    }

    async fn read_within(&self, wait_max: Duration) -> Result<SecretString, SecretError> {
        let (bytes, source) = match self {
            Self::File(path) => (file(path, wait_max).await?, format!("the file {}", path.display())),
            Self::Command(command) => (run(command, wait_max).await?, "platform.client_secret_command".to_owned()),
            Self::Env(name) => {
                let value = std::env::var_os(name).ok_or_else(|| SecretError::Environment(name.clone()))?;
                (value.into_encoded_bytes(), format!("the environment variable {name}"))
            }
            Self::Fixed(secret) => return Ok(secret.clone()),
        };
        let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let text = std::str::from_utf8(line).ok().map(str::trim);
        match text.filter(|text| !text.is_empty() && line.len() < SECRET_BYTES_MAX && !text.contains(char::is_control))
        {
            Some(text) => Ok(SecretString::from(text)),
            None => Err(SecretError::Unusable(source)),
        }
    }
}

/// The beginning of a file. It may be a pipe that nobody writes to, or a device without an end.
async fn file(path: &Path, wait_max: Duration) -> Result<Vec<u8>, SecretError> {
    let owned = path.to_owned();
    let read = aside(move || {
        let mut bytes = Vec::new();
        File::open(owned)?.take(SECRET_BYTES_MAX as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let read = tokio::time::timeout(wait_max, read).await;
    let read = read.unwrap_or_else(|_| Err(io::Error::other(too_long(wait_max))));
    read.map_err(|cause| SecretError::File { path: path.to_owned(), cause })
}

async fn run(command: &str, wait_max: Duration) -> Result<Vec<u8>, SecretError> {
    let printed = tokio::time::timeout(wait_max, command::output(command, SECRET_BYTES_MAX)).await;
    printed.unwrap_or_else(|_| Err(too_long(wait_max))).map_err(SecretError::Command)
}

fn too_long(wait_max: Duration) -> String {
    format!("it takes more than {} s", wait_max.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    async fn read(source: SecretSource) -> Result<String, SecretError> {
        source.read_within(Duration::from_secs(10)).await.map(|secret| secret.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn the_first_line_of_whatever_source() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, " hush \r\nsecond line").expect("writes");
        assert_eq!(read(SecretSource::File(path)).await.expect("reads"), "hush");
        assert_eq!(read(SecretSource::Command("echo hush".into())).await.expect("reads"), "hush");
        for source in [
            SecretSource::File(folder.path().join("none")),
            SecretSource::Command("echo hush; exit 3".into()),
            SecretSource::Command("true".into()),
            SecretSource::Env("RINGBACK_NOT_SET".into()),
        ] {
            let error = read(source).await.expect_err("no secret").to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[tokio::test]
    async fn what_has_no_end_is_read_to_a_limit() {
        let endless = read(SecretSource::File("/dev/zero".into())).await.expect_err("no text").to_string();
        assert!(endless.contains("/dev/zero"), "{endless}");
        let endless = read(SecretSource::Command("yes hush".into())).await.expect_err("too much").to_string();
        assert_eq!(endless, "platform.client_secret_command failed: it prints more than 65536 bytes");
    }

    #[tokio::test]
    async fn what_hangs_is_given_up_and_others_are_served_meanwhile() {
        let folder = tempfile::tempdir().expect("a folder");
        let (pipe, alive) = (folder.path().join("pipe"), folder.path().join("alive"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        // The shell waits for a grandchild, which holds the pipe and must go with it.
        let command = format!("(sleep 2; touch '{}') | cat", alive.display());
        let limit = Duration::from_millis(200);
        let (file, command) = (SecretSource::File(pipe), SecretSource::Command(command));
        let served = std::cell::Cell::new(0);
        let others = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_millis(10)).await;
                served.set(served.get() + 1);
            }
        };
        let begun = std::time::Instant::now();
        let (file, command, ()) = tokio::join!(file.read_within(limit), command.read_within(limit), others);
        assert!(begun.elapsed() < Duration::from_millis(1800), "{:?}", begun.elapsed());
        assert_eq!(served.get(), 10);
        for error in [file, command] {
            let error = error.expect_err("hangs").to_string();
            assert!(error.contains("it takes more than 0.2 s"), "{error}");
        }
        tokio::time::sleep(Duration::from_millis(2300)).await;
        assert!(!alive.exists(), "the whole group was killed");
    }

    #[tokio::test]
    async fn a_halt_ends_the_command() {
        let folder = tempfile::tempdir().expect("a folder");
        let alive = folder.path().join("alive");
        let command = SecretSource::Command(format!("sleep 1; touch '{}'", alive.display()));
        let halted = tokio::time::timeout(Duration::from_millis(100), command.read()).await;
        assert!(halted.is_err());
        tokio::time::sleep(Duration::from_millis(1300)).await;
        assert!(!alive.exists());
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = SecretError::File { path: "secret".into(), cause: io::Error::other("no disk") };
        assert!(error.to_string().ends_with("no disk") && std::error::Error::source(&error).is_none());
    }
}
