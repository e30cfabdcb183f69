//! docs/embedding.md shows the example that is compiled here, and the example does what the page says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = include_str!("../../docs/embedding.md");
const EXAMPLE: &str = include_str!("../examples/notes.rs");

/// The code block that begins with `opening`.
fn block(opening: &str) -> &'static str {
    let (_, rest) =
        PAGE.split_once(&format!("```{opening}\n")).unwrap_or_else(|| panic!("no block {opening}"));
    rest.split_once("```").unwrap().0
}

/// The example's executable, which `cargo test` builds beside the tests.
fn example() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().and_then(Path::parent).unwrap().join("examples/notes")
}

#[test]
fn the_page_shows_the_example() {
    let (_, code) = EXAMPLE.split_once("\n\n").unwrap();
    assert_eq!(block("rust file=host/examples/notes.rs"), code);
}

#[test]
fn the_example_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("polite.js"), block("js file=polite.js")).unwrap();
    let output =
        Command::new(example()).arg(folder.path()).output().expect("cargo build -p plughold --example notes");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block("text"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
