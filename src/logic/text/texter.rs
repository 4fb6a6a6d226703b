//! Writes the confirmations of a run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDateTime;

use crate::domain::callback::CallbackId;
use crate::domain::language::LanguageTag;
use crate::domain::time::Timestamp;
use crate::domain::zone::Zone;

use super::template::{Piece, Place, Templates};
use super::words::Words;

/// What a confirmation tells.
#[derive(Clone, Copy, Debug)]
pub struct Appointment<'a> {
    /// Which callback.
    pub id: CallbackId,
    /// When the customer will be called.
    pub at: Timestamp,
    /// By whose clocks that is said.
    pub zone: &'a Zone,
}

/// Writes confirmations, and keeps the words of the languages that it met.
pub struct Texter {
    templates: Templates,
    words: Mutex<HashMap<String, Option<Arc<Words>>>>,
}

/// Languages whose words are kept. Inputs name a handful; what names more is answered without keeping.
const LANGUAGES_MAX: usize = 512;

impl Texter {
    /// A writer of these templates.
    #[must_use]
    pub fn new(templates: Templates) -> Self {
        Self { templates, words: Mutex::new(HashMap::new()) }
    }

    /// The confirmation of an appointment, in the language or the nearest that there is a template of.
    #[must_use]
    pub fn write(&self, language: &LanguageTag, appointment: &Appointment) -> String {
        let (pieces, language) = self.templates.choose(language);
        let words = self.words(language);
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Place(place) => text.push_str(&said(*place, appointment, words.as_deref())),
            }
        }
        text
    }

    /// The words of a language, made when it is first met.
    fn words(&self, language: &str) -> Option<Arc<Words>> {
        let mut kept = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(words) = kept.get(language) {
            return words.clone();
        }
        let words = Words::of(language).map(Arc::new);
        if kept.len() < LANGUAGES_MAX {
            kept.insert(language.to_owned(), words.clone());
        }
        words
    }
}

/// What stands in a place. Where there are no words for a date or a time, figures say it.
fn said(place: Place, appointment: &Appointment, words: Option<&Words>) -> String {
    let local = appointment.zone.wall_clock(appointment.at);
    let or_figures = |said: Option<String>, figures: &str| said.unwrap_or_else(|| local.format(figures).to_string());
    let say = |with: fn(&Words, NaiveDateTime) -> Option<String>| words.and_then(|words| with(words, local));
    match place {
        Place::Date => or_figures(say(Words::date), "%Y-%m-%d"),
        Place::Time => {
            let time = or_figures(say(Words::time), "%H:%M");
            format!("{time} {}", appointment.zone.abbreviation(appointment.at))
        }
        Place::Reference => appointment.id.reference(),
        Place::ContactId => appointment.id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phone::E164;
    use crate::domain::window::Window;

    const ENGLISH: &str = "Your callback is confirmed for {date} {time}. Reference: {reference}";

    fn tag(text: &str) -> LanguageTag {
        LanguageTag::parse(text).expect("a tag")
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from_unix(chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp())
    }

    fn id() -> CallbackId {
        let phone = E164::from_canonical("+12025550198").expect("a number");
        let window = Window::new(at("2026-11-23T13:00:00Z"), at("2026-11-23T15:00:00Z")).expect("a window");
        CallbackId::of(phone, window, "a1b2")
    }

    fn texter(texts: &[(&str, &str)]) -> Texter {
        Texter::new(Templates::new(tag("en-US"), texts.iter().copied()).expect("templates"))
    }

    fn zone(name: &str) -> Zone {
        Zone::named(name).expect("a zone")
    }

    #[test]
    fn a_confirmation_as_an_american_reads_it() {
        let zone = zone("America/New_York");
        let appointment = Appointment { id: id(), at: at("2026-11-24T19:30:00Z"), zone: &zone };
        let text = texter(&[("en", ENGLISH)]).write(&tag("en-US"), &appointment);
        let expected = "Your callback is confirmed for Tuesday, November 24, 2026 2:30 PM EST. Reference: 194c33ee";
        assert_eq!(text, expected);
        assert!(text.is_ascii() && text.len() <= 160, "one segment: {text}");
    }

    #[test]
    fn dates_and_times_are_in_the_words_of_the_language() {
        let texter = texter(&[
            ("en", "{date} {time}"),
            ("es", "{date} {time}"),
            ("de", "{date} {time}"),
            ("fr", "{date} {time}"),
            ("th", "{date} {time}"),
        ]);
        for (language, expected) in [
            ("en", "Tuesday, November 24, 2026 2:30 PM EST"),
            ("en-GB", "Tuesday, 24 November 2026 14:30 EST"),
            ("es", "martes, 24 de noviembre de 2026 14:30 EST"),
            ("es-MX", "martes, 24 de noviembre de 2026 02:30 p.m. EST"),
            ("de-DE", "Dienstag, 24. November 2026 14:30 EST"),
            ("fr-CA", "mardi 24 novembre 2026 14 h 30 EST"),
            ("th", "วันอังคารที่ 24 พฤศจิกายน ค.ศ. 2026 14:30 EST"),
            ("zh", "Tuesday, November 24, 2026 2:30 PM EST"),
            ("x-house", "Tuesday, November 24, 2026 2:30 PM EST"),
            ("en-x-house", "Tuesday, November 24, 2026 2:30 PM EST"),
        ] {
            let zone = zone("America/New_York");
            let appointment = Appointment { id: id(), at: at("2026-11-24T19:30:00Z"), zone: &zone };
            assert_eq!(texter.write(&tag(language), &appointment), expected, "{language}");
        }
    }

    #[test]
    fn the_time_is_that_of_the_zone() {
        let texter = texter(&[("en", "{time}")]);
        for (zone, expected) in [
            (zone("America/New_York"), "2:30 PM EST"),
            (zone("America/Vancouver"), "12:30 PM MST"),
            (zone("UTC"), "7:30 PM UTC"),
            (Zone::fixed(-300), "2:30 PM UTC-05:00"),
            (Zone::fixed(345), "1:15 AM UTC+05:45"),
            (Zone::fixed(0), "7:30 PM UTC"),
        ] {
            let appointment = Appointment { id: id(), at: at("2026-11-24T19:30:00Z"), zone: &zone };
            assert_eq!(texter.write(&tag("en-US"), &appointment), expected);
        }
    }

    #[test]
    fn places_hold_the_reference_and_the_whole_id() {
        let zone = Zone::fixed(0);
        let appointment = Appointment { id: id(), at: at("2026-11-24T19:30:00Z"), zone: &zone };
        let text = texter(&[("en", "{reference}/{contact_id}")]).write(&tag("en"), &appointment);
        assert_eq!(text, "194c33ee/194c33ee-72c2-591b-92ab-b071e07b2a7f");
    }

    #[test]
    fn a_writer_serves_many_tasks_at_once() {
        fn shared<T: Send + Sync>() {}
        shared::<Texter>();
    }

    proptest::proptest! {
        #[test]
        fn no_language_and_no_time_is_too_strange(language in "(en|de|qaa|[a-z]{2,3})(-[A-Za-z0-9]{1,8}){0,3}", seconds in proptest::prelude::any::<i64>()) {
            if let Some(language) = LanguageTag::parse(&language) {
                let templates = Templates::new(tag("en"), [("en", ENGLISH), ("qaa", ENGLISH), ("de", ENGLISH)]);
                let texter = Texter::new(templates.expect("templates"));
                let zone = Zone::fixed(60);
                let appointment = Appointment { id: id(), at: Timestamp::from_unix(seconds), zone: &zone };
                let text = texter.write(&language, &appointment);
                let is_plain = !text.contains(['\u{a0}', '\u{202f}']);
                proptest::prop_assert!(is_plain, "{text}");
            }
        }
    }
}
