//! Messages on their way in.
//!
//! A peer is hostile: each length is checked before anything is allocated for it, memory grows with the bytes that
//! really arrive, and a long message is bounded while it is put together.

use crate::frame::{FrameError, HEAD, Head, Lane};
use plughold_protocol::limits;

/// Room that is kept for the next read, in bytes: what a socket usually gives in one go.
const READ: usize = 64 << 10;

/// Buffers above this go back once they are empty, in bytes.
const KEPT: usize = 4 << 20;

/// Puts frames together to messages.
///
/// Read into [`spare`](Inbox::spare), tell [`filled`](Inbox::filled), then take messages by [`next`](Inbox::next)
/// until there are no more.
#[derive(Debug)]
pub struct Inbox {
    /// `bytes[start..end]` was read and not taken yet.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// The pieces of a long message so far.
    assembling: Vec<u8>,
    /// A long message that is complete; it is handed out from `assembling` and cleared with the next call.
    complete: bool,
    max_message: usize,
}

impl Inbox {
    /// An inbox for messages of at most `max_message` bytes.
    pub fn new(max_message: usize) -> Inbox {
        Inbox { bytes: Vec::new(), start: 0, end: 0, assembling: Vec::new(), complete: false, max_message }
    }

    /// Room to read into, never empty.
    pub fn spare(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if KEPT < self.bytes.len() {
                self.bytes = Vec::new();
            }
        }
        let wanted = self.frame_length().unwrap_or(HEAD);
        let needed = (self.end + READ.min(wanted)).max(self.start + wanted);
        if self.bytes.len() < needed && 0 < self.start {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.bytes.len() - self.end < READ / 2 {
            // Doubling, so that a frame which arrives in small reads is not copied again and again; a frame's length
            // was checked, so this stays below twice the longest frame.
            let length = (self.end + READ).max((2 * self.bytes.len()).min(2 * limits::FRAME));
            self.bytes.resize(length, 0);
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// The socket gave `count` bytes into [`spare`](Inbox::spare).
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.bytes.len());
    }

    /// Whether bytes of an incomplete frame or message wait: the peer died or cheats when nothing follows.
    pub fn is_partial(&self) -> bool {
        self.start < self.end || (!self.complete && !self.assembling.is_empty())
    }

    /// The next whole message, or none until more was read. After an error the stream has no meaning any more.
    #[allow(
        clippy::should_implement_trait,
        reason = "the message borrows from the inbox; an iterator cannot say that"
    )]
    pub fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        if self.complete {
            self.complete = false;
            self.assembling.clear();
            if KEPT < self.assembling.capacity() {
                self.assembling = Vec::new();
            }
        }
        loop {
            let Some(head) = self.head()? else { return Ok(None) };
            let before = if head.lane == Lane::Bulk { self.assembling.len() } else { 0 };
            if self.max_message < before + head.length {
                // Before its bytes have arrived: there would have to be room for them.
                return Err(FrameError::Message { max: self.max_message });
            }
            let from = self.start + HEAD;
            let to = from + head.length;
            if self.end < to {
                return Ok(None);
            }
            self.start = to;
            match head.lane {
                Lane::Direct => return Ok(self.bytes.get(from..to)),
                Lane::Bulk => {
                    self.assembling.extend_from_slice(self.bytes.get(from..to).unwrap_or_default());
                    if !head.more {
                        self.complete = true;
                        return Ok(Some(&self.assembling));
                    }
                }
            }
        }
    }

    fn head(&self) -> Result<Option<Head>, FrameError> {
        let read = self.bytes.get(self.start..self.end).unwrap_or_default();
        read.first_chunk::<HEAD>().map(|bytes| Head::from_bytes(*bytes)).transpose()
    }

    fn frame_length(&self) -> Option<usize> {
        let head = self.head().ok().flatten()?;
        Some(HEAD + head.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(inbox: &mut Inbox, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let spare = inbox.spare();
            let count = spare.len().min(bytes.len());
            spare[..count].copy_from_slice(&bytes[..count]);
            inbox.filled(count);
            bytes = &bytes[count..];
        }
    }

    fn frame(lane: Lane, more: bool, length: usize) -> Vec<u8> {
        let mut bytes = Head { length, lane, more }.to_bytes().to_vec();
        bytes.resize(HEAD + length, 7);
        bytes
    }

    #[test]
    fn pieces_become_one_message_with_others_between() {
        let mut inbox = Inbox::new(1 << 20);
        feed(&mut inbox, &frame(Lane::Bulk, true, 10));
        feed(&mut inbox, &frame(Lane::Direct, false, 3));
        assert_eq!(inbox.next().unwrap().unwrap().len(), 3);
        assert!(inbox.is_partial());
        feed(&mut inbox, &frame(Lane::Bulk, false, 5));
        assert_eq!(inbox.next().unwrap().unwrap().len(), 15);
        assert_eq!(inbox.next().unwrap(), None);
        assert!(!inbox.is_partial());
    }

    #[test]
    fn a_message_over_the_bound_is_refused_in_either_lane() {
        let too_long = Err(FrameError::Message { max: 20 });
        let mut inbox = Inbox::new(20);
        feed(&mut inbox, &frame(Lane::Direct, false, 21)[..HEAD]);
        assert_eq!(inbox.next(), too_long);
        let mut inbox = Inbox::new(20);
        feed(&mut inbox, &frame(Lane::Bulk, true, 15));
        feed(&mut inbox, &frame(Lane::Bulk, true, 6));
        assert_eq!(inbox.next(), too_long);
    }

    #[test]
    fn a_long_length_does_not_allocate_before_its_bytes_arrive() {
        let mut inbox = Inbox::new(limits::MESSAGE);
        feed(&mut inbox, &frame(Lane::Bulk, false, limits::FRAME)[..100]);
        assert_eq!(inbox.next().unwrap(), None);
        inbox.spare();
        assert!(inbox.bytes.len() <= 2 * READ, "{} bytes for 100", inbox.bytes.len());
    }

    /// Takes a frame of this length if there is one, then feeds `partial` bytes of a frame of `length`, and gives where
    /// the next read goes: start, end and length of the buffer.
    fn buffer(taken: Option<usize>, partial: usize, length: usize) -> (usize, usize, usize) {
        let mut inbox = Inbox::new(limits::MESSAGE);
        let whole = taken.map(|length| frame(Lane::Direct, false, length)).unwrap_or_default();
        let next = frame(Lane::Direct, false, length);
        feed(&mut inbox, &[&whole, &next[..partial]].concat());
        while inbox.next().unwrap().is_some() {}
        inbox.spare();
        (inbox.start, inbox.end, inbox.bytes.len())
    }

    #[test]
    fn the_buffer_is_moved_and_doubled_no_more_than_needed() {
        assert_eq!(buffer(None, 0, 10), (0, 0, READ), "room for one read");
        assert_eq!(buffer(Some(40_000), 0, 10), (0, 0, READ), "everything was taken");
        assert_eq!(
            buffer(Some(40_000), 10, 60_000),
            (0, 10, READ),
            "the frame would not fit behind the other"
        );
        assert_eq!(buffer(Some(40_000), 10, 100), (40_005, 40_015, 2 * READ), "the frame fits");
        assert_eq!(
            buffer(Some(40_000), 10, READ - 40_020),
            (40_005, 40_015, 2 * READ),
            "the frame just fits"
        );
        assert_eq!(buffer(None, READ / 2, 60_000), (0, READ / 2, READ), "half a read has room");
        assert_eq!(
            buffer(None, READ / 2 + 1, 60_000),
            (0, READ / 2 + 1, 2 * READ),
            "less than half a read has room"
        );
        assert_eq!(buffer(None, limits::FRAME, limits::FRAME), (0, limits::FRAME, 2 * limits::FRAME));
    }

    #[test]
    fn large_buffers_go_back_and_others_are_kept() {
        let buffer = |length: usize| {
            let mut inbox = Inbox::new(limits::MESSAGE);
            feed(&mut inbox, &frame(Lane::Direct, false, length));
            while inbox.next().unwrap().is_some() {}
            let before = inbox.bytes.len();
            inbox.spare();
            (before, inbox.bytes.len())
        };
        assert_eq!(buffer(KEPT - READ), (KEPT, KEPT));
        assert_eq!(buffer(KEPT), (2 * KEPT, READ));
        let assembled = |pieces: usize| {
            let mut inbox = Inbox::new(limits::MESSAGE);
            for piece in 1..=pieces {
                feed(&mut inbox, &frame(Lane::Bulk, piece < pieces, READ));
                inbox.next().unwrap();
            }
            let before = inbox.assembling.capacity();
            inbox.next().unwrap();
            (before, inbox.assembling.capacity())
        };
        assert_eq!(assembled(KEPT / READ), (KEPT, KEPT));
        assert_eq!(assembled(KEPT / READ + 1), (2 * KEPT, 0));
    }

    #[test]
    fn a_part_of_a_frame_is_partial() {
        let mut inbox = Inbox::new(20);
        assert!(!inbox.is_partial());
        feed(&mut inbox, &frame(Lane::Direct, false, 20)[..1]);
        assert!(inbox.is_partial());
        feed(&mut inbox, &frame(Lane::Direct, false, 20)[1..]);
        assert!(inbox.is_partial(), "it was not taken");
        assert_eq!(inbox.next().unwrap().unwrap().len(), 20);
        assert!(!inbox.is_partial());
        feed(&mut inbox, &frame(Lane::Bulk, false, 20));
        assert_eq!(inbox.next().unwrap().unwrap().len(), 20, "as long as may be");
        assert!(!inbox.is_partial());
    }

    #[test]
    fn the_longest_frame_arrives() {
        let mut inbox = Inbox::new(limits::MESSAGE);
        for _ in 0..3 {
            feed(&mut inbox, &frame(Lane::Bulk, false, limits::FRAME));
            assert_eq!(inbox.next().unwrap().unwrap().len(), limits::FRAME);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..600)) {
            let mut inbox = Inbox::new(64);
            feed(&mut inbox, &bytes);
            while let Ok(Some(body)) = inbox.next() {
                assert!(body.len() <= 64);
            }
        }
    }
}
