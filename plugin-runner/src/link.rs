//! The socket: frames in, frames out, both blocking.
//!
//! A write may block, and that is right: the host reads at all times, so a plugin that says more than the host takes in
//! waits, and nothing piles up here.

use crate::ending;
use plughold_protocol::exit::Cause;
use plughold_protocol::record::Outcome;
use plughold_protocol::{Message, limits};
use plughold_wire::frame::{HEAD, Head, Lane};
use plughold_wire::{FrameError, Inbox, Outbox};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;

/// More than this is written at once and not at the end of the turn, in bytes: a loop that logs shows its lines.
const FLUSHED: usize = 256 << 10;

/// Messages on their way in.
pub(crate) struct Receiver {
    inbox: Inbox,
    /// Messages that arrived while a module was waited for.
    deferred: VecDeque<Vec<u8>>,
    deferred_bytes: usize,
}

/// Messages on their way out.
pub(crate) struct Sender {
    outbox: Outbox,
}

impl Receiver {
    /// A receiver for messages of at most the protocol's bound; only `Load` may be that long.
    pub(crate) fn new() -> Receiver {
        Receiver { inbox: Inbox::new(limits::LOAD), deferred: VecDeque::new(), deferred_bytes: 0 }
    }

    /// The next whole message that was read already.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        self.inbox.next()
    }

    /// Keeps a message for the turns to come; gives the bytes of all that are kept.
    pub(crate) fn defer(&mut self, body: Vec<u8>) -> usize {
        self.deferred_bytes += body.len();
        self.deferred.push_back(body);
        self.deferred_bytes
    }

    /// The first message that was kept. They come before those that [`next`](Receiver::next) gives.
    pub(crate) fn take_deferred(&mut self) -> Option<Vec<u8>> {
        let body = self.deferred.pop_front()?;
        self.deferred_bytes -= body.len();
        Some(body)
    }

    /// Waits for bytes. Ends the process when the host is gone.
    pub(crate) fn wait(&mut self) {
        let stdin = io::stdin();
        loop {
            match rustix::io::read(stdin.as_fd(), self.inbox.spare()) {
                Ok(0) => ending::end(Cause::HostGone, format_args!("the socket was closed")),
                Ok(count) => return self.inbox.filled(count),
                Err(Errno::INTR) => {}
                Err(error) => {
                    ending::end(Cause::HostGone, format_args!("the socket cannot be read: {error}"))
                }
            }
        }
    }
}

impl Sender {
    /// Nothing to send.
    pub(crate) fn new() -> Sender {
        Sender { outbox: Outbox::new() }
    }

    /// Adds a message to what is written at the end of the turn. Calls arrive in the order in which the plugin made them,
    /// so a short one waits behind a long one; and the last message is the last.
    pub(crate) fn send(&mut self, message: &Message) {
        let value = value_of(message).len();
        if FLUSHED < value {
            return self.send_long(message, value);
        }
        let is_ordered = matches!(
            message,
            Message::Call { .. } | Message::Notify { .. } | Message::Stopped { .. } | Message::Reject { .. }
        );
        if is_ordered && self.outbox.has_bulk() {
            self.outbox.push_behind_bulk(message);
        } else {
            self.outbox.push(message);
        }
        if FLUSHED < self.outbox.pending_bytes() {
            self.flush();
        }
    }

    /// Writes all that waits. Ends the process when the host is gone.
    pub(crate) fn flush(&mut self) {
        while !self.outbox.is_empty() {
            let count = write(self.outbox.chunk());
            self.outbox.written(count);
        }
    }

    /// Writes a message at once, behind all that waits. It is copied once: the sender of `value` bytes made sure that
    /// there is memory for that, and for no more.
    fn send_long(&mut self, message: &Message, value: usize) {
        self.flush();
        let mut body = Vec::with_capacity(value + limits::ENVELOPE);
        message.encode(&mut body);
        let mut frame = Vec::with_capacity(HEAD + limits::PIECE);
        let mut pieces = body.chunks(limits::PIECE).peekable();
        while let Some(piece) = pieces.next() {
            let head = Head { length: piece.len(), lane: Lane::Bulk, more: pieces.peek().is_some() };
            frame.clear();
            frame.extend_from_slice(&head.to_bytes());
            frame.extend_from_slice(piece);
            let mut rest = frame.as_slice();
            while !rest.is_empty() {
                rest = rest.get(write(rest)..).unwrap_or_default();
            }
        }
    }
}

/// The value that a message carries, encoded; empty for messages whose length the protocol bounds.
fn value_of<'a>(message: &Message<'a>) -> &'a [u8] {
    match message {
        Message::Call { args, .. } | Message::Notify { args, .. } => args,
        Message::Return { outcome: Outcome::Returned(value) | Outcome::Threw(value), .. } => value,
        Message::Uncaught { error, .. } | Message::Failed { error, .. } => error,
        _ => &[],
    }
}

/// Writes what the socket takes, and gives how much that was. Ends the process when the host is gone.
fn write(bytes: &[u8]) -> usize {
    let stdin = io::stdin();
    loop {
        match rustix::io::write(stdin.as_fd(), bytes) {
            Ok(count) => return count,
            Err(Errno::INTR) => {}
            Err(error) => ending::end(Cause::HostGone, format_args!("the socket cannot be written: {error}")),
        }
    }
}
