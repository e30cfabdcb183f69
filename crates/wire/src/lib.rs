//! How it is said: messages as frames on a byte stream, and the scan that values pass before anybody decodes them.
//!
//! Nothing here does I/O: a host feeds and drains these types from tokio, a runner from two blocking calls, and a test
//! from a slice.
//!
//! # Layout
//!
//! - [`frame`]: the head of a frame
//! - [`outbox`]: messages on their way out, in lanes, written together
//! - [`inbox`]: messages on their way in, whole and bounded
//! - [`scan`](mod@scan): the iterative walk over a value that finds its references and its bombs
//! - [`window`]: how many calls may be in flight
//! - [`references`]: who holds what of whom, counted; [`slab`]: ids that are never used again
//! - [`testing`]: a scripted and a faulty peer

pub mod frame;
pub mod inbox;
pub mod outbox;
pub mod references;
pub mod scan;
pub mod slab;
pub mod testing;
pub mod window;

pub use frame::FrameError;
pub use inbox::Inbox;
pub use outbox::Outbox;
pub use references::{Exports, Imports};
pub use scan::{Bounds, Reference, Scan, ScanError, scan, scan_arguments};
pub use slab::Slab;
pub use window::Window;
