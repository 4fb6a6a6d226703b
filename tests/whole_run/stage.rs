//! Where a test plays: a folder, a platform, and ringback between them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ringback::sandbox::server::Sandbox;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::platform::State;
use crate::report::Report;
use crate::{export, http};

/// The client's secret. It must be seen nowhere but by the platform.
pub(crate) const SECRET: &str = "hush-7f3c9d-never-to-be-seen";

/// The client id and the secret as they stand in the header of HTTP Basic.
pub(crate) const SECRET_CODED: &str = "c2hvcDpodXNoLTdmM2M5ZC1uZXZlci10by1iZS1zZWVu";

/// A platform that is asked for longer than this has been forgotten by whoever should ask it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

const SETTINGS: &str = r#"
[validation]
default_region = "US"

[sms]
from = "+18005551234"
hours = "always"

[sms.templates]
en = "Your callback is confirmed for {date} {time}. Reference: {reference}"
es = "Le llamaremos el {date} a las {time}. Referencia: {reference}"

[retry]
max_attempts = 60
server_error_wait = ["10ms", "20ms"]
"#;

/// A folder with settings, and a platform.
pub(crate) struct Stage {
    folder: TempDir,
    /// The state directory: beside the folder, as on a machine whose ledger may be restored alone.
    state_folder: TempDir,
    sandbox: Sandbox,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stage {
    /// With a platform that has these faults.
    pub(crate) fn new(mut faults: Value) -> Self {
        faults["client_id"] = json!("shop");
        faults["client_secret"] = json!(SECRET);
        let settings = serde_json::from_value(faults).expect("faults of the sandbox");
        let sandbox = Sandbox::start(settings, ([127, 0, 0, 1], 0).into()).unwrap();
        let stage = Self {
            folder: TempDir::new().unwrap(),
            state_folder: TempDir::new().unwrap(),
            sandbox,
            variables: Vec::new(),
        };
        stage.put("ringback.toml", SETTINGS);
        stage
    }

    /// With a platform without faults.
    pub(crate) fn calm() -> Self {
        Self::new(json!({}))
    }

    /// With an environment variable, over those that every command gets.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With more tables in the settings file.
    pub(crate) fn tables(self, toml: &str) -> Self {
        self.put("ringback.toml", format!("{SETTINGS}\n{toml}"));
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Writes an export.
    pub(crate) fn export(&self, name: &str, wishes: &[export::Wish]) {
        self.put(name, export::csv(wishes));
    }

    /// A command in the folder, with credentials and address in its environment, and nothing else.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringback"));
        command.args(args).current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        command.env("RINGBACK_STATE_DIR", self.state_folder.path());
        command.env("CXONE_CLIENT_ID", "shop").env("CXONE_CLIENT_SECRET", SECRET);
        command.env("RINGBACK_PLATFORM_BASE_URL", self.sandbox.base_url());
        command.envs(self.variables.iter().cloned()).stdin(Stdio::null());
        command
    }

    /// Does a command to its end.
    pub(crate) fn ringback(&self, args: &[&str]) -> Ended {
        let ended = Ended::of(&mut self.command(args));
        crate::contract::printed(args, &ended.stdout);
        ended
    }

    /// `ringback run` without waiting for the platform's sake, the report going to `out`.
    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        self.ringback(&Self::run_args(args))
    }

    fn run_args<'a>(args: &[&'a str]) -> Vec<&'a str> {
        [&["run", "--rate", "100000", "-o", "out"], args].concat()
    }

    /// Begins a run.
    pub(crate) fn start(&self, args: &[&str]) -> Running<'_> {
        let (told, logged) = (self.path("started.out"), self.path("started.err"));
        let mut command = self.command(&Self::run_args(args));
        command.stdout(File::create(&told).unwrap()).stderr(File::create(&logged).unwrap());
        Running { stage: self, child: command.spawn().unwrap() }
    }

    /// Empties the state directory, as on another machine.
    pub(crate) fn forget(&self) {
        for entry in std::fs::read_dir(self.state_folder.path()).unwrap() {
            std::fs::remove_dir_all(entry.unwrap().path()).unwrap();
        }
    }

    /// How much the state directory holds.
    pub(crate) fn remembered(&self) -> usize {
        files(self.state_folder.path()).len()
    }

    /// The report in `out`.
    pub(crate) fn report(&self) -> Report {
        Report::read(&self.path("out"))
    }

    /// The commands that the ledger was held by, in order.
    pub(crate) fn commands(&self) -> Vec<String> {
        let ledger = rusqlite::Connection::open(self.path("ringback.db")).unwrap();
        let mut query = ledger.prepare("SELECT command FROM runs ORDER BY number").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// What the platform was asked, and did.
    pub(crate) fn state(&self) -> State {
        State(self.sandbox.state())
    }

    /// The platform.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Changes the platform's faults while it runs.
    pub(crate) fn faults(&self, faults: &Value) {
        let (status, why) = http::ask(self.sandbox.address(), "POST /sandbox/faults", &[], &faults.to_string());
        assert_eq!(status, 204, "{why}");
    }
}

impl Ended {
    /// Does a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("output is text");
        let code = output.status.code().expect("no signal ends it");
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Somebody who reads all that was printed meets these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        let told = format!("{}{}", self.stdout, self.stderr);
        for word in words {
            assert!(told.contains(word), "{word:?} is not in:\n{told}");
        }
    }
}

/// A run that goes on; killed where a test leaves it.
pub(crate) struct Running<'a> {
    stage: &'a Stage,
    child: Child,
}

impl Running<'_> {
    /// Waits until the platform has seen something. A run that ends before that is a failure.
    pub(crate) fn until(&mut self, seen: impl Fn(&State) -> bool) -> &mut Self {
        let begun = Instant::now();
        while !seen(&self.stage.state()) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before: {}", self.logged());
            assert!(begun.elapsed() < PATIENCE, "the platform never saw it: {}", self.logged());
            std::thread::sleep(Duration::from_millis(2));
        }
        self
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends a signal again and again, for one that comes while another waits is lost; then its end.
    pub(crate) fn signal_until_it_ends(mut self, name: &str) -> Ended {
        while self.child.try_wait().unwrap().is_none() {
            self.signal(name);
            std::thread::sleep(Duration::from_millis(20));
        }
        self.end()
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let code = self.child.wait().unwrap().code().expect("no signal ends it");
        let stdout = std::fs::read_to_string(self.stage.path("started.out")).unwrap();
        Ended { code, stdout, stderr: self.logged() }
    }

    fn logged(&self) -> String {
        std::fs::read_to_string(self.stage.path("started.err")).unwrap()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // It has ended in most tests; what has not, must not outlive them.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every file under a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
