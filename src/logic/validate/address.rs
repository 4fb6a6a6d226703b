//! The address around a number: `tel:` (RFC 3966) and `sip:` (RFC 3261), as switches and IVRs write them.
//!
//! What stands around the number is taken off only where it is known for what it is: whatever else follows
//! a number may be a second one, and none is dropped in silence.

use super::extension;

/// What a text is that only looks like an address.
const NO_ADDRESS: &str = "is not a phone number: what stands around it is no tel or sip address";

/// What follows a number behind a `;` that no address has.
const NO_PARAMETER: &str = "is not one phone number: what follows the ; is no parameter of a number";

/// Digits of an extension that is called one by its parameter, as libphonenumber has it.
const EXTENSION_DIGITS_MAX: usize = 20;

/// The parameters of a number that do not change whose it is: those of RFC 3966 and of its registry at IANA.
const PARAMETERS: [&str; 14] = [
    "isub",
    "isub-encoding",
    "cic",
    "cic-context",
    "rn",
    "rn-context",
    "npdi",
    "enumdi",
    "tgrp",
    "trunk-context",
    "premium-rate",
    "verstat",
    "postd",
    "user",
];

/// The number in an address, with its parameters; a text without a scheme is its own number.
pub(super) fn number(text: &str) -> Result<&str, &'static str> {
    let address = match text.strip_prefix('<').map(|inner| inner.split_once('>')) {
        None => text,
        Some(Some((address, behind))) if is_tail(behind) => address,
        Some(_) => return Err(NO_ADDRESS),
    };
    if let Some(number) = behind_scheme(address, "tel:") {
        return Ok(number);
    }
    let Some(user_and_host) = behind_scheme(address, "sip:").or_else(|| behind_scheme(address, "sips:")) else {
        return Ok(address);
    };
    match user_and_host.split_once('@') {
        Some((user, host)) if is_host(host) => Ok(user),
        Some(_) | None => Err(NO_ADDRESS),
    }
}

fn behind_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Whether a text is a host, perhaps with a port, parameters and headers, and not the next address.
fn is_host(text: &str) -> bool {
    let (host, behind) = text.split_at(text.find([';', '?']).unwrap_or(text.len()));
    let in_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    !host.is_empty() && host.chars().all(in_host) && (behind.starts_with('?') || is_tail(behind)) && is_opaque(behind)
}

/// Whether a text is nothing, or parameters of an address: each with a name in front.
fn is_tail(text: &str) -> bool {
    let named = |parameter: &str| parameter.starts_with(|c: char| c.is_ascii_alphabetic());
    let mut parts = text.split(';');
    parts.next() == Some("") && parts.all(named) && is_opaque(text)
}

/// Whether a text can stand behind an address without holding another.
fn is_opaque(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '@' | ',' | '<' | '>' | '"'))
}

/// A number without its parameters, and the context in which it holds, where it names one.
pub(super) fn without_parameters(text: &str) -> Result<(&str, Option<&str>), &'static str> {
    let mut parts = text.split(';');
    let number = parts.next().unwrap_or_default();
    let mut context = None;
    for parameter in parts.map(str::trim).filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.to_ascii_lowercase();
        let is_extension = value.is_empty() || (1..=EXTENSION_DIGITS_MAX).contains(&extension::digits(value));
        match name.as_str() {
            "phone-context" => context = Some(value),
            "ext" if is_extension => {}
            known if PARAMETERS.contains(&known) => {}
            _ => return Err(NO_PARAMETER),
        }
    }
    Ok((number, context))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_address_is_found() {
        for (text, expected) in [
            ("202 555 0198", Some("202 555 0198")),
            ("tel:+1-202-555-0198;ext=5", Some("+1-202-555-0198;ext=5")),
            ("<tel:+12025550198>", Some("+12025550198")),
            ("sip:2025550198@x.com", Some("2025550198")),
            ("SIPS:2025550198;ext=5@[::1]:5061;transport=tls;lr", Some("2025550198;ext=5")),
            ("<sip:+12025550198@10.0.0.1>;tag=1", Some("+12025550198")),
            ("sip:2025550198@x.com?subject=callback", Some("2025550198")),
            ("sip:192.168.10.110", None),
            ("sip:2025550198@", None),
            ("sip:2025550198@x.com,sip:2025550199@x.com", None),
            ("sip:2025550198@x.com;sip:2025550199@x.com", None),
            ("sip:2025550198@x.com;2025550199", None),
            ("sip:2025550198@x.com 2025550199", None),
            ("<sip:2025550198@x.com> 2025550199", None),
            ("<sip:2025550198@x.com>;2025550199", None),
            ("<sip:2025550198@x.com", None),
        ] {
            assert_eq!(number(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn parameters_are_known_by_their_names() {
        for (text, expected) in [
            ("2025550198", Some(("2025550198", None))),
            ("2025550198;", Some(("2025550198", None))),
            ("2025550198;ext=12345678901234567890", Some(("2025550198", None))),
            ("2025550198;EXT=12; isub=7;npdi", Some(("2025550198", None))),
            ("555-0198;isub=1;phone-context=+1-202", Some(("555-0198", Some("+1-202")))),
            ("2025550198;2025550199", None),
            ("2025550198; 5550199", None),
            ("2025550198;ext=123456789012345678901", None),
            ("2025550198;ext=five", None),
            ("2025550198;home=2025550199", None),
        ] {
            assert_eq!(without_parameters(text).ok(), expected, "{text}");
        }
    }
}
