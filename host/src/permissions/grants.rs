//! What one plugin may do, as a pure state machine: it asks nobody, waits for nothing and stores nothing.
//!
//! The default is to deny. What is to be asked is asked once, however many calls wait for it; the decision is remembered,
//! and when it is taken back the calls in flight that rest on it end. Of all decisions that are about a thing the narrowest
//! counts, and among equals a denial.

use super::decision::{By, Decision, Refusal};
use plughold_package::Scope;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Calls of one plugin that wait for decisions. A plugin's window for calls is narrower, so this is passed by a hostile one
/// only.
const WAITING: usize = 1_024;

/// Decisions that are remembered for one plugin: what two manifests may ask for, and what people say of parts of it.
const DECISIONS: usize = 4_096;

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// What the application says of a permission when it reads the manifest. What somebody has decided by hand stands over
    /// it, what was taken by hand with all its parts, and an answer stands for as long as the application would ask.
    Said { scope: Scope, said: Said },
    /// A call needs a permission that its manifest asks for. Answered by exactly one [`Action::Proceed`] or
    /// [`Action::Refuse`], unless it ends before.
    Needed { call: u64, scope: Scope },
    /// Whoever was asked has answered.
    Answered { scope: Scope, is_granted: bool },
    /// Somebody grants by hand.
    Granted { scope: Scope },
    /// Somebody takes by hand what was granted, of this and of each part of it.
    Revoked { scope: Scope },
    /// A call that waited is not wanted any more.
    Ended { call: u64 },
}

/// What the application says of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Granted,
    Denied,
    /// Somebody is to be asked when it is needed.
    Ask,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask whoever decides. Answered by [`Input::Answered`].
    Ask { scope: Scope },
    /// The call may go on.
    Proceed { call: u64 },
    /// The call may not go on.
    Refuse { call: u64, why: Refusal },
    /// Something is denied that may have been granted: calls in flight that rest on it end.
    Withdraw,
    /// Tell everybody, and write it down.
    Record { scope: Scope, decision: Decision, by: By },
}

/// What was decided about a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Granted,
    Denied,
    /// Somebody is to be asked.
    Open,
}

/// The permissions of one plugin.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    decided: BTreeMap<Scope, (Verdict, By)>,
    /// Questions without an answer so far. They outlive the calls that wait.
    asked: BTreeSet<Scope>,
    /// Calls that wait, and what they need.
    waiting: BTreeMap<u64, Scope>,
}

impl Grants {
    /// Something happens. What is to be done comes back in its order.
    pub(crate) fn on(&mut self, input: Input) -> Vec<Action> {
        match input {
            Input::Said { scope, said } => self.said(scope, said),
            Input::Needed { call, scope } => self.needed(call, scope),
            Input::Answered { scope, is_granted } => self.answered(scope, is_granted),
            Input::Granted { scope } => self.decide(scope, Verdict::Granted, By::Hand, Decision::Granted),
            Input::Revoked { scope } => {
                self.decided.retain(|known, _| !scope.covers(known));
                self.decide(scope, Verdict::Denied, By::Hand, Decision::Revoked)
            }
            Input::Ended { call } => {
                self.waiting.remove(&call);
                Vec::new()
            }
        }
    }

    /// What was decided about a thing: by the narrowest of the decisions that cover it, and among equals by a denial.
    pub(crate) fn verdict(&self, scope: &Scope) -> Verdict {
        self.deciding(scope).map_or(Verdict::Denied, |(_, verdict)| verdict)
    }

    /// Whether one more decision can be remembered.
    pub(crate) fn has_room(&self, scope: &Scope) -> bool {
        self.decided.len() < DECISIONS || self.decided.contains_key(scope)
    }

    fn said(&mut self, scope: Scope, said: Said) -> Vec<Action> {
        if said != Said::Denied && self.was_taken(&scope) {
            // The whole is denied, and a decision about this part would be the narrower one.
            return Vec::new();
        }
        let before = self.decided.get(&scope).copied();
        match (before, said) {
            (Some((_, By::Hand)), _) | (Some((_, By::Answer)), Said::Ask) => Vec::new(),
            (Some((Verdict::Granted, By::Rule)), Said::Granted)
            | (Some((Verdict::Denied, By::Rule)), Said::Denied)
            | (Some((Verdict::Open, _)), Said::Ask) => Vec::new(),
            (_, Said::Granted) => self.decide(scope, Verdict::Granted, By::Rule, Decision::Granted),
            (_, Said::Denied) => self.decide(scope, Verdict::Denied, By::Rule, Decision::Denied),
            (_, Said::Ask) => {
                if self.has_room(&scope) {
                    self.decided.insert(scope, (Verdict::Open, By::Rule));
                }
                self.settle()
            }
        }
    }

    fn needed(&mut self, call: u64, scope: Scope) -> Vec<Action> {
        if WAITING <= self.waiting.len() {
            return vec![Action::Refuse { call, why: Refusal::TooMany }];
        }
        self.waiting.insert(call, scope);
        self.look(call).into_iter().collect()
    }

    fn answered(&mut self, scope: Scope, is_granted: bool) -> Vec<Action> {
        self.asked.remove(&scope);
        let is_open = matches!(self.decided.get(&scope), Some((Verdict::Open, _)));
        match is_granted {
            // Somebody has decided by hand meanwhile.
            _ if !is_open => self.settle(),
            true => self.decide(scope, Verdict::Granted, By::Answer, Decision::Granted),
            false => self.decide(scope, Verdict::Denied, By::Answer, Decision::Denied),
        }
    }

    fn decide(&mut self, scope: Scope, verdict: Verdict, by: By, decision: Decision) -> Vec<Action> {
        // Without room it is not granted, which nobody need remember.
        if self.has_room(&scope) {
            self.decided.insert(scope.clone(), (verdict, by));
        }
        let mut actions = vec![Action::Record { scope, decision, by }];
        if verdict == Verdict::Denied {
            actions.push(Action::Withdraw);
        }
        actions.append(&mut self.settle());
        actions
    }

    /// Looks again at each call that waits.
    fn settle(&mut self) -> Vec<Action> {
        let waiting = Vec::from_iter(self.waiting.keys().copied());
        waiting.into_iter().filter_map(|call| self.look(call)).collect()
    }

    /// What is to be done about a call that waits. Nothing while the answer is awaited.
    fn look(&mut self, call: u64) -> Option<Action> {
        let wanted = self.waiting.get(&call)?;
        match self.deciding(wanted).map(|(scope, verdict)| (scope.clone(), verdict)) {
            Some((_, Verdict::Granted)) => {
                self.waiting.remove(&call);
                Some(Action::Proceed { call })
            }
            Some((scope, Verdict::Open)) => {
                let is_new = self.asked.insert(scope.clone());
                is_new.then_some(Action::Ask { scope })
            }
            Some((_, Verdict::Denied)) | None => {
                self.waiting.remove(&call);
                Some(Action::Refuse { call, why: Refusal::Denied })
            }
        }
    }

    /// Whether somebody has taken this by hand, alone or as a part of something, and has not given it back.
    fn was_taken(&self, scope: &Scope) -> bool {
        self.narrowest(scope, |by| by == By::Hand).is_some_and(|(_, verdict)| verdict == Verdict::Denied)
    }

    /// The decision that counts for a thing.
    fn deciding(&self, scope: &Scope) -> Option<(&Scope, Verdict)> {
        self.narrowest(scope, |_| true)
    }

    /// Of the decisions that cover a thing and come from these, the one that counts.
    fn narrowest(&self, scope: &Scope, is_from: impl Fn(By) -> bool) -> Option<(&Scope, Verdict)> {
        let strictness = |verdict: Verdict| match verdict {
            Verdict::Denied => 0,
            Verdict::Open => 1,
            Verdict::Granted => 2,
        };
        let covering = self.decided.iter().filter(|(known, (_, by))| is_from(*by) && known.covers(scope));
        covering
            .map(|(known, (verdict, _))| (known, *verdict))
            .min_by_key(|(known, verdict)| (Reverse(known.narrowness()), strictness(*verdict)))
    }
}

#[cfg(test)]
mod tests;
