//! One client, from its first word to its last. It may be any program of the user, and may say anything.

use super::outgoing::{Ended, Outgoing, write};
use super::server::Desk;
use super::{told, trace, wishes};
use crate::clock;
use crate::session::rate::Bucket;
use plughold_control::codec::{self, CodecError};
use plughold_control::message::UnknownAsk;
use plughold_control::{
    Answer, ClientMessage, HostMessage, Refusal, RefusalKind, Request, Right, VERSION, limits,
};
use plughold_wire::Inbox;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

/// How long a client is not read that asks too often.
const PAUSE: Duration = Duration::from_millis(50);

/// How long what was said last may take to leave, such as why the connection ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// Attends to a client until it is gone, breaks the rules, or the host is.
pub(super) async fn attend(stream: UnixStream, right: Right, desk: Arc<Desk>) {
    let (reading, writing) = stream.into_split();
    let (outgoing, waiting) = Outgoing::new(desk.room.clone());
    let mut attended = Attended {
        reading,
        inbox: Inbox::new(limits::CLIENT_MESSAGE),
        outgoing,
        right,
        desk,
        rate: Bucket::new(limits::REQUEST_RATE, clock::now()),
        open: HashMap::new(),
        wishes: JoinSet::new(),
    };
    let mut writing = std::pin::pin!(write(writing, waiting));
    let ending = tokio::select! {
        ending = attended.listen() => ending,
        () = &mut writing => return,
    };
    // What is in flight ends here: with the last who has something to say, the writing ends.
    let outgoing = attended.outgoing.clone();
    drop(attended);
    let farewell = async {
        if let Ending::Refused(refusal) = ending {
            let _ = outgoing.say(&HostMessage::Refused { refusal }).await;
        }
        drop(outgoing);
    };
    let _ = tokio::time::timeout(FAREWELL, async { tokio::join!(farewell, writing) }).await;
}

struct Attended {
    reading: OwnedReadHalf,
    inbox: Inbox,
    outgoing: Outgoing,
    right: Right,
    desk: Arc<Desk>,
    rate: Bucket,
    /// What is in flight, by the client's numbers.
    open: HashMap<u64, AbortHandle>,
    /// The work on it.
    wishes: JoinSet<()>,
}

/// What a client has said.
enum Heard {
    Message(ClientMessage),
    /// A wish that this host does not know, and what is wrong with it.
    Unknown(u64, String),
}

/// Why a client is not attended to any more.
enum Ending {
    /// It has gone.
    Gone,
    /// It is told why.
    Refused(Refusal),
}

impl From<Ended> for Ending {
    fn from(_: Ended) -> Ending {
        Ending::Gone
    }
}

impl From<CodecError> for Ending {
    fn from(error: CodecError) -> Ending {
        malformed(error.to_string())
    }
}

impl Attended {
    async fn listen(&mut self) -> Ending {
        let greeted = tokio::time::timeout(limits::GREETING, self.greet()).await;
        match greeted {
            Ok(Ok(())) => {}
            Ok(Err(ending)) => return ending,
            Err(_) => return malformed("no greeting in time".to_owned()),
        }
        loop {
            let ended = match self.hear().await {
                Ok(heard) => self.handle(heard).await.err(),
                Err(ending) => Some(ending),
            };
            if let Some(ending) = ended {
                return ending;
            }
        }
    }

    async fn greet(&mut self) -> Result<(), Ending> {
        let Heard::Message(ClientMessage::Hello { version, .. }) = self.hear().await? else {
            return Err(malformed("the first message has to be hello".to_owned()));
        };
        if version != VERSION {
            let words = format!("this host speaks version {VERSION} of the control socket and not {version}");
            return Err(Ending::Refused(Refusal::new(RefusalKind::Version, words)));
        }
        let host = self.desk.info.clone();
        self.outgoing.say(&HostMessage::Welcome { version: VERSION, right: self.right, host }).await?;
        Ok(())
    }

    /// The next message. Meanwhile what is done is forgotten.
    async fn hear(&mut self) -> Result<Heard, Ending> {
        loop {
            let next = self.inbox.next().map_err(CodecError::from)?;
            if let Some(body) = next {
                return read(body);
            }
            let count = tokio::select! {
                count = self.reading.read(self.inbox.spare()) => count.unwrap_or(0),
                Some(done) = self.wishes.join_next_with_id() => {
                    self.forget(done).await?;
                    continue;
                }
            };
            if count == 0 {
                return Err(Ending::Gone);
            }
            self.inbox.filled(count);
        }
    }

    async fn handle(&mut self, heard: Heard) -> Result<(), Ending> {
        while !self.rate.take(1, clock::now()) {
            tokio::time::sleep(PAUSE).await;
        }
        // Also of a client that is never waited for.
        while let Some(done) = self.wishes.try_join_next_with_id() {
            self.forget(done).await?;
        }
        let message = match heard {
            Heard::Message(message) => message,
            Heard::Unknown(id, words) => {
                let refusal = Refusal::new(RefusalKind::Unsupported, words);
                return Ok(self.outgoing.answer(id, Err(refusal)).await?);
            }
        };
        match message {
            ClientMessage::Hello { .. } => Err(malformed("a second hello".to_owned())),
            ClientMessage::Cancel { id } => {
                if let Some(wish) = self.open.remove(&id) {
                    wish.abort();
                }
                Ok(())
            }
            ClientMessage::Ask { id, .. } if self.open.contains_key(&id) => {
                Err(malformed(format!("a second wish with the number {id}")))
            }
            ClientMessage::Ask { id, request } => self.ask(id, request).await,
        }
    }

    async fn ask(&mut self, id: u64, request: Request) -> Result<(), Ending> {
        if let Err(refusal) = self.check(&request) {
            return Ok(self.outgoing.answer(id, Err(refusal)).await?);
        }
        // What can be said at once is said before the next wish is read, so that a client cannot pile it up.
        if let Some(outcome) = wishes::at_once(&self.desk, &request) {
            return Ok(self.outgoing.answer(id, outcome).await?);
        }
        let (desk, outgoing) = (self.desk.clone(), self.outgoing.clone());
        let wish = self.wishes.spawn(async move {
            // Whoever is gone needs no answer.
            let _ = match request {
                Request::Events { wanted } => stream_of_events(&desk, &outgoing, id, wanted).await,
                Request::Trace { plugin } => trace::stream(&desk, &outgoing, id, &plugin).await,
                request => outgoing.answer(id, wishes::in_time(&desk, request).await).await,
            };
        });
        self.open.insert(id, wish);
        Ok(())
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        if self.right < request.right() {
            let words = format!(
                "{} needs the right to {}, which this socket does not give",
                request.name(),
                request.right()
            );
            return Err(Refusal::new(RefusalKind::NotAllowed, words));
        }
        if limits::IN_FLIGHT <= self.open.len() {
            let words = format!("{} requests are in flight already", self.open.len());
            return Err(Refusal::new(RefusalKind::Busy, words));
        }
        wishes::check(request)
    }

    /// The work on a wish has ended. By then its number may be another wish's already.
    async fn forget(&mut self, done: Result<(Id, ()), JoinError>) -> Result<(), Ended> {
        let (task, has_panicked) = match &done {
            Ok((task, ())) => (*task, false),
            Err(error) => (error.id(), error.is_panic()),
        };
        let number = self.open.iter().find(|(_, wish)| wish.id() == task).map(|(number, _)| *number);
        // One that was taken back is forgotten already.
        let Some(number) = number else { return Ok(()) };
        self.open.remove(&number);
        if has_panicked {
            // A hook of the application, most likely. Whoever waits for the answer is told that none comes.
            let refusal = Refusal::new(RefusalKind::Failed, "the application has panicked");
            return self.outgoing.answer(number, Err(refusal)).await;
        }
        Ok(())
    }
}

/// A message, or a wish of which only its number is understood: of a client that is newer than this host.
fn read(body: &[u8]) -> Result<Heard, Ending> {
    let error = match codec::decode(body) {
        Ok(message) => return Ok(Heard::Message(message)),
        Err(error) => error,
    };
    match (error, codec::decode(body)) {
        (CodecError::Message(words), Ok(UnknownAsk::Ask { id })) => {
            Ok(Heard::Unknown(id, told::line(&words)))
        }
        (error, _) => Err(error.into()),
    }
}

async fn stream_of_events(
    desk: &Desk,
    outgoing: &Outgoing,
    id: u64,
    wanted: plughold_control::Wanted,
) -> Result<(), Ended> {
    outgoing.answer(id, Ok(Answer::Begun)).await?;
    let mut reader = desk.history.read(wanted);
    while let Some(item) = reader.next().await {
        outgoing.item(id, item).await?;
    }
    outgoing.say(&HostMessage::End { id }).await
}

fn malformed(words: String) -> Ending {
    Ending::Refused(Refusal::new(RefusalKind::Malformed, words))
}
