//! For the tests of applications with plugins.
//!
//! A [`TestHost`] is a host for one test: its plugins are given as text, its events can be waited for, and it ends with
//! [`finish`](TestHost::finish), which fails the test if anything is left: a function of a plugin that the application
//! still holds, a stream that nobody has ended, a process that still runs, a plugin that had to be killed.
//!
//! ```no_run
//! use plughold::{Api, CallError, Cx, Thrown};
//! use plughold_testing::TestHost;
//!
//! async fn greet(_: Cx<()>, name: String) -> Result<String, Thrown> {
//!     Ok(format!("Hello {name}"))
//! }
//!
//! # macro_rules! env { ($name:literal) => { "target/debug/notes" }; }
//! #[tokio::test]
//! # async fn unused() {}
//! async fn a_plugin_greets() {
//!     let api = Api::new(()).function("greet", greet);
//!     // The application's own executable, which begins with `plughold::runner::run_if_asked()`.
//!     let runner = env!("CARGO_BIN_EXE_notes");
//!     let mut host = TestHost::built(api, |builder| builder.runner(runner));
//!     let plugin = host.load("hello", "export const hello = (name) => app.greet(name);").await;
//!     assert_eq!(plugin.call::<_, String>("hello", ("Ann",)).await, Ok("Hello Ann".to_owned()));
//!     host.finish().await;
//! }
//! ```
//!
//! Cargo sets `CARGO_BIN_EXE_notes` for the tests in a package's folder `tests`, and not for those beside the code.
//!
//! Nothing here sleeps: what takes time is awaited, and given up with words for a person after [`PATIENCE`]. A test
//! fails by panicking, so these functions panic.
//!
//! # Layout
//!
//! - [`host`]: a host for one test, and the guard at its end
//! - [`baseline`]: what this process has, before and after
//! - [`events`]: what has happened, as a log in which one can wait
//! - [`references`]: the counter of live references
//! - [`streams`]: the counter of open streams
//! - [`process`]: processes that are watched until they are gone
//! - [`waiting`]: patience, and where it ends
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

pub mod baseline;
pub mod events;
pub mod host;
pub mod process;
pub mod references;
pub mod streams;
pub mod waiting;

pub use baseline::{Baseline, Leftovers};
pub use events::EventLog;
pub use host::{TestHost, quick_limits};
pub use process::Watched;
pub use references::LiveReferences;
pub use streams::LiveStreams;
pub use waiting::{PATIENCE, eventually, eventually_within, patiently};
