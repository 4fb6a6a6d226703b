//! What the contact centre exports: callbacks for the days after tomorrow, in either format.

use std::fmt::Write as _;
use std::io::Write as _;

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::json;

/// The header of every CSV made here.
pub(crate) const HEADER: &str = "callId,phoneNumber,requestedStart,requestedEnd,campaignId,language";

/// What one customer asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) id: String,
    pub(crate) phone: String,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) campaign: String,
    pub(crate) language: String,
}

/// Midnight in UTC, more than a day from now: a test that begins late in the evening has time enough too.
pub(crate) fn day() -> DateTime<Utc> {
    let midnight = Utc::now().date_naive().checked_add_days(Days::new(2)).and_then(|day| day.and_hms_opt(0, 0, 0));
    midnight.unwrap().and_utc()
}

/// The customer with this number, who asks to be called between 15:00 and 18:00.
pub(crate) fn wish(number: usize) -> Wish {
    let (id, phone) = (format!("ivr-{number}"), format!("+1202555{:04}", 100 + number));
    let (campaign, language) = ("billing-east".to_owned(), "en-US".to_owned());
    Wish { id, phone, start: day(), end: day(), campaign, language }.hours(15.0, 18.0)
}

/// So many customers.
pub(crate) fn wishes(count: usize) -> Vec<Wish> {
    (0..count).map(wish).collect()
}

impl Wish {
    /// With a window in hours after midnight of [`day`].
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a few days")]
    pub(crate) fn hours(mut self, start: f64, end: f64) -> Self {
        let at = |hours: f64| day() + TimeDelta::minutes((hours * 60.0).round() as i64);
        (self.start, self.end) = (at(start), at(end));
        self
    }

    /// For another campaign.
    pub(crate) fn campaign(self, campaign: &str) -> Self {
        Self { campaign: campaign.to_owned(), ..self }
    }

    /// A line of a CSV.
    pub(crate) fn line(&self) -> String {
        let Self { id, phone, start, end, campaign, language } = self;
        format!("{id},{phone},{},{},{campaign},{language}", start.to_rfc3339(), end.to_rfc3339())
    }
}

/// A CSV with a header.
pub(crate) fn csv(wishes: &[Wish]) -> String {
    lines(wishes.iter().map(Wish::line))
}

/// A CSV of these lines.
pub(crate) fn lines(lines: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    lines.into_iter().fold(format!("{HEADER}\n"), |mut text, line| {
        let _ = writeln!(text, "{}", line.as_ref());
        text
    })
}

/// The same rows as NDJSON, with the times in another zone's spelling.
pub(crate) fn ndjson(wishes: &[Wish]) -> String {
    let zone = chrono::FixedOffset::west_opt(5 * 3600).unwrap();
    let spelled = |time: DateTime<Utc>| time.with_timezone(&zone).to_rfc3339();
    wishes.iter().fold(String::new(), |mut text, wish| {
        let row = json!({
            "language": wish.language, "campaign_id": wish.campaign, "phone": wish.phone,
            "window_start": spelled(wish.start), "window_end": spelled(wish.end), "id": wish.id,
        });
        let _ = writeln!(text, "{row}");
        text
    })
}

/// The bytes, gzipped.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}
