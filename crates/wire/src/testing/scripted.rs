//! A peer that says what a test tells it to, over any blocking stream.

use crate::{FrameError, Inbox, Outbox};
use plughold_protocol::{DecodeError, Message, limits};
use std::io::{self, Read, Write};

/// A peer that speaks the protocol by hand.
///
/// ```
/// use plughold_protocol::Message;
/// use plughold_wire::testing::ScriptedPeer;
/// use std::os::unix::net::UnixStream;
///
/// let (one, other) = UnixStream::pair()?;
/// let (mut host, mut runner) = (ScriptedPeer::new(one), ScriptedPeer::new(other));
/// host.send(&Message::Ping { nonce: 7 })?;
/// assert_eq!(runner.receive()?.as_deref().map(Message::decode), Some(Ok(Message::Ping { nonce: 7 })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ScriptedPeer<S> {
    stream: S,
    inbox: Inbox,
    outbox: Outbox,
}

/// Why a scripted peer cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The stream failed.
    #[error("the stream failed")]
    Io(#[from] io::Error),
    /// The other side did not send frames.
    #[error("the other side did not send frames")]
    Frame(#[from] FrameError),
    /// The other side sent a frame that is no message.
    #[error("the other side sent a frame that is no message")]
    Decode(#[from] DecodeError),
    /// The stream ended while a message was awaited.
    #[error("the stream ended while {0} was awaited")]
    Ended(&'static str),
}

impl<S: Read + Write> ScriptedPeer<S> {
    /// A peer on `stream`. Give the stream a time-out if the test is not to wait for ever.
    pub fn new(stream: S) -> ScriptedPeer<S> {
        ScriptedPeer { stream, inbox: Inbox::new(limits::LOAD), outbox: Outbox::new() }
    }

    /// The stream itself, to close it or to send what is no frame.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Sends one message.
    pub fn send(&mut self, message: &Message) -> io::Result<()> {
        self.send_all(std::slice::from_ref(message))
    }

    /// Sends messages in as few writes as possible.
    pub fn send_all(&mut self, messages: &[Message]) -> io::Result<()> {
        for message in messages {
            self.outbox.push(message);
        }
        loop {
            let chunk = self.outbox.chunk();
            if chunk.is_empty() {
                return Ok(());
            }
            let count = self.stream.write(chunk)?;
            self.outbox.written(count);
        }
    }

    /// Sends bytes that need not be frames.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next message as bytes for [`Message::decode`], or none at the end of the stream.
    pub fn receive(&mut self) -> Result<Option<Vec<u8>>, PeerError> {
        loop {
            if let Some(body) = self.inbox.next()? {
                return Ok(Some(body.to_vec()));
            }
            let count = self.stream.read(self.inbox.spare())?;
            if count == 0 {
                return Ok(None);
            }
            self.inbox.filled(count);
        }
    }

    /// Takes messages until one has the name `name`, and returns it as bytes; the others are dropped.
    pub fn receive_until(&mut self, name: &'static str) -> Result<Vec<u8>, PeerError> {
        loop {
            let body = self.receive()?.ok_or(PeerError::Ended(name))?;
            if Message::decode(&body)?.name() == name {
                return Ok(body);
            }
        }
    }
}
