//! The calls of a plugin that the application serves right now.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The open calls by id.
#[derive(Debug)]
pub(crate) struct Serving {
    window: u32,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    last_id: u64,
    calls: HashMap<u64, Arc<Cancellation>>,
}

/// Whether the caller of a call still wants its answer.
#[derive(Debug, Default)]
pub(crate) struct Cancellation {
    cancelled: AtomicBool,
    notify: Notify,
}

impl Serving {
    pub(crate) fn new(window: u32) -> Serving {
        Serving { window, open: Mutex::default() }
    }

    /// The plugin calls. The error says in words which rule of the protocol it breaks.
    pub(crate) fn open(&self, id: u64) -> Result<Arc<Cancellation>, String> {
        let mut open = self.lock();
        if id <= open.last_id {
            return Err(format!("call {id} after call {}: ids grow and are never used again", open.last_id));
        }
        if self.window as usize <= open.calls.len() {
            return Err(format!("more than {} calls in flight", self.window));
        }
        open.last_id = id;
        let cancellation = Arc::new(Cancellation::default());
        open.calls.insert(id, cancellation.clone());
        Ok(cancellation)
    }

    /// The call was answered.
    pub(crate) fn close(&self, id: u64) {
        self.lock().calls.remove(&id);
    }

    /// The plugin no longer wants the answer. A call that was answered meanwhile is none of ours.
    pub(crate) fn cancel(&self, id: u64) {
        let cancellation = self.lock().calls.get(&id).cloned();
        if let Some(cancellation) = cancellation {
            cancellation.cancel();
        }
    }

    /// The plugin is gone.
    pub(crate) fn cancel_all(&self) {
        let calls = std::mem::take(&mut self.lock().calls);
        for cancellation in calls.into_values() {
            cancellation.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cancellation {
    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    pub(crate) async fn cancelled(&self) {
        loop {
            let notified = self.notify.notified();
            if self.is_cancelled() {
                return;
            }
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_open_until_it_is_answered_or_the_plugin_is_gone() {
        let serving = Serving::new(2);
        let first = serving.open(1).unwrap();
        let second = serving.open(5).unwrap();
        assert_eq!(serving.open(6).unwrap_err(), "more than 2 calls in flight");
        serving.cancel(1);
        assert!(first.is_cancelled());
        serving.close(1);
        assert_eq!(serving.open(5).unwrap_err(), "call 5 after call 5: ids grow and are never used again");
        serving.cancel_all();
        assert!(second.is_cancelled());
    }
}
