//! The control socket: how another program sees and steers a running host.
//!
//! A host that offers it listens on up to two sockets of the same user, one with the right to read and one with the right
//! to steer as well, and stands in a register that every program of that user can read. `docs/control.md` says the same
//! in prose, and a test holds the two together.
//!
//! ```no_run
//! use plughold_control::{Client, Register, Right};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! for entry in Register::of_this_user().look().hosts {
//!     let client = Client::connect(&entry, Right::Read).await?;
//!     for plugin in client.plugins().await? {
//!         println!("{} {} {}", client.host().name, plugin.id, plugin.state.word());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//!
//! - [`message`]: what goes over the socket; [`request`]: what may be asked, and [`answer`]: what comes of it
//! - [`record`]: what is told of hosts, plugins, events, calls and references
//! - [`codec`]: messages as frames and back
//! - [`Client`]: the asking side, for any number of tasks
//! - [`Register`]: the hosts that run, and the folder in which they say so
//! - [`limits`]: every bound, with its reason

pub mod answer;
mod client;
pub mod codec;
pub mod limits;
pub mod message;
pub mod record;
mod register;
pub mod request;
mod socket;
mod user;

pub use answer::{Answer, Item, Refusal, RefusalKind};
pub use client::{Client, ClientError, ConnectError, Next, Subscription};
pub use message::{ClientMessage, HostMessage};
pub use register::{Entry, Folder, FolderError, Listing, Register, RegisterError, Registered};
pub use request::{Request, Right, Wanted};
pub use socket::SocketError;
pub use user::{Peer, peer_of, this_user};

/// The version of what is said. It grows when an old peer could not make sense of a new one; requests, records, fields
/// and kinds of events may be added without it.
pub const VERSION: u32 = 1;
