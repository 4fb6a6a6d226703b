//! What is spooled comes back.

use super::frame::{Frame, STRETCH_BYTES_MAX, STRETCH_ROWS_MAX};
use super::stretch::{BROKEN, HEAD_BYTES, Head, Stretch};
use super::*;
use crate::domain::fault::Fault;

fn reject() -> Reject<'static> {
    Reject {
        faults: [Fault::TimeMissing, Fault::PhoneInvalid].into_iter().collect(),
        detail: "é\n",
        phone: "12",
        campaign: "a1b2",
        language: "en-US",
        start: Some(Timestamp::EPOCH),
        end: None,
        raw: &[0, 255, b'\n'],
        shape: Shape::Broken,
    }
}

/// What a spool gives back: each stretch's input and callbacks, with its rows by what they look like.
fn through_a_spool(frames: &[Frame]) -> Vec<(u16, u32, Vec<String>)> {
    let place = tempfile::tempdir().expect("a folder");
    let mut spool = Spool::begin(place.path()).expect("begins");
    for frame in frames {
        spool.add(frame).expect("adds");
    }
    assert_eq!(std::fs::read_dir(place.path()).expect("lists").count(), 0, "it has no name");
    let (mut stretches, mut stretch, mut read) = (spool.stretches().expect("turns"), Stretch::default(), Vec::new());
    while stretches.next(&mut stretch).expect("reads") {
        let rows: Vec<String> = stretch.rows().map(|row| format!("{:?}", row.expect("a row"))).collect();
        assert_eq!(rows.len(), stretch.count() as usize);
        assert!(rows.len() <= STRETCH_ROWS_MAX as usize);
        read.push((stretch.input(), stretch.callbacks(), rows));
    }
    read
}

#[test]
fn what_goes_in_comes_out_in_order() {
    let (parsed, record) = (Reject { shape: Shape::Parsed, ..reject() }, vec![1; 70_000]);
    let (mut first, mut second) = (Frame::new(3), Frame::new(4));
    first.callback(2, "call-2");
    first.rejected(u64::MAX, "", &reject());
    first.outside_hours(4, "call-4", &record);
    second.rejected(5, "call-5", &parsed);
    let row = |line, record_id, kind| format!("{:?}", SpooledRow { line, record_id, kind });
    let of_first = vec![
        row(2, "call-2", Kind::Callback),
        row(u64::MAX, "", Kind::Rejected(reject())),
        row(4, "call-4", Kind::OutsideHours { raw: &record }),
    ];
    let of_second = vec![row(5, "call-5", Kind::Rejected(parsed))];
    let read = through_a_spool(&[first, Frame::new(9), second]);
    assert_eq!(read, [(3, 2, of_first), (4, 0, of_second)]);
}

#[test]
fn a_frame_comes_back_in_stretches_that_are_bounded() {
    let (mut many, mut heavy) = (Frame::new(0), Frame::new(1));
    let rows = 2 * STRETCH_ROWS_MAX + 5;
    for line in 1..=u64::from(rows) {
        many.callback(line, &line.to_string());
    }
    for line in 0..5 {
        heavy.outside_hours(line, "", &vec![7; STRETCH_BYTES_MAX / 2]);
    }
    let read = through_a_spool(&[many, heavy]);
    let shape: Vec<_> = read.iter().map(|(input, callbacks, rows)| (*input, *callbacks, rows.len())).collect();
    let (most, full) = (STRETCH_ROWS_MAX, STRETCH_ROWS_MAX as usize);
    assert_eq!(shape, [(0, most, full), (0, most, full), (0, 5, 5), (1, 2, 2), (1, 2, 2), (1, 1, 1)]);
    let lines = read.iter().filter(|(input, ..)| *input == 0).flat_map(|(_, _, rows)| rows);
    for (line, row) in (1_u64..).zip(lines) {
        assert!(row.contains(&format!("line: {line}, record_id: \"{line}\"")), "{row}");
    }
}

#[test]
fn a_stretch_that_is_cut_short_is_an_error_and_no_row() {
    let mut frame = Frame::new(0);
    frame.rejected(300, "call-300", &reject());
    let mut written = Vec::new();
    frame.write(&mut written).expect("memory");
    let whole = &written[HEAD_BYTES..];
    for length in 1..whole.len() {
        let stretch = Stretch { head: Head::default(), bytes: whole[..length].to_vec() };
        stretch.rows().next().expect("something").expect_err("not a row");
    }
    let stretch = Stretch { head: Head::default(), bytes: vec![BROKEN + 1, 1, 0] };
    stretch.rows().next().expect("something").expect_err("no kind of row");
}
