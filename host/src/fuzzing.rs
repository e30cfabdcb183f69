//! What the fuzz targets need of the inside, and nobody else: values as they come from a runner, without a runner.

use crate::launch::ControlPage;
use crate::live::{Function, Object, Thing};
use crate::permissions::Access;
use crate::session::{Session, SessionParts};
use crate::value::{self, Incoming, forward};
use crate::{Cx, Exit, Limits, PluginId, Thrown, text};
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use plughold_wire::{Bounds, scan, scan_arguments};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use tokio::runtime::Handle;

/// A session whose runner says nothing.
#[derive(Debug)]
pub struct Peer {
    session: Arc<Session>,
    _runner: UnixStream,
    /// A function and an object of the application that the plugin holds.
    held: [u64; 2],
}

/// A value that was scanned, and whose references are handles.
#[derive(Debug)]
pub struct Received(Incoming);

async fn nothing(_: Cx<()>) -> Result<(), Thrown> {
    Ok(())
}

impl Peer {
    /// A session of a plugin that holds a function and an object of the application.
    ///
    /// # Errors
    /// The operating system has no sockets or no memory left.
    pub fn new(runtime: &Handle) -> io::Result<Peer> {
        let _runtime = runtime.enter();
        let (host, runner) = UnixStream::pair()?;
        host.set_nonblocking(true)?;
        let (page, _) = ControlPage::create()?;
        let plugin = PluginId::native("fuzzed").map_err(io::Error::other)?;
        let session = Session::new(SessionParts {
            access: Access::of_nothing(&plugin),
            plugin,
            generation: 1,
            pid: std::process::id(),
            limits: Limits::default(),
            runtime: runtime.clone(),
            stream: Arc::new(Stream::try_from(OwnedFd::from(host)).map_err(io::Error::other)?),
            page: Arc::new(page),
            waiting: Arc::default(),
            lineage: Arc::default(),
        });
        let object = Object::builder("Thing", ()).method("run", nothing).accessor("size", nothing).build();
        let things = [Thing::Function(Function::new((), nothing)), Thing::Object(object)];
        let mut held = [0; 2];
        for (place, thing) in held.iter_mut().zip(&things) {
            let exported = session.exports().export(thing).map_err(io::Error::other)?;
            *place = exported.id();
            exported.sent();
        }
        Ok(Peer { session, _runner: runner, held })
    }

    /// The event IDs of a function and an object that may come home.
    pub fn held(&self) -> [u64; 2] {
        self.held
    }

    /// Scans a value of the plugin and makes handles of its references.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn receive(&self, bytes: &[u8]) -> Result<Received, String> {
        let (found, arguments) = match scan_arguments(bytes, &Bounds::default()) {
            Ok(scanned) => scanned,
            Err(_) => (scan(bytes, &Bounds::default()).map_err(|error| error.to_string())?, Vec::new()),
        };
        self.session.check_references(&found.references)?;
        let scope = self.session.scope(bytes, &found.references, crate::figures::Place::default)?;
        Ok(Received(Incoming::new(bytes, scope, arguments)))
    }

    /// A value as it goes back to the plugin without having been decoded.
    ///
    /// # Errors
    /// Why it cannot be sent, in words.
    pub fn forward(&self, value: Received) -> Result<Vec<u8>, String> {
        let rewritten =
            forward::rewrite(value.0, self.session.exports()).map_err(|error| error.to_string())?;
        Ok(rewritten.bytes)
    }

    /// A value as it goes to the plugin.
    ///
    /// # Errors
    /// Why it cannot be sent, in words.
    pub fn encode<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, String> {
        // As an argument, because only these may have a signal; the value is what follows the head of the array.
        let encoded = value::encode_arguments(&(value,), self.session.exports());
        Ok(encoded.map_err(|error| error.to_string())?.bytes.split_off(1))
    }

    /// What the host holds of the plugin.
    pub fn held_by_host(&self) -> u32 {
        self.session.references().imported
    }

    /// What the plugin holds of the host.
    pub fn held_by_plugin(&self) -> u32 {
        self.session.references().exported
    }
}

/// Attends to a client of the control socket until it is gone or was told to go.
#[cfg(feature = "control")]
pub async fn attend(host: &crate::Host, control: crate::Control, client: tokio::net::UnixStream) {
    crate::control::attend_alone(host, control, client).await;
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.session.end(Exit::Unknown);
    }
}

impl Received {
    /// Decodes it.
    ///
    /// # Errors
    /// Where it is something else, in words.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, String> {
        self.0.decode().map_err(|error| error.to_string())
    }

    /// Decodes one argument, if it is an array of arguments.
    ///
    /// # Errors
    /// Where it is something else, in words.
    pub fn argument<T: DeserializeOwned>(&self, index: usize) -> Result<T, String> {
        self.0.argument(index)
    }

    /// What the application hears when a plugin throws it.
    pub fn thrown(self) -> Thrown {
        let (bytes, _) = self.0.into_parts();
        Thrown::whole(&bytes).cleaned()
    }
}

/// One line of a plugin's text, as it is shown.
pub fn clean_line(text: &str, max: usize) -> String {
    text::clean_line(text, max)
}

/// Lines of a plugin's text, as they are shown.
pub fn clean_block(text: &str) -> String {
    text::clean_block(text)
}
