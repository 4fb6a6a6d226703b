//! One kind of trouble: how often it strikes, and whom. Written `0.05` or `0.05@contact,sms`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The four things that can be asked of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Target {
    /// A token.
    Token,
    /// A forecast.
    Forecast,
    /// A contact.
    Contact,
    /// A text.
    Sms,
}

impl Target {
    /// All of them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// `token`, `forecast`, `contact`, `sms`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How often a trouble strikes, and at which requests. The default never strikes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Spelled", into = "String")]
pub struct Fault {
    /// The share of requests that it strikes: 0 is never, 1 is always.
    pub share: f64,
    /// The requests that it may strike.
    pub targets: BTreeSet<Target>,
}

impl Fault {
    /// Strikes all kinds of requests.
    pub fn anywhere(share: f64) -> Self {
        Self::at(share, Target::ALL)
    }

    /// Strikes the given kinds of requests alone.
    pub fn at(share: f64, targets: &[Target]) -> Self {
        Self { share, targets: targets.iter().copied().collect() }
    }
}

/// A fault was not written as `SHARE` or `SHARE@TARGET,TARGET`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no fault: write a share from 0 to 1, then perhaps `@` and some of token,forecast,contact,sms")]
pub struct FaultSyntax(String);

impl FromStr for Fault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Self, FaultSyntax> {
        parse(text).ok_or_else(|| FaultSyntax(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Fault> {
    let (share, targets) = text.split_once('@').unwrap_or((text, "token,forecast,contact,sms"));
    let share: f64 = share.trim().parse().ok()?;
    let targets = targets.split(',').map(|name| name.trim().parse().ok()).collect::<Option<_>>()?;
    (0.0..=1.0).contains(&share).then_some(Fault { share, targets })
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.targets.iter().map(|target| target.as_str()).collect();
        write!(f, "{}", self.share)?;
        if names.is_empty() || names.len() == Target::ALL.len() { Ok(()) } else { write!(f, "@{}", names.join(",")) }
    }
}

/// The two ways a fault may stand in JSON: `0.05` and `"0.05@contact"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Spelled {
    Share(f64),
    Text(String),
}

impl TryFrom<Spelled> for Fault {
    type Error = FaultSyntax;

    fn try_from(spelled: Spelled) -> Result<Self, FaultSyntax> {
        match spelled {
            Spelled::Share(share) => share.to_string().parse(),
            Spelled::Text(text) => text.parse(),
        }
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_share_and_whom_it_may_strike() {
        let check = |text: &str, fault: Option<Fault>| assert_eq!(text.parse().ok(), fault, "{text}");
        check("0.05", Some(Fault::anywhere(0.05)));
        check("1@contact, sms", Some(Fault::at(1.0, &[Target::Sms, Target::Contact])));
        check("1.5", None);
        check("-0.1", None);
        check("NaN", None);
        check("0.5@", None);
        check("0.5@contacts", None);
        check("", None);
    }

    #[test]
    fn what_is_displayed_is_read_again() {
        for fault in [Fault::anywhere(0.25), Fault::at(1.0, &[Target::Token])] {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
    }
}
