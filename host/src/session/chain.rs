//! Which call was made while serving which: the chain behind a call, also across plugins.
//!
//! A chain is what deadlines shrink along, what cancelling follows, what tells a runner which of its waiting calls a
//! call belongs to, and what an error can show. It is made of [`Link`]s, each of which knows the one before it.

use crate::PluginId;
use crate::session::cancellation::Cancellation;
use plughold_protocol::limits;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One call in a chain.
#[derive(Debug)]
pub(crate) struct Link {
    way: Way,
    /// The key of the session that the call comes from or goes to.
    session: u64,
    plugin: PluginId,
    called: Called,
    deadline: Option<Instant>,
    /// It, or a call before it, was made by a plugin that waits for its answer and does nothing else.
    is_blocking: bool,
    length: usize,
    parent: Option<Arc<Link>>,
}

/// Who made a call.
#[derive(Debug)]
enum Way {
    /// The plugin did. What is served for it is done for as long as it wants the answer.
    FromPlugin {
        /// None for a notification.
        id: Option<u64>,
        blocks: bool,
        cancellation: Arc<Cancellation>,
    },
    /// The application did, or another plugin through it.
    ToPlugin,
}

/// What is called, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// Something with a name: a function of the API, an export, a method, a service.
    Name(Arc<str>),
    /// A function that was passed along.
    Function,
}

/// A call of a plugin, as its session has read it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) session: u64,
    pub(crate) plugin: PluginId,
    /// None for a notification.
    pub(crate) id: Option<u64>,
    pub(crate) called: Called,
    pub(crate) deadline: Option<Instant>,
    pub(crate) blocks: bool,
    pub(crate) cancellation: Arc<Cancellation>,
}

impl Link {
    /// A call that a plugin has made while it served `parent`, a call to it.
    pub(crate) fn from_plugin(made: Made, parent: Option<Arc<Link>>) -> Arc<Link> {
        let Made { session, plugin, id, called, deadline, blocks, cancellation } = made;
        let way = Way::FromPlugin { id, blocks, cancellation };
        Link::new(way, session, plugin, called, deadline, parent)
    }

    /// A call to a plugin, made on behalf of `parent`.
    pub(crate) fn to_plugin(
        session: u64,
        plugin: PluginId,
        called: Called,
        deadline: Option<Instant>,
        parent: Option<Arc<Link>>,
    ) -> Arc<Link> {
        Link::new(Way::ToPlugin, session, plugin, called, deadline, parent)
    }

    fn new(
        way: Way,
        session: u64,
        plugin: PluginId,
        called: Called,
        deadline: Option<Instant>,
        parent: Option<Arc<Link>>,
    ) -> Arc<Link> {
        let before = parent.as_ref();
        let inherited = before.and_then(|parent| parent.deadline);
        let blocks = matches!(way, Way::FromPlugin { blocks: true, .. });
        Arc::new(Link {
            way,
            session,
            plugin,
            called,
            deadline: [deadline, inherited].into_iter().flatten().min(),
            is_blocking: blocks || before.is_some_and(|parent| parent.is_blocking),
            length: 1 + before.map_or(0, |parent| parent.length),
            parent,
        })
    }

    /// What is called.
    pub(crate) fn called(&self) -> &Called {
        &self.called
    }

    /// The plugin and the name of the call on whose behalf this one was made, and whether that plugin has made it.
    pub(crate) fn made_by(&self) -> Option<(&PluginId, &Called, bool)> {
        let parent = self.parent.as_deref()?;
        Some((&parent.plugin, &parent.called, matches!(parent.way, Way::FromPlugin { .. })))
    }

    /// When the answer is of no use any more: the earliest of what this call and the calls before it were given.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How long a call on behalf of this one may take that is given `limit` now.
    pub(crate) fn shrink(&self, limit: Duration, now: Instant) -> Duration {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(now));
        left.map_or(limit, |left| left.min(limit))
    }

    /// Whether one more call fits behind this one.
    pub(crate) fn has_room(&self) -> bool {
        self.length < limits::CHAIN
    }

    /// The call that `session` has to be told as the parent of a call to it: one that it made itself. A call that it
    /// waits for comes first, because only such a call is answered by serving others; otherwise it is the nearest.
    pub(crate) fn ancestor_of(&self, session: u64) -> Option<u64> {
        let own = || self.open_calls().filter(|call| call.session == session);
        own().find(|call| call.blocks).or_else(|| own().next()).map(|call| call.id)
    }

    /// The calls of the chain whose plugins do nothing but wait for them, as session and id.
    pub(crate) fn blocking(&self) -> Vec<(u64, u64)> {
        if !self.is_blocking {
            return Vec::new();
        }
        self.open_calls().filter(|call| call.blocks).map(|call| (call.session, call.id)).collect()
    }

    /// The key of the session whose plugin has made the nearest call of the chain, if a plugin has made any.
    pub(crate) fn caller(&self) -> Option<u64> {
        let calls = self.links().find(|link| matches!(link.way, Way::FromPlugin { .. }));
        calls.map(|link| link.session)
    }

    /// Whether a call of the chain went to this session: what it does for that may be waiting for this call.
    pub(crate) fn is_for(&self, session: u64) -> bool {
        self.links().any(|link| link.session == session && matches!(link.way, Way::ToPlugin))
    }

    /// Whoever wants what is done on behalf of this call, if that can be told.
    pub(crate) fn cancellation(&self) -> Option<&Arc<Cancellation>> {
        self.links().find_map(|link| match &link.way {
            Way::FromPlugin { cancellation, .. } => Some(cancellation),
            Way::ToPlugin => None,
        })
    }

    /// The calls that plugins have made and that are not answered yet, from the nearest.
    fn open_calls(&self) -> impl Iterator<Item = OpenCall> {
        self.links().filter_map(|link| match &link.way {
            Way::FromPlugin { id: Some(id), blocks, cancellation } if !cancellation.is_answered() => {
                Some(OpenCall { session: link.session, id: *id, blocks: *blocks })
            }
            _ => None,
        })
    }

    /// From this link to the first.
    fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(Some(self), |link| link.parent.as_deref())
    }
}

struct OpenCall {
    session: u64,
    id: u64,
    blocks: bool,
}

impl Called {
    pub(crate) fn name(name: impl Into<Arc<str>>) -> Called {
        Called::Name(name.into())
    }

    /// The same with the plugin whose it is: `counter.add`.
    pub(crate) fn of(&self, plugin: &PluginId) -> String {
        match self {
            Called::Name(name) => format!("{plugin}.{name}"),
            Called::Function => format!("a function of {plugin}"),
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Called::Name(name) => name,
            Called::Function => "a function",
        })
    }
}

/// The calls that led to the one that is being served, each made while serving the one before it; from
/// [`Cx::chain`](crate::Cx::chain). As text it reads `plugin a called app.sort, the application called a function of b,
/// plugin b called app.load`.
#[derive(Clone, Debug)]
pub struct Chain(Arc<Link>);

/// One call of a [`Chain`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The plugin that was called, or that has made the call.
    pub plugin: PluginId,
    /// What was called, as `app.notes.search` or the name of an export; `a function` when it has no name.
    pub function: String,
    /// True when the plugin has made the call, false when it was called.
    pub is_caller: bool,
}

impl Chain {
    pub(crate) fn new(link: Arc<Link>) -> Chain {
        Chain(link)
    }

    /// The calls, from the first to the one that is being served. There is at least that one, and a bound to their number.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::from_iter(self.0.links().map(|link| Step {
            plugin: link.plugin.clone(),
            function: link.called.to_string(),
            is_caller: matches!(link.way, Way::FromPlugin { .. }),
        }));
        steps.reverse();
        steps
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links = Vec::from_iter(self.0.links());
        for (index, link) in links.iter().rev().enumerate() {
            if 0 < index {
                to.write_str(", ")?;
            }
            match link.way {
                Way::FromPlugin { .. } => write!(to, "plugin {} called {}", link.plugin, link.called)?,
                Way::ToPlugin => write!(to, "the application called {}", link.called.of(&link.plugin))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(id: &str) -> PluginId {
        PluginId::native(id).unwrap()
    }

    /// A call of the plugin with the key 1 is `a`'s, and so on.
    fn from(session: u64, id: u64, blocks: bool, parent: Option<&Arc<Link>>) -> Arc<Link> {
        let made = Made {
            session,
            plugin: plugin(["", "a", "b", "c"][session as usize]),
            id: Some(id),
            called: Called::name(format!("app.f{id}")),
            deadline: None,
            blocks,
            cancellation: Arc::default(),
        };
        Link::from_plugin(made, parent.cloned())
    }

    fn to(session: u64, parent: &Arc<Link>) -> Arc<Link> {
        let plugin = plugin(["", "a", "b", "c"][session as usize]);
        Link::to_plugin(session, plugin, Called::name("go"), None, Some(parent.clone()))
    }

    fn answer(link: &Link) {
        link.cancellation().unwrap().answer();
    }

    #[test]
    fn the_parent_that_is_told_is_a_call_of_the_receiver() {
        let a1 = from(1, 11, false, None);
        let b1 = from(2, 21, false, Some(&to(2, &a1)));
        let c1 = from(3, 31, false, Some(&to(3, &b1)));
        let ancestors = |link: &Link| [1, 2, 3, 4].map(|session| link.ancestor_of(session));
        assert_eq!(ancestors(&c1), [Some(11), Some(21), Some(31), None]);
        let a2 = from(1, 12, false, Some(&to(1, &c1)));
        assert_eq!(a2.ancestor_of(1), Some(12), "the nearest");
        answer(&a2);
        assert_eq!(a2.ancestor_of(1), Some(11), "one that is answered is none");
    }

    #[test]
    fn a_call_that_is_waited_for_comes_first() {
        let blocked = from(1, 11, true, None);
        let nearer = from(1, 12, false, Some(&to(1, &blocked)));
        assert_eq!(nearer.ancestor_of(1), Some(11));
        assert_eq!(nearer.blocking(), [(1, 11)]);
        answer(&blocked);
        assert_eq!(nearer.ancestor_of(1), Some(12));
        assert_eq!(nearer.blocking(), []);
    }

    #[test]
    fn a_notification_is_nobodys_parent() {
        let made = Made {
            session: 1,
            plugin: plugin("a"),
            id: None,
            called: Called::Function,
            deadline: None,
            blocks: false,
            cancellation: Arc::default(),
        };
        let link = Link::from_plugin(made, None);
        assert_eq!(link.ancestor_of(1), None);
    }

    #[test]
    fn deadlines_shrink_along_the_chain() {
        let now = Instant::now();
        let [near, far] = [10, 1_000].map(|seconds| now + Duration::from_secs(seconds));
        let called = || Called::name("go");
        let first = Link::to_plugin(1, plugin("a"), called(), Some(near), None);
        let second = from(1, 1, false, Some(&first));
        assert_eq!(second.deadline(), Some(near), "a call without one has its parent's");
        let third = Link::to_plugin(2, plugin("b"), called(), Some(far), Some(second.clone()));
        assert_eq!(third.deadline(), Some(near), "and none has a later one");
        assert_eq!(second.shrink(Duration::from_secs(60), now), Duration::from_secs(10));
        assert_eq!(second.shrink(Duration::from_secs(1), now), Duration::from_secs(1));
        assert_eq!(from(1, 1, false, None).shrink(Duration::MAX, now), Duration::MAX);
        let late = Link::to_plugin(1, plugin("a"), called(), Some(now), None);
        assert_eq!(late.shrink(Duration::MAX, now), Duration::ZERO);
    }

    #[test]
    fn chains_have_a_bound() {
        let mut link = from(1, 1, false, None);
        let mut length = 1;
        while link.has_room() {
            link = to(1, &link);
            length += 1;
        }
        assert_eq!(length, limits::CHAIN);
    }

    #[test]
    fn cancelling_follows_whoever_asked_last() {
        let a1 = from(1, 11, false, None);
        let b1 = from(2, 21, false, Some(&to(2, &a1)));
        let c = to(3, &b1);
        assert!(Arc::ptr_eq(c.cancellation().unwrap(), b1.cancellation().unwrap()));
        let alone = Link::to_plugin(1, plugin("a"), Called::Function, None, None);
        assert!(alone.cancellation().is_none());
    }

    #[test]
    fn a_chain_can_be_read() {
        let a1 = from(1, 11, false, None);
        let to_b = Link::to_plugin(2, plugin("b"), Called::Function, None, Some(a1));
        let chain = Chain::new(from(2, 21, false, Some(&to_b)));
        let words =
            "plugin a called app.f11, the application called a function of b, plugin b called app.f21";
        assert_eq!(chain.to_string(), words);
        let steps = chain.steps();
        let second = Step { plugin: plugin("b"), function: "a function".into(), is_caller: false };
        assert_eq!((steps.len(), &steps[1]), (3, &second));
    }
}
