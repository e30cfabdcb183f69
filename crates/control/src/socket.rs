//! Sockets in a folder, which are opened through the folder and not by their path: so the folder that was checked is the
//! one that counts, and a path may be longer than the address of a socket.

use crate::register::{Folder, check};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Connections that wait until the host takes them.
const BACKLOG: i32 = 16;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    /// There is something under this name.
    #[error("there is something at {} already", path.display())]
    Taken {
        /// Where it was to be.
        path: PathBuf,
    },
    /// The system does not let one.
    #[error("cannot listen at {}: {source}", path.display())]
    System {
        /// Where it was to be.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A socket of this user alone. Nobody can connect before its mode is set, because it listens only then.
pub(crate) fn listen(folder: &Folder, name: &str) -> Result<UnixListener, SocketError> {
    let path = folder.path().join(name);
    let failed = |error: Errno| match error {
        Errno::ADDRINUSE | Errno::EXIST => SocketError::Taken { path: path.clone() },
        error => SocketError::System { path: path.clone(), source: error.into() },
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket =
        rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(failed)?;
    let address = SocketAddrUnix::new(through(folder.handle(), name)).map_err(failed)?;
    rustix::net::bind(&socket, &address).map_err(failed)?;
    let ready = rustix::fs::chmodat(folder.handle(), name, Mode::RUSR | Mode::WUSR, AtFlags::empty())
        .and_then(|()| rustix::net::listen(&socket, BACKLOG));
    if let Err(error) = ready {
        folder.unlink(name);
        return Err(failed(error));
    }
    Ok(UnixListener::from(socket))
}

/// Connects to a socket that belongs to this user and to nobody else.
pub(crate) fn connect(path: &Path) -> io::Result<UnixStream> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the path of a socket"));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let handle: OwnedFd = rustix::fs::openat(CWD, folder, flags, Mode::empty())?;
    let stat = rustix::fs::statat(&handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Socket {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no socket"));
    }
    check(path, &stat, 0o600).map_err(io::Error::other)?;
    let kind = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, kind, None)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(through(handle.as_fd(), name))?)?;
    Ok(UnixStream::from(socket))
}

/// The path of a name in an open folder.
fn through(folder: BorrowedFd, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{name}", folder.as_raw_fd()))
}
