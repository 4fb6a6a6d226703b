//! What each finding means and what to do, in a sentence.

use std::borrow::Cow;

use crate::domain::phone::E164;
use crate::domain::time::Timestamp;

use super::contact::{Contact, Contacts};
use super::finding::Kind;
use super::known::{Expected, Known};

/// A sentence.
pub(super) type Words = Cow<'static, str>;

/// How the contact of a callback was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// By its id.
    Id,
    /// By phone, campaign and window.
    Window,
}

/// Of a row that no run has taken up.
pub(super) const NEVER_RUN: &str =
    "no run has taken this row up, and the platform has no contact for it: `ringback run` with its input does it";

/// Of a row whose contact is there, though the ledger does not know it.
pub(super) const UNKNOWN_ROW: &str = "the platform has a contact for this row, and the ledger knows neither: name with --ledger the one that was used, \
     or find out who created it; a run with this row would text nobody";

pub(super) fn matched(known: &Known, how: How) -> Words {
    match (known.expected(), how) {
        (Expected::Open, _) => "the ledger waits for the answer to its request: `ringback resume` finishes it".into(),
        (Expected::Created, How::Id) if known.dispatch_at.is_none() => {
            "it was there before this ledger, which does not know its time: the platform's counts, leave it as it is"
                .into()
        }
        (_, How::Window) => "found by phone and window: the ledger does not know this id".into(),
        (_, How::Id) => "".into(),
    }
}

pub(super) fn missing(known: &Known) -> Words {
    let status = known.status();
    format!(
        "the ledger holds it as {status}, and the platform's export has no contact for it: look it up there; where it \
         is gone, nobody calls this customer unless a person sees to it"
    )
    .into()
}

pub(super) fn never_created(known: &Known) -> Words {
    let status = known.status();
    format!("the platform has this contact, and the ledger holds it as {status}, not created: find out who created it")
        .into()
}

pub(super) fn stranger(contact: &Contact) -> Words {
    if contact.key.is_empty() {
        return "neither ledger nor inputs have a callback for this contact, which has no id".into();
    }
    "neither ledger nor inputs have a callback for this contact: somebody else created it, or the export holds more \
     than ringback's contacts"
        .into()
}

pub(super) fn unread(why: &str) -> Words {
    format!("not a contact: {why}; mend the export, for whatever stands here agrees with nothing").into()
}

pub(super) fn not_in_input(known: &Known) -> Words {
    let status = known.status();
    format!(
        "the ledger holds it as {status}, and no input has it: give the input of its night too, or ask where its row is"
    )
    .into()
}

pub(super) fn twice(how: How) -> Words {
    match how {
        How::Id => {
            "the export has its id once more: where the platform has two such contacts, a person deletes one".into()
        }
        How::Window => "one more contact for its phone, campaign and window: the customer is called twice unless \
                        a person deletes one"
            .into(),
    }
}

pub(super) fn found(known: &Known, how: How) -> Words {
    let id = known.id.reference();
    let under = match how {
        How::Id => "",
        How::Window => " under another id",
    };
    format!("the contact is there{under}: `ringback settle {id} --as sent`, or --settle here").into()
}

pub(super) fn absent(known: &Known) -> Words {
    let id = known.id.reference();
    format!(
        "the export has no contact for it: look whether the export is whole; then `ringback settle {id} --as not-sent` \
         or `--as retry`, or --settle here"
    )
    .into()
}

/// In what a contact differs from its callback. What could not be read of it differs too: nobody knows that it agrees.
pub(super) fn difference(kind: Kind, known: &Known, (contact, contacts): (&Contact, &Contacts)) -> Words {
    let campaign = contacts.campaign(contact);
    let (ours, theirs, so) = match kind {
        Kind::PhoneDiffers => (
            known.phone.reveal(),
            contact.phone.map(E164::reveal).ok_or("whose number cannot be read: look there whom it calls"),
            "somebody else would be called; mend the contact",
        ),
        Kind::CampaignDiffers => (
            known.campaign.to_string(),
            Some(campaign.to_owned())
                .filter(|campaign| !campaign.is_empty())
                .ok_or("whose campaign cannot be read: look there who calls"),
            "other agents would call, in other hours; mend the contact",
        ),
        Kind::TimeDiffers
        | Kind::Matched
        | Kind::MissingOnPlatform
        | Kind::MissingInLedger
        | Kind::NotInInput
        | Kind::TwiceOnPlatform
        | Kind::InDoubtFound
        | Kind::InDoubtAbsent
        | Kind::Unreadable => (
            known.dispatch_at.map_or_else(|| "no time".to_owned(), Timestamp::rfc3339),
            contact.at.map(Timestamp::rfc3339).ok_or("whose time cannot be read: look there when it dials"),
            "the customer's text names the ledger's time; move the contact, or tell the customer",
        ),
    };
    match theirs {
        Ok(theirs) => format!("the ledger has {ours}, the platform {theirs}: {so}").into(),
        Err(unread) => format!("the ledger has {ours}, the platform a contact {unread}").into(),
    }
}
