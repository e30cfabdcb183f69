//! A profile on a disk that is full, and one that two hosts have open.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_joplin::store::data::{self, Query};
use plughold_joplin::store::{Store, StoreError};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set where this test runs again with the disk that it fills.
const DISK: &str = "PLUGHOLD_SMALL_DISK";

fn add(store: &Store, number: usize) -> Result<(), u16> {
    let folder = json!({ "id": format!("{number:032x}"), "title": "x".repeat(8 << 10) });
    data::post(store, &["folders".into()], &Query::default(), &folder)
        .map(drop)
        .map_err(|error| error.http_code)
}

fn is_there(store: &Store, number: usize) -> bool {
    data::get(store, &["folders".into(), format!("{number:032x}")], &Query::default()).is_ok()
}

/// Writes until there is no room: whatever was confirmed is there, also when the profile is opened again.
fn fill(path: &Path) {
    let other = path.with_file_name("other");
    std::fs::write(&other, vec![0; 128 << 10]).unwrap();
    let store = Store::open(path).unwrap();
    let mut confirmed = 0;
    let refused = loop {
        match add(&store, confirmed) {
            Ok(()) => confirmed += 1,
            Err(code) => break code,
        }
        assert!(confirmed < 10_000, "the disk is not full");
    };
    assert!((500..600).contains(&refused), "a fault of the machine and not of the plugin: {refused}");
    assert!(3 < confirmed, "{confirmed} fit");
    // It can be read meanwhile, and fails again as clearly.
    let check = |store: &Store| {
        let lost: Vec<usize> = (0..confirmed).filter(|number| !is_there(store, *number)).collect();
        assert!(lost.is_empty(), "of {confirmed} confirmed ones these are lost: {lost:?}");
        assert!(!is_there(store, confirmed), "what was refused is not kept");
    };
    check(&store);
    assert!((500..600).contains(&add(&store, confirmed).unwrap_err()));
    drop(store);
    // It can hardly be opened without room. It says so, and nothing is lost by it.
    match Store::open(path) {
        Ok(store) => check(&store),
        Err(StoreError::Full) => {}
        Err(error) => panic!("{error:?}"),
    }
    std::fs::remove_file(other).unwrap();
    let store = Store::open(path).unwrap();
    check(&store);
}

/// Runs this test again by a shell that limits the disk first.
fn run_again(shell: &str, arguments: &str, disk: &Path) -> std::process::Output {
    let test = "exec \"$0\" --exact a_full_disk_is_an_error_and_loses_nothing";
    let script = arguments.replace("TEST", test);
    let mut command = Command::new(shell);
    if shell == "unshare" {
        command.args(["-m", "sh"]);
    }
    command.args(["-c", &script]).arg(std::env::current_exe().unwrap()).env(DISK, disk).output().unwrap()
}

#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    if let Some(disk) = std::env::var_os(DISK) {
        return fill(&PathBuf::from(disk).join("notes.sqlite"));
    }
    let expect_well = |output: std::process::Output| {
        let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        assert!(told.contains("1 passed"), "{told}");
    };
    // No file may become larger than half a mebibyte.
    let folder = tempfile::tempdir().unwrap();
    expect_well(run_again("sh", "trap '' XFSZ; ulimit -f 1024; TEST", folder.path()));
    // A disk of its own, which is full in earnest; root may mount one, where nobody else sees it.
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=768k none \"$PLUGHOLD_SMALL_DISK\" || exit 99; TEST";
    let output = run_again("unshare", mount, folder.path());
    if output.status.success() || output.status.code() == Some(101) {
        expect_well(output);
    } else {
        // Not by the macro: the output of a test that passes would not be shown.
        writeln!(std::io::stderr(), "SKIPPED: a disk of 768 KiB: it takes root to mount one").unwrap();
    }
}

/// They take turns: what one has written the other one sees.
#[test]
fn two_hosts_share_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.sqlite");
    let (one, two) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let write = |store: &Store, numbers: std::ops::Range<usize>| {
        for number in numbers {
            add(store, number).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write(&one, 0..50));
        scope.spawn(|| write(&two, 50..100));
    });
    for store in [&one, &two] {
        assert!((0..100).all(|number| is_there(store, number)));
    }
}
