//! The control socket of a host: other programs of the same user see its plugins and, where that is offered, steer them.
//!
//! - [`Control`]: what a host offers; [`CommandError`]: why a command of the application gave no result
//! - `server`: the sockets, and who is let in; `attended`: one client; `outgoing`: what waits for it
//! - `wishes`: what is done for a request; `told`: how plugins are described; `trace`: the messages of one plugin
//! - `happenings`: events as they are told; `history`: those that are kept, and those that follow

mod attended;
mod happenings;
mod history;
mod offer;
mod outgoing;
mod server;
mod told;
mod trace;
mod wishes;

pub use offer::{CommandError, Control};
pub(crate) use server::Server;

/// Attends to one client without a socket in a folder; for the fuzz targets.
pub(crate) async fn attend_alone(host: &crate::Host, control: Control, stream: tokio::net::UnixStream) {
    let right = control.right;
    let desk = server::Desk::new(control, host, plughold_control::record::HostInfo::default());
    attended::attend(stream, right, std::sync::Arc::new(desk)).await;
}
