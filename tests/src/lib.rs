//! What the end-to-end tests share: a host with real runners and a folder of its own.
//!
//! ```no_run
//! # async fn example() {
//! use plughold::Api;
//! use plughold_tests::TestHost;
//!
//! let mut host = TestHost::new(Api::new(()));
//! let adder = host.load("adder", "export function add(a, b) { return a + b }").await;
//! assert_eq!(adder.call::<_, u32>("add", (1, 2)).await, Ok(3));
//! host.finish().await;
//! # }
//! ```
//!
//! The host and the guard at its end are those of `plughold-testing`, which embedders use as well.
//!
//! # Layout
//!
//! - [`host`]: a host for one test, with the honest runner
//! - [`mod@alone`]: tests that have their process to themselves
//! - [`load`]: plugins under load, for tests that end their processes meanwhile
//! - [`ordinary`]: the same tests again as an ordinary user
//! - [`process`]: processes and descriptors, counted
//! - [`program`](mod@program): where the binaries of this package are
//! - [`random`]: numbers that can be repeated, and how many rounds a test makes
//! - [`sources`]: tests by name, for documents that name them
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

pub mod alone;
pub mod host;
pub mod load;
pub mod ordinary;
pub mod process;
pub mod program;
pub mod random;
pub mod sources;

pub use alone::{alone, run_alone};
pub use host::{TestHost, with_misbehaving_runner};
pub use load::Load;
pub use plughold_testing::{
    Baseline, LiveReferences, LiveStreams, PATIENCE, Watched, eventually, patiently, quick_limits,
};
pub use process::{children, open_descriptors};
pub use program::program;
pub use random::{Random, rounds};
pub use sources::{missing_test, repository};
