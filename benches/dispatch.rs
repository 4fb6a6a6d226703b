//! Dispatch beside a plain load generator, and under a limit that the platform enforces.
//!
//! `cargo bench --bench dispatch`; some minutes. The generator makes the same requests of the same sandbox, as many
//! in flight, and keeps no ledger: what it gets is what the machine gives, and the ratio is ringback's own doing.
#![expect(clippy::print_stdout, reason = "it is a program for people")]

mod stage;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::Client;
use ringback::domain::callback::{Callback, CallbackId};
use ringback::io::platform::v2::{Credentials, V2};
use ringback::io::platform::{ContactRequest, Contacts, HttpSettings, SecretSource, TextRequest, Texts};
use serde_json::Value;
use stage::{Stage, figure, median};

/// Callbacks of a round at full speed; two requests each.
const ROWS: u64 = 10_000;

/// Rounds at full speed, each of ringback and of the generator.
const ROUNDS: usize = 5;

/// Requests in flight.
const IN_FLIGHT: usize = 64;

/// Callbacks of the run under a limit: a little over two minutes.
const LIMITED_ROWS: u64 = 6_100;

/// What the platform allows in a minute.
const LIMIT: f64 = 6_000.0;

fn main() {
    at_full_speed();
    under_a_limit();
}

fn at_full_speed() {
    let bodies = bodies(&Stage::with_rows(ROWS));
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    println!("\n{IN_FLIGHT} in flight, answers after 20 ms, {} requests a round\n", ROWS * 2);
    println!("| round | ringback, requests/s | generator, requests/s | ratio |\n|---|---|---|---|");
    for round in 1..=ROUNDS {
        let (our, their) = (ringback(), generator(&bodies));
        println!("| {round} | {our:.0} | {their:.0} | {:.3} |", our / their);
        ours.push(our);
        theirs.push(their);
        ratios.push(our / their);
    }
    println!("| median | {:.0} | {:.0} | {:.3} |", median(ours), median(theirs), median(ratios));
}

/// Requests a second of the program's dispatch, with a new ledger.
fn ringback() -> f64 {
    let stage = Stage::with_rows(ROWS);
    let platform = Platform::start(&["latency_ms=20"]);
    platform.be_reached_from(&stage);
    let in_flight = IN_FLIGHT.to_string();
    let (_, summary) = stage.ringback("run", &["--rate", "1000000", "--concurrency", &in_flight]);
    assert_eq!(summary["by_status"]["confirmed"], ROWS);
    let requests = figure(&summary, "/requests/contact") + figure(&summary, "/requests/sms");
    requests * 1000.0 / figure(&summary, "/stages_ms/dispatch")
}

/// The bodies of a callback's two requests.
struct Bodies {
    contact: Vec<u8>,
    text: Vec<u8>,
}

/// The bodies as ringback writes them; the dispatch time is the window's beginning.
fn bodies(stage: &Stage) -> Vec<Bodies> {
    let intake = stage::intake(stage.export());
    let credentials = Credentials { client_id: "sandbox".into(), secret: SecretSource::Fixed("sandbox".into()) };
    let http = HttpSettings { timeout: Duration::from_secs(30), connections_max: 1, proxy: None, ca_file: None };
    let platform = V2::new("http://127.0.0.1:1", credentials, http).expect("an address");
    let message = |id: CallbackId| {
        format!("Your callback is confirmed for Nov 24, 2026 9:00 AM EST. Reference: {}", &id.to_string()[..8])
    };
    let bodies = |callback: &Callback| {
        let (window, campaign) = (callback.window(), intake.campaign(callback));
        let id = CallbackId::of(callback.phone, window, campaign);
        let contact = Contacts::body(
            &platform,
            &ContactRequest {
                id,
                campaign,
                phone: callback.phone,
                dispatch_at: window.start(),
                window,
                language: "en-US",
                retry_count: 3,
                retry_interval: "PT15M",
            },
        );
        let text = TextRequest { to: callback.phone, from: "+18005550100", message: &message(id) };
        Bodies { contact, text: Texts::body(&platform, &text) }
    };
    intake.callbacks.iter().map(bodies).collect()
}

/// Requests a second of a plain loop: contact and text of each callback, one behind the other.
fn generator(bodies: &[Bodies]) -> f64 {
    let platform = Platform::start(&["latency_ms=20"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let took = runtime.block_on(async {
        let target = Target::of(&platform).await;
        let begun = Instant::now();
        futures_util::stream::iter(bodies).for_each_concurrent(IN_FLIGHT, |bodies| target.call_back(bodies)).await;
        begun.elapsed()
    });
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let requests = (bodies.len() * 2) as f64;
    requests / took.as_secs_f64()
}

/// Where the generator sends its requests.
struct Target {
    client: Client,
    base_url: String,
    authorization: String,
}

impl Target {
    async fn of(platform: &Platform) -> Self {
        // Installed already where the bodies were made.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().http1_only().no_proxy().tls_certs_only([]).pool_max_idle_per_host(IN_FLIGHT);
        let client = client.build().expect("a client");
        let base_url = platform.base_url.clone();
        let token = client.post(format!("{base_url}/oauth/token")).basic_auth("sandbox", Some("sandbox"));
        let token = token
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .send()
            .await
            .expect("an answer");
        let grant: Value = serde_json::from_slice(&token.bytes().await.expect("a body")).expect("a grant");
        let authorization = format!("Bearer {}", grant["access_token"].as_str().expect("a token"));
        Self { client, base_url, authorization }
    }

    async fn call_back(&self, bodies: &Bodies) {
        self.post("/api/v2/outbound/contacts", &bodies.contact).await;
        self.post("/api/v2/messaging/sessions", &bodies.text).await;
    }

    async fn post(&self, path: &str, body: &[u8]) {
        let request = self.client.post(format!("{}{path}", self.base_url)).header("authorization", &self.authorization);
        let answer = request.header("content-type", "application/json").body(body.to_vec()).send().await;
        let answer = answer.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.expect("a body");
    }
}

fn under_a_limit() {
    let stage = Stage::with_rows(LIMITED_ROWS);
    let limit = format!("requests_per_minute={LIMIT}");
    let platform = Platform::start(&["latency_ms=20", &limit]);
    platform.be_reached_from(&stage);
    let (_, summary) = stage.ringback("run", &["--rate", &LIMIT.to_string(), "--concurrency", "64"]);
    let achieved = figure(&summary, "/rate/achieved_per_minute");
    println!("\na limit of {LIMIT} requests a minute, enforced; {} requests\n", LIMITED_ROWS * 2);
    println!("| requests a minute | share of the limit | answers 429 |\n|---|---|---|");
    let refused = figure(&summary, "/requests/status_429");
    println!("| {achieved:.1} | {:.2} % | {refused} |", achieved * 100.0 / LIMIT);
}

const SETTINGS: &str = "
[platform]
client_id = \"sandbox\"
base_url = \"BASE_URL\"
[sms]
from = \"+18005550100\"
hours = \"always\"
";

/// The sandbox in a process of its own, until it is dropped.
struct Platform {
    process: Child,
    /// Where it answers.
    base_url: String,
}

impl Platform {
    /// Starts one with these faults, on any port that is free.
    fn start(faults: &[&str]) -> Self {
        let mut command = Command::new(stage::RINGBACK);
        command.args(["sandbox", "--port", "0"]).stdout(Stdio::piped());
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut process = command.spawn().expect("the sandbox starts");
        let mut line = String::new();
        let told = process.stdout.as_mut().expect("it speaks");
        BufReader::new(told).read_line(&mut line).expect("it says where it is");
        let base_url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { process, base_url }
    }

    /// Writes settings by which the program reaches it.
    fn be_reached_from(&self, stage: &Stage) {
        let settings = SETTINGS.replace("BASE_URL", &self.base_url);
        std::fs::write(stage.path("ringback.toml"), settings).expect("written");
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nobody to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
