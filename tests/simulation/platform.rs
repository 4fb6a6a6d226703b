//! The platform in memory. It keeps one contact an id (unless ids are advisory), sends texts, gives tokens
//! that end, tells forecasts that never change, and deals out trouble as its mood has it.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use ringback::domain::abilities::Repeat;
use ringback::domain::callback::CallbackId;
use ringback::domain::forecast::{Slot, ToldHours};
use ringback::domain::reply::{Answered, Made, Newness, Probed, Reply, Step, Trouble, Unclear};
use ringback::domain::time::{HOUR, Interval, Timestamp};
use ringback::io::platform::{
    Asking, AskingAccess, Backend, Capacity, ContactRequest, Contacts, Grant, Platform, TextRequest, Texts,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::answers::{Deal, deal};
use crate::outage::EMPTY;
use crate::random::fate;
use crate::record::{Answer, Means, Said, Sent};
use crate::scenario::{Mood, Scenario};
use crate::world::{State, Token, World};

/// The platform as one run reaches it.
pub(crate) struct FakePlatform<'w> {
    world: &'w World,
    /// Whose tokens and pace its requests go by.
    account: &'static str,
}

/// Who is asked in each role.
pub(crate) fn platform(world: &World) -> Platform<'_> {
    let all = Platform::all(FakePlatform { world, account: "all" });
    if world.state.borrow().record.scenario.habits.texts_apart {
        return Platform { texts: Rc::new(FakePlatform { world, account: "texts" }), ..all };
    }
    all
}

/// A request on its way.
struct Asked<'a> {
    step: Step,
    token: Option<&'a SecretString>,
    campaign: &'a str,
    body: &'a [u8],
}

impl Asked<'_> {
    /// Whose contact or text it is.
    fn id(&self) -> Option<CallbackId> {
        id_of(self.step, self.body)
    }
}

/// What has come of a request at the moment it left, though nobody knows yet.
struct Fate {
    done: bool,
    trouble: Option<Trouble>,
    /// What an answer without trouble says.
    fine: Said,
    wait: Duration,
}

impl FakePlatform<'_> {
    /// One request: it leaves, something happens or not, and after a time an answer is there.
    async fn ask(&self, asked: Asked<'_>) -> Result<Said, Trouble> {
        self.world.point().await;
        let (place, fate) = self.leave(&asked);
        let _flight = Flight::begin(self.world);
        sleep(fate.wait).await;
        self.world.point().await;
        self.world.state.borrow_mut().record.sent[place].answered = Some(self.world.now());
        fate.trouble.map_or(Ok(fate.fine), Err)
    }

    fn leave(&self, asked: &Asked<'_>) -> (usize, Fate) {
        let now = self.world.now();
        let mut state = self.world.state.borrow_mut();
        let stale_token = asked.token.is_some_and(|token| state.tokens[place_of(token)].until <= now);
        let fate = fate_of(&mut state, asked, now);
        let (number, run, id) = (state.number(), state.run, id_of(asked.step, asked.body));
        let answer = answer(&fate, asked, stale_token);
        let (step, body, done, token) = (asked.step, asked.body.to_vec(), fate.done, asked.token.map(place_of));
        state.record.sent.push(Sent { number, at: now, run, step, id, token, body, done, answered: None, answer });
        (state.record.sent.len() - 1, fate)
    }
}

/// Counts a request for as long as it is in flight, also where it is given up.
struct Flight<'w>(&'w World);

impl<'w> Flight<'w> {
    fn begin(world: &'w World) -> Self {
        let mut state = world.state.borrow_mut();
        state.in_flight += 1;
        state.record.flight_max = state.record.flight_max.max(state.in_flight);
        Self(world)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.borrow_mut();
        state.in_flight = state.in_flight.saturating_sub(1);
    }
}

fn fate_of(state: &mut State, asked: &Asked<'_>, now: Duration) -> Fate {
    let dealt = deal(state.plan.mood, &mut state.random);
    let outage = state.plan.outage.filter(|outage| outage.strikes(asked.step, asked.campaign, asked.body));
    let deal =
        outage.filter(|outage| outage.lasts_at(now.saturating_sub(state.began))).map_or(dealt, |outage| outage.deal);
    let wait = Duration::from_millis(if deal == Deal::Silence {
        30_000
    } else if deal == Deal::Slow {
        state.random.between(2_000, 29_000)
    } else {
        state.random.between(1, 400)
    });
    let (done, trouble) = outcome(state, asked, deal, now);
    let is_new = asked.step == Step::Contact && done && state.record.scenario.habits.tells_created;
    Fate { done, trouble, fine: if is_new { Said::Created } else { Said::Fine }, wait }
}

fn unknown(why: Unclear, hold: Option<u64>) -> Trouble {
    Trouble::Unknown { why, hold, words: format!("{why:?} {hold:?}") }
}

/// What is said at the door, whatever was asked for.
fn at_the_door(deal: Deal) -> Option<Trouble> {
    let said = |wanted: Deal, trouble: Trouble| (deal == wanted).then_some(trouble);
    if let Deal::Busy(hold) = deal {
        return Some(Trouble::Busy { hold, words: format!("busy {hold:?}") });
    }
    said(Deal::NotSent, Trouble::NotSent("no route".into()))
        .or(said(Deal::Forbidden, Trouble::Forbidden { what: "right".into(), words: "forbidden".into() }))
        .or(said(Deal::QuotaUsedUp, Trouble::QuotaUsedUp("quota".into())))
}

/// Whether something is carried out, and what is said about it.
fn outcome(state: &mut State, asked: &Asked<'_>, deal: Deal, now: Duration) -> (bool, Option<Trouble>) {
    if let Some(trouble) = at_the_door(deal) {
        return (false, Some(trouble));
    }
    if deal == Deal::Revoked {
        state.tokens.iter_mut().for_each(|token| token.revoked = true);
    }
    let good = |token: &Token| !token.revoked && now < token.until;
    if asked.token.map_or(deal == Deal::Revoked, |token| !good(&state.tokens[place_of(token)])) {
        return (false, Some(Trouble::Unauthorised("token".into())));
    }
    if deal == Deal::Refused {
        return (false, Some(Trouble::Refused("refused".into())));
    }
    if deal == Deal::NotDone {
        return (false, Some(Trouble::NotDone("not done".into())));
    }
    inside(state, asked, deal, now)
}

/// What happens to a request that is let in, and how much of it is said. All but a refusal may come after the deed.
fn inside(state: &mut State, asked: &Asked<'_>, deal: Deal, now: Duration) -> (bool, Option<Trouble>) {
    let honest = honest(state, asked, now);
    let done = state.random.percent(50) && honest.done;
    match deal {
        Deal::Unreadable if honest.trouble.is_none() => (honest.done, Some(unknown(Unclear::Unreadable, None))),
        Deal::Contradiction => (done, Some(unknown(Unclear::Contradiction, None))),
        Deal::Errors if asked.id().is_some() => (false, Some(Trouble::Refused("errors".into()))),
        Deal::Page => (done, Some(unknown(Unclear::Page, None))),
        Deal::Silence => (done, Some(Trouble::NoAnswer("30 s".into()))),
        Deal::Trouble => (done, Some(unknown(Unclear::Troubled, None))),
        Deal::TimedOut => (done, Some(unknown(Unclear::TimedOut, None))),
        Deal::Elsewhere => (done, Some(Trouble::WrongAddress("elsewhere".into()))),
        Deal::Unavailable(after) => (done, Some(unknown(Unclear::Troubled, Some(after)))),
        Deal::Fine
        | Deal::Slow
        | Deal::Unreadable
        | Deal::Errors
        | Deal::Refused
        | Deal::NotDone
        | Deal::Revoked
        | Deal::Forbidden
        | Deal::Busy(_)
        | Deal::QuotaUsedUp
        | Deal::NotSent => (honest.done, honest.trouble),
    }
}

/// What an honest platform does and says.
struct Honest {
    done: bool,
    trouble: Option<Trouble>,
}

fn honest(state: &State, asked: &Asked<'_>, now: Duration) -> Honest {
    let Scenario { seed, habits, .. } = &state.record.scenario;
    let refused = |kind: &str, id: CallbackId| fate(*seed, &format!("{kind}{id}")) % 100 < habits.refused_percent;
    let no = || Honest { done: false, trouble: Some(Trouble::Refused("no".into())) };
    let existed = Trouble::Existed { id: None, words: "existed".into() };
    match (asked.step, id_of(asked.step, asked.body)) {
        (Step::Forecast, _) if asked.campaign == "gone" => no(),
        (Step::Contact | Step::Text, None) => no(),
        (Step::Contact, Some(id)) if state.record.scenario.is_foreign(id) || is_kept(state, id, now) => {
            if habits.repeats_are_fine {
                Honest { done: false, trouble: None }
            } else {
                Honest { done: false, trouble: Some(existed) }
            }
        }
        (Step::Contact, Some(id)) if refused("contact", id) => no(),
        (Step::Text, Some(id)) if refused("text", id) => no(),
        (step, _) => Honest { done: matches!(step, Step::Contact | Step::Text), trouble: None },
    }
}

/// Whether the platform has created this contact, and knows it by its id.
fn is_kept(state: &State, id: CallbackId, now: Duration) -> bool {
    let mut created = state.record.of(id, Step::Contact).filter(|sent| sent.done);
    match state.record.scenario.settings.ids {
        Repeat::SameId => created.next().is_some(),
        Repeat::WithinLife(life) => created.any(|sent| now < sent.at + life),
        Repeat::Never | Repeat::LookUpFirst => false,
    }
}

impl Scenario {
    /// Whether the platform holds this id from before this ledger.
    pub(crate) fn is_foreign(&self, id: CallbackId) -> bool {
        fate(self.seed, &format!("foreign{id}")) % 100 < self.habits.foreign_percent
            && self.settings.ids == Repeat::SameId
    }
}

/// What an answer means by the rules that users are told: nothing was done after a refusal, a 429, or where nothing left;
/// what says that it was accepted was done; anything else may have been done.
fn answer(fate: &Fate, asked: &Asked<'_>, stale_token: bool) -> Answer {
    let words = fate.trouble.as_ref().map_or_else(|| format!("{:?}", fate.fine), Trouble::describe);
    let said = fate.trouble.as_ref().and_then(Said::of);
    let mut answer = Answer { words, means: Means::Done, hold: None, said, stale_token };
    answer.means = match &fate.trouble {
        None => {
            answer.said = (asked.step == Step::Contact).then_some(fate.fine);
            Means::Done
        }
        Some(Trouble::Unknown { hold, .. }) => {
            answer.hold = *hold;
            Means::Open
        }
        Some(Trouble::NoAnswer(_) | Trouble::WrongAddress(_)) => Means::Open,
        Some(Trouble::Busy { hold, .. }) => {
            answer.hold = *hold;
            Means::Nothing
        }
        Some(_) => Means::Nothing,
    };
    answer
}

fn place_of(token: &SecretString) -> usize {
    token.expose_secret().parse().expect("a token of this platform")
}

/// Whose contact or text a body is about; a test request holds nothing, and so is nobody's.
fn id_of(step: Step, body: &[u8]) -> Option<CallbackId> {
    let told = || serde_json::from_slice::<Value>(body).expect("a body of this platform");
    let id = match step {
        Step::Token | Step::Forecast => return None,
        Step::Contact => told()["id"].as_str()?.to_owned(),
        Step::Text => told()["message"].as_str()?.split(' ').next()?.to_owned(),
    };
    Some(CallbackId::from_bytes(*Uuid::parse_str(&id).expect("an id").as_bytes()))
}

fn reply<T>(answered: Result<Said, Trouble>, good: impl FnOnce(Said) -> T) -> Answered<T> {
    let said = answered.as_ref().map_or_else(Said::of, |said| Some(*said));
    Answered {
        reply: answered.map_or_else(Reply::Trouble, |said| Reply::Done(good(said))),
        label: said.map(Said::label),
    }
}

impl Backend for FakePlatform<'_> {
    fn account(&self) -> &'static str {
        self.account
    }

    fn pace_group(&self) -> &'static str {
        self.account
    }

    fn right(&self, _: Step) -> &'static str {
        "right"
    }

    fn grant(&self) -> AskingAccess<'_> {
        async {
            let answered = self.ask(Asked { step: Step::Token, token: None, campaign: "", body: b"" }).await;
            Ok(reply(answered, |_| {
                let mut state = self.world.state.borrow_mut();
                let calm = state.plan.mood == Mood::Calm;
                let lifetime = if calm { 1800 } else { state.random.pick(&[1800, 1800, 300, 90, 20, 0]) };
                let lifetime = Duration::from_secs(lifetime);
                state.tokens.push(Token { until: self.world.now() + lifetime, revoked: false });
                Grant { credential: (state.tokens.len() - 1).to_string().into(), lifetime }
            }))
        }
        .boxed_local()
    }

    fn probe<'a>(&'a self, token: &'a SecretString, step: Step) -> Asking<'a, Probed> {
        async move {
            let asked = Asked { step, token: Some(token), campaign: "", body: EMPTY };
            let Answered { reply, label } = reply(self.ask(asked).await, |_| Probed::Taken);
            let reply = match reply {
                Reply::Trouble(Trouble::Refused(words)) => Reply::Done(Probed::Refused(words)),
                Reply::Done(_) | Reply::Trouble(_) => reply,
            };
            Answered { reply, label }
        }
        .boxed_local()
    }
}

impl Capacity for FakePlatform<'_> {
    fn hours<'a>(&'a self, token: &'a SecretString, campaign: &'a str, range: Interval) -> Asking<'a, ToldHours> {
        async move {
            let body = format!("{campaign} {} {}", range.start.rfc3339(), range.end.rfc3339());
            let asked = Asked { step: Step::Forecast, token: Some(token), campaign, body: body.as_bytes() };
            reply(self.ask(asked).await, |_| disordered(&mut self.world.state.borrow_mut(), campaign, range))
        }
        .boxed_local()
    }
}

impl Contacts for FakePlatform<'_> {
    fn body(&self, request: &ContactRequest<'_>) -> Vec<u8> {
        let (id, campaign, phone) = (request.id.to_string(), request.campaign, request.phone.reveal());
        let (start, end) = (request.window.start().unix(), request.window.end().unix());
        let (at, language) = (request.dispatch_at.unix(), request.language);
        json!({ "id": id, "campaign": campaign, "phone": phone, "at": at, "start": start, "end": end, "language": language })
            .to_string()
            .into_bytes()
    }

    fn create<'a>(&'a self, token: &'a SecretString, body: &'a [u8]) -> Asking<'a, Made> {
        async move {
            let asked = Asked { step: Step::Contact, token: Some(token), campaign: "", body };
            reply(self.ask(asked).await, |said| {
                let id = id_of(Step::Contact, body).expect("an id");
                let is_created = said == Said::Created;
                // Some answers have no body.
                let told = !is_created || !fate(self.world.seed(), &format!("bodiless{id}")).is_multiple_of(8);
                let newness = if is_created { Newness::Created } else { Newness::Present("there") };
                Made { id: told.then(|| id.to_string()), newness }
            })
        }
        .boxed_local()
    }
}

impl Texts for FakePlatform<'_> {
    fn body(&self, request: &TextRequest<'_>) -> Vec<u8> {
        json!({ "to": request.to.reveal(), "from": request.from, "message": request.message }).to_string().into_bytes()
    }

    fn send<'a>(&'a self, token: &'a SecretString, body: &'a [u8]) -> Asking<'a, Option<String>> {
        async move {
            let asked = Asked { step: Step::Text, token: Some(token), campaign: "", body };
            reply(self.ask(asked).await, |_| Some("session".to_owned()))
        }
        .boxed_local()
    }
}

/// An hour as it is for ever; `None` where the platform has none. Some have no agents, but for those of `even`.
pub(crate) fn hour(seed: u64, campaign: &str, start: Timestamp) -> Option<Slot> {
    if campaign == "even" {
        return Some(Slot { start, agents: 5.0, expected_calls: 0.0 });
    }
    let bits = fate(seed, &format!("{campaign}{}", start.unix()));
    let figure = |bits: u64| f64::from(u32::try_from(bits).expect("small"));
    (campaign != "gone" && !bits.is_multiple_of(12)).then(|| Slot {
        start,
        agents: figure((bits >> 8) % 6),
        expected_calls: figure((bits >> 16) % 9),
    })
}

/// The hours of a stretch, and perhaps one on each side, in any order, some of them twice.
fn disordered(state: &mut State, campaign: &str, range: Interval) -> ToldHours {
    let seed = state.record.scenario.seed;
    let more = i64::from(state.random.percent(30));
    let hours = range.seconds() / HOUR;
    let starts = (-more..hours + more).map(|hour| range.start.plus(hour * HOUR));
    let mut slots: Vec<Slot> = starts.filter_map(|start| hour(seed, campaign, start)).collect();
    for place in (1..slots.len()).rev() {
        let other = usize::try_from(state.random.below(place as u64 + 1)).expect("a place");
        slots.swap(place, other);
    }
    if let (Some(&first), true) = (slots.first(), state.random.percent(20)) {
        slots.push(first);
    }
    ToldHours { slots, unreadable: 0 }
}
