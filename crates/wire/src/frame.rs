//! The head of a frame: five bytes before each piece of a message.
//!
//! There are two lanes. Messages up to [`PIECE`](plughold_protocol::limits::PIECE) travel whole in the direct lane, in
//! the order in which they were sent; longer ones are cut and their pieces are put between the others. Control
//! messages and small calls share the direct lane on purpose: a `Cancel` may not overtake its `Call`.

use plughold_protocol::limits;

/// The length of a frame's head, in bytes.
pub const HEAD: usize = 5;

const BULK: u8 = 0b0000_0001;
const MORE: u8 = 0b1000_0000;

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the piece that follows.
    pub length: usize,
    /// The lane.
    pub lane: Lane,
    /// Whether the message goes on in the lane's next frame.
    pub more: bool,
}

/// A lane of the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Whole messages, in order.
    Direct,
    /// Long messages in pieces, one message after the other.
    Bulk,
}

/// Why bytes are not frames. The session cannot go on after any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The length is out of bounds; nothing was allocated for it.
    #[error("a frame of {length} bytes; at least 1 and at most {max} are allowed")]
    Length {
        /// What the head says.
        length: usize,
        /// The most that is allowed.
        max: usize,
    },
    /// A flag that this version does not know.
    #[error("unknown flags {flags:#010b} in the head of a frame")]
    Flags {
        /// What the head says.
        flags: u8,
    },
    /// A piece in the direct lane.
    #[error("a message of the direct lane in pieces")]
    DirectInPieces,
    /// A message that is too long when put together.
    #[error("a message of more than {max} bytes")]
    Message {
        /// The most that is allowed.
        max: usize,
    },
}

impl Head {
    /// The head as bytes.
    pub fn to_bytes(self) -> [u8; HEAD] {
        let [a, b, c, d] = (self.length as u32).to_le_bytes();
        let lane = match self.lane {
            Lane::Direct => 0,
            Lane::Bulk => BULK,
        };
        [a, b, c, d, lane | if self.more { MORE } else { 0 }]
    }

    /// Reads a head and checks it against the bounds before anybody allocates.
    pub fn from_bytes([a, b, c, d, flags]: [u8; HEAD]) -> Result<Head, FrameError> {
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length == 0 || limits::FRAME < length {
            return Err(FrameError::Length { length, max: limits::FRAME });
        }
        if flags & !(BULK | MORE) != 0 {
            return Err(FrameError::Flags { flags });
        }
        let head = Head {
            length,
            lane: if flags & BULK == 0 { Lane::Direct } else { Lane::Bulk },
            more: flags & MORE != 0,
        };
        if head.more && head.lane == Lane::Direct {
            return Err(FrameError::DirectInPieces);
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_home() {
        for (length, lane, more) in
            [(1, Lane::Direct, false), (limits::FRAME, Lane::Bulk, true), (70_000, Lane::Bulk, false)]
        {
            let head = Head { length, lane, more };
            assert_eq!(Head::from_bytes(head.to_bytes()), Ok(head));
        }
    }

    #[test]
    fn a_head_out_of_bounds_is_refused() {
        let refused = |bytes, expected: &str| {
            assert_eq!(Head::from_bytes(bytes).unwrap_err().to_string(), expected);
        };
        refused([0, 0, 0, 0, 0], "a frame of 0 bytes; at least 1 and at most 4194304 are allowed");
        refused([0xff; 5], "a frame of 4294967295 bytes; at least 1 and at most 4194304 are allowed");
        refused([1, 0, 0x40, 0, 0], "a frame of 4194305 bytes; at least 1 and at most 4194304 are allowed");
        refused([1, 0, 0, 0, 2], "unknown flags 0b00000010 in the head of a frame");
        refused([1, 0, 0, 0, 0x80], "a message of the direct lane in pieces");
    }
}
