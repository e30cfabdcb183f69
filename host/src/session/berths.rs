//! How much of a plugin's window other plugins take.
//!
//! Calls that a plugin makes to another one, by functions that were passed along or through functions of the application,
//! take room in the window of that one. Without a bound one plugin could take all of it, and the application could not call
//! the other any more. So each plugin has half of another one's window at most, and all of them together leave some; further
//! calls wait in the order in which they were made, each until its deadline.

use crate::session::chain::Link;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What other plugins leave for the application: this part of the window.
const LEFT: usize = 8;

/// The berths in one session's window that other plugins may take.
#[derive(Debug)]
pub(crate) struct Berths {
    /// The session's own key.
    session: u64,
    /// For each other plugin.
    each: usize,
    /// For all of them together.
    all: Arc<Semaphore>,
    /// By the keys of their sessions. Whoever uses none has none, sooner or later.
    others: Mutex<HashMap<u64, Arc<Semaphore>>>,
}

/// A berth for one call. It is free again when this is dropped: when the plugin has answered, and not already when the caller
/// has lost interest.
#[derive(Debug)]
pub(crate) struct Berth {
    _own: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// Whether a call may be made at once.
pub(crate) enum Admission {
    /// It may; with the berth that it takes, if it has to have one.
    Now(Option<Berth>),
    /// It has to wait for a berth. None comes if the session ends.
    Later(Coming),
}

/// A berth that is waited for.
pub(crate) type Coming = Pin<Box<dyn Future<Output = Option<Berth>> + Send + Sync>>;

impl Berths {
    /// For the session with this key, whose window has so much room.
    pub(crate) fn new(session: u64, window: u32) -> Berths {
        let most = |room: usize| room.clamp(1, Semaphore::MAX_PERMITS);
        let window = window as usize;
        Berths {
            session,
            each: most(window / 2),
            all: Arc::new(Semaphore::new(most(window - window / LEFT))),
            others: Mutex::default(),
        }
    }

    /// Whether a call to the session's plugin may be made on behalf of `parent`.
    ///
    /// The application's own calls need no berth. Neither does what a plugin causes to be done to itself, nor a call that the
    /// plugin waits for: it would wait for room that those before it take.
    pub(crate) fn admit(&self, parent: Option<&Arc<Link>>) -> Admission {
        let caller = parent.and_then(|parent| Some((parent, parent.caller()?)));
        let Some((parent, caller)) = caller else { return Admission::Now(None) };
        if caller == self.session || parent.is_for(self.session) {
            return Admission::Now(None);
        }
        let (own, all) = (self.of(caller), self.all.clone());
        if let Ok(_own) = own.clone().try_acquire_owned()
            && let Ok(_of_all) = all.clone().try_acquire_owned()
        {
            return Admission::Now(Some(Berth { _own, _of_all }));
        }
        Admission::Later(Box::pin(async move {
            let _own = own.acquire_owned().await.ok()?;
            let _of_all = all.acquire_owned().await.ok()?;
            Some(Berth { _own, _of_all })
        }))
    }

    /// The session has ended: whoever waits need not wait any more.
    pub(crate) fn close(&self) {
        self.all.close();
        self.lock().values().for_each(|own| own.close());
    }

    /// The berths of one other plugin.
    fn of(&self, caller: u64) -> Arc<Semaphore> {
        let mut others = self.lock();
        if let Some(own) = others.get(&caller) {
            return own.clone();
        }
        // Those that nobody uses: their sessions may be long gone.
        others.retain(|_, own| 1 < Arc::strong_count(own));
        let own = Arc::new(Semaphore::new(self.each));
        if self.all.is_closed() {
            own.close();
        }
        others.insert(caller, own.clone());
        own
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Semaphore>>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PluginId;
    use crate::session::chain::{Called, Made};

    /// A call of the plugin with this key, on behalf of `parent`.
    fn from(session: u64, parent: Option<&Arc<Link>>) -> Arc<Link> {
        let made = Made {
            session,
            plugin: PluginId::native("p").unwrap(),
            id: Some(1),
            called: Called::Function,
            deadline: None,
            blocks: false,
            cancellation: Arc::default(),
        };
        Link::from_plugin(made, parent.cloned())
    }

    fn to(session: u64, parent: &Arc<Link>) -> Arc<Link> {
        Link::to_plugin(session, PluginId::native("p").unwrap(), Called::Function, None, Some(parent.clone()))
    }

    /// Takes as many berths as there are.
    fn taken(berths: &Berths, caller: u64) -> Vec<Berth> {
        let parent = from(caller, None);
        let admit = || match berths.admit(Some(&parent)) {
            Admission::Now(berth) => berth,
            Admission::Later(_) => None,
        };
        Vec::from_iter(std::iter::from_fn(admit))
    }

    #[test]
    fn each_has_a_part_and_all_leave_some() {
        for (window, expected) in [(16, [8, 6, 0]), (1_024, [512, 384, 0]), (2, [1, 1, 0]), (1, [1, 0, 0])] {
            let berths = Berths::new(1, window);
            let taken = [2, 3, 4].map(|caller| taken(&berths, caller));
            assert_eq!(taken.each_ref().map(Vec::len), expected, "of {window}");
        }
    }

    #[test]
    fn some_calls_need_no_berth() {
        let berths = Berths::new(1, 2);
        let own = from(1, None);
        let nested = from(2, Some(&to(1, &from(2, None))));
        for parent in [None, Some(&own), Some(&nested)] {
            for _ in 0..10 {
                assert!(matches!(berths.admit(parent), Admission::Now(None)));
            }
        }
    }

    #[tokio::test]
    async fn whoever_waits_comes_when_there_is_room_or_nobody() {
        let berths = Berths::new(1, 2);
        let parent = from(2, None);
        let later = || match berths.admit(Some(&parent)) {
            Admission::Later(coming) => coming,
            Admission::Now(berth) => panic!("{berth:?}"),
        };
        let taken = taken(&berths, 2);
        let (first, second) = (later(), later());
        drop(taken);
        let first = first.await;
        assert!(first.is_some());
        berths.close();
        assert!(second.await.is_none() && later().await.is_none());
        let other = from(3, None);
        let Admission::Later(coming) = berths.admit(Some(&other)) else { panic!() };
        assert!(coming.await.is_none(), "also for one that comes only now");
    }
}
