//! The rates of the processes that share a pace: each keeps a file of its own, locked for as long as it lives, that says
//! its rate. All of this happens under the lock of the shared file, so that a file that is not locked belongs to a
//! process that has ended.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::io::state;

/// What the name of such a file begins with.
const PREFIX: &str = "rate-";

/// Files that are looked at; more processes than that never share a client.
const FILES_MAX: usize = 1024;

/// Bytes of a file: a rate in thousandths of a request a minute.
const LENGTH: usize = 20;

/// The file of this process; it goes when it is dropped.
#[derive(Debug)]
pub(super) struct RateFile {
    path: PathBuf,
    file: File,
    thousandths: u64,
}

impl RateFile {
    /// Makes and locks the file.
    pub(super) fn make(folder: &Path, rate: f64) -> io::Result<Self> {
        let path = folder.join(format!("{PREFIX}{}", uuid::Uuid::now_v7()));
        let file = state::open(&path)?;
        let made = Self { path, file, thousandths: 0 };
        made.file.try_lock()?;
        made.say(rate)
    }

    /// Notes another rate; whether it is another.
    pub(super) fn note(self, rate: f64) -> io::Result<(Self, bool)> {
        let is_new = self.thousandths != thousandths(rate);
        Ok((if is_new { self.say(rate)? } else { self }, is_new))
    }

    fn say(mut self, rate: f64) -> io::Result<Self> {
        self.thousandths = thousandths(rate);
        self.file.write_all_at(format!("{:020}", self.thousandths).as_bytes(), 0)?;
        Ok(self)
    }
}

impl Drop for RateFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The lowest rate of other processes that live, if there are any. Files of those that have ended are removed.
pub(super) fn lowest(folder: &Path, own: Option<&RateFile>) -> io::Result<Option<f64>> {
    let mut lowest = None;
    for entry in fs::read_dir(folder)?.take(FILES_MAX) {
        let path = entry?.path();
        let is_rate = path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(PREFIX));
        if !is_rate || own.is_some_and(|own| own.path == path) {
            continue;
        }
        // Another user's may not be read, or have gone meanwhile.
        let Ok(rate) = living(&path) else { continue };
        let rate = rate.filter(|rate| lowest.is_none_or(|lowest| *rate < lowest));
        lowest = rate.or(lowest);
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate has few digits")]
    Ok(lowest.map(|thousandths| thousandths as f64 / 1000.0))
}

/// The rate of a process that lives; the file of one that does not is removed.
fn living(path: &Path) -> io::Result<Option<u64>> {
    let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.try_lock().is_ok() {
        fs::remove_file(path)?;
        return Ok(None);
    }
    let mut bytes = [0; LENGTH];
    file.read_exact_at(&mut bytes, 0)?;
    let rate = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
    Ok(rate.filter(|thousandths| *thousandths >= 1000))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is from 1 to a few millions")]
fn thousandths(rate: f64) -> u64 {
    (rate.max(1.0) * 1000.0).round() as u64
}
