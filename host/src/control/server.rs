//! The sockets, and who is let in.

use super::attended::attend;
use super::history::History;
use super::offer::Control;
use super::told;
use crate::service::{Host, WeakHost};
use plughold_control::codec;
use plughold_control::record::HostInfo;
use plughold_control::{
    HostMessage, Refusal, RefusalKind, RegisterError, Registered, Right, limits, peer_of, this_user,
};
use std::io;
use std::os::unix::net::UnixListener as StdListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

/// How long nobody is let in after the system would not do so: it has no descriptors left, and asking again at once
/// would only take time.
const PAUSE: Duration = Duration::from_millis(250);

/// The open control sockets of a host. Dropping it closes them, and the connections with them.
#[derive(Debug)]
pub(crate) struct Server {
    /// Before the sockets are closed nobody can find them any more.
    _registered: Registered,
    tasks: Vec<JoinHandle<()>>,
}

/// What everything needs that is done for clients.
pub(super) struct Desk {
    /// The host, which its clients must not keep.
    pub(super) host: WeakHost,
    pub(super) info: HostInfo,
    pub(super) control: Control,
    pub(super) history: Arc<History>,
    /// Bytes that may wait to be written to all clients together.
    pub(super) room: Arc<Semaphore>,
}

impl Desk {
    pub(super) fn new(control: Control, host: &Host, info: HostInfo) -> Desk {
        let room = Arc::new(Semaphore::new(limits::WAITING_BYTES));
        Desk { host: host.downgrade(), info, control, history: Arc::default(), room }
    }
}

impl Server {
    /// Opens the sockets, and stands in the register until it is dropped.
    pub(crate) fn start(control: Control, host: &Host) -> Result<Server, RegisterError> {
        let name = told::line(&control.name_or_program());
        let folder = control.open_folder()?;
        let (registered, listeners) =
            Registered::new(folder, &name, env!("CARGO_PKG_VERSION"), control.right)?;
        let entry = registered.entry();
        let info =
            HostInfo { name, pid: entry.pid, version: entry.version.clone(), started_ms: entry.started_ms };
        let runtime = host.runtime();
        let _entered = runtime.enter();
        let listeners: Vec<_> = listeners
            .into_iter()
            .map(|(right, listener)| Ok((right, listening(listener)?)))
            .collect::<io::Result<_>>()
            .map_err(|source| RegisterError::Listening { source })?;
        let desk = Arc::new(Desk::new(control, host, info));
        let mut tasks = vec![runtime.spawn(desk.history.clone().keep(host.events()))];
        let places = Arc::new(Semaphore::new(limits::CLIENTS));
        for (right, listener) in listeners {
            tasks.push(runtime.spawn(accept(listener, right, desk.clone(), places.clone())));
        }
        Ok(Server { _registered: registered, tasks })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn listening(listener: StdListener) -> io::Result<UnixListener> {
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// Lets in who may come, until it is aborted: then the connections end with it.
async fn accept(listener: UnixListener, right: Right, desk: Arc<Desk>, places: Arc<Semaphore>) {
    let mut clients = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = clients.join_next() => continue,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Nobody else gets as far as here, unless the folder was opened to others later.
        if !is_of_this_user(&stream) {
            continue;
        }
        let Ok(place) = places.clone().try_acquire_owned() else {
            refuse(&stream, RefusalKind::Busy, format!("{} clients are connected already", limits::CLIENTS));
            continue;
        };
        let desk = desk.clone();
        clients.spawn(async move {
            attend(stream, right, desk).await;
            drop(place);
        });
    }
}

fn is_of_this_user(stream: &UnixStream) -> bool {
    peer_of(stream).is_ok_and(|peer| peer.user == this_user())
}

/// Says why, if the client takes it at once.
fn refuse(stream: &UnixStream, kind: RefusalKind, words: String) {
    let message = HostMessage::Refused { refusal: Refusal::new(kind, words) };
    if let Ok(frames) = codec::encode(&message, limits::HOST_MESSAGE) {
        let _ = stream.try_write(&frames);
    }
}
