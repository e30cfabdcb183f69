//! The way from a session to a simulated runner: bytes that wait, and as much room as the kernel would give.

use crate::session::Pipe;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A socket in one direction.
#[derive(Debug)]
pub(super) struct Tube(Mutex<Inside>);

#[derive(Debug)]
struct Inside {
    bytes: Vec<u8>,
    room: usize,
    is_closed: bool,
}

impl Tube {
    pub(super) fn new(room: usize) -> Tube {
        Tube(Mutex::new(Inside { bytes: Vec::new(), room, is_closed: false }))
    }

    /// Reads at most so many bytes.
    pub(super) fn read(&self, into: &mut [u8]) -> usize {
        let mut inside = self.lock();
        let count = inside.bytes.len().min(into.len());
        into[..count].copy_from_slice(&inside.bytes[..count]);
        inside.bytes.drain(..count);
        count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().bytes.is_empty()
    }

    /// The other end is gone.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pipe for Tube {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut inside = self.lock();
        if inside.is_closed {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(inside.room - inside.bytes.len());
        if count == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        inside.bytes.extend_from_slice(&bytes[..count]);
        Ok(count)
    }
}
