//! A client that says whatever it likes.

use plughold_control::{ClientMessage, HostMessage, Request, VERSION, codec, limits};
use plughold_tests::patiently;
use plughold_wire::Inbox;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

pub(crate) struct Raw {
    stream: UnixStream,
    inbox: Inbox,
}

impl Raw {
    pub(crate) async fn connect(socket: &Path) -> Raw {
        Raw { stream: UnixStream::connect(socket).await.unwrap(), inbox: Inbox::new(limits::HOST_MESSAGE) }
    }

    /// One that was welcomed.
    pub(crate) async fn greeted(socket: &Path) -> Raw {
        let mut raw = Raw::connect(socket).await;
        raw.hello().await;
        raw
    }

    pub(crate) async fn hello(&mut self) {
        self.say(&ClientMessage::Hello { version: VERSION, client: "test".to_owned() }).await;
        let welcome = self.next().await;
        assert!(matches!(welcome, Some(HostMessage::Welcome { .. })), "{welcome:?}");
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        self.write(&codec::encode(message, limits::CLIENT_MESSAGE).unwrap()).await;
    }

    pub(crate) async fn ask(&mut self, id: u64, request: Request) {
        self.say(&ClientMessage::Ask { id, request }).await;
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        // The host may have hung up, and what it said before is what counts.
        let _ = self.stream.write_all(bytes).await;
    }

    /// As much of it as goes without anybody reading.
    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.stream.try_write(bytes).is_ok()
    }

    /// The next message; none when the host has hung up.
    pub(crate) async fn next(&mut self) -> Option<HostMessage> {
        loop {
            if let Some(body) = self.inbox.next().unwrap() {
                return Some(codec::decode(body).unwrap());
            }
            let count = patiently("a word of the host", self.stream.read(self.inbox.spare())).await;
            match count {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.inbox.filled(count),
            }
        }
    }

    /// What the host says last, in words; then it hangs up.
    pub(crate) async fn last_words(&mut self) -> String {
        let mut words = String::new();
        while let Some(message) = self.next().await {
            if let HostMessage::Refused { refusal } = message {
                words = refusal.message;
            }
        }
        words
    }
}
