//! docs/ledger.md says what is there: its columns are the views', and its examples can be asked.

use rusqlite::{Connection, OpenFlags};

use crate::nights::Nights;

const GUIDE: &str = include_str!("../../docs/ledger.md");

/// The blocks of code in a language.
pub(crate) fn blocks(language: &str) -> Vec<String> {
    let begins = format!("```{language}\n");
    GUIDE.split(&begins).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// The columns of a view, as the guide tells them: names, and whether they are integers.
fn told(view: &str) -> Vec<(String, bool)> {
    let section = GUIDE.split(&format!("\n## {view}\n")).nth(1).expect("a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect::<Vec<_>>())
        .map(|cells| (cells[1].clone(), cells[2] == "integer"))
        .collect()
}

#[test]
fn the_guide_tells_every_view_and_its_examples_can_be_asked() {
    let nights = Nights::spent();
    let ledger = Connection::open_with_flags(nights.path("ringback.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut views = ledger.prepare("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name").unwrap();
    let views: Vec<String> = views.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(views, ["v_callbacks", "v_entries", "v_runs"]);
    for view in views {
        let mut columns = ledger.prepare("SELECT name, type LIKE 'INT%' FROM pragma_table_info(?1)").unwrap();
        let columns = columns.query_map([&view], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap);
        assert_eq!(columns.collect::<Vec<(String, bool)>>(), told(&view), "{view}");
    }
    let commands = blocks("sh").concat();
    assert_eq!(commands.lines().count(), 4);
    for command in commands.lines() {
        let said = command.split('#').next().unwrap_or_default();
        nights.ringback(&said.split_whitespace().skip(1).collect::<Vec<_>>(), 0);
    }
    let examples = blocks("sql");
    assert_eq!(examples.len(), 7);
    for example in examples {
        let mut query = ledger.prepare(&example).unwrap_or_else(|error| panic!("{error}: {example}"));
        let mut rows = query.query([]).unwrap();
        assert!(rows.next().unwrap().is_some(), "no row: {example}");
        while rows.next().unwrap().is_some() {}
    }
}
