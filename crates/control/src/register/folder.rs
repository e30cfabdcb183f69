//! The folder of the register: who may write into it is checked before anything in it counts.

use crate::limits;
use crate::register::{Entry, Listing, process};
use crate::this_user;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// The name below `$XDG_RUNTIME_DIR`.
const NAME: &str = "plughold";

/// A folder that belongs to this user, and into which nobody else may look or write. It stays the same one, whatever
/// becomes of its path.
#[derive(Debug)]
pub struct Folder {
    pub(super) path: PathBuf,
    pub(super) handle: OwnedFd,
}

/// Why a folder, or a file in one, is left aside.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The system does not let one.
    #[error("cannot use {}: {source}", path.display())]
    Unusable {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is a link or something else.
    #[error("{} is no {expected} of its own", path.display())]
    Kind {
        /// The folder or file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
    },
    /// It belongs to somebody else.
    #[error("{} belongs to user {found} and not to user {expected}", path.display())]
    Foreign {
        /// The folder or file.
        path: PathBuf,
        /// Whose it is.
        found: u32,
        /// Whose it should be.
        expected: u32,
    },
    /// Others may use it.
    #[error("{} may be used by others: its mode is {mode:03o} and should be {expected:03o}", path.display())]
    Open {
        /// The folder or file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// What it should be.
        expected: u32,
    },
    /// It is longer than anything that belongs there.
    #[error("{} has {length} bytes; at most {max} are read", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
        /// The most that is read.
        max: u64,
    },
    /// It does not say what it should.
    #[error("{} is no entry of the register: {words}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        words: String,
    },
}

impl Folder {
    /// The folder in which hosts of this user register: in `$XDG_RUNTIME_DIR` if that is this user's, otherwise in `/tmp`.
    /// It is made when there is none.
    ///
    /// # Errors
    /// It cannot be made, is somebody else's, or others may use it.
    pub fn of_this_user() -> Result<Folder, FolderError> {
        Folder::at(runtime().map_or_else(shared, |folder| folder.join(NAME)))
    }

    /// This folder. It is made when there is none; the one around it has to exist.
    ///
    /// # Errors
    /// It cannot be made, is somebody else's, or others may use it.
    pub fn at(path: impl Into<PathBuf>) -> Result<Folder, FolderError> {
        let path = path.into();
        match rustix::fs::mkdirat(CWD, &path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(FolderError::Unusable { path, source: error.into() }),
        }
        match Folder::existing(&path)? {
            Some(folder) => Ok(folder),
            None => Err(FolderError::Unusable { path, source: Errno::NOENT.into() }),
        }
    }

    /// This folder, if there is one.
    pub(super) fn existing(path: &Path) -> Result<Option<Folder>, FolderError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = match rustix::fs::openat(CWD, path, flags, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => {
                return Err(FolderError::Kind { path: path.to_owned(), expected: "folder" });
            }
            Err(error) => return Err(unusable(path, error)),
        };
        let stat = rustix::fs::fstat(&handle).map_err(|error| unusable(path, error))?;
        check(path, &stat, 0o700)?;
        Ok(Some(Folder { path: path.to_owned(), handle }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn handle(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    /// Adds the hosts that run, and what is wrong with files. Removes what hosts that are gone have left behind.
    pub(super) fn look(&self, listing: &mut Listing) {
        let names = match self.names() {
            Ok(names) => names,
            Err(error) => return listing.problems.push(error),
        };
        for name in &names {
            let Some(pid) = pid_of(name) else { continue };
            if name.ends_with(".json") {
                match self.entry(name) {
                    Ok(entry) if process::started(entry.pid) == Some(entry.process_started) => {
                        listing.hosts.push(entry);
                    }
                    Ok(entry) => self.remove(name, &entry),
                    // Somebody else has removed it, or what it was to become.
                    Err(FolderError::Unusable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    }
                    Err(error) => listing.problems.push(error),
                }
            } else if process::started(pid).is_none() {
                // A host that was killed before it had registered.
                self.unlink(name);
            }
        }
    }

    /// The names of everything in it that may belong to a host.
    fn names(&self) -> Result<Vec<String>, FolderError> {
        let failed = |error| unusable(&self.path, error);
        let mut names = Vec::new();
        for found in Dir::read_from(&self.handle).map_err(failed)? {
            let found = found.map_err(failed)?;
            if let Ok(name) = found.file_name().to_str() {
                names.push(name.to_owned());
            }
            if names.len() == limits::HOSTS * 3 {
                break;
            }
        }
        // The first host of a process, which has no number, before the others.
        names.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        Ok(names)
    }

    fn entry(&self, name: &str) -> Result<Entry, FolderError> {
        let path = self.path.join(name);
        // A pipe would keep whoever opens it waiting.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let handle = match rustix::fs::openat(&self.handle, name, flags, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::LOOP | Errno::NXIO) => return Err(FolderError::Kind { path, expected: "file" }),
            Err(error) => return Err(unusable(&path, error)),
        };
        let stat = rustix::fs::fstat(&handle).map_err(|error| unusable(&path, error))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(FolderError::Kind { path, expected: "file" });
        }
        check(&path, &stat, 0o600)?;
        let mut text = Vec::new();
        let read = File::from(handle).take(limits::ENTRY + 1).read_to_end(&mut text);
        read.map_err(|source| FolderError::Unusable { path: path.clone(), source })?;
        let length = text.len() as u64;
        if limits::ENTRY < length {
            return Err(FolderError::TooLong { path, length, max: limits::ENTRY });
        }
        Entry::read(&text, &self.path).map_err(|words| FolderError::Malformed { path, words })
    }

    fn remove(&self, name: &str, entry: &Entry) {
        // The sockets first: while there is an entry, somebody will finish what this one began.
        for socket in [&entry.read, &entry.control].into_iter().flatten() {
            if let Some(socket) = socket.file_name().and_then(|name| name.to_str()) {
                self.unlink(socket);
            }
        }
        self.unlink(name);
    }

    pub(crate) fn unlink(&self, name: &str) {
        // What cannot be removed is stale for everybody who looks.
        let _ = rustix::fs::unlinkat(&self.handle, name, AtFlags::empty());
    }
}

/// Every folder in which a host of this user may have registered.
pub(super) fn candidates() -> Vec<PathBuf> {
    let runtime = runtime().map(|folder| folder.join(NAME));
    // Of a program that was started without the variable, as by a timer.
    let usual = PathBuf::from(format!("/run/user/{}/{NAME}", this_user()));
    let usual = Some(usual).filter(|usual| runtime.as_ref() != Some(usual));
    runtime.into_iter().chain(usual).chain([shared()]).collect()
}

/// The folder of this user's session, if there is one and it is this user's: after `su` the variable names another's.
fn runtime() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    let stat = rustix::fs::stat(&path).ok().filter(|_| path.is_absolute())?;
    (stat.st_uid == this_user()).then_some(path)
}

fn shared() -> PathBuf {
    PathBuf::from(format!("/tmp/{NAME}-{}", this_user()))
}

/// That nobody but this user can have made it, and nobody else can use it.
pub(crate) fn check(path: &Path, stat: &Stat, expected: u32) -> Result<(), FolderError> {
    let user = this_user();
    if stat.st_uid != user {
        return Err(FolderError::Foreign { path: path.to_owned(), found: stat.st_uid, expected: user });
    }
    let mode = stat.st_mode & 0o777;
    if mode & 0o077 != 0 {
        return Err(FolderError::Open { path: path.to_owned(), mode, expected });
    }
    Ok(())
}

fn unusable(path: &Path, error: Errno) -> FolderError {
    FolderError::Unusable { path: path.to_owned(), source: error.into() }
}

/// The process of a host's file or socket: `4121.json`, `4121.2.control.sock`, `4121.draft`.
fn pid_of(name: &str) -> Option<u32> {
    let (pid, rest) = name.split_once('.')?;
    let is_own = ["json", "sock", "draft"].iter().any(|ending| rest.ends_with(ending));
    pid.parse().ok().filter(|_| is_own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Register;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    /// A folder of a register, and its path.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("plughold");
        Folder::at(&path).unwrap();
        (around, path)
    }

    fn write(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }

    fn entry(pid: u32, process_started: u64) -> String {
        format!(
            r#"{{"schema": 1, "name": "notes", "pid": {pid}, "process_started": {process_started}, "started_ms": 1,
                "version": "0.1.0", "protocol": 1, "read": "{pid}.read.sock", "control": null, "right": "read"}}"#
        )
    }

    #[test]
    fn a_folder_is_made_for_this_user_alone() {
        let (_around, path) = folder();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(Folder::at(&path).unwrap().path(), path, "and used again");
    }

    #[test]
    fn a_folder_that_others_may_use_is_refused() {
        let (_around, path) = folder();
        for mode in [0o755, 0o770, 0o701, 0o777, 0o1777] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = Folder::at(&path).unwrap_err().to_string();
            let expected =
                format!("may be used by others: its mode is {:03o} and should be 700", mode & 0o777);
            assert!(error.contains(&expected), "{error}");
            assert!(Register::at(&path).look().hosts.is_empty());
        }
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        // The root of the file system belongs to nobody here but to root.
        let root = Path::new("/");
        if rustix::fs::stat(root).unwrap().st_uid == this_user() {
            let user = this_user();
            let mut stat = rustix::fs::stat(root).unwrap();
            stat.st_uid = user + 1;
            let error = check(root, &stat, 0o700).unwrap_err().to_string();
            assert_eq!(error, format!("/ belongs to user {} and not to user {user}", user + 1));
            return;
        }
        let error = Folder::at("/").unwrap_err().to_string();
        assert!(error.starts_with("/ belongs to user "), "{error}");
    }

    #[test]
    fn a_link_or_a_file_in_its_place_is_refused() {
        let (around, path) = folder();
        let link = around.path().join("link");
        symlink(&path, &link).unwrap();
        let file = around.path().join("file");
        fs::write(&file, "").unwrap();
        let dangling = around.path().join("dangling");
        symlink(around.path().join("nowhere"), &dangling).unwrap();
        for squatted in [&link, &file, &dangling] {
            let error = Folder::at(squatted).unwrap_err().to_string();
            assert_eq!(error, format!("{} is no folder of its own", squatted.display()));
        }
        assert!(!around.path().join("nowhere").exists(), "nothing was made through the link");
    }

    #[test]
    fn entries_of_processes_that_are_gone_are_removed_with_their_sockets() {
        let (_around, path) = folder();
        let own = std::process::id();
        let started = process::started(own).unwrap();
        write(&path.join(format!("{own}.json")), &entry(own, started));
        // The number belongs to another process now.
        write(&path.join(format!("{own}.2.json")), &entry(own, started - 1));
        // Nobody has that number: it is beyond what Linux gives.
        write(&path.join("4194400.json"), &entry(4_194_400, 1));
        drop(UnixListener::bind(path.join("4194400.read.sock")).unwrap());
        // A host that was killed before it had registered.
        drop(UnixListener::bind(path.join("4194401.read.sock")).unwrap());
        write(&path.join("4194401.draft"), "{");
        write(&path.join("notes.txt"), "not ours");
        let found = Register::at(&path).look();
        assert_eq!(found.hosts.iter().map(|entry| entry.pid).collect::<Vec<_>>(), [own]);
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        let mut left: Vec<_> = fs::read_dir(&path)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [format!("{own}.json"), "notes.txt".to_owned()]);
    }

    /// Looks into a folder with one file that `make` makes, and gives what is told of it.
    #[track_caller]
    fn problem(make: impl FnOnce(&Path)) -> String {
        let (_around, path) = folder();
        let file = path.join("7.json");
        make(&file);
        let found = Register::at(&path).look();
        assert!(found.hosts.is_empty());
        let [problem] = found.problems.as_slice() else { panic!("{:?}", found.problems) };
        assert!(rustix::fs::lstat(&file).is_ok(), "what is not understood is not removed");
        problem.to_string().replace(&file.display().to_string(), "FILE")
    }

    #[test]
    fn files_that_are_no_entries_are_told_and_left() {
        assert_eq!(problem(|file| symlink("/etc/passwd", file).unwrap()), "FILE is no file of its own");
        assert_eq!(problem(|file| fs::create_dir(file).unwrap()), "FILE is no file of its own");
        let pipe =
            |file: &Path| rustix::fs::mknodat(CWD, file, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert_eq!(problem(pipe), "FILE is no file of its own");
        let readable = |file: &Path| {
            write(file, &entry(7, 1));
            fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        };
        assert_eq!(problem(readable), "FILE may be used by others: its mode is 644 and should be 600");
        let told = problem(|file| write(file, &"x".repeat(1 << 20)));
        assert_eq!(told, "FILE has 16385 bytes; at most 16384 are read");
        let told = problem(|file| write(file, "{"));
        assert!(told.starts_with("FILE is no entry of the register: EOF"), "{told}");
        let told = problem(|file| write(file, &entry(7, 1).replace("\"schema\": 1", "\"schema\": 9")));
        assert_eq!(told, "FILE is no entry of the register: its schema is 9 and not 1");
        for elsewhere in ["/tmp/evil.sock", "../evil.sock", "", ".", "a/b.sock"] {
            let told = problem(|file| write(file, &entry(7, 1).replace("7.read.sock", elsewhere)));
            assert_eq!(
                told, "FILE is no entry of the register: a socket that is not beside it",
                "{elsewhere}"
            );
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_problem() {
        let found = Register::at("/nowhere/at/all").look();
        assert!(found.hosts.is_empty() && found.problems.is_empty());
    }
}
