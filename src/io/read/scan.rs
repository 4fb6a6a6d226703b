//! Finds where records end.
//!
//! A record of CSV is a physical line unless a quoted field goes on behind it. What becomes of a quoted
//! record that never closes is decided by all that follows it, up to the limit: its first line alone is
//! broken, and the next line is looked at afresh. Done naively, a megabyte of such lines costs a
//! megabyte of looking for each. The scanner therefore remembers how far the last look reached: a line
//! end within a record lies inside a quoted field, whatever record one comes from, so that two looks
//! that pass the same line end see the same from there on.

use memchr::{memchr, memchr2, memrchr};

/// What begins at a place of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// A record; its bytes end at `end`, the next one begins at `next`.
    Record { end: usize, next: usize, shape: Shape },
    /// The first line of a quoted record that does not close as it should, or not in time.
    Broken { end: usize, next: usize },
    /// A physical line over the limit.
    TooLong,
    /// More bytes are needed to tell.
    More,
}

/// Whether a record can be split at its delimiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// No quote stands in it.
    Plain,
    /// Quotes stand in it.
    Quoted,
}

/// What follows behind the bytes at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing, or nothing that belongs to these records.
    Final,
    /// Perhaps more.
    Open,
}

/// How records are told from one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Each physical line is one.
    Lines,
    /// As RFC 4180 says, with this delimiter.
    Csv { delimiter: u8 },
}

/// Finds where records end, in bytes that may grow at their end.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    rule: Rule,
    record_bytes_max: usize,
    /// The next quote; where it is none, no quote stands before this place.
    quote: usize,
    reach: Option<Reach>,
}

/// How far a record that did not close was followed.
#[derive(Debug, Clone, Copy)]
struct Reach {
    place: usize,
    spot: Spot,
}

impl Scanner {
    pub(super) fn new(rule: Rule, record_bytes_max: usize) -> Self {
        Self { rule, record_bytes_max, quote: 0, reach: None }
    }

    /// What begins at `at`. Places may only grow from call to call, and the bytes behind them must stay.
    pub(super) fn cut(&mut self, bytes: &[u8], at: usize, tail: Tail) -> Cut {
        let line_max = bytes.len().min(at.saturating_add(self.record_bytes_max).saturating_add(1));
        let (eol, next) = match memchr(b'\n', &bytes[at..line_max]) {
            Some(length) => (at + length, at + length + 1),
            None if bytes.len() - at > self.record_bytes_max => return Cut::TooLong,
            None if tail == Tail::Open => return Cut::More,
            None => (bytes.len(), bytes.len()),
        };
        if self.rule == Rule::Lines || !self.has_quote(bytes, at, eol) {
            return Cut::Record { end: without_cr(bytes, at, eol), next, shape: Shape::Plain };
        }
        self.cut_quoted(bytes, Line { at, eol, next }, tail)
    }

    /// The end of the last record among bytes that hold no quote and no line over the limit; `None` where
    /// that is not sure.
    pub(super) fn last_plain_end(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = &bytes[from..];
        let plain = self.rule == Rule::Lines || memchr(b'"', rest).is_none();
        if !plain || rest.len() > self.record_bytes_max {
            return None;
        }
        Some(memrchr(b'\n', rest).map_or(from, |place| from + place + 1))
    }

    /// Says that so many bytes were taken away in front.
    pub(super) fn shift(&mut self, by: usize) {
        self.quote = self.quote.saturating_sub(by);
        let reach = self.reach.filter(|reach| reach.place >= by);
        self.reach = reach.map(|reach| Reach { place: reach.place - by, ..reach });
    }

    fn has_quote(&mut self, bytes: &[u8], at: usize, eol: usize) -> bool {
        if self.quote < eol && (self.quote < at || bytes[self.quote] != b'"') {
            let from = self.quote.max(at);
            self.quote = memchr(b'"', &bytes[from..]).map_or(bytes.len(), |place| from + place);
        }
        self.quote < eol
    }

    fn cut_quoted(&mut self, bytes: &[u8], line: Line, tail: Tail) -> Cut {
        let Line { at, eol, next } = line;
        let until = bytes.len().min(at.saturating_add(self.record_bytes_max)).max(next);
        let broken = Cut::Broken { end: without_cr(bytes, at, eol), next };
        let tail = if until == bytes.len() { tail } else { Tail::Open };
        let walk = Walk { window: &bytes[..until], rule: self.rule, tail, reach: self.reach };
        match walk.follow(at) {
            Ending::Closed { stop } if stop > eol && stop - at >= self.record_bytes_max => broken,
            Ending::Closed { stop } => {
                let next = bytes.len().min(stop + 1);
                Cut::Record { end: without_cr(bytes, at, stop), next, shape: Shape::Quoted }
            }
            Ending::Open { place, spot } => {
                self.remember(Reach { place, spot });
                let undecided = tail == Tail::Open && until == bytes.len() && until - at < self.record_bytes_max;
                if undecided { Cut::More } else { broken }
            }
            Ending::Bad { place } => {
                self.remember(Reach { place, spot: Spot::Inside });
                broken
            }
        }
    }

    fn remember(&mut self, reach: Reach) {
        if self.reach.is_none_or(|known| known.place <= reach.place) {
            self.reach = Some(reach);
        }
    }
}

/// A physical line: where it begins, where its line end is, where the next one begins.
#[derive(Clone, Copy)]
struct Line {
    at: usize,
    eol: usize,
    next: usize,
}

/// The place before a CR that belongs to the line end at `eol`.
fn without_cr(bytes: &[u8], at: usize, eol: usize) -> usize {
    if eol > at && bytes[eol - 1] == b'\r' { eol - 1 } else { eol }
}

/// Where in a record one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// Where a field begins.
    FieldStart,
    /// In a field without quotes around it.
    Bare,
    /// Between the quotes of a field.
    Inside,
}

/// How following a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// At the line end, or the end of all, that stands here.
    Closed { stop: usize },
    /// With the bytes at hand.
    Open { place: usize, spot: Spot },
    /// At a closing quote with something else behind it than a delimiter or a line end.
    Bad { place: usize },
}

/// Follows one record to its end.
struct Walk<'w> {
    window: &'w [u8],
    rule: Rule,
    tail: Tail,
    reach: Option<Reach>,
}

impl Walk<'_> {
    fn follow(&self, at: usize) -> Ending {
        let (mut place, mut spot) = (at, Spot::FieldStart);
        loop {
            let step = match spot {
                Spot::FieldStart => self.enter(place),
                Spot::Bare => self.through_bare(place),
                Spot::Inside => self.through_quoted(place),
            };
            match step {
                Ok(onwards) => (place, spot) = onwards,
                Err(ending) => return ending,
            }
        }
    }

    fn enter(&self, place: usize) -> Result<(usize, Spot), Ending> {
        match self.window.get(place) {
            Some(b'"') => Ok((place + 1, Spot::Inside)),
            None if self.tail == Tail::Open => Err(Ending::Open { place, spot: Spot::FieldStart }),
            Some(_) | None => Ok((place, Spot::Bare)),
        }
    }

    fn through_bare(&self, place: usize) -> Result<(usize, Spot), Ending> {
        let end = self.window.len();
        match self.find_bare_end(place) {
            Some(stop) if self.window[stop] == b'\n' => Err(Ending::Closed { stop }),
            Some(delimiter) => Ok((delimiter + 1, Spot::FieldStart)),
            None if self.tail == Tail::Final => Err(Ending::Closed { stop: end }),
            None => Err(Ending::Open { place: end, spot: Spot::Bare }),
        }
    }

    fn find_bare_end(&self, place: usize) -> Option<usize> {
        let rest = &self.window[place..];
        let found = match self.rule {
            Rule::Csv { delimiter } => memchr2(delimiter, b'\n', rest),
            Rule::Lines => memchr(b'\n', rest),
        };
        found.map(|offset| place + offset)
    }

    fn through_quoted(&self, place: usize) -> Result<(usize, Spot), Ending> {
        if let Some(known) = self.leap(place) {
            return Ok(known);
        }
        let end = self.window.len();
        match memchr(b'"', &self.window[place..]) {
            Some(offset) => self.behind_quote(place + offset),
            None => Err(Ending::Open { place: end, spot: Spot::Inside }),
        }
    }

    /// To where an earlier look got, if it passed a line end that lies ahead before the next quote.
    fn leap(&self, place: usize) -> Option<(usize, Spot)> {
        let reach = self.reach.filter(|reach| (place + 1..=self.window.len()).contains(&reach.place))?;
        let offset = memchr2(b'"', b'\n', &self.window[place..reach.place])?;
        (self.window[place + offset] == b'\n').then_some((reach.place, reach.spot))
    }

    fn behind_quote(&self, quote: usize) -> Result<(usize, Spot), Ending> {
        let rest = &self.window[quote + 1..];
        let open = Err(Ending::Open { place: quote, spot: Spot::Inside });
        match (rest, self.rule) {
            ([b'"', ..], _) => Ok((quote + 2, Spot::Inside)),
            ([b'\n', ..], _) => Err(Ending::Closed { stop: quote + 1 }),
            ([b'\r', b'\n', ..], _) => Err(Ending::Closed { stop: quote + 2 }),
            ([] | [b'\r'], _) if self.tail == Tail::Final => Err(Ending::Closed { stop: self.window.len() }),
            ([] | [b'\r'], _) => open,
            ([first, ..], Rule::Csv { delimiter }) if *first == delimiter => Ok((quote + 2, Spot::FieldStart)),
            ([..], _) => Err(Ending::Bad { place: quote }),
        }
    }
}
