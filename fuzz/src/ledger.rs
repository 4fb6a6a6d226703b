//! Any entries in any order: what does not follow changes nothing, nothing happens twice, and what is in doubt waits
//! for a person's word.

use ringback::domain::callback::{CallbackId, RunId};
use ringback::domain::code::Code;
use ringback::domain::entry::{Entry, Verdict};
use ringback::domain::outcome::Standing;
use ringback::domain::progress::Progress;
use ringback::domain::time::Timestamp;

/// Applies an entry for every byte, and reads the bytes as the ledger's own words.
pub fn check(bytes: &[u8]) {
    names(&String::from_utf8_lossy(bytes));
    let run = RunId(uuid::Uuid::nil());
    let mut standing = Standing::untouched(run);
    let (mut created, mut accepted) = (0, 0);
    for (at, byte) in (0..).zip(bytes) {
        let entry = entry(*byte);
        let before = standing.clone();
        if standing.apply(&entry, run, Timestamp::from_unix(at)).is_ok() {
            created += u32::from(matches!(entry, Entry::ContactCreated(_)));
            accepted += u32::from(matches!(entry, Entry::TextAccepted(_)));
            let in_doubt = matches!(before.progress, Progress::ContactDoubted | Progress::TextDoubted);
            assert!(!in_doubt || matches!(entry, Entry::Settled(..)), "{entry:?} follows a doubt");
        } else {
            assert_eq!(standing, before, "{entry:?} does not follow, and changes nothing");
        }
        assert!(created <= 1 && accepted <= 1, "{created} contacts, {accepted} texts at {entry:?}");
        let name = standing.progress.name();
        assert_eq!(Progress::from_name(name), Some(standing.progress), "{name}");
    }
}

/// What is no word of the ledger's is none of its progresses or codes.
fn names(text: &str) {
    if let Some(progress) = Progress::from_name(text) {
        assert_eq!(progress.name(), text);
    }
    if let Some(code) = Code::from_spelling(text) {
        assert_eq!(code.as_str(), text);
    }
}

/// The entry that a byte stands for: its lower five bits the kind, the others the code.
fn entry(byte: u8) -> Entry {
    let code = Code::ALL[usize::from(byte >> 5)];
    match byte & 31 {
        0 => Entry::Enrolled,
        1 => Entry::Placed(Timestamp::from_unix(i64::from(byte))),
        2 => Entry::Left(code, "left".into()),
        3 => Entry::Expired(code, "expired".into()),
        4 => Entry::ContactIntended(None),
        5 => Entry::ContactCreated("c".into()),
        6 => Entry::ContactTurnedAway,
        7 => Entry::ContactUnanswered,
        8 => Entry::ContactDoubted(code, "doubted".into()),
        9 => Entry::ContactExisted("existed".into()),
        10 => Entry::ContactFailed(code, "failed".into()),
        11 => Entry::TextDeferred,
        12 => Entry::TextDropped(code),
        13 => Entry::TextRemade(Box::default()),
        14 => Entry::TextIntended,
        15 => Entry::TextAccepted(None),
        16 => Entry::TextTurnedAway,
        17 => Entry::TextUnanswered,
        18 => Entry::TextDoubted(code, "doubted".into()),
        19 => Entry::TextFailed("failed".into()),
        20 => Entry::Reopened,
        21 => Entry::Settled(Verdict::Sent, CallbackId::from_bytes([0; 16])),
        22 => Entry::Settled(Verdict::NotSent, CallbackId::from_bytes([0; 16])),
        _ => Entry::Settled(Verdict::Retry, CallbackId::from_bytes([0; 16])),
    }
}
