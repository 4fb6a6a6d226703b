//! What was looked over and what is to be mended, as a table or as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::domain::exit::ExitCode;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What that means.
    pub state: State,
}

/// What a finding means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// All is well.
    Good,
    /// A run would work, and somebody should look at it: what to do.
    Warned(String),
    /// A run would end with this exit code: what to mend.
    Failed(ExitCode, String),
    /// It could not be looked at, or is looked at by nobody without harm.
    Unasked,
}

impl Check {
    /// Something that is well.
    pub fn good(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), found: found.into(), state: State::Good }
    }

    /// Something that somebody should look at.
    pub fn warned(what: impl Into<String>, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Warned(mend.into()), ..Self::good(what, found) }
    }

    /// Something that ends a run with this exit code. What was found says what to mend, or `mend` does.
    pub fn failed(what: impl Into<String>, found: impl Into<String>, (code, mend): (ExitCode, &str)) -> Self {
        Self { state: State::Failed(code, mend.to_owned()), ..Self::good(what, found) }
    }

    /// Something that was not looked at, and why.
    pub fn unasked(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { state: State::Unasked, ..Self::good(what, why) }
    }

    /// The state in a word, for a person and for a machine.
    fn words(&self) -> (&'static str, &'static str) {
        match self.state {
            State::Good => ("ok", "ok"),
            State::Warned(_) => ("warn", "warning"),
            State::Failed(..) => ("FAIL", "failed"),
            State::Unasked => ("-", "not_checked"),
        }
    }

    fn mend(&self) -> Option<&str> {
        match &self.state {
            State::Warned(mend) | State::Failed(_, mend) => Some(mend.as_str()).filter(|mend| !mend.is_empty()),
            State::Good | State::Unasked => None,
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self.state {
            State::Failed(code, _) => code,
            State::Good | State::Warned(_) | State::Unasked => ExitCode::Done,
        }
    }
}

/// The exit code: the worst, 0 where nothing failed.
#[must_use]
pub fn exit_code(checks: &[Check]) -> ExitCode {
    let held = |code: &&ExitCode| checks.iter().any(|check| check.exit_code() == **code);
    ExitCode::WORST_FIRST.iter().find(held).copied().unwrap_or(ExitCode::Done)
}

/// Whether nobody has to do anything.
#[must_use]
pub fn is_well(checks: &[Check]) -> bool {
    checks.iter().all(|check| matches!(check.state, State::Good | State::Unasked))
}

/// The table: the verdict, then a line for each thing, with what to do below where something is to be done.
#[must_use]
pub fn table(checks: &[Check]) -> String {
    let count = |word| checks.iter().filter(|check| check.words().0 == word).count();
    let verdict = match (count("FAIL"), count("warn"), count("-")) {
        (0, 0, 0) => "all is well".to_owned(),
        (0, 0, _) => "all that could be looked at is well".to_owned(),
        (0, warned, _) => format!("runs will work; to look at: {warned}"),
        (failed, warned, _) => format!("to mend: {failed}; to look at: {warned}"),
    };
    let unasked = Some(count("-")).filter(|count| *count > 0).map(|count| format!("; not looked at: {count}"));
    let mut text = format!("ringback doctor: {verdict}{}\n", unasked.unwrap_or_default());
    let width = checks.iter().map(|check| check.what.chars().count()).max().unwrap_or(0);
    for check in checks {
        let _ = writeln!(text, "  {:<4}  {:<width$}  {}", check.words().0, check.what, check.found);
        if let Some(mend) = check.mend() {
            let _ = writeln!(text, "        {:<width$}  -> {mend}", "");
        }
    }
    text
}

/// The whole for a machine.
#[derive(Serialize)]
pub struct Sheet<'a> {
    exit_code: u8,
    checks: Vec<CheckSheet<'a>>,
}

#[derive(Serialize)]
struct CheckSheet<'a> {
    what: &'a str,
    state: &'static str,
    found: &'a str,
    mend: Option<&'a str>,
}

/// The same for a machine.
#[must_use]
pub fn sheet(checks: &[Check]) -> Sheet<'_> {
    fn one(check: &Check) -> CheckSheet<'_> {
        CheckSheet { what: &check.what, state: check.words().1, found: &check.found, mend: check.mend() }
    }
    Sheet { exit_code: exit_code(checks).number(), checks: checks.iter().map(one).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Vec<Check> {
        vec![
            Check::good("settings", "ringback.toml"),
            Check::warned("texts", "fr has no template: 3 callbacks", "add it to [sms.templates]"),
            Check::failed("ledger", "another run holds it", (ExitCode::Busy, "wait for it")),
            Check::failed("credentials", "HTTP 401; check the client secret", (ExitCode::Denied, "")),
            Check::unasked("scope outbound:contact:write", "every request would create a contact"),
        ]
    }

    #[test]
    fn the_table_says_what_was_found_and_what_to_mend() {
        insta::assert_snapshot!(table(&checks()), @"
        ringback doctor: to mend: 2; to look at: 1; not looked at: 1
          ok    settings                      ringback.toml
          warn  texts                         fr has no template: 3 callbacks
                                              -> add it to [sms.templates]
          FAIL  ledger                        another run holds it
                                              -> wait for it
          FAIL  credentials                   HTTP 401; check the client secret
          -     scope outbound:contact:write  every request would create a contact
        ");
        assert_eq!(table(&checks()[..1]), "ringback doctor: all is well\n  ok    settings  ringback.toml\n");
        assert!(
            table(&checks()[4..])
                .starts_with("ringback doctor: all that could be looked at is well; not looked at: 1\n")
        );
        assert!(table(&checks()[..2]).starts_with("ringback doctor: runs will work; to look at: 1\n"));
    }

    #[test]
    fn the_worst_failure_is_the_exit_code_and_a_warning_is_none() {
        let check = |some: &[Check], code, well| assert_eq!((exit_code(some), is_well(some)), (code, well), "{some:?}");
        check(&checks(), ExitCode::Denied, false);
        check(&checks()[..3], ExitCode::Busy, false);
        check(&checks()[..2], ExitCode::Done, false);
        check(&checks()[..1], ExitCode::Done, true);
        check(&checks()[4..], ExitCode::Done, true);
        assert_eq!(sheet(&checks()).checks[3].state, "failed");
    }
}
