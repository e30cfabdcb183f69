//! `plughold check` on the worst manifests that people write, copy, convert and merge: each answer has to be clear to
//! somebody who has never seen Plughold before.

mod others;
mod ours;
mod text;

use crate::support::{folder, plughold_in};
use expect_test::Expect;
use std::fs;

#[track_caller]
fn check(files: &[(&str, &[u8])], expected: Expect) {
    let folder = folder(&[]);
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let ran = plughold_in(folder.path(), &["check", "p"]);
    expected.assert_eq(&ran.text());
}

/// A folder with this `plughold.json` and a script.
#[track_caller]
fn check_native(manifest: &str, expected: Expect) {
    check(&[("p/plughold.json", manifest.as_bytes()), ("p/main.js", b"")], expected);
}
