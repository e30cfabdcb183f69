//! A stream, as its reader has it.

use crate::answer::Item;
use crate::client::connection::Connection;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Items that wait for a slow reader. The host keeps some thousand more.
const WAITING: usize = 1_024;

/// What a host tells one by one. Dropping it tells the host that nobody listens any more.
pub struct Subscription<T> {
    connection: Arc<Connection>,
    id: u64,
    queue: Arc<Queue>,
    read: fn(Item) -> Option<T>,
}

/// One of a [`Subscription`].
#[derive(Clone, Debug, PartialEq)]
pub enum Next<T> {
    /// What the host told.
    Item(T),
    /// So many were lost before the next, because they were not read in time.
    Missed(u64),
}

impl<T> Subscription<T> {
    pub(super) fn new(
        connection: Arc<Connection>,
        id: u64,
        queue: Arc<Queue>,
        read: fn(Item) -> Option<T>,
    ) -> Subscription<T> {
        Subscription { connection, id, queue, read }
    }

    /// The next one; none when the stream or the connection has ended.
    pub async fn next(&mut self) -> Option<Next<T>> {
        loop {
            match self.queue.next().await? {
                Item::Missed { count } => return Some(Next::Missed(count)),
                // What is newer than this program is left out.
                item => match (self.read)(item) {
                    Some(item) => return Some(Next::Item(item)),
                    None => continue,
                },
            }
        }
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        self.connection.forget(self.id);
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Subscription({})", self.id)
    }
}

/// What arrived and was not read yet. Beyond the bound the oldest are lost and counted, so that one slow reader does not
/// hold up the answers of the others.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    /// Lost before the first of them.
    missed: u64,
    has_ended: bool,
}

impl Queue {
    pub(super) fn push(&self, item: Item) {
        let mut waiting = self.lock();
        if waiting.items.len() == WAITING {
            waiting.missed += match waiting.items.pop_front() {
                Some(Item::Missed { count }) => count,
                _ => 1,
            };
        }
        waiting.items.push_back(item);
        drop(waiting);
        self.arrived.notify_one();
    }

    pub(super) fn end(&self) {
        self.lock().has_ended = true;
        self.arrived.notify_one();
    }

    async fn next(&self) -> Option<Item> {
        loop {
            {
                let mut waiting = self.lock();
                if 0 < waiting.missed {
                    return Some(Item::Missed { count: std::mem::take(&mut waiting.missed) });
                }
                if let Some(item) = waiting.items.pop_front() {
                    return Some(item);
                }
                if waiting.has_ended {
                    return None;
                }
            }
            self.arrived.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
