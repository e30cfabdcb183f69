//! What holds whatever comes in.
//!
//! Everything that Plughold reads was written by somebody who may mean harm: a runner, a package, a source map. For each
//! kind of input there is a module here with one function, `check`, which takes any bytes and panics if a promise is
//! broken: not only that nothing crashes, but what was read, how much memory and time that took, and that what is wrong
//! is told with a place where it can be found.
//!
//! The fuzz targets call these functions with what libFuzzer invents; the test `corpus` calls them with what it found
//! before, in an ordinary build.
//!
//! # Layout
//!
//! - [`frames`], [`messages`], [`values`], [`control_page`]: what a runner says
//! - [`manifests`], [`archives`], [`discovery`]: what stands in a folder of plugins
//! - [`control`]: what a client of the control socket says
//! - [`source_maps`]: what a plugin tells its own runner
//! - `effort`: bounds of memory and time; `heap`: how the memory is counted
//! - `packages`: what holds for everything that was opened or refused; `folder`: a folder in memory
//! - `reference`: the scan of values once more, as simple as can be
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a property fails by panicking")]

pub mod archives;
pub mod control;
pub mod control_page;
pub mod discovery;
mod effort;
mod folder;
pub mod frames;
mod heap;
pub mod manifests;
pub mod messages;
mod packages;
#[path = "../../../../crates/wire/tests/scan/reference.rs"]
mod reference;
pub mod source_maps;
pub mod values;

/// Takes any bytes, and panics if a promise is broken.
pub type Check = fn(&[u8]);

/// Every target by its name: that of its program, and of its folder in the corpus.
pub const TARGETS: &[(&str, Check)] = &[
    ("archives", archives::check),
    ("control", control::check),
    ("control_page", control_page::check),
    ("discovery", discovery::check),
    ("frames", frames::check),
    ("manifests", manifests::check),
    ("messages", messages::check),
    ("source_maps", source_maps::check),
    ("values", values::check),
];
