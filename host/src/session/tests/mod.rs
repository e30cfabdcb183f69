//! Sessions against runners by hand: no process, but the real task on a real socket.

mod answers;
mod attacks;
mod bounds;
mod chains;
mod costs;
mod dropped;
mod handover;
mod limits;
mod parents;
mod streams;

use crate::api::{Functions, Table};
use crate::events::{EventSender, Events};
use crate::launch::ControlPage;
use crate::permissions::Access;
use crate::services::Services;
use crate::session::connection::{Connection, Signal};
use crate::session::greeting::{Greeting, Secrets};
use crate::session::waiting::Waiting;
use crate::session::{Ending, Session, SessionParts};
use crate::{Api, Exit, Limits, Package, PluginId};
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use plughold_protocol::message::Message;
use plughold_protocol::record::{Level, Outcome, Target};
use plughold_protocol::version;
use plughold_wire::testing::ScriptedPeer;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

const TOKEN: [u8; 16] = [7; 16];

/// No arguments, and no result.
const NO_ARGS: &[u8] = &[0x90];
const NIL: &[u8] = &[0xc0];

/// A host for sessions without processes.
struct Bench {
    table: Arc<Table>,
    waiting: Arc<Waiting>,
    limits: Limits,
}

/// A session, and the other end of its socket.
struct Rig {
    session: Arc<Session>,
    runner: ScriptedPeer<UnixStream>,
    connection: JoinHandle<Ending>,
    events: Events,
    /// Nobody may drop it while the session lives.
    signals: mpsc::UnboundedReceiver<Signal>,
    last_id: u64,
}

impl Bench {
    fn new<S: Send + Sync + 'static>(api: Api<S>) -> Bench {
        let table = Arc::new(Table::new(api).unwrap());
        Bench { table, waiting: Arc::default(), limits: Limits::default() }
    }

    /// A session of the plugin `id` that has been greeted.
    fn rig(&self, id: &str) -> Rig {
        self.rig_with(id, version::IMPLEMENTED)
    }

    /// The same with a runner that has these features.
    fn rig_with(&self, id: &str, features: &[&'static str]) -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join(format!("{id}.js"));
        std::fs::write(&script, "").unwrap();
        let package = Arc::new(Package::open(&script).unwrap());
        let (host, runner) = UnixStream::pair().unwrap();
        runner.set_read_timeout(Some(PATIENCE)).unwrap();
        host.set_nonblocking(true).unwrap();
        let stream = Arc::new(Stream::try_from(OwnedFd::from(host)).unwrap());
        let (page, _) = ControlPage::create().unwrap();
        let session = Session::new(SessionParts {
            plugin: PluginId::native(id).unwrap(),
            generation: 1,
            pid: std::process::id(),
            limits: self.limits.clone(),
            runtime: Handle::current(),
            stream: stream.clone(),
            page: Arc::new(page),
            waiting: self.waiting.clone(),
            lineage: Arc::default(),
            access: Access::of_nothing(&package.id),
        });
        let events = EventSender::new();
        let (sender, signals) = mpsc::unbounded_channel();
        let connection = Connection {
            session: session.clone(),
            stream,
            package: package.clone(),
            functions: Arc::new(Functions::new(self.table.clone())),
            services: Services::alone(&package, 1),
            events: events.clone(),
            signals: sender,
            batches: Arc::default(),
        };
        let mut runner = ScriptedPeer::new(runner);
        let welcome = Message::Welcome {
            protocol: version::CURRENT,
            features: features.to_vec(),
            token: &TOKEN,
            engine: "none",
            version: "0.0.0",
        };
        runner.send_all(&[welcome, Message::Locked { level: Level::D, layers: vec![] }]).unwrap();
        Rig {
            session,
            runner,
            connection: tokio::spawn(
                connection.run(Greeting::new(Secrets { token: TOKEN, ..Secrets::default() })),
            ),
            events: events.subscribe(),
            signals,
            last_id: 0,
        }
    }
}

impl Rig {
    /// The plugin calls, on behalf of a call to it. Gives the id.
    fn call(&mut self, target: Target, args: &[u8], parent: Option<u64>, blocking: bool) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        let call = Message::Call { id, target, args, deadline_us: None, parent, blocking, trace: None };
        self.runner.send(&call).unwrap();
        id
    }

    fn answer(&mut self, id: u64) {
        self.runner.send(&Message::Return { id, outcome: Outcome::Returned(NIL), spent_us: 0 }).unwrap();
    }

    /// The next message, shown in a few words, and its id. Waits for it.
    async fn next(&mut self) -> Said {
        let body = tokio::task::block_in_place(|| self.runner.receive()).unwrap();
        Said::of(&body.expect("the host closed the socket"))
    }

    /// Waits for a message from the host that was caused after everything before was handled, and gives all that came
    /// before it.
    async fn rest(&mut self) -> Vec<Said> {
        self.runner.send(&Message::Ping { nonce: 99 }).unwrap();
        let mut said = Vec::new();
        loop {
            match self.next().await {
                Said::Pong => return said,
                other => said.push(other),
            }
        }
    }

    /// The process is gone: what the supervisor does then.
    async fn die(&mut self) {
        self.runner.stream().shutdown(std::net::Shutdown::Both).unwrap();
        assert_eq!((&mut self.connection).await.unwrap(), Ending::Closed);
        self.session.end(Exit::Signal(9));
    }
}

/// What the host has said.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Call { id: u64, parent: Option<u64>, deadline_us: Option<u64> },
    Returned { id: u64 },
    Threw { id: u64, words: String, code: Option<String> },
    Cancel { id: u64 },
    Pong,
    Other(&'static str),
}

impl Said {
    fn of(body: &[u8]) -> Said {
        match Message::decode(body).unwrap() {
            Message::Call { id, parent, deadline_us, .. } => Said::Call { id, parent, deadline_us },
            Message::Return { id, outcome: Outcome::Returned(_), .. } => Said::Returned { id },
            Message::Return { id, outcome: Outcome::Threw(bytes), .. } => {
                let thrown = crate::Thrown::from_value(bytes);
                Said::Threw { id, words: thrown.to_string(), code: thrown.code }
            }
            Message::Cancel { id, .. } => Said::Cancel { id },
            Message::Pong { .. } => Said::Pong,
            other => Said::Other(other.name()),
        }
    }

    /// The id of a call.
    #[track_caller]
    fn id(&self) -> u64 {
        match self {
            Said::Call { id, .. } => *id,
            other => panic!("{other:?} instead of a call"),
        }
    }
}

/// Arguments with one function of the plugin, under this event ID.
fn with_function(id: u64) -> Vec<u8> {
    let mut args = vec![0x91, 0xd7, plughold_protocol::value::FUNCTION as u8];
    args.extend(id.to_le_bytes());
    args
}

async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
