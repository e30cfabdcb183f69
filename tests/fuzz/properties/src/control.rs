//! What a client of the control socket says.

use crate::effort::{Heap, within};
use plughold::{Api, Control, Host};
use plughold_control::{ClientMessage, HostMessage, codec, limits};
use plughold_wire::Inbox;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};

/// What a client says: an element of a list takes a byte at least, and 72 once it is decoded, as a value of JSON. A list
/// grows by doubling, and the scan goes level by level.
const ASKED: Heap = Heap { base: 256 << 10, each: 256 };

/// What a host says: the largest record, of which all fields are left out, takes a byte as well.
const TOLD: Heap = Heap { base: 256 << 10, each: 4_096 };

/// Longer than any error about a message: they name places, types and numbers, and a name that the client chose.
const WORDS: usize = 2_048;

/// Bytes that a client says to a host. In more than that it would ask so often that the host would let it wait.
const SAID: usize = 2 << 10;

/// A host without plugins, and what it runs on.
static HOST: LazyLock<(Runtime, Host)> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    // It starts nothing, so it needs no runner that is one.
    let host = Host::builder(Api::new(())).runner(std::env::current_exe().unwrap()).build().unwrap();
    drop(_entered);
    (runtime, host)
});

/// The first byte says what the others are: one message of either side, or all that a client says.
///
/// # Panics
///
/// If a promise is broken.
pub fn check(bytes: &[u8]) {
    match bytes.split_first() {
        None => {}
        Some((0, said)) => talk(said.get(..SAID).unwrap_or(said)),
        Some((_, body)) => {
            understand::<ClientMessage>(ASKED, body);
            understand::<HostMessage>(TOLD, body);
        }
    }
}

/// What is understood is said again in one form, which means the same.
fn understand<M: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
    heap: Heap,
    body: &[u8],
) {
    let message: M = match within(heap, body.len(), || codec::decode(body)) {
        Ok(message) => message,
        Err(error) => return assert!(error.to_string().len() < WORDS, "{error}"),
    };
    let said = codec::encode(&message, limits::HOST_MESSAGE).unwrap();
    let understood = messages::<M>(&said);
    assert_eq!(understood.as_slice(), [message], "{said:02x?}");
}

/// Every message in these frames, which are whole.
fn messages<M: serde::de::DeserializeOwned>(mut frames: &[u8]) -> Vec<M> {
    let mut inbox = Inbox::new(limits::HOST_MESSAGE);
    let mut messages = Vec::new();
    while !frames.is_empty() {
        let spare = inbox.spare();
        let count = spare.len().min(frames.len());
        let (now, later) = frames.split_at(count);
        spare[..count].copy_from_slice(now);
        inbox.filled(count);
        frames = later;
        while let Some(body) = inbox.next().unwrap() {
            messages.push(codec::decode(body).unwrap());
        }
    }
    assert!(!inbox.is_partial());
    messages
}

/// A client says this after its greeting, and goes.
fn talk(said: &[u8]) {
    let (runtime, host) = &*HOST;
    let heard = runtime.block_on(async {
        let (mut client, socket) = UnixStream::pair().unwrap();
        let attended = plughold::fuzzing::attend(host, Control::developer(), socket);
        let talking = async {
            let hello = ClientMessage::Hello { version: plughold_control::VERSION, client: String::new() };
            client.write_all(&codec::encode(&hello, limits::CLIENT_MESSAGE).unwrap()).await.unwrap();
            // The host may hang up in the middle.
            let _ = client.write_all(said).await;
            let _ = client.shutdown().await;
            let mut heard = Vec::new();
            let _ = client.read_to_end(&mut heard).await;
            heard
        };
        tokio::join!(attended, talking).1
    });
    let mut answers = BTreeMap::new();
    let mut has_ended = false;
    for (index, message) in messages::<HostMessage>(&heard).into_iter().enumerate() {
        assert!(!has_ended, "{message:?} after the end");
        match message {
            HostMessage::Welcome { .. } => assert_eq!(index, 0),
            HostMessage::Refused { refusal } => {
                has_ended = true;
                assert!(refusal.message.len() < WORDS, "{refusal:?}");
            }
            HostMessage::Answer { id, .. } => *answers.entry(id).or_insert(0) += 1,
            HostMessage::Item { id, .. } | HostMessage::End { id } => {
                assert!(answers.contains_key(&id), "{id}")
            }
        }
    }
    let asked = asked(said);
    for (id, count) in answers {
        assert!(count <= asked.get(&id).copied().unwrap_or(0), "{count} answers to the wish {id}");
    }
}

/// How often each number was used, as far as frames can be made out.
fn asked(said: &[u8]) -> BTreeMap<u64, u32> {
    let mut inbox = Inbox::new(limits::CLIENT_MESSAGE);
    let mut asked = BTreeMap::new();
    let spare = inbox.spare();
    spare[..said.len()].copy_from_slice(said);
    inbox.filled(said.len());
    while let Ok(Some(body)) = inbox.next() {
        let id = match (codec::decode(body), codec::decode(body)) {
            (Ok(ClientMessage::Ask { id, .. }), _) => id,
            (Err(_), Ok(plughold_control::message::UnknownAsk::Ask { id })) => id,
            _ => continue,
        };
        *asked.entry(id).or_insert(0) += 1;
    }
    asked
}
