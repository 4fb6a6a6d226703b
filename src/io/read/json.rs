//! Records of NDJSON: picks the fields out of an object and leaves the rest unread.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::fault::Fault;
use crate::domain::row::{Broken, Field, RawFields, Text, same_name};

/// How much of the parser's words a person is told.
const REASON_CHARS_MAX: usize = 200;

/// No UTF-8: stands for a field whose bytes were none either.
const NO_TEXT: &[u8] = b"\xff";

/// Where the fields are in an object.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    mapped: Vec<(Field, Place)>,
}

/// More than a look in passing can tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beyond;

/// Where one field is said to be.
#[derive(Debug, Clone)]
enum Place {
    /// Under a key at the top, however it is written.
    Key(String),
    /// Where a JSON pointer (RFC 6901) leads: the key at the top, and the way from there.
    Pointer { top: String, way: Vec<String> },
}

impl Keys {
    pub(super) fn new(map: &BTreeMap<Field, String>) -> Self {
        Self { mapped: map.iter().map(|(field, place)| (*field, Place::of(place))).collect() }
    }

    /// The field that goes by this key of its own.
    fn own(&self, key: &str) -> Option<Field> {
        let field = Field::of_name(key.as_bytes())?;
        self.mapped.iter().all(|(mapped, _)| *mapped != field).then_some(field)
    }

    fn mapped_under<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s (Field, Place)> {
        self.mapped.iter().filter(move |(_, place)| place.begins_at(key))
    }

    /// The field that is a key's alone; `Err` where a look in passing cannot tell.
    pub(super) fn sole(&self, key: &str) -> Result<Option<Field>, Beyond> {
        let mut fields = self.fields_under(key);
        let field = fields.next();
        let leads_on = self.mapped_under(key).any(|(_, place)| matches!(place, Place::Pointer { .. }));
        if fields.next().is_some() || leads_on { Err(Beyond) } else { Ok(field) }
    }

    /// The fields that are looked for under a key.
    pub(super) fn fields_under<'s>(&'s self, key: &'s str) -> impl Iterator<Item = Field> + 's {
        self.own(key).into_iter().chain(self.mapped_under(key).map(|(field, _)| *field))
    }

    fn wants(&self, key: &str) -> bool {
        self.fields_under(key).next().is_some()
    }

    /// The fields of one line. Borrows from it where the text stands there as it is meant.
    pub(super) fn fields<'a>(&self, line: &'a str) -> Result<RawFields<'a>, Broken> {
        let mut parser = serde_json::Deserializer::from_str(line);
        let picked = Pick { keys: self, fields: RawFields::default(), found: Default::default() };
        let fields = picked.deserialize(&mut parser).and_then(|fields| parser.end().map(|()| fields));
        fields.map_err(|error| Broken { fault: Fault::RowMalformed, detail: reason(&error) })
    }

    /// The fields of a line that is not all UTF-8, from a copy of it that is.
    pub(super) fn lossy_fields<'a>(&self, copy: &'a str) -> Result<RawFields<'a>, Broken> {
        let mut fields = self.fields(copy)?;
        for &field in Field::ALL {
            let text = fields.slot(field);
            if text.as_ref().is_some_and(|text| holds_replacement(text)) {
                *text = Some(Cow::Borrowed(NO_TEXT));
            }
        }
        Ok(fields)
    }
}

impl Place {
    fn of(text: &str) -> Self {
        let Some(pointer) = text.strip_prefix('/') else { return Self::Key(text.to_owned()) };
        let mut steps = pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
        Self::Pointer { top: steps.next().unwrap_or_default(), way: steps.collect() }
    }

    fn begins_at(&self, key: &str) -> bool {
        match self {
            Self::Key(name) => same_name(name.as_bytes(), key.as_bytes()),
            Self::Pointer { top, .. } => top == key,
        }
    }

    /// What stands at the place, given what stands under its key at the top.
    fn resolve<'a>(&self, top: &'a RawValue) -> Result<Option<&'a RawValue>, serde_json::Error> {
        let Self::Pointer { way, .. } = self else { return Ok(Some(top)) };
        let mut value = top;
        for step in way {
            match descend(value, step)? {
                Some(next) => value = next,
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }
}

fn holds_replacement(text: &[u8]) -> bool {
    memchr::memmem::find(text, "\u{fffd}".as_bytes()).is_some()
}

/// The parser's reason and the column, without the line, which is always 1.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let told = text.rsplit_once(" at line ").map_or(text.as_str(), |(told, _)| told);
    let told: String = told.chars().take(REASON_CHARS_MAX).collect();
    if error.column() == 0 { told } else { format!("{told}, column {}", error.column()) }
}

/// What a value says: the text of a string, nothing for `null`, the literal of all else.
fn text(value: &RawValue) -> Option<Text<'_>> {
    let literal = value.get();
    match literal.as_bytes() {
        b"null" => None,
        [b'"', inner @ .., b'"'] if memchr::memchr(b'\\', inner).is_none() => Some(Cow::Borrowed(inner)),
        [b'"', ..] => Some(match serde_json::from_str::<String>(literal) {
            Ok(text) => Cow::Owned(text.into_bytes()),
            Err(_) => Cow::Borrowed(NO_TEXT),
        }),
        _ => Some(Cow::Borrowed(literal.as_bytes())),
    }
}

/// What a value is that is neither text nor number nor nothing. A field cannot hold it.
fn unfit(value: &RawValue) -> Option<&'static str> {
    match value.get().as_bytes() {
        [b'{', ..] => Some("an object"),
        [b'[', ..] => Some("an array"),
        b"true" => Some("true"),
        b"false" => Some("false"),
        _ => None,
    }
}

/// Picks the fields out of an object.
struct Pick<'k, 'de> {
    keys: &'k Keys,
    fields: RawFields<'de>,
    /// The key under which each field was found.
    found: [Option<Cow<'de, str>>; Field::ALL.len()],
}

/// A key that is wanted, and what stands under it.
struct Member<'de> {
    key: Cow<'de, str>,
    value: &'de RawValue,
}

impl<'de> Pick<'_, 'de> {
    fn take(&mut self, member: &Member<'de>) -> Result<(), String> {
        if let Some(field) = self.keys.own(&member.key) {
            self.put(field, member, member.value)?;
        }
        for (field, place) in self.keys.mapped_under(&member.key) {
            if let Some(value) = place.resolve(member.value).map_err(|error| reason(&error))? {
                self.put(*field, member, value)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, field: Field, member: &Member<'de>, value: &'de RawValue) -> Result<(), String> {
        let found = &mut self.found[field as usize];
        if let Some(earlier) = found {
            return Err(format!("{} stands there twice, as {earlier:?} and as {:?}", field.name(), member.key));
        }
        *found = Some(member.key.clone());
        self.fields.unfit.extend(unfit(value).map(|instead| (field, instead)));
        *self.fields.slot(field) = text(value);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Pick<'_, 'de> {
    type Value = RawFields<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pick<'_, 'de> {
    type Value = RawFields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let keys = self.keys;
        while let Some(key) = map.next_key_seed(Wanted { wants: |key: &str| keys.wants(key) })? {
            match key {
                Some(key) => {
                    let member = Member { key, value: map.next_value()? };
                    self.take(&member).map_err(A::Error::custom)?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(self.fields)
    }
}

/// A key, if it is wanted.
struct Wanted<F> {
    wants: F,
}

impl<'de, F: Fn(&str) -> bool> DeserializeSeed<'de> for Wanted<F> {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Wanted<F> {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok((self.wants)(key).then_some(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok((self.wants)(key).then(|| Cow::Owned(key.to_owned())))
    }
}

/// One step of a JSON pointer: into an object by key, into an array by number.
fn descend<'a>(value: &'a RawValue, step: &str) -> Result<Option<&'a RawValue>, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_str(value.get());
    match value.get().as_bytes().first() {
        Some(b'{') => serde::Deserializer::deserialize_map(&mut parser, Under { key: step }),
        Some(b'[') => {
            let all = Vec::<&RawValue>::deserialize(&mut parser)?;
            Ok(index(step).and_then(|index| all.get(index).copied()))
        }
        Some(_) | None => Ok(None),
    }
}

fn index(step: &str) -> Option<usize> {
    let plain = step == "0" || !step.starts_with(['0', '+']);
    if plain { step.parse().ok() } else { None }
}

/// What stands under a key of an object.
struct Under<'k> {
    key: &'k str,
}

impl<'de> Visitor<'de> for Under<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key_seed(Wanted { wants: |key: &str| key == self.key })? {
            if key.is_none() {
                map.next_value::<IgnoredAny>()?;
            } else if found.replace(map.next_value::<&'de RawValue>()?).is_some() {
                return Err(A::Error::custom(format!("the key {:?} stands there twice", self.key)));
            }
        }
        Ok(found)
    }
}
