//! Messages on their way out.
//!
//! Everything that is pushed between two writes leaves in one write. Long messages wait in a lane of their own and
//! give up the socket after each piece, so that a cancellation behind 32 MiB of data waits for 64 KiB of it.

use crate::frame::{HEAD, Head, Lane};
use plughold_protocol::{Message, limits};
use std::collections::VecDeque;

/// Buffers of this size and below are kept for reuse, in bytes; larger ones go back after a burst.
const KEPT: usize = 256 << 10;

/// The messages that wait to be written to one peer.
///
/// Take [`chunk`](Outbox::chunk), write what the socket accepts, and tell [`written`](Outbox::written).
#[derive(Debug, Default)]
pub struct Outbox {
    /// Frames that are being written, with how much of them was.
    writing: Vec<u8>,
    cursor: usize,
    /// Direct frames that wait behind `writing`.
    direct: Vec<u8>,
    /// Long messages, encoded, and how much of the first was cut off already.
    bulk: VecDeque<Vec<u8>>,
    bulk_cursor: usize,
    bulk_bytes: usize,
}

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Outbox {
        Outbox::default()
    }

    /// Adds a message. Its lane follows from its length, and is returned.
    pub fn push(&mut self, message: &Message) -> Lane {
        let start = self.direct.len();
        self.direct.extend_from_slice(&[0; HEAD]);
        message.encode(&mut self.direct);
        let length = self.direct.len() - start - HEAD;
        if length <= limits::PIECE {
            let head = Head { length, lane: Lane::Direct, more: false };
            if let Some(place) = self.direct.get_mut(start..start + HEAD) {
                place.copy_from_slice(&head.to_bytes());
            }
            return Lane::Direct;
        }
        let body = self.direct.get(start + HEAD..).unwrap_or_default().to_vec();
        self.direct.truncate(start);
        self.push_bulk(body);
        Lane::Bulk
    }

    /// Adds a message that has to stay behind the long ones which were pushed before it, whatever its length: the
    /// cancellation of a call that is still in the bulk lane.
    pub fn push_behind_bulk(&mut self, message: &Message) {
        self.push_bulk(message.to_bytes());
    }

    /// Whether long messages wait.
    pub fn has_bulk(&self) -> bool {
        !self.bulk.is_empty()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.cursor == self.writing.len() && self.direct.is_empty() && self.bulk.is_empty()
    }

    /// Bytes that wait, heads of pieces not counted.
    pub fn pending_bytes(&self) -> usize {
        self.writing.len() - self.cursor + self.direct.len() + self.bulk_bytes
    }

    /// What is to be written next; empty when nothing waits.
    pub fn chunk(&mut self) -> &[u8] {
        if self.cursor == self.writing.len() {
            self.refill();
        }
        self.writing.get(self.cursor..).unwrap_or_default()
    }

    /// The socket took `count` bytes of the last [`chunk`](Outbox::chunk).
    pub fn written(&mut self, count: usize) {
        self.cursor = (self.cursor + count).min(self.writing.len());
    }

    fn push_bulk(&mut self, body: Vec<u8>) {
        self.bulk_bytes += body.len();
        self.bulk.push_back(body);
    }

    /// All direct frames, then one piece of the first long message.
    fn refill(&mut self) {
        self.writing.clear();
        self.cursor = 0;
        if KEPT < self.writing.capacity() {
            self.writing = Vec::new();
        }
        std::mem::swap(&mut self.writing, &mut self.direct);
        let Some(body) = self.bulk.front() else { return };
        let rest = body.get(self.bulk_cursor..).unwrap_or_default();
        let length = rest.len().min(limits::PIECE);
        let head = Head { length, lane: Lane::Bulk, more: length < rest.len() };
        self.writing.extend_from_slice(&head.to_bytes());
        self.writing.extend_from_slice(rest.get(..length).unwrap_or_default());
        self.bulk_bytes -= length;
        self.bulk_cursor += length;
        if !head.more {
            self.bulk.pop_front();
            self.bulk_cursor = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Inbox;

    fn log(length: usize) -> Message<'static> {
        let text = Box::leak("x".repeat(length).into_boxed_str());
        Message::Log { level: plughold_protocol::record::LogLevel::Info, text, place: None }
    }

    /// Drains `outbox` in writes of at most `step` bytes and names the messages in the order of arrival.
    fn arrivals(outbox: &mut Outbox, step: usize) -> Vec<String> {
        let mut inbox = Inbox::new(limits::MESSAGE);
        let mut names = Vec::new();
        loop {
            let chunk = outbox.chunk();
            let count = chunk.len().min(step);
            if count == 0 {
                return names;
            }
            let spare = inbox.spare();
            let count = count.min(spare.len());
            spare[..count].copy_from_slice(&outbox.chunk()[..count]);
            inbox.filled(count);
            outbox.written(count);
            while let Some(body) = inbox.next().unwrap() {
                names.push(match Message::decode(body).unwrap() {
                    Message::Log { text, .. } => format!("Log {}", text.len()),
                    message => message.name().to_owned(),
                });
            }
        }
    }

    #[test]
    fn small_messages_leave_in_one_write() {
        let mut outbox = Outbox::new();
        for id in 0..100 {
            outbox.push(&Message::Cancel { id, why: None });
        }
        let length = outbox.chunk().len();
        outbox.written(length);
        assert!(outbox.is_empty());
        assert_eq!(outbox.pending_bytes(), 0);
    }

    #[test]
    fn what_is_pushed_behind_a_long_message_waits_for_one_piece_only() {
        let mut outbox = Outbox::new();
        outbox.push(&log(1 << 20));
        let first = outbox.chunk().len();
        assert!(first <= limits::PIECE + HEAD);
        outbox.push(&Message::Ping { nonce: 1 });
        outbox.push_behind_bulk(&Message::Cancel { id: 1, why: None });
        assert_eq!(arrivals(&mut outbox, usize::MAX), ["Ping", "Log 1048576", "Cancel"]);
    }

    #[test]
    fn what_waits_is_counted() {
        let state = |outbox: &Outbox| (outbox.pending_bytes(), outbox.has_bulk(), outbox.is_empty());
        let (short, long) = (Message::Ping { nonce: 1 }, log(2 * limits::PIECE));
        let (short_bytes, long_bytes) = (HEAD + short.to_bytes().len(), long.to_bytes().len());
        let mut outbox = Outbox::new();
        assert_eq!(state(&outbox), (0, false, true));
        outbox.push(&short);
        assert_eq!(state(&outbox), (short_bytes, false, false), "a direct message waits");
        outbox.push(&long);
        assert_eq!(state(&outbox), (short_bytes + long_bytes, true, false));
        let chunk = outbox.chunk().len();
        assert_eq!(chunk, short_bytes + HEAD + limits::PIECE);
        assert_eq!(
            state(&outbox),
            (short_bytes + HEAD + long_bytes, true, false),
            "the head of a piece is to be written"
        );
        outbox.written(1);
        assert_eq!(state(&outbox), (short_bytes + HEAD + long_bytes - 1, true, false));
        outbox.push(&short);
        outbox.written(chunk - 1);
        assert_eq!(state(&outbox), (short_bytes + long_bytes - limits::PIECE, true, false), "pieces wait");
        let chunk = outbox.chunk().len();
        outbox.written(chunk);
        assert_eq!(state(&outbox), (long_bytes - 2 * limits::PIECE, true, false), "only the end of it waits");
        let chunk = outbox.chunk().len();
        assert_eq!(state(&outbox), (chunk, false, false), "it is being written");
        outbox.written(chunk);
        assert_eq!(state(&outbox), (0, false, true));
    }

    #[test]
    fn large_buffers_go_back_and_others_are_kept() {
        let kept = |capacity: usize| {
            let mut outbox = Outbox { writing: Vec::with_capacity(capacity), ..Outbox::new() };
            outbox.push(&Message::Ping { nonce: 1 });
            outbox.chunk();
            // The buffer that was written is the next one that is filled.
            outbox.direct.capacity()
        };
        assert_eq!(kept(4 << 10), 4 << 10);
        assert_eq!(kept(KEPT), KEPT);
        assert_eq!(kept(KEPT + 1), 0);
    }

    #[test]
    fn every_way_of_cutting_gives_the_same_messages() {
        for step in [1, 2, 3, 7, HEAD, 4_096, limits::PIECE, usize::MAX] {
            let mut outbox = Outbox::new();
            outbox.push(&log(10));
            outbox.push(&log(200_000));
            outbox.push(&Message::Ping { nonce: 1 });
            assert_eq!(arrivals(&mut outbox, step), ["Log 10", "Ping", "Log 200000"], "in steps of {step}");
        }
    }
}
