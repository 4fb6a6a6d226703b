//! Patterns over digits, compiled into one automaton that is stepped a digit at a time.
//!
//! It says which patterns end where it stands. It searches nothing: what is matched begins at the first digit.

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

/// Where an automaton stands.
pub(super) type Place = StateID;

/// The patterns of one calling code.
pub(super) struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    /// Before the first digit.
    pub(super) start: Place,
}

impl Automaton {
    /// Compiles patterns, or nothing where one of them is beyond the library.
    pub(super) fn of(patterns: &[String]) -> Option<Self> {
        let config = dense::Config::new().match_kind(MatchKind::All).start_kind(StartKind::Anchored).accelerate(false);
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        let dfa = dense::Builder::new().configure(config).syntax(syntax).build_many(patterns).ok()?;
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        Some(Self { dfa, start })
    }

    /// Behind one more digit, 0 to 9.
    pub(super) fn step(&self, place: Place, digit: u8) -> Place {
        self.dfa.next_state(place, b'0' + digit)
    }

    /// The patterns that match all that was read but its last digit.
    pub(super) fn matched_before(&self, place: Place) -> impl Iterator<Item = usize> {
        let matches = if self.dfa.is_match_state(place) { self.dfa.match_len(place) } else { 0 };
        (0..matches).map(move |index| self.dfa.match_pattern(place, index).as_usize())
    }

    /// The patterns that match all that was read, where nothing follows.
    pub(super) fn matched(&self, place: Place) -> impl Iterator<Item = usize> {
        self.matched_before(self.dfa.next_eoi_state(place))
    }
}
