//! The time that sessions go by.

use std::time::Instant;

/// Now. It is the clock of the runtime's timers, so that a test which stops that one stops all of them; otherwise it is
/// the system's monotonic clock.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
