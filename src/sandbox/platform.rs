//! The platform without its sockets: a request and the time go in, an answer comes out.
//!
//! The order of judgement: the limit, the route, chance before the deed, the token, the contract, the deed, chance
//! after it. The answer is decided in one step, so that a client that leaves early does not undo what it asked for.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    chance::{Luck, fingerprint, fraction, mix},
    contract::{self, Breach},
    fault::Target,
    forecast,
    journal::Journal,
    limit::SlidingWindow,
    message::{Answer, Body, Request},
    settings::{ConflictAnswer, ExpiresIn, SandboxSettings, Scope},
    store::{Store, Stored},
    time::spell_millis,
    tokens::{Tokens, is_client},
    trouble::{Trouble, too_many},
};

/// Everything the platform remembers.
#[derive(Debug)]
pub(super) struct Platform {
    settings: Arc<SandboxSettings>,
    started_at_ms: i64,
    admitted: SlidingWindow,
    journal: Journal,
    tokens: Tokens,
    store: Store,
    /// How often each request came, by its fingerprint: a repeat has luck of its own.
    comings: HashMap<u64, u32>,
}

/// A deed done, or the refusal of it.
type Deed = Result<Answer, Answer>;

impl Platform {
    /// A platform that nothing was asked of, started at this time of the Unix clock.
    pub(super) fn new(settings: SandboxSettings, started_at_ms: i64) -> Self {
        Self {
            settings: Arc::new(settings),
            started_at_ms,
            admitted: SlidingWindow::default(),
            journal: Journal::default(),
            tokens: Tokens::default(),
            store: Store::default(),
            comings: HashMap::new(),
        }
    }

    /// Carries out a request that came `at` after the start, and says what to answer.
    pub(super) fn answer(&mut self, request: &Request, at: Duration) -> Answer {
        let answer = self.judge(request, at);
        self.journal.note(request, at, &answer);
        answer
    }

    /// What was asked and done so far.
    pub(super) fn state(&self) -> Value {
        json!({
            "started_at": spell_millis(self.started_at_ms),
            "contacts": self.store.contacts_shown(),
            "texts": self.store.texts_shown(),
            "counts": self.journal.counts_shown(),
            "tokens_issued": self.tokens.issued(),
            "most_in_60s": self.journal.most_in_a_minute(),
            "requests": self.journal.latest_shown(),
            "requests_forgotten": self.journal.forgotten(),
        })
    }

    /// Changes settings while running: the keys of the object replace those in force; nothing changes on an error.
    pub(super) fn change(&mut self, body: &[u8]) -> Result<(), serde_json::Error> {
        let changes: serde_json::Map<String, Value> = serde_json::from_slice(body)?;
        let mut settings = serde_json::to_value(&*self.settings)?;
        for (key, value) in changes {
            settings[key] = value;
        }
        self.settings = Arc::new(serde_json::from_value(settings)?);
        Ok(())
    }

    fn judge(&mut self, request: &Request, at: Duration) -> Answer {
        if let Err(refusal) = self.admit(at) {
            return refusal;
        }
        let target = match request.target() {
            Ok(target) => target,
            Err(nowhere) => return nowhere,
        };
        let luck = self.luck(request);
        let settings = Arc::clone(&self.settings);
        let trouble = Trouble { settings: &settings, target, luck, now_ms: self.unix_ms(at) };
        let delay = Duration::from_millis(trouble.latency_ms());
        let answer = match trouble.before(&request.path) {
            Some(answer) => answer,
            None => match self.carry_out(request, at, &trouble) {
                Ok(done) => trouble.after(&done).unwrap_or(done),
                Err(refusal) => refusal,
            },
        };
        Answer { delay, ..answer }
    }

    fn admit(&mut self, at: Duration) -> Result<(), Answer> {
        let Some(limit) = self.settings.requests_per_minute else { return Ok(()) };
        self.admitted.admit(at, limit).map_err(|wait| {
            // A millisecond is added for what is cut off below it.
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX - 1) + 1;
            too_many(self.settings.retry_after, wait_ms, self.unix_ms(at)).by("limit")
        })
    }

    fn luck(&mut self, request: &Request) -> Luck {
        let bytes =
            fingerprint(self.settings.seed, &[request.path.as_bytes(), request.query.as_bytes(), request.body.bytes()]);
        let nth = self.comings.entry(bytes).or_default();
        *nth += 1;
        Luck::of(bytes, *nth)
    }

    fn carry_out(&mut self, request: &Request, at: Duration, trouble: &Trouble<'_>) -> Deed {
        if request.body == Body::TooLarge {
            return Err(Answer::problem(413, "too_large", "the body is larger than 1 MiB"));
        }
        match trouble.target {
            Target::Token => self.token(request, at),
            Target::Forecast => {
                self.allow(request, at, trouble)?;
                let asked = contract::forecast(&request.query).map_err(refused)?;
                if self.settings.forbidden_campaigns.contains(&asked.campaign) {
                    return Err(forbidden("this campaign").by("forbidden_campaigns"));
                }
                Ok(Answer::json(200, &forecast::answer(&self.settings, &asked, trouble.luck)))
            }
            Target::Contact => {
                self.allow(request, at, trouble)?;
                self.contact(request, at)
            }
            Target::Sms => {
                self.allow(request, at, trouble)?;
                self.text(request, at)
            }
        }
    }

    fn token(&mut self, request: &Request, at: Duration) -> Deed {
        if !is_client(&self.settings, &request.authorization) {
            return Err(Answer::problem(401, "invalid_client", "wrong client id or secret"));
        }
        if let Some(error) = &self.settings.token_error {
            return Err(Answer::json(400, &json!({ "error": error })).by("token_error"));
        }
        needs_type(request, "application/x-www-form-urlencoded")?;
        contract::grant(request.body.bytes()).map_err(refused)?;
        let mut answer = json!({ "access_token": self.tokens.issue(&self.settings, at), "token_type": "Bearer" });
        match self.settings.expires_in {
            ExpiresIn::Told => answer["expires_in"] = json!(self.settings.token_lifetime_secs),
            ExpiresIn::Untold => {}
        }
        Ok(Answer::json(200, &answer))
    }

    fn allow(&mut self, request: &Request, at: Duration, trouble: &Trouble<'_>) -> Result<(), Answer> {
        let unknown = || Answer::problem(401, "invalid_token", "the token is missing, unknown, expired or revoked");
        if !self.tokens.allow(&request.authorization, at) {
            return Err(unknown());
        }
        if trouble.revokes() {
            self.tokens.revoke(&request.authorization);
            return Err(unknown().by("token_revoked"));
        }
        let scope = Scope::needed_for(trouble.target).filter(|scope| self.settings.missing_scopes.contains(scope));
        if let Some(scope) = scope {
            let message = format!("scope {} is missing", scope.as_str());
            return Err(Answer::problem(403, "missing_scope", &message).by("missing_scopes"));
        }
        Ok(())
    }

    fn contact(&mut self, request: &Request, at: Duration) -> Deed {
        needs_type(request, "application/json")?;
        let body = request.body.bytes();
        let asked = contract::contact(body).map_err(refused)?;
        let settings = &self.settings;
        if settings.forbidden_phones.contains(&asked.phone) {
            return Err(forbidden("this number").by("forbidden_phones"));
        }
        let barred = settings.refused_phones.contains(&asked.phone)
            || self.is_among("refused_phones", &asked.phone, settings.refused_phones_share);
        if barred && !self.store.has(&asked.contact_id) {
            return Err(refused(Breach("contact.phone: the campaign does not take it".to_owned())).by("refused_phones"));
        }
        let same_id = json!({ "contactId": asked.contact_id });
        match (self.store.contact(&asked.contact_id, body, self.unix_ms(at)), self.settings.answers_conflict) {
            (Stored::New, _) => Ok(Answer::json(201, &same_id)),
            (Stored::Existed, ConflictAnswer::SameId) => Ok(Answer::json(200, &same_id)),
            (Stored::Existed, ConflictAnswer::Conflict) => {
                Ok(Answer::problem(409, "conflict", "a contact with this id exists already"))
            }
        }
    }

    fn text(&mut self, request: &Request, at: Duration) -> Deed {
        needs_type(request, "application/json")?;
        let asked = contract::session(request.body.bytes()).map_err(refused)?;
        let settings = &self.settings;
        if settings.forbidden_phones.contains(&asked.to) {
            return Err(forbidden("this number").by("forbidden_phones"));
        }
        if settings.refused_texts.contains(&asked.to)
            || self.is_among("refused_texts", &asked.to, settings.refused_texts_share)
        {
            return Err(refused(Breach("to: cannot be reached by text".to_owned())).by("refused_texts"));
        }
        let session_id = self.session_id();
        let answer = Answer::json(201, &json!({ "sessionId": session_id }));
        self.store.text(session_id, asked, self.unix_ms(at));
        Ok(answer)
    }

    /// Whether the phone is among the share of all phones that is always refused.
    fn is_among(&self, kind: &str, phone: &str, share: f64) -> bool {
        let sum = fingerprint(self.settings.seed, &[kind.as_bytes(), phone.as_bytes()]);
        fraction(sum) < share
    }

    /// An id of the shape of a UUID, the next of the seed's.
    fn session_id(&self) -> String {
        let sum = fingerprint(self.settings.seed, &[b"session", &self.store.texts().to_le_bytes()]);
        let (high, low) = (format!("{sum:016x}"), format!("{:016x}", mix(sum)));
        format!("{}-{}-4{}-a{}-{}", &high[..8], &high[8..12], &high[13..], &low[1..4], &low[4..])
    }

    fn unix_ms(&self, at: Duration) -> i64 {
        self.started_at_ms.saturating_add(i64::try_from(at.as_millis()).unwrap_or(i64::MAX))
    }
}

fn refused(Breach(message): Breach) -> Answer {
    Answer::problem(400, "invalid_request", &message)
}

fn forbidden(what: &str) -> Answer {
    Answer::problem(403, "forbidden", &format!("{what} is not for this client"))
}

fn needs_type(request: &Request, wanted: &str) -> Result<(), Answer> {
    let given = request.content_type.split(';').next().unwrap_or_default().trim();
    if given.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Answer::problem(415, "unsupported_media_type", &format!("content-type: must be {wanted}")))
}

#[cfg(test)]
#[path = "platform_tests.rs"]
mod tests;
