//! One connection and the task that reads and writes it.

use crate::answer::{Answer, Refusal};
use crate::client::error::{ClientError, ConnectError};
use crate::client::subscription::{Queue, Subscription};
use crate::codec::{self, CodecError};
use crate::message::{ClientMessage, HostMessage};
use crate::record::HostInfo;
use crate::request::{Request, Right};
use crate::{Item, VERSION, limits, peer_of, socket, this_user};
use plughold_wire::Inbox;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};

/// How long a host may take to say who it is: it does so at once, also on a busy machine.
const GREETING: Duration = Duration::from_secs(10);

/// How long one waits before a host whose queue of connections is full is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// A connection that was greeted.
pub(super) struct Connection {
    host: HostInfo,
    right: Right,
    next: AtomicU64,
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    open: Arc<Open>,
}

/// What waits for the host.
#[derive(Default)]
struct Open {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    waiting: HashMap<u64, Waiting>,
    /// Why nothing more comes.
    lost: Option<ClientError>,
}

enum Waiting {
    Answer(oneshot::Sender<Result<Answer, ClientError>>, Option<Arc<Queue>>),
    Items(Arc<Queue>),
}

impl Connection {
    pub(super) async fn open(path: &Path, pid: Option<u32>) -> Result<Arc<Connection>, ConnectError> {
        let unreachable = |source| ConnectError::Unreachable { socket: path.to_owned(), source };
        let stream = connect(path).await.map_err(unreachable)?;
        let mut stream = UnixStream::from_std(stream).map_err(unreachable)?;
        let peer = peer_of(&stream).map_err(unreachable)?;
        let user = this_user();
        if peer.user != user {
            let socket = path.to_owned();
            return Err(ConnectError::Foreign { socket, found: peer.user, expected: user });
        }
        if let Some(expected) = pid.filter(|&pid| Some(pid) != peer.pid) {
            let socket = path.to_owned();
            return Err(ConnectError::Impostor { socket, found: peer.pid, expected });
        }
        let mut inbox = Inbox::new(limits::HOST_MESSAGE);
        let greeted = tokio::time::timeout(GREETING, greet(&mut stream, &mut inbox)).await;
        let (host, right) = greeted.map_err(|_| ConnectError::Silent)??;
        let (outgoing, queue) = mpsc::unbounded_channel();
        let open = Arc::new(Open::default());
        tokio::spawn(run(stream, inbox, queue, open.clone()));
        Ok(Arc::new(Connection { host, right, next: AtomicU64::new(1), outgoing, open }))
    }

    pub(super) fn host(&self) -> &HostInfo {
        &self.host
    }

    pub(super) fn right(&self) -> Right {
        self.right
    }

    pub(super) async fn ask(self: &Arc<Connection>, request: Request) -> Result<Answer, ClientError> {
        let mut interest = self.say(request, None)?;
        let answer = interest.answer().await;
        interest.id = None;
        answer
    }

    pub(super) async fn subscribe<T>(
        self: &Arc<Connection>,
        request: Request,
        read: fn(Item) -> Option<T>,
    ) -> Result<Subscription<T>, ClientError> {
        let queue = Arc::new(Queue::default());
        let mut interest = self.say(request, Some(queue.clone()))?;
        match interest.answer().await? {
            Answer::Begun => {}
            other => return Err(ClientError::unexpected(&other)),
        }
        // From here on the subscription is what is interested.
        let id = interest.id.take().unwrap_or_default();
        Ok(Subscription::new(self.clone(), id, queue, read))
    }

    /// Nobody waits for this any more.
    pub(super) fn forget(&self, id: u64) {
        let was_open = self.open.lock().waiting.remove(&id).is_some();
        if was_open && let Ok(frames) = codec::encode(&ClientMessage::Cancel { id }, limits::CLIENT_MESSAGE) {
            // A connection that has ended has forgotten everything.
            let _ = self.outgoing.send(frames);
        }
    }

    fn say(
        self: &Arc<Connection>,
        request: Request,
        queue: Option<Arc<Queue>>,
    ) -> Result<Interest, ClientError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let frames = codec::encode(&ClientMessage::Ask { id, request }, limits::CLIENT_MESSAGE)?;
        let (reply, answer) = oneshot::channel();
        {
            let mut table = self.open.lock();
            if let Some(lost) = &table.lost {
                return Err(lost.clone());
            }
            table.waiting.insert(id, Waiting::Answer(reply, queue));
        }
        let interest = Interest { connection: self.clone(), id: Some(id), answer };
        self.outgoing.send(frames).map_err(|_| ended())?;
        Ok(interest)
    }
}

/// A wish that was said. Dropped early, it is taken back.
struct Interest {
    connection: Arc<Connection>,
    id: Option<u64>,
    answer: oneshot::Receiver<Result<Answer, ClientError>>,
}

impl Interest {
    async fn answer(&mut self) -> Result<Answer, ClientError> {
        (&mut self.answer).await.unwrap_or_else(|_| Err(ended()))
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.connection.forget(id);
        }
    }
}

impl Open {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, message: HostMessage) -> Result<(), ClientError> {
        match message {
            HostMessage::Answer { id, outcome } => self.answer(id, outcome),
            HostMessage::Item { id, item } => {
                if let Some(Waiting::Items(queue)) = self.lock().waiting.get(&id) {
                    queue.push(item);
                }
            }
            HostMessage::End { id } => {
                if let Some(Waiting::Items(queue)) = self.lock().waiting.remove(&id) {
                    queue.end();
                }
            }
            HostMessage::Refused { refusal } => return Err(ClientError::Lost(refusal.message)),
            HostMessage::Welcome { .. } => {}
        }
        Ok(())
    }

    fn answer(&self, id: u64, outcome: Result<Answer, Refusal>) {
        let mut table = self.lock();
        let Some(Waiting::Answer(reply, queue)) = table.waiting.remove(&id) else { return };
        if let (Ok(Answer::Begun), Some(queue)) = (&outcome, queue) {
            table.waiting.insert(id, Waiting::Items(queue));
        }
        drop(table);
        // Whoever asked may have lost interest.
        let _ = reply.send(outcome.map_err(ClientError::from));
    }

    fn end(&self, error: ClientError) {
        let mut table = self.lock();
        let waiting = std::mem::take(&mut table.waiting);
        table.lost = Some(error.clone());
        drop(table);
        for waiting in waiting.into_values() {
            match waiting {
                Waiting::Answer(reply, _) => drop(reply.send(Err(error.clone()))),
                Waiting::Items(queue) => queue.end(),
            }
        }
    }
}

fn ended() -> ClientError {
    ClientError::Lost("the host has closed it".to_owned())
}

/// Connects, also when many do so at the moment.
async fn connect(path: &Path) -> io::Result<std::os::unix::net::UnixStream> {
    let give_up = Instant::now() + GREETING;
    loop {
        match socket::connect(path) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < give_up => {
                tokio::time::sleep(AGAIN).await;
            }
            connected => return connected,
        }
    }
}

async fn greet(stream: &mut UnixStream, inbox: &mut Inbox) -> Result<(HostInfo, Right), ConnectError> {
    let broken = |error: &dyn std::fmt::Display| ConnectError::Broken(error.to_string());
    let hello = ClientMessage::Hello { version: VERSION, client: env!("CARGO_PKG_NAME").to_owned() };
    let frames = codec::encode(&hello, limits::CLIENT_MESSAGE).map_err(|error| broken(&error))?;
    // One that is refused may have been told so and closed already: what it said is read all the same.
    let _ = stream.write_all(&frames).await;
    loop {
        if let Some(body) = inbox.next().map_err(|error| broken(&error))? {
            return match codec::decode(body).map_err(|error| broken(&error))? {
                HostMessage::Welcome { version, .. } if version != VERSION => {
                    Err(ConnectError::Broken(format!("it speaks version {version} and not {VERSION}")))
                }
                HostMessage::Welcome { host, right, .. } => Ok((host, right)),
                HostMessage::Refused { refusal } => Err(ConnectError::Refused(refusal)),
                _ => Err(ConnectError::Broken("it does not say who it is".to_owned())),
            };
        }
        let count = stream.read(inbox.spare()).await.map_err(|error| broken(&error))?;
        if count == 0 {
            return Err(ConnectError::Broken("it closes the connection".to_owned()));
        }
        inbox.filled(count);
    }
}

/// Reads and writes until the other side or every handle is gone.
async fn run(stream: UnixStream, inbox: Inbox, queue: mpsc::UnboundedReceiver<Vec<u8>>, open: Arc<Open>) {
    let (reading, writing) = stream.into_split();
    let error = tokio::select! {
        error = read(reading, inbox, &open) => error,
        error = write(writing, queue) => error,
    };
    open.end(error);
}

async fn read(mut from: tokio::net::unix::OwnedReadHalf, mut inbox: Inbox, open: &Open) -> ClientError {
    loop {
        loop {
            let heard = match inbox.next() {
                Ok(None) => break,
                Ok(Some(body)) => {
                    codec::decode(body).map_err(ClientError::from).and_then(|message| open.hear(message))
                }
                Err(error) => Err(CodecError::from(error).into()),
            };
            if let Err(error) = heard {
                return error;
            }
        }
        match from.read(inbox.spare()).await {
            Ok(0) => return ended(),
            Ok(count) => inbox.filled(count),
            Err(error) => return ClientError::Lost(error.to_string()),
        }
    }
}

async fn write(
    mut to: tokio::net::unix::OwnedWriteHalf,
    mut queue: mpsc::UnboundedReceiver<Vec<u8>>,
) -> ClientError {
    while let Some(frames) = queue.recv().await {
        if to.write_all(&frames).await.is_err() {
            // Why, is told by what the host said last: it is being read.
            std::future::pending::<()>().await;
        }
    }
    ClientError::Lost("every handle was dropped".to_owned())
}
