//! Whether a call is still wanted, and why not.

use crate::CallError;
use crate::permissions::Resting;
use crate::value::Thrown;
use plughold_protocol::record::Unwanted;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Whether the caller of a call still wants its answer.
#[derive(Debug, Default)]
pub(crate) struct Cancellation {
    unwanted: OnceLock<Unwanted>,
    answered: AtomicBool,
    notify: Notify,
    /// The permissions that the call rests on.
    pub(crate) resting: Resting,
}

/// What a call of a plugin throws that was made on behalf of one which is not wanted any more.
pub(crate) fn thrown_by_children(why: Unwanted) -> Thrown {
    match why {
        Unwanted::Deadline => {
            let words = "the time of the call on whose behalf this one was made is over";
            Thrown::new("Error", words).with_code("E_DEADLINE")
        }
        Unwanted::Dropped => CallError::Cancelled.to_thrown(),
    }
}

impl Cancellation {
    /// The answer is not wanted any more. The first reason counts.
    pub(crate) fn cancel(&self, why: Unwanted) {
        if self.unwanted.set(why).is_ok() {
            self.notify.notify_waiters();
        }
    }

    /// The call was answered: whatever is still done on its behalf, nobody waits for.
    pub(crate) fn answer(&self) {
        self.answered.store(true, Ordering::Release);
    }

    pub(crate) fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.unwanted.get().is_some()
    }

    /// Completes when the answer is not wanted any more, and says why.
    pub(crate) async fn cancelled(&self) -> Unwanted {
        loop {
            let notified = self.notify.notified();
            if let Some(why) = self.unwanted.get() {
                return *why;
            }
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_counts() {
        let cancellation = Cancellation::default();
        assert!(!cancellation.is_cancelled());
        cancellation.cancel(Unwanted::Deadline);
        cancellation.cancel(Unwanted::Dropped);
        assert_eq!(cancellation.cancelled().await, Unwanted::Deadline);
        assert!(cancellation.is_cancelled() && !cancellation.is_answered());
    }

    #[test]
    fn each_reason_has_a_code() {
        let code = |why: Unwanted| thrown_by_children(why).code;
        assert_eq!(code(Unwanted::Deadline).as_deref(), Some("E_DEADLINE"));
        assert_eq!(code(Unwanted::Dropped).as_deref(), Some("E_CANCELLED"));
    }
}
