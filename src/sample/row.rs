//! One row: what it is, and how it is written.

use std::io::Write;

use super::{SampleFormat, SampleSettings, broken, phone, random::Random, when};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A callback that no other good row holds.
    Good,
    /// The same bytes as an earlier good row.
    Repeat {
        /// The number of that row, the first being 0.
        of: u64,
    },
    /// No callback.
    Broken,
}

/// Rows in a thousand that repeat an earlier one.
const REPEATS_PER_MILLE: u64 = 10;

/// Campaigns, the busy ones twice.
const CAMPAIGNS: [&str; 8] = [
    "billing-east",
    "billing-east",
    "sales-west",
    "sales-west",
    "support-es",
    "renewals",
    "7d0c2f5e-31c4-4b7e-9a55-0f6be2a4c913",
    "c2b1a9d4-88e0-4e0e-b7a7-5d0f3c6a1e20",
];

const LANGUAGES: [&str; 12] =
    ["en-US", "en-US", "en-US", "en-US", "en-US", "en-US", "es-MX", "es-MX", "es-MX", "fr-CA", "en", "zh-Hans"];

/// Without a language: two in a hundred.
const NO_LANGUAGE_PER_MILLE: u64 = 20;

/// What a row draws, before it is known whether a good row stands above it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lot {
    Good,
    Repeat,
    Broken,
}

/// Streams of numbers that do not touch.
const LOT: u64 = 1;
const FIELDS: u64 = 2;
const DAMAGE: u64 = 3;

/// What the row with this number is.
pub(super) fn kind(settings: &SampleSettings, number: u64) -> Kind {
    match lot(settings, number) {
        Lot::Good => Kind::Good,
        Lot::Broken => Kind::Broken,
        Lot::Repeat => {
            let from = Random::of(settings.seed, number, DAMAGE).below(number + 1);
            let earlier = (0..from).rev().find(|&earlier| lot(settings, earlier) == Lot::Good);
            earlier.map_or(Kind::Good, |of| Kind::Repeat { of })
        }
    }
}

fn lot(settings: &SampleSettings, number: u64) -> Lot {
    let mut random = Random::of(settings.seed, number, LOT);
    if settings.broken_percent <= 0.0 {
        Lot::Good
    } else if random.fraction() * 100.0 < settings.broken_percent {
        Lot::Broken
    } else if random.chance(REPEATS_PER_MILLE) {
        Lot::Repeat
    } else {
        Lot::Good
    }
}

/// Appends the row with this number, its line end included.
pub(super) fn spell(settings: &SampleSettings, number: u64, out: &mut Vec<u8>) {
    match kind(settings, number) {
        Kind::Good => Fields::good(settings, number).spell(settings.format, out),
        Kind::Repeat { of } => Fields::good(settings, of).spell(settings.format, out),
        Kind::Broken => broken::spell(settings, number, out),
    }
    out.push(b'\n');
}

/// Whether a field of a CSV stands in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Without,
    Within,
}

/// The fields of a row, as they are written. None holds a quote, a comma or a line break.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) call_id: String,
    pub(super) phone: Vec<u8>,
    pub(super) phone_quotes: Quotes,
    pub(super) when: when::When,
    pub(super) start: String,
    pub(super) end: String,
    pub(super) campaign: &'static str,
    pub(super) language: &'static str,
}

impl Fields {
    /// The fields of the row with this number, all of them good.
    pub(super) fn good(settings: &SampleSettings, number: u64) -> Self {
        let mut random = Random::of(settings.seed, number, FIELDS);
        let of_row = phone::of_row(settings.seed, number, &mut random);
        let mut phone = Vec::with_capacity(24);
        phone::spell(of_row, &mut random, &mut phone);
        let when = when::draw(settings.now, &mut random);
        let quoted = phone.starts_with(b"(") && random.chance(300);
        Self {
            call_id: format!("ivr-{number:08}"),
            phone,
            phone_quotes: if quoted { Quotes::Within } else { Quotes::Without },
            when,
            start: when::spell(when.start, when.spelling),
            end: when::spell(when.end, when.spelling),
            campaign: random.pick(&CAMPAIGNS),
            language: if random.chance(NO_LANGUAGE_PER_MILLE) { "" } else { random.pick(&LANGUAGES) },
        }
    }

    /// Appends the fields in the format, without a line end.
    pub(super) fn spell(&self, format: SampleFormat, out: &mut Vec<u8>) {
        match format {
            SampleFormat::Csv => self.spell_csv(out),
            SampleFormat::Ndjson => self.spell_ndjson(out),
        }
    }

    fn spell_csv(&self, out: &mut Vec<u8>) {
        let quote: &[u8] = if self.phone_quotes == Quotes::Within { b"\"" } else { b"" };
        out.extend_from_slice(self.call_id.as_bytes());
        out.push(b',');
        for part in [quote, &self.phone, quote] {
            out.extend_from_slice(part);
        }
        for field in [&self.start, &self.end, self.campaign, self.language] {
            out.push(b',');
            out.extend_from_slice(field.as_bytes());
        }
    }

    fn spell_ndjson(&self, out: &mut Vec<u8>) {
        let [call_id, phone, start, end, campaign, language] = super::COLUMNS;
        let Self { call_id: id, start: first, end: last, campaign: dialled_by, language: spoken, .. } = self;
        out.extend_from_slice(format!(r#"{{"{call_id}":"{id}","{phone}":""#).as_bytes());
        out.extend_from_slice(&self.phone);
        // Writing to a vector does not fail.
        write!(out, r#"","{start}":"{first}","{end}":"{last}","{campaign}":"{dialled_by}""#).unwrap_or_default();
        if !spoken.is_empty() {
            write!(out, r#","{language}":"{spoken}""#).unwrap_or_default();
        }
        out.push(b'}');
    }
}

/// The stream of numbers for what is broken in a row.
pub(super) fn damage(settings: &SampleSettings, number: u64) -> Random {
    Random::of(settings.seed, number, DAMAGE)
}
