//! What one plugin may do, as a pure state machine: it asks nobody, waits for nothing and stores nothing.
//!
//! A call needs both: that the manifest asks for the permission, and that somebody grants it. The default is to deny. A
//! decision is asked for once, however many calls wait for it; it is remembered until it is revoked, and then it ends also
//! for the calls in flight that rest on it. Each decision is recorded, for the events and for the audit log.
#![allow(
    dead_code,
    reason = "calls ask it once permissions have scopes; until then the host grants when it loads a plugin"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Calls of one plugin that wait for decisions. A plugin's window for calls is narrower, so this is passed by a hostile one
/// only.
const WAITING: usize = 1_024;

/// Decisions that are remembered for one plugin. What a plugin needs is chosen by itself within what its manifest asks for,
/// and each new thing may cost a question.
const DECISIONS: usize = 1_000;

/// A permission, and what of it: `notes.write`, `fs.read:data/**`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scope {
    name: String,
    /// None for all of it.
    of: Option<String>,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A call needs a permission. Answered by exactly one [`Action::Proceed`] or [`Action::Refuse`], unless it ends before.
    Needed { call: u64, scope: Scope },
    /// Somebody has decided, asked or not.
    Decided { scope: Scope, is_granted: bool },
    /// A decision holds no more: the next call that needs it asks again.
    Revoked { scope: Scope },
    /// A call was answered, or is not wanted any more.
    Ended { call: u64 },
    /// The plugin's process has ended, and all of its calls with it.
    Gone,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask whoever decides. Answered by [`Input::Decided`].
    Ask { scope: Scope },
    /// The call may go on.
    Proceed { call: u64 },
    /// The call may not go on.
    Refuse { call: u64, scope: Scope, why: Refusal },
    /// The call was let go on, and may do so no more.
    Cancel { call: u64, scope: Scope },
    /// Tell everybody, and write it down.
    Record { scope: Scope, decision: Decision },
}

/// Why a call may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The manifest does not ask for it.
    NotAsked,
    /// Whoever decides has said no.
    Denied,
    /// Too much waits for decisions, or was decided already.
    TooMany,
}

/// A line of the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The permission was granted.
    Granted,
    /// It was denied.
    Denied,
    /// What was decided holds no more.
    Revoked,
}

/// The permissions of one plugin.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    asked: Vec<Scope>,
    decided: BTreeMap<Scope, bool>,
    /// Scopes that somebody was asked for, with the calls that wait. Decisions outlive calls, so there may be none.
    waiting: BTreeMap<Scope, BTreeSet<u64>>,
    /// Calls in flight, and what they rest on.
    in_flight: BTreeMap<u64, BTreeSet<Scope>>,
}

impl Scope {
    /// A permission as manifests write it: a name, and behind a colon what of it.
    pub(crate) fn new(text: &str) -> Scope {
        match text.split_once(':') {
            Some((name, of)) => Scope { name: name.to_owned(), of: Some(of.to_owned()) },
            None => Scope { name: text.to_owned(), of: None },
        }
    }

    /// Whether whoever has this has the other as well. `data/**` is all below `data`, and nothing above it: a path with `..`
    /// in it is covered by itself only.
    pub(crate) fn covers(&self, other: &Scope) -> bool {
        if self.name != other.name {
            return false;
        }
        let (Some(of), Some(wanted)) = (&self.of, &other.of) else { return self.of.is_none() };
        let is_below = |folder: &str| {
            let rest = wanted.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| !rest.is_empty() && rest.split('/').all(|part| part != ".."))
        };
        of == wanted || of.strip_suffix("/**").is_some_and(is_below)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.name)?;
        self.of.iter().try_for_each(|of| write!(to, ":{of}"))
    }
}

impl Grants {
    /// Of a plugin whose manifest asks for these permissions. Nothing is granted.
    pub(crate) fn new(asked: impl IntoIterator<Item = Scope>) -> Grants {
        Grants { asked: asked.into_iter().collect(), ..Grants::default() }
    }

    /// Something happens. What is to be done comes back in its order.
    pub(crate) fn on(&mut self, input: Input) -> Vec<Action> {
        match input {
            Input::Needed { call, scope } => self.needed(call, scope),
            Input::Decided { scope, is_granted } => self.decided(scope, is_granted),
            Input::Revoked { scope } => self.revoked(&scope),
            Input::Ended { call } => {
                self.in_flight.remove(&call);
                for calls in self.waiting.values_mut() {
                    calls.remove(&call);
                }
                Vec::new()
            }
            Input::Gone => {
                self.in_flight.clear();
                self.waiting.values_mut().for_each(BTreeSet::clear);
                Vec::new()
            }
        }
    }

    /// What was decided, for whoever lists it.
    pub(crate) fn decisions(&self) -> impl Iterator<Item = (&Scope, bool)> {
        self.decided.iter().map(|(scope, is_granted)| (scope, *is_granted))
    }

    fn needed(&mut self, call: u64, scope: Scope) -> Vec<Action> {
        let refuse = |scope, why| vec![Action::Refuse { call, scope, why }];
        if !self.asked.iter().any(|asked| asked.covers(&scope)) {
            return refuse(scope, Refusal::NotAsked);
        }
        // What was denied is denied, also below something that was granted.
        match self.decision(&scope) {
            Some(false) => return refuse(scope, Refusal::Denied),
            Some(true) => {
                self.in_flight.entry(call).or_default().insert(scope);
                return vec![Action::Proceed { call }];
            }
            None => {}
        }
        let waiting: usize = self.waiting.values().map(|calls| calls.len().max(1)).sum();
        if WAITING <= waiting || DECISIONS <= self.decided.len() + self.waiting.len() {
            return refuse(scope, Refusal::TooMany);
        }
        match self.waiting.get_mut(&scope) {
            Some(calls) => {
                calls.insert(call);
                Vec::new()
            }
            None => {
                self.waiting.insert(scope.clone(), BTreeSet::from([call]));
                vec![Action::Ask { scope }]
            }
        }
    }

    fn decided(&mut self, scope: Scope, is_granted: bool) -> Vec<Action> {
        let decision = if is_granted { Decision::Granted } else { Decision::Denied };
        let mut actions = vec![Action::Record { scope: scope.clone(), decision }];
        self.decided.insert(scope.clone(), is_granted);
        let settled = self.waiting.extract_if(.., |waiting, _| *waiting == scope || scope.covers(waiting));
        for (wanted, calls) in Vec::from_iter(settled) {
            for call in calls {
                actions.push(match is_granted {
                    true => {
                        self.in_flight.entry(call).or_default().insert(wanted.clone());
                        Action::Proceed { call }
                    }
                    false => Action::Refuse { call, scope: wanted.clone(), why: Refusal::Denied },
                });
            }
        }
        if !is_granted {
            actions.append(&mut self.cancel(&scope));
        }
        actions
    }

    fn revoked(&mut self, scope: &Scope) -> Vec<Action> {
        let revoked = Vec::from_iter(self.decided.extract_if(.., |decided, _| scope.covers(decided)));
        let mut actions = Vec::from_iter(
            revoked.into_iter().map(|(scope, _)| Action::Record { scope, decision: Decision::Revoked }),
        );
        actions.append(&mut self.cancel(scope));
        actions
    }

    /// Ends the calls that rest on what nothing grants any more.
    fn cancel(&mut self, scope: &Scope) -> Vec<Action> {
        let Grants { decided, in_flight, .. } = self;
        let is_lost = |used: &Scope| scope.covers(used) && decision(decided, used) != Some(true);
        let lost = in_flight.extract_if(.., |_, used| used.iter().any(is_lost));
        lost.map(|(call, _)| Action::Cancel { call, scope: scope.clone() }).collect()
    }

    fn decision(&self, scope: &Scope) -> Option<bool> {
        decision(&self.decided, scope)
    }
}

/// What was decided about a scope: a denial of it or of more than it, otherwise a grant.
fn decision(decided: &BTreeMap<Scope, bool>, scope: &Scope) -> Option<bool> {
    let covering = decided.iter().filter(|(known, _)| known.covers(scope));
    covering.map(|(_, is_granted)| *is_granted).min()
}

#[cfg(test)]
mod tests;
