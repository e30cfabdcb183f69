//! Who is at the other end of a socket.

use std::io;
use tokio::net::UnixStream;

/// The process at the other end of a socket, as the system says: of a listening end the one that has begun to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its process; none when it cannot be seen from here.
    pub pid: Option<u32>,
    /// Its user.
    pub user: u32,
}

/// Who is at the other end of a socket.
///
/// # Errors
/// The system does not say.
pub fn peer_of(socket: &UnixStream) -> io::Result<Peer> {
    let credentials = socket.peer_cred()?;
    // Of a process in another namespace the number is zero.
    let pid = credentials.pid().and_then(|pid| u32::try_from(pid).ok()).filter(|&pid| pid != 0);
    Ok(Peer { pid, user: credentials.uid() })
}

/// The user whose rights this process has.
pub fn this_user() -> u32 {
    rustix::process::geteuid().as_raw()
}
