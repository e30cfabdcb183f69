//! What a runner may do to its host, and no more.

use super::*;
use crate::{Cx, Event, Json, Thrown};
use plughold_protocol::limits;
use serde::{Deserialize, Deserializer};
use std::sync::atomic::Ordering;

async fn nothing(_: Cx<()>) -> Result<(), Thrown> {
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_calls_inside_each_other_have_a_bound() {
    let api = Api::new(()).function("wait", async |cx: Cx<()>| {
        cx.cancelled().await;
        Ok::<_, Thrown>(())
    });
    let mut rig = Bench::new(api).rig("a");
    for _ in 0..=limits::NESTED_TURNS {
        rig.call(Target::Api(0), NO_ARGS, None, true);
    }
    let ending = patiently("the end", &mut rig.connection).await.unwrap();
    assert_eq!(ending, Ending::Violation("more than 64 blocking calls inside each other".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_are_not_there_throw() {
    let mut rig = Bench::new(Api::new(())).rig("a");
    let id = rig.call(Target::Service("store.get"), NO_ARGS, None, true);
    let words = "TypeError: store.get: no such service; there are plugins.get, plugins.onChange, settings.onChange, files.*, databases.*, storage.*"
        .to_owned();
    assert_eq!(rig.next().await, Said::Threw { id, words, code: Some("E_UNKNOWN".to_owned()) });
}

/// A runner that never reads: its own calls make answers, and these may not fill the memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_never_reads_is_ended() {
    // Each answer is written by a task of its own, so each sees what waits already.
    let api = Api::new(()).function("long", async |_: Cx<()>| {
        tokio::task::yield_now().await;
        Ok::<_, Thrown>("x".repeat(8 << 20))
    });
    let mut rig = Bench::new(api).rig("a");
    for _ in 0..20 {
        rig.call(Target::Api(0), NO_ARGS, None, false);
    }
    let ending = patiently("the end", &mut rig.connection).await.unwrap();
    let words = format!("it does not read: more than {} bytes wait for it", 2 * limits::OUTBOX);
    assert_eq!(ending, Ending::Violation(words));
}

/// The task of a runner that never stops talking lets others have the thread, and can be ended.
#[tokio::test]
async fn a_runner_that_never_stops_talking_shares_its_thread() {
    let mut rig = Bench::new(Api::new(()).function("nothing", nothing)).rig("a");
    let mut socket = rig.runner.stream().try_clone().unwrap();
    let mut answers = rig.runner.stream().try_clone().unwrap();
    let readers = std::thread::spawn(move || std::io::copy(&mut answers, &mut std::io::sink()));
    let start = std::time::Instant::now();
    let talker = std::thread::spawn(move || {
        let mut outbox = plughold_wire::Outbox::new();
        for id in 1.. {
            if PATIENCE < start.elapsed() {
                return;
            }
            let call = Message::Call {
                id,
                target: Target::Api(0),
                args: NO_ARGS,
                deadline_us: None,
                parent: None,
                blocking: false,
                trace: None,
            };
            outbox.push(&call);
            if 64 << 10 < outbox.pending_bytes() {
                let Ok(count) = std::io::Write::write(&mut socket, outbox.chunk()) else { return };
                outbox.written(count);
            }
        }
    });
    // This test stands for everybody else on the thread: it gets its turns while the calls come in.
    let calls = || rig.session.counters.calls_in.load(Ordering::Relaxed);
    let mut turns = 0;
    while calls() < 100_000 {
        tokio::task::yield_now().await;
        turns += 1;
    }
    assert!(20 <= turns, "{turns} turns");
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    assert!(!rig.connection.is_finished());
    rig.connection.abort();
    assert!((&mut rig.connection).await.unwrap_err().is_cancelled());
    rig.session.end(Exit::Unknown);
    rig.runner.stream().shutdown(std::net::Shutdown::Both).unwrap();
    talker.join().unwrap();
    readers.join().unwrap().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_nobody_caught_is_told_in_few_bytes() {
    let mut rig = Bench::new(Api::new(())).rig("a");
    let cause = Thrown::new("Error", "c".repeat(limits::ERROR_TEXT));
    let thrown = Thrown {
        stack: Some("s".repeat(limits::ERROR_TEXT)),
        cause: Some(Box::new(cause)),
        ..Thrown::new("RangeError", "m".repeat(limits::ERROR_TEXT)).with_field("more", "f".repeat(60_000))
    };
    let short = Thrown::new("TypeError", "short").with_field("more", 1);
    for thrown in [&thrown, &short] {
        rig.runner.send(&Message::Uncaught { error: &thrown.to_value(), rejection: false }).unwrap();
    }
    let next = async |rig: &mut Rig| match patiently("an event", rig.events.next()).await {
        Some(Event::Uncaught { thrown, .. }) => thrown,
        other => panic!("{other:?}"),
    };
    let told = next(&mut rig).await;
    assert_eq!((told.name.as_str(), &told.message[..3]), ("RangeError", "mmm"));
    assert!(told.to_value().len() <= 24 << 10, "{} bytes", told.to_value().len());
    assert_eq!(next(&mut rig).await, short, "a short one is told whole");
}

/// What gives something back is free of the rate, because it was given before. What gives nothing back is not.
#[tokio::test(flavor = "multi_thread")]
async fn releases_of_nothing_count_as_messages() {
    for references in [vec![]] {
        let mut rig = Bench::new(Api::new(())).rig("a");
        let message = Message::Release { references };
        let messages = vec![message; limits::MESSAGE_RATE as usize / 10];
        // Until the host has had enough, and reads no more.
        rig.runner.stream().set_nonblocking(true).unwrap();
        while !rig.connection.is_finished() {
            let _is_full = rig.runner.send_all(&messages);
            tokio::task::yield_now().await;
        }
        let ending = patiently("the end", &mut rig.connection).await.unwrap();
        let words = "more than 10000 messages a second that need no credit".to_owned();
        assert_eq!(ending, Ending::Violation(words));
    }
}

/// A type of the application's whose decoding panics.
#[derive(Debug)]
struct Panics;

impl<'de> Deserialize<'de> for Panics {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Panics, D::Error> {
        panic!("not today")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_of_the_application_that_panics_fails_its_call_only() {
    let api = Api::new(())
        .function("take", async |_: Cx<()>, _: Panics| Ok::<_, Thrown>(()))
        .function("echo", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value));
    let mut rig = Bench::new(api).rig("a");
    let first = rig.call(Target::Api(0), &with_function(1), None, false);
    let words = "InternalError: take: the application's function panicked: not today".to_owned();
    let mut said = vec![rig.next().await];
    let second = rig.call(Target::Api(1), &[0x91, 0x05], None, false);
    said.push(rig.next().await);
    said.retain(|said| *said != Said::Other("Release"));
    if said.len() < 2 {
        said.push(rig.next().await);
    }
    assert_eq!(said, [Said::Threw { id: first, words, code: None }, Said::Returned { id: second }]);
}

/// A cancellation may not overtake its call, which may still be in the lane of long messages.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_follows_its_call() {
    use crate::callback::{Call, Target as Callee};
    let mut rig = Bench::new(Api::new(())).rig("a");
    let text = "x".repeat(4 << 20);
    let start = |args: &str| {
        let mut call: std::pin::Pin<Box<Call<()>>> =
            Box::pin(Call::new(rig.session.clone(), Callee::Export("f".into()), &(args,), None));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        call
    };
    // The socket takes a part of the first; the second waits whole, and the short one does not wait for either.
    let (first, second, short) = (start(&text), start(&text), start(""));
    drop((second, short, first));
    let mut said = Vec::new();
    while said.len() < 6 {
        said.push(match rig.next().await {
            Said::Call { id, .. } => format!("call {id}"),
            Said::Cancel { id } => format!("cancel {id}"),
            other => panic!("{other:?}"),
        });
    }
    let place = |words: &str| said.iter().position(|said| said == words).unwrap();
    for id in 1..=3 {
        assert!(place(&format!("call {id}")) < place(&format!("cancel {id}")), "{said:?}");
    }
    assert!(place("cancel 3") < place("call 2"), "a short one does not wait for long ones: {said:?}");
}
