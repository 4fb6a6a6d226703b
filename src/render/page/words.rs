//! What the codes mean, in a few words for people who have never seen one.

/// A code for a person; nothing where it is none of ours.
pub(super) fn meaning(code: &str) -> &'static str {
    match code {
        "phone.missing" => "no phone number stands there",
        "phone.unparseable" => "what stands there cannot be a phone number",
        "phone.invalid" => "a phone number that nobody can have",
        "time.missing" => "a time is missing",
        "time.unparseable" => "a time in no known shape, or no real date",
        "time.no_offset" => "a time without an offset, and no time zone is set",
        "time.nonexistent" => "a local time that the clocks skipped",
        "time.ambiguous" => "a local time that the clocks showed twice",
        "window.reversed" => "the window ends before it begins",
        "window.too_short" => "the window is too narrow",
        "window.too_long" => "the window is too wide",
        "window.outside_hours" => "the campaign is never open in the window",
        "campaign.missing" => "no campaign is named",
        "row.malformed" => "the record cannot be taken apart",
        "row.encoding" => "a field that is needed is not UTF-8",
        "row.too_long" => "the record, or a field of it, is too long",
        "window.past" => "no dispatch time was left in the window",
        "forecast.empty" => "no forecast covers the window",
        "forecast.no_agents" => "the forecast has no agents in the window",
        "platform.refused" => "the platform refused it",
        "platform.unavailable" => "the platform could not do it in time",
        "contact.no_answer" => "the contact's request left, and no answer is known",
        "contact.existed" => "the contact was on the platform before",
        "sms.refused" => "the platform refused the text",
        "sms.disabled" => "texts are switched off",
        "sms.no_answer" => "the text's request left, and no answer is known",
        "sms.too_late" => "the text would have come after the call",
        "sms.quiet_hours" => "the text waits for texting hours",
        "settle.not_sent" => "a person found that it was not sent",
        "run.limit" => "beyond --limit",
        "run.deadline" => "--max-duration was over",
        "run.stopped" => "the run was stopped first",
        "run.late" => "the run could not reach it in time",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Code;
    use crate::domain::fault::Fault;

    #[test]
    fn every_code_has_words() {
        let codes = Code::ALL.iter().map(|code| code.as_str()).chain(Fault::ALL.iter().map(|fault| fault.code()));
        for code in codes {
            assert_ne!(meaning(code), "", "{code}");
        }
    }
}
