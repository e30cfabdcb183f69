//! A stream that fails as real ones do, and as hostile ones would: by a seed, so that a failure can be repeated.

use std::io::{self, Read, Write};

/// What a [`FaultyStream`] does to the bytes that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing but short reads and writes, which every stream may do.
    Short,
    /// The stream ends after so many bytes.
    EndAfter(usize),
    /// One byte in about so many is changed.
    Garble(u32),
    /// Bytes in blocks of this size are written twice, now and then.
    Repeat(usize),
}

/// A stream around another that behaves badly, always in the same way for the same seed.
#[derive(Debug)]
pub struct FaultyStream<S> {
    inner: S,
    fault: Fault,
    random: u64,
    written: usize,
}

impl<S> FaultyStream<S> {
    /// A stream around `inner` that shows `fault`.
    pub fn new(inner: S, fault: Fault, seed: u64) -> FaultyStream<S> {
        FaultyStream { inner, fault, random: seed | 1, written: 0 }
    }

    /// Bytes that were written so far.
    pub fn written(&self) -> usize {
        self.written
    }

    /// The next number below `bound`: xorshift, which is random enough to choose faults.
    fn below(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % bound.max(1) as u64) as usize
    }

    fn short(&mut self, length: usize) -> usize {
        1 + self.below(length.clamp(1, 4_096))
    }
}

impl<S: Read> Read for FaultyStream<S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.short(room.len()).min(room.len());
        self.inner.read(room.get_mut(..count).unwrap_or_default())
    }
}

impl<S: Write> Write for FaultyStream<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut piece = bytes.get(..self.short(bytes.len()).min(bytes.len())).unwrap_or_default().to_vec();
        let count = match self.fault {
            Fault::EndAfter(end) if end <= self.written => return Err(io::ErrorKind::BrokenPipe.into()),
            Fault::EndAfter(end) => piece.len().min(end - self.written),
            _ => piece.len(),
        };
        piece.truncate(count);
        if let Fault::Garble(rarity) = self.fault {
            for byte in &mut piece {
                if self.below(rarity as usize) == 0 {
                    *byte ^= 1 << (self.random >> 60 & 7);
                }
            }
        }
        if let Fault::Repeat(block) = self.fault
            && block <= piece.len()
            && self.below(8) == 0
        {
            self.inner.write_all(piece.get(..block).unwrap_or_default())?;
        }
        self.inner.write_all(&piece)?;
        self.written += count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ScriptedPeer;
    use plughold_protocol::Message;

    /// Sends a hundred messages through `fault` and counts those that arrive before something is noticed.
    fn arrived(fault: Fault, seed: u64) -> usize {
        let mut sender = ScriptedPeer::new(FaultyStream::new(io::Cursor::new(Vec::new()), fault, seed));
        for nonce in 0..100 {
            if sender.send(&Message::Ping { nonce }).is_err() {
                break;
            }
        }
        let bytes = std::mem::take(sender.stream().inner.get_mut());
        let mut receiver = ScriptedPeer::new(io::Cursor::new(bytes));
        let mut count = 0;
        while let Ok(Some(body)) = receiver.receive() {
            if Message::decode(&body) != Ok(Message::Ping { nonce: count as u64 }) {
                break;
            }
            count += 1;
        }
        count
    }

    #[test]
    fn short_reads_and_writes_lose_nothing() {
        for seed in 0..50 {
            assert_eq!(arrived(Fault::Short, seed), 100, "seed {seed}");
        }
    }

    #[test]
    fn a_cut_at_every_byte_leaves_the_whole_messages_before_it() {
        let length = 5 + Message::Ping { nonce: 0 }.to_bytes().len();
        for end in 0..3 * length {
            assert_eq!(arrived(Fault::EndAfter(end), 1), end / length, "cut at {end}");
        }
    }

    #[test]
    fn garbled_and_repeated_bytes_are_noticed_sooner_or_later_and_never_panic() {
        let noticed = |fault| (0..200).filter(|seed| arrived(fault, *seed) < 100).count();
        assert!(150 <= noticed(Fault::Garble(50)));
        assert!(150 <= noticed(Fault::Repeat(3)));
    }
}
