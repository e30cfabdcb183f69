//! What the application sends to a plugin chunk by chunk.

use crate::Thrown;
use crate::session::Session;
use crate::value::{Encoded, add_stream, encode, extension};
use plughold_protocol::pack::Writer;
use plughold_protocol::{limits, value};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes that are read from an [`AsyncRead`] at a time: with their envelope they are one frame of the direct lane.
const PIECE: usize = limits::PIECE - limits::ENVELOPE;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// What a plugin reads chunk by chunk: a `ReadableStream` in the plugin, which is also an async iterable.
///
/// It may stand anywhere in the arguments of a call, or in what an API function returns, once: what was sent cannot be
/// sent again. It is polled in a task of the host, when the plugin reads, and never more than
/// [`STREAM_WINDOW`](limits::STREAM_WINDOW) bytes ahead. It is dropped at its end, when the plugin wants no more, when the
/// plugin's process ends, and when the message around it is not sent.
///
/// ```
/// use plughold::{Cx, Source, Thrown};
/// use std::path::PathBuf;
///
/// async fn open(_: Cx<()>, name: PathBuf) -> Result<Source, Thrown> {
///     Ok(Source::from_reader(tokio::io::empty())) // in a plugin: for await (const bytes of await app.open('a')) …
/// }
/// ```
pub struct Source {
    /// None once it was sent.
    supply: Mutex<Option<Box<dyn Supply>>>,
}

/// A source that stands in a message which is not sent yet.
pub(crate) struct Outgoing {
    pub(crate) id: u64,
    pub(crate) supply: Box<dyn Supply>,
}

/// Anything that gives encoded chunks.
pub(crate) trait Supply: Send {
    /// The next chunk for this session; none at the end.
    fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
        session: &Arc<Session>,
    ) -> Poll<Option<Result<Encoded, Thrown>>>;
}

impl Outgoing {
    pub(super) fn new(supply: Box<dyn Supply>) -> Outgoing {
        Outgoing { id: NEXT_ID.fetch_add(1, Ordering::Relaxed), supply }
    }
}

impl Source {
    /// The items of a stream, which ends with the first error: that is what reading throws in the plugin.
    ///
    /// A chunk that is longer than [`STREAM_WINDOW`](limits::STREAM_WINDOW) when it is encoded is an error too, except
    /// for [`Bytes`](crate::Bytes): those are cut.
    pub fn new<S, T, E>(stream: S) -> Source
    where
        S: futures_core::Stream<Item = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Into<Thrown>,
    {
        Source::of(Items { stream: Box::pin(stream) })
    }

    /// These items, one chunk each.
    pub fn from_items<I>(items: I) -> Source
    where
        I: IntoIterator,
        I::IntoIter: Send + 'static,
        I::Item: Serialize,
    {
        Source::of(Iter(items.into_iter()))
    }

    /// The bytes of a reader, in chunks of at most 64 KiB: `Uint8Array`s.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static) -> Source {
        Source::of(Reader { reader: Box::pin(reader), buffer: vec![0; PIECE] })
    }

    pub(super) fn of(supply: impl Supply + 'static) -> Source {
        Source { supply: Mutex::new(Some(Box::new(supply))) }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let supply = self.supply.lock().unwrap_or_else(PoisonError::into_inner).take();
        let supply = supply.ok_or_else(|| S::Error::custom("a source that was sent already"))?;
        let outgoing = Outgoing::new(supply);
        let id = outgoing.id;
        add_stream(outgoing).map_err(S::Error::custom)?;
        extension::serialize(to, value::STREAM, &id.to_le_bytes())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Source")
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Outgoing({})", self.id)
    }
}

struct Items<S: ?Sized> {
    stream: Pin<Box<S>>,
}

impl<S, T, E> Supply for Items<S>
where
    S: futures_core::Stream<Item = Result<T, E>> + Send + ?Sized,
    T: Serialize,
    E: Into<Thrown>,
{
    fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
        session: &Arc<Session>,
    ) -> Poll<Option<Result<Encoded, Thrown>>> {
        self.stream.as_mut().poll_next(context).map(|item| {
            item.map(|item| match item {
                Ok(chunk) => encode(&chunk, session.exports()).map_err(refused),
                Err(error) => Err(error.into()),
            })
        })
    }
}

/// A chunk that cannot be encoded ends its stream.
pub(super) fn refused(why: impl fmt::Display) -> Thrown {
    Thrown::new("TypeError", format!("a chunk of the stream cannot be sent: {why}"))
}

struct Iter<I>(I);

impl<I> Supply for Iter<I>
where
    I: Iterator + Send,
    I::Item: Serialize,
{
    fn poll_chunk(
        &mut self,
        _: &mut Context<'_>,
        session: &Arc<Session>,
    ) -> Poll<Option<Result<Encoded, Thrown>>> {
        Poll::Ready(self.0.next().map(|chunk| encode(&chunk, session.exports()).map_err(refused)))
    }
}

struct Reader<R> {
    reader: Pin<Box<R>>,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Send> Supply for Reader<R> {
    fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
        _: &Arc<Session>,
    ) -> Poll<Option<Result<Encoded, Thrown>>> {
        let mut buffer = ReadBuf::new(&mut self.buffer);
        if let Err(error) = ready!(self.reader.as_mut().poll_read(context, &mut buffer)) {
            return Poll::Ready(Some(Err(error.into())));
        }
        let bytes = buffer.filled();
        if bytes.is_empty() {
            return Poll::Ready(None);
        }
        let mut chunk = Vec::with_capacity(bytes.len() + 8);
        Writer::new(&mut chunk).bytes(bytes);
        Poll::Ready(Some(Ok(Encoded { bytes: chunk, ..Encoded::default() })))
    }
}
