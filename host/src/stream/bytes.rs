//! A plugin's stream of bytes as an `AsyncRead`.

use crate::stream::Stream;
use crate::value::Bytes;
use crate::{CallError, PluginId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// A stream of bytes that a plugin sends, as an `AsyncRead` of tokio: its chunks are `Uint8Array`s or `ArrayBuffer`s, of any
/// lengths.
///
/// It is the same as a [`Stream<Bytes>`](Stream) in all other respects. What ends that with a [`CallError`] is an error
/// here whose source it is.
///
/// ```
/// use plughold::{ByteStream, Cx, Thrown};
/// use tokio::io::AsyncReadExt;
///
/// async fn import(_: Cx<()>, mut file: ByteStream) -> Result<usize, Thrown> {
///     let mut text = String::new();
///     Ok(file.read_to_string(&mut text).await?)
/// }
/// ```
#[derive(Debug)]
pub struct ByteStream {
    stream: Stream<Bytes>,
    /// The chunk that is being read, and how much of it was.
    chunk: Bytes,
    read: usize,
}

impl ByteStream {
    /// Whose stream it is.
    pub fn plugin(&self) -> &PluginId {
        self.stream.plugin()
    }
}

impl From<Stream<Bytes>> for ByteStream {
    fn from(stream: Stream<Bytes>) -> ByteStream {
        ByteStream { stream, chunk: Bytes::default(), read: 0 }
    }
}

impl AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.chunk.0.len() <= this.read && 0 < buffer.remaining() {
            match ready!(this.stream.poll_chunk(context)) {
                None => return Poll::Ready(Ok(())),
                Some(Ok(chunk)) => (this.chunk, this.read) = (chunk, 0),
                Some(Err(error)) => return Poll::Ready(Err(io_error(error))),
            }
        }
        let rest = this.chunk.0.get(this.read..).unwrap_or_default();
        let part = rest.get(..rest.len().min(buffer.remaining())).unwrap_or_default();
        buffer.put_slice(part);
        this.read += part.len();
        Poll::Ready(Ok(()))
    }
}

fn io_error(error: CallError) -> io::Error {
    let kind = match &error {
        CallError::Gone { .. } => io::ErrorKind::BrokenPipe,
        CallError::Chunk { .. } => io::ErrorKind::InvalidData,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

impl<'de> Deserialize<'de> for ByteStream {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Stream::deserialize(from).map(ByteStream::from)
    }
}

/// What was read already does not go on.
impl Serialize for ByteStream {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.stream.serialize(to)
    }
}
