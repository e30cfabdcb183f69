//! The calls of a plugin that the application serves right now.

use crate::clock;
use crate::figures::account::Kind;
use crate::figures::{Account, CallFigures, Ended, FunctionKind, Slot};
use crate::session::cancellation::Cancellation;
use crate::session::waiting::Blocked;
use plughold_package::Scope;
use plughold_protocol::limits;
use plughold_protocol::record::Unwanted;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Elements of the arguments that the functions of an application work on at one time for one plugin: forty of the largest
/// values. More calls are refused, and not the plugin ended: it cannot know how long the application takes.
const MOST_NODES: usize = 40 * limits::NODES;

/// The open calls by id.
#[derive(Debug)]
pub(crate) struct Serving {
    window: u32,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    last_id: u64,
    calls: HashMap<u64, Work>,
    /// Calls that were answered before their functions were done, and what their arguments take until then.
    unfinished: HashMap<u64, Weight>,
    /// Bytes of the arguments of these.
    unfinished_bytes: usize,
    /// Notifications that are being worked on: they have no ids, and are cancelled together.
    notifications: u32,
    notified: Arc<Cancellation>,
    /// Bytes of the arguments of the open calls and the notifications.
    bytes: usize,
    /// Elements of the arguments of all that is being worked on.
    nodes: usize,
    /// Calls that block the plugin.
    blocking: usize,
    /// What the calls that were answered have cost.
    account: Account,
    /// When a call was answered last: one that arrived in the same read has waited for that, and not for its own function.
    answered: Instant,
}

/// One call that is being worked on.
#[derive(Debug)]
struct Work {
    cancellation: Arc<Cancellation>,
    weight: Weight,
    /// The call to the plugin on whose behalf it made this one.
    parent: Option<u64>,
    /// The plugin does nothing but wait for the answer, and does so since then.
    blocked: Option<(Blocked, Instant)>,
    /// Where it is counted.
    slot: Slot,
    /// What is called, where the slot does not say it.
    name: Option<Arc<str>>,
    since: Instant,
    /// How long the plugin waits, if it has said so.
    deadline_us: Option<u64>,
}

/// A call of the plugin, as it was read.
#[derive(Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) id: u64,
    /// Bytes of its arguments.
    pub(crate) bytes: usize,
    /// The call to the plugin on whose behalf it made this one.
    pub(crate) parent: Option<u64>,
    pub(crate) deadline_us: Option<u64>,
    pub(crate) subject: Subject<'a>,
    /// When it was read.
    pub(crate) now: Instant,
}

/// What a call of the plugin is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// A function of the API, by its place in the table.
    Api(usize, &'a Arc<str>),
    Other(Kind, &'a Arc<str>),
}

/// A call that is being served.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) id: u64,
    pub(crate) kind: FunctionKind,
    pub(crate) name: String,
    pub(crate) since: Instant,
    pub(crate) deadline_us: Option<u64>,
    pub(crate) parent: Option<u64>,
    pub(crate) is_blocking: bool,
    pub(crate) is_wanted: bool,
}

/// What the arguments of a call or notification take while they are worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) bytes: usize,
    pub(crate) nodes: usize,
}

impl Serving {
    pub(crate) fn new(window: u32) -> Serving {
        Serving { window, open: Mutex::new(Open::new(clock::now())) }
    }

    /// The plugin calls. The error says in words which rule of the protocol it breaks.
    pub(crate) fn open(&self, opening: Opening) -> Result<Arc<Cancellation>, String> {
        let Opening { id, bytes, parent, deadline_us, subject, now } = opening;
        let mut open = self.lock();
        if id <= open.last_id {
            return Err(format!("call {id} after call {}: ids grow and are never used again", open.last_id));
        }
        if self.window as usize <= open.calls.len() {
            return Err(format!("more than {} calls in flight", self.window));
        }
        open.take(bytes)?;
        open.last_id = id;
        let cancellation = Arc::new(Cancellation::default());
        let weight = Weight { bytes, nodes: 0 };
        let slot = match subject {
            Subject::Api(index, name) => open.account.slot_of_api(index, name),
            Subject::Other(kind, name) => open.account.slot(kind, name),
        };
        let (Subject::Api(_, name) | Subject::Other(_, name)) = subject;
        let work = Work {
            cancellation: cancellation.clone(),
            weight,
            parent,
            blocked: None,
            slot,
            name: slot.is_shared().then(|| name.clone()),
            since: open.answered.max(now),
            deadline_us,
        };
        open.calls.insert(id, work);
        Ok(cancellation)
    }

    /// Counts the elements in the arguments of a call that was just opened; false when the application works on too many
    /// already. An element of a byte takes fifty once it is decoded.
    #[must_use]
    pub(crate) fn take_nodes(&self, id: u64, nodes: usize) -> bool {
        let mut open = self.lock();
        // The plugin cannot know how long functions go on whose answers it has already.
        let has_room = open.unfinished.len() < self.window as usize
            && open.bytes + open.unfinished_bytes <= limits::SERVING;
        let fits = has_room && open.take_nodes(nodes);
        if fits && let Some(weight) = open.weight_mut(id) {
            weight.nodes = nodes;
        }
        fits
    }

    /// The plugin waits for the answer to a call that was just opened, one turn deeper than before. The error says in
    /// words which rule of the protocol it breaks.
    pub(crate) fn block(&self, id: u64, blocked: Blocked) -> Result<(), String> {
        let mut open = self.lock();
        if limits::NESTED_TURNS as usize <= open.blocking {
            return Err(format!("more than {} blocking calls inside each other", limits::NESTED_TURNS));
        }
        if let Some(work) = open.calls.get_mut(&id) {
            work.blocked = Some((blocked, clock::now()));
            open.blocking += 1;
        }
        Ok(())
    }

    /// The calls that are being worked on, in the order in which they were made.
    pub(crate) fn open_ids(&self) -> Vec<u64> {
        let mut ids: Vec<u64> = self.lock().calls.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Whether the plugin waits for the answer to a blocking call.
    pub(crate) fn is_blocking(&self) -> bool {
        0 < self.lock().blocking
    }

    /// The call that the plugin made last of those for which it does nothing but wait, and since when it does.
    pub(crate) fn blocked(&self) -> Option<(u64, Instant)> {
        let open = self.lock();
        let blocked = open.calls.iter().filter_map(|(id, work)| Some((*id, work.blocked.as_ref()?.1)));
        blocked.max_by_key(|(id, _)| *id)
    }

    /// Whether nothing is being worked on.
    pub(crate) fn is_idle(&self) -> bool {
        let open = self.lock();
        open.calls.is_empty() && open.unfinished.is_empty() && open.notifications == 0
    }

    /// Whether a call is being worked on.
    #[cfg(test)]
    pub(crate) fn is_open(&self) -> bool {
        !self.lock().calls.is_empty()
    }

    /// Whether one more call would be served.
    #[cfg(test)]
    pub(crate) fn has_room(&self) -> bool {
        self.lock().unfinished.len() < self.window as usize
    }

    /// The function that serves a call is done, and has thrown or not. Where the call is counted if its answer is to be
    /// sent: it is not when the call was answered before.
    #[must_use]
    pub(crate) fn close(&self, id: u64, has_thrown: bool, now: Instant) -> Option<Slot> {
        let mut open = self.lock();
        let Some(work) = open.calls.remove(&id) else {
            if let Some(Weight { bytes, nodes }) = open.unfinished.remove(&id) {
                open.unfinished_bytes = open.unfinished_bytes.saturating_sub(bytes);
                open.nodes = open.nodes.saturating_sub(nodes);
            }
            return None;
        };
        open.answered(&work, has_thrown, now);
        open.nodes = open.nodes.saturating_sub(work.weight.nodes);
        drop(open);
        work.cancellation.answer();
        Some(work.slot)
    }

    /// What is counted there.
    pub(crate) fn name_of(&self, slot: Slot) -> Arc<str> {
        self.lock().account.name_of(slot)
    }

    /// What the calls that were answered have cost.
    pub(crate) fn figures(&self, now: Instant) -> CallFigures {
        self.lock().account.figures(now)
    }

    /// How many calls are being served.
    pub(crate) fn len(&self) -> usize {
        self.lock().calls.len()
    }

    /// The oldest calls that are being served, in the order in which they were made.
    pub(crate) fn served(&self, most: usize) -> Vec<Served> {
        let open = self.lock();
        let mut oldest = Vec::from_iter(&open.calls);
        oldest.sort_unstable_by_key(|(id, _)| **id);
        let served = oldest.into_iter().take(most).map(|(id, work)| {
            let (kind, name) = open.account.name(work.slot, work.name.as_deref());
            let Work { since, deadline_us, parent, .. } = *work;
            let (is_blocking, is_wanted) = (work.blocked.is_some(), !work.cancellation.is_cancelled());
            Served { id: *id, kind, name, since, deadline_us, parent, is_blocking, is_wanted }
        });
        served.collect()
    }

    /// The call `parent` to the plugin is not wanted any more, and neither is any that the plugin has made on its behalf.
    /// Gives these: they are to be answered now. Their functions go on until they are done.
    #[must_use]
    pub(crate) fn end_children(&self, parent: u64, why: Unwanted) -> Vec<u64> {
        let ended = self.end_those(why, |work| (work.parent == Some(parent)).then_some(()));
        ended.into_iter().map(|(id, ())| id).collect()
    }

    /// Calls that rest on something for which that holds are not wanted any more. Gives these, each with the first such
    /// thing, as [`end_children`](Serving::end_children) does.
    #[must_use]
    pub(crate) fn end_resting(&self, is: &dyn Fn(&Scope) -> bool) -> Vec<(u64, Arc<Scope>)> {
        self.end_those(Unwanted::Dropped, |work| work.cancellation.resting.find(is))
    }

    fn end_those<T>(&self, why: Unwanted, which: impl Fn(&Work) -> Option<T>) -> Vec<(u64, T)> {
        let mut open = self.lock();
        let mut found = Vec::new();
        let is_found = |id: &u64, work: &mut Work| {
            let is_one = which(work).map(|found_in_it| found.push((*id, found_in_it)));
            is_one.is_some()
        };
        let ended = Vec::from_iter(open.calls.extract_if(is_found));
        let now = clock::now();
        for (id, work) in &ended {
            open.answered(work, true, now);
            open.unfinished_bytes += work.weight.bytes;
            open.unfinished.insert(*id, work.weight);
        }
        drop(open);
        found.sort_unstable_by_key(|(id, _)| *id);
        // Outside of the lock: it wakes tasks, and lets plugins go on that were blocked.
        for (_, work) in ended {
            work.cancellation.answer();
            work.cancellation.cancel(why);
        }
        found
    }

    /// The plugin notifies. The error says in words which rule of the protocol it breaks.
    pub(crate) fn open_notification(&self, bytes: usize) -> Result<Arc<Cancellation>, String> {
        let mut open = self.lock();
        if self.window <= open.notifications {
            return Err(format!("more than {} notifications that are being worked on", self.window));
        }
        open.take(bytes)?;
        open.notifications += 1;
        Ok(open.notified.clone())
    }

    /// Counts the elements in a notification that was just opened; false as for a call.
    #[must_use]
    pub(crate) fn take_notified_nodes(&self, nodes: usize) -> bool {
        self.lock().take_nodes(nodes)
    }

    /// The work on a notification is done.
    pub(crate) fn close_notification(&self, Weight { bytes, nodes }: Weight) {
        let mut open = self.lock();
        open.notifications = open.notifications.saturating_sub(1);
        open.bytes = open.bytes.saturating_sub(bytes);
        open.nodes = open.nodes.saturating_sub(nodes);
    }

    /// The plugin no longer wants the answer. A call that was answered meanwhile is none of ours.
    pub(crate) fn cancel(&self, id: u64, why: Unwanted) {
        let cancellation = self.lock().calls.get(&id).map(|work| work.cancellation.clone());
        if let Some(cancellation) = cancellation {
            cancellation.cancel(why);
        }
    }

    /// The plugin is gone.
    pub(crate) fn cancel_all(&self) {
        let mut open = self.lock();
        let calls = std::mem::take(&mut open.calls);
        let notified = open.notified.clone();
        (open.bytes, open.nodes, open.blocking) = (0, 0, 0);
        (open.unfinished, open.unfinished_bytes) = (HashMap::new(), 0);
        drop(open);
        for work in calls.into_values() {
            work.cancellation.cancel(Unwanted::Dropped);
        }
        notified.cancel(Unwanted::Dropped);
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn new(now: Instant) -> Open {
        Open {
            last_id: 0,
            calls: HashMap::new(),
            unfinished: HashMap::new(),
            unfinished_bytes: 0,
            notifications: 0,
            notified: Arc::default(),
            bytes: 0,
            nodes: 0,
            blocking: 0,
            account: Account::new(now),
            answered: now,
        }
    }

    fn weight_mut(&mut self, id: u64) -> Option<&mut Weight> {
        let work = self.calls.get_mut(&id).map(|work| &mut work.weight);
        work.or_else(|| self.unfinished.get_mut(&id))
    }

    /// A call has its answer, and gives back what an open call takes; its elements are worked on until it is done.
    fn answered(&mut self, work: &Work, has_thrown: bool, now: Instant) {
        let took = now.saturating_duration_since(work.since);
        self.account.ended(work.slot, Ended { took, has_thrown, spent: Duration::ZERO }, now);
        self.answered = now;
        self.bytes = self.bytes.saturating_sub(work.weight.bytes);
        self.blocking = self.blocking.saturating_sub(usize::from(work.blocked.is_some()));
    }

    fn take(&mut self, bytes: usize) -> Result<(), String> {
        if limits::SERVING < self.bytes + bytes {
            return Err(format!("more than {} bytes of arguments that are being worked on", limits::SERVING));
        }
        self.bytes += bytes;
        Ok(())
    }

    fn take_nodes(&mut self, nodes: usize) -> bool {
        let fits = self.nodes + nodes <= MOST_NODES;
        self.nodes += if fits { nodes } else { 0 };
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(serving: &Serving, id: u64, bytes: usize) -> Result<Arc<Cancellation>, String> {
        let (name, now) = ("app.f".into(), Instant::now());
        let subject = Subject::Api(0, &name);
        serving.open(Opening { id, bytes, parent: None, deadline_us: None, subject, now })
    }

    fn close(serving: &Serving, id: u64) -> bool {
        serving.close(id, false, Instant::now()).is_some()
    }

    #[test]
    fn a_call_is_open_until_it_is_answered_or_the_plugin_is_gone() {
        let serving = Serving::new(2);
        let first = open(&serving, 1, 0).unwrap();
        let second = open(&serving, 5, 0).unwrap();
        assert_eq!(open(&serving, 6, 0).unwrap_err(), "more than 2 calls in flight");
        serving.cancel(1, Unwanted::Dropped);
        assert!(first.is_cancelled());
        assert!(close(&serving, 1));
        assert_eq!(
            open(&serving, 5, 0).unwrap_err(),
            "call 5 after call 5: ids grow and are never used again"
        );
        serving.cancel_all();
        assert!(second.is_cancelled());
    }

    #[test]
    fn elements_have_a_bound() {
        let serving = Serving::new(3);
        for id in 1..=3 {
            assert!(open(&serving, id, 0).is_ok());
        }
        assert!(serving.take_nodes(1, MOST_NODES - 1));
        assert!(!serving.take_nodes(2, 2));
        assert!(serving.take_nodes(2, 1));
        assert!(close(&serving, 1));
        assert!(serving.take_nodes(3, MOST_NODES - 1));
        assert!(!serving.take_nodes(3, 1));
        assert!(close(&serving, 2));
        assert!(serving.open_notification(0).is_ok() && serving.take_notified_nodes(1));
        assert!(!serving.take_notified_nodes(1));
        serving.close_notification(Weight { bytes: 0, nodes: 1 });
        assert!(serving.take_notified_nodes(1));
    }

    #[test]
    fn notifications_and_arguments_have_bounds_too() {
        let serving = Serving::new(1);
        let notified = serving.open_notification(limits::SERVING).unwrap();
        let words = "more than 1 notifications that are being worked on";
        assert_eq!(serving.open_notification(0).unwrap_err(), words);
        let words = format!("more than {} bytes of arguments that are being worked on", limits::SERVING);
        assert_eq!(open(&serving, 1, 1).unwrap_err(), words);
        serving.close_notification(Weight { bytes: limits::SERVING, nodes: 0 });
        assert!(open(&serving, 1, 1).is_ok());
        serving.cancel_all();
        assert!(notified.is_cancelled());
    }
}
