//! Work that waits for the disk, of one plugin: one thing after the other, on a thread that is there while there is work.
//!
//! What a plugin does on the disk happens in the order in which it asked, needs no locks among itself, and a disk that
//! hangs holds up that plugin alone.

use crate::aside::run_aside;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a thread waits for more work before it ends: starting one takes longer than many a piece of work.
const LINGER: Duration = Duration::from_secs(1);

/// Pieces of work that wait: more than the calls that two processes of a plugin may have in flight.
const MOST: usize = 4_096;

type Job = Box<dyn FnOnce() + Send>;

/// Does the work of one plugin. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Worker {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// A thread is there.
    is_running: bool,
}

impl Worker {
    /// Does `work` after everything that was given before, and waits for what it gives. Work that has begun ends, also
    /// when nobody waits any more.
    ///
    /// # Errors
    /// What the system says when it has no thread to give, and an error of kind `Other` when too much waits or `work`
    /// panics.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = oneshot::channel();
        self.run(move || {
            // Whoever wanted it may have gone away meanwhile.
            let _ = sender.send(work());
        })?;
        receiver.await.map_err(|_| io::Error::other("the work has panicked"))
    }

    /// The same for work that takes long: it is not begun when nobody waits for it any more.
    ///
    /// # Errors
    /// As [`Worker::ask`].
    #[cfg(feature = "storage")]
    pub(crate) async fn ask_if_wanted<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = oneshot::channel();
        self.run(move || {
            if !sender.is_closed() {
                let _ = sender.send(work());
            }
        })?;
        receiver.await.map_err(|_| io::Error::other("the work has panicked"))
    }

    /// Does `work` after everything that was given before.
    ///
    /// # Errors
    /// What the system says when it has no thread to give, and an error of kind `Other` when too much waits: nothing
    /// will be done.
    pub(crate) fn run(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut queue = self.shared.lock();
        if MOST <= queue.jobs.len() {
            return Err(io::Error::other(format!("expected at most {MOST} things to wait for the disk")));
        }
        queue.jobs.push_back(Box::new(work));
        if queue.is_running {
            drop(queue);
            self.shared.arrived.notify_one();
            return Ok(());
        }
        let shared = self.shared.clone();
        let started = run_aside(move || shared.work());
        if started.is_err() {
            // There was no thread, so it is the only one.
            queue.jobs.pop_back();
        }
        queue.is_running = started.is_ok();
        started
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            // The next piece of work has nothing to do with this one.
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }

    /// The next piece of work; none when there was nothing to do for a while. Then the thread ends.
    fn next(&self) -> Option<Job> {
        let is_empty = |queue: &mut Queue| queue.jobs.is_empty();
        let waited = self.arrived.wait_timeout_while(self.lock(), LINGER, is_empty);
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let job = queue.jobs.pop_front();
        queue.is_running = job.is_some();
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    #[cfg(feature = "storage")]
    use std::task::{Context, Waker};

    #[tokio::test]
    async fn it_works_in_order_and_survives_a_panic() {
        let worker = Worker::default();
        let (sender, receiver) = mpsc::channel();
        for number in 0..100 {
            let sender = sender.clone();
            worker.run(move || sender.send(number).unwrap()).unwrap();
        }
        let panicked = worker.ask(|| -> () { panic!("as it shall") }).await;
        assert_eq!(panicked.unwrap_err().to_string(), "the work has panicked");
        assert_eq!(worker.ask(|| 7).await.unwrap(), 7);
        assert_eq!(Vec::from_iter(receiver.try_iter()), Vec::from_iter(0..100));
    }

    #[cfg(feature = "storage")]
    #[tokio::test]
    async fn long_work_that_nobody_wants_is_not_begun() {
        let worker = Worker::default();
        let (open, gate) = mpsc::channel::<()>();
        let (sender, done) = mpsc::channel();
        worker.run(move || gate.recv().unwrap()).unwrap();
        let (unwanted, wanted) = (sender.clone(), sender);
        let mut given_up = Box::pin(worker.ask_if_wanted(move || unwanted.send("unwanted").unwrap()));
        assert!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(given_up);
        open.send(()).unwrap();
        worker.ask_if_wanted(move || wanted.send("wanted").unwrap()).await.unwrap();
        assert_eq!(Vec::from_iter(done), ["wanted"]);
    }

    #[tokio::test]
    async fn too_much_work_is_refused() {
        let worker = Worker::default();
        let (open, gate) = mpsc::channel::<()>();
        let (sender, started) = mpsc::channel();
        worker
            .run(move || {
                sender.send(()).unwrap();
                let _ = gate.recv();
            })
            .unwrap();
        started.recv().unwrap();
        for _ in 0..MOST {
            worker.run(|| {}).unwrap();
        }
        let refused = worker.run(|| {}).unwrap_err();
        assert_eq!(refused.to_string(), "expected at most 4096 things to wait for the disk");
        drop(open);
        // One that comes later is done again, once there is room.
        while worker.ask(|| ()).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}
