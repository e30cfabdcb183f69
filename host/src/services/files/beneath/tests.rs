//! Paths that want out, and what is moved or linked while they are walked.

use super::*;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A folder with a file inside and one outside of it, and both ways to resolve paths.
fn roots() -> (TempDir, [Root; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir_all(inside.join("a/b")).unwrap();
    std::fs::write(inside.join("a/b/file"), "in").unwrap();
    std::fs::create_dir(folder.path().join("outside")).unwrap();
    std::fs::write(folder.path().join("outside/secret"), "out").unwrap();
    let roots = [Root::open(&inside).unwrap(), Root::walking(&inside).unwrap()];
    (folder, roots)
}

#[track_caller]
fn check(roots: &[Root], path: &str, expected: Result<(), Errno>) {
    for root in roots {
        let opened = root.open_beneath(Path::new(path), OFlags::RDONLY).map(drop);
        assert_eq!(opened, expected, "{path:?}, resolved by the system: {}", root.resolves);
    }
}

#[test]
fn the_system_of_the_tests_resolves_by_itself() {
    let (_folder, [resolving, walking]) = roots();
    assert!(resolving.resolves, "these tests shall be about both ways");
    assert!(!walking.resolves);
}

#[test]
fn only_what_is_beneath_is_reached() {
    let (folder, roots) = roots();
    check(&roots, "a/b/file", Ok(()));
    check(&roots, "", Ok(()));
    check(&roots, "a/none", Err(Errno::NOENT));
    check(&roots, "a/b/file/c", Err(Errno::NOTDIR));
    check(&roots, "A/b/file", Err(Errno::NOENT));
    for out in
        ["..", "../outside/secret", "a/../../outside/secret", "/etc/passwd", "/", "./a", "a/./b", "a/.."]
    {
        // `Path` drops a dot in the middle: it leads nowhere else.
        let expected = if out == "a/./b" { Ok(()) } else { Err(Errno::XDEV) };
        check(&roots, out, expected);
    }
    check(&roots, "a\0b", Err(Errno::XDEV));
    check(&roots, &"n".repeat(256), Err(Errno::NAMETOOLONG));
    check(&roots, &"n/".repeat(2_048), Err(Errno::NAMETOOLONG));
    let absolute = folder.path().join("outside/secret");
    check(&roots, absolute.to_str().unwrap(), Err(Errno::XDEV));
}

#[test]
fn no_link_is_followed() {
    let (folder, roots) = roots();
    let inside = folder.path().join("inside");
    symlink("../outside", inside.join("folder")).unwrap();
    symlink("../outside/secret", inside.join("file")).unwrap();
    symlink(folder.path().join("outside"), inside.join("absolute")).unwrap();
    symlink("a/b/file", inside.join("within")).unwrap();
    symlink("loop", inside.join("loop")).unwrap();
    symlink("/proc/self/root", inside.join("magic")).unwrap();
    symlink("/proc/self/cwd", inside.join("cwd")).unwrap();
    for path in ["file", "within", "loop", "absolute", "folder", "magic"] {
        check(&roots, path, Err(Errno::LOOP));
    }
    for (root, path) in roots
        .iter()
        .flat_map(|root| ["folder/secret", "absolute/secret", "magic/etc", "cwd/x"].map(|path| (root, path)))
    {
        let opened = root.open_beneath(Path::new(path), OFlags::RDONLY).map(drop);
        // What opens a folder says that a link is none, what resolves says that it is a link.
        assert!(matches!(opened, Err(Errno::LOOP | Errno::NOTDIR)), "{path}: {opened:?}");
    }
    for root in &roots {
        assert_eq!(kind_of(&root.stat(Path::new("file")).unwrap()), FileType::Symlink);
        let made = root.open_beneath(Path::new("file"), OFlags::WRONLY | OFlags::CREATE);
        assert_eq!(made.map(drop), Err(Errno::LOOP));
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("outside/secret")).unwrap(), "out");
    // What is removed is the link, and not what it leads to.
    for (root, name) in roots.iter().zip(["file", "folder"]) {
        root.remove(Path::new(name), false).unwrap();
    }
    assert!(folder.path().join("outside/secret").exists());
}

#[test]
fn devices_and_pipes_keep_nobody_waiting() {
    let (folder, roots) = roots();
    let pipe = folder.path().join("inside/pipe");
    fs::mknodat(fs::CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    check(&roots, "pipe", Ok(()));
}

/// A folder is replaced by a link and back for as long as somebody walks through it.
#[test]
fn what_is_moved_meanwhile_leads_nowhere_else() {
    let (folder, roots) = roots();
    let inside = folder.path().join("inside");
    std::fs::write(inside.join("a/b/secret"), "in").unwrap();
    let (there, is_over) = (inside.join("a"), AtomicBool::new(false));
    symlink("../outside", inside.join("link")).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                // `b` is a folder of ours, and a link to the folder outside.
                std::fs::rename(there.join("b"), inside.join("aside")).unwrap();
                std::fs::rename(inside.join("link"), there.join("b")).unwrap();
                std::fs::rename(there.join("b"), inside.join("link")).unwrap();
                std::fs::rename(inside.join("aside"), there.join("b")).unwrap();
            }
        });
        let mut opened = 0;
        for _ in 0..20_000 {
            for root in &roots {
                let Ok(file) = root.open_beneath(Path::new("a/b/secret"), OFlags::RDONLY) else { continue };
                let mut bytes = [0; 3];
                let read = rustix::io::read(&file, &mut bytes).unwrap();
                assert_eq!(&bytes[..read], b"in");
                opened += 1;
            }
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(0 < opened);
    });
}

#[test]
fn names_that_are_no_text_are_listed_and_removed() {
    let (folder, roots) = roots();
    let name = OsStr::from_bytes(b"a/\xff\xfe");
    std::fs::write(folder.path().join("inside").join(name), "").unwrap();
    let found = roots[0].walk(Path::new("")).unwrap();
    let found = found.iter().find(|found| found.path == Path::new(name)).unwrap();
    roots[0].remove(&found.path, false).unwrap();
}
