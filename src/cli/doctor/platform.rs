//! The platform: its clock, the credentials, and the three scopes, each tried with one request that does no harm.
//!
//! A contact and a text are tried with a request that holds nothing. Nothing can be made of it: whom to call or to text
//! stands nowhere, so it has to be refused. A refusal of what it holds says that the right is there.

use std::time::Duration;

use secrecy::SecretString;

use crate::domain::abilities::Repeat;
use crate::domain::exit::ExitCode;
use crate::domain::progress::Earlier;
use crate::domain::provenance::Provenance;
use crate::domain::reply::{Probed, Reply, Step, Trouble, Unclear};
use crate::domain::shown::marked;
use crate::domain::time::Interval;
use crate::io::pace::TokenTurns;
use crate::io::platform::Platform;
use crate::logic::retry::{Access, OnNoAnswer, RequestState, RunEffect, Situation, Stop, TokenAge, after};
use crate::pipeline::gate::{Exit, Gate};
use crate::pipeline::halt::Halt;
use crate::render::checkup::Check;

use super::Seen;
use crate::cli::exit::Ending;
use crate::cli::runtime;

/// Seconds that clocks may differ before somebody should look, and before a run should not begin.
const CLOCK_WARNED: u64 = 5;
const CLOCK_FAILED: u64 = 60;

/// Signs of a campaign's id that are shown.
const NAME_MAX: usize = 60;

/// The longest pause of the platform that is waited for.
const PAUSE_WAITED_MAX: Duration = Duration::from_secs(10);

/// Asks the platform for a token, for an hour of a forecast, and for a contact and a text that it can only refuse, one
/// after the other at the pace of a run.
pub(super) fn look_over(seen: &Seen<'_>, campaign: Option<&str>) -> Result<Vec<Check>, Ending> {
    let Ok((_, mut access)) = seen.settings.platform() else {
        return Ok(vec![Check::unasked("platform", "the settings do not say where it is, or who asks")]);
    };
    let runtime = runtime()?;
    access.http.connections_max = 1;
    let platform = match seen.settings.kinds.connect(access) {
        Ok(platform) => platform,
        Err(why) => {
            return Ok(vec![Check::failed("platform", format!("it cannot be asked: {why}"), (ExitCode::Settings, ""))]);
        }
    };
    let checks = runtime.block_on(ask(&platform, seen, campaign));
    // A name that is still being looked up is waited for by nobody.
    runtime.shutdown_background();
    Ok(checks)
}

async fn ask(platform: &Platform<'_>, seen: &Seen<'_>, campaign: Option<&str>) -> Vec<Check> {
    let gate = Gate::new(seen.settings.platform.requests_per_minute, seen.shared.pace);
    go_on_holding(&gate, seen);
    let (credentials, token) = credentials(platform, &gate, seen).await;
    let mut checks = vec![credentials, clock(platform.contacts.clock_ahead())];
    for step in [Step::Forecast, Step::Contact, Step::Text] {
        let what = format!("scope {}", platform.of(step).right(step));
        checks.push(match &token {
            Some(token) => match turn(&gate).await {
                Ok(()) => try_scope(&Trial { platform, token, gate: &gate, seen, what: &what }, step, campaign).await,
                Err(left) => held(what, left),
            },
            None => Check::unasked(what, "it takes a token"),
        });
    }
    checks
}

/// Keeps to a pause that the platform asked an earlier run for.
fn go_on_holding(gate: &Gate<'_>, seen: &Seen<'_>) {
    let hold = seen.reader.and_then(|reader| reader.last_hold().ok().flatten());
    gate.go_on_holding(hold.map_or(Duration::ZERO, |hold| hold.left(seen.clock.unix_millis())));
}

/// Waits until a request may leave; the time that is left of a pause, where the platform asks for one that is too long
/// to wait for.
async fn turn(gate: &Gate<'_>) -> Result<(), Duration> {
    loop {
        let left = gate.held_for().await;
        if left > PAUSE_WAITED_MAX {
            return Err(left);
        }
        gate.pass(&|hold| tracing::warn!("holding for {} s", hold.as_secs_f64().ceil())).await;
        if gate.leave().await == Exit::Left {
            return Ok(());
        }
    }
}

fn held(what: impl Into<String>, left: Duration) -> Check {
    let found =
        format!("the platform asked this client for a pause, of which {} s are left", left.as_secs_f64().ceil());
    Check::warned(what, found, "look again later")
}

async fn credentials(platform: &Platform<'_>, gate: &Gate<'_>, seen: &Seen<'_>) -> (Check, Option<SecretString>) {
    let what = "credentials";
    let _asking = match seen.shared.tokens {
        Some(turns) => Some(turns.take(Duration::ZERO).await),
        None => None,
    };
    if let Err(left) = turn(gate).await {
        return (held(what, left), None);
    }
    match platform.contacts.grant().await.map(|answered| answered.reply) {
        Err(error) => (Check::failed(what, error.to_string(), (ExitCode::Settings, "")), None),
        Ok(Reply::Done(grant)) => (Check::good(what, "the platform gave a token"), Some(grant.credential)),
        Ok(Reply::Trouble(trouble)) => (judged(what, &trouble, Step::Token, gate), None),
    }
}

/// What an answer means. A pause that it asks for is everybody's.
fn judged(what: &str, trouble: &Trouble, step: Step, gate: &Gate<'_>) -> Check {
    if let RunEffect::Hold(seconds) = after(trouble, alone(step)).run {
        gate.hold(seconds);
    }
    troubled(what, trouble, step)
}

/// A scope that is tried.
struct Trial<'a> {
    platform: &'a Platform<'a>,
    token: &'a SecretString,
    gate: &'a Gate<'a>,
    seen: &'a Seen<'a>,
    what: &'a str,
}

async fn try_scope(trial: &Trial<'_>, step: Step, campaign: Option<&str>) -> Check {
    match step {
        Step::Token | Step::Forecast => trial.forecast(campaign).await,
        Step::Contact | Step::Text => trial.emptily(step).await,
    }
}

impl Trial<'_> {
    /// Asks for one hour. Where no campaign is known, for that of none: the platform can only refuse that.
    async fn forecast(&self, campaign: Option<&str>) -> Check {
        let set = || self.seen.settings.campaigns.keys().next().cloned();
        let known = || self.seen.reader.and_then(|reader| reader.a_campaign().ok().flatten());
        let Some(campaign) = campaign.map(str::to_owned).or_else(set).or_else(known) else {
            return self.forecast_of_none().await;
        };
        let start = self.seen.clock.now().hour_ceil();
        let range = Interval { start, end: start.plus(3600) };
        let shown = marked(&campaign, NAME_MAX);
        match self.platform.capacity.hours(self.token, &campaign, range).await.reply {
            Reply::Done(hours) if hours.unreadable > 0 => {
                let found = format!("a forecast for {shown}, of which {} hours cannot be read", hours.unreadable);
                Check::warned(self.what, found, "an hour needs a time with a zone, and numbers of agents and calls")
            }
            Reply::Done(hours) if hours.slots.is_empty() => {
                Check::good(self.what, format!("no forecast for {shown} yet"))
            }
            Reply::Done(_) => Check::good(self.what, format!("a forecast for {shown}")),
            Reply::Trouble(trouble) => self.troubled(&trouble, Step::Forecast),
        }
    }

    async fn forecast_of_none(&self) -> Check {
        match self.platform.capacity.probe(self.token, Step::Forecast).await.reply {
            Reply::Done(Probed::Taken) => Check::good(self.what, "a forecast for no campaign"),
            Reply::Done(Probed::Refused(words)) => {
                Check::good(self.what, format!("there: what lacks a campaign is refused for that alone ({words})"))
            }
            Reply::Trouble(trouble) => self.troubled(&trouble, Step::Forecast),
        }
    }

    /// What an answer means. A token that another process may have taken away says nothing of the credentials.
    fn troubled(&self, trouble: &Trouble, step: Step) -> Check {
        let is_unauthorised = matches!(trouble, Trouble::Unauthorised(_));
        if is_unauthorised && self.seen.shared.tokens.is_some_and(TokenTurns::is_overtaken) {
            let found = "another process of this client asked for a token meanwhile, and this one is no longer taken";
            return Check::warned(self.what, found, "look again later");
        }
        judged(self.what, trouble, step, self.gate)
    }

    /// How a request is taken that holds nothing.
    async fn emptily(&self, step: Step) -> Check {
        match self.platform.of(step).probe(self.token, step).await.reply {
            Reply::Done(Probed::Refused(words)) => {
                Check::good(self.what, format!("there: an empty request is refused for what it lacks alone ({words})"))
            }
            Reply::Done(Probed::Taken)
            | Reply::Trouble(Trouble::Unknown { why: Unclear::Contradiction | Unclear::Unreadable, .. }) => {
                let mend = "look there whether anything was made of it, and whether platform.base_url is the right one";
                Check::warned(self.what, "the platform took an empty request, which it has to refuse", mend)
            }
            Reply::Trouble(trouble) => self.troubled(&trouble, step),
        }
    }
}

/// What an answer means that is not the one hoped for, in the words of a run that meets it.
fn troubled(what: &str, trouble: &Trouble, step: Step) -> Check {
    let next = after(trouble, alone(step));
    let words = trouble.describe();
    match (next.run, next.request) {
        (RunEffect::Stop(why), _) => {
            let mend = mend(&why);
            let halt = Halt::Barred(why, words);
            Check::failed(what, halt.describe(), (halt.exit_code(), mend))
        }
        (RunEffect::Hold(_), _) => {
            Check::warned(what, format!("the platform asks for a pause: {words}"), "look again later")
        }
        (_, RequestState::Refused | RequestState::Existed) if step != Step::Forecast => {
            let found = format!(
                "an empty request is answered otherwise than for a scope: {words}; `ringback run INPUT --limit 1` shows it"
            );
            Check::unasked(what, found)
        }
        (_, RequestState::Refused) => {
            Check::warned(what, format!("the platform refuses this campaign: {words}"), "name another with --campaign")
        }
        (RunEffect::None | RunEffect::Renew, _) => Check::failed(
            what,
            words,
            (ExitCode::Pending, "look at the network, a proxy and the platform's own state, then again"),
        ),
    }
}

/// The situation of a request beside which there are no others.
fn alone(step: Step) -> Situation {
    Situation {
        step,
        earlier: Earlier::None,
        token: TokenAge::NewestUnproven,
        access: Access::Unproven,
        repeat: Repeat::SameId,
        trying_for: None,
        on_no_answer: OnNoAnswer::Hold,
        provenance: Provenance::Proven,
    }
}

/// What to do, where the words before do not say it.
fn mend(why: &Stop) -> &'static str {
    match why {
        Stop::Address | Stop::Connection | Stop::Credentials | Stop::NoToken | Stop::Quota(_) => "",
        Stop::Forbidden(_) => "a run would stop at its first request of this kind",
    }
}

fn clock(ahead: Option<i64>) -> Check {
    let Some(ahead) = ahead else { return Check::unasked("clock", "the platform told no time") };
    let found = match ahead {
        0 => "as the platform's".to_owned(),
        1.. => format!("{ahead} s behind the platform's"),
        ..0 => format!("{} s ahead of the platform's", ahead.unsigned_abs()),
    };
    let mend = "let the machine's clock be set from the network (NTP): dispatch times go by it";
    match ahead.unsigned_abs() {
        ..CLOCK_WARNED => Check::good("clock", found),
        CLOCK_WARNED..CLOCK_FAILED => Check::warned("clock", found, mend),
        CLOCK_FAILED.. => Check::failed("clock", found, (ExitCode::Io, mend)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::checkup::exit_code;

    #[test]
    fn a_clock_that_is_a_little_off_warns_and_one_that_is_far_off_fails() {
        let check = |ahead: i64, found: &str, code: ExitCode| {
            let checks = [clock(Some(ahead))];
            assert!(checks[0].found.starts_with(found), "{checks:?}");
            assert_eq!(exit_code(&checks), code, "{ahead}");
        };
        check(0, "as the platform's", ExitCode::Done);
        check(4, "4 s behind", ExitCode::Done);
        check(-59, "59 s ahead", ExitCode::Done);
        check(60, "60 s behind", ExitCode::Io);
        check(i64::MIN, "9223372036854775808 s ahead", ExitCode::Io);
    }
}
