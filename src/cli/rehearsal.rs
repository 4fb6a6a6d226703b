//! The sandbox, as a command and inside a run.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use serde_json::{Map, Value};

use crate::domain::exit::ExitCode;
use crate::io::ledger::{Archive, Owner};
use crate::io::write::Draft;
use crate::logic::nearest::nearest;
use crate::pipeline::error::RunError;
use crate::sandbox::server::Sandbox;
use crate::sandbox::settings::SandboxSettings;

use super::args::SandboxArgs;
use super::exit::Ending;
use super::output::say;
use super::stop::Stop;

/// The platform of every rehearsal, whatever its port.
pub(super) const PLATFORM: &str = "sandbox";

/// What stands behind `ringback sandbox --help`: each line a key with the form of its value, what it does, and an
/// example.
pub(super) const FAULTS: &str = "\
Faults are given as --fault KEY=VALUE, as often as needed; quotes keep a list from the shell. A SHARE
is from 0 to 1, alone or with the requests that it is for: 0.05, 0.05@contact,sms (of token, forecast,
contact, sms). The same seed meets the same faults.

  error_before=SHARE            answered 5xx, and nothing was done: error_before=0.1@contact
  error_after=SHARE             answered 5xx, though it was done: error_after=0.02
  cut_before=SHARE              the connection is cut, and nothing was done: cut_before=0.05
  cut_after=SHARE               the connection is cut, though it was done: cut_after=0.05@sms
  broken_body=SHARE             done, and answered with half a JSON, HTML or nothing: broken_body=0.1@contact
  too_many=SHARE                answered 429: too_many=0.2
  unavailable=SHARE             answered 503 with Retry-After: unavailable=0.1@forecast
  unavailable_after=SHARE       answered 503 with Retry-After, though it was done: unavailable_after=0.1@sms
  redirect=SHARE                answered 307: redirect=1@token
  redirect_after=SHARE          answered 302 and a page, though it was done: redirect_after=0.1@sms
  timeout_after=SHARE           answered 408, though it was done: timeout_after=0.1@contact
  failed_body=SHARE             answered 200 with errors, and nothing was done: failed_body=0.1@contact
  empty_body=SHARE              done, and answered without a body: empty_body=1@sms
  token_revoked=SHARE           a token that is still good is revoked: token_revoked=0.01
  requests_per_minute=NUMBER    beyond so many in any 60 s, 429: requests_per_minute=100
  retry_after=WORD              seconds, http-date or absent, in a 429: retry_after=http-date
  retry_after_secs=SECONDS      what a 429 or 503 by chance asks for: retry_after_secs=3
  latency_ms=MILLISECONDS       before each answer: latency_ms=50
  latency_jitter_ms=MILLISECONDS  up to so many more: latency_jitter_ms=200
  token_lifetime_secs=SECONDS   until a token expires: token_lifetime_secs=60
  expires_in=WORD               told or untold, when a token expires: expires_in=untold
  tokens=WORD                   many, or one: a new token ends the one before: tokens=one
  missing_scopes=LIST           403 where one is needed: missing_scopes='[\"outbound:contact:write\"]'
  forbidden_campaigns=LIST      403 to the forecast of these: forbidden_campaigns='[\"billing-east\"]'
  forbidden_phones=LIST         403 to contacts and texts of these: forbidden_phones='[\"+12025550101\"]'
  token_error=WORD              no token, but 400 with this error: token_error=invalid_scope
  refused_phones_share=NUMBER   a share of numbers that no campaign takes: refused_phones_share=0.01
  refused_phones=LIST           numbers that no campaign takes: refused_phones='[\"+12025550101\"]'
  refused_texts_share=NUMBER    a share of numbers that no text reaches: refused_texts_share=0.01
  refused_texts=LIST            numbers that no text reaches: refused_texts='[\"+12025550101\"]'
  answers_conflict=WORD         conflict (409) or same-id (200) for a contact that exists: answers_conflict=same-id
  forecast_empty=LIST           campaigns without a forecast: forecast_empty='[\"billing-east\"]'
  forecast_no_agents=LIST       campaigns without agents in any hour: forecast_no_agents='[\"billing-east\"]'
  forecast_damaged=LIST         campaigns of whose hours two cannot be read: forecast_damaged='[\"billing-east\"]'
  forecast_order=WORD           orderly or disorderly hours: forecast_order=disorderly
  seed=NUMBER                   another chance: seed=7
  client_id=TEXT                who is let in: client_id=shop
  client_secret=TEXT            with which secret: client_secret=hush

GET /sandbox/state tells every contact, text and request; POST /sandbox/faults takes the same keys
as JSON.";

/// The keys in the order of the help, each with its line.
fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    FAULTS.lines().filter_map(|line| line.strip_prefix("  ")?.split_once('='))
}

/// The example that the help gives for a key.
fn example(key: &str) -> &'static str {
    let line = keys().find(|(known, _)| *known == key).map(|(_, line)| line);
    line.and_then(|line| line.rsplit_once(": ")).map_or("cut_after=0.05@sms", |(_, example)| example)
}

/// The settings that faults ask for.
fn settings(faults: &[String]) -> Result<SandboxSettings, Ending> {
    let mut given = Map::new();
    for fault in faults {
        let (key, value) = fault.split_once('=').ok_or_else(|| usage(fault, "KEY=VALUE is needed", fault))?;
        let key = key.trim();
        if !keys().any(|(known, _)| known == key) {
            return Err(unknown(key));
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        given.insert(key.to_owned(), value);
    }
    let settings: SandboxSettings = serde_path_to_error::deserialize(Value::Object(given)).map_err(|error| {
        let path = error.path().to_string();
        usage(&path, &error.inner().to_string(), path.split(['[', '.']).next().unwrap_or_default())
    })?;
    for (key, share) in
        [("refused_phones_share", settings.refused_phones_share), ("refused_texts_share", settings.refused_texts_share)]
    {
        if !(0.0..=1.0).contains(&share) {
            return Err(usage(key, "a share from 0 to 1 is needed", key));
        }
    }
    Ok(settings)
}

fn usage(what: &str, why: &str, key: &str) -> Ending {
    let example = example(key);
    Ending::usage(&format!("--fault {what}: {why}; as in --fault {example}; `ringback sandbox --help` lists all"))
}

/// A key that is none, with the one that was probably meant and all that there are.
fn unknown(key: &str) -> Ending {
    let names = || keys().map(|(name, _)| name);
    let meant = nearest(&[key], names()).map(|name| format!(" (did you mean --fault {}?)", example(name)));
    let (meant, all) = (meant.unwrap_or_default(), names().collect::<Vec<_>>().join(", "));
    Ending::usage(&format!("--fault {key}: no such fault{meant}; faults are {all}"))
}

/// Starts a sandbox on this machine; port 0 is any that is free.
pub(super) fn start(faults: &[String], port: u16) -> Result<Sandbox, Ending> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let started = Sandbox::start(settings(faults)?, address);
    started.map_err(|error| Ending::io(anyhow!("the sandbox cannot listen on {address}: {error}")))
}

/// `ringback sandbox`: serves until it is stopped.
pub(super) fn serve(args: &SandboxArgs) -> Result<ExitCode, Ending> {
    let stop = Stop::listen("").map_err(|error| Ending::io(anyhow!(error)))?;
    stop.reading_is_over();
    let sandbox = start(&args.fault, args.port)?;
    let base = sandbox.base_url();
    let SandboxSettings { client_id, client_secret, .. } = settings(&args.fault)?;
    let told = format!(
        "listening on {base}\n\
         client id {client_id}, secret {client_secret}; what it holds: {base}/sandbox/state; Ctrl-C ends it\n"
    );
    say(told)?;
    let runtime = super::runtime()?;
    runtime.block_on(stop.asked());
    sandbox.stop();
    Ok(ExitCode::Done)
}

/// Where the ledger of a rehearsal goes: into the folder of its report. One that is there and is not a
/// rehearsal's is somebody's, and is left alone.
pub(super) fn ledger(out: &Path) -> Result<PathBuf, Ending> {
    let ledger = out.join("ringback.db");
    let sandbox = Owner { platform: PLATFORM.to_owned(), client_id: "sandbox".to_owned() };
    let reader = Archive::open(&ledger).map_err(RunError::from)?;
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
    for ending in ["", "-wal", "-shm", ".lock", ".pause"] {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn faults(text: &str) -> Result<SandboxSettings, String> {
        settings(&[text.to_owned()]).map_err(|ending| ending.words.map_or_else(String::new, |words| words.to_string()))
    }

    #[test]
    fn the_help_has_every_fault_with_an_example_that_works() {
        let all = serde_json::to_value(SandboxSettings::default()).expect("JSON");
        let all: BTreeSet<&str> = all.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys().map(|(key, _)| key).collect::<BTreeSet<_>>(), all);
        for key in all {
            let example = example(key).replace('\'', "");
            assert!(example.starts_with(&format!("{key}=")), "{key}: {example}");
            assert_ne!(faults(&example).expect("works"), SandboxSettings::default(), "{example}");
        }
    }

    #[test]
    fn a_fault_that_is_none_is_told_with_what_would_be_one() {
        let check = |text: &str, words: &[&str]| {
            let told = faults(text).expect_err("refused");
            for word in words {
                assert!(told.contains(word), "{word} is not in {told}");
            }
        };
        check("cut_aftre=0.05", &["no such fault", "did you mean --fault cut_after=0.05@sms", "error_before, "]);
        check("weather=rain", &["no such fault;", "error_before, ", "client_secret"]);
        check("cut_after", &["KEY=VALUE is needed", "--fault cut_after=0.05@sms"]);
        check("cut_after=1.5", &["share from 0 to 1", "--fault cut_after=0.05@sms"]);
        check("cut_after=0.1@texts", &["token,forecast,contact,sms"]);
        check("retry_after=never", &["seconds", "http-date", "absent", "--fault retry_after=http-date"]);
        check("missing_scopes=outbound:contact:write", &["--fault missing_scopes='[\"outbound:contact:write\"]'"]);
        check("refused_phones_share=2", &["share from 0 to 1", "--fault refused_phones_share=0.01"]);
        check("seed=-1", &["--fault seed=7"]);
    }
}
