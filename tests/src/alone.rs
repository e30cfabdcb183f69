//! Tests that have their process to themselves.
//!
//! Descriptors, threads and limits belong to a whole process. Tests that count or change them run one at a time, in a
//! runtime of their own whose spare threads end soon.

use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Threads of the runtime: as many as the smallest machine has processors.
const WORKERS: usize = 2;

static ALONE: Mutex<()> = Mutex::new(());

/// Waits until no other such test runs in this process, and keeps them waiting.
pub fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a test that has this process to itself, on two threads.
pub fn run_alone<F: Future>(test: impl FnOnce() -> F) -> F::Output {
    let _alone = alone();
    runtime().block_on(async { test().await })
}

/// A runtime whose threads run already, so that they can be counted.
fn runtime() -> Runtime {
    let (started, starts) = channel();
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_keep_alive(Duration::from_millis(1))
        .on_thread_start(move || started.send(()).unwrap_or_default())
        .enable_all()
        .build()
        .unwrap();
    (0..WORKERS).for_each(|_| starts.recv().unwrap());
    runtime
}
