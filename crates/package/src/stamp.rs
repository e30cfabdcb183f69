//! What a package looks like from outside: names, sizes and times of its files, without reading one.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::content::is_left_out;
use crate::limits;

/// File systems tell times in steps of up to this long. Of two changes within one step the second cannot be seen.
const STEP: Duration = Duration::from_millis(20);

/// A fingerprint of the names, sizes, times and inodes of all files of a package. Two that are equal and
/// [`is_settled`](Stamp::is_settled) mean that no file was written in between; two that differ mean that one may have
/// been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    digest: [u8; 32],
    is_settled: bool,
}

impl Stamp {
    /// Looks at a file or at all files of a folder, by the rules of [`Package::files`](crate::Package::files).
    ///
    /// # Errors
    ///
    /// The operating system's, and more than 10,000 files and folders.
    pub fn of(path: impl AsRef<Path>) -> io::Result<Stamp> {
        let path = path.as_ref();
        let now = SystemTime::now();
        let mut taker = Taker { hash: Sha256::new(), newest: UNIX_EPOCH };
        let facts = fs::metadata(path)?;
        taker.take("", &facts);
        if facts.is_dir() {
            taker.take_folder(path)?;
        }
        let is_settled = now.duration_since(taker.newest).is_ok_and(|age| STEP <= age);
        Ok(Stamp { digest: taker.hash.finalize().into(), is_settled })
    }

    /// Whether the last change was long enough ago that another one would show. A clock that was set back makes it false.
    pub fn is_settled(&self) -> bool {
        self.is_settled
    }
}

struct Taker {
    hash: Sha256,
    newest: SystemTime,
}

impl Taker {
    fn take_folder(&mut self, root: &Path) -> io::Result<()> {
        let mut waiting = vec![PathBuf::new()];
        let mut count = 0_usize;
        while let Some(folder) = waiting.pop() {
            let mut names = Vec::new();
            for entry in fs::read_dir(root.join(&folder))? {
                let name = entry?.file_name();
                if is_left_out(&name.to_string_lossy()) {
                    continue;
                }
                count += 1;
                if limits::ENTRIES < count {
                    let words = format!("it has more than {} files and folders", limits::ENTRIES);
                    return Err(io::Error::other(words));
                }
                names.push(name);
            }
            names.sort_unstable();
            for name in names {
                let inner = folder.join(&name);
                let path = root.join(&inner);
                let itself = fs::symlink_metadata(&path)?;
                // What a link leads to counts, as it does when it is read; a link to nowhere counts itself.
                let facts = fs::metadata(&path).unwrap_or_else(|_| itself.clone());
                self.take(&inner.to_string_lossy(), &facts);
                // Packages hold no links to folders, and these may lead in circles.
                if itself.is_dir() {
                    waiting.push(inner);
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, name: &str, facts: &Metadata) {
        let is_dir = facts.is_dir();
        self.hash.update((name.len() as u64).to_le_bytes());
        self.hash.update(name);
        self.hash.update([u8::from(is_dir)]);
        // A folder changes with every name in it, and those are taken themselves.
        if is_dir {
            return;
        }
        for number in numbers(facts) {
            self.hash.update(number.to_le_bytes());
        }
        self.newest = self.newest.max(changed_at(facts));
    }
}

/// What changes when a file is written or replaced. The time of the inode's change cannot be set by programs.
#[cfg(unix)]
fn numbers(facts: &Metadata) -> [i64; 7] {
    use std::os::unix::fs::MetadataExt;
    let [dev, ino, size] = [facts.dev(), facts.ino(), facts.size()].map(u64::cast_signed);
    [dev, ino, size, facts.mtime(), facts.mtime_nsec(), facts.ctime(), facts.ctime_nsec()]
}

#[cfg(not(unix))]
fn numbers(facts: &Metadata) -> [i64; 2] {
    let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    [facts.len().cast_signed(), facts.modified().map_or(0, |time| since(time) as i64)]
}

#[cfg(unix)]
fn changed_at(facts: &Metadata) -> SystemTime {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(facts.ctime()).unwrap_or(0);
    let nanos = u32::try_from(facts.ctime_nsec()).unwrap_or(0);
    UNIX_EPOCH + Duration::new(seconds, nanos)
}

#[cfg(not(unix))]
fn changed_at(facts: &Metadata) -> SystemTime {
    facts.modified().unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[track_caller]
    fn check(change: impl FnOnce(&Path), is_seen: bool) {
        let folder = Folder::new(&[("p/plughold.json", "{}"), ("p/lib/a.js", "one"), ("p/main.js", "")]);
        let path = folder.path().join("p");
        let before = Stamp::of(&path).unwrap();
        assert_eq!(Stamp::of(&path).unwrap().digest, before.digest);
        change(&path);
        assert_eq!(Stamp::of(&path).unwrap().digest != before.digest, is_seen);
    }

    #[test]
    fn what_is_seen() {
        check(|path| fs::write(path.join("main.js"), "x").unwrap(), true);
        check(|path| fs::write(path.join("new.js"), "").unwrap(), true);
        check(|path| fs::remove_file(path.join("lib/a.js")).unwrap(), true);
        check(|path| fs::rename(path.join("lib/a.js"), path.join("lib/b.js")).unwrap(), true);
        check(|path| fs::create_dir(path.join("empty")).unwrap(), true);
        // Another file of the same size in its place.
        check(
            |path| {
                fs::write(path.join(".swap"), "two").unwrap();
                fs::rename(path.join(".swap"), path.join("lib/a.js")).unwrap();
            },
            true,
        );
        check(|path| fs::create_dir_all(path.join(".git/objects")).unwrap(), false);
        check(|path| fs::create_dir_all(path.join("node_modules/x")).unwrap(), false);
        check(|path| drop(fs::read(path.join("main.js")).unwrap()), false);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_counts_and_circles_end() {
        let folder = Folder::new(&[("p/a.js", ""), ("real.js", "")]);
        let path = folder.path().join("p");
        std::os::unix::fs::symlink(folder.path().join("real.js"), path.join("link.js")).unwrap();
        std::os::unix::fs::symlink(".", path.join("circle")).unwrap();
        std::os::unix::fs::symlink("nowhere", path.join("broken")).unwrap();
        let before = Stamp::of(&path).unwrap();
        folder.write("real.js", b"changed");
        assert_ne!(Stamp::of(&path).unwrap().digest, before.digest);
    }

    #[test]
    fn only_what_is_old_enough_is_settled() {
        let folder = Folder::new(&[("a.js", "")]);
        let path = folder.path().join("a.js");
        while !Stamp::of(&path).unwrap().is_settled() {
            std::thread::yield_now();
        }
        folder.write("a.js", b"x");
        assert!(!Stamp::of(&path).unwrap().is_settled());
    }
}
