//! Rows that are no callbacks: one fault each, of the kinds that exports really have. None harms its neighbours.

use strum::VariantArray;

use super::{
    SampleFormat, SampleSettings,
    random::Random,
    row::{Fields, Quotes, damage},
    when::{self, Spelling},
};

const MINUTE: i64 = 60;

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
enum Damage {
    NoPhone,
    Letters,
    ShortPhone,
    InvalidPhone,
    Encoding,
    ImpossibleDate,
    Words,
    NoOffset,
    Reversed,
    TooShort,
    TooLong,
    NoCampaign,
    /// A record that ends too early.
    Torn,
    /// A quote with more behind it; in JSON, keys without quotes.
    Quote,
}

/// Appends a broken row, without a line end.
pub(super) fn spell(settings: &SampleSettings, number: u64, out: &mut Vec<u8>) {
    let mut random = damage(settings, number);
    let (damage, mut fields) = (random.pick(Damage::VARIANTS), Fields::good(settings, number));
    match damage {
        Damage::NoPhone => fields.phone.clear(),
        Damage::Letters => fields.phone = random.pick(&[&b"unknown"[..], b"anonymous", b"n/a", b"2O2-867-53O9"]).into(),
        Damage::ShortPhone => fields.phone = random.pick(&[&b"8675309"[..], b"911", b"+1202", b"0"]).into(),
        Damage::InvalidPhone => fields.phone = invalid_phone(&mut random),
        Damage::Encoding => fields.phone.insert(fields.phone.len() / 2, 0xff),
        Damage::ImpossibleDate => fields.start.replace_range(5..10, random.pick(&["02-30", "13-01", "11-31", "00-10"])),
        Damage::Words => fields.start = String::from(random.pick(&["tomorrow at 3", "asap", "null", "after lunch"])),
        Damage::NoOffset | Damage::Reversed | Damage::TooShort | Damage::TooLong => {
            bend_window(&mut fields, damage, &mut random);
        }
        Damage::NoCampaign => fields.campaign = "",
        Damage::Torn | Damage::Quote => {}
    }
    match (damage, settings.format) {
        (Damage::Torn, SampleFormat::Csv) => tear_csv(&fields, out),
        (Damage::Torn, SampleFormat::Ndjson) => tear_json(&fields, out),
        (Damage::Quote, SampleFormat::Csv) => misquote_csv(fields, out),
        (Damage::Quote, SampleFormat::Ndjson) => misquote_json(&fields, out),
        (_, format) => fields.spell(format, out),
    }
}

/// A number of the right length whose exchange begins with 1, or whose area code is none.
fn invalid_phone(random: &mut Random) -> Vec<u8> {
    let (exchange, line) = (100 + random.below(100), random.below(10_000));
    let area = random.pick(&["202", "415", "000", "111"]);
    format!("({area}) {exchange}-{line:04}").into_bytes()
}

fn bend_window(fields: &mut Fields, damage: Damage, random: &mut Random) {
    let mut when = fields.when;
    let draw = i64::try_from(random.below(480)).unwrap_or_default();
    if damage == Damage::Reversed {
        std::mem::swap(&mut when.start, &mut when.end);
    } else if damage == Damage::TooShort {
        when.end = when.start + (1 + draw % 59) * MINUTE;
    } else if damage == Damage::TooLong {
        when.end = when.start + (241 + draw) * MINUTE;
    } else {
        when.spelling = Spelling::Clock { behind: 5 };
    }
    fields.start = when::spell(when.start, when.spelling);
    fields.end = when::spell(when.end, when.spelling);
}

fn tear_csv(fields: &Fields, out: &mut Vec<u8>) {
    out.extend_from_slice(fields.call_id.as_bytes());
    out.push(b',');
    out.extend_from_slice(&fields.phone);
    out.push(b',');
    out.extend_from_slice(fields.start.as_bytes());
}

fn tear_json(fields: &Fields, out: &mut Vec<u8>) {
    let begin = out.len();
    fields.spell(SampleFormat::Ndjson, out);
    out.truncate(begin + (out.len() - begin) / 2);
}

/// `"(202) 867-5309"call,…`: the quote is closed on its own line, so that no later row is drawn in.
fn misquote_csv(mut fields: Fields, out: &mut Vec<u8>) {
    fields.phone_quotes = Quotes::Within;
    fields.phone.extend_from_slice(b"\"call");
    let begin = out.len();
    fields.spell(SampleFormat::Csv, out);
    // The quote that closes the field would stand behind the junk; a reader would take it for a second one.
    if let Some(last) = out[begin..].iter().rposition(|&byte| byte == b'"') {
        out.remove(begin + last);
    }
}

fn misquote_json(fields: &Fields, out: &mut Vec<u8>) {
    let mut line = Vec::new();
    fields.spell(SampleFormat::Ndjson, &mut line);
    out.extend(String::from_utf8_lossy(&line).replace("\":", ":").replace(",\"", ",").replace("{\"", "{").bytes());
}
