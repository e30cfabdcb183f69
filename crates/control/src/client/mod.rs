//! The asking side.

mod connection;
mod error;
mod subscription;

pub use error::{ClientError, ConnectError};
pub use subscription::{Next, Subscription};

use crate::answer::{Answer, Item};
use crate::record::{
    Command, Figures, Happening, HostInfo, PendingCall, Permission, Plugin, Reference, Traced,
};
use crate::register::Entry;
use crate::request::{Request, Right, Wanted};
use connection::Connection;
use serde_json::Value;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A connection to a running host. Cheap to clone, and for any number of tasks at one time; it ends with the last clone and
/// the last [`Subscription`].
///
/// Every function gives a [`ClientError`]: [`Refused`](ClientError::Refused) with what the host says, or
/// [`Lost`](ClientError::Lost) when the connection has ended. Whoever drops a future before it is done loses interest:
/// what was wished may still happen.
#[derive(Clone)]
pub struct Client {
    connection: Arc<Connection>,
}

impl Client {
    /// Connects to a host of the register, with at least this right. It is made sure that the process which stands in the
    /// register listens there.
    ///
    /// # Errors
    /// The host does not offer it, is gone, is not the one that the register says, or refuses.
    pub async fn connect(entry: &Entry, right: Right) -> Result<Client, ConnectError> {
        let socket = entry.socket(right).ok_or(ConnectError::NotOffered { right })?;
        Client::open(socket, Some(entry.pid), right).await
    }

    /// Connects to the socket of a host, wherever that is, with at least this right.
    ///
    /// # Errors
    /// Nobody listens there, the listener belongs to another user, it refuses, or it does not offer the right.
    pub async fn connect_to(socket: impl AsRef<Path>, right: Right) -> Result<Client, ConnectError> {
        Client::open(socket.as_ref(), None, right).await
    }

    async fn open(socket: &Path, pid: Option<u32>, right: Right) -> Result<Client, ConnectError> {
        let connection = Connection::open(socket, pid).await?;
        if connection.right() < right {
            return Err(ConnectError::NotOffered { right });
        }
        Ok(Client { connection })
    }

    /// The host, as it introduced itself.
    pub fn host(&self) -> &HostInfo {
        self.connection.host()
    }

    /// What the socket allows.
    pub fn right(&self) -> Right {
        self.connection.right()
    }

    /// Asks for anything that is no stream, and gives the answer as it comes.
    pub async fn ask(&self, request: Request) -> Result<Answer, ClientError> {
        self.connection.ask(request).await
    }

    // -- What there is ---------------------------------------------------------------------------------------------------

    /// Every plugin, in the order of the ids.
    pub async fn plugins(&self) -> Result<Vec<Plugin>, ClientError> {
        match self.ask(Request::Plugins).await? {
            Answer::Plugins(plugins) => Ok(plugins),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    /// One plugin.
    pub async fn plugin(&self, plugin: &str) -> Result<Plugin, ClientError> {
        match self.ask(Request::Plugin { plugin: plugin.to_owned() }).await? {
            Answer::Plugin(plugin) => Ok(*plugin),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    /// What a plugin costs, by function.
    pub async fn figures(&self, plugin: &str) -> Result<Figures, ClientError> {
        match self.ask(Request::Figures { plugin: plugin.to_owned() }).await? {
            Answer::Figures(figures) => Ok(*figures),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    /// Each function, object and stream that is held across the border of a plugin's process.
    pub async fn references(&self, plugin: &str) -> Result<Vec<Reference>, ClientError> {
        match self.ask(Request::References { plugin: plugin.to_owned() }).await? {
            Answer::References(references) => Ok(references),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    /// Each call from or to a plugin that is not answered yet.
    pub async fn pending(&self, plugin: &str) -> Result<Vec<PendingCall>, ClientError> {
        match self.ask(Request::Pending { plugin: plugin.to_owned() }).await? {
            Answer::Pending(pending) => Ok(pending),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    /// The JavaScript stack of a busy plugin.
    pub async fn stack(&self, plugin: &str) -> Result<Option<String>, ClientError> {
        match self.ask(Request::Stack { plugin: plugin.to_owned() }).await? {
            Answer::Stack(stack) => Ok(stack),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    /// What a plugin asks for and what it has.
    pub async fn permissions(&self, plugin: &str) -> Result<Vec<Permission>, ClientError> {
        match self.ask(Request::Permissions { plugin: plugin.to_owned() }).await? {
            Answer::Permissions(permissions) => Ok(permissions),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    /// The commands that plugins have registered with the application.
    pub async fn commands(&self) -> Result<Vec<Command>, ClientError> {
        match self.ask(Request::Commands).await? {
            Answer::Commands(commands) => Ok(commands),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    // -- What happens ----------------------------------------------------------------------------------------------------

    /// What has happened and what happens to plugins, logs included.
    pub async fn events(&self, wanted: Wanted) -> Result<Subscription<Happening>, ClientError> {
        self.connection.subscribe(Request::Events { wanted }, happening).await
    }

    /// What plugins have written and write to their consoles: [`events`](Client::events) of the kind `log`.
    pub async fn logs(&self, wanted: Wanted) -> Result<Subscription<Happening>, ClientError> {
        self.events(Wanted { kinds: vec!["log".to_owned()], ..wanted }).await
    }

    /// Each message between the host and a plugin from now on, without what it carries.
    pub async fn trace(&self, plugin: &str) -> Result<Subscription<Traced>, ClientError> {
        self.connection.subscribe(Request::Trace { plugin: plugin.to_owned() }, traced).await
    }

    // -- Steering --------------------------------------------------------------------------------------------------------

    /// Starts a plugin that does not run, and returns when it is active.
    pub async fn start(&self, plugin: &str) -> Result<(), ClientError> {
        self.done(Request::Start { plugin: plugin.to_owned() }).await
    }

    /// Asks a plugin to finish, kills it when it does not, and says how it ended.
    pub async fn stop(&self, plugin: &str) -> Result<String, ClientError> {
        self.ended(Request::Stop { plugin: plugin.to_owned() }).await
    }

    /// Stops a plugin and starts it again.
    pub async fn restart(&self, plugin: &str) -> Result<(), ClientError> {
        self.done(Request::Restart { plugin: plugin.to_owned() }).await
    }

    /// Replaces a plugin by what is in its package now, without a pause.
    pub async fn reload(&self, plugin: &str) -> Result<(), ClientError> {
        self.done(Request::Reload { plugin: plugin.to_owned() }).await
    }

    /// Kills a plugin's process, does not start it again, and says how it ended.
    pub async fn kill(&self, plugin: &str) -> Result<String, ClientError> {
        self.ended(Request::Kill { plugin: plugin.to_owned() }).await
    }

    /// Lets a plugin rest, unless it is in use.
    pub async fn rest(&self, plugin: &str) -> Result<(), ClientError> {
        self.done(Request::Rest { plugin: plugin.to_owned() }).await
    }

    /// Calls a function that a plugin exports.
    pub async fn call(&self, plugin: &str, export: &str, args: Vec<Value>) -> Result<Value, ClientError> {
        let (plugin, export) = (plugin.to_owned(), export.to_owned());
        self.value(Request::Call { plugin, export, args }).await
    }

    /// Executes a command of the application.
    pub async fn execute(&self, command: &str, args: Vec<Value>) -> Result<Value, ClientError> {
        self.value(Request::Execute { command: command.to_owned(), args }).await
    }

    /// Evaluates an expression in a plugin's process.
    pub async fn evaluate(&self, plugin: &str, source: &str) -> Result<Value, ClientError> {
        self.value(Request::Evaluate { plugin: plugin.to_owned(), source: source.to_owned() }).await
    }

    /// Grants a permission that a plugin's manifest asks for.
    pub async fn grant(&self, plugin: &str, permission: &str) -> Result<(), ClientError> {
        let (plugin, permission) = (plugin.to_owned(), permission.to_owned());
        self.done(Request::Grant { plugin, permission }).await
    }

    /// Takes a permission from a plugin, for calls in flight too.
    pub async fn revoke(&self, plugin: &str, permission: &str) -> Result<(), ClientError> {
        let (plugin, permission) = (plugin.to_owned(), permission.to_owned());
        self.done(Request::Revoke { plugin, permission }).await
    }

    async fn done(&self, request: Request) -> Result<(), ClientError> {
        match self.ask(request).await? {
            Answer::Done => Ok(()),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    async fn ended(&self, request: Request) -> Result<String, ClientError> {
        match self.ask(request).await? {
            Answer::Ended { exit, .. } => Ok(exit),
            other => Err(ClientError::unexpected(&other)),
        }
    }

    async fn value(&self, request: Request) -> Result<Value, ClientError> {
        match self.ask(request).await? {
            Answer::Value(value) => Ok(value),
            other => Err(ClientError::unexpected(&other)),
        }
    }
}

fn happening(item: Item) -> Option<Happening> {
    match item {
        Item::Happening(happening) => Some(happening),
        _ => None,
    }
}

fn traced(item: Item) -> Option<Traced> {
    match item {
        Item::Traced(traced) => Some(traced),
        _ => None,
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Client({} {})", self.host().name, self.host().pid)
    }
}
