//! A host that stands in the register.

use crate::VERSION;
use crate::register::entry::SCHEMA;
use crate::register::{Entry, Folder, FolderError, Listing, process};
use crate::request::Right;
use crate::socket::{self, SocketError};
use rustix::fs::{Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Hosts of one process. An application has one, a test a few.
const MOST: u32 = 1_000;

/// A host that stands in the register, until this is dropped.
#[derive(Debug)]
pub struct Registered {
    folder: Folder,
    /// What is removed at the end, in this order.
    names: Vec<String>,
    entry: Entry,
}

/// Why a host cannot register.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The folder is not as it has to be.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A socket cannot be made.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The system does not say when this process was started.
    #[error("the system does not say when process {pid} was started")]
    Process {
        /// This process.
        pid: u32,
    },
    /// The entry cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The sockets cannot be waited on.
    #[error("cannot wait for clients: {source}")]
    Listening {
        /// What the system says.
        source: io::Error,
    },
    /// This process has too many hosts.
    #[error("process {pid} has {MOST} hosts in the register already")]
    TooMany {
        /// This process.
        pid: u32,
    },
}

impl Registered {
    /// Registers a host of this process, and gives the sockets on which it has to listen: one that allows to read, and one
    /// for every other right that is offered.
    ///
    /// # Errors
    /// A socket or the entry cannot be made; nothing is left behind then.
    pub fn new(
        folder: Folder,
        name: &str,
        version: &str,
        right: Right,
    ) -> Result<(Registered, Vec<(Right, UnixListener)>), RegisterError> {
        let pid = std::process::id();
        let process_started = process::started(pid).ok_or(RegisterError::Process { pid })?;
        // What an earlier process with this number has left behind would stand in the way.
        folder.look(&mut Listing::default());
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let entry = Entry {
            schema: SCHEMA,
            name: name.to_owned(),
            pid,
            process_started,
            started_ms: u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
            version: version.to_owned(),
            protocol: VERSION,
            read: None,
            control: None,
            right,
        };
        let mut registered = Registered { folder, names: Vec::new(), entry };
        for number in 1..=MOST {
            let stem = if number == 1 { pid.to_string() } else { format!("{pid}.{number}") };
            match registered.listen(&stem, right) {
                Ok(listeners) => {
                    registered.write(&stem)?;
                    return Ok((registered, listeners));
                }
                Err(SocketError::Taken { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(RegisterError::TooMany { pid })
    }

    /// What stands in the register.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    fn listen(&mut self, stem: &str, right: Right) -> Result<Vec<(Right, UnixListener)>, SocketError> {
        // The first one reserves the name for all of them.
        let name = format!("{stem}.read.sock");
        let mut listeners = vec![(Right::Read, socket::listen(&self.folder, &name)?)];
        self.entry.read = Some(self.folder.path.join(&name));
        self.names.push(name);
        if Right::Read < right {
            let name = format!("{stem}.control.sock");
            listeners.push((right, socket::listen(&self.folder, &name)?));
            self.entry.control = Some(self.folder.path.join(&name));
            self.names.push(name);
        }
        Ok(listeners)
    }

    /// Writes the entry under another name first, so that nobody reads half of it.
    fn write(&mut self, stem: &str) -> Result<(), RegisterError> {
        let (name, draft) = (format!("{stem}.json"), format!("{stem}.draft"));
        let handle = &self.folder.handle;
        let failed =
            |error: Errno| RegisterError::Entry { path: self.folder.path.join(&name), source: error.into() };
        // Only a process that is gone can have left one.
        self.folder.unlink(&draft);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(handle, &*draft, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?;
        let text = self.entry.to_json();
        File::from(file)
            .write_all(text.as_bytes())
            .map_err(|source| RegisterError::Entry { path: self.folder.path.join(&draft), source })?;
        let renamed = rustix::fs::renameat_with(handle, &*draft, handle, &*name, RenameFlags::NOREPLACE);
        if renamed.is_err() {
            self.folder.unlink(&draft);
        }
        renamed.map_err(failed)?;
        self.names.insert(0, name);
        Ok(())
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        for name in &self.names {
            self.folder.unlink(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Register;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn register(path: &Path, right: Right) -> (Registered, Vec<(Right, UnixListener)>) {
        Registered::new(Folder::at(path).unwrap(), "notes", "0.1.0", right).unwrap()
    }

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_host_is_found_until_it_is_gone() {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("plughold");
        let pid = std::process::id();
        let (registered, listeners) = register(&path, Right::Control);
        assert_eq!(
            listeners.iter().map(|(right, _)| *right).collect::<Vec<_>>(),
            [Right::Read, Right::Control]
        );
        assert_eq!(Register::at(&path).look().hosts, [registered.entry().clone()]);
        let expected = ["control.sock", "json", "read.sock"].map(|ending| format!("{pid}.{ending}"));
        assert_eq!(names(&path), expected);
        for name in &expected {
            let mode = fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{name}");
        }
        drop((registered, listeners));
        assert!(names(&path).is_empty());
        assert!(Register::at(&path).look().hosts.is_empty());
    }

    #[test]
    fn hosts_of_one_process_stand_beside_each_other() {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("plughold");
        let [first, second] = [Right::Read, Right::Develop].map(|right| register(&path, right));
        let sockets = |entry: &Entry| {
            [Right::Read, Right::Control, Right::Develop].map(|right| entry.socket(right).is_some())
        };
        let found = Register::at(&path).look().hosts;
        assert_eq!(found.iter().map(sockets).collect::<Vec<_>>(), [[true, false, false], [true, true, true]]);
        drop(first);
        assert_eq!(Register::at(&path).look().hosts, [second.0.entry().clone()]);
    }

    #[test]
    fn the_path_of_the_folder_may_be_longer_than_the_address_of_a_socket() {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("x".repeat(200));
        let (registered, _listeners) = register(&path, Right::Read);
        let socket = registered.entry().socket(Right::Read).unwrap();
        assert!(108 < socket.as_os_str().len());
        socket::connect(socket).unwrap();
    }

    #[test]
    fn what_stands_under_a_name_is_neither_used_nor_removed() {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("plughold");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        let pid = std::process::id();
        let squatted = path.join(format!("{pid}.read.sock"));
        std::os::unix::fs::symlink("/etc/passwd", &squatted).unwrap();
        let (registered, _listeners) = register(&path, Right::Read);
        assert_eq!(registered.entry().read, Some(path.join(format!("{pid}.2.read.sock"))));
        drop(registered);
        assert_eq!(fs::read_link(squatted).unwrap(), Path::new("/etc/passwd"));
    }
}
