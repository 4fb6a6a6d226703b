//! What a shell command prints: so much at most, within a time, and on a thread that is not the run's.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::sync::oneshot;

/// How often a command that prints no more is asked whether it has ended.
const POLL: Duration = Duration::from_millis(5);

/// A command that runs. Dropped before its end, it is killed with all that it has started.
struct Running {
    child: Child,
    ended: bool,
}

/// Runs a command to its end; the error says what was wrong with it. Whoever drops this kills the command.
pub(super) async fn output(command: &str, bytes_max: usize) -> Result<Vec<u8>, String> {
    let mut shell = Command::new("sh");
    // A group of its own can be killed whole: the shell, and what hangs in it.
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
    let child = shell.spawn().map_err(|error| error.to_string())?;
    let mut running = Running { child, ended: false };
    let printed = running.child.stdout.take();
    let printed = aside(move || read(printed.into_iter(), bytes_max)).await.map_err(|error| error.to_string())?;
    let Some(printed) = printed else { return Err(format!("it prints more than {bytes_max} bytes")) };
    let status = running.end().await.map_err(|error| error.to_string())?;
    if status.success() { Ok(printed) } else { Err(status.to_string()) }
}

/// Reads what is printed; `None` where it is too much.
fn read(printed: impl Iterator<Item = impl Read>, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    for printed in printed {
        printed.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    }
    Ok(Some(bytes).filter(|bytes| bytes.len() <= bytes_max))
}

/// Does what may block on a thread of its own. One that hangs is left behind: nobody waits for it.
pub(super) async fn aside<T: Send + 'static>(task: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let (done, answer) = oneshot::channel();
    let work = move || drop(done.send(task()));
    std::thread::Builder::new().name("secret".into()).spawn(work)?;
    answer.await.unwrap_or_else(|_| Err(io::Error::other("its reader has ended")))
}

impl Running {
    async fn end(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.ended = true;
                return Ok(status);
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // The child has not been waited for, so that its number is still its own. The standard library kills
        // no group; every shell does.
        let mut kill = Command::new("sh");
        kill.arg("-c").arg(format!("kill -s KILL -- -{}", self.child.id()));
        let _ = kill.stdin(Stdio::null()).stderr(Stdio::null()).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
