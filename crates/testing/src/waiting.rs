//! Patience: what takes time is awaited, and given up with words.

use std::fmt::Debug;
use std::panic::Location;
use std::task::Poll;
use std::time::{Duration, Instant};

/// After this time a test gives up waiting: long enough for a busy machine, short enough for whoever waits.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for `future`, and panics with `what` when it takes longer than [`PATIENCE`].
pub async fn patiently<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} did not happen within {PATIENCE:?}"),
    }
}

/// Lets other tasks run until `look` sees `expected`, and panics with what it sees when it does not within [`PATIENCE`].
/// For states that nothing announces; what has an event is awaited by its event.
#[track_caller]
pub fn eventually<T: PartialEq + Debug>(expected: T, look: impl FnMut() -> T) -> impl Future<Output = ()> {
    eventually_within(PATIENCE, expected, look)
}

/// The same with another patience.
#[track_caller]
pub fn eventually_within<T: PartialEq + Debug>(
    patience: Duration,
    expected: T,
    mut look: impl FnMut() -> T,
) -> impl Future<Output = ()> {
    let caller = Location::caller();
    until_well(patience, move || {
        let seen = look();
        if seen == expected {
            return Ok(());
        }
        Err(format!("{caller}: still {seen:?} and not {expected:?}"))
    })
}

/// Lets other tasks run until `look` finds nothing wrong, and panics with its words when it still does after `patience`.
pub(crate) fn until_well(
    patience: Duration,
    mut look: impl FnMut() -> Result<(), String>,
) -> impl Future<Output = ()> {
    let started = Instant::now();
    std::future::poll_fn(move |context| {
        let Err(words) = look() else { return Poll::Ready(()) };
        assert!(started.elapsed() < patience, "{words} after {patience:?}");
        context.waker().wake_by_ref();
        Poll::Pending
    })
}
