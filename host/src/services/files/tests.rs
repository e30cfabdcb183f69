//! What plugins do with files, and what they try.

use super::bench::Bench;
use super::open::How;
use super::quota::ENTRY;
use super::*;
use crate::services::files::handles::OPEN;
use plughold_package::Package;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

const MOST: u64 = 1 << 20;

/// The files of one plugin, whose package has a `words.txt`.
struct Rig {
    folder: TempDir,
    files: Files,
    tree: Tree,
    granted: Vec<Reach>,
}

impl Rig {
    fn new() -> Rig {
        Rig::with_quota(MOST)
    }

    fn with_quota(most: u64) -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("package");
        let own = folder.path().join("data/a/files");
        std::fs::create_dir_all(&own).unwrap();
        std::fs::create_dir_all(package.join("lib")).unwrap();
        let manifest = r#"{ "id": "a", "name": "A", "version": "1.0.0" }"#;
        for (name, text) in [("plughold.json", manifest), ("main.js", ""), ("lib/words.txt", "word")] {
            std::fs::write(package.join(name), text).unwrap();
        }
        let tree = Tree::of(&Arc::new(Package::open(&package).unwrap()));
        let all = folder.path().join("data").canonicalize().unwrap();
        let files = Files::open(Some((&all, &own.canonicalize().unwrap())), most).unwrap();
        Rig { folder, files, tree, granted: Vec::new() }
    }

    /// A bench of the process with this number.
    fn of(&mut self, owner: u32) -> Bench<'_> {
        Bench { files: &mut self.files, tree: &self.tree, owner, granted: &self.granted }
    }

    /// What a piece of work gives, or what it fails with in the words that a plugin sees.
    fn run(&mut self, work: impl FnOnce(&mut Bench) -> Result<Reply, Stop>) -> Result<Reply, String> {
        work(&mut self.of(1)).map_err(|stop| match stop {
            Stop::Failed(failure) => failure.to_thrown().message,
            Stop::Explained(failure, why) => failure.explained(why).message,
            Stop::Needs(reach) => format!("needs {}:{}", reach.permission, reach.path),
        })
    }

    fn write(&mut self, path: &str, text: &str) -> Result<Reply, String> {
        self.run(|bench| bench.write(path, text.as_bytes(), How::TO_WRITE))
    }

    fn open(&mut self, path: &str, how: How) -> u32 {
        match self.run(|bench| bench.open(path, how)) {
            Ok(Reply::Number(number)) => u32::try_from(number).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn text(&mut self, path: &str) -> String {
        match self.run(|bench| bench.read(path)) {
            Ok(Reply::Bytes(bytes)) => String::from_utf8(bytes.0).unwrap(),
            Ok(other) => panic!("{other:?}"),
            Err(words) => words,
        }
    }

    fn used(&self) -> u64 {
        self.files.data.as_ref().unwrap().quota.used()
    }

    /// What is counted is what is there.
    #[track_caller]
    fn expect_counted(&self) {
        let data = self.files.data.as_ref().unwrap();
        let there = quota::measured(&data.root.walk(Path::new("")).unwrap());
        assert_eq!(data.quota.used(), there + self.files.handles.held());
    }
}

const READ_WRITE: How =
    How { read: true, write: true, create: true, truncate: false, append: false, exclusive: false };

#[test]
fn files_are_written_and_read_where_they_belong() {
    let mut rig = Rig::new();
    rig.write("a.txt", "one").unwrap();
    rig.write("/plugin-data/b.txt", "two").unwrap();
    assert_eq!(rig.text("/plugin-data/a.txt"), "one");
    assert_eq!(rig.text("../plugin-data/./b.txt"), "two");
    assert_eq!(rig.text("/lib/words.txt"), "word");
    assert_eq!(rig.text("/lib/../lib/words.txt"), "word");
    assert_eq!(rig.text("c.txt"), "ENOENT: no such file or directory, open 'c.txt'");
    assert_eq!(rig.text("/c.txt"), "ENOENT: no such file or directory, open '/c.txt'");
    assert_eq!(rig.text("/lib/c.txt"), "ENOENT: no such file or directory, open '/lib/c.txt'");
    assert_eq!(rig.text("/lib"), "EISDIR: illegal operation on a directory, open '/lib'");
    assert_eq!(rig.text("."), "EISDIR: illegal operation on a directory, open '.'");
    let words = rig.write("/lib/words.txt", "").unwrap_err();
    assert_eq!(words, "EROFS: read-only file system, open '/lib/words.txt'");
    let words = rig.write("/new.txt", "").unwrap_err();
    assert_eq!(words, "EROFS: read-only file system, open '/new.txt'");
    let there = std::fs::read_to_string(rig.folder.path().join("data/a/files/a.txt")).unwrap();
    assert_eq!(there, "one");
    rig.expect_counted();
}

#[test]
fn whatever_is_outside_needs_a_permission() {
    let mut rig = Rig::new();
    for path in
        ["/etc/passwd", "../../etc/passwd", "/plugin-data/../etc/passwd", "//etc//passwd", "/./etc/passwd"]
    {
        assert_eq!(rig.text(path), "needs fs.read:/etc/passwd", "{path}");
        let words = rig.write(path, "").unwrap_err();
        assert_eq!(words, "needs fs.write:/etc/passwd", "{path}");
    }
    for path in
        ["/proc/self/environ", "/proc/self/root/etc/passwd", "/sys/kernel/x", "/dev/sda", "../dev/mem"]
    {
        assert_eq!(rig.text(path), format!("EACCES: permission denied, open '{path}'"));
    }
    assert_eq!(rig.text("a\0b"), "EINVAL: invalid argument, open 'a\0b'");
    assert_eq!(rig.text(""), "ENOENT: no such file or directory, open ''");
    let long = "n".repeat(256);
    assert_eq!(rig.text(&long), format!("ENAMETOOLONG: name too long, open '{long}'"));
}

#[test]
fn what_is_granted_of_the_machine_is_reached_and_nothing_else() {
    let mut rig = Rig::new();
    let outside = rig.folder.path().canonicalize().unwrap().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("a"), "out").unwrap();
    symlink("/etc", outside.join("link")).unwrap();
    let path = |name: &str| outside.join(name).to_str().unwrap().to_owned();
    let grant = |permission, path: String| Reach { permission, path };
    rig.granted =
        vec![grant("fs.read", path("a")), grant("fs.read", path("link/hosts")), grant("fs.write", path("b"))];
    assert_eq!(rig.text(&path("a")), "out");
    assert_eq!(rig.text(&path("b")), format!("needs fs.read:{}", path("b")));
    let linked = path("link/hosts");
    assert_eq!(rig.text(&linked), format!("ELOOP: too many symbolic links encountered, open '{linked}'"));
    rig.write(&path("b"), "new").unwrap();
    assert_eq!(std::fs::read_to_string(outside.join("b")).unwrap(), "new");
    let both = rig.run(|bench| bench.open(&path("b"), READ_WRITE));
    assert_eq!(both.unwrap_err(), format!("needs fs.read:{}", path("b")));

    // An open file is of no use once its permission is gone.
    let number = rig.open(&path("a"), How::TO_READ);
    rig.granted.clear();
    let words = rig.run(|bench| bench.read_open(number, 10, None)).unwrap_err();
    assert_eq!(words, format!("needs fs.read:{}", path("a")));
}

#[test]
fn the_data_of_plugins_is_opened_by_no_permission() {
    let mut rig = Rig::new();
    let all = rig.folder.path().join("data").canonicalize().unwrap();
    std::fs::create_dir(all.join("other")).unwrap();
    for name in ["other/files/secret", "a/storage.sqlite", "a/files2/x"] {
        let path = all.join(name).to_str().unwrap().to_owned();
        rig.granted = vec![Reach { permission: "fs.read", path: path.clone() }];
        assert_eq!(rig.text(&path), format!("EACCES: permission denied, open '{path}'"));
    }
    rig.write("own", "mine").unwrap();
    let own = rig.files.data.as_ref().unwrap().path.join("own");
    assert_eq!(rig.text(own.to_str().unwrap()), "mine", "applications may tell a plugin where it is");
    let package = rig.folder.path().join("package").canonicalize().unwrap();
    assert_eq!(rig.text(package.join("lib/words.txt").to_str().unwrap()), "word");
    let outside = package.join("../outside").to_str().unwrap().to_owned();
    assert!(rig.text(&outside).starts_with("needs fs.read:"));
    assert_eq!(rig.text("../storage.sqlite"), "ENOENT: no such file or directory, open '../storage.sqlite'");
    assert_eq!(rig.text("../other/files/secret"), "needs fs.read:/other/files/secret");
}

#[test]
fn links_that_others_made_lead_nowhere() {
    let mut rig = Rig::new();
    let own = rig.folder.path().join("data/a/files");
    symlink("/etc", own.join("etc")).unwrap();
    symlink("/etc/hosts", own.join("hosts")).unwrap();
    assert_eq!(rig.text("hosts"), "ELOOP: too many symbolic links encountered, open 'hosts'");
    assert_eq!(rig.text("etc/hosts"), "ELOOP: too many symbolic links encountered, open 'etc/hosts'");
    let kind = match rig.run(|bench| bench.stat("hosts", false)) {
        Ok(Reply::Stat(facts)) => facts.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind, reply::Kind::Link);
    rig.run(|bench| bench.remove("etc", true, false)).unwrap();
    assert!(Path::new("/etc/hosts").exists());
}

#[test]
fn the_quota_counts_holes_names_and_what_is_open() {
    let mut rig = Rig::new();
    let full = "ENOSPC: no space left on device";
    let room = usize::try_from(MOST).unwrap();
    let words = rig.write("large", &"x".repeat(room + 1)).unwrap_err();
    assert_eq!(words, format!("{full}, write 'large'"));
    // A hole can be filled later.
    let words = rig.run(|bench| bench.truncate("large", 1 << 40)).unwrap_err();
    assert_eq!(words, format!("{full}, truncate 'large'"));
    let number = rig.open("large", READ_WRITE);
    let words = rig.run(|bench| bench.write_open(number, b"x", Some(1 << 40))).unwrap_err();
    assert_eq!(words, format!("{full}, write"));
    let words = rig.run(|bench| bench.write_open(number, b"x", Some(u64::MAX))).unwrap_err();
    assert_eq!(words, "EFBIG: file too large, write");
    let words = rig.run(|bench| bench.truncate_open(number, MOST)).unwrap_err();
    assert_eq!(words, format!("{full}, ftruncate"));

    // A file without a name takes its room until it is closed.
    rig.run(|bench| bench.truncate_open(number, MOST / 2)).unwrap();
    let other = rig.open("large", How::TO_READ);
    rig.run(|bench| bench.unlink("large")).unwrap();
    assert_eq!(rig.used(), MOST / 2 + ENTRY);
    rig.run(|bench| bench.close(number)).unwrap();
    assert_eq!(rig.used(), MOST / 2 + ENTRY);
    assert_eq!(rig.write("more", &"x".repeat(room / 2)).unwrap_err(), format!("{full}, write 'more'"));
    rig.run(|bench| bench.close(other)).unwrap();
    rig.write("more", &"x".repeat(room / 2)).unwrap();

    // So does one that another has replaced.
    let held = rig.open("more", How::TO_READ);
    rig.write("tiny", "").unwrap();
    rig.run(|bench| bench.rename("tiny", "more")).unwrap();
    rig.expect_counted();
    assert!(MOST / 2 < rig.used());
    rig.run(|bench| bench.close(held)).unwrap();
    rig.expect_counted();
    assert_eq!(rig.used(), ENTRY);
}

#[test]
fn empty_files_and_folders_fill_it_as_well() {
    let mut rig = Rig::with_quota(10 * ENTRY);
    for number in 0..5 {
        rig.write(&format!("file{number}"), "").unwrap();
        rig.run(|bench| bench.make_folder(&format!("folder{number}"))).unwrap();
    }
    let words = rig.write("file5", "").unwrap_err();
    assert_eq!(words, "ENOSPC: no space left on device, open 'file5'");
    let words = rig.run(|bench| bench.make_folders("x/y")).unwrap_err();
    assert_eq!(words, "ENOSPC: no space left on device, mkdir 'x/y'");
    let words = rig.run(|bench| bench.copy("file0", "copy", false)).unwrap_err();
    assert_eq!(words, "ENOSPC: no space left on device, copyfile 'file0' -> 'copy'");
    // Others have cleared up: it is looked before it is refused.
    std::fs::remove_file(rig.folder.path().join("data/a/files/file0")).unwrap();
    rig.write("file5", "").unwrap();
    rig.expect_counted();
}

#[test]
fn a_copy_without_room_leaves_nothing() {
    let mut rig = Rig::with_quota(40_000);
    rig.write("a", &"x".repeat(20_000)).unwrap();
    let words = rig.run(|bench| bench.copy("a", "b", false)).unwrap_err();
    assert_eq!(words, "ENOSPC: no space left on device, copyfile 'a' -> 'b'");
    assert_eq!(rig.text("b"), "ENOENT: no such file or directory, open 'b'");
    rig.run(|bench| bench.copy("a", "a", false)).unwrap();
    assert_eq!(rig.text("a").len(), 20_000);
    rig.run(|bench| bench.copy("/lib/words.txt", "c", false)).unwrap();
    assert_eq!(rig.text("c"), "word");
    let words = rig.run(|bench| bench.copy("a", "c", true)).unwrap_err();
    assert_eq!(words, "EEXIST: file already exists, copyfile 'a' -> 'c'");
    rig.expect_counted();
}

#[test]
fn open_files_are_bounded_and_belong_to_their_process() {
    let mut rig = Rig::new();
    rig.write("a", "abc").unwrap();
    let numbers = Vec::from_iter((0..OPEN).map(|_| rig.open("a", How::TO_READ)));
    assert_eq!(numbers[0], 3);
    let words = rig.run(|bench| bench.open("a", How::TO_READ)).unwrap_err();
    assert_eq!(words, "EMFILE: too many open files, open 'a'");
    let theirs = rig.of(2).read_open(3, 10, None).unwrap_err();
    assert_eq!(theirs, Failure::new(Errno::BADF, "read").into());
    assert!(rig.of(2).open("a", How::TO_READ).is_ok(), "another process has its own");

    rig.files.close_all(1);
    let words = rig.run(|bench| bench.read_open(3, 10, None)).unwrap_err();
    assert_eq!(words, "EBADF: bad file descriptor, read");
    assert!(numbers.iter().all(|number| rig.of(1).close(*number).is_err()));
    assert!(!numbers.contains(&rig.open("a", How::TO_READ)), "no number is given twice");
}

#[test]
fn folders_are_made_listed_moved_and_removed() {
    let mut rig = Rig::new();
    let made = rig.run(|bench| bench.make_folders("a/b/c")).unwrap();
    assert!(matches!(made, Reply::Text(path) if path == "/plugin-data/a"));
    assert!(matches!(rig.run(|bench| bench.make_folders("a/b/c")), Ok(Reply::Nothing(_))));
    let words = rig.run(|bench| bench.make_folder("a")).unwrap_err();
    assert_eq!(words, "EEXIST: file already exists, mkdir 'a'");
    let words = rig.run(|bench| bench.make_folder("x/y")).unwrap_err();
    assert_eq!(words, "ENOENT: no such file or directory, mkdir 'x/y'");
    rig.write("a/b/c/file", "text").unwrap();
    let words = rig.run(|bench| bench.make_folders("a/b/c/file/d")).unwrap_err();
    assert_eq!(words, "ENOTDIR: not a directory, mkdir 'a/b/c/file/d'");
    let words = rig.run(|bench| bench.remove_folder("a")).unwrap_err();
    assert_eq!(words, "ENOTEMPTY: directory not empty, rmdir 'a'");
    let words = rig.run(|bench| bench.remove("a", false, true)).unwrap_err();
    assert_eq!(words, "EISDIR: illegal operation on a directory, rm 'a'");
    let words = rig.run(|bench| bench.rename("a", "a/b/d")).unwrap_err();
    assert_eq!(words, "EINVAL: invalid argument, rename 'a' -> 'a/b/d'");
    rig.run(|bench| bench.rename("a", "moved")).unwrap();
    assert_eq!(rig.text("moved/b/c/file"), "text");
    rig.run(|bench| bench.remove("moved", true, false)).unwrap();
    rig.run(|bench| bench.remove("moved", true, true)).unwrap();
    let words = rig.run(|bench| bench.remove("moved", true, false)).unwrap_err();
    assert_eq!(words, "ENOENT: no such file or directory, rm 'moved'");
    let words = rig.run(|bench| bench.remove(".", true, true)).unwrap_err();
    assert_eq!(words, "EBUSY: resource busy or locked, rm '.'");
    assert_eq!(rig.used(), 0);
    rig.expect_counted();
}

/// Nothing gets a path that is too long to be reached: it could neither be counted nor removed.
#[test]
fn moving_folders_makes_no_path_that_is_too_long() {
    let mut rig = Rig::new();
    let part = "n".repeat(250);
    let deep = [part.as_str(); 10].join("/");
    rig.run(|bench| bench.make_folders(&format!("one/{deep}"))).unwrap();
    rig.run(|bench| bench.make_folders(&format!("two/{deep}"))).unwrap();
    let words = rig.run(|bench| bench.rename("one", &format!("two/{deep}/one"))).unwrap_err();
    assert!(words.starts_with("ENAMETOOLONG: name too long, rename 'one' -> "), "{words}");
    rig.run(|bench| bench.remove("one", true, false)).unwrap();
    rig.run(|bench| bench.remove("two", true, false)).unwrap();
    assert_eq!(rig.used(), 0);
}

#[test]
fn an_open_file_goes_on_where_it_was() {
    let mut rig = Rig::new();
    let number = rig.open("a", READ_WRITE);
    for text in ["one ", "two"] {
        rig.run(|bench| bench.write_open(number, text.as_bytes(), None)).unwrap();
    }
    let mut read = |length, at| match rig.run(|bench| bench.read_open(number, length, at)) {
        Ok(Reply::Bytes(bytes)) => String::from_utf8(bytes.0).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(read(3, Some(0)), "one");
    assert_eq!(read(100, None), "");
    assert_eq!(read(u64::MAX, Some(4)), "two");
    let appending = rig.open("a", How { append: true, write: true, ..How::default() });
    rig.run(|bench| bench.write_open(appending, b"!", Some(0))).unwrap();
    assert_eq!(rig.text("a"), "one two!");
    let words = rig.run(|bench| bench.read_open(appending, 1, None)).unwrap_err();
    assert_eq!(words, "EBADF: bad file descriptor, read");
    let reading = rig.open("/lib/words.txt", How::TO_READ);
    let words = rig.run(|bench| bench.write_open(reading, b"!", None)).unwrap_err();
    assert_eq!(words, "EBADF: bad file descriptor, write");
    rig.expect_counted();
}
