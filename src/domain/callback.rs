//! One validated preference, and the names it goes by.

use std::fmt;

use sha1::{Digest, Sha1};
use uuid::fmt::Hyphenated;
use uuid::{Builder, Uuid};

use super::interned::{CampaignNo, LanguageNo};
use super::phone::{E164, SpelledPhone};
use super::time::{SpelledTime, Timestamp};
use super::window::Window;

/// Where a record stands: which input, and the physical line on which it begins, 1 for the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowNumber(u64);

const LINE_BITS: u32 = 48;

impl RowNumber {
    /// The row at a line of an input; inputs are counted from 0.
    #[must_use]
    pub fn new(input: u16, line: u64) -> Self {
        Self((u64::from(input) << LINE_BITS) | (line & ((1 << LINE_BITS) - 1)))
    }

    /// Which input, counted from 0.
    #[must_use]
    pub fn input(self) -> u16 {
        u16::try_from(self.0 >> LINE_BITS).unwrap_or(u16::MAX)
    }

    /// The physical line, 1 for the first.
    #[must_use]
    pub fn line(self) -> u64 {
        self.0 & ((1 << LINE_BITS) - 1)
    }
}

/// One validated preference: phone, window, campaign, language. 40 bytes, for there may be millions;
/// the window's two halves stand apart because together they would be padded.
#[derive(Clone, Copy, Debug)]
pub struct Callback {
    /// Who is to be called.
    pub phone: E164,
    /// Where it came from.
    pub row: RowNumber,
    start: Timestamp,
    width: u32,
    /// By which campaign.
    pub campaign: CampaignNo,
    /// In which language.
    pub language: LanguageNo,
    /// Minutes that the row's own clock is ahead of UTC: the zone of last resort for the text.
    pub offset_minutes: i16,
}

impl Callback {
    /// A callback in the campaign, language and offset that a row was judged to have.
    #[must_use]
    pub fn new(phone: E164, window: Window, row: RowNumber) -> Self {
        let (start, width) = (window.start(), window.width());
        Self { phone, row, start, width, campaign: CampaignNo(0), language: LanguageNo(0), offset_minutes: 0 }
    }

    /// When the customer wants to be called.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::with_width(self.start, self.width)
    }
}

/// The namespace of callback ids: UUIDv5 of the URL namespace and `urn:ringback:callback:v1`.
const NAMESPACE: Uuid = Uuid::from_u128(0x41b0_9b91_3c20_591c_8ceb_64eb_7763_bff0);

/// Of what is hashed, all that stands in front of the campaign: namespace, phone, both times, and an LF behind each.
const HEAD_BYTES_MAX: usize = 16 + 16 + 43;

/// The business key, sent as `contactId`: the same phone, campaign and window give the same id, in
/// whatever file, format, zone spelling or run they come again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallbackId(Uuid);

impl CallbackId {
    /// The id of a callback: UUIDv5 of E.164, start, end and campaign, joined by LF.
    #[must_use]
    pub fn of(phone: E164, window: Window, campaign: &str) -> Self {
        let times = SpelledTime::both(window.start(), window.end());
        Self::of_spelled(&phone.spelled(), &times, campaign)
    }

    /// The same, where phone, start and end are spelled already.
    #[must_use]
    pub fn of_spelled(phone: &SpelledPhone, [start, end]: &[SpelledTime; 2], campaign: &str) -> Self {
        let (phone, mut head) = (phone.as_bytes(), [b'\n'; HEAD_BYTES_MAX]);
        head[..16].copy_from_slice(NAMESPACE.as_bytes());
        head[16..16 + phone.len()].copy_from_slice(phone);
        let times = &mut head[17 + phone.len()..];
        times[..20].copy_from_slice(start.as_bytes());
        times[21..41].copy_from_slice(end.as_bytes());
        let mut hash = Sha1::new();
        hash.update(&head[..16 + phone.len() + 43]);
        hash.update(campaign.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Self(Builder::from_sha1_bytes(bytes).into_uuid())
    }

    /// The id as files carry it, in ASCII: lower case, with its hyphens.
    #[must_use]
    pub fn spelled(&self) -> [u8; Hyphenated::LENGTH] {
        spelled(self.0)
    }

    /// The id in its 16 bytes, as the ledger keeps it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that these 16 bytes are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The first 8 characters: the reference a customer is given.
    #[must_use]
    pub fn reference(self) -> String {
        let mut text = self.to_string();
        text.truncate(8);
        text
    }
}

fn spelled(id: Uuid) -> [u8; Hyphenated::LENGTH] {
    let mut text = [0; Hyphenated::LENGTH];
    id.hyphenated().encode_lower(&mut text);
    text
}

impl fmt::Display for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One invocation of `run` or `resume`: a UUIDv7, so that runs sort by their beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub Uuid);

impl RunId {
    /// The id as files carry it, in ASCII: lower case, with its hyphens.
    #[must_use]
    pub fn spelled(&self) -> [u8; Hyphenated::LENGTH] {
        spelled(self.0)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(start: i64, end: i64) -> Window {
        Window::new(Timestamp::from_unix(start), Timestamp::from_unix(end)).expect("a window")
    }

    #[test]
    fn the_id_is_the_published_one_to_the_byte() {
        let phone = E164::from_canonical("+12025550198").expect("a number");
        let id = CallbackId::of(phone, window(1_795_438_800, 1_795_446_000), "a1b2");
        assert_eq!(id.to_string(), "194c33ee-72c2-591b-92ab-b071e07b2a7f");
        assert_eq!(id.reference(), "194c33ee");
        let spelled = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"urn:ringback:callback:v1");
        assert_eq!(NAMESPACE, spelled);
    }

    #[test]
    fn a_row_number_keeps_input_and_line() {
        let row = RowNumber::new(513, 9_876_543_210);
        assert_eq!((row.input(), row.line()), (513, 9_876_543_210));
        assert!(RowNumber::new(1, 1) > RowNumber::new(0, u64::from(u32::MAX)));
    }

    #[test]
    fn a_callback_is_small() {
        assert!(size_of::<Callback>() <= 40, "{}", size_of::<Callback>());
    }

    proptest! {
        #[test]
        fn an_id_is_the_uuid_of_its_name(
            digits in 1_000_000_u64..=999_999_999_999_999,
            start in -62_167_219_200..=253_402_214_399_i64,
            width in 1_i64..=86_400,
            campaign in ".{0,90}",
        ) {
            let (phone, window) = (E164::from_digits(digits).expect("a number"), window(start, start + width));
            let (begins, ends) = (window.start().rfc3339(), window.end().rfc3339());
            let name = format!("{}\n{begins}\n{ends}\n{campaign}", phone.reveal());
            let (id, uuid) = (CallbackId::of(phone, window, &campaign), Uuid::new_v5(&NAMESPACE, name.as_bytes()));
            prop_assert_eq!(id.as_bytes(), uuid.as_bytes());
            prop_assert_eq!(id.spelled().map(char::from).iter().collect::<String>(), uuid.to_string());
        }
    }
}
