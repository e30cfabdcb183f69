//! The socket: frames in, frames out, both blocking.
//!
//! A write may block, and that is right: the host reads at all times, so a plugin that says more than the host takes in
//! waits, and nothing piles up here.

use crate::ending;
use plughold_protocol::exit::Cause;
use plughold_protocol::page::Page;
use plughold_protocol::record::{Outcome, Unwanted};
use plughold_protocol::{Message, limits};
use plughold_wire::frame::{HEAD, Head, Lane};
use plughold_wire::{FrameError, Inbox, Outbox};
use rustix::io::Errno;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::AsFd;

/// More than this is written at once and not at the end of the turn, in bytes: a loop that logs shows its lines.
const FLUSHED: usize = 256 << 10;

/// Messages on their way in.
pub(crate) struct Receiver {
    inbox: Inbox,
    /// Bytes that were read so far.
    received: u64,
    /// Messages that arrived while the plugin waited for another one, in order.
    kept: VecDeque<Kept>,
    kept_bytes: usize,
    /// How many of them may be served before the waiting is over.
    soon: usize,
    /// The calls that are cancelled by one of them.
    cancels: HashMap<u64, Unwanted>,
}

/// A message that is kept for later.
pub(crate) struct Kept {
    /// The message.
    pub(crate) body: Vec<u8>,
    /// The call that it cancels, if that is what it says.
    pub(crate) cancels: Option<(u64, Unwanted)>,
    /// Whether it may be served before the waiting is over.
    pub(crate) is_soon: bool,
}

/// Messages on their way out.
pub(crate) struct Sender {
    outbox: Outbox,
}

impl Receiver {
    /// A receiver for messages of at most the protocol's bound; only `Load` may be that long.
    pub(crate) fn new() -> Receiver {
        Receiver {
            inbox: Inbox::new(limits::LOAD),
            received: 0,
            kept: VecDeque::new(),
            kept_bytes: 0,
            soon: 0,
            cancels: HashMap::new(),
        }
    }

    /// The next whole message that was read already.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        self.inbox.next()
    }

    /// Keeps a message for later.
    pub(crate) fn keep(&mut self, kept: Kept) {
        self.kept_bytes += kept.body.len();
        self.soon += usize::from(kept.is_soon);
        self.cancels.extend(kept.cancels);
        self.kept.push_back(kept);
    }

    /// How many messages are kept, and their bytes.
    pub(crate) fn kept(&self) -> (usize, usize) {
        (self.kept.len(), self.kept_bytes)
    }

    /// Why this call is cancelled, if a message is kept that says so and was not asked for before.
    pub(crate) fn take_cancel(&mut self, call: u64) -> Option<Unwanted> {
        self.cancels.remove(&call)
    }

    /// The first message that was kept. They come before those that [`next`](Receiver::next) gives.
    pub(crate) fn take_kept(&mut self) -> Option<Vec<u8>> {
        let kept = self.kept.pop_front()?;
        Some(self.taken(kept))
    }

    /// The first of the messages that may be served before the waiting is over for which `is_now` says so.
    pub(crate) fn take_soon(&mut self, is_now: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
        if self.soon == 0 {
            return None;
        }
        let at = self.kept.iter().position(|kept| kept.is_soon && is_now(&kept.body))?;
        let kept = self.kept.remove(at)?;
        Some(self.taken(kept))
    }

    fn taken(&mut self, kept: Kept) -> Vec<u8> {
        self.kept_bytes -= kept.body.len();
        self.soon -= usize::from(kept.is_soon);
        if let Some((call, _)) = kept.cancels {
            self.cancels.remove(&call);
        }
        kept.body
    }

    /// Whether the host has sent more than was read, as the page says: then [`wait`](Receiver::wait) does not.
    pub(crate) fn is_behind(&self, page: &Page) -> bool {
        self.received < page.sent()
    }

    /// Waits for bytes. Ends the process when the host is gone.
    pub(crate) fn wait(&mut self) {
        let stdin = io::stdin();
        loop {
            match rustix::io::read(stdin.as_fd(), self.inbox.spare()) {
                Ok(0) => ending::end(Cause::HostGone, format_args!("the socket was closed")),
                Ok(count) => {
                    self.received += count as u64;
                    return self.inbox.filled(count);
                }
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
    /// so a short one waits behind a long one; no call is cancelled and no reference released before the message that
    /// brings it has arrived; and the last message is the last.
    pub(crate) fn send(&mut self, message: &Message) {
        let value = value_of(message).len();
        if FLUSHED < value {
            return self.send_long(message, value);
        }
        let is_ordered = matches!(
            message,
            Message::Call { .. }
                | Message::Notify { .. }
                | Message::Cancel { .. }
                | Message::Release { .. }
                | Message::StreamData { .. }
                | Message::StreamEnd { .. }
                | Message::Suspended { .. }
                | Message::Stopped { .. }
                | Message::Reject { .. }
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
        body.resize(HEAD, 0);
        message.encode(&mut body);
        let mut start = HEAD;
        while start < body.len() {
            let end = body.len().min(start + limits::PIECE);
            let head = Head { length: end - start, lane: Lane::Bulk, more: end < body.len() };
            // The head stands where the end of the piece before it stood, which has left.
            let Some(frame) = body.get_mut(start - HEAD..end) else { return };
            for (to, from) in frame.iter_mut().zip(head.to_bytes()) {
                *to = from;
            }
            let mut rest = &*frame;
            while !rest.is_empty() {
                rest = rest.get(write(rest)..).unwrap_or_default();
            }
            start = end;
        }
    }
}

/// The value that a message carries, encoded; empty for messages whose length the protocol bounds.
fn value_of<'a>(message: &Message<'a>) -> &'a [u8] {
    match message {
        Message::Call { args, .. } | Message::Notify { args, .. } => args,
        Message::Return { outcome: Outcome::Returned(value) | Outcome::Threw(value), .. } => value,
        Message::Uncaught { error, .. } | Message::Failed { error, .. } => error,
        Message::StreamData { data, .. } => data,
        Message::StreamEnd { error: Some(error), .. } => error,
        Message::Suspended { state: Some(value), .. } | Message::Suspended { error: Some(value), .. } => {
            value
        }
        Message::Stopped { state: Some(value), .. } | Message::Stopped { error: Some(value), .. } => value,
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
