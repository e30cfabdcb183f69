//! What the streams of one plugin take of its host's memory.

use super::*;
use crate::{Bytes, CallError, Cx, Json, Source, Stream, Thrown};
use plughold_protocol::limits::{
    PIECE, STREAM_CHUNK, STREAM_WINDOW, STREAMS, STREAMS_UNREAD, STREAMS_WINDOW,
};
use plughold_protocol::pack::Writer;
use plughold_protocol::value;
use plughold_wire::{Bounds, scan};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// Streams that the application keeps.
type Kept = Arc<Mutex<Vec<Stream<Json>>>>;

fn poll(stream: &mut Stream<Json>) -> Poll<Option<Result<Json, CallError>>> {
    stream.poll_chunk(&mut Context::from_waker(Waker::noop()))
}

/// A host that is given streams, asks each of them for a chunk, and keeps them.
fn keeper() -> (Bench, Kept) {
    let kept = Kept::default();
    let api =
        Api::new(kept.clone()).function("keep", async |cx: Cx<Kept>, mut streams: Vec<Stream<Json>>| {
            assert!(streams.iter_mut().all(|stream| poll(stream).is_pending()));
            cx.state().lock().unwrap().append(&mut streams);
            Ok::<_, Thrown>(())
        });
    (Bench::new(api), kept)
}

/// Passes the streams with the ids from 1 to `count` to the keeper; gives the credit that each has then.
async fn passed(rig: &mut Rig, count: usize) -> Vec<u64> {
    let mut args = Vec::new();
    let mut writer = Writer::new(&mut args);
    writer.array(1);
    writer.array(count);
    for id in 1..=count as u64 {
        writer.extension(value::STREAM, &id.to_le_bytes());
    }
    rig.call(Target::Api(0), &args, None, false);
    let mut credit = vec![0; count];
    while credit.contains(&0) {
        let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
        if let Message::Credit { stream: Some(id), amount } = Message::decode(&body).unwrap() {
            credit[id as usize - 1] += amount;
        }
    }
    credit
}

fn text(bytes: usize) -> Vec<u8> {
    let mut data = Vec::new();
    Writer::new(&mut data).text(&"x".repeat(bytes));
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_nobody_reads_on_keeps_its_window() {
    for bytes in [1, 1_000, 100_000] {
        let (bench, kept) = keeper();
        let mut rig = bench.rig("a");
        let mut credit = passed(&mut rig, 1).await[0] as i64;
        assert_eq!(credit, STREAM_WINDOW as i64);
        let data = text(bytes);
        let mut sent = 0;
        while 0 < credit {
            rig.runner.send(&Message::StreamData { id: 1, data: &data }).unwrap();
            credit -= (data.len() + STREAM_CHUNK) as i64;
            sent += data.len() + STREAM_CHUNK;
        }
        assert_eq!(rig.rest().await, [], "no more credit");
        assert_eq!(rig.session.streams.used(), (STREAM_WINDOW as i64, sent));
        assert!(sent < STREAM_WINDOW + data.len() + STREAM_CHUNK);
        kept.lock().unwrap().clear();
        assert_eq!(rig.session.streams.used(), (0, 0));
        assert_eq!(rig.next().await, Said::Other("StreamStop"));
        rig.runner.send(&Message::StreamEnd { id: 1, error: None }).unwrap();
        assert_eq!(rig.rest().await, []);
        rig.die().await;
    }
}

/// A runner that opens as many streams as it may, and sends as much as it may on each.
#[tokio::test(flavor = "multi_thread")]
async fn all_streams_of_a_plugin_keep_no_more_than_their_bound() {
    let (bench, kept) = keeper();
    let mut rig = bench.rig("a");
    let credit = passed(&mut rig, STREAMS).await;
    let full = STREAMS_WINDOW / STREAM_WINDOW;
    assert!(credit[..full].iter().all(|credit| *credit == STREAM_WINDOW as u64));
    assert!(credit[full..].iter().all(|credit| *credit == 1), "enough for one chunk");

    let longest = text(STREAM_WINDOW - 5);
    assert_eq!(longest.len(), STREAM_WINDOW);
    let room = STREAMS_UNREAD / (STREAM_WINDOW + STREAM_CHUNK);
    for id in 1..=STREAMS as u64 / 2 {
        rig.runner.send(&Message::StreamData { id, data: &longest }).unwrap();
    }
    for _ in 0..STREAMS / 2 - room {
        assert_eq!(rig.next().await, Said::Other("StreamStop"));
    }
    assert_eq!(rig.rest().await, []);
    assert!(rig.session.streams.used().1 <= STREAMS_UNREAD);

    let mut streams = std::mem::take(&mut *kept.lock().unwrap());
    let ends = Vec::from_iter(streams.iter_mut().map(poll));
    let chunks = ends.iter().filter(|end| matches!(end, Poll::Ready(Some(Ok(_))))).count();
    assert_eq!(chunks, room);
    let words = format!("RangeError: more than {STREAMS_UNREAD} bytes of the plugin's streams are unread");
    let told = |end: &Poll<_>| match end {
        Poll::Ready(Some(Err(CallError::Thrown(thrown)))) => assert_eq!(thrown.to_string(), words),
        other => panic!("{other:?}"),
    };
    ends[room..STREAMS / 2].iter().for_each(told);
    assert!(ends[STREAMS / 2..].iter().all(Poll::is_pending));
    drop(streams);
    assert_eq!(rig.session.streams.used(), (0, 0));
    rig.die().await;
}

/// Who reads gets on, however much the streams that nobody reads keep.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_beside_many_that_nobody_reads() {
    let (bench, kept) = keeper();
    let mut rig = bench.rig("a");
    let full = STREAMS_WINDOW / STREAM_WINDOW;
    let last = full as u64 + 1;
    let _credit = passed(&mut rig, full + 1).await;
    let mut stream = kept.lock().unwrap().pop().unwrap();
    let data = text(1_000);
    let owed = (data.len() + STREAM_CHUNK) as u64;
    for amount in [owed, owed] {
        rig.runner.send(&Message::StreamData { id: last, data: &data }).unwrap();
        rig.rest().await;
        assert!(matches!(poll(&mut stream), Poll::Ready(Some(Ok(_)))));
        assert!(poll(&mut stream).is_pending());
        let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
        let Message::Credit { stream, amount: given } = Message::decode(&body).unwrap() else { panic!() };
        assert_eq!((stream, given), (Some(last), amount), "as much as one more chunk needs");
    }
    rig.runner.send(&Message::StreamData { id: last, data: &data }).unwrap();
    rig.rest().await;
    kept.lock().unwrap().clear();
    assert!(matches!(poll(&mut stream), Poll::Ready(Some(Ok(_)))));
    assert!(poll(&mut stream).is_pending());
    loop {
        let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
        match Message::decode(&body).unwrap() {
            Message::Credit { stream, amount } => {
                // The credit was 1 before a chunk took it below zero: all of the window again.
                assert_eq!((stream, amount), (Some(last), STREAM_WINDOW as u64 - 1 + owed));
                break;
            }
            Message::StreamStop { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    drop(stream);
    rig.die().await;
}

/// A source without end that counts what it gave.
struct Endless(Arc<AtomicUsize>);

const ITEM: usize = PIECE / 2;

impl Iterator for Endless {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Some(Bytes(vec![7; ITEM]))
    }
}

/// A runner that gives all the credit that it may, and reads nothing.
#[tokio::test(flavor = "multi_thread")]
async fn sources_wait_for_a_plugin_that_does_not_read() {
    const OPEN: usize = 2 * STREAMS_WINDOW / STREAM_WINDOW;
    let given = Arc::new(AtomicUsize::new(0));
    let api = Api::new(given.clone()).function("open", async |cx: Cx<Arc<AtomicUsize>>| {
        Ok::<_, Thrown>(Vec::from_iter((0..OPEN).map(|_| Source::from_items(Endless(cx.state().clone())))))
    });
    let mut rig = Bench::new(api).rig("a");
    rig.call(Target::Api(0), NO_ARGS, None, false);
    let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
    let Message::Return { outcome: Outcome::Returned(result), .. } = Message::decode(&body).unwrap() else {
        panic!();
    };
    let ids = Vec::from_iter(scan(result, &Bounds::default()).unwrap().references.iter().map(|it| it.id));
    assert_eq!(ids.len(), OPEN);
    rig.rest().await;
    assert_eq!(given.load(Ordering::Relaxed), 0, "nobody reads");
    for id in &ids {
        let amount = STREAM_WINDOW as u64;
        rig.runner.send(&Message::Credit { stream: Some(*id), amount }).unwrap();
    }
    patiently("the sources to wait", async {
        while rig.session.streams.held_back() < OPEN / 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let unwritten = rig.session.unwritten();
    assert!(unwritten <= STREAMS_WINDOW + OPEN * PIECE, "{unwritten} bytes wait");

    // Once it reads, it gets all that it gave credit for.
    let window = STREAM_WINDOW.div_ceil(ITEM + 5 + STREAM_CHUNK) * ITEM;
    let mut read = 0;
    while read < OPEN * window {
        let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
        let Message::StreamData { data, .. } = Message::decode(&body).unwrap() else { panic!() };
        read += data.len() - 3;
    }
    assert_eq!(read, OPEN * window);
    assert_eq!(given.load(Ordering::Relaxed) * ITEM, read);
    rig.die().await;
}

/// What a hostile runner says too much of is its end, and its streams are no burden afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_leaves_nothing_behind() {
    let (bench, kept) = keeper();
    let mut rig = bench.rig("a");
    passed(&mut rig, 3).await;
    let data = text(1_000);
    rig.runner.send(&Message::StreamData { id: 1, data: &data }).unwrap();
    rig.rest().await;
    assert_eq!(rig.session.streams.count().from_plugin, 3);
    rig.die().await;
    assert_eq!(rig.session.streams.used(), (0, data.len() + STREAM_CHUNK), "what arrived can be read");
    let mut stream = kept.lock().unwrap().remove(0);
    assert!(matches!(poll(&mut stream), Poll::Ready(Some(Ok(_)))));
    assert!(matches!(poll(&mut stream), Poll::Ready(Some(Err(CallError::Gone { .. })))));
    assert_eq!(rig.session.streams.used(), (0, 0));
    assert_eq!(rig.session.streams.count(), crate::OpenStreams::default());
}
