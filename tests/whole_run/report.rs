//! A run's report as its readers read it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::platform::State;

/// The columns of `results.csv`, as they are promised.
const HEADER: &str = "input,line,record_id,status,code,detail,phone,campaign_id,language,window_start,window_end,\
                      dispatch_at,callback_id,contact_id,sms_session_id,attempts,contact_at,sms_at,run_id";

/// `results.csv` and `summary.json`.
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    pub(crate) summary: Value,
}

/// One row of `results.csv`, by column.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) BTreeMap<String, String>);

impl Row {
    /// The cell of a column.
    pub(crate) fn at(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("no column {column}"))
    }
}

impl Report {
    /// Reads the report in a folder, and holds it to what every report promises.
    pub(crate) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("results.csv")).unwrap();
        assert_eq!(text.lines().next(), Some(HEADER));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<Row> = reader.deserialize().map(|row| Row(row.unwrap())).collect();
        let summary = std::fs::read_to_string(folder.join("summary.json")).unwrap();
        let report = Self { rows, summary: serde_json::from_str(&summary).unwrap() };
        report.adds_up();
        report
    }

    pub(crate) fn adds_up(&self) {
        crate::contract::summary(&self.summary);
        assert_eq!(self.summary["rows"], self.rows.len(), "{}", self.summary);
        let mut by_status: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &self.rows {
            *by_status.entry(row.at("status")).or_default() += 1;
        }
        assert_eq!(self.summary["by_status"], serde_json::to_value(by_status).unwrap());
        let read: u64 = self.summary["inputs"].as_array().unwrap().iter().map(|i| i["rows"].as_u64().unwrap()).sum();
        let from_ledger = self.summary["inputs"] == json!([]);
        assert!(from_ledger || self.summary["rows"] == read, "{}", self.summary);
    }

    /// A column, row by row.
    pub(crate) fn column(&self, name: &str) -> Vec<&str> {
        self.rows.iter().map(|row| row.at(name)).collect()
    }

    /// How many rows have this status.
    pub(crate) fn count(&self, status: &str) -> usize {
        self.rows.iter().filter(|row| row.at("status") == status).count()
    }

    /// Every row has this status and code.
    pub(crate) fn all(&self, status: &str, code: &str) {
        for row in &self.rows {
            assert_eq!((row.at("status"), row.at("code")), (status, code), "{row:?}");
        }
    }

    /// No request left in this run.
    pub(crate) fn asked_nothing(&self) {
        let requests = self.summary["requests"].as_object().unwrap();
        assert!(requests.values().all(|count| *count == 0), "{requests:?}");
    }

    /// Every row that is done has one contact, as it was asked for the first time, and one text; no other
    /// contact and no other text exists.
    pub(crate) fn is_what_the_platform_did(&self, state: &State) {
        let done: Vec<&Row> =
            self.rows.iter().filter(|row| ["confirmed", "already_done"].contains(&row.at("status"))).collect();
        let contacts = state.by_id();
        assert_eq!(contacts.len(), state.contacts().len(), "a contact is there twice");
        assert_eq!((contacts.len(), state.texts().len()), (done.len(), done.len()));
        for row in done {
            let id = row.at("callback_id");
            assert_eq!(row.at("contact_id"), id);
            let contact = contacts.get(id).unwrap_or_else(|| panic!("no contact for {row:?}"));
            assert_eq!((&contact["phone"], &contact["askedOtherwise"]), (&row.at("phone").into(), &0.into()));
            assert_eq!(state.texts_for(row.at("phone"), id).len(), 1, "{row:?}");
        }
    }
}
