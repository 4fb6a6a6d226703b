//! Files that are there whole or not at all: written beside their place, on disk, then renamed; mode 0600, but for
//! those that are made for others to read and hold nothing of a customer's.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rustix::fs::OFlags;
use tempfile::{Builder, NamedTempFile};

/// What could not be written, and where.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {cause}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says: a part of the message, and so not its `source` too.
    pub cause: io::Error,
}

impl WriteError {
    /// An error at a path.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |cause| Self { path: path.to_owned(), cause }
    }
}

/// How many bytes are written before the disk is asked to take them. Else the system keeps some gigabytes to itself, and
/// all of them are waited for at the end.
const TAKEN_AT_ONCE: usize = 32 << 20;

/// A file that is being written. Dropped before [`Draft::publish`], it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    /// How much was written since the disk was asked.
    fresh: usize,
    /// Where much is written.
    disk: Option<Disk>,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone.
    Owner,
    /// Everybody on this machine, whatever the process's umask: services under accounts of their own are to read it.
    All,
}

impl Draft {
    /// Begins a file that will stand at `path`, for its owner alone.
    pub fn begin(path: &Path) -> Result<Self, WriteError> {
        Self::begin_for(path, Readers::Owner)
    }

    /// Begins a file that will stand at `path`.
    pub fn begin_for(path: &Path, readers: Readers) -> Result<Self, WriteError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        may_be_a_folder(folder).map_err(|error| WriteError { path: path.to_owned(), ..error })?;
        if path.is_dir() {
            let words = "it is a folder, and a file is to stand there";
            return Err(WriteError::at(path)(io::Error::new(io::ErrorKind::IsADirectory, words)));
        }
        // tempfile makes its files with mode 0600.
        let file = Builder::new().prefix(".ringback-").tempfile_in(folder).map_err(WriteError::at(path))?;
        if readers == Readers::All {
            let mode = fs::Permissions::from_mode(0o644);
            file.as_file().set_permissions(mode).map_err(WriteError::at(path))?;
        }
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), path: path.to_owned(), fresh: 0, disk: None })
    }

    /// Where it will stand.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the file in its place, over an earlier one.
    pub fn publish(self) -> Result<(), WriteError> {
        let Self { file, path, disk, .. } = self;
        let whole = || {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            disk.map_or(Ok(()), Disk::end)?;
            file.as_file().sync_all()?;
            let folder = file.path().parent().map(Path::to_owned);
            file.persist(&path).map_err(|error| error.error)?;
            folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        whole().map_err(WriteError::at(&path))
    }

    /// Asks the disk to take what is written so far. Where that cannot be, the end of the file takes longer.
    fn hurry(&mut self) {
        if self.disk.is_none() {
            let file = self.file.get_ref().as_file().try_clone();
            self.disk = file.and_then(|file| Disk::begin(move || file.sync_data())).ok();
        }
        if let Some(disk) = &self.disk {
            disk.ask();
        }
        self.fresh = 0;
    }
}

/// Makes what is written safe while more is written, on a thread of its own.
#[derive(Debug)]
struct Disk {
    ask: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Disk {
    fn begin(mut take: impl FnMut() -> io::Result<()> + Send + 'static) -> io::Result<Self> {
        let (ask, asked) = sync_channel(1);
        let thread = thread::Builder::new().name("disk".to_owned());
        let thread = thread.spawn(move || asked.into_iter().try_for_each(|()| take()))?;
        Ok(Self { ask, thread })
    }

    /// Asks once more, without waiting. What was asked and not yet begun says the same.
    fn ask(&self) {
        let _ = self.ask.try_send(());
    }

    /// Waits for its end. What the system says of a disk that failed it says once: who does not listen here will hear
    /// later that all is safe.
    fn end(self) -> io::Result<()> {
        drop(self.ask);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes to the disk died")))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.fresh += written;
        if self.fresh >= TAKEN_AT_ONCE {
            self.hurry();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Refuses a place that can be no folder: a file stands there, or on the way.
pub fn may_be_a_folder(path: &Path) -> Result<(), WriteError> {
    let is_in_the_way = |place: &&Path| fs::metadata(place).is_ok_and(|found| !found.is_dir());
    let Some(file) = path.ancestors().find(is_in_the_way) else { return Ok(()) };
    let words = format!("{} is a file, and a folder is needed there; name another", file.display());
    Err(WriteError::at(path)(io::Error::new(io::ErrorKind::NotADirectory, words)))
}

/// Makes a folder for a report, mode 0700 where it is new.
pub fn folder(path: &Path) -> Result<(), WriteError> {
    may_be_a_folder(path)?;
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(WriteError::at(path))
}

/// The text of the file that stands where another will; nothing where none is, or it is not text. Nobody waits for a
/// pipe that has come to stand there.
#[must_use]
pub fn stands_at(path: &Path, bytes_max: u64) -> String {
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let opened = File::options().read(true).custom_flags(nonblocking).open(path);
    let plain = opened.ok().filter(|file| file.metadata().is_ok_and(|found| found.is_file()));
    let mut text = String::new();
    match plain.map(|file| file.take(bytes_max).read_to_string(&mut text)) {
        Some(Ok(_)) => text,
        Some(Err(_)) | None => String::new(),
    }
}

/// Bytes that a folder must take before anything is sent: the report of a small run.
const TRIAL_BYTES: usize = 256 << 10;

/// Tries whether a folder takes the files of a report: one is written there that has no name, and goes at once.
pub fn takes_a_report(folder: &Path) -> Result<(), WriteError> {
    let trial = tempfile::tempfile_in(folder).and_then(|mut file| file.write_all(&vec![0; TRIAL_BYTES]));
    trial.map_err(WriteError::at(folder))
}

/// Takes away the files of an earlier report: those that this one will not replace would be misread. The sums go
/// first: where they are, a report is whole.
pub fn clear_report(folder: &Path) -> Result<(), WriteError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(WriteError::at(folder))? {
        files.push(entry.map_err(WriteError::at(folder))?.file_name());
    }
    files.retain(|name| name.to_str().is_some_and(is_of_a_report));
    files.sort_by_key(|name| name != "summary.json");
    for name in files {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(WriteError::at(&path))?;
    }
    Ok(())
}

/// Whether a file of this name is part of a report.
#[must_use]
pub fn is_of_a_report(name: &str) -> bool {
    let is_number = |text: &str| text.strip_prefix('-').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    let rejects = name.strip_prefix("rejects").and_then(|rest| {
        let number = rest.strip_suffix(".csv").or_else(|| rest.strip_suffix(".ndjson"))?;
        Some(number.is_empty() || is_number(number))
    });
    ["results.csv", "summary.json", "report.html"].contains(&name) || rejects.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("results.csv");
        let mut draft = Draft::begin(&path).expect("begins");
        draft.write_all(b"half").expect("writes");
        drop(draft);
        assert_eq!(fs::read_dir(place.path()).expect("lists").count(), 0);
        let mut draft = Draft::begin(&path).expect("begins");
        draft.write_all(b"whole").expect("writes");
        draft.publish().expect("publishes");
        assert_eq!(fs::read(&path).expect("reads"), b"whole");
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_disk_that_fails_while_a_file_is_written_leaves_no_file_at_its_place() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("results.csv");
        let mut draft = Draft::begin(&path).expect("begins");
        let mut first = true;
        // As the system does: it tells once.
        let take = move || if std::mem::take(&mut first) { Err(io::Error::other("a bad sector")) } else { Ok(()) };
        draft.disk = Some(Disk::begin(take).expect("a thread"));
        let piece = vec![b'x'; TAKEN_AT_ONCE];
        draft.write_all(&piece).expect("writes");
        draft.write_all(&piece).expect("writes");
        let error = draft.publish().expect_err("not safe");
        assert!(error.to_string().contains("a bad sector"), "{error}");
        assert_eq!(fs::read_dir(place.path()).expect("lists").count(), 0);
    }

    #[test]
    fn the_disk_is_asked_while_a_big_file_is_written_and_for_a_small_one_at_its_end_alone() {
        let place = tempfile::tempdir().expect("a folder");
        let mut draft = Draft::begin(&place.path().join("results.csv")).expect("begins");
        draft.write_all(&[b'x'; 1000]).expect("writes");
        assert!(draft.disk.is_none());
        let (begun, has_begun) = std::sync::mpsc::channel();
        let take = move || begun.send(()).map_err(io::Error::other);
        draft.disk = Some(Disk::begin(take).expect("a thread"));
        for _ in 0..3 {
            draft.write_all(&vec![b'x'; TAKEN_AT_ONCE]).expect("writes");
            has_begun.recv_timeout(std::time::Duration::from_mins(1)).expect("the disk is asked");
        }
        draft.publish().expect("publishes");
        assert_eq!(has_begun.try_iter().count(), 0);
    }

    #[test]
    fn a_file_for_all_can_be_read_by_all_and_written_by_its_owner() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("ringback.prom");
        Draft::begin_for(&path, Readers::All).and_then(Draft::publish).expect("publishes");
        assert_eq!(mode(&path), 0o644);
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("is there").permissions().mode() & 0o777
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = Draft::begin(Path::new("/dev/null/results.csv")).expect_err("no folder");
        assert!(error.to_string().starts_with("/dev/null/results.csv cannot be written: "), "{error}");
        assert!(std::error::Error::source(&error).is_none());
    }

    #[test]
    fn a_file_in_the_way_of_a_folder_is_named_and_so_is_a_folder_in_the_way_of_a_file() {
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("taken");
        fs::write(&file, b"").expect("writes");
        for path in [file.clone(), file.join("deep"), file.join("deep/deeper")] {
            let told = folder(&path).expect_err("a file").to_string();
            assert!(told.contains(&format!("{} is a file, and a folder is needed", file.display())), "{told}");
        }
        let told = Draft::begin(&file.join("results.csv")).expect_err("a file").to_string();
        assert!(told.contains("is a file, and a folder is needed"), "{told}");
        let told = Draft::begin(place.path()).expect_err("a folder").to_string();
        assert!(told.contains("it is a folder"), "{told}");
        folder(&place.path().join("new/newer")).expect("makes both");
    }

    #[test]
    fn what_stands_there_is_read_and_a_pipe_is_not_waited_for() {
        let place = tempfile::tempdir().expect("a folder");
        let [file, pipe, none] = ["file", "pipe", "none"].map(|name| place.path().join(name));
        fs::write(&file, "told").expect("writes");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        assert_eq!([stands_at(&file, 3), stands_at(&pipe, 3), stands_at(&none, 3)], ["tol", "", ""]);
    }

    #[test]
    fn an_earlier_report_goes_and_nothing_else() {
        let place = tempfile::tempdir().expect("a folder");
        let names = [
            "results.csv",
            "rejects.csv",
            "rejects-12.ndjson",
            "summary.json",
            "report.html",
            "ringback.db",
            "rejects-x.csv",
            "rejects.txt",
        ];
        for name in names {
            fs::write(place.path().join(name), b"").expect("writes");
        }
        clear_report(place.path()).expect("clears");
        let left = |name: &&str| place.path().join(name).exists();
        assert_eq!(names.iter().copied().filter(|name| left(name)).collect::<Vec<_>>(), names[5..]);
    }

    #[test]
    fn the_sums_of_an_earlier_report_go_first() {
        let place = tempfile::tempdir().expect("a folder");
        for name in ["rejects.csv", "results.csv"] {
            // What is no file is not taken away: it ends there.
            fs::create_dir(place.path().join(name)).expect("makes");
        }
        fs::write(place.path().join("summary.json"), b"").expect("writes");
        clear_report(place.path()).expect_err("a folder");
        assert!(!place.path().join("summary.json").exists());
    }
}
