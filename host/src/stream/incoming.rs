//! A plugin's stream as a `Stream` of Rust.

use crate::stream::{Reading, relay};
use crate::value::{extension, received_stream};
use crate::{CallError, PluginId};
use plughold_protocol::value;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// What a plugin sends chunk by chunk: a `ReadableStream`, an async generator, or any object with a method
/// `Symbol.asyncIterator`.
///
/// It may stand anywhere in the arguments of an API function, or in what a call returns, and outlives that call. The
/// plugin is asked for a chunk when this is polled, and never for more than
/// [`STREAM_WINDOW`](plughold_protocol::limits::STREAM_WINDOW) bytes ahead. Dropping it ends the plugin's source; so does
/// never taking it out of its message.
///
/// Each item is a chunk, or a [`CallError`]: `Thrown` when the source failed, which is the end, and with the code
/// `E_BUSY` when more than [`STREAMS_UNREAD`](plughold_protocol::limits::STREAMS_UNREAD) bytes of the plugin's streams
/// are unread; `Chunk` when this chunk is no `T`; `Gone` when the plugin's process ended.
///
/// ```
/// use plughold::{Cx, Stream, Thrown};
///
/// async fn import(_: Cx<()>, mut lines: Stream<String>) -> Result<u32, Thrown> {
///     let mut count = 0;
///     while let Some(line) = lines.next().await {
///         println!("{}", line?);
///         count += 1;
///     }
///     Ok(count)
/// }
/// ```
///
/// Passed on to a plugin, it is read by that plugin: chunk by chunk, as fast as the slower of both.
pub struct Stream<T> {
    reading: Arc<Reading>,
    /// How many chunks were read.
    read: u64,
    chunks: PhantomData<fn() -> T>,
}

impl<T> Stream<T> {
    pub(crate) fn new(reading: Arc<Reading>) -> Stream<T> {
        Stream { reading, read: 0, chunks: PhantomData }
    }

    /// Whose stream it is.
    pub fn plugin(&self) -> &PluginId {
        self.reading.session().plugin()
    }
}

impl<T: DeserializeOwned> Stream<T> {
    /// The next chunk; none at the end. Dropping the future before it is done loses nothing.
    pub async fn next(&mut self) -> Option<Result<T, CallError>> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, CallError>>> {
        let chunk = ready!(self.reading.poll_chunk(context));
        Poll::Ready(chunk.map(|chunk| {
            let chunk = chunk?;
            self.read += 1;
            chunk.decode().map_err(|error| match error {
                CallError::Result(words) => CallError::Chunk { number: self.read, words },
                error => error,
            })
        }))
    }
}

impl<T: DeserializeOwned> futures_core::Stream for Stream<T> {
    type Item = Result<T, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(context)
    }
}

impl<'de, T> Deserialize<'de> for Stream<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (_, payload) = extension::take(from, &[value::STREAM], "a stream")?;
        received_stream(&payload).map(Stream::new).map_err(D::Error::custom)
    }
}

impl<T> Serialize for Stream<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        relay::source(self.reading.clone()).serialize(to)
    }
}

/// Two are equal that read the same stream.
impl<T> PartialEq for Stream<T> {
    fn eq(&self, other: &Stream<T>) -> bool {
        Arc::ptr_eq(&self.reading, &other.reading)
    }
}

impl<T> Eq for Stream<T> {}

impl<T> fmt::Debug for Stream<T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Stream({:?})", self.reading)
    }
}
