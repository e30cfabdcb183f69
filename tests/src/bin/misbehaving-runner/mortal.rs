//! A socket that is the end of whoever reads too much of it.

use crate::runner::end_by;
use rustix::process::Signal;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

/// A socket of which so many bytes can be read. Whoever wants more is killed, as in the middle of a read.
pub(crate) struct Mortal {
    socket: UnixStream,
    left: usize,
}

impl Mortal {
    /// One that is nobody's end.
    pub(crate) fn immortal(socket: &UnixStream) -> Mortal {
        Mortal::ends_after(socket, usize::MAX)
    }

    /// One of which `bytes` can be read.
    pub(crate) fn ends_after(socket: &UnixStream, bytes: usize) -> Mortal {
        Mortal { socket: socket.try_clone().unwrap(), left: bytes }
    }
}

impl Read for Mortal {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let most = room.len().min(self.left);
        if most == 0 && !room.is_empty() {
            end_by(Signal::KILL);
        }
        let count = self.socket.read(&mut room[..most])?;
        self.left -= count;
        Ok(count)
    }
}

impl Write for Mortal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}
