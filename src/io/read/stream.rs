//! From a name to a stream of text: opened, hashed as it stands on disk, unpacked, transcoded.

use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Cursor, Read};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use encoding_rs::{Encoding, UTF_8};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::error::Problem;
use super::format::{MAGIC_BYTES, is_gzip, is_zstd};
use super::transcode::Transcoded;
use super::{Hashing, ReadOptions};

/// How many packed bytes are read at a time.
const PACKED_BYTES: usize = 256 << 10;

/// Any stream of bytes that may change threads.
pub(super) type Stream = Box<dyn Read + Send>;

/// A stream of text, and what is known of the bytes behind it.
pub(super) struct Text {
    stream: Stream,
    meter: Arc<Mutex<Meter>>,
    watch: Option<Watch>,
    ended: bool,
}

impl Text {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(name: &str, options: &ReadOptions) -> Result<Self, Problem> {
        if name == "-" {
            return Self::over(Box::new(io::stdin()), options);
        }
        let file = File::open(name).map_err(from_io)?;
        let metadata = file.metadata().map_err(from_io)?;
        if metadata.is_dir() {
            return Err(Problem::Folder);
        }
        let watch = metadata.is_file().then(|| Watch { path: name.to_owned(), at_opening: Stamp::of(&metadata) });
        Ok(Self { watch, ..Self::over(Box::new(file), options)? })
    }

    /// Reads from any stream.
    pub(super) fn over(inner: Stream, options: &ReadOptions) -> Result<Self, Problem> {
        let hash = (options.hashing == Hashing::Sha256).then(Sha256::default);
        let meter = Arc::new(Mutex::new(Meter { bytes: 0, hash }));
        let metered = Metered { inner, meter: Arc::clone(&meter) };
        let stream = decoded(unpacked(Box::new(metered), options)?, options)?;
        Ok(Self { stream, meter, watch: None, ended: false })
    }

    /// Adds up to `count` bytes of text; fewer only at the end of the input.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, count: usize) -> Result<(), Problem> {
        let from = buffer.len();
        buffer.resize(from + count, 0);
        let got = read_fully(&mut self.stream, &mut buffer[from..]);
        let length = *got.as_ref().unwrap_or(&0);
        buffer.truncate(from + length);
        self.ended = got.map_err(from_io)? < count;
        Ok(())
    }

    /// Puts text back in front of what is still to be read.
    pub(super) fn unread(&mut self, text: Vec<u8>) {
        let rest = std::mem::replace(&mut self.stream, Box::new(io::empty()));
        self.stream = Box::new(Cursor::new(text).chain(rest));
        self.ended = false;
    }

    /// Whether the end of the input was met.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The count of the bytes on disk, and their SHA-256 if it was wanted, if they are still the file that was opened.
    pub(super) fn close(self) -> Result<(u64, Option<String>), Problem> {
        let meter = lock(&self.meter).clone();
        if let Some(watch) = self.watch {
            watch.check(meter.bytes)?;
        }
        Ok((meter.bytes, meter.hash.map(hex)))
    }
}

fn hex(hash: Sha256) -> String {
    let digest = hash.finalize();
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
}

/// What a file is known by while it is read.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    identity: (u64, u64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok(), identity: (metadata.dev(), metadata.ino()) }
    }
}

/// A file that must stay as it was at its opening.
struct Watch {
    path: String,
    at_opening: Stamp,
}

impl Watch {
    fn check(&self, bytes_read: u64) -> Result<(), Problem> {
        match fs::metadata(&self.path) {
            Ok(now) if Stamp::of(&now) == self.at_opening && bytes_read == self.at_opening.length => Ok(()),
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(from_io(cause)),
            Ok(_) | Err(_) => Err(Problem::Changed),
        }
    }
}

/// Count and hash of what was read.
#[derive(Clone)]
struct Meter {
    bytes: u64,
    hash: Option<Sha256>,
}

fn lock(meter: &Mutex<Meter>) -> std::sync::MutexGuard<'_, Meter> {
    meter.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Metered {
    inner: Stream,
    meter: Arc<Mutex<Meter>>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer).map_err(|cause| marked(cause, Fault::Disk))?;
        let mut meter = lock(&self.meter);
        meter.bytes += length as u64;
        if let Some(hash) = &mut meter.hash {
            hash.update(&buffer[..length]);
        }
        Ok(length)
    }
}

/// Whose fault an error is, told while it passes through decoders that know only `io::Error`.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Disk(io::Error),
    #[error("{0}")]
    Damaged(io::Error),
    #[error("more than {0} bytes")]
    TooFar(u64),
}

fn marked(cause: io::Error, mark: fn(io::Error) -> Fault) -> io::Error {
    let known = cause.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Fault>);
    if known || cause.kind() == io::ErrorKind::Interrupted { cause } else { io::Error::other(mark(cause)) }
}

fn from_io(error: io::Error) -> Problem {
    let cause = match error.downcast::<Fault>() {
        Ok(Fault::Damaged(cause)) => return Problem::Damaged(cause),
        Ok(Fault::TooFar(limit)) => return Problem::UnpacksTooFar(limit),
        Ok(Fault::Disk(cause)) | Err(cause) => cause,
    };
    let kind = cause.kind();
    if matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
        Problem::NotThere
    } else if kind == io::ErrorKind::IsADirectory {
        Problem::Folder
    } else {
        Problem::Io(cause)
    }
}

fn unpacked(mut inner: Stream, options: &ReadOptions) -> Result<Stream, Problem> {
    let head = peek(&mut inner, MAGIC_BYTES)?;
    let (is_gzip, is_zstd) = (is_gzip(&head), is_zstd(&head));
    let whole = Cursor::new(head).chain(inner);
    let limit = options.limits.unpacked_bytes_max;
    if !is_gzip && !is_zstd {
        return Ok(Box::new(whole));
    }
    let packed = BufReader::with_capacity(PACKED_BYTES, whole);
    Ok(if is_gzip {
        Box::new(Unpacked { inner: MultiGzDecoder::new(packed), given: 0, limit })
    } else {
        Box::new(Unpacked { inner: zstd::Decoder::with_buffer(packed).map_err(from_io)?, given: 0, limit })
    })
}

/// A decoder's output, counted, its errors told from those of the disk.
struct Unpacked<R> {
    inner: R,
    given: u64,
    limit: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer).map_err(|cause| marked(cause, Fault::Damaged))?;
        self.given += length as u64;
        if self.given > self.limit { Err(io::Error::other(Fault::TooFar(self.limit))) } else { Ok(length) }
    }
}

/// The text in UTF-8, without a byte-order mark. A mark tells more surely than an option does.
fn decoded(mut inner: Stream, options: &ReadOptions) -> Result<Stream, Problem> {
    let mut head = peek(&mut inner, 3)?;
    let marked = Encoding::for_bom(&head);
    if let Some((_, length)) = marked {
        head.drain(..length);
    }
    let encoding = marked.map(|(encoding, _)| encoding).or(options.encoding).unwrap_or(UTF_8);
    let whole = Cursor::new(head).chain(inner);
    Ok(if encoding == UTF_8 { Box::new(whole) } else { Box::new(Transcoded::new(whole, encoding)) })
}

fn peek(stream: &mut Stream, count: usize) -> Result<Vec<u8>, Problem> {
    let mut head = vec![0; count];
    let length = read_fully(stream, &mut head).map_err(from_io)?;
    head.truncate(length);
    Ok(head)
}

/// Reads until the buffer is full or the stream ends.
fn read_fully(stream: &mut Stream, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match stream.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(length)
}
