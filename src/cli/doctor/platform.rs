//! The platform: its clock, the credentials, and the three scopes, each tried with one request that does no harm.
//!
//! A contact and a text are tried with an empty JSON object. Nothing can be made of it: whom to call or to text stands
//! nowhere, and the contract has it refused. A refusal of what it holds says that the scope is there; 403 that it is not.

use secrecy::SecretString;

use crate::domain::progress::Earlier;
use crate::domain::reply::{Refusal, Reply, Step, Trouble};
use crate::domain::shown::marked;
use crate::domain::time::Interval;
use crate::io::ledger::Recall;
use crate::io::platform::{HttpPlatform, HttpSettings, Platform};
use crate::logic::render::checkup::Check;
use crate::logic::retry::{ContactIds, Next, OnNoAnswer, Situation, Stop, TokenAge, after};
use crate::pipeline::gate::Gate;
use crate::pipeline::halt::{Halt, scope};

use super::Seen;
use crate::cli::exit::Ending;
use crate::cli::runtime;
use crate::cli::settings::PlatformSettings;

/// Seconds that clocks may differ before somebody should look, and before a run should not begin.
const CLOCK_WARNED: u64 = 5;
const CLOCK_FAILED: u64 = 60;

/// Signs of a campaign's id that are shown.
const NAME_MAX: usize = 60;

/// Asks the platform for a token, for an hour of a forecast, and for a contact and a text that it can only refuse, one
/// after the other at the pace of a run.
pub(super) fn look_over(seen: &Seen<'_>, campaign: Option<&str>) -> Result<Vec<Check>, Ending> {
    let Ok(reached) = seen.settings.platform() else {
        return Ok(vec![Check::unasked("platform", "the settings do not say where it is, or who asks")]);
    };
    let runtime = runtime()?;
    let http = match http(reached) {
        Ok(http) => http,
        Err(why) => return Ok(vec![Check::failed("platform", format!("it cannot be reached: {why}"), (78, ""))]),
    };
    let checks = runtime.block_on(ask(&http, seen, campaign));
    // A name that is still being looked up is waited for by nobody.
    runtime.shutdown_background();
    Ok(checks)
}

fn http(reached: PlatformSettings) -> Result<HttpPlatform, String> {
    HttpPlatform::new(HttpSettings {
        base_url: reached.address.base_url().to_owned(),
        client_id: reached.client_id,
        secret: reached.client_secret,
        timeout: reached.timeout,
        connections_max: 1,
    })
}

async fn ask(http: &HttpPlatform, seen: &Seen<'_>, campaign: Option<&str>) -> Vec<Check> {
    let now = seen.clock.unix_millis();
    let last = seen.reader.and_then(|reader| reader.last_departure().ok().flatten());
    let ago = last.map(|last| std::time::Duration::from_millis(u64::try_from(now - last.0).unwrap_or(0)));
    let gate = Gate::new(seen.settings.platform.requests_per_minute, ago);
    gate.pass().await;
    let mut checks = Vec::new();
    let token = match http.token().await {
        Err(error) => {
            checks.push(Check::failed("credentials", error.to_string(), (78, "")));
            None
        }
        Ok(Reply::Done(grant)) => {
            checks.push(Check::good("credentials", "the platform gave a token"));
            Some(grant.token)
        }
        Ok(Reply::Trouble(trouble)) => {
            checks.push(troubled("credentials", &trouble, Step::Token));
            None
        }
    };
    checks.push(clock(http.clock_ahead()));
    for step in [Step::Forecast, Step::Contact, Step::Text] {
        let what = format!("scope {}", scope(step));
        checks.push(match &token {
            Some(token) => {
                gate.pass().await;
                try_scope(&Trial { http, token, seen, what: &what }, step, campaign).await
            }
            None => Check::unasked(what, "it takes a token"),
        });
    }
    checks
}

/// A scope that is tried.
struct Trial<'a> {
    http: &'a HttpPlatform,
    token: &'a SecretString,
    seen: &'a Seen<'a>,
    what: &'a str,
}

async fn try_scope(trial: &Trial<'_>, step: Step, campaign: Option<&str>) -> Check {
    match step {
        Step::Token | Step::Forecast => trial.forecast(campaign).await,
        Step::Contact | Step::Text => trial.emptily(step, trial.http.probe(trial.token, step).await),
    }
}

impl Trial<'_> {
    /// Asks for one hour. Where no campaign is known, for that of none: the platform can only refuse that.
    async fn forecast(&self, campaign: Option<&str>) -> Check {
        let set = || self.seen.settings.campaigns.keys().next().cloned();
        let known = || self.seen.reader.and_then(|reader| reader.a_campaign().ok().flatten());
        let campaign = campaign.map(str::to_owned).or_else(set).or_else(known);
        let start = self.seen.clock.now().hour_ceil();
        let range = Interval { start, end: start.plus(3600) };
        let reply = self.http.forecast(self.token, campaign.as_deref().unwrap_or_default(), range).await;
        let shown = campaign.as_deref().map_or_else(|| "no campaign".to_owned(), |campaign| marked(campaign, NAME_MAX));
        match reply {
            Reply::Done(slots) if slots.is_empty() => Check::good(self.what, format!("no forecast for {shown} yet")),
            Reply::Done(_) => Check::good(self.what, format!("a forecast for {shown}")),
            Reply::Trouble(trouble) => match refused(&trouble).filter(|_| campaign.is_none()) {
                Some(status) => {
                    let found = format!("there: what lacks a campaign is refused for that alone (HTTP {status})");
                    Check::good(self.what, found)
                }
                None => troubled(self.what, &trouble, Step::Forecast),
            },
        }
    }

    /// What it means how an empty request was taken.
    fn emptily(&self, step: Step, reply: Reply<()>) -> Check {
        match reply {
            Reply::Trouble(trouble) if refused(&trouble).is_some() => {
                let status = refused(&trouble).unwrap_or_default();
                let found = format!("there: an empty request is refused for what it lacks alone (HTTP {status})");
                Check::good(self.what, found)
            }
            Reply::Done(()) | Reply::Trouble(Trouble::Unreadable { .. }) => {
                let mend = "look there whether anything was made of it, and whether platform.base_url is the right one";
                Check::warned(self.what, "the platform took an empty request, which it has to refuse", mend)
            }
            Reply::Trouble(trouble) => troubled(self.what, &trouble, step),
        }
    }
}

/// The status by which a request was refused for what it holds or lacks.
fn refused(trouble: &Trouble) -> Option<u16> {
    match trouble {
        Trouble::Status(Refusal { status, .. }) => Some(*status).filter(|status| [400, 422].contains(status)),
        Trouble::Unreadable { .. } | Trouble::NotSent(_) | Trouble::NoAnswer(_) => None,
    }
}

/// What an answer means that is not the one hoped for, in the words of a run that meets it.
fn troubled(what: &str, trouble: &Trouble, step: Step) -> Check {
    let (token, earlier) = (TokenAge::NewestUnproven, Earlier::None);
    let (contact_ids, on_no_answer) = (ContactIds::Unique, OnNoAnswer::Hold);
    let words = trouble.describe();
    match after(trouble, Situation { step, earlier, token, contact_ids, on_no_answer }) {
        Next::Stop(why) => {
            let halt = Halt::Barred(why, words);
            Check::failed(what, halt.describe(), (halt.exit_code(), mend(why)))
        }
        Next::Refused | Next::Existed if step != Step::Forecast => {
            let found = format!(
                "an empty request is answered otherwise than for a scope: {words}; `ringback run INPUT --limit 1` shows it"
            );
            Check::unasked(what, found)
        }
        Next::Refused => {
            Check::warned(what, format!("the platform refuses this campaign: {words}"), "name another with --campaign")
        }
        Next::Hold(_) => Check::warned(what, format!("the platform asks for a pause: {words}"), "look again later"),
        Next::Again(_) | Next::Renew | Next::Done | Next::Existed | Next::Doubted => {
            Check::failed(what, words, (4, "look at the network, a proxy and the platform's own state, then again"))
        }
    }
}

/// What to do, where the words before do not say it.
fn mend(why: Stop) -> &'static str {
    match why {
        Stop::Address | Stop::Credentials => "",
        Stop::Scope(_) => "a run would stop at its first request of this kind",
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
        CLOCK_FAILED.. => Check::failed("clock", found, (74, mend)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::render::checkup::exit_code;

    #[test]
    fn a_clock_that_is_a_little_off_warns_and_one_that_is_far_off_fails() {
        let check = |ahead: i64, found: &str, code: u8| {
            let checks = [clock(Some(ahead))];
            assert!(checks[0].found.starts_with(found), "{checks:?}");
            assert_eq!(exit_code(&checks), code, "{ahead}");
        };
        check(0, "as the platform's", 0);
        check(4, "4 s behind", 0);
        check(-59, "59 s ahead", 0);
        check(60, "60 s behind", 74);
        check(i64::MIN, "9223372036854775808 s ahead", 74);
    }
}
