//! Inputs, ledger and platform held against one another.

mod drift;
mod manners;
mod settle;

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde_json::Value;

use crate::report::Row;
use crate::stage::{Ended, Stage};

/// The columns, as they are promised.
const HEADER: &str = "finding,callback_id,phone,campaign_id,window_start,window_end,dispatch_at,platform_contact_id,\
                      platform_dispatch_at,input,line,detail";

/// One contact of the platform's export.
#[derive(Clone, Debug)]
struct Contact {
    id: String,
    campaign: String,
    phone: String,
    at: String,
}

impl Contact {
    fn of(contact: &Value) -> Self {
        let text = |key: &str| contact[key].as_str().unwrap().to_owned();
        let (id, campaign) = (text("contactId"), text("campaignId"));
        Self { id, campaign, phone: text("phone"), at: text("scheduledStartDateTime") }
    }

    /// The same instant, or one some minutes later, on a clock two hours ahead of UTC.
    fn later(mut self, minutes: i64) -> Self {
        let at = DateTime::parse_from_rfc3339(&self.at).unwrap() + TimeDelta::minutes(minutes);
        self.at = at.with_timezone(&FixedOffset::east_opt(2 * 3600).unwrap()).to_rfc3339();
        self
    }
}

fn csv(contacts: &[Contact]) -> String {
    let line = |Contact { id, campaign, phone, at }: &Contact| format!("{phone},{at},{id},{campaign}");
    let lines: Vec<String> = contacts.iter().map(line).collect();
    format!("phone,scheduledStartDateTime,contactId,campaignId\n{}\n", lines.join("\n"))
}

/// What a comparison wrote into `rec`.
struct Found {
    rows: Vec<Row>,
    sums: Value,
}

impl Found {
    fn read(stage: &Stage) -> Self {
        let file = |name: &str| std::fs::read_to_string(stage.path("rec").join(name)).unwrap();
        let text = file("reconciliation.csv");
        assert_eq!(text.lines().next(), Some(HEADER));
        let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
        let rows: Vec<Row> = rows.map(|row| Row(row.unwrap())).collect();
        let sums: Value = serde_json::from_str(&file("reconciliation.json")).unwrap();
        let counts = sums["findings"].as_object().unwrap().values();
        assert_eq!(counts.map(|count| count.as_u64().unwrap()).sum::<u64>(), rows.len() as u64, "{sums}");
        Self { rows, sums }
    }

    /// How many findings there are of a kind.
    fn count(&self, kind: &str) -> u64 {
        self.sums["findings"][kind].as_u64().unwrap()
    }

    /// The findings that are no agreement: each with what it is about, the callback or else the contact.
    fn differences(&self) -> BTreeSet<(String, String)> {
        let about = |row: &Row| {
            let (callback, contact) = (row.at("callback_id"), row.at("platform_contact_id"));
            if callback.is_empty() { contact.to_owned() } else { callback.to_owned() }
        };
        let different = self.rows.iter().filter(|row| row.at("finding") != "matched");
        let differences: Vec<_> = different.map(|row| (row.at("finding").to_owned(), about(row))).collect();
        let set: BTreeSet<_> = differences.iter().cloned().collect();
        assert_eq!(set.len(), differences.len(), "none is told twice");
        set
    }
}

impl Stage {
    /// Compares without a word about the platform: no credentials, no address.
    pub(crate) fn reconcile(&self, args: &[&str]) -> Ended {
        let mut command = self.command(&[&["reconcile", "-o", "rec"], args].concat());
        for variable in ["CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET", "RINGBACK_PLATFORM_BASE_URL"] {
            command.env_remove(variable);
        }
        Ended::of(&mut command)
    }

    /// Writes the platform's contacts as an export.
    pub(crate) fn put_contacts(&self, name: &str) {
        let contacts: Vec<Contact> = self.state().contacts().iter().map(Contact::of).collect();
        self.put(name, csv(&contacts));
    }
}
