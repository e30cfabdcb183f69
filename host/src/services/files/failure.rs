//! Errors of files as Node.js has them: `ENOENT: no such file or directory, open 'a.txt'`.

use crate::Thrown;
use rustix::io::Errno;

/// Why something could not be done with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) errno: Errno,
    /// What was done, by the name that Node.js has for it.
    pub(super) syscall: &'static str,
    pub(super) path: Option<String>,
    /// Where it should have gone.
    pub(super) dest: Option<String>,
}

/// Each error that plugins are told of by name, with the words of Node.js.
const KNOWN: &[(Errno, &str, &str)] = &[
    (Errno::ACCESS, "EACCES", "permission denied"),
    (Errno::AGAIN, "EAGAIN", "resource temporarily unavailable"),
    (Errno::BADF, "EBADF", "bad file descriptor"),
    (Errno::BUSY, "EBUSY", "resource busy or locked"),
    (Errno::EXIST, "EEXIST", "file already exists"),
    (Errno::FBIG, "EFBIG", "file too large"),
    (Errno::INVAL, "EINVAL", "invalid argument"),
    (Errno::IO, "EIO", "i/o error"),
    (Errno::ISDIR, "EISDIR", "illegal operation on a directory"),
    (Errno::LOOP, "ELOOP", "too many symbolic links encountered"),
    (Errno::MFILE, "EMFILE", "too many open files"),
    (Errno::NAMETOOLONG, "ENAMETOOLONG", "name too long"),
    (Errno::NOENT, "ENOENT", "no such file or directory"),
    (Errno::NOSPC, "ENOSPC", "no space left on device"),
    (Errno::NOSYS, "ENOSYS", "function not implemented"),
    (Errno::NOTDIR, "ENOTDIR", "not a directory"),
    (Errno::NOTEMPTY, "ENOTEMPTY", "directory not empty"),
    (Errno::PERM, "EPERM", "operation not permitted"),
    (Errno::ROFS, "EROFS", "read-only file system"),
    (Errno::XDEV, "EXDEV", "cross-device link not permitted"),
];

impl Failure {
    /// Something failed that is about no path.
    pub(super) fn new(errno: Errno, syscall: &'static str) -> Failure {
        Failure { errno, syscall, path: None, dest: None }
    }

    /// Something failed with this path, as the plugin wrote it.
    pub(super) fn at(errno: Errno, syscall: &'static str, path: &str) -> Failure {
        Failure { path: Some(path.to_owned()), ..Failure::new(errno, syscall) }
    }

    /// The same, on the way to another path.
    pub(super) fn to(self, dest: &str) -> Failure {
        Failure { dest: Some(dest.to_owned()), ..self }
    }

    /// As the plugin sees it, with words of our own behind those of Node.js.
    pub(super) fn explained(&self, why: &str) -> Thrown {
        let thrown = self.to_thrown();
        Thrown { message: format!("{}: {why}", thrown.message), ..thrown }
    }

    /// As the plugin sees it.
    pub(super) fn to_thrown(&self) -> Thrown {
        let known = KNOWN.iter().find(|(errno, ..)| *errno == self.errno);
        let (code, words) = known.map_or(("EIO", "i/o error"), |(_, code, words)| (code, words));
        let mut message = format!("{code}: {words}, {}", self.syscall);
        if let Some(path) = &self.path {
            message.push_str(&format!(" '{path}'"));
        }
        if let Some(dest) = &self.dest {
            message.push_str(&format!(" -> '{dest}'"));
        }
        let thrown = Thrown::new("Error", message).with_code(code);
        let thrown = thrown.with_field("errno", -self.errno.raw_os_error());
        let thrown = thrown.with_field("syscall", self.syscall);
        let fields = [("path", &self.path), ("dest", &self.dest)];
        fields
            .into_iter()
            .filter_map(|(name, path)| Some((name, path.clone()?)))
            .fold(thrown, |thrown, (name, path)| thrown.with_field(name, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn errors_read_as_those_of_node() {
        let missing = Failure::at(Errno::NOENT, "open", "a.txt").to_thrown();
        assert_eq!(missing.message, "ENOENT: no such file or directory, open 'a.txt'");
        assert_eq!(missing.code.as_deref(), Some("ENOENT"));
        assert_eq!(missing.field("errno"), Some(&Value::Number(-2.0)));
        assert_eq!(missing.field("syscall"), Some(&Value::String("open".into())));
        assert_eq!(missing.field("path"), Some(&Value::String("a.txt".into())));
        assert_eq!(missing.field("dest"), None);

        let moved = Failure::at(Errno::NOTEMPTY, "rename", "a").to("b").to_thrown();
        assert_eq!(moved.message, "ENOTEMPTY: directory not empty, rename 'a' -> 'b'");

        let closed = Failure::new(Errno::BADF, "read").to_thrown();
        assert_eq!(closed.message, "EBADF: bad file descriptor, read");
    }
}
