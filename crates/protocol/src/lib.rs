//! What a host and a runner say to each other.
//!
//! Nothing here touches a socket, a process or an engine: these are the words, so that both ends, the tools and
//! the tests share one description. `docs/protocol.md` says the same in prose, and a test holds the two together.
//!
//! # Layout
//!
//! - [`message`]: the one enum of messages for both directions, with its encoding
//! - [`record`]: the structures and codes that messages carry
//! - [`value`]: how a JavaScript value is written, and the numbers of the extension types
//! - [`pack`]: a small MessagePack reader and writer, the base of both
//! - [`page`]: the control page, 4 KiB of memory that host and runner share
//! - [`exit`]: the exit codes of a runner and the causes behind them
//! - [`limits`]: every bound, each with its reason
//! - [`spelling`]: did you mean
//! - [`text`]: which characters of a text may do more than be shown, and what is escaped in a URL
//! - [`version`]: the protocol's version and the features that can be negotiated

pub mod exit;
mod field;
pub mod limits;
pub mod message;
pub mod pack;
pub mod page;
pub mod record;
pub mod spelling;
pub mod text;
pub mod value;
pub mod version;

pub use field::DecodeError;
pub use message::{Message, Role};
