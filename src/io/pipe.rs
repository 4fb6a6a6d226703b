//! Reads what a person names and what may be no regular file: a pipe that nobody writes to, a device without an end.
//! So much is read and no more, and nobody waits for ever.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// The first bytes of whatever stands there. What is no regular file may take its time up to a limit.
pub fn read(path: &Path, bytes_max: u64, wait_max: Duration) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() {
        return first(path, bytes_max);
    }
    let (told, heard) = mpsc::channel();
    let path = path.to_owned();
    // A thread that hangs is left behind: it goes with the process.
    std::thread::Builder::new().name("pipe".into()).spawn(move || told.send(first(&path, bytes_max)))?;
    heard.recv_timeout(wait_max).unwrap_or_else(|_| {
        let words = format!("it is no regular file, and gives nothing within {} s", wait_max.as_secs_f64());
        Err(io::Error::new(io::ErrorKind::TimedOut, words))
    })
}

fn first(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_soon(path: &Path) -> io::Result<Vec<u8>> {
        read(path, 4, Duration::from_millis(100))
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_is_given_up_and_another_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipes = ["silent", "told"].map(|name| folder.path().join(name));
        assert!(std::process::Command::new("mkfifo").args(&pipes).status().expect("runs").success());
        let [silent, told] = pipes;
        assert_eq!(read_soon(&silent).expect_err("silence").kind(), io::ErrorKind::TimedOut);
        let place = told.clone();
        let writer = std::thread::spawn(move || std::fs::write(place, "key = 1"));
        assert_eq!(read(&told, 100, Duration::from_secs(10)).expect("bytes"), b"key = 1");
        writer.join().expect("ends").expect("writes");
    }

    #[test]
    fn so_much_is_read_and_no_more() {
        assert_eq!(read_soon(Path::new("/dev/zero")).expect("bytes"), [0; 4]);
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "more than that").expect("writes");
        assert_eq!(read_soon(file.path()).expect("bytes"), b"more");
        assert_eq!(read_soon(Path::new("/nowhere/at/all")).expect_err("nothing").kind(), io::ErrorKind::NotFound);
    }
}
