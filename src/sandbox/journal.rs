//! Every request and what was answered: counted for ever, the latest also kept whole.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};

use serde_json::{Map, Value, json};

use super::{
    limit::SlidingWindow,
    message::{Answer, Body, Request},
};

/// The latest requests that are kept whole.
const REQUESTS_KEPT_MAX: usize = 10_000;

/// The bytes of a body that are kept.
const BODY_KEPT_BYTES_MAX: usize = 4096;

#[derive(Debug)]
struct Noted {
    at: Duration,
    request: Request,
    status: Option<u16>,
    fault: Option<&'static str>,
}

/// What came and what was answered.
#[derive(Debug, Default)]
pub(super) struct Journal {
    arrivals: SlidingWindow,
    counts: HashMap<(String, Option<u16>), u64>,
    latest: VecDeque<Noted>,
    forgotten: u64,
}

impl Journal {
    /// Notes a request that came `at` after the start, and the answer to it.
    pub(super) fn note(&mut self, request: &Request, at: Duration, answer: &Answer) {
        self.arrivals.note(at);
        *self.counts.entry((route_of(request), answer.status)).or_default() += 1;
        if self.latest.len() == REQUESTS_KEPT_MAX {
            self.latest.pop_front();
            self.forgotten += 1;
        }
        self.latest.push_back(Noted { at, request: kept(request), status: answer.status, fault: answer.fault });
    }

    /// The counts by route and status; a connection that was cut counts as `cut`.
    pub(super) fn counts_shown(&self) -> Value {
        let mut routes: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for ((route, status), count) in &self.counts {
            let status = status.map_or_else(|| "cut".to_owned(), |status| status.to_string());
            routes.entry(route).or_default().insert(status, json!(count));
        }
        json!(routes)
    }

    /// The latest requests, oldest first.
    pub(super) fn latest_shown(&self) -> Vec<Value> {
        self.latest.iter().map(Noted::shown).collect()
    }

    /// Requests that were counted and are no longer kept whole.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The most requests that came in any 60 seconds, refused ones too.
    pub(super) fn most_in_a_minute(&self) -> usize {
        self.arrivals.most()
    }
}

/// The method and path of a known route; all others are `other`, so that their names cannot pile up.
fn route_of(request: &Request) -> String {
    if request.target().is_ok() { format!("{} {}", request.method, request.path) } else { "other".to_owned() }
}

/// The request without its credentials, its body cut short.
fn kept(request: &Request) -> Request {
    let body = request.body.bytes();
    Request {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        body: Body::Read(body[..body.len().min(BODY_KEPT_BYTES_MAX)].to_vec()),
        ..Request::default()
    }
}

impl Noted {
    fn shown(&self) -> Value {
        let Request { method, path, query, body, .. } = &self.request;
        json!({
            "at": u64::try_from(self.at.as_millis()).unwrap_or(u64::MAX),
            "method": method, "path": path, "query": query,
            "body": String::from_utf8_lossy(body.bytes()),
            "status": self.status, "fault": self.fault,
        })
    }
}
