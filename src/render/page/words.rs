//! What the codes mean, in a few words for people who have never seen one.

use strum::EnumMessage;

use crate::domain::code::Code;
use crate::domain::fault::Fault;

/// A code for a person; nothing where it is none of ours.
pub(super) fn meaning(code: &str) -> &'static str {
    let fault = Fault::ALL.iter().find(|fault| fault.code() == code).and_then(Fault::get_message);
    fault.or_else(|| Code::from_spelling(code)?.get_message()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words() {
        let codes = Code::ALL.iter().map(|code| code.as_str()).chain(Fault::ALL.iter().map(|fault| fault.code()));
        for code in codes {
            assert_ne!(meaning(code), "", "{code}");
        }
    }
}
