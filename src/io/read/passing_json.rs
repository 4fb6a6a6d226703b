//! Lines of NDJSON whose fields are texts without escapes, read without a copy.
//!
//! All else, and whatever is wrong, is left to [`super::json`].

use std::fmt;

use compact_str::CompactString;
use memchr::memchr;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor as JsonVisitor};

use super::block::{Look, Spot, Visitor};
use super::json::{Beyond, Keys};
use crate::domain::row::{Field, PlainRow, RawRow};

/// Keys of an object that are remembered for the next one.
const REMEMBERED_MAX: usize = 64;

/// Shows the lines from a spot on, up to one without an end within the limit.
pub(super) fn pass<V: Visitor>(text: &str, from: Spot, laid_out: (&Keys, usize), visitor: &mut V) -> Spot {
    let ((keys, record_bytes_max), mut spot) = (laid_out, from);
    let mut order = Order { keys, seen: Vec::new() };
    while let Some(length) = line_length(text, spot.at).filter(|length| *length <= record_bytes_max) {
        let raw = &text[spot.at..spot.at + length];
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        let line = spot.line;
        if order.look(raw, line, visitor) == Look::Closer && !raw.trim_ascii().is_empty() {
            visitor.row(RawRow { line, raw: raw.as_bytes(), fields: keys.fields(raw) });
        }
        spot = Spot { at: spot.at + length + 1, line: line + 1 };
    }
    spot
}

fn line_length(text: &str, at: usize) -> Option<usize> {
    memchr(b'\n', text.as_bytes().get(at..)?)
}

type Fields<'a> = [Option<&'a [u8]>; Field::ALL.len()];

/// The keys in the order in which the object before had them: the next one mostly has them so too.
struct Order<'k> {
    keys: &'k Keys,
    seen: Vec<(CompactString, Option<Field>)>,
}

impl Order<'_> {
    fn look<V: Visitor>(&mut self, raw: &str, line: u64, visitor: &mut V) -> Look {
        match self.fields(raw) {
            Ok(fields) => visitor.pass(&PlainRow { line, raw: raw.as_bytes(), fields }),
            Err(_) => Look::Closer,
        }
    }

    fn fields<'a>(&mut self, line: &'a str) -> Result<Fields<'a>, serde_json::Error> {
        let mut parser = serde_json::Deserializer::from_str(line);
        let fields = Object(self).deserialize(&mut parser)?;
        parser.end().map(|()| fields)
    }

    /// The field under the key that is the n-th of its object.
    fn field(&mut self, place: usize, key: &str) -> Result<Option<Field>, Beyond> {
        if let Some((_, field)) = self.seen.get(place).filter(|(seen, _)| seen == key) {
            return Ok(*field);
        }
        let field = self.keys.sole(key)?;
        if place < REMEMBERED_MAX {
            self.seen.truncate(place);
            self.seen.push((key.into(), field));
        }
        Ok(field)
    }
}

/// The fields of an object.
struct Object<'o, 'k>(&'o mut Order<'k>);

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = Fields<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> JsonVisitor<'de> for Object<'_, '_> {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut fields, mut found, mut place) = ([None; Field::ALL.len()], [false; Field::ALL.len()], 0);
        while let Some(field) = map.next_key_seed(Key { order: &mut *self.0, place })? {
            match field {
                None => drop(map.next_value::<IgnoredAny>()?),
                // Twice the same is for a closer look.
                Some(field) if found[field as usize] => return Err(A::Error::custom("twice")),
                Some(field) => {
                    found[field as usize] = true;
                    fields[field as usize] = map.next_value_seed(Plain)?;
                }
            }
            place += 1;
        }
        Ok(fields)
    }
}

/// The field under a key, if it is one.
struct Key<'o, 'k> {
    order: &'o mut Order<'k>,
    place: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Option<Field>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl JsonVisitor<'_> for Key<'_, '_> {
    type Value = Option<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        self.order.field(self.place, key).map_err(|Beyond| E::custom("a pointer"))
    }
}

/// A text without escapes, or nothing.
struct Plain;

impl<'de> DeserializeSeed<'de> for Plain {
    type Value = Option<&'de [u8]>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> JsonVisitor<'de> for Plain {
    type Value = Option<&'de [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text without escapes")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(text.as_bytes()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
