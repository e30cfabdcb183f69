//! Where a session writes.

use interprocess::os::unix::uds_local_socket::tokio::Stream;
use std::io;

/// The way to a runner: its socket, or what stands for it in a test.
pub(crate) trait Pipe: Send + Sync {
    /// Writes as much as there is room for, without waiting; [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

impl Pipe for Stream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.inner().try_write(bytes)
    }
}
