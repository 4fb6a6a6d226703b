//! The sandbox, as a command and inside a run.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use serde_json::{Map, Value};

use crate::io::ledger::{Owner, SqliteReader};
use crate::io::write::Draft;
use crate::pipeline::error::RunError;
use crate::sandbox::server::Sandbox;
use crate::sandbox::settings::SandboxSettings;

use super::args::SandboxArgs;
use super::exit::Ending;
use super::output::print;
use super::stop::Stop;

/// What stands behind `ringback sandbox --help`.
pub(super) const FAULTS: &str = "\
Faults are given as --fault KEY=VALUE, as often as needed. A share is from 0 to 1, alone or with the requests
that it is for: 0.05, 0.05@contact,sms (token, forecast, contact, sms). The same seed meets the same faults.

  error_before, error_after   a share answered 5xx: nothing was done, or it was
  cut_before, cut_after       a share whose connection is cut: nothing was done, or it was
  broken_body                 a share done and answered with half a JSON, HTML or nothing
  too_many, unavailable       a share answered 429, or 503 with Retry-After
  redirect, token_revoked     a share answered 307; a share whose good token is revoked
  requests_per_minute         requests let through in any 60 s; those beyond are answered 429
  retry_after                 seconds, http-date or absent; retry_after_secs for those by chance
  latency_ms, latency_jitter_ms
  token_lifetime_secs, expires_in (told, untold)
  missing_scopes              [\"outbound:contact:write\"], and the like: 403
  refused_phones_share, refused_phones, refused_texts_share, refused_texts
  answers_conflict            conflict (409) or same-id (200) for a contact that exists
  forecast_empty, forecast_no_agents   lists of campaigns
  forecast_order              orderly or disorderly
  seed, client_id, client_secret

GET /sandbox/state tells every contact, text and request; POST /sandbox/faults takes the same keys as JSON.";

/// The settings that faults ask for.
fn settings(faults: &[String]) -> Result<SandboxSettings, Ending> {
    let mut keys = Map::new();
    for fault in faults {
        let (key, value) = fault.split_once('=').ok_or_else(|| usage(fault, "KEY=VALUE is needed"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        keys.insert(key.trim().to_owned(), value);
    }
    let settings: SandboxSettings = serde_path_to_error::deserialize(Value::Object(keys))
        .map_err(|error| usage(&error.path().to_string(), &error.inner().to_string()))?;
    for (key, share) in
        [("refused_phones_share", settings.refused_phones_share), ("refused_texts_share", settings.refused_texts_share)]
    {
        if !(0.0..=1.0).contains(&share) {
            return Err(usage(key, "a share from 0 to 1 is needed"));
        }
    }
    Ok(settings)
}

fn usage(what: &str, why: &str) -> Ending {
    Ending::usage(&format!("--fault {what}: {why}; `ringback sandbox --help` lists the keys"))
}

/// Starts a sandbox on this machine; port 0 is any that is free.
pub(super) fn start(faults: &[String], port: u16) -> Result<Sandbox, Ending> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let started = Sandbox::start(settings(faults)?, address);
    started.map_err(|error| Ending::io(anyhow!("the sandbox cannot listen on {address}: {error}")))
}

/// `ringback sandbox`: serves until it is stopped.
pub(super) fn serve(args: &SandboxArgs) -> Result<u8, Ending> {
    let stop = Stop::listen("").map_err(|error| Ending::io(anyhow!(error)))?;
    stop.reading_is_over();
    let sandbox = start(&args.fault, args.port)?;
    let base = sandbox.base_url();
    let SandboxSettings { client_id, client_secret, .. } = settings(&args.fault)?;
    let told = format!(
        "listening on {base}\n\
         client id {client_id}, secret {client_secret}; what it holds: {base}/sandbox/state; Ctrl-C ends it\n"
    );
    print(&told).map_err(|error| Ending::io(anyhow!(error)))?;
    let runtime = super::runtime()?;
    runtime.block_on(stop.asked());
    sandbox.stop();
    Ok(0)
}

/// Where the ledger of a rehearsal goes: into the folder of its report. One that is there and is not a
/// rehearsal's is somebody's, and is left alone.
pub(super) fn ledger(out: &Path) -> Result<PathBuf, Ending> {
    let ledger = out.join("ringback.db");
    let sandbox = Owner { platform: "sandbox".to_owned(), client_id: "sandbox".to_owned() };
    let reader = SqliteReader::open(&ledger).map_err(RunError::from)?;
    match reader.map(|reader| reader.belongs_to(&sandbox)) {
        None | Some(Ok(())) => Ok(ledger),
        Some(Err(_)) => Err(Ending::settings(anyhow!(
            "{} is the ledger of a real platform, which a rehearsal would replace; name another --out, or a --ledger",
            ledger.display()
        ))),
    }
}

/// Makes room for a rehearsal's ledger: the folder is there, and an earlier one is not.
pub(super) fn clear_ledger(ledger: &Path) -> Result<(), Ending> {
    ledger.parent().map_or(Ok(()), crate::io::write::folder).map_err(RunError::from)?;
    for ending in ["", "-wal", "-shm", ".lock"] {
        let mut name = ledger.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Ending::io(anyhow!("{} cannot be replaced: {error}", Path::new(&name).display())));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Leaves what the sandbox holds in the folder of the report, for whoever wants to see the texts.
pub(super) fn keep_state(sandbox: &Sandbox, folder: &Path) -> Result<(), Ending> {
    use std::io::Write;
    let state = serde_json::to_string_pretty(&sandbox.state()).unwrap_or_default();
    let keep = || {
        let mut draft = Draft::begin(&folder.join("sandbox.json"))?;
        draft.write_all(state.as_bytes()).map_err(crate::io::write::WriteError::at(folder))?;
        draft.publish()
    };
    keep().map_err(|error| Ending::io(error.into()))
}
