//! What people have decided about permissions for good: by plugin, with what of a permission.
//!
//! As in the host, of all decisions that are about a thing the narrowest counts, and among equals a denial.

mod file;

pub(crate) use file::{GrantsError, GrantsFile};

use crate::snapshot::SCHEMA;
use plughold::Scope;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Decisions about one plugin. Its manifest asks for a few; what is more was written by somebody else.
const DECISIONS: usize = 1_024;

/// Plugins about which something was decided.
const PLUGINS: usize = 10_000;

/// What was decided about all plugins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grants {
    schema: u32,
    #[serde(default)]
    plugins: BTreeMap<String, OfPlugin>,
}

/// What was decided about one plugin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct OfPlugin {
    /// Its version when somebody last decided.
    #[serde(default)]
    version: Option<String>,
    /// What its manifest asked for then: an update that asks for more is shown as what has changed.
    #[serde(default)]
    asked: Vec<String>,
    #[serde(default)]
    permissions: BTreeMap<String, Decided>,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decided {
    pub(crate) decision: Said,
    /// When, in UTC.
    pub(crate) time: String,
}

/// What somebody said of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Said {
    Granted,
    Denied,
}

/// What a manifest asks for now and did not when somebody decided, and the other way round.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Changes {
    /// The version that was decided about.
    pub(crate) since: Option<String>,
    pub(crate) more: Vec<String>,
    pub(crate) less: Vec<String>,
}

impl Default for Grants {
    fn default() -> Grants {
        Grants { schema: SCHEMA, plugins: BTreeMap::new() }
    }
}

impl Grants {
    /// Whether somebody has said yes or no to what a plugin asks for. A denial of a part of it denies it, because nobody
    /// has said yes to all of it.
    pub(crate) fn of(&self, plugin: &str, asked: &Scope) -> Option<Said> {
        let decided = self.plugins.get(plugin)?.scopes();
        let is_about =
            |known: &Scope, said: Said| known.covers(asked) || said == Said::Denied && asked.covers(known);
        let deciding = decided.filter(|(known, said)| is_about(known, *said));
        let strictness = |said: Said| u8::from(said == Said::Granted);
        deciding
            .min_by_key(|(known, said)| (Reverse(known.narrowness()), strictness(*said)))
            .map(|(_, said)| said)
    }

    /// Remembers a decision, in place of those about parts of the same. False when there is no room for it.
    #[must_use]
    pub(crate) fn decide(&mut self, plugin: &str, scope: &Scope, said: Said, time: String) -> bool {
        self.forget(plugin, scope);
        if PLUGINS <= self.plugins.len() && !self.plugins.contains_key(plugin) {
            return false;
        }
        let permissions = &mut self.plugins.entry(plugin.to_owned()).or_default().permissions;
        let has_room = permissions.len() < DECISIONS;
        if has_room {
            permissions.insert(scope.to_string(), Decided { decision: said, time });
        }
        has_room
    }

    /// Forgets what was decided about a permission and all parts of it. Says whether there was something.
    pub(crate) fn forget(&mut self, plugin: &str, scope: &Scope) -> bool {
        let Some(known) = self.plugins.get_mut(plugin) else { return false };
        let before = known.permissions.len();
        known.permissions.retain(|name, _| Scope::parse(name).is_ok_and(|known| !scope.covers(&known)));
        before != known.permissions.len()
    }

    /// Somebody has seen what this version of a plugin asks for.
    pub(crate) fn was_seen(&mut self, plugin: &str, version: &str, asked: Vec<String>) {
        if let Some(known) = self.plugins.get_mut(plugin) {
            (known.version, known.asked) = (Some(version.to_owned()), asked);
        }
    }

    /// What a plugin asks for now and did not when somebody last decided. None if it asks for nothing more, or nobody has
    /// decided.
    pub(crate) fn changes(&self, plugin: &str, asked: &[String]) -> Option<Changes> {
        let known = self.plugins.get(plugin).filter(|known| !known.asked.is_empty())?;
        let missing = |of: &[String], from: &[String]| {
            let covered = |name: &String| {
                let scope = Scope::parse(name);
                scope.is_ok_and(|scope| {
                    from.iter().filter_map(|name| Scope::parse(name).ok()).any(|other| other.covers(&scope))
                })
            };
            Vec::from_iter(of.iter().filter(|name| !covered(name)).cloned())
        };
        let more = missing(asked, &known.asked);
        let less = missing(&known.asked, asked);
        (!more.is_empty()).then(|| Changes { since: known.version.clone(), more, less })
    }

    /// The plugins about which something was decided.
    pub(crate) fn plugins(&self) -> impl Iterator<Item = &str> {
        self.plugins.iter().filter(|(_, known)| !known.permissions.is_empty()).map(|(id, _)| id.as_str())
    }

    /// What was decided about a plugin, by the permissions' names.
    pub(crate) fn decisions(&self, plugin: &str) -> impl Iterator<Item = (&str, &Decided)> {
        let known = self.plugins.get(plugin).into_iter();
        known.flat_map(|known| known.permissions.iter().map(|(name, decided)| (name.as_str(), decided)))
    }
}

impl OfPlugin {
    /// What was written by hand and is no permission decides nothing.
    fn scopes(&self) -> impl Iterator<Item = (Scope, Said)> {
        let scope = |(name, decided): (&String, &Decided)| Some((Scope::parse(name).ok()?, decided.decision));
        self.permissions.iter().filter_map(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    fn decided(decisions: &[(&str, Said)]) -> Grants {
        let mut grants = Grants::default();
        for (name, said) in decisions {
            assert!(grants.decide("a", &scope(name), *said, String::new()));
        }
        grants
    }

    #[test]
    fn the_narrowest_decision_counts_and_a_denial_among_equals() {
        use Said::{Denied, Granted};
        let check = |decisions: &[(&str, Said)], asked: &str, expected: Option<Said>| {
            assert_eq!(decided(decisions).of("a", &scope(asked)), expected, "{decisions:?} {asked}");
        };
        check(&[], "notes.read", None);
        check(&[("notes.read", Granted)], "notes.read", Some(Granted));
        check(&[("notes.read", Granted)], "notes.write", None);
        check(&[("fs.read:data/**", Granted)], "fs.read:data/a", Some(Granted));
        check(&[("fs.read:data/a", Granted)], "fs.read:data/**", None);
        check(&[("fs.read:data/a", Denied)], "fs.read:data/**", Some(Denied));
        check(&[("fs.read:data/**", Granted), ("fs.read:data/a", Denied)], "fs.read:data/a", Some(Denied));
        check(&[("fs.read:data/**", Granted), ("fs.read:data/a", Denied)], "fs.read:data/b", Some(Granted));
        check(&[("fs.read", Denied), ("fs.read:data/*", Granted)], "fs.read:data/b", Some(Granted));
        check(&[("fs.read:data/a", Denied), ("fs.read", Granted)], "fs.read:data/a", Some(Granted));
        assert_eq!(decided(&[("notes.read", Granted)]).of("b", &scope("notes.read")), None);
    }

    #[test]
    fn what_is_forgotten_goes_with_its_parts() {
        let mut grants = decided(&[("fs.read:data/a", Said::Granted), ("notes.read", Said::Denied)]);
        assert!(grants.forget("a", &scope("fs.read")));
        assert!(!grants.forget("a", &scope("fs.read")));
        assert!(!grants.forget("b", &scope("fs.read")));
        assert_eq!(Vec::from_iter(grants.decisions("a").map(|(name, _)| name)), ["notes.read"]);
    }

    #[test]
    fn there_is_a_bound() {
        let mut grants = Grants::default();
        for number in 0..DECISIONS {
            assert!(grants.decide("a", &scope(&format!("p{number}")), Said::Granted, String::new()));
        }
        assert!(!grants.decide("a", &scope("more"), Said::Granted, String::new()));
        assert!(
            grants.decide("a", &scope("p7"), Said::Denied, String::new()),
            "one that is known has its place"
        );
    }

    #[test]
    fn an_update_is_shown_as_what_has_changed() {
        let names = |names: &[&str]| Vec::from_iter(names.iter().map(|name| (*name).to_owned()));
        let check = |before: &[&str], after: &[&str], expected: Option<(&[&str], &[&str])>| {
            let mut grants = decided(&[("notes.read", Said::Granted)]);
            grants.was_seen("a", "1.0.0", names(before));
            let changes = grants.changes("a", &names(after));
            let expected = expected.map(|(more, less)| Changes {
                since: Some("1.0.0".into()),
                more: names(more),
                less: names(less),
            });
            assert_eq!(changes, expected, "{before:?} {after:?}");
        };
        check(&["notes.read"], &["notes.read"], None);
        check(&["notes.read", "net"], &["notes.read"], None);
        check(&["notes.read"], &["notes.read", "net"], Some((&["net"], &[])));
        check(&["fs.read:a/**"], &["fs.read:a/b"], None);
        check(&["fs.read:a/b"], &["fs.read:a/**"], Some((&["fs.read:a/**"], &[])));
        check(&["notes.read"], &["net"], Some((&["net"], &["notes.read"])));
        assert_eq!(Grants::default().changes("a", &names(&["net"])), None);
    }
}
