//! Work that waits for the disk, on a thread of its own.
//!
//! A runtime panics where the system has no thread to give for such work; a host says so and goes on. How many there are
//! is bounded by the number of plugins: each is read for one thing at a time. Reports, of which a plugin may make several,
//! have a bound of their own.

use std::io;
use tokio::sync::oneshot;

/// Runs `work` on a new thread.
///
/// # Errors
/// What the system says when it has no thread to give: nothing was done.
pub(crate) fn run_aside(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name("plughold-disk".into()).spawn(work).map(drop)
}

/// Runs `work` on a new thread and waits for what it gives.
///
/// # Errors
/// What the system says when it has no thread to give, and an error of kind `Other` when `work` panics.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    let (sender, receiver) = oneshot::channel();
    run_aside(move || {
        // Whoever wanted it may have gone away meanwhile.
        let _ = sender.send(work());
    })?;
    receiver.await.map_err(|_| io::Error::other("the work has panicked"))
}
