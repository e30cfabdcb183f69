//! Every bound of the control socket, with its reason. A client is as hostile as a plugin: it may be any program of the
//! user.

use std::time::Duration;

/// Clients of one host, on both sockets together. A person has a few terminals open; more is a program in a loop.
pub const CLIENTS: usize = 32;

/// Requests of one client that are not answered yet, subscriptions among them. More are refused, and the client goes on.
pub const IN_FLIGHT: usize = 64;

/// Requests a second of one client. Beyond it the client is read less often, so that it slows only itself.
pub const REQUEST_RATE: u64 = 200;

/// The longest message of a client, in bytes: the arguments of a call are the largest thing in it.
pub const CLIENT_MESSAGE: usize = 1 << 20;

/// The longest message of a host, in bytes: the details of a plugin with very many references. What would be longer is
/// refused.
pub const HOST_MESSAGE: usize = 16 << 20;

/// Bytes of long messages that wait to be written to all clients of a host together. A client whose answer has no room is
/// told so instead: short messages need none.
pub const WAITING_BYTES: usize = 4 * HOST_MESSAGE;

/// The longest message that needs no room among those bytes: a greeting, a refusal, the end of a stream. So each wish is
/// answered, whatever others have not read; and [`OUTGOING`] alone bounds how many there are.
pub const SHORT_MESSAGE: usize = 4 << 10;

/// Bytes of one text in an answer, such as a name or a place. The rest of a longer one is cut.
pub const TEXT: usize = 256;

/// Levels of nesting in one message. Two more than a plugin's values have, for the envelope around them.
pub const DEPTH: usize = plughold_protocol::limits::DEPTH + 8;

/// Elements, keys and values of one message together.
pub const NODES: usize = 500_000;

/// Messages to one client that wait to be written. A client that does not read its answers is not read any more; of a
/// subscription it loses the oldest items, and is told how many.
pub const OUTGOING: usize = 64;

/// Until a client has said who it is. Otherwise silent connections would take all places.
pub const GREETING: Duration = Duration::from_secs(5);

/// Bytes of a name: an id, an export, a command, a permission.
pub const NAME: usize = plughold_protocol::limits::NAME;

/// Arguments of one call.
pub const ARGUMENTS: usize = 64;

/// Happenings that are kept for each plugin, for whoever asks later what happened.
pub const KEPT: usize = 256;

/// Bytes of their text for each plugin.
pub const KEPT_BYTES: usize = 128 << 10;

/// Plugins whose happenings are kept. Beyond it those of the one that was silent longest are forgotten.
pub const KEPT_PLUGINS: usize = 512;

/// The longest file of the register that is read, in bytes. A real one has 500.
pub const ENTRY: u64 = 16 << 10;

/// Hosts of one folder that are looked at.
pub const HOSTS: usize = 1_024;
