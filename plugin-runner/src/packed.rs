//! An encoded value while it grows. Nothing is appended before it is known to fit: a plugin that sends too much gets an
//! error, and not the end of its process.

use crate::arena;
use crate::engine::Text;
use crate::refusal::Why;
use plughold_protocol::limits;
use plughold_protocol::pack::Writer;

/// The longest head of a value, in bytes: marker, length and kind of an extension.
const HEAD: usize = 6;

/// The longest number, in bytes, and more than any other scalar.
const SCALAR: usize = 9;

/// The least room that is asked for, in bytes.
const LEAST: usize = 256;

/// The most that a buffer grows beyond its need, in bytes. Where nothing lives behind it, the arena does not copy it.
const STEP: usize = 2 << 20;

/// What the engine leaves free is enough for this, in bytes.
const SMALL: usize = limits::PIECE;

/// The bytes so far, and how many there may be.
pub(crate) struct Packed {
    bytes: Vec<u8>,
    most: usize,
}

type Fits<T = ()> = Result<T, Why>;

impl Packed {
    /// Nothing yet, in an empty buffer; at most `most` bytes.
    pub(crate) fn new(buffer: Vec<u8>, most: usize) -> Packed {
        Packed { bytes: buffer, most }
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Takes everything after the first `length` bytes away again.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    /// The value is complete: checks that its heads, which are not counted while it grows, do not make it too long, and
    /// that the message around it fits into memory as well, which is a second copy.
    pub(crate) fn check_message(&mut self) -> Fits {
        if self.most < self.length() {
            return Err(self.too_long());
        }
        if self.length() <= SMALL {
            return Ok(());
        }
        self.bytes.shrink_to_fit();
        if arena::has_room(self.length() + limits::ENVELOPE) { Ok(()) } else { Err(no_room()) }
    }

    /// The buffer.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends what is no longer than a number, or the head of an array or map.
    #[inline]
    pub(crate) fn scalar(&mut self, write: impl FnOnce(&mut Writer)) -> Fits {
        self.reserve(SCALAR)?;
        write(&mut Writer::new(&mut self.bytes));
        Ok(())
    }

    /// Appends bytes that are part of something else, as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Fits {
        self.reserve(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends text.
    #[inline]
    pub(crate) fn text(&mut self, text: &str) -> Fits {
        self.reserve(text.len())?;
        Writer::new(&mut self.bytes).text(text);
        Ok(())
    }

    /// Appends text of the engine.
    #[inline]
    pub(crate) fn string(&mut self, text: &Text) -> Fits {
        if let Some(text) = text.as_str() {
            return self.text(text);
        }
        self.reserve(text.len())?;
        // Only a text with lone surrogates is copied on its way.
        if SMALL < text.len() && !arena::has_room(text.len()) {
            return Err(no_room());
        }
        Writer::new(&mut self.bytes).text(&text.to_str());
        Ok(())
    }

    /// Appends bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Fits {
        self.reserve(bytes.len())?;
        Writer::new(&mut self.bytes).bytes(bytes);
        Ok(())
    }

    /// Appends an extension.
    pub(crate) fn extension(&mut self, kind: i8, payload: &[u8]) -> Fits {
        self.reserve(payload.len())?;
        Writer::new(&mut self.bytes).extension(kind, payload);
        Ok(())
    }

    /// Appends an extension whose payload begins with `first`.
    pub(crate) fn extension_with(&mut self, kind: i8, first: u8, rest: &[u8]) -> Fits {
        self.reserve(1 + rest.len())?;
        extension_head(kind, 1 + rest.len(), &mut self.bytes);
        self.bytes.push(first);
        self.bytes.extend_from_slice(rest);
        Ok(())
    }

    /// Makes all that was appended since `start` the payload of an extension.
    pub(crate) fn wrap(&mut self, kind: i8, start: usize) -> Fits {
        let length = self.length() - start;
        self.put_before(start, |out| extension_head(kind, length, out))
    }

    /// Makes all that was appended since `start` the `pairs` of a map.
    pub(crate) fn wrap_map(&mut self, pairs: usize, start: usize) -> Fits {
        self.put_before(start, |out| Writer::new(out).map(pairs))
    }

    /// Heads whose length follows from what they hold are written last, and moved to where they belong.
    fn put_before(&mut self, start: usize, write: impl FnOnce(&mut Vec<u8>)) -> Fits {
        self.reserve(0)?;
        let end = self.length();
        write(&mut self.bytes);
        let head = self.length() - end;
        if let Some(moved) = self.bytes.get_mut(start..) {
            moved.rotate_right(head);
        }
        Ok(())
    }

    /// Makes room for a value of `length` bytes and its head. The head may pass the bound: messages have room for more.
    #[inline]
    fn reserve(&mut self, length: usize) -> Fits {
        let needed = self.bytes.len() + length;
        if self.most < needed {
            return Err(self.too_long());
        }
        if self.bytes.capacity() < needed + HEAD {
            self.grow(needed + HEAD)?;
        }
        Ok(())
    }

    #[cold]
    fn too_long(&self) -> Why {
        Why::Bound(format!("more than {} bytes", self.most))
    }

    /// Doubles the buffer, up to a step that is worth a copy, or gives it just what it needs.
    #[cold]
    fn grow(&mut self, needed: usize) -> Fits {
        let before = self.bytes.capacity();
        let roomy = (before + before.min(STEP)).max(needed).max(LEAST);
        let mut capacities = [roomy, needed].into_iter();
        let fits = |capacity: &usize| *capacity <= SMALL || arena::has_room(*capacity);
        let capacity = capacities.find(fits).ok_or_else(no_room)?;
        self.bytes.reserve_exact(capacity - self.bytes.len());
        Ok(())
    }
}

#[cold]
fn no_room() -> Why {
    Why::Bound("more than there is memory left for".to_owned())
}

fn extension_head(kind: i8, length: usize, out: &mut Vec<u8>) {
    match (length, u8::try_from(length), u16::try_from(length)) {
        (1 | 2 | 4 | 8 | 16, ..) => out.push(0xd4 + length.trailing_zeros() as u8),
        (_, Ok(length), _) => out.extend([0xc7, length]),
        (_, _, Ok(length)) => {
            out.push(0xc8);
            out.extend(length.to_be_bytes());
        }
        _ => {
            out.push(0xc9);
            out.extend((length as u32).to_be_bytes());
        }
    }
    out.push(kind as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_those_of_the_protocols_writer() {
        for length in [0, 1, 2, 3, 4, 8, 9, 16, 17, 255, 256, 65_535, 65_536] {
            let payload = vec![7; length];
            let mut expected = Vec::new();
            Writer::new(&mut expected).nil();
            Writer::new(&mut expected).extension(-3, &payload);

            let mut packed = Packed::new(Vec::new(), usize::MAX);
            packed.scalar(|out| out.nil()).ok().unwrap();
            packed.bytes.extend_from_slice(&payload);
            packed.wrap(-3, 1).ok().unwrap();
            assert_eq!(packed.into_bytes(), expected, "{length} bytes, wrapped");

            let Some(rest) = payload.get(1..) else { continue };
            let mut packed = Packed::new(Vec::new(), usize::MAX);
            packed.scalar(|out| out.nil()).ok().unwrap();
            packed.extension_with(-3, 7, rest).ok().unwrap();
            assert_eq!(packed.into_bytes(), expected, "{length} bytes, in two parts");
        }
    }

    #[test]
    fn nothing_passes_the_bound() {
        let check = |append: fn(&mut Packed) -> Fits| {
            let mut packed = Packed::new(Vec::new(), 1_000);
            packed.text(&"x".repeat(990)).ok().unwrap();
            let length = packed.length();
            let Err(Why::Bound(words)) = append(&mut packed) else { panic!("no bound") };
            assert_eq!((words.as_str(), packed.length()), ("more than 1000 bytes", length));
        };
        check(|packed| packed.text("12345678"));
        check(|packed| packed.bytes(&[0; 8]));
        check(|packed| packed.extension(1, &[0; 8]));
        check(|packed| packed.extension_with(1, 0, &[0; 7]));
        check(|packed| packed.scalar(|out| out.float(0.5)));
    }

    #[test]
    fn a_map_gets_its_head_in_front() {
        let mut packed = Packed::new(Vec::new(), 100);
        for text in ["before", "key", "value"] {
            packed.text(text).ok().unwrap();
        }
        packed.wrap_map(1, 7).ok().unwrap();
        assert_eq!(packed.into_bytes(), b"\xa6before\x81\xa3key\xa5value");
    }
}
