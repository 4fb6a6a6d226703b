//! Turns another encoding into UTF-8, piece by piece.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// How many bytes are decoded at a time.
const PIECE_BYTES: usize = 64 << 10;

/// Stands where the input has bytes without a meaning: no UTF-8 either, so that the field is found out.
const NO_MEANING: u8 = 0xff;

/// A reader of UTF-8 over a reader of something else.
pub(super) struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoded<R> {
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { inner, decoder, raw: vec![0; PIECE_BYTES], text: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let length = self.inner.read(&mut self.raw)?;
        self.ended = length == 0;
        self.text.clear();
        self.given = 0;
        let mut piece = &self.raw[..length];
        loop {
            let room = self.decoder.max_utf8_buffer_length_without_replacement(piece.len());
            let from = self.text.len();
            self.text.resize(from + room.unwrap_or(PIECE_BYTES) + 16, 0);
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(piece, &mut self.text[from..], self.ended);
            self.text.truncate(from + written);
            piece = &piece[read..];
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.text.push(NO_MEANING),
            }
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.refill()?;
        }
        let rest = &self.text[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoding: &'static Encoding, raw: &[u8], expected: &[u8]) {
        let mut text = Vec::new();
        Transcoded::new(raw, encoding).read_to_end(&mut text).unwrap();
        assert_eq!(text, expected, "{}", encoding.name());
    }

    #[test]
    fn text_becomes_utf_8_and_what_has_no_meaning_stays_found_out() {
        check(encoding_rs::UTF_16LE, b"h\0\xe9\0", "hé".as_bytes());
        check(encoding_rs::UTF_16BE, b"\0h\0\xe9", "hé".as_bytes());
        check(encoding_rs::WINDOWS_1252, b"h\xe9", "hé".as_bytes());
        check(encoding_rs::UTF_16LE, b"h\0\x00\xd8i\0", b"h\xffi");
        check(encoding_rs::UTF_16LE, b"h\0i", b"h\xff");
        let long: Vec<u8> = "é".repeat(100_000).encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(encoding_rs::UTF_16LE, &long, "é".repeat(100_000).as_bytes());
    }
}
