//! One pace for all processes of a client, its pauses kept across restarts, and tokens asked for one at a time.

use std::process::{Command, Stdio};
use std::time::Duration;

use ringback::io::pace::TokenTurns;
use serde_json::json;

use crate::export::{Wish, wish, wishes};
use crate::http;
use crate::platform::{CONTACT, FORECAST, State, TOKEN};
use crate::stage::{Ended, SECRET_CODED, Stage};

/// Requests a minute: one in 50 ms.
const RATE: &str = "1200";

/// A second ledger for other customers of the same client, which a person says is no copy.
fn second_ledger(stage: &Stage) {
    stage.export("second.csv", &(50..70).map(wish).collect::<Vec<Wish>>());
    for ledger in ["ringback.db", "second.db"] {
        stage.ringback(&["ledger", "adopt", "--as", "original", "--ledger", ledger]).with(0);
    }
}

/// The time from the first request to the last, in milliseconds, and how many there were.
fn span(state: &State) -> (u64, u64) {
    let mut at: Vec<u64> = state.requests().iter().map(|request| request["at"].as_u64().unwrap()).collect();
    at.sort_unstable();
    (at[at.len() - 1] - at[0], at.len() as u64)
}

/// Runs commands side by side to their ends.
fn together(stage: &Stage, commands: &[&[&str]]) -> Vec<Ended> {
    let begin = |args: &&[&str]| stage.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = commands.iter().map(begin).collect();
    let end = |child: std::process::Child| {
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    };
    children.into_iter().map(end).collect()
}

#[test]
fn a_run_a_plan_doctor_and_a_second_ledger_leave_by_the_steps_of_one() {
    let stage = Stage::calm().tables("[platform]\nrequests_per_minute = 1200\n");
    let campaigns = (0..20).map(|number| wish(80 + number).campaign(&format!("c{number}")));
    stage.export("many.csv", &campaigns.collect::<Vec<Wish>>());
    stage.export("night.csv", &wishes(20));
    second_ledger(&stage);
    let mut ended = together(
        &stage,
        &[
            &["run", "night.csv", "--rate", RATE, "-o", "out"],
            &["run", "second.csv", "--rate", RATE, "-o", "second", "--ledger", "second.db"],
            &["plan", "many.csv", "--rate", RATE, "-o", "plan"],
            &["doctor"],
        ],
    );
    let doctor = ended.pop().unwrap();
    assert!([0, 75].contains(&doctor.code), "the run may have its ledger by then: {doctor:?}");
    for ended in ended {
        assert!([0, 4].contains(&ended.code), "{ended:?}");
    }
    let (millis, count) = span(&stage.state());
    assert!(count > 100, "{count}");
    // A first one that came late is allowed for.
    assert!(millis >= (count - 1) * 45, "{count} requests in {millis} ms");
    let begin = span(&stage.state()).0;
    stage.ringback(&["run", "many.csv", "--rate", RATE, "-o", "third"]).with(0);
    let (millis, more) = span(&stage.state());
    assert!(millis - begin >= (more - count - 1) * 45, "one after the other");
}

/// A pause that is longer than any run waits for.
fn paused() -> Stage {
    let stage = Stage::new(json!({ "too_many": "1@contact", "retry_after_secs": 7200 }));
    stage.export("night.csv", &wishes(3));
    second_ledger(&stage);
    stage.run(&["night.csv"]).with(4).says(&["holding for 7200 s"]);
    stage.faults(&json!({ "too_many": 0.0 }));
    stage
}

#[test]
fn a_pause_is_kept_by_the_next_run_and_by_all_other_processes_of_the_client() {
    let stage = paused();
    let asked = stage.state().asked_in_all();
    stage.ringback(&["resume", "--rate", "100000", "-o", "again"]).with(4).says(&["pause", "left alone"]);
    stage.run(&["second.csv", "--ledger", "second.db"]).with(4).says(&["pause", "left alone"]);
    stage.ringback(&["plan", "second.csv", "-o", "plan"]).with(4).says(&["pause"]);
    stage.ringback(&["doctor"]).says(&["pause", "look again later"]);
    assert_eq!(stage.state().asked_in_all(), asked, "nobody asks for anything");
}

#[test]
fn a_pause_is_kept_by_the_ledger_alone_and_only_for_its_platform() {
    let elsewhere = tempfile::tempdir().unwrap();
    let stage = paused().with("RINGBACK_STATE_DIR", elsewhere.path().to_str().unwrap());
    let asked = stage.state().asked_in_all();
    stage.ringback(&["resume", "--rate", "100000", "-o", "again"]).with(4).says(&["pause", "left alone"]);
    stage.ringback(&["doctor"]).says(&["pause", "look again later"]);
    assert_eq!(stage.state().asked_in_all(), asked);
    // A rehearsal has neither this ledger nor this platform.
    stage.ringback(&["run", "second.csv", "--sandbox", "-o", "rehearsal"]).with(0);
}

#[test]
fn a_pause_that_is_over_or_whose_clock_was_put_back_stops_nobody_for_longer() {
    let elsewhere = tempfile::tempdir().unwrap();
    let stage = paused().with("RINGBACK_STATE_DIR", elsewhere.path().to_str().unwrap());
    let now = chrono::Utc::now().timestamp_millis();
    for (set, until) in [(now - 60_000, now - 1), (0, i64::MAX), (now + 900_000, now + 900_050)] {
        let ledger = rusqlite::Connection::open(stage.path("ringback.db")).unwrap();
        for (key, value) in [("hold_set_ms", set), ("held_until_ms", until)] {
            let changed =
                ledger.execute("UPDATE meta SET value = ?2 WHERE key = ?1", (key, value.to_string())).unwrap();
            assert_eq!(changed, 1, "{key}");
        }
        drop(ledger);
        stage.ringback(&["doctor"]).says(&["the platform gave a token"]);
    }
}

#[test]
fn a_rehearsal_shares_nothing_and_leaves_nothing_in_the_state_directory() {
    let elsewhere = tempfile::tempdir().unwrap();
    let stage = Stage::calm().with("RINGBACK_STATE_DIR", elsewhere.path().to_str().unwrap());
    stage.export("night.csv", &wishes(3));
    stage.ringback(&["run", "night.csv", "--sandbox", "-o", "rehearsal"]).with(0);
    stage.ringback(&["doctor", "--sandbox"]).with(0);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_state_directory_that_cannot_be_written_is_told_and_the_run_goes_on() {
    let stage = Stage::calm().with("RINGBACK_STATE_DIR", "/proc/ringback");
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0).says(&["RINGBACK_STATE_DIR"]);
    stage.report().all("confirmed", "");
}

/// Somebody else of this client asks for a token right after the run has, and before it has used its own.
#[test]
fn a_fresh_token_that_another_process_took_away_is_renewed_and_accuses_nobody() {
    let state_folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(json!({ "tokens": "one" }));
    let stage = stage.with("RINGBACK_STATE_DIR", state_folder.path().to_str().unwrap());
    stage.export("night.csv", &wishes(1));
    let mut run = stage.command(&["run", "night.csv", "--rate", "240", "-o", "out"]);
    let mut child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while stage.state().asked(TOKEN) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        std::thread::sleep(Duration::from_millis(2));
    }
    let turns = crate::stage::files(state_folder.path()).into_iter().find(|file| file.ends_with("token-turn")).unwrap();
    let turns = TokenTurns::open(turns.parent().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let asking = runtime.block_on(turns.take(Duration::ZERO));
    let basic = format!("authorization: Basic {SECRET_CODED}");
    let headers = [basic.as_str(), "content-type: application/x-www-form-urlencoded"];
    let (status, why) =
        http::ask(stage.sandbox().address(), "POST /oauth/token", &headers, "grant_type=client_credentials");
    assert_eq!(status, 200, "{why}");
    drop(asking);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    stage.report().all("confirmed", "");
}

/// Each takes the other's token away; both come to their end.
#[test]
fn two_runs_of_a_client_that_may_have_one_token_both_finish() {
    let stage = Stage::new(json!({ "tokens": "one" }));
    second_ledger(&stage);
    for (name, first) in [("night.csv", 0), ("second.csv", 50)] {
        stage.export(name, &(first..first + 6).map(wish).collect::<Vec<Wish>>());
    }
    let run = |input, out, ledger| ["run", input, "--rate", "600", "-o", out, "--ledger", ledger];
    let (first, second) = (run("night.csv", "out", "ringback.db"), run("second.csv", "second", "second.db"));
    for ended in together(&stage, &[&first, &second]) {
        assert!(ended.code == 0, "{ended:?}");
    }
    let state = stage.state();
    assert_eq!((state.contacts().len(), state.texts().len()), (12, 12));
    assert!(state.asked(TOKEN) <= 12, "{} tokens", state.asked(TOKEN));
}

/// Wrong credentials are still told as such, also where a lock was taken to ask.
#[test]
fn credentials_that_are_wrong_still_stop_the_run_at_the_first_request() {
    let stage = Stage::new(json!({ "tokens": "one" })).with("CXONE_CLIENT_SECRET", "wrong");
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(77);
    assert_eq!((stage.state().asked(TOKEN), stage.state().asked(FORECAST)), (1, 0));
}

/// As `nohup` and `trap '' HUP` leave it.
#[test]
fn a_hangup_that_was_ignored_at_the_start_stays_ignored() {
    for (ignored, code) in [("HUP", 0), ("USR1", 4)] {
        let stage = Stage::new(json!({ "latency_ms": 40 }));
        stage.export("night.csv", &wishes(15));
        let run = stage.command(&["run", "night.csv", "--rate", "100000", "--concurrency", "2", "-o", "out"]);
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", &format!("trap '' {ignored}; exec \"$@\""), "sh"])
            .arg(run.get_program())
            .args(run.get_args());
        shell.current_dir(run.get_current_dir().unwrap()).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        shell.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?)))).stderr(Stdio::null());
        let mut child = shell.spawn().unwrap();
        while stage.state().asked(CONTACT) == 0 {
            assert!(child.try_wait().unwrap().is_none(), "it ended before");
            std::thread::sleep(Duration::from_millis(2));
        }
        let sent = Command::new("sh").args(["-c", "kill -s HUP \"$0\"", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{ignored} ignored");
        let confirmed = stage.report().count("confirmed");
        assert_eq!(confirmed == 15, code == 0, "{confirmed}");
    }
}

/// What is shared holds no secret and no number of a customer.
#[test]
fn what_is_shared_holds_no_secret() {
    let state_folder = tempfile::tempdir().unwrap();
    let stage = Stage::calm().with("RINGBACK_STATE_DIR", state_folder.path().to_str().unwrap());
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0);
    let files = crate::stage::files(state_folder.path());
    assert!(files.iter().any(|file| file.ends_with("pace")), "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        for secret in [crate::stage::SECRET, "sandbox-", "+1202555"] {
            assert!(!text.contains(secret), "{} holds {secret}", file.display());
        }
    }
}
