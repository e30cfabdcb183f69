//! The client against hosts that say whatever a test wants.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_control::record::{Happening, HostInfo};
use plughold_control::{
    Answer, Client, ClientError, ClientMessage, ConnectError, Entry, Folder, HostMessage, Item, Next,
    Refusal, RefusalKind, Registered, Request, Right, VERSION, Wanted, codec, limits,
};
use plughold_wire::Inbox;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// After so long without what a test waits for, it fails. A busy machine may take its time.
const PATIENCE: Duration = Duration::from_secs(30);

async fn patiently<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.unwrap()
}

/// A host that stands in a register, and one connection of it.
struct Script {
    _around: TempDir,
    registered: Registered,
    listener: UnixListener,
}

struct Talk {
    stream: UnixStream,
    inbox: Inbox,
}

impl Script {
    fn new() -> Script {
        let around = tempfile::tempdir().unwrap();
        let folder = Folder::at(around.path().join("plughold")).unwrap();
        let (registered, mut listeners) = Registered::new(folder, "script", "0.1.0", Right::Read).unwrap();
        let (_, listener) = listeners.remove(0);
        listener.set_nonblocking(true).unwrap();
        Script { _around: around, registered, listener: UnixListener::from_std(listener).unwrap() }
    }

    fn entry(&self) -> &Entry {
        self.registered.entry()
    }

    /// A client that was welcomed.
    async fn met(&self) -> (Client, Talk) {
        let entry = self.entry().clone();
        let connecting = tokio::spawn(async move { Client::connect(&entry, Right::Read).await });
        let mut talk = self.accept().await;
        assert!(matches!(talk.hear().await, Some(ClientMessage::Hello { version: VERSION, .. })));
        talk.say(&welcome(VERSION)).await;
        (patiently(connecting).await.unwrap().unwrap(), talk)
    }

    async fn accept(&self) -> Talk {
        let (stream, _) = patiently(self.listener.accept()).await.unwrap();
        Talk { stream, inbox: Inbox::new(limits::CLIENT_MESSAGE) }
    }

    /// What a client says that is greeted so.
    async fn refused(&self, greeting: &[u8]) -> String {
        let entry = self.entry().clone();
        let connecting = tokio::spawn(async move { Client::connect(&entry, Right::Read).await });
        let mut talk = self.accept().await;
        talk.stream.write_all(greeting).await.unwrap();
        talk.stream.shutdown().await.unwrap();
        patiently(connecting).await.unwrap().unwrap_err().to_string()
    }
}

impl Talk {
    async fn say(&mut self, message: &HostMessage) {
        let frames = codec::encode(message, limits::HOST_MESSAGE).unwrap();
        self.stream.write_all(&frames).await.unwrap();
    }

    async fn hear(&mut self) -> Option<ClientMessage> {
        loop {
            if let Some(body) = self.inbox.next().unwrap() {
                return Some(codec::decode(body).unwrap());
            }
            match patiently(self.stream.read(self.inbox.spare())).await.unwrap() {
                0 => return None,
                count => self.inbox.filled(count),
            }
        }
    }

    /// The number and the wish of the next message, which is one.
    async fn asked(&mut self) -> (u64, Request) {
        match self.hear().await {
            Some(ClientMessage::Ask { id, request }) => (id, request),
            other => panic!("{other:?}"),
        }
    }
}

fn welcome(version: u32) -> HostMessage {
    HostMessage::Welcome { version, right: Right::Read, host: HostInfo::default() }
}

fn frames(message: &HostMessage) -> Vec<u8> {
    codec::encode(message, limits::HOST_MESSAGE).unwrap()
}

#[tokio::test]
async fn answers_find_who_asked_in_whatever_order_they_come() {
    let script = Script::new();
    let (client, mut talk) = script.met().await;
    let (one, two) = (client.clone(), client.clone());
    let first = tokio::spawn(async move { one.stack("first").await });
    let (first_id, _) = talk.asked().await;
    let second = tokio::spawn(async move { two.stack("second").await });
    let (second_id, request) = talk.asked().await;
    assert_eq!(request, Request::Stack { plugin: "second".to_owned() });
    for id in [second_id, first_id] {
        talk.say(&HostMessage::Answer { id, outcome: Ok(Answer::Stack(Some(id.to_string()))) }).await;
    }
    assert_eq!(patiently(first).await.unwrap(), Ok(Some(first_id.to_string())));
    assert_eq!(patiently(second).await.unwrap(), Ok(Some(second_id.to_string())));
}

#[tokio::test]
async fn what_is_not_as_expected_is_an_error() {
    let script = Script::new();
    let (client, mut talk) = script.met().await;
    let asker = client.clone();
    let asking = tokio::spawn(async move { asker.plugins().await });
    let (id, _) = talk.asked().await;
    talk.say(&HostMessage::Answer { id, outcome: Ok(Answer::Done) }).await;
    assert_eq!(patiently(asking).await.unwrap(), Err(ClientError::Unexpected("done")));
    // What nobody has asked for is nothing.
    talk.say(&HostMessage::Answer { id: 99, outcome: Ok(Answer::Done) }).await;
    talk.say(&HostMessage::Item { id: 99, item: Item::Missed { count: 1 } }).await;
    talk.say(&HostMessage::End { id: 99 }).await;
    let asker = client.clone();
    let asking = tokio::spawn(async move { asker.plugins().await });
    let (id, _) = talk.asked().await;
    let refusal = Refusal::new(RefusalKind::Busy, "too much");
    talk.say(&HostMessage::Answer { id, outcome: Err(refusal.clone()) }).await;
    assert_eq!(patiently(asking).await.unwrap(), Err(ClientError::Refused(refusal)));
}

#[tokio::test]
async fn whoever_waits_hears_that_the_host_is_gone() {
    let script = Script::new();
    let (client, mut talk) = script.met().await;
    let asker = client.clone();
    let asking = tokio::spawn(async move { asker.plugins().await });
    talk.asked().await;
    let refusal = Refusal::new(RefusalKind::Malformed, "no more of this");
    talk.say(&HostMessage::Refused { refusal }).await;
    let lost = Err(ClientError::Lost("no more of this".to_owned()));
    assert_eq!(patiently(asking).await.unwrap(), lost);
    assert_eq!(client.plugins().await, lost, "and so does everybody after it");

    let (client, talk) = script.met().await;
    drop(talk);
    let gone = patiently(client.plugins()).await.unwrap_err();
    assert!(matches!(gone, ClientError::Lost(_)), "{gone}");
}

#[tokio::test]
async fn a_lost_interest_is_told() {
    let script = Script::new();
    let (client, mut talk) = script.met().await;
    let asker = client.clone();
    let asking = tokio::spawn(async move { asker.plugins().await });
    let (id, _) = talk.asked().await;
    asking.abort();
    assert_eq!(talk.hear().await, Some(ClientMessage::Cancel { id }));
    let subscriber = client.clone();
    let subscribing = tokio::spawn(async move { subscriber.trace("hello").await });
    let (id, _) = talk.asked().await;
    talk.say(&HostMessage::Answer { id, outcome: Ok(Answer::Begun) }).await;
    let trace = patiently(subscribing).await.unwrap().unwrap();
    drop(trace);
    assert_eq!(talk.hear().await, Some(ClientMessage::Cancel { id }));
    drop(client);
    assert_eq!(talk.hear().await, None, "the last handle ends the connection");
}

#[tokio::test]
async fn a_stream_that_is_not_read_holds_up_nothing_and_says_what_is_lost() {
    const SENT: u64 = 3_000;
    let script = Script::new();
    let (client, mut talk) = script.met().await;
    let subscriber = client.clone();
    let subscribing = tokio::spawn(async move { subscriber.events(Wanted::default()).await });
    let (id, _) = talk.asked().await;
    talk.say(&HostMessage::Answer { id, outcome: Ok(Answer::Begun) }).await;
    let mut events = patiently(subscribing).await.unwrap().unwrap();
    talk.say(&HostMessage::Item { id, item: Item::Missed { count: 7 } }).await;
    for number in 1..=SENT {
        let item = Item::Happening(Happening { number, ..Happening::default() });
        talk.say(&HostMessage::Item { id, item }).await;
    }
    talk.say(&HostMessage::End { id }).await;
    // An answer behind all of it.
    let asker = client.clone();
    let asking = tokio::spawn(async move { asker.plugins().await });
    let (other, _) = talk.asked().await;
    talk.say(&HostMessage::Answer { id: other, outcome: Ok(Answer::Plugins(vec![])) }).await;
    assert_eq!(patiently(asking).await.unwrap(), Ok(vec![]));
    let Some(Next::Missed(missed)) = patiently(events.next()).await else { panic!("nothing is missed") };
    let mut numbers = Vec::new();
    while let Some(next) = patiently(events.next()).await {
        let Next::Item(happening) = next else { panic!("{next:?}") };
        numbers.push(happening.number);
    }
    assert_eq!(missed, 7 + SENT - numbers.len() as u64);
    assert_eq!(numbers.last(), Some(&SENT), "the newest are there");
    assert!(numbers.is_sorted());
}

#[tokio::test]
async fn a_greeting_that_is_none_is_told() {
    let script = Script::new();
    let refusal = Refusal::new(RefusalKind::Busy, "32 clients are connected already");
    let check = async |greeting: &[u8], expected: &str| {
        let words = script.refused(greeting).await;
        assert!(words.contains(expected), "{words}");
    };
    check(&frames(&HostMessage::Refused { refusal }), "the host refuses: 32 clients").await;
    check(&frames(&welcome(2)), "it speaks version 2 and not 1").await;
    check(&frames(&HostMessage::End { id: 1 }), "it does not say who it is").await;
    check(&[], "it closes the connection").await;
    check(&[0xff; 16], "a frame of 4294967295 bytes").await;
}

#[tokio::test]
async fn who_listens_has_to_be_who_the_register_says() {
    let script = Script::new();
    let own = std::process::id();
    let impostor = Entry { pid: own + 1, ..script.entry().clone() };
    let refused = Client::connect(&impostor, Right::Read).await.unwrap_err();
    let ConnectError::Impostor { found, expected, .. } = refused else { panic!("{refused}") };
    assert_eq!((found, expected), (Some(own), own + 1));
    let refused = Client::connect(script.entry(), Right::Control).await.unwrap_err();
    assert!(matches!(refused, ConnectError::NotOffered { right: Right::Control }), "{refused}");
}

#[tokio::test]
async fn what_is_no_socket_of_this_user_is_not_touched() {
    let around = tempfile::tempdir().unwrap();
    let at = |name: &str| around.path().join(name);
    std::fs::write(at("file"), "").unwrap();
    std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
    // Anybody may connect to this one, so anybody may have made it.
    let _listener = UnixListener::bind(at("open.sock")).unwrap();
    let refused = async |path: &Path| match Client::connect_to(path, Right::Read).await {
        Err(ConnectError::Unreachable { source, .. }) => source.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&at("file")).await, "it is no socket");
    assert_eq!(refused(&at("link")).await, "it is no socket");
    let words = refused(&at("open.sock")).await;
    assert!(words.contains("may be used by others"), "{words}");
    let words = refused(&at("nothing")).await;
    assert!(words.contains("No such file"), "{words}");
}
