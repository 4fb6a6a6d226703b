//! The pending rows whose customers are called all the same, or may be: told before somebody calls them by hand.

use crate::domain::presence::PendingContacts;
use crate::render::surroundings::Commands;

use super::pieces::{Number, Piece, with_commands};

/// Beside the count of pending rows in a sentence: what is there already; nothing where nothing is.
pub(super) fn aside(contacts: PendingContacts) -> Vec<Piece> {
    let [there, perhaps] = counted(contacts);
    let there = there.map(|number| {
        let words = if number.value == 1 { " of them has its contact" } else { " of them have their contact" };
        vec![Piece::number(&number), Piece::text(format!("{words}, the text is owed"))]
    });
    let perhaps = perhaps.map(|number| vec![Piece::number(&number), Piece::text(" may have a contact")]);
    let parts: Vec<Vec<Piece>> = [there, perhaps].into_iter().flatten().collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let semicolon = [Piece::text("; ")];
    [vec![Piece::text(" (")], parts.join(&semicolon[..]), vec![Piece::text(")")]].concat()
}

/// The same in full, with what follows for a person.
pub(super) fn begun(contacts: PendingContacts, commands: &Commands) -> Vec<Piece> {
    let (mut told, [there, perhaps]) = (Vec::new(), counted(contacts));
    if let Some(number) = there {
        let have = if number.value == 1 { "has its contact" } else { "have their contact" };
        told.push(Piece::number(&number));
        told.push(Piece::text(format!(" of them {have} on the platform and will be called: the text is owed. ")));
    }
    if let Some(number) = perhaps {
        told.push(Piece::number(&number));
        told.push(Piece::text(" of them may have a contact: its request left, and no answer is known. "));
    }
    if !told.is_empty() {
        let show = commands.ringback("show ID");
        let words = format!("Whoever calls these by hand calls twice; `{show}` says how each stands.");
        told.extend(with_commands(&words));
    }
    told
}

/// How many have their contact, and how many may have one; nothing where none has.
fn counted(contacts: PendingContacts) -> [Option<Number>; 2] {
    let PendingContacts { there, perhaps } = contacts;
    let number = |value, name| (value > 0).then(|| Number { value, is: format!("/pending_contacts/{name}") });
    [number(there, "there"), number(perhaps, "perhaps")]
}
