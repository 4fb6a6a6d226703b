//! One input record as it was read: the fields that are needed, still in the words of the file.

use std::borrow::Cow;

use strum::VariantArray;

use super::fault::Fault;

/// A field's bytes, borrowed from the input wherever it stands there as it is meant.
pub type Text<'a> = Cow<'a, [u8]>;

/// The fields of a record that ringback looks at. `None` where the record has no such field.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RawFields<'a> {
    /// `phoneNumber`.
    pub phone: Option<Text<'a>>,
    /// `requestedStart`.
    pub start: Option<Text<'a>>,
    /// `requestedEnd`.
    pub end: Option<Text<'a>>,
    /// `campaignId`.
    pub campaign: Option<Text<'a>>,
    /// `language`.
    pub language: Option<Text<'a>>,
    /// `id`, carried through for the reader.
    pub id: Option<Text<'a>>,
    /// The fields in which no text and no number stands, and what stands there instead: `an object`.
    pub unfit: Vec<(Field, &'static str)>,
}

impl<'a> RawFields<'a> {
    /// What stands in a field.
    #[must_use]
    pub fn at(&self, field: Field) -> Option<&Text<'a>> {
        match field {
            Field::Phone => self.phone.as_ref(),
            Field::Start => self.start.as_ref(),
            Field::End => self.end.as_ref(),
            Field::Campaign => self.campaign.as_ref(),
            Field::Language => self.language.as_ref(),
            Field::Id => self.id.as_ref(),
        }
    }

    /// The place of a field.
    pub fn slot(&mut self, field: Field) -> &mut Option<Text<'a>> {
        match field {
            Field::Phone => &mut self.phone,
            Field::Start => &mut self.start,
            Field::End => &mut self.end,
            Field::Campaign => &mut self.campaign,
            Field::Language => &mut self.language,
            Field::Id => &mut self.id,
        }
    }
}

/// One input record of which nothing has to be said: all that is in its fields stands in the input as it is meant.
#[derive(Clone, Copy, Debug)]
pub struct PlainRow<'a> {
    /// The physical line on which it begins, 1 for the first of the input.
    pub line: u64,
    /// Its bytes without the line end.
    pub raw: &'a [u8],
    /// What stands in the fields, in the order of [`Field::ALL`]; `None` where the record has no such field.
    pub fields: [Option<&'a [u8]>; Field::ALL.len()],
}

impl<'a> PlainRow<'a> {
    /// What stands in a field.
    #[must_use]
    pub fn at(&self, field: Field) -> Option<&'a [u8]> {
        self.fields[field as usize]
    }
}

/// A field that ringback looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, VariantArray)]
pub enum Field {
    /// Whom to call.
    Phone,
    /// Where the window begins.
    Start,
    /// Where the window ends.
    End,
    /// Which campaign dials.
    Campaign,
    /// In which language to confirm.
    Language,
    /// The input's own name for the record.
    Id,
}

/// Longer than any name of a field without its spaces, `-` and `_`.
const FOLDED_BYTES_MAX: usize = 16;

impl Field {
    /// Every field, in the order in which they are listed.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The names under which inputs may carry the field, its own name first.
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Phone => &["phoneNumber", "phone_number", "phone", "callback_number"],
            Self::Start => &["requestedStart", "requested_start", "window_start"],
            Self::End => &["requestedEnd", "requested_end", "window_end"],
            Self::Campaign => &["campaignId", "campaign_id", "campaign"],
            Self::Language => &["language", "lang", "locale"],
            Self::Id => &["id", "record_id", "call_id"],
        }
    }

    /// The field's own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Whether an input without this field is of no use.
    #[must_use]
    pub fn is_required(self) -> bool {
        !matches!(self, Self::Language | Self::Id)
    }

    /// The field that goes by this name, whatever its case, spaces, `-` and `_`.
    #[must_use]
    pub fn of_name(name: &[u8]) -> Option<Self> {
        let mut folded = [0; FOLDED_BYTES_MAX];
        let mut length = 0;
        for byte in folded_bytes(name) {
            *folded.get_mut(length)? = byte;
            length += 1;
        }
        match &folded[..length] {
            b"phonenumber" | b"phone" | b"callbacknumber" => Some(Self::Phone),
            b"requestedstart" | b"windowstart" => Some(Self::Start),
            b"requestedend" | b"windowend" => Some(Self::End),
            b"campaignid" | b"campaign" => Some(Self::Campaign),
            b"language" | b"lang" | b"locale" => Some(Self::Language),
            b"id" | b"recordid" | b"callid" => Some(Self::Id),
            _ => None,
        }
    }
}

/// Whether two names are one but for case, spaces, `-` and `_`.
#[must_use]
pub fn same_name(one: &[u8], other: &[u8]) -> bool {
    folded_bytes(one).eq(folded_bytes(other))
}

/// A name's bytes in lower case, without spaces, `-` and `_`.
pub fn folded_bytes(name: &[u8]) -> impl Iterator<Item = u8> {
    let told = |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'-' | b'_');
    name.iter().copied().filter(told).map(|byte| byte.to_ascii_lowercase())
}

/// Why a record could not be taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// One of the `row.` faults.
    pub fault: Fault,
    /// What is wrong, for a person.
    pub detail: String,
}

/// Whether a record could be taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Into its fields.
    #[default]
    Parsed,
    /// It could not; what is kept of it is its beginning.
    Broken,
}

/// One input record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow<'a> {
    /// The physical line on which it begins, 1 for the first of the input.
    pub line: u64,
    /// Its bytes without the line end; of a record that was too long, the beginning.
    pub raw: &'a [u8],
    /// Its fields, or why there are none.
    pub fields: Result<RawFields<'a>, Broken>,
}

impl RawRow<'_> {
    /// Whether it could be taken apart.
    #[must_use]
    pub fn shape(&self) -> Shape {
        if self.fields.is_ok() { Shape::Parsed } else { Shape::Broken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_goes_by_its_names_however_they_are_written() {
        for &field in Field::ALL {
            for name in field.names() {
                assert_eq!(Field::of_name(name.as_bytes()), Some(field), "{name}");
                assert_eq!(Field::of_name(name.to_uppercase().as_bytes()), Some(field), "{name}");
            }
        }
        for (name, field) in [
            ("Phone Number", Some(Field::Phone)),
            (" requested-START ", Some(Field::Start)),
            ("WINDOW_END", Some(Field::End)),
            ("phoneNumbers", None),
            ("", None),
            ("a name that is longer than any of ours", None),
        ] {
            assert_eq!(Field::of_name(name.as_bytes()), field, "{name}");
        }
    }
}
