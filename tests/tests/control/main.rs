//! The control socket of real hosts: what clients see, what they can do, and what hostile ones cannot.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod hostile;
mod raw;
mod seeing;
mod steering;

use plughold::{Api, Control, Cx, Thrown};
use plughold_control::{Client, Entry, Register, Right};
use plughold_tests::TestHost;
use std::path::PathBuf;
use tempfile::TempDir;

/// A host with a control socket in a folder of its own.
struct Controlled {
    host: TestHost,
    _around: TempDir,
    folder: PathBuf,
}

/// What the application offers: a function that answers, and one that never does.
fn api() -> Api<()> {
    async fn search(_: Cx<()>, word: String) -> Result<usize, Thrown> {
        Ok(word.len())
    }
    async fn wait(cx: Cx<()>) -> Result<(), Thrown> {
        cx.cancelled().await;
        Ok(())
    }
    Api::new(()).function("notes.search", search).function("notes.wait", wait)
}

impl Controlled {
    fn new(control: Control) -> Controlled {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("plughold");
        let control = control.name("tests").folder(&folder);
        let host = TestHost::built(api(), |builder| builder.control(control));
        Controlled { host, _around: around, folder }
    }

    fn entry(&self) -> Entry {
        let found = Register::at(&self.folder).look();
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        found.hosts.into_iter().next().unwrap()
    }

    fn socket(&self, right: Right) -> PathBuf {
        self.entry().socket(right).unwrap().to_owned()
    }

    async fn client(&self, right: Right) -> Client {
        Client::connect(&self.entry(), right).await.unwrap()
    }
}
