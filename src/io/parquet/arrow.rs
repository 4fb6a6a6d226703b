//! A table's schema in Arrow's own words, as Parquet files carry it for Arrow's readers: Parquet cannot say of a
//! column that it is a category, and pandas and Polars would take it for text.
//!
//! The shapes and numbers are those of Arrow's `Schema.fbs` and `Message.fbs`, format version 5.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};

use crate::domain::table::{Column, Kind, Presence};

/// `MetadataVersion.V5`.
const VERSION: i16 = 4;

/// `MessageHeader.Schema`.
const HEADER_IS_SCHEMA: u8 = 1;

/// Of the union `Type`.
const INT: u8 = 2;
const UTF8: u8 = 5;
const TIMESTAMP: u8 = 10;

/// `TimeUnit.MILLISECOND`.
const MILLISECOND: i16 = 1;

/// What stands before a message: nobody takes it for the length of an old one.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// A message is padded to a multiple of so many bytes.
const ALIGNMENT: usize = 8;

/// The place of a table's field in its list of places, by its number in the `.fbs` file.
const fn slot(number: u16) -> u16 {
    4 + 2 * number
}

type Builder = FlatBufferBuilder<'static>;

/// Some finished table.
struct Any;

/// The schema of these columns as a message, in base64.
pub(super) fn schema(columns: &[Column]) -> String {
    let mut builder = Builder::new();
    let fields: Vec<_> = (0..).zip(columns).map(|(number, column)| field(&mut builder, column, number)).collect();
    let fields = builder.create_vector::<WIPOffset<Any>>(&fields);
    let schema = builder.start_table();
    builder.push_slot_always(slot(1), fields);
    let schema = builder.end_table(schema);
    let message = builder.start_table();
    builder.push_slot_always(slot(0), VERSION);
    builder.push_slot_always(slot(1), HEADER_IS_SCHEMA);
    builder.push_slot_always(slot(2), schema);
    builder.push_slot_always(slot(3), 0_i64);
    let message = builder.end_table(message);
    builder.finish_minimal(message);
    STANDARD.encode(framed(builder.finished_data()))
}

/// A message with its mark and its length before it.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = message.len().next_multiple_of(ALIGNMENT);
    let mut framed = CONTINUATION.to_vec();
    framed.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    framed.extend(message);
    framed.resize(CONTINUATION.len() + size_of::<u32>() + length, 0);
    framed
}

/// `Field`. A category is text with a dictionary, which has a number of its own.
fn field(builder: &mut Builder, column: &Column, number: i64) -> WIPOffset<Any> {
    let name = builder.create_string(column.name);
    let children = builder.create_vector::<WIPOffset<Any>>(&[]);
    let (kind, of_kind) = match column.kind {
        Kind::Id | Kind::Text | Kind::Category => (UTF8, table(builder, |_| {})),
        Kind::Integer => (INT, int(builder, 64)),
        Kind::Second | Kind::Millisecond => (TIMESTAMP, timestamp(builder)),
    };
    let dictionary = (column.kind == Kind::Category).then(|| dictionary(builder, number));
    table(builder, |builder| {
        builder.push_slot_always(slot(0), name);
        builder.push_slot_always(slot(1), column.presence == Presence::WhereKnown);
        builder.push_slot_always(slot(2), kind);
        builder.push_slot_always(slot(3), WIPOffset::<UnionWIPOffset>::new(of_kind.value()));
        if let Some(dictionary) = dictionary {
            builder.push_slot_always(slot(4), dictionary);
        }
        builder.push_slot_always(slot(5), children);
    })
}

/// `Int`, with a sign.
fn int(builder: &mut Builder, bits: i32) -> WIPOffset<Any> {
    table(builder, |builder| {
        builder.push_slot_always(slot(0), bits);
        builder.push_slot_always(slot(1), true);
    })
}

/// `Timestamp`, in UTC.
fn timestamp(builder: &mut Builder) -> WIPOffset<Any> {
    let zone = builder.create_string("UTC");
    table(builder, |builder| {
        builder.push_slot_always(slot(0), MILLISECOND);
        builder.push_slot_always(slot(1), zone);
    })
}

/// `DictionaryEncoding`.
fn dictionary(builder: &mut Builder, number: i64) -> WIPOffset<Any> {
    let index = int(builder, 32);
    table(builder, |builder| {
        builder.push_slot_always(slot(0), number);
        builder.push_slot_always(slot(1), index);
    })
}

fn table(builder: &mut Builder, fill: impl FnOnce(&mut Builder)) -> WIPOffset<Any> {
    let begun = builder.start_table();
    fill(builder);
    WIPOffset::new(builder.end_table(begun).value())
}
