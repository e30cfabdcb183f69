//! docs/embedding.md shows the example that is compiled here, and the example does what the page says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = include_str!("../../docs/embedding.md");
const EXAMPLE: &str = include_str!("../examples/notes.rs");
const COMMANDS: &str = include_str!("../examples/commands.rs");
const REFERENCES: &str = include_str!("../examples/references.rs");
const STREAMS: &str = include_str!("../examples/streams.rs");
const TOGETHER: &str = include_str!("../examples/together.rs");

/// The code block that begins with `opening`.
fn block(opening: &str) -> &'static str {
    let (_, rest) =
        PAGE.split_once(&format!("```{opening}\n")).unwrap_or_else(|| panic!("no block {opening}"));
    rest.split_once("```").unwrap().0
}

/// An example's executable, which `cargo test` builds beside the tests.
fn example(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().and_then(Path::parent).unwrap().join("examples").join(name)
}

#[test]
fn the_page_shows_the_example() {
    let (_, code) = EXAMPLE.split_once("\n\n").unwrap();
    assert_eq!(block("rust file=host/examples/notes.rs"), code);
    let (_, code) = COMMANDS.split_once("\n\n").unwrap();
    assert_eq!(block("rust file=host/examples/commands.rs"), code);
    let (_, code) = REFERENCES.split_once("\n\n").unwrap();
    assert_eq!(block("rust file=host/examples/references.rs"), code);
    let (_, code) = STREAMS.split_once("\n\n").unwrap();
    assert_eq!(block("rust file=host/examples/streams.rs"), code);
    let (_, code) = TOGETHER.split_once("\n\n").unwrap();
    assert_eq!(block("rust file=host/examples/together.rs"), code);
}

#[test]
fn the_example_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("polite.js"), block("js file=polite.js")).unwrap();
    let output = Command::new(example("notes"))
        .arg(folder.path())
        .output()
        .expect("cargo build -p plughold --example notes");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block("text"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_example_tells_what_cannot_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, expected: &str| {
        let output = Command::new(example("notes")).arg(path).output().unwrap();
        let told =
            String::from_utf8_lossy(&output.stdout).replace(&folder.path().display().to_string(), "TMP");
        assert_eq!(told, expected);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    check(
        &folder.path().join("absent"),
        "TMP/absent is not a plugin that can be loaded\n\
         absent: cannot read the folder of plugins: No such file or directory (os error 2)\n",
    );
    std::fs::write(folder.path().join("bad.js"), "/* plughold: { \"nmae\": \"Bad\" } */").unwrap();
    check(
        folder.path(),
        "TMP/bad.js is not a plugin that can be loaded\n\
         bad.js:1:16: unknown key \"nmae\"\n  help: did you mean \"name\"?\n",
    );
}

#[test]
fn the_example_of_streams_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("shout.js");
    std::fs::write(&plugin, block("js file=shout.js")).unwrap();
    let output = Command::new(example("streams"))
        .arg(plugin)
        .output()
        .expect("cargo build -p plughold --example streams");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block("text of=streams"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_example_of_references_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("harbour.js");
    std::fs::write(&plugin, block("js file=harbour.js")).unwrap();
    let output = Command::new(example("references")).arg(plugin).output();
    let output = output.expect("cargo build -p plughold --example references");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block("text of=references"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_example_of_plugins_that_use_each_other_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    for plugin in ["captain.js", "crew.js", "cook.js"] {
        std::fs::write(folder.path().join(plugin), block(&format!("js file={plugin}"))).unwrap();
    }
    let output = Command::new(example("together")).arg(folder.path()).output();
    let output = output.expect("cargo build -p plughold --example together");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block("text of=together"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_example_of_what_plugins_register_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    for plugin in ["visits.js", "rival.js"] {
        std::fs::write(folder.path().join(plugin), block(&format!("js file={plugin}"))).unwrap();
    }
    let output = Command::new(example("commands")).arg(folder.path()).output();
    let output = output.expect("cargo build -p plughold --example commands");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block("text of=commands"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
