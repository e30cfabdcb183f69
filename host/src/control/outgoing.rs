//! What waits to be written to one client.

use plughold_control::codec::{self, EncodeError};
use plughold_control::{Answer, HostMessage, Item, Refusal, RefusalKind, limits};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Puts messages for one client in order. A client that does not read makes whoever has something for it wait, and the bytes
/// that wait are bounded for all clients together.
#[derive(Clone)]
pub(super) struct Outgoing {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

/// A message, and its place among the bytes that wait.
pub(super) struct Waiting {
    frames: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

/// The connection has ended: nothing can be said any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended;

impl Outgoing {
    pub(super) fn new(room: Arc<Semaphore>) -> (Outgoing, mpsc::Receiver<Waiting>) {
        let (queue, waiting) = mpsc::channel(limits::OUTGOING);
        (Outgoing { queue, room }, waiting)
    }

    /// Answers a wish. What is too long, or has no room beside what others have not read, is refused instead.
    pub(super) async fn answer(&self, id: u64, outcome: Result<Answer, Refusal>) -> Result<(), Ended> {
        let waiting = match self.prepare(&HostMessage::Answer { id, outcome }) {
            Ok(waiting) => waiting,
            Err(refusal) => {
                self.prepare(&HostMessage::Answer { id, outcome: Err(refusal) }).map_err(|_| Ended)?
            }
        };
        self.queue.send(waiting).await.map_err(|_| Ended)
    }

    /// Tells one more of a stream. What has no room is left out, and the client is told.
    pub(super) async fn item(&self, id: u64, item: Item) -> Result<(), Ended> {
        let waiting = match self.prepare(&HostMessage::Item { id, item }) {
            Ok(waiting) => waiting,
            Err(_) => {
                let item = Item::Missed { count: 1 };
                self.prepare(&HostMessage::Item { id, item }).map_err(|_| Ended)?
            }
        };
        self.queue.send(waiting).await.map_err(|_| Ended)
    }

    /// Says anything that is short.
    pub(super) async fn say(&self, message: &HostMessage) -> Result<(), Ended> {
        let waiting = self.prepare(message).map_err(|_| Ended)?;
        self.queue.send(waiting).await.map_err(|_| Ended)
    }

    fn prepare(&self, message: &HostMessage) -> Result<Waiting, Refusal> {
        let frames = codec::encode(message, limits::HOST_MESSAGE).map_err(|error| match error {
            EncodeError::TooLong { .. } => {
                Refusal::new(RefusalKind::TooLarge, format!("the answer would be {error}"))
            }
            error => Refusal::new(RefusalKind::Failed, error.to_string()),
        })?;
        let size = u32::try_from(frames.len()).unwrap_or(u32::MAX);
        match self.room.clone().try_acquire_many_owned(size) {
            Ok(room) => Ok(Waiting { frames, _room: room }),
            Err(_) => {
                let words = "too much waits already that clients do not read";
                Err(Refusal::new(RefusalKind::Busy, words))
            }
        }
    }
}

/// Writes what waits, until nobody has anything to say any more or the client is gone.
pub(super) async fn write(mut to: OwnedWriteHalf, mut waiting: mpsc::Receiver<Waiting>) {
    while let Some(next) = waiting.recv().await {
        if to.write_all(&next.frames).await.is_err() {
            return;
        }
    }
}
