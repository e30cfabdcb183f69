//! What a plugin has used so far, and where in its code: for whoever writes its manifest.

use plughold_package::Scope;
use serde::Serialize;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Different things whose use by one plugin is noted. Whoever reads five hundred files asks for their folder.
const USES: usize = 512;

/// Calls whose place is known before it is known what they use: a function may look at its arguments for a while.
const PLACES: usize = 256;

/// Bytes of a stack that are kept.
const STACK: usize = 4 << 10;

/// Something that a plugin wanted to use for the first time; from [`Plugin::uses`](crate::Plugin::uses).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Use {
    /// The permission that it takes, such as `notes.write` or `fs.read:data/words.txt`.
    pub permission: String,
    /// Whether the manifest asks for it.
    pub asked: bool,
    /// Where in the plugin's code it was, as the JavaScript stack of the call, if that is known.
    pub stack: Option<String>,
}

/// The uses of one plugin, through all its processes.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The calls that say where they were made: the last ones.
    places: VecDeque<(u64, String)>,
    /// In the order in which they were used first.
    uses: Vec<Use>,
    known: BTreeSet<Scope>,
}

impl Uses {
    /// A new process: it counts its calls from one.
    pub(crate) fn begin(&self) {
        self.lock().places.clear();
    }

    /// Where a call is made that comes soon.
    pub(crate) fn made_at(&self, call: u64, stack: &str) {
        let mut state = self.lock();
        if PLACES <= state.places.len() {
            state.places.pop_front();
        }
        let cut = stack.get(..stack.floor_char_boundary(STACK)).unwrap_or_default();
        state.places.push_back((call, crate::text::clean_block(cut)));
    }

    /// A call uses something.
    pub(crate) fn used(&self, scope: &Scope, asked: bool, call: Option<u64>) {
        let mut state = self.lock();
        if USES <= state.uses.len() || state.known.contains(scope) {
            return;
        }
        let place = state.places.iter().rev().find(|(known, _)| Some(*known) == call);
        let stack = place.map(|(_, stack)| stack.clone());
        state.known.insert(scope.clone());
        state.uses.push(Use { permission: scope.to_string(), asked, stack });
    }

    /// All of them, in the order in which they were used first.
    pub(crate) fn all(&self) -> Vec<Use> {
        self.lock().uses.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn the_first_use_counts_with_its_place() {
        let uses = Uses::default();
        uses.made_at(7, "    at f (main.js:1:1)");
        uses.made_at(8, "    at g\u{1b}[2J (main.js:2:1)");
        uses.used(&scope("b"), true, Some(8));
        uses.used(&scope("a"), false, Some(7));
        uses.used(&scope("b"), true, Some(7));
        uses.used(&scope("c"), true, Some(9));
        uses.begin();
        uses.used(&scope("d"), true, Some(7));
        uses.used(&scope("e"), true, None);
        let seen = uses.all().into_iter().map(|used| (used.permission, used.asked, used.stack));
        let place = |text: &str| Some(text.to_owned());
        let expected = [
            ("b".to_owned(), true, place("    at g\\u{1b}[2J (main.js:2:1)")),
            ("a".to_owned(), false, place("    at f (main.js:1:1)")),
            ("c".to_owned(), true, None),
            ("d".to_owned(), true, None),
            ("e".to_owned(), true, None),
        ];
        assert_eq!(Vec::from_iter(seen), expected);
    }

    #[test]
    fn everything_has_a_bound() {
        let uses = Uses::default();
        for call in 0..2_000 {
            uses.made_at(call, &"ä".repeat(STACK));
            uses.used(&scope(&format!("p{call}")), true, Some(call));
        }
        let state = uses.lock();
        assert_eq!((state.places.len(), state.uses.len()), (PLACES, USES));
        assert!(state.places.iter().all(|(_, stack)| stack.len() <= STACK));
    }
}
