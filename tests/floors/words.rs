//! A source as words: comments, text and characters are known as such.

/// The words of a source: names, `::`, and single signs. Comments, text and characters are left out.
pub(crate) fn words(text: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let silent = silent(rest);
        let taken = if silent > 0 {
            silent
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if silent == 0 && !first.is_whitespace() {
            words.push(rest[..taken].to_owned());
        }
        rest = &rest[taken..];
    }
    words
}

/// The texts of a source, with their quotes; those in comments are none.
pub(crate) fn texts(text: &str) -> Vec<&str> {
    let (mut texts, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let silent = silent(rest);
        if silent > 0 && !rest.starts_with("//") && !rest.starts_with("/*") {
            texts.push(&rest[..silent]);
        }
        let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest = &rest[silent.max(if silent == 0 { name } else { 0 }).max(first.len_utf8())..];
    }
    texts
}

/// The bytes of a comment, a text or a character at the beginning; 0 where there is none.
fn silent(rest: &str) -> usize {
    let prefix = rest.trim_start_matches(['b', 'c']);
    let (skipped, raw) = (rest.len() - prefix.len(), prefix.strip_prefix('r'));
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return comment(rest);
    }
    if let Some(raw) = raw.filter(|raw| raw.trim_start_matches('#').starts_with('"')) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let close = raw[hashes + 1..].find(&end).map_or(raw.len(), |close| hashes + 1 + close + end.len());
        return skipped + 1 + close;
    }
    match prefix.chars().next() {
        Some('"') => skipped + quoted(prefix, '"'),
        // A lifetime has no second quote where a character has one.
        Some('\'') if prefix[1..].starts_with('\\') => skipped + quoted(prefix, '\''),
        Some('\'') => prefix[1..].chars().next().map_or(0, |sign| {
            let end = 1 + sign.len_utf8();
            if prefix[end..].starts_with('\'') { skipped + end + 1 } else { 0 }
        }),
        _ => 0,
    }
}

/// The bytes of a block comment; one may stand in another.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let tail = &rest.as_bytes()[at..];
        if tail.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if tail.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The bytes of a text up to its closing quote.
fn quoted(rest: &str, quote: char) -> usize {
    let mut signs = rest.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        if sign == '\\' {
            signs.next();
        } else if sign == quote {
            return at + 1;
        }
    }
    rest.len()
}
