//! Random batches: inputs, a ledger and contacts that are like them, or not quite.

use std::collections::BTreeMap;

use super::*;

/// A generator of its own: the same seed, the same batch, whatever else is drawn elsewhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("small")].clone()
    }
}

/// What a customer asked for, somewhere: in an input, in the ledger, or in neither.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) known: Known,
    pub(super) given: Option<ContactKey>,
    pub(super) run: u64,
    pub(super) in_ledger: bool,
    pub(super) in_input: bool,
    pub(super) is_closed: bool,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) asked: Vec<Asked>,
    pub(super) contacts: Vec<Contact>,
    campaigns: Names,
}

pub(super) const CAMPAIGNS: [&str; 3] = ["a", "b", ""];

impl World {
    pub(super) fn draw(seed: u64) -> Self {
        let mut draw = Draw(seed);
        let mut asked: BTreeMap<CallbackId, Asked> = BTreeMap::new();
        for _ in 0..=draw.below(9) {
            let one = Self::asked(&mut draw);
            asked.insert(one.known.id, one);
        }
        let asked: Vec<Asked> = asked.into_values().collect();
        let mut campaigns = Names::default();
        for campaign in CAMPAIGNS {
            campaigns.number(campaign);
        }
        let mut contacts = Vec::new();
        for one in &asked {
            for _ in 0..draw.of(&[0, 1, 1, 1, 2, 3]) {
                contacts.push(Self::contact(&mut draw, one, &asked));
            }
        }
        for (line, contact) in (2..).zip(&mut contacts) {
            contact.row = RowNumber::new(0, line);
        }
        Self { asked, contacts, campaigns }
    }

    fn asked(draw: &mut Draw) -> Asked {
        let number = 1 + draw.below(3) + 100 * draw.below(4);
        let (phone, window, campaign) = (phone(number), window(number), draw.of(&["a", "a", "b"]));
        let id = CallbackId::of(phone, window, campaign);
        let names = ["g-1", "g-2", "G-1"];
        let name = draw.one_in(5).then(|| draw.of(&names));
        let run = 1 + draw.below(3);
        let standing = Standing {
            progress: draw.of(&[&[CONFIRMED; 9][..], &[DOUBTED; 5], &Progress::ALL].concat()),
            dispatch_at: (!draw.one_in(20)).then(|| window.start().plus(Self::minutes(draw, 12))),
            contact_id: name.map(Into::into),
            contact_at: (!draw.one_in(20)).then(|| window.start()),
            ..Standing::untouched(RunId(uuid::Uuid::from_u128(run.into())))
        };
        let known = Known::new(id, &Wish { phone, window, campaign, dispatch_at: None }, &standing);
        let (in_ledger, in_input) = draw.of(&[(true, true), (true, true), (true, true), (true, false), (false, true)]);
        let given = name.map(ContactKey::of);
        Asked { known, given, run, in_ledger, in_input, is_closed: draw.one_in(9) }
    }

    /// Seconds of some tens of minutes.
    fn minutes(draw: &mut Draw, tens: u64) -> i64 {
        i64::try_from(draw.below(tens) * 600).expect("small")
    }

    /// What the platform has of one, or of something like it.
    fn contact(draw: &mut Draw, of: &Asked, all: &[Asked]) -> Contact {
        let (own, other) = (&of.known, draw.of(all));
        let sent = ContactKey::Uuid(own.id);
        let stranger = ContactKey::of(&format!("x-{}", draw.below(4)));
        let given = of.given.clone().unwrap_or_else(|| sent.clone());
        let keys = [
            sent.clone(),
            sent,
            given,
            stranger.clone(),
            stranger,
            ContactKey::of(""),
            ContactKey::Uuid(other.known.id),
        ];
        let at = own.dispatch_at.unwrap_or(own.window.start());
        let moved = at.plus(Self::minutes(draw, 19) - 5400);
        let campaign = CAMPAIGNS.iter().position(|name| **name == *own.campaign).expect("one of them");
        let campaign = draw.of(&[campaign, campaign, campaign, campaign, campaign, 0, 1, 2]);
        Contact {
            key: draw.of(&keys),
            phone: draw.of(&[
                Some(own.phone),
                Some(own.phone),
                Some(own.phone),
                Some(own.phone),
                Some(other.known.phone),
                None,
            ]),
            campaign: CampaignNo(u32::try_from(campaign).expect("small")),
            at: draw.of(&[Some(at), Some(at), Some(at), Some(moved), Some(moved), other.known.dispatch_at]),
            row: RowNumber::new(0, 0),
        }
    }

    /// What the comparison says of it, with the sums.
    pub(super) fn reconcile(&self, turned: bool) -> (Vec<Conclusion>, Contacts) {
        let inputs: Vec<&Asked> = self.asked.iter().filter(|one| one.in_input).collect();
        let mut names = Names::default();
        let callback = |(line, one): (u64, &&Asked)| {
            let row = RowNumber::new(0, line);
            let campaign = CampaignNo(names.number(&one.known.campaign));
            let mut callback = Callback::new(one.known.phone, one.known.window, row);
            callback.campaign = campaign;
            callback
        };
        let callbacks: Vec<Callback> = (2..).zip(&inputs).map(callback).collect();
        let closed: Vec<u32> = (0..).zip(&inputs).filter(|(_, one)| one.is_closed).map(|(place, _)| place).collect();
        let ids = inputs.iter().map(|one| one.known.id).zip(0..).collect();
        let mut list = self.contacts.clone();
        if turned {
            list.reverse();
        }
        let contacts = Contacts::new(list, self.campaigns.clone(), HashMap::new());
        let wanted = Wanted::new(&callbacks, &names, ids).closed_at(&closed);
        let mut survey = Survey::new(contacts.clone(), wanted);
        let ledger = || self.asked.iter().filter(|one| one.in_ledger);
        ledger().for_each(|one| survey.note(&one.known));
        let mut reconciler = survey.end();
        let mut told: Vec<Conclusion> = ledger().filter_map(|one| reconciler.judge(one.known.clone())).collect();
        told.extend(ended(&mut reconciler));
        let (rows, rejected) = (inputs.len() as u64, reconciler.closed_rows());
        let input = InputSums { rows, rejected, ..InputSums::default() };
        let platform = PlatformSums { rows: self.contacts.len() as u64, ..PlatformSums::default() };
        let mut sums = Sums { input, platform, ..Sums::default() };
        for conclusion in &told {
            sums.add(conclusion);
        }
        assert!(sums.add_up(ledger().count() as u64), "{sums:?}");
        (told, contacts)
    }
}
