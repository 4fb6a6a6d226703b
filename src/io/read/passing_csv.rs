//! Records of CSV of one line and without a doubled quote, taken apart as fast as bytes can be compared: 64 at a time.
//!
//! What is out of the ordinary is left to the scanner, which knows all the rules; this one knows three signs.

use wide::u8x64;

use super::block::{Look, Spot, Visitor};
use super::header::Columns;
use crate::domain::row::{Field, PlainRow, RawRow};

/// Bytes that are compared at a time.
const STRETCH: usize = 64;

/// Shows the records from a spot on, up to the first that is out of the ordinary: it has a quote that neither opens nor
/// closes a cell, goes on behind a line end, has other columns than the header, or no line end within the limit.
pub(super) fn pass<V: Visitor>(bytes: &[u8], from: Spot, laid_out: (&Columns, usize), visitor: &mut V) -> Spot {
    let (columns, record_bytes_max) = laid_out;
    let Some(slots) = columns.slots.as_deref() else { return from };
    let signs = Signs::new(columns.delimiter);
    let (delimiter, cells) = (columns.delimiter, [None; SLOTS]);
    let mut record = Record {
        bytes,
        slots,
        delimiter,
        spot: from,
        cell: from.at,
        column: 0,
        quotes: Quotes::None,
        quoted: false,
        cells,
    };
    let mut base = from.at;
    while base < bytes.len() {
        let mut found = signs.among(&bytes[base..]);
        while found != 0 {
            let place = base + found.trailing_zeros() as usize;
            found &= found - 1;
            match bytes[place] {
                b'\n' if record.is_whole(place, record_bytes_max) => record.end(place, columns, visitor),
                b'"' if record.is_edge(place) => {}
                b'\n' | b'"' => return record.spot,
                _ => record.cell(place),
            }
        }
        base += STRETCH;
    }
    record.spot
}

/// The place behind the last record, from a place on, of those that [`pass`] would take apart; nothing is told of others.
pub(super) fn behind_whole(bytes: &[u8], from: usize, delimiter: u8, record_bytes_max: usize) -> usize {
    let signs = Signs::new(b'\n');
    let (mut at, mut base, mut is_open) = (from, from, false);
    while base < bytes.len() {
        let mut found = signs.among(&bytes[base..]);
        while found != 0 {
            let place = base + found.trailing_zeros() as usize;
            found &= found - 1;
            match (bytes[place], is_open) {
                (b'\n', false) if place - at <= record_bytes_max => at = place + 1,
                (b'"', false) if place == at || bytes[place - 1] == delimiter => is_open = true,
                (b'"', true) if closes(&bytes[place + 1..], delimiter) => is_open = false,
                _ => return at,
            }
        }
        base += STRETCH;
    }
    at
}

/// Whether a quote closes its cell, by what stands behind it.
#[inline]
fn closes(behind: &[u8], delimiter: u8) -> bool {
    matches!(behind, [b'\n', ..] | [b'\r', b'\n', ..]) || behind.first() == Some(&delimiter)
}

/// The bytes that mean something: a delimiter, a line end, a quote.
struct Signs([u8x64; 3]);

impl Signs {
    /// With this delimiter. A line end stands for none: only whole records are looked for then.
    fn new(delimiter: u8) -> Self {
        Self([delimiter, b'\n', b'"'].map(u8x64::splat))
    }

    /// A bit for each of the next 64 bytes that is a sign. Behind the end of all there is none.
    fn among(&self, bytes: &[u8]) -> u64 {
        let mut last = [0; STRETCH];
        let stretch = bytes.first_chunk().unwrap_or_else(|| {
            last[..bytes.len()].copy_from_slice(bytes);
            &last
        });
        let (stretch, [delimiter, line_end, quote]) = (u8x64::new(*stretch), self.0);
        (stretch.simd_eq(delimiter) | stretch.simd_eq(line_end) | stretch.simd_eq(quote)).to_bitmask()
    }
}

/// One slot for each field, and one for what nobody asks for.
pub(super) const SLOTS: usize = Field::ALL.len() + 1;

/// The slot of a column that nobody asks for.
pub(super) const UNWANTED: u8 = 6;

/// What quotes a cell has so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    /// The one in front.
    Open,
    /// Both.
    Closed,
}

/// The record that is being taken apart.
struct Record<'a> {
    bytes: &'a [u8],
    slots: &'a [u8],
    delimiter: u8,
    spot: Spot,
    /// Where the cell begins, and which it is.
    cell: usize,
    column: usize,
    quotes: Quotes,
    /// Whether any cell has quotes.
    quoted: bool,
    cells: [Option<&'a [u8]>; SLOTS],
}

impl Record<'_> {
    /// Takes the cell that ends at a delimiter or a line end, if it ends there.
    #[inline]
    fn cell(&mut self, end: usize) {
        let around = match self.quotes {
            Quotes::None => 0,
            Quotes::Open => return,
            Quotes::Closed => 1,
        };
        let slot = self.slots.get(self.column).copied().unwrap_or(UNWANTED);
        self.cells[usize::from(slot)] = Some(&self.bytes[self.cell + around..end - around]);
        (self.cell, self.quotes) = (end + 1, Quotes::None);
        self.column += 1;
    }

    /// Whether a quote opens or closes a cell.
    #[inline]
    fn is_edge(&mut self, place: usize) -> bool {
        let rest = &self.bytes[place + 1..];
        self.quotes = match (self.quotes, rest) {
            (Quotes::None, _) if place == self.cell => Quotes::Open,
            (Quotes::Open, _) if closes(rest, self.delimiter) => Quotes::Closed,
            (Quotes::None | Quotes::Open | Quotes::Closed, _) => return false,
        };
        self.quoted = true;
        true
    }

    /// Whether it has all columns and stays within the limit, should it end here.
    #[inline]
    fn is_whole(&self, end: usize, record_bytes_max: usize) -> bool {
        let is_empty = self.column == 0 && end <= self.spot.at + 1;
        let has_all = self.column + 1 == self.slots.len() && self.quotes != Quotes::Open && !is_empty;
        has_all && end - self.spot.at <= record_bytes_max
    }

    #[inline]
    fn end<V: Visitor>(&mut self, end: usize, columns: &Columns, visitor: &mut V) {
        let has_cr = end > self.cell && self.bytes[end - 1] == b'\r';
        self.cell(end - usize::from(has_cr));
        let Spot { at, line } = self.spot;
        let raw = &self.bytes[at..end - usize::from(has_cr)];
        // Behind the fields stands the cell of columns that nobody needs.
        let row = PlainRow { line, raw, fields: std::array::from_fn(|field| self.cells[field]) };
        if visitor.pass(&row) == Look::Closer {
            let fields = if self.quoted { columns.quoted(raw) } else { columns.plain(raw) };
            visitor.row(RawRow { line, raw, fields });
        }
        self.spot = Spot { at: end + 1, line: line + 1 };
        (self.cell, self.column, self.quoted) = (end + 1, 0, false);
    }
}
