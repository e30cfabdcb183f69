//! From "its code has run" to "it is active".

use crate::Thrown;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What a plugin's activation waits for, beside its own code.
#[derive(Debug, Default)]
pub(crate) struct Activation {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    holds: usize,
    failed: Option<Thrown>,
    gone: bool,
}

impl Activation {
    pub(crate) fn new() -> Activation {
        Activation::default()
    }

    pub(crate) fn hold(&self) {
        self.lock().holds += 1;
    }

    pub(crate) fn release(&self) {
        let mut state = self.lock();
        state.holds = state.holds.saturating_sub(1);
        drop(state);
        self.changed.notify_waiters();
    }

    /// The first error counts.
    pub(crate) fn fail(&self, thrown: Thrown) {
        self.lock().failed.get_or_insert(thrown);
        self.changed.notify_waiters();
    }

    /// The process has ended: nothing will be activated any more.
    pub(crate) fn fail_gone(&self) {
        self.lock().gone = true;
        self.changed.notify_waiters();
    }

    /// Waits until nothing holds the activation any more. The error is what it failed with.
    pub(crate) async fn settled(&self) -> Result<(), Thrown> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no change between look and wait is missed.
            changed.as_mut().enable();
            {
                let state = self.lock();
                if let Some(thrown) = &state.failed {
                    return Err(thrown.clone());
                }
                if state.holds == 0 && !state.gone {
                    return Ok(());
                }
            }
            changed.await;
        }
    }

    /// Waits until something fails that held the activation, and takes the error: for what fails after the plugin has
    /// become active.
    pub(crate) async fn failed(&self) -> Thrown {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(thrown) = self.lock().failed.take() {
                return thrown;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn it_settles_when_the_last_hold_is_gone() {
        let activation = Arc::new(Activation::new());
        activation.hold();
        activation.hold();
        let settled = tokio::spawn({
            let activation = activation.clone();
            async move { activation.settled().await }
        });
        tokio::task::yield_now().await;
        activation.release();
        tokio::task::yield_now().await;
        assert!(!settled.is_finished());
        activation.release();
        assert_eq!(settled.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn a_failure_after_the_activation_is_not_lost() {
        let activation = Activation::new();
        assert_eq!(activation.settled().await, Ok(()));
        activation.hold();
        activation.fail(Thrown::new("Error", "late"));
        assert_eq!(activation.failed().await.message, "late");
    }

    #[tokio::test]
    async fn the_first_failure_counts_also_while_others_hold() {
        let activation = Activation::new();
        activation.hold();
        activation.fail(Thrown::new("Error", "first"));
        activation.fail(Thrown::new("Error", "second"));
        assert_eq!(activation.settled().await.unwrap_err().message, "first");
    }
}
