//! What is told of hosts, plugins, events, calls and references.
//!
//! Every record may grow: whoever reads one ignores fields that it does not know, and takes the default for those that an
//! older host does not send. Times are whole microseconds or milliseconds, as the field's name says; sizes are bytes.
//! Texts that come from plugins are cleaned of control characters, but are still what a stranger wrote.

mod activity;
mod figures;
mod happening;
mod host;
mod pending;
mod permission;
mod plugin;
mod reference;
mod traced;

pub use activity::Activity;
pub use figures::{CallFigures, CpuFigures, Figures, FunctionFigures, Latency, Queues, Traffic};
pub use happening::{Happening, Level};
pub use host::{Command, HostInfo};
pub use pending::{CallParent, Direction, PendingCall};
pub use permission::Permission;
pub use plugin::{Held, OpenStreams, Plugin, PluginError, State, Timing};
pub use reference::{Holder, Reference, ReferenceKind};
pub use traced::Traced;
