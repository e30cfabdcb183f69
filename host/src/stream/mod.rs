//! Streams between the application and its plugins.
//!
//! Whoever reads gives credit: the first when it begins to read, more as it takes chunks. So nothing is asked of a source
//! that nobody reads, and what is on its way is bounded by [`STREAM_WINDOW`](plughold_protocol::limits::STREAM_WINDOW).
//!
//! - [`Stream`], [`ByteStream`]: what a plugin sends; [`Reading`] is the handle behind them
//! - [`Source`]: what a plugin is sent; `pump` is the task that sends it, `relay` what goes from one plugin to another
//! - `table`: the open streams of one session, and the rules that its plugin has to keep

mod bytes;
mod incoming;
mod messages;
mod pump;
mod reading;
pub(crate) mod relay;
mod room;
mod source;
mod table;

pub use bytes::ByteStream;
pub use incoming::Stream;
pub use source::Source;

pub(crate) use messages::{IsFree, handle};
pub(crate) use reading::Reading;
pub(crate) use source::Outgoing;
pub(crate) use table::{Opened, Streams};
