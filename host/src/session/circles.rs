//! Circles of plugins that wait for each other: found when they close. Pure: it neither sends nor waits.
//!
//! A plugin is *blocked* while it waits for the answer to a blocking call. Until then it serves nothing but calls that
//! were made on behalf of one of the calls that it waits for. So a call to a blocked plugin that has none of these in its
//! chain waits until the plugin goes on; and every plugin that is blocked by a call in that chain waits with it. When
//! such an arrow from plugin to plugin closes a circle, nobody in it can go on: exactly the call that closes it fails.
//!
//! Only a new call to a plugin can close one. A plugin that blocks was running until then, so that nothing it had begun
//! to wait for stands in the way of others. And only calls with a blocked plugin in their chain are noted here, so
//! while nobody blocks nothing is.
//!
//! All sessions of a host share one table, so a search may not take long, whatever plugins make of it: after [`LOOKS`] it
//! ends, and the call is made. If it closes a circle after all, it ends at its deadline.

use crate::PluginId;
use crate::session::chain::Called;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;

/// Blocking calls that one search compares with those of a plugin. It takes a fifth of a millisecond then; a circle of honest
/// plugins is found after a dozen.
pub(crate) const LOOKS: usize = 4_096;

/// Who is blocked by what, and which calls keep them so.
#[derive(Debug, Default)]
pub(crate) struct Circles {
    /// By the key of the session.
    blocked: HashMap<u64, Blocked>,
    waits: HashMap<u64, Wait>,
    last_wait: u64,
}

/// A plugin that is blocked.
#[derive(Debug)]
struct Blocked {
    plugin: PluginId,
    /// The calls that it waits for, each made while it waited for the one before it.
    stack: Vec<(u64, Called)>,
    /// The open calls with one of these, or an older one, in their chains.
    waits: BTreeSet<u64>,
}

/// An open call to a plugin with blocked plugins in its chain.
#[derive(Debug)]
struct Wait {
    /// The blocking calls of its chain, as session and id.
    blocking: Vec<(u64, u64)>,
    target: u64,
    plugin: PluginId,
    called: Called,
}

/// A call that is about to be made to a plugin.
#[derive(Debug)]
pub(crate) struct Opening {
    /// The blocking calls of its chain, as session and id.
    pub(crate) blocking: Vec<(u64, u64)>,
    /// The key of the session that it goes to.
    pub(crate) target: u64,
    pub(crate) plugin: PluginId,
    pub(crate) called: Called,
}

/// Plugins that would wait for each other for ever, in order: each waits for the next, and the last for the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    steps: Vec<CircleStep>,
}

/// A plugin in a [`Circle`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CircleStep {
    /// It waits.
    pub plugin: PluginId,
    /// The blocking function that it waits in, as `app.notes.open`.
    pub function: String,
    /// What this cannot give before it has an answer from the next plugin, as `counter.add`.
    pub callee: String,
}

impl Circles {
    /// The plugin of a session waits for a call that it has made.
    pub(crate) fn block(&mut self, session: u64, plugin: &PluginId, id: u64, called: Called) {
        let blocked = self.blocked.entry(session).or_insert_with(|| Blocked {
            plugin: plugin.clone(),
            stack: Vec::new(),
            waits: BTreeSet::new(),
        });
        blocked.stack.push((id, called));
    }

    /// What the plugin of a session waits for in one of its calls, if it does.
    pub(crate) fn blocked_in(&self, session: u64, id: u64) -> Option<&Called> {
        let stack = &self.blocked.get(&session)?.stack;
        stack.iter().find(|(blocking, _)| *blocking == id).map(|(_, called)| called)
    }

    /// The call was answered, or its plugin is gone.
    pub(crate) fn unblock(&mut self, session: u64, id: u64) {
        let Some(blocked) = self.blocked.get_mut(&session) else { return };
        blocked.stack.retain(|(blocking, _)| *blocking != id);
        if blocked.stack.is_empty() {
            self.blocked.remove(&session);
        }
    }

    /// A call is made. Gives the number under which it is noted, or none when nobody is kept waiting by it.
    ///
    /// The error is the circle that it would close; it is not noted then.
    pub(crate) fn open(&mut self, opening: Opening) -> Result<Option<u64>, Circle> {
        let Opening { mut blocking, target, plugin, called } = opening;
        blocking.retain(|call| self.is_blocked_by(*call));
        if blocking.is_empty() {
            return Ok(None);
        }
        let wait = Wait { blocking, target, plugin, called };
        if let Some(circle) = self.circle_closed_by(&wait) {
            return Err(circle);
        }
        self.last_wait += 1;
        for (session, _) in &wait.blocking {
            if let Some(blocked) = self.blocked.get_mut(session) {
                blocked.waits.insert(self.last_wait);
            }
        }
        self.waits.insert(self.last_wait, wait);
        Ok(Some(self.last_wait))
    }

    /// The call was answered, or nobody wants its answer any more.
    pub(crate) fn close(&mut self, number: u64) {
        let Some(wait) = self.waits.remove(&number) else { return };
        for (session, _) in &wait.blocking {
            if let Some(blocked) = self.blocked.get_mut(session) {
                blocked.waits.remove(&number);
            }
        }
    }

    /// Whether nobody is blocked, and nobody kept waiting.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.blocked.is_empty() && self.waits.is_empty()
    }

    fn is_blocked_by(&self, (session, id): (u64, u64)) -> bool {
        self.blocked.get(&session).is_some_and(|blocked| blocked.stack.iter().any(|(other, _)| *other == id))
    }

    /// Whether the call waits until its plugin goes on, instead of being served meanwhile.
    fn is_held_up(&self, wait: &Wait) -> bool {
        let is_served = |call: &(u64, u64)| call.0 == wait.target && self.is_blocked_by(*call);
        self.blocked.contains_key(&wait.target) && !wait.blocking.iter().any(is_served)
    }

    /// Goes along the arrows from the plugin that `closing` is held up by, until it comes to one that waits for `closing`.
    fn circle_closed_by(&self, closing: &Wait) -> Option<Circle> {
        if !self.is_held_up(closing) {
            return None;
        }
        // For each plugin that was reached, the blocked call and the open call that led to it.
        let mut reached: HashMap<u64, Option<Arrow>> = HashMap::from([(closing.target, None)]);
        let mut queue = VecDeque::from([closing.target]);
        let mut looks = LOOKS;
        while let Some(session) = queue.pop_front() {
            if let Some(first) = closing.blocking.iter().find(|call| call.0 == session) {
                return Some(self.circle(Arrow { blocked: *first, wait: closing }, session, &reached));
            }
            for wait in self.waits_of(session) {
                if reached.contains_key(&wait.target) {
                    continue;
                }
                looks = looks.checked_sub(wait.blocking.len())?;
                if let Some(arrow) = self.arrow_from(session, wait) {
                    reached.insert(wait.target, Some(arrow));
                    queue.push_back(wait.target);
                }
            }
        }
        None
    }

    /// The open calls with a call in their chains that blocked the plugin of a session.
    fn waits_of(&self, session: u64) -> impl Iterator<Item = &Wait> {
        let numbers = self.blocked.get(&session).into_iter().flat_map(|blocked| &blocked.waits);
        numbers.filter_map(|number| self.waits.get(number))
    }

    /// Whether the plugin of a session waits for this one.
    fn arrow_from<'a>(&self, session: u64, wait: &'a Wait) -> Option<Arrow<'a>> {
        if !self.is_held_up(wait) {
            return None;
        }
        let is_own = |call: &&(u64, u64)| call.0 == session && self.is_blocked_by(**call);
        wait.blocking.iter().find(is_own).map(|blocked| Arrow { blocked: *blocked, wait })
    }

    /// The circle that begins with `first` and ends at the plugin `last`, which made the first blocking call.
    fn circle<'a>(&self, first: Arrow<'a>, last: u64, reached: &HashMap<u64, Option<Arrow<'a>>>) -> Circle {
        let mut steps = Vec::new();
        let mut at = last;
        while let Some(Some(arrow)) = reached.get(&at) {
            steps.extend(self.step(arrow));
            at = arrow.blocked.0;
        }
        steps.extend(self.step(&first));
        steps.reverse();
        Circle { steps }
    }

    fn step(&self, arrow: &Arrow) -> Option<CircleStep> {
        let (session, id) = arrow.blocked;
        let blocked = self.blocked.get(&session)?;
        let (_, function) = blocked.stack.iter().find(|(blocking, _)| *blocking == id)?;
        Some(CircleStep {
            plugin: blocked.plugin.clone(),
            function: function.to_string(),
            callee: arrow.wait.called.of(&arrow.wait.plugin),
        })
    }
}

/// A plugin waits for another: in this blocking call, for the answer to that open call.
#[derive(Clone, Copy)]
struct Arrow<'a> {
    blocked: (u64, u64),
    wait: &'a Wait,
}

impl Circle {
    /// The plugins in it.
    pub fn steps(&self) -> &[CircleStep] {
        &self.steps
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a circle of waiting calls: ")?;
        for (index, CircleStep { plugin, function, callee }) in self.steps.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(to, "{comma}plugin {plugin} waits in {function} for {callee}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
