//! What waits to be written to one client.

use plughold_control::codec::{self, EncodeError};
use plughold_control::{Answer, HostMessage, Item, Refusal, RefusalKind, limits};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Puts messages for one client in order. A client that does not read makes whoever has something for it wait, and the bytes
/// of long messages that wait are bounded for all clients together.
#[derive(Clone)]
pub(super) struct Outgoing {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

/// A message, and its place among the bytes that wait; a short one has none.
pub(super) struct Waiting {
    frames: Vec<u8>,
    _room: Option<OwnedSemaphorePermit>,
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
            EncodeError::TooLong { .. } | EncodeError::OutOfBounds(_) => {
                Refusal::new(RefusalKind::TooLarge, format!("the answer would be {error}"))
            }
            error => Refusal::new(RefusalKind::Failed, error.to_string()),
        })?;
        if frames.len() <= limits::SHORT_MESSAGE {
            return Ok(Waiting { frames, _room: None });
        }
        let size = u32::try_from(frames.len()).unwrap_or(u32::MAX);
        match self.room.clone().try_acquire_many_owned(size) {
            Ok(room) => Ok(Waiting { frames, _room: Some(room) }),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What a client is told whose wish gave this, while so many bytes may wait.
    async fn told(room: usize, value: Value) -> Result<Answer, RefusalKind> {
        let (outgoing, mut waiting) = Outgoing::new(Arc::new(Semaphore::new(room)));
        outgoing.answer(7, Ok(Answer::Value(value))).await.unwrap();
        let mut inbox = plughold_wire::Inbox::new(limits::HOST_MESSAGE);
        let frames = waiting.recv().await.unwrap().frames;
        for piece in frames.chunks(1 << 10) {
            inbox.spare()[..piece.len()].copy_from_slice(piece);
            inbox.filled(piece.len());
        }
        let message = codec::decode(inbox.next().unwrap().unwrap()).unwrap();
        let HostMessage::Answer { id: 7, outcome } = message else { panic!("{message:?}") };
        outcome.map_err(|refusal| refusal.kind)
    }

    #[tokio::test]
    async fn each_wish_is_answered_also_where_there_is_no_room() {
        let (short, long) = (json!("short"), json!("x".repeat(10_000)));
        assert_eq!(told(0, short.clone()).await, Ok(Answer::Value(short)));
        assert_eq!(told(0, long.clone()).await, Err(RefusalKind::Busy));
        assert_eq!(told(20_000, long.clone()).await, Ok(Answer::Value(long)));
    }

    #[tokio::test]
    async fn what_a_client_would_not_read_is_refused() {
        let many = json!(vec![0; limits::NODES]);
        assert_eq!(told(limits::WAITING_BYTES, many).await, Err(RefusalKind::TooLarge));
        let long = json!("x".repeat(limits::HOST_MESSAGE));
        assert_eq!(told(limits::WAITING_BYTES, long).await, Err(RefusalKind::TooLarge));
    }
}
