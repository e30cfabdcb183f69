//! Frames, however they are cut on their way.
//!
//! The first byte of an input says what it is: a stream as a hostile peer writes it, or messages as an outbox does.

use crate::effort::{Heap, within};
use arbitrary::{Arbitrary, Unstructured};
use plughold_protocol::record::LogLevel;
use plughold_protocol::{Message, limits};
use plughold_wire::frame::{FrameError, HEAD, Lane};
use plughold_wire::{Inbox, Outbox};
use std::collections::VecDeque;

/// Room for two reads, and for a buffer that is doubled while its bytes are copied to the next one.
const HEAP: Heap = Heap { base: 512 << 10, each: 12 };

/// Up to this length, in bytes, a stream is cut into pieces as small as a byte.
const SMALL: usize = 64 << 10;

/// Frames mean the same in whichever pieces they arrive, cost what they are long, and are refused where the rules say so.
///
/// # Panics
///
/// If they do not.
pub fn check(bytes: &[u8]) {
    match bytes.split_first() {
        Some((kind, rest)) if kind % 2 == 0 => check_stream(rest),
        Some((_, rest)) => check_messages(&mut Unstructured::new(rest)),
        None => {}
    }
}

/// Where the socket cuts a stream: the pieces come in these lengths, again and again.
#[derive(Clone, Copy)]
struct Cuts<'a>(&'a [u8]);

impl Cuts<'_> {
    fn lengths(self) -> impl Iterator<Item = usize> {
        let length = |step: &u8| match usize::from(*step) {
            small @ 0..128 => small + 1,
            large => (large - 127) * 1_021,
        };
        self.0.iter().map(length).chain((self.0.is_empty()).then_some(usize::MAX)).cycle()
    }
}

/// How a stream ends.
#[derive(Debug, PartialEq)]
enum End {
    /// Everything was read; perhaps something is incomplete.
    Open { is_partial: bool },
    /// It has no meaning from here on.
    Refused(FrameError),
}

/// The longest message, where to cut, and a stream: two bytes, a byte with its length before it, and the rest.
fn check_stream(bytes: &[u8]) {
    let Some(([low, high, count], rest)) = bytes.split_first_chunk::<3>() else { return };
    let longest = usize::from(u16::from_le_bytes([*low, *high]));
    let Some((cuts, stream)) = rest.split_at_checked(usize::from(*count)) else { return };
    let (messages, end) = expected(stream, longest);
    let mut messages = messages.iter();
    let found = within(HEAP, stream.len(), || {
        let mut inbox = Inbox::new(longest);
        deliver(&mut inbox, stream, Cuts(cuts), |message| {
            assert_eq!(Some(message), messages.next().map(Vec::as_slice));
        })
    });
    assert_eq!(found, end);
    assert_eq!(messages.next(), None);
}

/// Takes a stream to an inbox, and each message that it gives to `on_message`.
fn deliver(inbox: &mut Inbox, mut stream: &[u8], cuts: Cuts, mut on_message: impl FnMut(&[u8])) -> End {
    // Megabytes in reads of one byte would take all the time that there is.
    let scale = 1 + stream.len() / SMALL;
    for length in cuts.lengths().map(|length| length.saturating_mul(scale)) {
        let spare = inbox.spare();
        assert!(!spare.is_empty(), "there is always room for the next read");
        let length = length.min(stream.len()).min(spare.len());
        let (now, later) = stream.split_at(length);
        spare[..length].copy_from_slice(now);
        inbox.filled(length);
        stream = later;
        loop {
            match inbox.next() {
                Ok(Some(message)) => on_message(message),
                Ok(None) => break,
                Err(error) => return End::Refused(error),
            }
        }
        if stream.is_empty() {
            break;
        }
    }
    End::Open { is_partial: inbox.is_partial() }
}

/// What a stream means, read in one go by the rules of the protocol.
fn expected(mut stream: &[u8], longest: usize) -> (Vec<Vec<u8>>, End) {
    let (mut messages, mut assembling) = (Vec::new(), Vec::new());
    let refused = |messages, error| (messages, End::Refused(error));
    while let Some(([a, b, c, d, flags], rest)) = stream.split_first_chunk::<HEAD>() {
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let (is_bulk, has_more) = (flags & 1 == 1, flags & 0x80 == 0x80);
        if !(1..=limits::FRAME).contains(&length) {
            return refused(messages, FrameError::Length { length, max: limits::FRAME });
        }
        if flags & 0b0111_1110 != 0 {
            return refused(messages, FrameError::Flags { flags: *flags });
        }
        if has_more && !is_bulk {
            return refused(messages, FrameError::DirectInPieces);
        }
        let before = if is_bulk { assembling.len() } else { 0 };
        if longest < before + length {
            return refused(messages, FrameError::Message { max: longest });
        }
        let Some((body, rest)) = rest.split_at_checked(length) else { break };
        stream = rest;
        if is_bulk {
            assembling.extend_from_slice(body);
        }
        match (is_bulk, has_more) {
            (false, _) => messages.push(body.to_vec()),
            (true, false) => messages.push(std::mem::take(&mut assembling)),
            (true, true) => {}
        }
    }
    let is_partial = !stream.is_empty() || !assembling.is_empty();
    (messages, End::Open { is_partial })
}

/// What an application does with an outbox.
#[derive(Arbitrary, Debug)]
enum Step {
    /// A message that travels whole.
    Short(u8),
    /// A message in pieces: so many and a bit.
    Long(u8),
    /// A short message that may not overtake the long ones before it.
    Behind(u8),
    /// The socket takes some bytes.
    Write(u16),
}

/// No message is lost, doubled or changed between an outbox and an inbox, and in each lane they keep their order.
fn check_messages(input: &mut Unstructured) {
    let Ok((steps, cuts)) = <(Vec<Step>, Vec<u8>)>::arbitrary(input) else { return };
    let (mut outbox, mut stream) = (Outbox::new(), Vec::new());
    let (mut direct, mut bulk) = (VecDeque::new(), VecDeque::new());
    for step in steps.iter().take(32) {
        match step {
            Step::Short(length) => {
                let text = "s".repeat(1 + usize::from(*length));
                assert_eq!(outbox.push(&log(&text)), Lane::Direct);
                direct.push_back(text);
            }
            Step::Long(pieces) => {
                let text = "l"
                    .repeat(limits::PIECE * usize::from(pieces % 3) + limits::PIECE + usize::from(*pieces));
                assert_eq!(outbox.push(&log(&text)), Lane::Bulk);
                bulk.push_back(text);
            }
            Step::Behind(length) => {
                let text = "b".repeat(1 + usize::from(*length));
                outbox.push_behind_bulk(&log(&text));
                bulk.push_back(text);
            }
            Step::Write(most) => write(&mut outbox, usize::from(*most), &mut stream),
        }
    }
    while !outbox.is_empty() {
        write(&mut outbox, usize::MAX, &mut stream);
    }
    assert_eq!((outbox.pending_bytes(), outbox.has_bulk()), (0, false));
    let end = deliver(&mut Inbox::new(limits::MESSAGE), &stream, Cuts(&cuts), |message| {
        let Ok(Message::Log { text, .. }) = Message::decode(message) else { panic!("another message") };
        let lane = if text.starts_with('s') { &mut direct } else { &mut bulk };
        assert_eq!(lane.pop_front().as_deref(), Some(text));
    });
    assert_eq!(end, End::Open { is_partial: false });
    assert!(direct.is_empty() && bulk.is_empty(), "{} and {} messages are lost", direct.len(), bulk.len());
}

fn write(outbox: &mut Outbox, most: usize, stream: &mut Vec<u8>) {
    let chunk = outbox.chunk();
    let length = chunk.len().min(most);
    stream.extend_from_slice(&chunk[..length]);
    outbox.written(length);
}

fn log(text: &str) -> Message<'_> {
    Message::Log { level: LogLevel::Info, text, place: None }
}
