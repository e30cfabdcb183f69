//! What the end-to-end tests share: a host with real runners and a folder of its own.
//!
//! ```no_run
//! # async fn example() {
//! use plughold::Api;
//! use plughold_tests::TestHost;
//!
//! let mut host = TestHost::new(Api::new(()));
//! let adder = host.load("adder", "export function add(a, b) { return a + b }").await;
//! assert_eq!(adder.call::<_, u32>("add", (1, 2)).await, Ok(3));
//! host.finish().await;
//! # }
//! ```
//!
//! Nothing here sleeps: what takes time is awaited, and given up after [`PATIENCE`].
//!
//! # Layout
//!
//! - [`host`]: a host for one test
//! - [`process`]: processes that are watched until they are gone, and descriptors that are counted
//! - [`program`](mod@program): where the binaries of this package are
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

pub mod host;
pub mod process;
pub mod program;

pub use host::{TestHost, quick_limits};
pub use process::{Watched, children, open_descriptors};
pub use program::program;

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
pub fn eventually<T: PartialEq + Debug>(
    expected: T,
    mut look: impl FnMut() -> T,
) -> impl Future<Output = ()> {
    let caller = Location::caller();
    let started = Instant::now();
    std::future::poll_fn(move |context| {
        let seen = look();
        if seen == expected {
            return Poll::Ready(());
        }
        let is_in_time = started.elapsed() < PATIENCE;
        assert!(is_in_time, "{caller}: still {seen:?} and not {expected:?} after {PATIENCE:?}");
        context.waker().wake_by_ref();
        Poll::Pending
    })
}
