//! What a person may decide of a callback in doubt.

use crate::domain::callback::CallbackId;
use crate::domain::code::Code;
use crate::domain::entry::{Entry, RESTORED, Verdict};
use crate::domain::outcome::Standing;
use crate::domain::progress::Progress;
use crate::domain::provenance::Provenance;

/// Why a callback cannot be settled so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    /// Nothing of it is in doubt.
    #[error("it is {0}, not in doubt")]
    NotInDoubt(&'static str),
    /// Its contact was there before this ledger, for a time that nobody here knows.
    #[error(
        "its contact was on the platform before this ledger, for a time that is not known here, so no text can be \
         sent for it; `sent` and `not-sent` are allowed"
    )]
    TimeUnknown,
}

/// What is told of a contact that a person has found, and that this ledger may not have created.
const FOUND: &str =
    "the contact is there, and an earlier ledger may have created it for another time and sent its text";

/// The entries by which a person's word is kept, or why it cannot be.
pub fn settled(
    id: CallbackId,
    standing: &Standing,
    verdict: Verdict,
    provenance: Provenance,
) -> Result<Vec<Entry>, Unsettled> {
    if !matches!(standing.progress, Progress::ContactDoubted | Progress::TextDoubted) {
        return Err(Unsettled::NotInDoubt(standing.status(standing.run).as_str()));
    }
    let is_timeless = standing.progress == Progress::TextDoubted && standing.dispatch_at.is_none();
    if (standing.code == Some(Code::ContactExisted) || is_timeless) && verdict == Verdict::Retry {
        return Err(Unsettled::TimeUnknown);
    }
    let mut entries = vec![Entry::Settled(verdict, id)];
    if standing.progress == Progress::ContactDoubted && verdict == Verdict::Sent {
        entries.extend(doubt_of_text(standing, provenance));
    }
    Ok(entries)
}

/// The doubt about the text of a contact that a person has found: a run that this ledger does not know of may have
/// created it, and sent its text.
fn doubt_of_text(standing: &Standing, provenance: Provenance) -> Option<Entry> {
    if standing.detail == RESTORED {
        return Some(Entry::TextDoubted(Code::SmsNoAnswer, RESTORED.to_owned()));
    }
    (provenance == Provenance::Unproven).then(|| Entry::TextDoubted(Code::ContactExisted, FOUND.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::RunId;
    use crate::domain::time::Timestamp;

    const RUN: RunId = RunId(uuid::Uuid::nil());
    const ALL: [Verdict; 3] = [Verdict::Sent, Verdict::NotSent, Verdict::Retry];

    fn id() -> CallbackId {
        CallbackId::from_bytes([7; 16])
    }

    fn doubted(progress: Progress, code: Code) -> Standing {
        Standing { progress, code: Some(code), ..Standing::untouched(RUN) }
    }

    #[test]
    fn only_what_is_in_doubt_is_settled() {
        for progress in Progress::ALL {
            let dispatch_at = Some(Timestamp::from_unix(1_795_438_800));
            let standing = Standing { progress, dispatch_at, ..Standing::untouched(RUN) };
            let allowed = ALL.map(|verdict| settled(id(), &standing, verdict, Provenance::Proven).is_ok());
            let in_doubt = matches!(progress, Progress::ContactDoubted | Progress::TextDoubted);
            assert_eq!(allowed, [in_doubt; 3], "{progress:?}");
        }
        let existed = doubted(Progress::TextDoubted, Code::ContactExisted);
        // One of a ledger that was restored from before it had a time.
        let timeless = doubted(Progress::TextDoubted, Code::SmsNoAnswer);
        for standing in [existed, timeless] {
            assert_eq!(
                ALL.map(|verdict| settled(id(), &standing, verdict, Provenance::Proven).is_ok()),
                [true, true, false]
            );
        }
    }

    /// An earlier ledger may have created the contact for another time, and texted that.
    #[test]
    fn a_contact_that_is_found_in_an_unproven_ledger_gets_no_text() {
        let at = Timestamp::from_unix(1_795_438_800);
        let contact = doubted(Progress::ContactDoubted, Code::ContactNoAnswer);
        let mut found = Standing { dispatch_at: Some(at), ..contact };
        for entry in settled(id(), &found, Verdict::Sent, Provenance::Unproven).expect("in doubt") {
            found.apply(&entry, RUN, at).expect("follows");
        }
        assert_eq!((found.progress, found.code), (Progress::TextDoubted, Some(Code::ContactExisted)));
        assert_eq!((found.contact_at, found.dispatch_at), (Some(at), None));
        let again = settled(id(), &found, Verdict::Retry, Provenance::Unproven);
        assert_eq!(again, Err(Unsettled::TimeUnknown));
    }

    #[test]
    fn what_a_person_found_is_there_from_then_on() {
        let at = Timestamp::from_unix(1_795_438_800);
        let after = |mut standing: Standing, verdict| {
            for entry in settled(id(), &standing, verdict, Provenance::Proven).expect("in doubt") {
                standing.apply(&entry, RUN, at).expect("follows");
            }
            standing
        };
        let contact = || doubted(Progress::ContactDoubted, Code::ContactNoAnswer);
        let found = after(contact(), Verdict::Sent);
        assert_eq!((found.contact_id, found.contact_at, found.sms_at), (Some(id().to_string()), Some(at), None));
        let text = Standing { contact_id: Some("c-1".into()), ..doubted(Progress::TextDoubted, Code::SmsNoAnswer) };
        let found = after(text, Verdict::Sent);
        assert_eq!((found.contact_id.as_deref(), found.contact_at, found.sms_at), (Some("c-1"), None, Some(at)));
        let existed = after(doubted(Progress::TextDoubted, Code::ContactExisted), Verdict::Sent);
        assert_eq!((existed.contact_id, existed.code), (Some(id().to_string()), None));
        let restored = after(Standing { detail: RESTORED.into(), ..contact() }, Verdict::Sent);
        assert_eq!((restored.progress, restored.contact_at), (Progress::TextDoubted, Some(at)));
        let owed = after(Standing { detail: RESTORED.into(), ..contact() }, Verdict::Retry);
        assert_eq!(owed.progress, Progress::ContactOwed);
        let not_sent = after(contact(), Verdict::NotSent);
        assert_eq!((not_sent.contact_id, not_sent.code), (None, Some(Code::SettleNotSent)));
    }
}
