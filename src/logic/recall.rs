//! What a callback becomes when it comes again: the ledger holds its fate, this says what a run owes it.

use crate::domain::abilities::Repeat;
use crate::domain::code::Code;
use crate::domain::outcome::Standing;
use crate::domain::progress::Progress;
use crate::domain::time::Timestamp;

use super::retry::OnNoAnswer;

/// Whether refused callbacks and texts are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They stand.
    Stand,
    /// Somebody asked for it.
    TryAgain,
}

/// What the decision depends on besides the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When it comes again.
    pub now: Timestamp,
    /// What is done about refusals.
    pub refused: Refused,
    /// How a contact may be treated whose outcome is unknown.
    pub repeat: Repeat,
    /// The settings' wish about texts.
    pub on_no_answer: OnNoAnswer,
}

/// What a run owes a callback that the ledger knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// Nothing: it stands.
    Nothing,
    /// Everything: nothing was created.
    Afresh,
    /// Its contact, for the stored time: with the stored bytes where they may have been carried out.
    ContactAgain,
    /// A word that its contact is in doubt; no request.
    ContactDoubt,
    /// Its text, for the stored time.
    Text,
    /// Its refused text once more.
    RefusedText,
    /// A word that its text is in doubt; no request.
    TextDoubt,
}

/// Decides what a run owes a callback that the ledger knows.
#[must_use]
pub fn owed(standing: &Standing, asked: &Asked) -> Owed {
    let too_late = standing.dispatch_at.is_none_or(|at| at <= asked.now);
    match standing.progress {
        Progress::Confirmed | Progress::Scheduled | Progress::ContactDoubted | Progress::TextDoubted => Owed::Nothing,
        Progress::ContactFailed if is_final(standing.code) && asked.refused == Refused::Stand => Owed::Nothing,
        Progress::Pending | Progress::Expired | Progress::ContactFailed => Owed::Afresh,
        // A person says that it was never created, so that nothing stands in the way of another time.
        Progress::ContactOwed if too_late => Owed::Afresh,
        Progress::ContactOwed => Owed::ContactAgain,
        // A contact that was there before this ledger: nobody here knows for what time a text would have to be.
        Progress::TextFailed if standing.contact_at.is_none() || standing.dispatch_at.is_none() => Owed::Nothing,
        Progress::TextFailed if asked.refused == Refused::Stand => Owed::Nothing,
        Progress::TextFailed => Owed::RefusedText,
        Progress::ContactInFlight | Progress::ContactInFlightAgain | Progress::ContactOpen => {
            if !too_late && asked.repeat.allows(None) { Owed::ContactAgain } else { Owed::ContactDoubt }
        }
        Progress::Contacted | Progress::TextWaiting => Owed::Text,
        Progress::TextInFlight | Progress::TextInFlightAgain | Progress::TextOpen => {
            if too_late || asked.on_no_answer == OnNoAnswer::Hold { Owed::TextDoubt } else { Owed::Text }
        }
    }
}

/// A refusal stands until somebody asks for it again; a missing forecast may be there tomorrow.
fn is_final(code: Option<Code>) -> bool {
    !matches!(code, Some(Code::ForecastEmpty | Code::ForecastNoAgents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::RunId;

    const NOW: i64 = 1_000_000;

    const PLAIN: Asked = Asked {
        now: Timestamp::EPOCH,
        refused: Refused::Stand,
        repeat: Repeat::SameId,
        on_no_answer: OnNoAnswer::Hold,
    };

    fn check(progress: Progress, code: Option<Code>, dispatch_in: i64, expected: [Owed; 4]) {
        let dispatch_at = Some(Timestamp::from_unix(NOW + dispatch_in));
        let contact_at = (code != Some(Code::ContactExisted)).then_some(Timestamp::EPOCH);
        let untouched = Standing::untouched(RunId(uuid::Uuid::nil()));
        let standing = Standing { progress, code, dispatch_at, contact_at, ..untouched };
        let plain = Asked { now: Timestamp::from_unix(NOW), ..PLAIN };
        let asked = [
            plain,
            Asked { refused: Refused::TryAgain, ..plain },
            Asked { repeat: Repeat::Never, ..plain },
            Asked { on_no_answer: OnNoAnswer::Resend, ..plain },
        ];
        assert_eq!(asked.map(|asked| owed(&standing, &asked)), expected, "{progress:?} {code:?} {dispatch_in}");
    }

    #[test]
    #[rustfmt::skip]
    fn what_a_row_becomes_when_it_comes_again() {
        use Owed::{Afresh, ContactAgain, ContactDoubt, Nothing, RefusedText, Text, TextDoubt};
        let in_flight = Progress::ContactInFlight;
        let text_in_flight = Progress::TextInFlight;
        //                                            plain         --retry-failed  advisory      resend
        check(Progress::Confirmed, None, 60,          [Nothing,      Nothing,      Nothing,      Nothing]);
        check(Progress::Scheduled, None, 60,          [Nothing,      Nothing,      Nothing,      Nothing]);
        check(Progress::ContactDoubted, None, 60,     [Nothing,      Nothing,      Nothing,      Nothing]);
        check(Progress::TextDoubted, None, 60,        [Nothing,      Nothing,      Nothing,      Nothing]);
        check(Progress::Pending, None, 60,            [Afresh,       Afresh,       Afresh,       Afresh]);
        check(Progress::Expired, None, -60,           [Afresh,       Afresh,       Afresh,       Afresh]);
        check(Progress::TextFailed, None, 60,         [Nothing,      RefusedText,  Nothing,      Nothing]);
        check(Progress::TextFailed, Some(Code::ContactExisted), 60, [Nothing, Nothing,   Nothing,      Nothing]);
        check(Progress::ContactOwed, None, 60,        [ContactAgain; 4]);
        check(Progress::ContactOwed, None, 0,         [Afresh;       4]);
        check(in_flight, None, 60,                    [ContactAgain, ContactAgain, ContactDoubt, ContactAgain]);
        check(in_flight, None, 0,                     [ContactDoubt, ContactDoubt, ContactDoubt, ContactDoubt]);
        check(Progress::ContactOpen, None, 60,        [ContactAgain, ContactAgain, ContactDoubt, ContactAgain]);
        check(Progress::Contacted, None, 60,          [Text,         Text,         Text,         Text]);
        check(Progress::TextWaiting, None, -60,       [Text,         Text,         Text,         Text]);
        check(text_in_flight, None, 60,               [TextDoubt,    TextDoubt,    TextDoubt,    Text]);
        check(Progress::TextOpen, None, 0,            [TextDoubt,    TextDoubt,    TextDoubt,    TextDoubt]);
        for code in [Code::PlatformRefused, Code::SettleNotSent] {
            check(Progress::ContactFailed, Some(code), 60, [Nothing, Afresh,       Nothing,      Nothing]);
        }
        for code in [Code::ForecastEmpty, Code::ForecastNoAgents] {
            check(Progress::ContactFailed, Some(code), 60, [Afresh,  Afresh,       Afresh,       Afresh]);
        }
    }
}
