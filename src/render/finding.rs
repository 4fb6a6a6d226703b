//! What each finding of a comparison means and what to do, in a sentence.

use crate::domain::phone::E164;
use crate::domain::time::Timestamp;
use crate::logic::reconcile::contact::{Contact, Contacts};
use crate::logic::reconcile::finding::{About, Finding, How, Kind};
use crate::logic::reconcile::known::{Expected, Known};

use super::advice::{Advice, Doubtful, Gain};
use super::surroundings::{Commands, Onward};

/// The sentence of a finding, with what could not be read of its contact; empty where there is nothing to say.
pub(super) fn words(about: &About, finding: &Finding, (contacts, commands): (&Contacts, &Commands)) -> String {
    let contact = finding.contact.map(|(place, how)| (&contacts.all()[place], how));
    let sentence = match about {
        About::Callback(known, _) => of_callback(known, (finding.kind, contact), (contacts, commands)),
        About::Row(_) => of_row((finding.kind, contact), commands),
        About::Contact => stranger(contact.map(|(contact, _)| contact)).to_owned(),
        About::Unread(_, why) => {
            format!("not a contact: {why}; mend the export, for whatever stands here agrees with nothing")
        }
    };
    let fault = contact.map_or("", |(contact, _)| contacts.fault(contact));
    if fault.is_empty() || matches!(finding.kind, Kind::Matched | Kind::NotInInput) {
        return sentence;
    }
    format!("{sentence} ({fault})")
}

fn of_callback(
    known: &Known,
    (kind, contact): (Kind, Option<(&Contact, How)>),
    (contacts, commands): (&Contacts, &Commands),
) -> String {
    let how = contact.map_or(How::Id, |(_, how)| how);
    let status = known.status.as_str();
    match kind {
        Kind::Matched => matched(known, how, commands),
        Kind::MissingOnPlatform => format!(
            "the ledger holds it as {status}, and the platform's export has no contact for it: look it up there; where \
             it is gone, nobody calls this customer unless a person sees to it"
        ),
        Kind::MissingInLedger => format!(
            "the platform has this contact, and the ledger holds it as {status}, not created: find out who created it"
        ),
        Kind::NotInInput => format!(
            "the ledger holds it as {status}, and no input has it: give the input of its night too, or ask where its \
             row is"
        ),
        Kind::TwiceOnPlatform => twice(how).to_owned(),
        Kind::InDoubtFound => {
            let under = if how == How::Window { " under another id" } else { "" };
            let advice = Advice::Settle(Doubtful::Found(known.id)).told(commands);
            format!("the contact is there{under}: {advice}")
        }
        Kind::InDoubtAbsent => {
            let advice = Advice::Settle(Doubtful::Absent(known.id)).told(commands);
            format!("the export has no contact for it: {advice}")
        }
        Kind::TimeDiffers | Kind::PhoneDiffers | Kind::CampaignDiffers => {
            contact.map_or_else(String::new, |(contact, _)| difference(kind, known, (contact, contacts)))
        }
        Kind::Unreadable => String::new(),
    }
}

fn matched(known: &Known, how: How, commands: &Commands) -> String {
    match (known.expected(), how) {
        (Expected::Open, _) => {
            let advice = Advice::GoOn(Onward::Resume, Gain::Request).told(commands);
            format!("the ledger waits for the answer to its request: {advice}")
        }
        (Expected::Created, How::Id) if known.dispatch_at.is_none() => {
            "it was there before this ledger, which does not know its time: the platform's counts, leave it as it is"
                .to_owned()
        }
        (_, How::Window) => "found by phone and window: the ledger does not know this id".to_owned(),
        (_, How::Id) => String::new(),
    }
}

/// Of a row that no run has taken up.
fn of_row((kind, contact): (Kind, Option<(&Contact, How)>), commands: &Commands) -> String {
    match contact {
        Some((_, how)) if kind == Kind::TwiceOnPlatform => twice(how).to_owned(),
        Some(_) => "the platform has a contact for this row, and the ledger knows neither: name with --ledger the one \
                    that was used, or find out who created it; a run with this row would text nobody"
            .to_owned(),
        None => format!(
            "no run has taken this row up, and the platform has no contact for it: `{}` with its input does it",
            commands.run()
        ),
    }
}

fn stranger(contact: Option<&Contact>) -> &'static str {
    if contact.is_some_and(|contact| contact.key.is_empty()) {
        "neither ledger nor inputs have a callback for this contact, which has no id"
    } else {
        "neither ledger nor inputs have a callback for this contact: somebody else created it, or the export holds \
         more than ringback's contacts"
    }
}

fn twice(how: How) -> &'static str {
    match how {
        How::Id => "the export has its id once more: where the platform has two such contacts, a person deletes one",
        How::Window => {
            "one more contact for its phone, campaign and window: the customer is called twice unless a person deletes \
             one"
        }
    }
}

/// In what a contact differs from its callback. What could not be read of it differs too: nobody knows that it agrees.
fn difference(kind: Kind, known: &Known, (contact, contacts): (&Contact, &Contacts)) -> String {
    let campaign = contacts.campaign(contact);
    let (ours, theirs, so) = if kind == Kind::PhoneDiffers {
        let theirs = contact.phone.map(E164::reveal).ok_or("whose number cannot be read: look there whom it calls");
        (known.phone.reveal(), theirs, "somebody else would be called; mend the contact")
    } else if kind == Kind::CampaignDiffers {
        let theirs = Some(campaign.to_owned()).filter(|campaign| !campaign.is_empty());
        let theirs = theirs.ok_or("whose campaign cannot be read: look there who calls");
        (known.campaign.to_string(), theirs, "other agents would call, in other hours; mend the contact")
    } else {
        let ours = known.dispatch_at.map_or_else(|| "no time".to_owned(), Timestamp::rfc3339);
        let theirs = contact.at.map(Timestamp::rfc3339).ok_or("whose time cannot be read: look there when it dials");
        (ours, theirs, "the customer's text names the ledger's time; move the contact, or tell the customer")
    };
    match theirs {
        Ok(theirs) => format!("the ledger has {ours}, the platform {theirs}: {so}"),
        Err(unread) => format!("the ledger has {ours}, the platform a contact {unread}"),
    }
}
