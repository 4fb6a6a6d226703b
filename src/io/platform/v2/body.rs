//! The bytes of an answer's body as text: unpacked where they are gzip, asked for or not, and without a byte-order mark.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::domain::limits::ANSWER_BYTES_MAX;

/// How gzip begins; no JSON and no page does.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// UTF-8's byte-order mark.
const MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// What a person is told where a web page came.
pub(super) const PAGE: &str =
    "a web page came instead of an answer; look at the proxy, or at the sign-in page of the network (captive portal)";

/// The body as it was meant. The error says why it cannot be had.
pub(super) fn plain<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
    let unpacked = if body.starts_with(GZIP) { Cow::Owned(unpack(body)?) } else { Cow::Borrowed(body) };
    if let Some(coding) = foreign_coding(headers, &unpacked) {
        return Err(format!("the answer is compressed in a way that was not asked for (Content-Encoding: {coding})"));
    }
    let mark = if unpacked.starts_with(MARK) { MARK.len() } else { 0 };
    Ok(match unpacked {
        Cow::Owned(mut bytes) => Cow::Owned(bytes.split_off(mark)),
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[mark..]),
    })
}

/// Unpacks gzip, up to the limit of any answer.
fn unpack(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let most = ANSWER_BYTES_MAX as u64;
    let read = MultiGzDecoder::new(body).take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("a compressed answer (gzip) that cannot be unpacked: {error}"))?;
    if bytes.len() > ANSWER_BYTES_MAX {
        return Err(format!("more than {ANSWER_BYTES_MAX} bytes once unpacked"));
    }
    Ok(bytes)
}

/// The coding of a body, where it is one that is not understood.
fn foreign_coding(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let coding = header(headers.get(CONTENT_ENCODING));
    let known = ["", "identity", "gzip", "x-gzip"].contains(&coding.as_str());
    // What looks like JSON or a page is not compressed, whatever is said of it.
    let is_text = matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'<') | None);
    let shown: String = coding.chars().filter(char::is_ascii_graphic).take(20).collect();
    (!known && !is_text).then_some(shown)
}

/// Whether a body is a web page.
pub(super) fn is_page(headers: &HeaderMap, text: &[u8]) -> bool {
    let begins = text.trim_ascii_start();
    let starts_with =
        |tag: &str| begins.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
    let media = header(headers.get(CONTENT_TYPE));
    let declared = ["text/html", "application/xhtml+xml"].iter().any(|page| media.starts_with(page));
    starts_with("<!doctype html") || starts_with("<html") || (declared && begins.first() == Some(&b'<'))
}

fn header(value: Option<&HeaderValue>) -> String {
    value.and_then(|value| value.to_str().ok()).unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(bytes).expect("memory");
        packer.finish().expect("memory")
    }

    fn coded(coding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))])
    }

    #[test]
    fn gzip_and_a_mark_are_understood_whatever_the_headers_say() {
        let json: &[u8] = b"{\"a\": 1}";
        let marked = [MARK, json].concat();
        for headers in [HeaderMap::new(), coded("gzip"), coded("x-gzip"), coded("identity")] {
            for body in [json.to_vec(), marked.clone(), packed(json), packed(&marked)] {
                assert_eq!(plain(&headers, &body).as_deref(), Ok(json), "{headers:?} {body:?}");
            }
        }
    }

    #[test]
    fn a_bomb_meets_the_limit_and_what_is_damaged_is_told() {
        let check = |body: &[u8], why: &str| {
            let error = plain(&coded("gzip"), body).expect_err("is no text");
            assert!(error.contains(why), "{error}");
        };
        let zeros = vec![0; ANSWER_BYTES_MAX + 1];
        check(&packed(&zeros), "more than 8388608 bytes once unpacked");
        assert_eq!(plain(&HeaderMap::new(), &packed(&zeros[1..])).map(|bytes| bytes.len()), Ok(ANSWER_BYTES_MAX));
        let whole = packed(b"{}");
        check(&whole[..whole.len() - 3], "cannot be unpacked");
        let error = plain(&coded("br"), b"\x0b\x02\x80{}\x03").expect_err("is no text");
        assert!(error.contains("compressed") && error.contains("br"), "{error}");
        assert_eq!(plain(&coded("br"), b"{}").as_deref(), Ok(&b"{}"[..]), "it is not compressed at all");
    }

    #[test]
    fn a_page_is_known_by_its_beginning_or_its_type() {
        let html = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))]);
        let check = |headers: &HeaderMap, body: &str, page: bool| assert_eq!(is_page(headers, body.as_bytes()), page);
        check(&HeaderMap::new(), " \n<!DOCTYPE html><title>Sign in</title>", true);
        check(&HeaderMap::new(), "<HTML>", true);
        check(&HeaderMap::new(), "<error/>", false);
        check(&html, "<h1>Sign in</h1>", true);
        check(&html, "{\"contactId\": \"c\"}", false);
        check(&html, "", false);
    }
}
